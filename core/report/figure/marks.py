"""Which numbers are the best and the second best, as they are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ...base.quantity import MERIT, Quantity

BEST, SECOND = 1, 2


def marks(spec: Quantity, values: Mapping[str, float]) -> dict[str, int]:
    """Name -> `BEST` or `SECOND`, of those that are one of them.

    Judged is what is shown: values that are equal to the digits shown are marked alike. NaN is
    passed over. None is marked where all share a value, or where neither end is good.
    """
    if spec.direction not in MERIT:
        return {}
    merit = {
        name: MERIT[spec.direction](round(value, spec.decimals))
        for name, value in values.items()
        if not math.isnan(value)
    }
    order = sorted(set(merit.values()), reverse=True)
    if len(order) < 2:
        return {}
    places = dict(zip(order, (BEST, SECOND), strict=False))
    return {name: places[good] for name, good in merit.items() if good in places}
