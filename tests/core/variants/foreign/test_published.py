"""Published networks: recognised from their weights, run as ours are, refused with the reason."""

import pytest
import torch
from spandrel import MAIN_REGISTRY, ImageModelDescriptor, ModelTiling, SizeRequirements
from spandrel.architectures.DnCNN import DnCNN
from spandrel.architectures.DRUNet import DRUNet
from spandrel.architectures.NAFNet import NAFNet
from spandrel.architectures.SwinIR import SwinIR
from torch import nn

from core.imaging.spectrum import luma
from core.variants.foreign.published import Published, Refused, _described, published_architectures

SWIN = {
    "img_size": 16, "embed_dim": 8, "depths": [2], "num_heads": [2], "window_size": 8,
    "mlp_ratio": 2.0, "resi_connection": "1conv",
}  # fmt: skip


def dncnn(channels, **options):
    usual = {"in_nc": channels, "out_nc": channels, "act_mode": "BR", "mode": "DnCNN"}
    return DnCNN(**{**usual, "nc": 4, "nb": 5, **options})


def nafnet():
    return NAFNet(
        img_channel=3, width=4, middle_blk_num=1, enc_blk_nums=[1, 1], dec_blk_nums=[1, 1]
    )


def drunet():
    return DRUNet(
        in_nc=4, out_nc=3, nc=[4, 4, 4, 4], nb=2, act_mode="R",
        downsample_mode="strideconv", upsample_mode="convtranspose",
    )  # fmt: skip


def fdncnn():
    return dncnn(3, in_nc=4, nb=17, act_mode="R", mode="FDnCNN")


NETWORKS = {
    "DnCNN": lambda: dncnn(3),
    "NAFNet": nafnet,
    "SwinIR": lambda: SwinIR(upscale=1, upsampler="", **SWIN),
    "DRUNet": drunet,
}
NOISY = {"DRUNet": drunet, "DnCNN": fdncnn}


def stirred(network):
    """The network with random weights, also where it starts with zeros."""
    torch.manual_seed(0)
    for tensor in network.state_dict().values():
        if tensor.is_floating_point() and tensor.ndim and not tensor.any():
            tensor.normal_(std=0.05)
    return network.eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_published_network_is_opened_and_runs_on_any_size(opened, name):
    torch.manual_seed(0)
    original = stirred(NETWORKS[name]())
    network = opened({"params": original.state_dict(), "step": torch.tensor(3)}, name="net.pt")
    found = network.description
    assert (found.kind, found.architecture, found.channels) == ("published", name, 3)
    assert found.parameters == sum(p.numel() for p in original.parameters())
    assert not any(p.requires_grad for p in network.module.parameters())
    pictures = torch.rand(2, 3, 61, 47)
    output = network.module(pictures)
    assert output.shape == pictures.shape and output.isfinite().all()
    assert not torch.equal(output[0], output[1])
    for size in ((1, 1), (3, 40), (8, 8)):
        assert network.module(torch.rand(1, 3, *size)).shape[-2:] == size
    if network.noise is None:
        whole = torch.rand(1, 3, 32, 32)
        torch.testing.assert_close(network.module(whole), original(whole))


def test_gradients_reach_the_picture(opened):
    """The package's own call forbids them, and CAM methods need them."""
    module = opened(stirred(dncnn(3)).state_dict()).module
    picture = torch.rand(1, 3, 16, 16, requires_grad=True)
    module(picture).sum().backward()
    assert picture.grad.abs().sum() > 0


def test_the_border_is_reflected_where_a_network_would_pad_with_black(opened):
    original = stirred(nafnet())
    network = opened(original.state_dict())
    assert network.description.multiple == 4
    picture = torch.rand(1, 3, 13, 16)
    reflected = nn.functional.pad(picture, (0, 0, 0, 3), mode="reflect")
    torch.testing.assert_close(network.module(picture), original(reflected)[..., :13, :])
    assert not torch.allclose(network.module(picture), original(picture))


