"""The rank of every variant in a metric: shared where the test pictures cannot tell two apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base.quantity import MERIT
from ..statistics import ranks
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
