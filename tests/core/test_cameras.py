"""Cameras: laws over the tables, numbers worked out by hand, and the library itself."""

import copy
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from core.cameras import (
    CAMERAS,
    NETWORKS,
    TARGETS,
    NoLayers,
    Stopped,
    attention_maps,
    finish,
    layer_of,
    layers_of,
    look,
    overlay,
    packaged_eigen_cam,
    score_cam,
    score_cam_seconds,
    sign_rule,
    vit_looks,
    why_not,
)
from core.cameras.kpca import SIDE
from core.cameras.layers import OUTPUT, STAGES, TOKENS, pad
from core.cameras.twin import twin
from core.images import Region, to_tensor
from core.models import MODELS, build_model
from core.textures import TEXTURES, make_texture

LIBRARY = {
    "eigen_cam": "EigenCAM",
    "kpca_cam": "KPCA_CAM",
    "grad_cam": "GradCAM",
    "grad_cam_plus_plus": "GradCAMPlusPlus",
    "x_grad_cam": "XGradCAM",
    "hi_res_cam": "HiResCAM",
    "layer_cam": "LayerCAM",
    "grad_cam_element_wise": "GradCAMElementWise",
    "eigen_grad_cam": "EigenGradCAM",
    "seg_eigen_cam": "SegEigenCAM",
    "fem": "FEM",
    "random_cam": "RandomCAM",
}
SMALL = {"transformer_denoiser": 32, "vit_reconstructor": 32}  # shared by 16 and 4 heads
SEEN = [
    "hybrid_vit_unet", "unet", "conv_dae", "cnn", "residual_cnn", "residual_unet",
    "attention_unet", "unet_plus_plus", "transformer_denoiser", "vit_reconstructor",
]  # fmt: skip
"""The models that have layers for a camera."""
MULTIPLES = {"hybrid_vit_unet": 16, "cnn": 1, "residual_cnn": 1, "unet_plus_plus": 4}
FLAT_BEHIND = {"decoder.2", "nested.02"}
"""Layers with only a 1x1 convolution between them and the output."""
WITH_GRADIENT = [spec.key for spec in CAMERAS.values() if spec.needs_gradient]
SIGNED = [spec.key for spec in CAMERAS.values() if spec.signed]
REGION = Region(8, 4, 24, 16)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def hybrid():
    torch.manual_seed(0)
    return build_model("hybrid_vit_unet", width=4).eval()


@cache
def unet():
    torch.manual_seed(0)
    return build_model("unet", width=4).eval()


@cache
def small(key):
    """A small untrained network of the table `MODELS`; a hybrid has the shipped ViT."""
    torch.manual_seed(0)
    if key == "hybrid_vit_unet":
        return hybrid()
    width = {"width": SMALL.get(key, 4)} if "width" in MODELS[key].defaults else {}
    return build_model(key, **width).eval()


def picture(height=48, width=64, seed=0):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


def random_pair(channels=6, height=5, width=7):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, channels, height, width, generator=generator)


def relative(ours, theirs):
    """The largest difference over the largest value, either sign."""
    ours, theirs = torch.as_tensor(ours), torch.as_tensor(theirs)
    apart = min((ours - theirs).abs().max(), (ours + theirs).abs().max())
    return (apart / theirs.abs().max()).item()


# Laws of the table -------------------------------------------------------------------------------


def test_the_twelve_are_offered_and_each_says_what_it_is():
    assert list(CAMERAS) == list(LIBRARY)
    for spec in CAMERAS.values():
        assert spec.sentence.endswith(".") and spec.reference and spec.label


@pytest.mark.parametrize("key", CAMERAS)
def test_a_map_has_one_value_per_cell_and_inputs_stay(key):
    activation, gradient = random_pair()
    before = activation.clone(), gradient.clone()
    raw = CAMERAS[key](activation, gradient, seed=3)
    assert raw.shape == (5, 7) and raw.dtype == torch.float32
    assert raw.isfinite().all() and raw.std() > 0
    assert torch.equal(activation, before[0]) and torch.equal(gradient, before[1])
    assert torch.equal(raw, CAMERAS[key](activation, gradient, seed=3))


