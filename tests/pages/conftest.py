"""Pages without a browser: variants with random weights in a folder of their own."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from inspect import signature
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
import pytest
import torch
from starlette.requests import Request
from starlette.responses import Response
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner
from streamlit.util import calc_hash

from core.attention.cam import kpca
from core.base.table import Table
from core.imaging.gallery import GALLERY, GallerySpec
from core.models import CLASSICAL, MODELS, build_model, vit_encoder
from core.models.vit_encoder import DEFAULT_ENCODER, Encoder, encoder_sha256, load_encoder
from core.variants.store import Card, save_variant
from core.viewer import Panel
from pages.shared import cached, handed, views
from pages.shared.downloads import BUTTON
from pages.shared.jobs import Job, wait_for
from pages.shared.navigation import DEFAULT, PAGES
from pages.shared.news import WATCH
from pages.shared.plain import WORD_JOINER
from pages.shared.reconnect import KEY as RECONNECT
from pages.shared.store import store

FRAME = Path(__file__).resolve().parents[2] / "pages" / "shared" / "frame.py"
LOSSES = {
    "unet-mse": "mse",
    "unet-regional-sharpness": "0.8*mse + 0.2*regional_sharpness",
    "unet-frequency": "0.8*mse + 0.2*frequency",
}
TRAINED = {"key": "gaussian_noise", "range": {"sigma": [0.03, 0.25]}}
PATIENCE = 60
CORNER = np.s_[:96, :112]  # multiples of 16, so that networks take them without padding
FEW = ("aerial_rocks_02", "brick", "asphalt-crack", "concrete-crack", "sand-ripples")
EVERY = [key for key in MODELS if key not in {one.model for one in CLASSICAL.values()}]
WIDTHS = {"transformer_denoiser": 32, "vit_reconstructor": 32}


def fake_card(name: str, loss: str) -> Card:
    return Card(
        name=name,
        model="unet",
        arguments={"width": 4},
        loss=loss,
        parent=None,
        encoder=None,
        degradation=TRAINED,
        data={},
        steps=1,
        batch=1,
        crop=224,
        seed=0,
        optimiser="adamw",
        history=[],
        parameters=1,
        torch=torch.__version__,
        made_by="a test",
    )


@pytest.fixture(scope="session")
def variants_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    for seed, (name, loss) in enumerate(LOSSES.items()):
        torch.manual_seed(seed)
        save_variant(build_model("unet", width=4), fake_card(name, loss), folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def components_looked_for_once() -> Iterator[None]:
    """The tester looks through every installed package for components, at each first run."""
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session", autouse=True)
def runs_are_waited_for() -> Iterator[None]:
    """The tester asks a thousand times a second whether a run is over, and compiles each anew."""
    compiled = ScriptCache()

    def wait(runner: LocalScriptRunner, timeout: float) -> None:
        runner._script_thread.join(timeout)
        if runner._script_thread.is_alive():
            runner.request_stop()
            raise TimeoutError(f"A run of the page took more than {timeout} s.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        patch.setattr(local_script_runner, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_lab_worker() -> Iterator[None]:
    """A process that imports PyTorch, for pages on which nothing is trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.lab.worker.ensure_worker", lambda folder: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def shipped_vit_loaded_once() -> Iterator[None]:
    """Tests begin with empty caches, but the ViT that all hybrids share is frozen."""
    load = vit_encoder.load_encoder
    shipped = cache(partial(load, DEFAULT_ENCODER))

    def once(name: str = DEFAULT_ENCODER) -> Encoder:
        return shipped() if name == DEFAULT_ENCODER else load(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vit_encoder, "load_encoder", once)
        yield


@pytest.fixture(autouse=True)
def small_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gallery pictures are cut to a corner: what a page does with one hangs on no size.

    A test that is about sizes says `@pytest.mark.full_pictures`.
    """
    if not request.node.get_closest_marker("full_pictures"):
        whole, mask = GallerySpec.__call__, GallerySpec.mask
        monkeypatch.setattr(GallerySpec, "__call__", lambda spec: whole(spec)[CORNER].copy())
        monkeypatch.setattr(GallerySpec, "mask", lambda spec: cut(mask(spec)))


@pytest.fixture(autouse=True)
def few_on_the_contact_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attention's view of every picture has those of `FEW`; its own test puts all of them back."""
    few = Table("picture", *(GALLERY[key] for key in FEW))
    monkeypatch.setattr("pages.attention.contact_sheet.GALLERY", few)


