"""How busy the server is, among the platform's own figures at `/_stcore/metrics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from streamlit.runtime.stats import GaugeStat, Stat

from pages.shared import cached
from pages.shared.store import store

FIGURES: dict[str, tuple[str, Callable[[], int]]] = {
    "losslens_work_waiting": (
        "Pieces of work that wait for their turn.",
        lambda: sum(line.waiting for line in cached.work.lines()),
    ),
    "losslens_work_running": (
        "Pieces of work that are being done.",
        lambda: sum(line.running for line in cached.work.lines()),
    ),
    "losslens_store_bytes": (
        "Bytes of pictures, outputs and maps that are kept.",
        lambda: store().bytes,
    ),
}


class Figures:
    """What the platform asks for when somebody asks it."""

    stats_families = tuple(FIGURES)

    def get_stats(self, family_names: Sequence[str] | None = None) -> Mapping[str, Sequence[Stat]]:
        return {
            name: [GaugeStat(family_name=name, value=count(), help=about)]
            for name, (about, count) in FIGURES.items()
            if family_names is None or name in family_names
        }
