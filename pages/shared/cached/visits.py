"""The visits that are here."""

from __future__ import annotations

from pages.shared import departures
from pages.shared.cached.keeping import resource
from pages.shared.visits import Visit


@resource(max_entries=8, scope="session", on_release=departures.left)
def present(visit_id: str, _visit: Visit) -> Visit:
    """Say in every run that a visit is here: the platform tells when its browser is gone."""
    return _visit
