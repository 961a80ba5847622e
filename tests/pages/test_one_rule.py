"""What a network gives is clipped and then measured, everywhere alike, and nowhere rounded."""

from __future__ import annotations

import csv
import io
import zipfile
from functools import partial
from threading import Event
from types import SimpleNamespace

import pytest
import torch

from core.degradations import parse_degradation
from core.evaluate.measure import Measuring
from core.evaluate.settings import Settings
from core.evaluate.work import Item
from core.imaging.images import encode_png, to_tensor
from core.leaderboard.measure import Group, measure
from core.lessons.degradation_sweep import SWEPT, sweep_point
from core.metrics import METRICS, OURS
from core.models import build_model
from core.train.denoise import Denoising
from core.variants.store import load_variant, save_variant
from pages.compare.archive import archive, numbers_of
from pages.shared import numbers, restoring
from pages.shared.jobs import Job, wait_for
from pages.shared.values import Taken, picture_of
from tests.pages.conftest import fake_card

NAME = "overshooting"
DEGRADATION = parse_degradation("gaussian_noise(sigma=0.3, clip=0)")
HERE = [spec for spec in METRICS.values() if not spec.absent()]


@pytest.fixture
def folder(tmp_path, use_folder):
    """A network whose output leaves [0, 1] far, alone in its folder."""
    torch.manual_seed(0)
    network = build_model("unet", width=4)
    with torch.no_grad():
        for weights in list(network.parameters())[-2:]:
            weights.mul_(8)
    card = fake_card(NAME, "mse")
    save_variant(network, card, tmp_path)
    use_folder(tmp_path)
    return tmp_path


@pytest.fixture
def clean():
    generator = torch.Generator().manual_seed(0)
    return to_tensor((255 * torch.rand(48, 64, 3, generator=generator)).byte().numpy())


def of_compare(clean, region=None):
    """The output as Compare restores it, and the jobs of its numbers."""
    noisy = picture_of(DEGRADATION(clean[None])[0])
    job = Job()
    assert job.claim()
    restoring.restore(noisy, {NAME: job})
    wait_for([job], 60)
    row = Job()
    taken = Taken(noisy, DEGRADATION)
    row.run(partial(numbers._measure, job.value, picture_of(clean), region, taken, HERE))
    return job.value, row


def of_the_zip(clean, output, row):
    """The same numbers from the CSV."""
    bench = SimpleNamespace(
        clean=None, measurement=output, part=None, degradation="x", parameters={}, cards=(),
        noise="", source=SimpleNamespace(label="a", digest="b", given=None),
    )  # fmt: skip
    found = SimpleNamespace(bench=bench, outputs={}, region=None, numbers=lambda *_: {NAME: [row]})
    with zipfile.ZipFile(io.BytesIO(archive(found, OURS, numbers_of(found, OURS)))) as opened:
        (line,) = csv.DictReader(io.StringIO(opened.read("metrics.csv").decode()))
    return {spec.key: float(line[spec.key]) for spec in HERE}


def of_evaluate(card, folder, item):
    measuring = Measuring(
        Settings((card,), (DEGRADATION,), tuple(HERE), folder), torch.device("cpu"), Event()
    )
    rows, bad = measuring.rows([item])
    assert not bad
    return next(row for row in rows if row["variant"] == NAME)


def of_leaderboard(card, folder, files):
    keys = tuple(spec.key for spec in HERE)
    group = Group((str(DEGRADATION),), (NAME,), keys, ("picture",))
    ((rows, bad),) = measure(group, {NAME: card}, files, folder, 1, Event())
    assert not bad
    return next(row for row in rows if row["variant"] == NAME)


def test_pages_files_commands_and_training_measure_one_output_alike(folder, clean, tmp_path):
    card = fake_card(NAME, "mse")
    network = load_variant(NAME, folder)
    files = tmp_path / "pictures"
    files.mkdir()
    (files / "picture.png").write_bytes(
        encode_png((255 * clean).round().byte().permute(1, 2, 0).contiguous().numpy())
    )
    with torch.inference_mode():
        raw = network(DEGRADATION(clean[None]))
    assert raw.min() < -0.2 and raw.max() > 1.2  # or this test would see nothing
    clamped = raw.clamp(0, 1)
    expected = METRICS["psnr"](clamped, clean[None]).item()
    assert abs(METRICS["psnr"](raw, clean[None]).item() - expected) > 0.5

    output, row = of_compare(clean)
    assert torch.allclose(output.image, clamped[0], atol=1e-5)
    on_the_page = {key: number.value for key, number in row.value.items()}
    assert on_the_page["psnr"] == pytest.approx(expected, abs=1e-4)
    assert of_the_zip(clean, output, row) == pytest.approx(on_the_page)
    item = Item("picture", files / "picture.png")
    for found in (of_evaluate(card, folder, item), of_leaderboard(card, folder, files)):
        assert {key: found[key] for key in on_the_page} == pytest.approx(on_the_page, rel=1e-4)
    swept = sweep_point(clean, DEGRADATION, "sigma", 0.3, network)
    assert swept == pytest.approx({key: on_the_page[key] for key in SWEPT}, rel=1e-4)
    task = SimpleNamespace(pairs=(clean[None], DEGRADATION(clean[None])))
    assert Denoising.validate(task, network) == pytest.approx(expected, abs=1e-4)


def test_a_measurement_is_measured_as_it_is_everywhere(folder, clean, tmp_path):
    noisy = DEGRADATION(clean[None])
    expected = METRICS["psnr"](noisy, clean[None]).item()
    assert abs(METRICS["psnr"](noisy.clamp(0, 1), clean[None]).item() - expected) > 0.5
    picture = picture_of(noisy[0])
    found = numbers._measure(picture, picture_of(clean), None, None, HERE)
    assert found["psnr"].value == pytest.approx(expected, abs=1e-4)
    (tmp_path / "picture.png").write_bytes(
        encode_png((255 * clean).round().byte().permute(1, 2, 0).contiguous().numpy())
    )
    settings = Settings((), (DEGRADATION,), tuple(HERE), folder)
    rows, _ = Measuring(settings, torch.device("cpu"), Event()).rows(
        [Item("picture", tmp_path / "picture.png")]
    )
    assert rows[0]["psnr"] == pytest.approx(expected, abs=1e-4)


def test_training_goes_on_where_an_output_is_no_number(clean):
    task = SimpleNamespace(pairs=(clean[None], clean[None]))
    broken = torch.nn.Conv2d(3, 3, 1)
    torch.nn.init.constant_(broken.weight, float("nan"))
    assert torch.tensor(Denoising.validate(task, broken)).isnan()
