"""The border study: its counts by hand, and what its results say."""

import math

import pytest
import torch

from core.attention.border_study import PICTURES, RESULTS, border_table, read_borders, study
from core.attention.border_study import __main__ as command
from core.attention.border_study.study import (
    TARGETS,
    maps_of,
    middle_only,
    outermost_after,
    row_of,
)
from core.attention.cam import AS_TRAINED, PADDINGS, REFLECT
from core.attention.maps import RawMap
from core.variants.store import load_variant
from tests.core.attention.cam_inputs import small

pytestmark = pytest.mark.usefixtures("one_thread")

CASE = ("unet-mse", "photos", TARGETS[0], REFLECT)


def raw(*hot, side=16):
    """A map with one value at each of these cells, the later the higher."""
    cells = torch.zeros(side, side)
    for value, place in enumerate(hot, 1):
        cells[place] = value
    return RawMap(cells, (side, side))


def test_where_what_is_left_is_hottest_by_hand():
    one = raw((8, 8), (2, 5), (9, 14), (0, 3))
    found = [outermost_after(one, left) for left in range(4)]
    assert [at_border for at_border, _ in found] == [True, True, True, False]
    assert [chance for _, chance in found] == [
        pytest.approx(1 - (side - 2) ** 2 / side**2) for side in (16, 14, 12, 10)
    ]
    signed = RawMap(-one.cells, (16, 16), signed=True)
    assert [outermost_after(signed, left) for left in range(4)] == found


def test_a_row_sums_up_maps_and_means_over_pictures():
    at_border, inside = raw((0, 3)), raw((8, 8))  # a border of 2 cells
    pictures = [[(one, one.border_share) for one in of] for of in ([at_border, inside], [inside])]
    row = row_of(CASE, pictures)
    assert (row["count"], row["maps"], row["outermost"]) == (2, 3, [1, 0, 0, 0])
    assert row["by_chance"][0] == pytest.approx(3 * (1 - 14**2 / 16**2), abs=0.05)
    assert row["share"].mean == 0.25 and row["chance"] == pytest.approx(
        1 - 12**2 / 16**2, abs=1e-3
    )
    header, (line,) = border_table([row])
    assert len(header) == len(line) and "1 of 3 (chance 1)" in line


def test_a_picture_has_texture_in_its_middle_only():
    image = middle_only(0, 56)
    grey = (image == 0.5).all(dim=0)
    assert image.amin() >= 0.15 and image.amax() <= 0.85 and not grey[22:34, 22:34].any()
    assert grey.sum() == 56**2 - 12**2
    assert {tuple(one.shape[-2:]) for make in PICTURES.values() for one in make()} == {(224, 224)}


def test_reflection_takes_the_hottest_cells_from_the_border():
    image, model = middle_only(0, 64), load_variant("unet-mse")
    trained, reflected = (
        row_of(CASE, [maps_of(model, image, "residual_region", padding)])
        for padding in (AS_TRAINED, REFLECT)
    )
    assert trained["share"].mean > 1.5 * trained["chance"]
    assert reflected["share"].mean < 0.5 * reflected["chance"]
    assert trained["outermost"][0] > 2 * trained["by_chance"][0] > 2 * reflected["outermost"][0]


def test_the_command_writes_what_is_read(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(study, "PICTURES", {"a patch": lambda: [middle_only(0, 32)]})
    monkeypatch.setattr(study, "TARGETS", TARGETS[:1])
    monkeypatch.setattr(command, "VARIANTS", ("mine",))
    monkeypatch.setattr(command, "load_variant", lambda name: small("unet"))
    assert command.main(["--json", str(tmp_path / "a.json")]) == 0
    rows = read_borders(tmp_path / "a.json")
    assert [row["padding"] for row in rows] == list(PADDINGS)
    told = {(row["variant"], row["pictures"], row["count"], row["target"]) for row in rows}
    assert told == {("mine", "a patch", 1, TARGETS[0])}
    assert "1, a patch" in capsys.readouterr().out
    assert command.main(["--json", str(tmp_path / "none" / "a.json")]) == 2
    assert read_borders(tmp_path / "none" / "a.json") == []


def test_what_the_docs_say_is_what_was_measured():
    """Hottest at the border as trained, less so reflected, and hardly once three are left out."""
    rows = read_borders()
    assert RESULTS.stat().st_size < 10_000
    by_case = {(r["variant"], r["pictures"], r["target"], r["padding"]): r for r in rows}
    assert len(by_case) == len(command.VARIANTS) * len(PICTURES) * len(TARGETS) * len(PADDINGS)
    for row in rows:
        first, last = (row["outermost"][n] / row["by_chance"][n] for n in (0, 3))
        assert math.isfinite(row["share"][1]) and last < 3
        if row["padding"] == AS_TRAINED:
            reflected = by_case[row["variant"], row["pictures"], row["target"], REFLECT]
            assert first > 5 and row["share"][1] > row["chance"]
            assert reflected["share"][2] < row["share"][1]