@pytest.mark.parametrize("key", CAMERAS)
def test_the_gradient_is_needed_exactly_where_the_spec_says(key):
    activation, gradient = random_pair()
    if CAMERAS[key].needs_gradient:
        with pytest.raises(ValueError, match="needs a gradient"):
            CAMERAS[key](activation)
        assert (
            relative(
                CAMERAS[key](activation, gradient.flip(0)), CAMERAS[key](activation, gradient)
            )
            > 1e-3
        )
    else:
        assert torch.equal(CAMERAS[key](activation), CAMERAS[key](activation, gradient))


@pytest.mark.parametrize("key", CAMERAS)
def test_chance_comes_from_the_seed_alone(key):
    activation, gradient = random_pair(height=15, width=15)  # the kernel's solver starts at random
    camera = CAMERAS[key]
    state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()
    first = camera(activation, gradient)
    assert np.array_equal(np.random.get_state()[1], state)
    assert torch.equal(torch.get_rng_state(), torch_state)
    np.random.seed(5)
    assert torch.equal(camera(activation, gradient), first)
    assert torch.equal(camera(activation, gradient, seed=1), first) == (key != "random_cam")


@pytest.mark.parametrize("key", WITH_GRADIENT)
def test_only_grad_cam_plus_plus_sees_the_scale_of_the_target(key):
    activation, gradient = random_pair()
    one, thousandth = (CAMERAS[key](activation, gradient * scale) for scale in (1.0, 1e-3))
    assert (relative(1e3 * thousandth, one) > 1e-3) == (key == "grad_cam_plus_plus")


@pytest.mark.parametrize("key", CAMERAS)
def test_wrong_shapes_are_told(key):
    activation, gradient = random_pair()
    with pytest.raises(ValueError, match=r"\(C, h, w\), but got \(5, 7\)"):
        CAMERAS[key](activation[0], gradient[0])
    with pytest.raises(ValueError, match=r"\(6, 5, 7\), but got \(6, 5, 6\)"):
        CAMERAS[key](activation, gradient[..., 1:])


@pytest.mark.parametrize("key", SIGNED)
def test_axes_leave_out_places_that_are_not_finite(key):
    activation, gradient = random_pair()
    activation[2, 1, 3] = torch.nan
    raw = CAMERAS[key](activation, gradient)
    assert raw[1, 3].isnan() and int(raw.isnan().sum()) == 1


@pytest.mark.parametrize("key", SIGNED)
@pytest.mark.parametrize("value", [0.0, 0.1, 1e4])
def test_axes_of_equal_places_are_zero(key, value):
    activation = torch.linspace(-1, 1, 6)[:, None, None].expand(6, 15, 15) * value
    assert not CAMERAS[key](activation, torch.ones(6, 15, 15)).any()


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
    torch.testing.assert_close(CAMERAS[key](activation, gradient), torch.tensor(HAND[key]))


def test_the_axis_by_hand():
    # Places (±2, 0) and (0, ±1): the first axis is the first channel.
    activation = torch.tensor([[[2.0, -2, 0, 0]], [[0, 0, 1, -1]]])
    raw = CAMERAS["eigen_cam"](activation)
    torch.testing.assert_close(raw.abs(), torch.tensor([[2.0, 2, 0, 0]]))
    assert raw[0, 0] == -raw[0, 1]


def test_fem_by_hand():
    activation = torch.zeros(2, 1, 9)
    activation[0, 0, 0] = 9.0  # 1 of 9 places is over mean 1 + 2 x 2.83
    activation[1] = 5.0
    torch.testing.assert_close(CAMERAS["fem"](activation)[0, :2], torch.tensor([1.0, 0.0]))


# The library -------------------------------------------------------------------------------------


class Whole(nn.Module):
    """The hybrid with a ViT that can be trained, as the library needs it."""

    def __init__(self, tokens_only):
        super().__init__()
        self.model = copy.deepcopy(hybrid())
        self.encoder = self.model.encoder.requires_grad_(True)
        self.tokens_only = tokens_only

    def forward(self, images):
        hidden = self.encoder.vit(
            pixel_values=self.encoder.preprocess(images), interpolate_pos_encoding=True
        ).last_hidden_state
        grid = images.shape[-2] // 16, images.shape[-1] // 16
        tokens = hidden[:, 1:].transpose(1, 2).unflatten(2, grid)
        return tokens if self.tokens_only else self.model(images, tokens)


def library_target(target, image):
    inside = slice(REGION.y, REGION.y + REGION.height), slice(REGION.x, REGION.x + REGION.width)
    return {
        "mean_tokens": lambda tokens: tokens.sum(),
        "norm_tokens": lambda tokens: tokens.norm(dim=0).sum(),
        "output_region": lambda output: output[:, *inside].sum(),
        "residual_region": lambda output: (output - image).abs()[:, *inside].sum(),
    }[target]