@pytest.fixture(autouse=True)
def small_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """KPCA-CAM compares every place with every other, of which there are 3,136 at most."""
    monkeypatch.setattr(kpca, "SIDE", 16)


def cut(mask: np.ndarray | None) -> np.ndarray | None:
    return None if mask is None else mask[CORNER].copy()


def forget_everything() -> None:
    """Empty every cache; what was begun for a test that is over is not worked on any more."""
    give_up()
    cached.forget_everything()


def give_up() -> None:
    for job in running_jobs():
        job.cancel()


@pytest.fixture(scope="session")
def left() -> list[frozenset[Callable]]:
    """What had replaced parts of the product in the test before, if its caches are still full."""
    return []


@pytest.fixture
def use_folder(
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    left: list[frozenset[Callable]],
) -> Iterator[Callable[[Path], None]]:
    """Let the pages take their variants from a folder.

    What was computed is kept by what it was made of, so tests share it, as visits do. Caches are
    empty for a test of full pictures, for one whose fixtures replace other parts of the product
    than those of the test before, and before and after one that replaces something by itself.
    """
    test, now = request.node, replacing(request)
    alone = "monkeypatch" in signature(test.function).parameters
    alone = alone or test.get_closest_marker("full_pictures") is not None

    def use(folder: Path) -> None:
        if alone or left != [now]:
            forget_everything()
        monkeypatch.setattr(cached.variants, "variants_folder", lambda: folder)

    failed = request.session.testsfailed
    yield use
    give_up()
    left[:] = [now]
    if alone or request.session.testsfailed != failed:
        forget_everything()  # what a test broke must not be there for the next


def replacing(request: pytest.FixtureRequest) -> frozenset[Callable]:
    """The fixtures of a test that replace parts of the product."""
    known = request.node._fixtureinfo.name2fixturedefs
    used = [known[name][-1] for name in request.fixturenames if name in known]
    return frozenset(one.func for one in used if "monkeypatch" in one.argnames)


