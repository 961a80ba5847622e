"""What tests share."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest

from core.base.paths import DATA

pytest.register_assert_rewrite("tests.browser.waiting")  # what a page lacks is shown, as in a test
SERVERS = "LOSSLENS_TEST_SERVERS"
"""Names a folder in the environment: what browser tests serve, for all processes together."""


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # until all is collected: what is imported stays, and to look through takes time
    if _is_first(config):
        os.environ[SERVERS] = tempfile.mkdtemp(prefix="losslens-servers-")
        os.environ[DATA] = f"{os.environ[SERVERS]}/data"  # not the person's own files


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers, whichever process began them."""
    if _is_first(config):
        folder = Path(os.environ.pop(SERVERS))
        for file in folder.glob("*.pid"):
            with suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGTERM)
        shutil.rmtree(folder)


def _is_first(config: pytest.Config) -> bool:
    """Whether this is the process that was called, and begins the others."""
    return not hasattr(config, "workerinput")


def pytest_collection(session: pytest.Session) -> None:
    """Import the tests, each process beginning elsewhere: it finds what others have compiled.

    Each module has its assertions rewritten first, which takes seconds for all of them.
    """
    if _is_first(session.config):
        return
    files = sorted(file for one in session.config.args for file in Path(one).rglob("test_*.py"))
    worker = session.config.workerinput
    first = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for file in (*files[first:], *files[:first]):
        parts = file.resolve().relative_to(session.config.rootpath).with_suffix("").parts
        with suppress(Exception):  # it is told when it is collected
            import_module(".".join(parts))


def pytest_collection_modifyitems(items):
    """Deal the files that drive a browser out, so that each process starts with its share.

    Processes are given runs of neighbours. What drives a browser mostly waits: one process alone
    with all of it would be the last by minutes. Of several, one begins with all the rest, so that
    the cores have something to do meanwhile; it takes over what is left of the others'.
    """
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files, others = {}, []
    for item in items:
        browser = item.get_closest_marker("browser")
        (files.setdefault(item.path, []) if browser else others).append(item)
    dealt = [[] for _ in range(shares)]
    for tests in sorted(files.values(), key=len, reverse=True):
        min(dealt[: max(2, shares - 1)], key=len).extend(tests)
    size, first = -(-len(items) // shares), 0
    for share in dealt:
        rest = max(0, size - len(share))
        share += others[first : first + rest]
        first += rest
    items[:] = [item for share in dealt for item in share] + others[first:]


def pytest_collection_finish() -> None:
    """What collecting has imported stays: the garbage collector need not look through it again."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def gallery_made_once() -> Iterator[None]:
    """Textures are drawn by procedures that take a second; hundreds of tests look at them."""
    from core.imaging.gallery import GallerySpec

    loaded = cache(lambda spec: spec.load())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GallerySpec, "__call__", lambda spec: own(loaded(spec)[0]))
        patch.setattr(GallerySpec, "mask", lambda spec: own(loaded(spec)[1]))
        yield


def own(array: np.ndarray | None) -> np.ndarray | None:
    """The same, an array of whoever asks."""
    return None if array is None else array.copy()


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """What is logged meanwhile. Pytest's `caplog` costs every test time, asked for or not."""
    records, root, handler = [], logging.getLogger(), logging.Handler()
    handler.emit = records.append
    root.addHandler(handler)
    yield records
    root.removeHandler(handler)


@pytest.fixture
def make_card():
    """A function that makes a complete card of a small U-Net, with changes by name."""
    from core.variants.store import Card

    def make(name, **changes):
        fields = {
            "name": name,
            "model": "unet",
            "arguments": {"width": 4, "upsampling": "transpose"},
            "loss": "mse",
            "parent": None,
            "encoder": None,
            "degradation": {"key": "gaussian_noise", "range": {"sigma": [0.03, 0.25]}},
            "data": {"procedural": 3},
            "steps": 1,
            "batch": 1,
            "crop": 32,
            "seed": 0,
            "optimiser": "AdamW",
            "history": [],
            "parameters": 1,
            "torch": "2",
            "made_by": "a test",
        }
        return Card(**{**fields, **changes})

    return make