def patches(tokens):
    return tokens[:, 1:].transpose(1, 2).unflatten(2, (3, 4))


def in_double(key, inputs):
    """KPCA-CAM's inputs in float64: in float32 its kernel of small activations is rounding."""
    if key != "kpca_cam":
        return inputs
    return [
        value.astype(np.float64) if isinstance(value, np.ndarray) else value for value in inputs
    ]


def library_maps(keys, image, layer, target):
    """Raw maps of the library, before ReLU and scaling, and what it made them from."""
    import pytorch_grad_cam

    whole = Whole(TARGETS[target].at == TOKENS)
    place = layer_of(whole.model, layer)
    module = NETWORKS[place.network].root(whole.model).get_submodule(place.module)
    maps, seen = {}, []
    for key in keys:
        base = getattr(pytorch_grad_cam, LIBRARY[key])

        class Spy(base):
            def get_cam_image(self, *inputs):
                maps[key] = super().get_cam_image(*in_double(key, inputs))[0]  # noqa: B023
                return maps[key][None]  # noqa: B023

        reshape = patches if place.network == "vit" else None
        with Spy(whole, [module], reshape_transform=reshape) as cam:
            cam(input_tensor=image[None], targets=[library_target(target, image)])
            kept = cam.activations_and_grads
            if kept.gradients:
                seen = kept.activations[0][0].clone(), kept.gradients[0][0].clone()
    return maps, *seen


@contextmanager
def seeded(monkeypatch):
    """The library's random weights from a generator of ours."""
    with monkeypatch.context() as patch:
        uniform = np.random.default_rng(0).uniform
        patch.setattr(np.random, "uniform", uniform)
        yield


PLACES = [
    ("vit.2", "mean_tokens"),
    ("vit.7", "norm_tokens"),
    ("vit.norm", "norm_tokens"),
    ("vit.5", "output_region"),
    ("encoder.1", "residual_region"),
    ("bottleneck", "output_region"),
    ("decoder.1", "residual_region"),
]


@pytest.mark.parametrize(("layer", "target"), PLACES)
def test_each_look_and_map_is_the_librarys_up_to_sign(layer, target, monkeypatch):
    image = picture()
    with seeded(monkeypatch):
        theirs, activation, gradient = library_maps(CAMERAS, image, layer, target)
    seen = look(hybrid(), image, layer, target, REGION)
    torch.testing.assert_close(seen.activation, activation, rtol=0, atol=1e-5)
    assert relative(seen.gradient, gradient) < 1e-5
    for key, camera in zip(CAMERAS, CAMERAS.values(), strict=True):
        # Of the library's gradient: rounding in another order grows where a mean is nearly 0.
        assert relative(camera(activation, gradient), theirs[key]) < 1e-5, key
        assert relative(camera(seen.activation, seen.gradient), theirs[key]) < 1e-4, key


@pytest.mark.parametrize("layer", ["vit.0", "vit.4", "vit.7", "bottleneck", "decoder.1"])
@pytest.mark.parametrize("seed", range(3))
def test_the_packaged_sign_is_the_librarys(layer, seed):
    from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection

    seen = look(hybrid(), picture(seed=seed), layer)
    theirs = torch.from_numpy(get_2d_projection(seen.activation.numpy()[None])[0])
    ours = packaged_eigen_cam(seen)
    assert (ours - theirs).abs().max() < 1e-5 * theirs.abs().max()


def test_score_cam_is_the_librarys_with_standard_scores_as_target():
    import pytorch_grad_cam

    image, whole, found = picture(), Whole(tokens_only=True), {}

    class Spy(pytorch_grad_cam.ScoreCAM):
        def get_cam_image(self, *inputs):
            found["raw"] = super().get_cam_image(*inputs)[0]
            return found["raw"][None]

    def library(target):
        module = whole.encoder.vit.layers[3].layernorm_before
        with Spy(whole, [module], reshape_transform=patches) as cam:
            cam(input_tensor=image[None], targets=[target])

    lengths = []

    def length(tokens):
        lengths.append(tokens.norm(dim=0).sum())
        return lengths[-1]

    library(length)
    assert len(lengths) == 192
    mean, deviation = np.mean(lengths), np.std(lengths)
    library(lambda tokens: (length(tokens) - mean) / deviation)
    ours = score_cam(hybrid(), image, "vit.3", "norm_tokens")
    assert relative(ours, found["raw"]) < 1e-3  # sums of 12 lengths in float32


