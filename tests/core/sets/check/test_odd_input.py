"""Whatever array is brought, the card says something or nothing, and never fails."""

from itertools import cycle, product

import numpy as np
import pytest

from core.sets.check import CHECKS, check_output

MAKERS = {
    "noise": lambda rng, shape: rng.random(shape),
    "constant": lambda rng, shape: np.full(shape, 0.5),
    "black": lambda rng, shape: np.zeros(shape),
    "NaN": lambda rng, shape: np.full(shape, np.nan),
    "some NaN": lambda rng, shape: np.where(rng.random(shape) < 0.2, np.nan, rng.random(shape)),
    "infinite": lambda rng, shape: np.where(rng.random(shape) < 0.2, -np.inf, 3.0),
    "huge": lambda rng, shape: 1e30 * rng.standard_normal(shape),
}
SHAPES = [(1, 1), (3, 5, 3), (16, 16, 3), (16, 40), (40, 33, 1), (64, 64, 3)]
ROLES = [
    (None, None),
    ("noise", "clean"),
    ("constant", "noisy"),
    ("NaN", "clean"),
    ("noise", "noisy"),
]
TYPES = [np.float16, np.float32, np.float64, np.uint8, np.uint16, np.int32, bool]


def made(kind, shape, dtype, seed=0):
    with np.errstate(over="ignore", invalid="ignore"):
        values = MAKERS[kind](np.random.default_rng(seed), shape)
        if np.dtype(dtype).kind == "f":
            return values.astype(dtype)
        return (np.nan_to_num(values, posinf=1, neginf=0).clip(0, 1) * 255).astype(dtype)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", MAKERS)
def test_no_array_makes_it_fail(kind, shape):
    for dtype, (reference, role) in zip(TYPES, cycle(ROLES)):
        output = made(kind, shape, dtype)
        beside = {} if role is None else {role: made(reference, shape, np.float32, seed=1)}
        for finding in check_output(output, **beside):
            assert finding.key in CHECKS and finding.severity in ("wrong", "note")
            assert "\n" not in finding.sentence and finding.sentence.endswith((".", "?"))
            assert {c.key for c in finding.corrections} <= {finding.key}
            for correction in finding.corrections:
                assert correction.apply(output).ndim == output.ndim


def test_one_channel_is_held_against_three_and_the_reverse():
    rng = np.random.default_rng(0)
    grey = (rng.random((64, 64)) * 255).astype(np.uint8)
    colour = np.repeat(grey[..., None], 3, axis=2)
    for output, clean in product((grey, grey[..., None], colour), repeat=2):
        assert [f for f in check_output(output, clean) if f.severity == "wrong"] == []


@pytest.mark.parametrize(
    "array", [np.zeros((4, 4, 4)), np.zeros(5), np.zeros((0, 3, 3)), np.array([["a"]])]
)
def test_what_is_no_picture_is_refused_with_its_shape(array):
    for arguments in ((array,), (np.zeros((8, 8)), array), (np.zeros((8, 8)), None, array)):
        with pytest.raises(ValueError, match=r"\(H, W, 3\).*\(\d"):
            check_output(*arguments)