@pytest.fixture
def variants(
    use_folder: Callable[[Path], None], variants_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Three variants with random weights, which a page starts on; their names."""
    use_folder(variants_folder)
    monkeypatch.setattr("core.variants.featured.STORY", tuple(LOSSES))
    return list(LOSSES)


@pytest.fixture(scope="session")
def every_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A variant of every architecture that is trained, with random weights, named after it."""
    folder = tmp_path_factory.mktemp("every")
    encoder = load_encoder()
    for seed, key in enumerate(EVERY):
        torch.manual_seed(seed)
        arguments = {"width": WIDTHS.get(key, 4)} if "width" in MODELS[key].defaults else {}
        card = replace(fake_card(key, "mse"), model=key, arguments=arguments)
        if key == "hybrid_vit_unet":
            named = {"name": DEFAULT_ENCODER, "sha256": encoder_sha256(DEFAULT_ENCODER)}
            card = replace(card, encoder=named)
            arguments = {**arguments, "encoder": encoder}
        save_variant(build_model(key, **arguments), card, folder)
    return folder


@pytest.fixture
def every(use_folder: Callable[[Path], None], every_folder: Path) -> list[str]:
    use_folder(every_folder)
    return EVERY


class Pieces(deque):
    """In place of a line's threads: a piece of work is done when the test says so."""

    def submit(self, serve: Callable[[], None]) -> None:
        self.append(serve)


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> Pieces:
    """What waits in all lines, for which no view waits; at first nothing is made."""
    waiting = Pieces()
    monkeypatch.setattr("pages.shared.line.ThreadPoolExecutor", lambda *_: waiting)
    monkeypatch.setattr(views, "wait_for", lambda *_: None)
    work = cached.work
    lines = work.restoring_line, work.computing_line, work.later_line, work.long_line
    for one in (work.job, work.restoration_job, *lines):  # a test before may share its caches
        one.clear()
    return waiting


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is computed, for tests of what stands on a page anyway: its sidebar, its fields."""
    monkeypatch.setattr("pages.shared.line.ThreadPoolExecutor", lambda *_: Pieces(maxlen=0))
    monkeypatch.setattr(views, "wait_for", lambda *_: None)


def fresh_app() -> AppTest:
    return AppTest.from_file(str(FRAME), default_timeout=PATIENCE)


def on_page(folder: str, address: dict[str, str | list[str]]) -> AppTest:
    """A page below the frame, opened by an address, when nothing is pending any more."""
    app = run_until_ready(at_page(folder, address))
    assert app.exception or app.title[0].value == title_of(folder)
    return app


def at_page(folder: str, address: dict[str, str | list[str]]) -> AppTest:
    """A page below the frame that the first run will draw.

    As a browser asks for it: by the hash of its address. The tester's own `switch_page` knows a
    page only after another one was drawn.
    """
    app = fresh_app()
    app.query_params.update(address)
    if folder != DEFAULT.folder:
        app._page_hash = calc_hash(folder)
    return app


def title_of(folder: str) -> str:
    return next(spec.title for spec in PAGES if spec.folder == folder)


def run_until_ready(app: AppTest) -> AppTest:
    """Run again, as the page itself does, until nothing is pending."""
    app.run()
    end = monotonic() + PATIENCE
    while monotonic() < end and not app.exception and "computing" in text_of(app):
        wait_for(running_jobs(), 2)  # most are ready sooner
        app.run()
    return app


def running_jobs() -> list[Job]:
    """Those that somebody makes, or will when their turn comes."""
    return [one for one in store().values() if isinstance(one, Job) and one.running]


def panels_given(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> dict[str, Panel]:
    """Key -> panel, as a module gave them to the viewer last; none is drawn."""
    seen: dict[str, Panel] = {}

    def take(panels: Sequence[Panel], **_: object) -> None:
        seen.clear()
        seen.update({panel.key: panel for panel in panels})

    monkeypatch.setattr(module, "linked_viewer", take)
    return seen


def text_of(app: AppTest) -> str:
    """Everything that the page says in sentences."""
    kinds = (app.caption, app.markdown, app.info, app.warning, app.error)
    return "\n".join(read(element.value) for kind in kinds for element in kind)


def read(markdown: str) -> str:
    """What a person reads of escaped text."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown.replace(WORD_JOINER, ""))


@pytest.fixture(params=PAGES, ids=lambda spec: spec.folder)
def page(request: pytest.FixtureRequest) -> object:
    return request.param


def components(app: AppTest, *, downloads: bool = False) -> list[BidiComponent]:
    """Our own components: those that show something, or those that save something.

    Those that watch the connection and ask for news do neither.
    """
    found = [element.proto for element in app.get("bidi_component")]
    seen = [one for one in found if one.component_name != WATCH.name]
    ours = [one for one in seen if not one.id.endswith(f"-{RECONNECT}")]
    return [one for one in ours if (one.component_name == BUTTON.name) == downloads]


class Download(NamedTuple):
    """What a page offers to save: the file's name, and what gives it as a browser gets it."""

    name: str
    content: Callable[..., bytes]


def downloads(app: AppTest) -> dict[str, Download]:
    """Label -> the download, for those that can be clicked."""
    found = [json.loads(one.json) for one in components(app, downloads=True)]
    return {
        one["label"]: Download(one["name"], partial(fetched, one["address"]))
        for one in found
        if one["address"]
    }


def answered(address: str, **query: str) -> Response:
    """What the server answers at an address that it handed out, outside of any run."""
    asked = urlencode(query).encode()
    scope = {
        "type": "http", "method": "GET", "path": address, "headers": [], "query_string": asked,
        "server": ("localhost", 80),
    }  # fmt: skip
    with ThreadPoolExecutor(1) as outside:
        return outside.submit(asyncio.run, handed.answer(Request(scope))).result()


def fetched(address: str, **query: str) -> bytes:
    """The file at an address, asked with this query. Fails where there is none."""
    answer = answered(address, **query)
    assert answer.status_code == 200, answer.body.decode()
    return answer.body


def figures_of(app: AppTest) -> list[dict[str, Any]]:
    """Every chart as plotly is given it."""
    return [json.loads(element.proto.spec) for element in app.get("plotly_chart")]


def values_of(trace: Mapping[str, Any], axis: str) -> list[float]:
    """Plotly's own packing of arrays, read back; a gap is NaN."""
    found = trace[axis]
    if isinstance(found, dict):
        return np.frombuffer(b64decode(found["bdata"]), found["dtype"]).tolist()
    return [np.nan if value is None else value for value in found]