# Finishing ---------------------------------------------------------------------------------------


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


# Layers and targets ------------------------------------------------------------------------------


def combinations(model):
    return [(layer, target) for layer in layers_of(model) for target in TARGETS]


def test_layers_have_names_and_the_last_ones_a_warning():
    layers = {layer.key: layer for layer in layers_of(hybrid())}
    assert list(layers) == [
        *(f"vit.{i}" for i in range(8)), "vit.norm",
        "encoder.0", "encoder.1", "encoder.2", "bottleneck",
        "decoder.0", "decoder.1", "decoder.2", "head",
    ]  # fmt: skip
    assert {key for key, layer in layers.items() if layer.note} == {
        "vit.norm",
        "decoder.2",
        "head",
    }
    assert [layer.key for layer in layers_of(unet())] == [
        k for k in layers if layers[k].network == "unet"
    ]
    assert all(layer.network in NETWORKS for layer in layers.values())


def test_an_unknown_network_or_layer_is_told():
    with pytest.raises(ValueError, match="no layers of Linear"):
        layers_of(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="no layer 'vit.3'. There are: encoder.0"):
        look(unet(), picture(), "vit.3")


@pytest.mark.parametrize("key", MODELS)
def test_every_model_has_layers_or_a_sentence(key):
    if key in SEEN:
        layers = layers_of(small(key))
        assert len({layer.key for layer in layers}) == len(layers) > 2
        assert {layer.network for layer in layers} <= set(NETWORKS)
        assert all(layer.label for layer in layers)
    else:
        with pytest.raises(
            NoLayers, match="no layers to look at|flattens each small tile"
        ) as told:
            layers_of(small(key))
        assert str(told.value).endswith(".")


@pytest.mark.parametrize("key", SEEN)
def test_every_combination_is_offered_and_works_or_has_a_sentence(key):
    model, image = small(key), picture(16, 32)
    for layer, target in combinations(model):
        reason, goal = why_not("grad_cam", layer, target), TARGETS[target]
        assert why_not("fem", layer, target) is None
        if layer.network not in goal.networks:
            label = NETWORKS[layer.network].label
            with pytest.raises(ValueError, match=f"made before the {label}"):
                look(model, image, layer.key, target)
        else:
            seen = look(model, image, layer.key, target)
            assert seen.gradient.isfinite().all() and seen.gradient.shape == seen.activation.shape
            assert seen.covers == tuple(pad(model, image[None]).shape[-2:])
            spread = seen.gradient.amax((1, 2)) - seen.gradient.amin((1, 2))
            flat = spread.max() <= 1e-6 * seen.gradient.abs().max()
            assert flat or not reason, (layer.key, target)
            if goal.flat:  # a sum of all that is there; others may be flat on a picture by chance
                assert reason or "1x1" in layer.note or not flat, (layer.key, target)
        assert reason is None or reason.endswith(".")


@pytest.mark.parametrize("key", SEEN)
def test_every_offered_camera_gives_a_map_of_every_layer(key):
    model, image = small(key), picture(24, 33)
    for layer in layers_of(model):
        seen = look(model, image, layer.key, "residual_region")
        maps = attention_maps(seen)
        assert list(maps) == list(CAMERAS)
        for camera, raw in maps.items():
            finished = finish(raw, (24, 33), covers=seen.covers)
            assert raw.shape == seen.activation.shape[1:], (layer.key, camera)
            assert finished.values.shape == (24, 33) and finished.values.isfinite().all()


@pytest.mark.parametrize("key", SEEN)
def test_a_layer_is_seen_behind_its_activation_and_changes_what_follows(key):
    """What a hook gives back is what the network goes on with: its output moves with it."""
    model, image = small(key), picture(16, 24)
    for layer in layers_of(model):
        network = NETWORKS[layer.network]
        rectified = network.key in ("unet", "cnn") and layer.key not in ("head", "mlp")
        activation = look(model, image, layer.key).activation
        assert (activation.min() >= 0) == rectified, layer.key
        changed = twin(model)
        module = network.root(changed).get_submodule(layer.module)
        module.register_forward_hook(lambda module, inputs, output: output + 1)
        with torch.no_grad():
            assert not torch.equal(changed(image[None]), model(image[None])), layer.key


