"""Score-CAM: its map, its progress, its end and its estimate."""

import threading
from types import SimpleNamespace

import pytest

from core.attention.cam import Stopped, look, score_cam, score_cam_seconds
from tests.core.attention.cam_inputs import REGION, hybrid, picture, relative, unet

pytestmark = pytest.mark.usefixtures("one_thread")


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
    monkeypatch.setattr(
        "core.attention.cam.score.time", SimpleNamespace(perf_counter=clock.__next__)
    )
    assert score_cam_seconds(unet(), picture(), "bottleneck") == pytest.approx(0.5 * 32)
