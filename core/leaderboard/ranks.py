"""How variants stand to each other: ranks that chance shares out, and paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..base.quantity import MERIT
from ..statistics import Interval, paired_together, ranks
from .results import MEASUREMENT, Results


def ranks_in(
    results: Results, metric: str, condition: str, names: Sequence[str]
) -> dict[str, int | None]:
    """Name -> 1 + the number of these variants that are clearly better, None for no rank.

    What the variants were given competes with nobody, and a metric of which neither end is good
    ranks nobody.
    """
    direction = results.quantities[metric].direction
    rivals = [name for name in names if name != MEASUREMENT]
    found: dict[str, int | None] = dict.fromkeys(names)
    if rivals and direction in MERIT:
        values = np.stack([results.values(name, metric, condition) for name in rivals])
        found |= dict(zip(rivals, ranks(values, MERIT[direction]), strict=True))
    return found


def differences_in(
    results: Results, condition: str, metrics: Sequence[str], baseline: str
) -> Mapping[tuple[str, str], Interval]:
    """(Metric, variant) -> its mean difference to a baseline, picture by picture.

    Of every variant but the baseline; all in one go, for that is quick.
    """
    others = [name for name in results.variants if name != baseline]
    pairs = [(metric, name) for metric in metrics for name in others]
    values = [results.values(name, metric, condition) for metric, name in pairs]
    base = [results.values(baseline, metric, condition) for metric, _ in pairs]
    found = paired_together(np.stack(values), np.stack(base)) if pairs else []
    return dict(zip(pairs, found, strict=True))