@pytest.mark.parametrize("key", SEEN)
def test_what_makes_an_end_makes_it(key):
    model, image = small(key), picture(16, 24)
    for layer in (layer for layer in layers_of(model) if layer.makes):
        seen = look(model, image, layer.key, "output_region")
        if layer.makes == OUTPUT:
            added = image if key == "vit_reconstructor" else 0
            torch.testing.assert_close(seen.activation[:, :16, :24] + added, seen.output)
        else:
            tokens = NETWORKS[layer.network].tokens(model, pad(model, image[None]))
            torch.testing.assert_close(tokens[0], seen.activation)


@pytest.mark.parametrize("camera", ["grad_cam", "hi_res_cam"])
@pytest.mark.parametrize("key", [key for key in SEEN if "cnn" not in key and "dae" not in key])
def test_the_note_on_a_last_block_is_true(key, camera):
    model, image = small(key), picture(16, 32)
    noted = [layer for layer in layers_of(model) if "1x1" in layer.note]
    assert {layer.key for layer in noted} <= FLAT_BEHIND
    for layer in noted:
        seen = look(model, image, layer.key, "output_region")
        made = seen.output - image if "correction" in layer.note else seen.output
        bias = getattr(model, "unet", model).head.bias.sum()
        found = attention_maps(seen, [camera])[camera]
        torch.testing.assert_close(found, made.sum(0) - bias, rtol=1e-4, atol=1e-4)
    assert noted or key == "transformer_denoiser"


def test_every_type_of_stages_is_a_model():
    assert set(STAGES) <= {spec.build for spec in MODELS.values()}


@pytest.mark.parametrize("key", TEXTURES)
def test_what_is_said_of_the_targets_at_the_tokens_is_true(key):
    image = to_tensor(make_texture(key, size=(112, 112), seed=1).image)
    tokens = vit_looks(hybrid(), image)["vit.norm"]
    assert (tokens.norm(dim=0) - 13.46).abs().max() < 0.01
    assert tokens.mean(0).abs().max() < 0.001 and tokens.std() > 0.9


def test_a_region_is_what_the_target_sees():
    whole, part = (
        look(unet(), picture(), "decoder.2", "output_region", r) for r in (None, REGION)
    )
    inside = slice(4, 20), slice(8, 32)
    assert torch.equal(part.gradient[:, *inside], whole.gradient[:, *inside])
    part.gradient[:, *inside] = 0
    assert not part.gradient.any()
    over, corner = (
        look(unet(), picture(), "decoder.2", "output_region", Region(56, 40, side, side)).gradient
        for side in (100, 8)
    )
    assert torch.equal(over, corner)
    with pytest.raises(ValueError, match="outside the picture of 64 x 48"):
        look(unet(), picture(), "decoder.2", "output_region", Region(64, 0, 4, 4))


