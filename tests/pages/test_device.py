"""Networks on an accelerator: shared copies, the sidebar's line, and notes on how it was made."""

from __future__ import annotations

import pytest
import torch

from core.variants import device, restore
from core.variants.device import device_of
from pages.shared import cached, restoring
from pages.shared.jobs import Job
from pages.shared.values import picture_of
from tests.pages.conftest import fresh_app, read, run_until_ready, text_of


@pytest.fixture
def accelerator(monkeypatch):
    """The meta device stands for one."""
    monkeypatch.setattr(device, "device", lambda: torch.device("meta"))


def test_on_the_cpu_networks_run_as_they_are_shared(variants, monkeypatch):
    monkeypatch.setenv(device.VARIABLE, "cpu")
    assert cached.variants.running_model(variants[0]) is cached.variants.model(variants[0])


def test_on_an_accelerator_a_copy_runs_and_the_shared_one_stays(variants, accelerator):
    running = cached.variants.running_model(variants[0])
    assert (
        device_of(running).type == "meta" and cached.variants.running_model(variants[0]) is running
    )
    assert device_of(cached.variants.model(variants[0])).type == "cpu"


def test_hybrids_share_one_vit_there_too(every, accelerator, monkeypatch):
    name = "hybrid_vit_unet"
    shared = cached.variants.model(name)
    copies = [cached.variants._model_on("meta", f"{name} {n}", "", shared) for n in range(2)]
    assert copies[0] is not copies[1] and copies[0].encoder is copies[1].encoder
    assert device_of(copies[0].encoder).type == "meta"
    assert device_of(shared.encoder).type == "cpu"


@pytest.mark.parametrize("asked", ["cpu", "gpu"])
def test_the_sidebar_says_what_networks_run_on(variants, monkeypatch, asked):
    monkeypatch.setenv(device.VARIABLE, asked)
    app = fresh_app().run()
    said = [read(one.value) for one in [*app.sidebar.caption, *app.sidebar.error]]
    assert not app.exception
    assert ("Networks run on: CPU" in said) == (asked == "cpu")
    assert any("LOSSLENS_DEVICE is 'gpu'" in one for one in said) == (asked == "gpu")


def test_what_ran_out_of_memory_is_told_beside_the_pictures(variants, monkeypatch):
    ways = [restore._Attempt(restore.CPU, None, "The GPU ran out of memory: restored so.")]
    monkeypatch.setattr(restore, "_attempts", lambda *_: ways)
    app = fresh_app()
    app.query_params.update({"image": "concrete-pores", "variants": ["unet-mse"]})
    run_until_ready(app)
    assert "The GPU ran out of memory: restored so." in text_of(app)


def test_a_device_that_is_not_here_ends_in_the_job(variants, monkeypatch):
    monkeypatch.setenv(device.VARIABLE, "gpu")
    job = Job()
    assert job.claim()
    restoring.restore(picture_of(torch.rand(3, 32, 32)), {variants[0]: job})
    assert job.ready and "LOSSLENS_DEVICE is 'gpu'" in job.error
