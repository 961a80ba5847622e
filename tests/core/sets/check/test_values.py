"""How values are stored is told from their ends, and from the reference where there is one."""

import numpy as np
import pytest

from core.sets.check import check_output
from core.sets.check.storage import on_unit, storage_of, written

RAMP = np.linspace(0, 1, 48 * 48, dtype=np.float32).reshape(48, 48, 1)


@pytest.mark.parametrize(
    "stored, label",
    [
        (RAMP, "[0, 1]"),
        (RAMP * 2 - 1, "[-1, 1]"),
        (RAMP * 255, "[0, 255]"),
        (RAMP * 65535, "[0, 65535]"),
        ((RAMP * 255).astype(np.uint8), "[0, 255]"),
        ((RAMP * 255).astype(np.int32), "[0, 255]"),
        ((RAMP * 65535).astype(np.uint16), "[0, 65535]"),
        ((RAMP * 255).astype(np.uint16), "[0, 255]"),
        (RAMP * 1.2 - 0.1, "[0, 1]"),
    ],
)
def test_a_storage_is_told_from_the_ends(stored, label):
    assert storage_of(stored).label == label
    np.testing.assert_allclose(storage_of(stored).read(stored), RAMP, atol=0.11)


def test_a_dark_noisy_picture_is_not_taken_for_a_signed_one():
    """Values from -0.6 to 0.9 may be either; the clean picture tells."""
    noise = np.clip(0.2 * np.random.default_rng(0).standard_normal(RAMP.shape), -0.6, 0.6)
    dark = 0.3 * RAMP
    stored = (dark + noise).astype(np.float32)
    assert storage_of(stored).label == "[-1, 1]"
    assert storage_of(stored, dark).label == "[0, 1]"


def test_values_of_no_known_range_are_named_and_not_corrected():
    (found,) = [f for f in check_output(RAMP * 1e6, RAMP) if f.severity == "wrong"]
    assert found.key == "range" and "1e+06" in found.sentence and not found.corrections


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, bool])
def test_what_is_read_is_written_in_its_own_type(dtype):
    array = written(RAMP, np.dtype(dtype))
    again = on_unit(lambda values: values)(array)
    assert again.dtype == dtype
    np.testing.assert_array_equal(again, array)
