"""NumPy numbers beside weights, read by functions of ours instead of NumPy's.

Training scripts put `numpy.float64` losses beside their weights. A pickle asks for them by the
names of two functions of NumPy; these stand in for both and make plain numbers only.
"""

from __future__ import annotations

import re
from typing import Any

NUMERIC = re.compile(r"[biuf](1|2|4|8)")
BYTE_ORDERS = "<>=|"


class NumberType:
    """What stands in for `numpy.dtype`: the kind of a number, e.g. `f8`, and its byte order."""

    def __init__(self, code: str, *_: Any) -> None:
        if not (isinstance(code, str) and NUMERIC.fullmatch(code)):
            raise ValueError(f"{code!r} is no type of numbers.")
        self.code, self.order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1]
        if order not in BYTE_ORDERS:
            raise ValueError(f"{order!r} is no byte order.")
        self.order = order


def number(kind: NumberType, data: bytes) -> bool | int | float:
    """What stands in for NumPy's `scalar`: the number that these bytes are."""
    import numpy as np

    if not isinstance(kind, NumberType):
        raise ValueError("A number needs a type of numbers.")
    return np.frombuffer(data, dtype=kind.order + kind.code, count=1)[0].item()


STAND_INS = [
    (NumberType, "numpy.dtype"),
    (number, "numpy.core.multiarray.scalar"),
    (number, "numpy._core.multiarray.scalar"),
]
"""What `torch.serialization.safe_globals` takes: what stands in for which name in a pickle."""
