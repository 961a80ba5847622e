"""What commands have measured before: the leaderboard, evaluations, costs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages.shared.cached import stamps, variants
from pages.shared.cached.keeping import kept, resource

if TYPE_CHECKING:
    from core.leaderboard import ClaimSpec, Finding
    from core.leaderboard.results import Results
    from core.statistics import Interval


def leaderboard() -> Results:
    """What was measured on the test set. Raises `ValueError` in one sentence if it is not here."""
    return _leaderboard(leaderboard_stamp())


def leaderboard_stamp() -> str:
    """Names the very results that are here."""
    return stamps.of_file(leaderboard_file())


def leaderboard_file() -> Path:
    """Where the results are."""
    from core.leaderboard.results import RESULTS

    return RESULTS


@resource(max_entries=2)
def _leaderboard(stamp: str) -> Results:
    from core.leaderboard.results import read_results

    return read_results(leaderboard_file())


def evaluation(path: Path) -> tuple[str, Results]:
    """A file of `core.evaluate` on the server: what names its content, and its results.

    Raises `ValueError` in one sentence.
    """
    stamp = f"{stamps.of_file(path)} {stamps.of_folder(variants.variants_folder())}"
    return stamp, _evaluation(stamp, path)


@resource(max_entries=4)
def _evaluation(stamp: str, _path: Path) -> Results:
    from core.leaderboard.evaluation import read_evaluation

    return read_evaluation(_path, folder=variants.variants_folder())


@kept
def differences(
    stamp: str, condition: str, metrics: tuple[str, ...], baseline: str, _results: Results
) -> Mapping[tuple[str, str], Interval]:
    """(Metric, variant) -> its difference to a baseline in the results that `stamp` names."""
    from core.leaderboard.ranks import differences_in

    return differences_in(_results, condition, metrics, baseline)


@kept
def ranks(
    stamp: str, condition: str, metrics: tuple[str, ...], names: tuple[str, ...], _results: Results
) -> Mapping[tuple[str, str], int | None]:
    """(Metric, variant) -> its rank among these variants, None where there is none."""
    from core.leaderboard.ranks import ranks_in

    found = {metric: ranks_in(_results, metric, condition, names) for metric in metrics}
    return {(metric, name): rank for metric in metrics for name, rank in found[metric].items()}


def claims() -> list[tuple[ClaimSpec, Finding]]:
    """What the results say of each of the sources' claims."""
    return _claims(stamps.of_file(leaderboard_file()))


@resource(max_entries=2)
def _claims(stamp: str) -> list[tuple[ClaimSpec, Finding]]:
    from core.leaderboard.claims import claims as measured_claims

    return measured_claims(leaderboard())


def cost_of(model: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a network with all these arguments costs, as the command measured it, or None."""
    from core.cost.results import RESULTS, cost_of

    return cost_of(_costs(stamps.of_file(RESULTS)), model, arguments)


@resource(max_entries=2)
def _costs(stamp: str) -> list[dict[str, Any]]:
    from core.cost.results import read_costs

    return read_costs()