@pytest.mark.parametrize("name", NOISY)
def test_the_noise_level_is_told_in_the_networks_own_unit(opened, name):
    original = stirred(NOISY[name]())
    network = opened(original.state_dict())
    assert network.noise == pytest.approx(15 / 255), "the package's own"
    assert any("noise level" in note for note in network.description.notes)
    pictures = torch.rand(2, 3, 16, 16)
    for level in (15 / 255, 50 / 255):
        network.noise = level
        map_ = torch.full((2, 1, 16, 16), level)
        expected = original(torch.cat([pictures, map_], dim=1))
        torch.testing.assert_close(network.module(pictures), expected)
    for level in (-0.1, 25.0):
        with pytest.raises(ValueError, match="from 0 to 1"):
            network.noise = level


def test_a_network_without_a_noise_level_takes_none(opened, unet):
    for weights in (unet.state_dict(), dncnn(3).state_dict()):
        network = opened(weights)
        assert network.noise is None
        with pytest.raises(ValueError, match="no noise level"):
            network.noise = 0.1


def test_a_network_for_one_channel_works_on_the_luma_and_keeps_the_colours(opened):
    original = stirred(dncnn(1))
    network = opened(original.state_dict())
    assert network.description.channels == 1
    assert any("luma" in note for note in network.description.notes)
    picture = torch.rand(2, 3, 20, 24)
    output = network.module(picture)
    torch.testing.assert_close(luma(output)[:, None], original(luma(picture)[:, None]))
    for image in (output, picture):
        differences = image - luma(image)[:, None]
        torch.testing.assert_close(differences, picture - luma(picture)[:, None])


def test_a_network_that_enlarges_is_refused_with_scale_and_purpose(refused):
    said = refused(SwinIR(upscale=2, upsampler="pixelshuffle", **SWIN).state_dict())
    assert "SwinIR" in said and "SR" in said and " 2 times" in said


def descriptor(network, channels=3, **options):
    usual = {
        "purpose": "Restoration", "tags": [], "supports_half": False, "supports_bfloat16": False,
        "scale": 1, "input_channels": channels, "output_channels": channels,
    }  # fmt: skip
    architecture = MAIN_REGISTRY["DnCNN"].architecture
    return ImageModelDescriptor(
        network, network.state_dict(), architecture, **{**usual, **options}
    )


@pytest.mark.parametrize("tiling", ModelTiling)
def test_tiles_only_where_the_package_has_nothing_against_them(tiling):
    found = _described(descriptor(nn.Conv2d(3, 3, 1), tiling=tiling))
    assert found.tiled == (tiling is ModelTiling.SUPPORTED)
    assert found.tiled or any("whole pictures" in note for note in found.notes)


def test_other_channels_than_one_or_three_are_refused():
    with pytest.raises(Refused, match="from 4 to 4 channels"):
        _described(descriptor(nn.Conv2d(4, 4, 1), channels=4))


@pytest.mark.parametrize(
    "sizes",
    [SizeRequirements(minimum=40), SizeRequirements(multiple_of=6), SizeRequirements(square=True)],
)
@pytest.mark.parametrize("size", [(7, 50), (1, 9), (41, 60)])
def test_sizes_are_met_by_reflection(sizes, size):
    seen = []
    network = nn.Conv2d(3, 3, 1)
    network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    picture = torch.rand(1, 3, *size)
    assert Published(descriptor(network, size_requirements=sizes))(picture).shape[-2:] == size
    (padded,) = seen
    assert sizes.check(*padded.shape[:1:-1])
    assert torch.equal(padded[..., : size[0], : size[1]], picture)
    if size[1] + 2 <= padded.shape[-1] and size[1] > 2:
        assert torch.equal(padded[..., : size[0], size[1]], picture[..., -2])


def test_the_list_of_architectures_is_the_packages(refused):
    assert len(published_architectures()) == len(MAIN_REGISTRY)
    assert set(NETWORKS) < set(published_architectures())
    assert f"the {len(MAIN_REGISTRY)} published" in refused({"alpha.weight": torch.rand(3)})


def test_the_package_never_opens_a_file(opened, monkeypatch):
    from spandrel import ModelLoader

    def fail(*_):
        pytest.fail("a file was opened by the package")

    for name in ("load_from_file", "load_state_dict_from_file", "_load_pth", "_load_torchscript"):
        monkeypatch.setattr(ModelLoader, name, fail)
    assert opened(dncnn(3).state_dict(), name="net.pt").description.kind == "published"
