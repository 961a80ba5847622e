"""CAM methods: laws over the table, numbers worked out by hand, and large layers."""

import tracemalloc

import numpy as np
import pytest
import torch
from torch import nn

from core.attention.cam import CAM_METHODS
from core.attention.cam.kpca import SIDE
from core.bench.cam_methods import LIBRARY
from tests.core.attention.cam_inputs import WITH_GRADIENT, random_pair, relative

pytestmark = pytest.mark.usefixtures("one_thread")

SIGNED = [spec.key for spec in CAM_METHODS.values() if spec.signed]

# Laws of the table -------------------------------------------------------------------------------


def test_the_twelve_are_offered_and_each_says_what_it_is():
    assert list(CAM_METHODS) == list(LIBRARY)
    for spec in CAM_METHODS.values():
        assert spec.sentence.endswith(".") and spec.reference and spec.label


@pytest.mark.parametrize("key", CAM_METHODS)
def test_a_map_has_one_value_per_cell_and_inputs_stay(key):
    activation, gradient = random_pair()
    before = activation.clone(), gradient.clone()
    raw = CAM_METHODS[key](activation, gradient, seed=3)
    assert raw.shape == (5, 7) and raw.dtype == torch.float32
    assert raw.isfinite().all() and raw.std() > 0
    assert torch.equal(activation, before[0]) and torch.equal(gradient, before[1])
    assert torch.equal(raw, CAM_METHODS[key](activation, gradient, seed=3))


@pytest.mark.parametrize("key", CAM_METHODS)
def test_the_gradient_is_needed_exactly_where_the_spec_says(key):
    activation, gradient = random_pair()
    if CAM_METHODS[key].needs_gradient:
        with pytest.raises(ValueError, match="needs a gradient"):
            CAM_METHODS[key](activation)
        straight = CAM_METHODS[key](activation, gradient)
        assert relative(CAM_METHODS[key](activation, gradient.flip(0)), straight) > 1e-3
    else:
        assert torch.equal(CAM_METHODS[key](activation), CAM_METHODS[key](activation, gradient))


@pytest.mark.parametrize("key", CAM_METHODS)
def test_chance_comes_from_the_seed_alone(key):
    activation, gradient = random_pair(height=15, width=15)  # the kernel's solver starts at random
    method = CAM_METHODS[key]
    state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()
    first = method(activation, gradient)
    assert np.array_equal(np.random.get_state()[1], state)
    assert torch.equal(torch.get_rng_state(), torch_state)
    np.random.seed(5)
    assert torch.equal(method(activation, gradient), first)
    assert torch.equal(method(activation, gradient, seed=1), first) == (key != "random_cam")


@pytest.mark.parametrize("key", WITH_GRADIENT)
def test_only_grad_cam_plus_plus_sees_the_scale_of_the_target(key):
    activation, gradient = random_pair()
    one, thousandth = (CAM_METHODS[key](activation, gradient * scale) for scale in (1.0, 1e-3))
    assert (relative(1e3 * thousandth, one) > 1e-3) == (key == "grad_cam_plus_plus")


@pytest.mark.parametrize("key", CAM_METHODS)
def test_wrong_shapes_are_told(key):
    activation, gradient = random_pair()
    with pytest.raises(ValueError, match=r"\(C, h, w\), but got \(5, 7\)"):
        CAM_METHODS[key](activation[0], gradient[0])
    with pytest.raises(ValueError, match=r"\(6, 5, 7\), but got \(6, 5, 6\)"):
        CAM_METHODS[key](activation, gradient[..., 1:])


@pytest.mark.parametrize("key", SIGNED)
def test_axes_leave_out_places_that_are_not_finite(key):
    activation, gradient = random_pair()
    activation[2, 1, 3] = torch.nan
    raw = CAM_METHODS[key](activation, gradient)
    assert raw[1, 3].isnan() and int(raw.isnan().sum()) == 1


@pytest.mark.parametrize("key", SIGNED)
@pytest.mark.parametrize("value", [0.0, 0.1, 1e4])
def test_axes_of_equal_places_are_zero(key, value):
    activation = torch.linspace(-1, 1, 6)[:, None, None].expand(6, 15, 15) * value
    assert not CAM_METHODS[key](activation, torch.ones(6, 15, 15)).any()


# By hand -----------------------------------------------------------------------------------------


def by_hand():
    activation = torch.tensor([[[1.0, 2], [3, 4]], [[0, 1], [0, -1]]])
    gradient = torch.tensor([[[1.0, 0], [0, 1]], [[-1, 1], [2, 2]]])
    return activation, gradient


HAND = {
    "grad_cam": [[0.5, 2.0], [1.5, 1.0]],  # means 0.5 and 1
    "x_grad_cam": [[1.25, 2.5], [3.75, 5.0]],  # channel 1 adds up to 0: see below
    "hi_res_cam": [[1.0, 1.0], [0.0, 2.0]],
    "layer_cam": [[1.0, 1.0], [0.0, 2.0]],
    "grad_cam_element_wise": [[1.0, 1.0], [0.0, 4.0]],
}


@pytest.mark.parametrize("key", HAND)
def test_worked_out_by_hand(key):
    activation, gradient = by_hand()
    if key == "x_grad_cam":
        activation[1], HAND[key] = 0.0, [[0.5, 1.0], [1.5, 2.0]]  # weight (1 + 4) / 10
    torch.testing.assert_close(CAM_METHODS[key](activation, gradient), torch.tensor(HAND[key]))


def test_the_axis_by_hand():
    # Places (±2, 0) and (0, ±1): the first axis is the first channel.
    activation = torch.tensor([[[2.0, -2, 0, 0]], [[0, 0, 1, -1]]])
    raw = CAM_METHODS["eigen_cam"](activation)
    torch.testing.assert_close(raw.abs(), torch.tensor([[2.0, 2, 0, 0]]))
    assert raw[0, 0] == -raw[0, 1]


def test_fem_by_hand():
    activation = torch.zeros(2, 1, 9)
    activation[0, 0, 0] = 9.0  # 1 of 9 places is over mean 1 + 2 x 2.83
    activation[1] = 5.0
    torch.testing.assert_close(CAM_METHODS["fem"](activation)[0, :2], torch.tensor([1.0, 0.0]))


# Large layers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SIGNED)
def test_a_layer_of_224_squared_takes_little_memory(key):
    generator = torch.Generator().manual_seed(0)
    activation = torch.rand(4, 224, 224, generator=generator)
    tracemalloc.start()
    try:
        raw = CAM_METHODS[key](activation, activation)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert raw.shape == (224, 224) and peak < 0.3e9


def test_kpca_cam_says_what_it_averaged():
    method = CAM_METHODS["kpca_cam"]
    assert method.note(SIDE, SIDE) == "" and all(
        size in method.note(40, 112) for size in ("112 x 40", "56 x 40")
    )
    blocks = torch.randn(3, 28, 28, generator=torch.Generator().manual_seed(0))
    large = blocks.repeat_interleave(4, 1).repeat_interleave(4, 2)
    small = method(blocks.repeat_interleave(2, 1).repeat_interleave(2, 2))
    pooled = nn.functional.avg_pool2d(method(large)[None], 2, 2)[0]
    assert np.corrcoef(pooled.flatten(), small.flatten())[0, 1] > 0.95
    assert all(not spec.note(224, 224) for spec in CAM_METHODS.values() if spec.key != "kpca_cam")