# Looks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SEEN)
@pytest.mark.parametrize("size", [(48, 64), (33, 50), (7, 90)])
def test_a_look_is_what_the_network_does_at_any_size(key, size):
    image, model = picture(*size), small(key)
    layers = layers_of(model)
    seen = look(model, image, layers[-2].key, "output_region")
    with torch.no_grad():
        torch.testing.assert_close(seen.output, model(image[None])[0])
    multiple = MULTIPLES.get(key, 8)
    assert seen.covers == tuple(-(-side // multiple) * multiple for side in size)
    for layer in layers:  # each cell of each layer covers a whole number of pixels
        rows, columns = look(model, image, layer.key).activation.shape[1:]
        assert seen.covers[0] % rows == 0 and seen.covers[1] % columns == 0
    finished = finish(attention_maps(seen, ["fem"])["fem"], size, covers=seen.covers)
    assert finished.values.shape == size


def test_the_gradient_is_the_slope_of_the_target():
    image = picture(16, 32)
    gradient = look(hybrid(), image, "vit.5", "norm_tokens").gradient
    step = 1e-4 * (gradient / gradient.norm()).double()
    vit = copy.deepcopy(hybrid().encoder.vit).double()  # a small step is lost in float32
    pixels = hybrid().encoder.preprocess(image[None]).double()

    def total(sign):
        def shift(module, inputs, output):
            output[:, 1:] += sign * step.flatten(1).T

        handle = vit.layers[5].layernorm_before.register_forward_hook(shift)
        with torch.no_grad():
            hidden = vit(pixels, interpolate_pos_encoding=True).last_hidden_state
        handle.remove()
        return hidden[0, 1:].norm(dim=1).sum().item()

    assert (total(1) - total(-1)) / 2e-4 == pytest.approx(gradient.norm().item(), rel=1e-3)


@pytest.mark.parametrize("size", [(48, 64), (33, 50)])
def test_all_layers_of_the_vit_from_one_pass_are_those_of_a_look(size):
    image = picture(*size)
    together = vit_looks(hybrid(), image)
    assert list(together) == [layer.key for layer in layers_of(hybrid()) if layer.network == "vit"]
    for key, activation in together.items():
        assert torch.equal(activation, look(hybrid(), image, key).activation), key
    with torch.no_grad():
        assert torch.equal(together["vit.norm"], hybrid().encoder(hybrid().pad(image[None]))[0])
    assert vit_looks(unet(), image) == {}


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_the_callers_mode_does_not_matter(mode):
    expected = look(hybrid(), picture(), "vit.2", "output_region").gradient
    with mode():
        before = torch.is_grad_enabled()
        assert torch.equal(look(hybrid(), picture(), "vit.2", "output_region").gradient, expected)
        assert torch.is_grad_enabled() == before


@pytest.mark.parametrize("shape", [(1, 3, 16, 16), (4, 16, 16), (3, 0, 16)])
def test_other_shapes_are_told(shape):
    with pytest.raises(ValueError, match="need one image"):
        look(unet(), torch.zeros(shape), "bottleneck")


def test_without_a_target_only_some_cameras_have_enough():
    seen = look(hybrid(), picture(), "vit.2")
    assert seen.gradient is None and seen.output is None
    assert set(attention_maps(seen)) == set(CAMERAS) - set(WITH_GRADIENT)
    with pytest.raises(ValueError, match="GradCAM needs a gradient"):
        attention_maps(seen, ["fem", "grad_cam"])


# A shared network --------------------------------------------------------------------------------


def state(model):
    """Everything that a camera could leave behind in a network."""
    modules = [*model.modules(), *(model.encoder.modules() if hasattr(model, "encoder") else ())]
    return [part for module in modules for part in module_state(module)]


def module_state(module):
    inside = vars(module)
    parameters = [p for p in module._parameters.values() if p is not None]
    yield id(module), module.training, sorted(inside)
    yield [len(inside[name]) for name in inside if name.endswith("_hooks")]
    yield [id(child) for child in module._modules.values()]
    yield [(id(p), p.requires_grad, p.grad is None, p._version) for p in parameters]
    yield [p.detach().double().sum().item() for p in parameters]


def use_everything(model):
    image = picture(16, 32)
    for layer, target in combinations(model)[::3]:
        if layer.network in TARGETS[target].networks:
            attention_maps(look(model, image, layer.key, target))
    vit_looks(model, image)
    score_cam(model, image, layers_of(model)[-2].key, "residual_region")


@pytest.mark.parametrize("key", SEEN)
@pytest.mark.parametrize("training", [False, True])
def test_a_network_is_as_it_was(key, training):
    model = copy.deepcopy(small(key)).train(training)
    before = state(model)
    use_everything(model)
    assert state(model) == before


class Broken(nn.Module):
    def forward(self, *inputs, **named):
        raise RuntimeError("a layer that fails")


@pytest.mark.parametrize("part", ["unet.merge.1", "unet.down.2"])
@pytest.mark.parametrize("layer", ["vit.3", "encoder.1"])
def test_a_network_is_as_it_was_after_an_error(part, layer):
    model = copy.deepcopy(hybrid())
    parent, _, name = part.rpartition(".")
    model.get_submodule(parent)[int(name)] = Broken()
    before, grad = state(model), torch.is_grad_enabled()
    for work in (look, score_cam):
        with pytest.raises(RuntimeError, match="a layer that fails"):
            work(model, picture(16, 16), layer, "output_region")
        assert state(model) == before and torch.is_grad_enabled() == grad


def test_a_camera_that_raises_changes_nothing(monkeypatch):
    model = copy.deepcopy(hybrid())
    before = state(model)
    seen = look(model, picture(16, 16), "vit.3", "norm_tokens")
    monkeypatch.setattr(np, "tensordot", Broken().forward)
    with pytest.raises(RuntimeError, match="a layer that fails"):
        attention_maps(seen, ["random_cam"])
    assert state(model) == before


def test_weights_are_shared_not_copied_and_may_change():
    model = copy.deepcopy(hybrid())
    for part in (lambda network: network, lambda network: network.encoder):
        pairs = zip(part(model).parameters(), part(twin(model)).parameters(), strict=True)
        assert all(a.data_ptr() == b.data_ptr() and not b.requires_grad for a, b in pairs)
    before = look(model, picture(16, 16), "bottleneck").activation
    with torch.no_grad():
        model.unet.bottleneck[2].bias.add_(1.0)
    assert (look(model, picture(16, 16), "bottleneck").activation - before).min() > 0


def test_fifty_maps_from_two_threads_are_all_right():
    images = [picture(32, 32, seed) for seed in (1, 2)]
    places = [("vit.3", "mean_tokens"), ("bottleneck", "output_region")]

    def maps(image, place):
        return attention_maps(look(hybrid(), image, *place), ["eigen_cam", "grad_cam"])

    def check(number):
        return [
            all(torch.equal(value, expected[number, place][key]) for key, value in made.items())
            for place in places * 13
            for made in [maps(images[number], place)]
        ]

    expected = {(n, place): maps(images[n], place) for n in (0, 1) for place in places}
    assert not torch.equal(
        expected[0, places[0]]["eigen_cam"], expected[1, places[0]]["eigen_cam"]
    )
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(2) as pool:
            right = [*pool.map(check, (0, 1))]
    finally:
        sys.setswitchinterval(switching)
    assert sum(map(len, right)) == 52 and all(map(all, right))


# Large layers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SIGNED)
def test_a_layer_of_224_squared_takes_little_memory(key):
    generator = torch.Generator().manual_seed(0)
    activation = torch.rand(4, 224, 224, generator=generator)
    tracemalloc.start()
    try:
        raw = CAMERAS[key](activation, activation)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert raw.shape == (224, 224) and peak < 0.3e9


def test_kpca_cam_says_what_it_averaged():
    camera = CAMERAS["kpca_cam"]
    assert camera.note(SIDE, SIDE) == "" and "112 x 40 averaged to 56 x 40" in camera.note(40, 112)
    blocks = torch.randn(3, 28, 28, generator=torch.Generator().manual_seed(0))
    large = blocks.repeat_interleave(4, 1).repeat_interleave(4, 2)
    small = camera(blocks.repeat_interleave(2, 1).repeat_interleave(2, 2))
    pooled = nn.functional.avg_pool2d(camera(large)[None], 2, 2)[0]
    assert np.corrcoef(pooled.flatten(), small.flatten())[0, 1] > 0.95
    assert all(not spec.note(224, 224) for spec in CAMERAS.values() if spec.key != "kpca_cam")


# Score-CAM ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "target"), [("bottleneck", "residual_region"), ("vit.1", "mean_tokens")]
)
def test_score_cam_tells_its_progress_and_gives_a_map(layer, target):
    shares, seen = [], look(hybrid(), picture(20, 30), layer)
    raw = score_cam(hybrid(), picture(20, 30), layer, target, progress=shares.append)
    assert raw.shape == seen.activation.shape[1:] and raw.isfinite().all()
    assert (
        shares == sorted(shares)
        and shares[-1] == 1
        and len(shares) == -(-len(seen.activation) // 16)
    )


def test_score_cam_is_not_the_plain_mean_of_the_channels():
    activation = look(unet(), picture(), "bottleneck").activation
    raw = score_cam(unet(), picture(), "bottleneck", "output_region", REGION)
    assert (raw <= activation.amax(0)).all() and (raw >= activation.amin(0)).all()
    assert relative(raw, activation.mean(0)) > 0.01


def test_score_cam_stops_when_asked():
    cancel, shares = threading.Event(), []

    def progress(share):
        shares.append(share)
        cancel.set()

    with pytest.raises(Stopped, match="cancelled"):
        score_cam(hybrid(), picture(), "vit.1", "norm_tokens", progress=progress, cancel=cancel)
    assert len(shares) == 1


def test_the_estimate_counts_a_pass_for_every_channel(monkeypatch):
    clock = iter([10.0, 10.5])
    monkeypatch.setattr("core.cameras.score.time", SimpleNamespace(perf_counter=clock.__next__))
    assert score_cam_seconds(unet(), picture(), "bottleneck") == pytest.approx(0.5 * 32)


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
