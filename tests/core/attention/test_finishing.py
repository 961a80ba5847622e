"""Raw maps made ready to show: sign, scale, size, notes and the overlay."""

import numpy as np
import pytest
import torch

from core.attention.cam import finish, overlay, sign_rule
from tests.core.attention.cam_inputs import random_pair

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_sign_rule_puts_the_farthest_value_above_zero():
    raw = torch.tensor([[1.0, -3.0], [torch.nan, 2.0]])
    assert sign_rule(raw)[0].tolist() == [-1.0, 3.0]
    assert sign_rule(-raw)[0].tolist() == [-1.0, 3.0]
    even = torch.tensor([[2.0, -2.0]])
    assert torch.equal(sign_rule(even), even)


def test_finishing_is_relu_scale_and_resize_as_the_library_does_it():
    from pytorch_grad_cam.utils.image import scale_cam_image

    raw = random_pair()[0][0]
    theirs = scale_cam_image(scale_cam_image(np.maximum(raw.numpy(), 0)[None], (70, 48)))[0]
    finished = finish(raw, (48, 70))
    torch.testing.assert_close(finished.values, torch.from_numpy(theirs), rtol=0, atol=1e-5)
    assert not finished.note and finished.low == raw.min().item()


def test_finishing_by_hand():
    raw = torch.tensor([[-2.0, 1.0], [3.0, 5.0]])
    assert finish(raw, (2, 2)).values.tolist() == [
        [0.0, pytest.approx(0.2)],
        [pytest.approx(0.6), 1],
    ]
    assert finish(raw, (2, 2), signed=True).values[0, 0] == pytest.approx(-0.4)
    assert finish(raw * 1e-20, (2, 2)).values[1, 1] == 1  # however small


FLAT = [
    ([[2.0, 2.0]], [0, 0], "constant: every cell is 2"),
    ([[0.0, 0.0]], [0, 0], "constant: every cell is 0"),
    ([[1.0, 1.0 + 1e-7]], [0, 0], "constant"),
    ([[13.46, 13.4601]], [0, 0], "constant: its cells, 13.46 to 13.4601, differ by no more"),
    (
        [[13.4609, 13.4647]],
        [0, 1],
        "hardly varies: its cells run from 13.4609 to 13.4647",
    ),
    ([[100.0, 98.5]], [1, 0], ""),
    ([[-1.0, -2.0]], [0, 0], "empty: no cell is above 0, the highest is -1"),
    ([[-1.0, 2.0]], [0, 1], "one value above 0, 2"),
    ([[-1.0, 2.0, 1.0]], [0, 1, 0.5], ""),
]


@pytest.mark.parametrize(("raw", "values", "note"), FLAT)
def test_maps_that_say_little_give_a_sentence(raw, values, note):
    finished = finish(torch.tensor(raw), (1, len(values)))
    assert finished.values[0].tolist() == pytest.approx(values)
    assert note in finished.note and bool(note) == bool(finished.note)


def test_what_is_not_a_number_stays_so_and_is_said():
    raw = torch.tensor([[torch.nan, -1.0, 1.0, 3.0]])
    finished = finish(raw, (1, 4))
    assert finished.values[0, 0].isnan() and finished.values[0, 3] == 1
    assert "NaN) in 1 of its 4 cells" in finished.note
    endless = finish(torch.tensor([[-torch.inf, 1.0, 2.0]]), (1, 3))
    assert endless.values[0, 0].isnan() and endless.values[0, 2] == 1 and endless.high == 2
    nothing = finish(raw * torch.nan, (1, 4))
    assert nothing.values.isnan().all() and "everywhere" in nothing.note
    assert "everywhere" in finish(raw * torch.nan, (1, 4), signed=True).note


def test_what_covers_more_than_the_image_is_cut_before_scaling():
    raw = torch.arange(1.0, 5).repeat(3, 1)  # cells of 16 pixels on an image of 40 x 50
    plain, cut = finish(raw, (48, 64)), finish(raw, (40, 50), covers=(48, 64))
    inside = plain.values[:40, :50]
    torch.testing.assert_close(cut.values, inside / inside.max())
    assert cut.values.max() == 1 and plain.values.max() == 1 and inside.max() < 0.95


def test_an_overlay_is_the_packages_where_kept_and_the_picture_elsewhere():
    from pytorch_grad_cam.utils.image import show_cam_on_image

    generator = np.random.default_rng(0)
    picture = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    values = generator.random((6, 8), dtype=np.float32)
    kept = values > 0.5
    drawn = overlay(picture, values, kept, 0.6)
    package = show_cam_on_image(np.float32(picture) / 255, values, use_rgb=True, image_weight=0.4)
    assert (drawn[kept] == package[kept]).all() and (drawn[~kept] == picture[~kept]).all()
    assert (package[~kept] != picture[~kept]).any()
