"""Documents that others may have spoilt: read, or refused in one sentence, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from core.attention.border_study import border_table
from core.attention.border_study import results as borders
from core.attention.crack_study import MAIN, crack_findings, crack_table
from core.attention.crack_study import results as cracks
from core.attention.crack_study.maps import BASELINE, SELF_ATTENTION, SIGN_FLIPPED, SOURCES
from core.base.paths import CHECKPOINTS
from core.cost import results as cost
from core.leaderboard import results as leaderboard
from core.leaderboard.variant_record import story_of
from core.metrics import METRICS
from core.models import vit_encoder
from core.train import recipes
from core.variants.card_file import card_of
from core.variants.library import Kept, Library
from tests.core.models.test_models import tiny_encoder
from tests.corpus.weights import CARD

MOST_SAID = 2_000  # characters


@dataclass(frozen=True)
class Reader:
    """How a document gets onto the disk, and what reads it and does with it what pages do."""

    document: Callable[[], Any]
    put: Callable[[Path, Any], Path]
    read: Callable[[Path], object]


def text_of(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def plainly(name: str) -> Callable[[Path, Any], Path]:
    def put(folder: Path, document: Any) -> Path:
        path = folder / name
        path.write_text(text_of(document), errors="surrogatepass")
        return path

    return put


def few_cracks() -> Any:
    document = json.loads(cracks.RESULTS.read_text())
    told = {*SOURCES, *SIGN_FLIPPED.values(), *SELF_ATTENTION, BASELINE}
    rows = [r for r in document["rows"] if r["variant"] == MAIN and r["method"] in told]
    return {**document, "rows": rows}


def read_cracks(path: Path) -> object:
    results = cracks.read(path)
    return crack_table(results), crack_findings(results)


def few_costs() -> Any:
    return json.loads(cost.RESULTS.read_text())[:1]


def read_costs(path: Path) -> object:
    rows = cost.read_costs(path)
    return [f"{row['frozen'] / 1e6:.1f} {row['milliseconds']:.1f}" for row in rows]


def few_borders() -> Any:
    return json.loads(borders.RESULTS.read_text())[:1]


def read_borders(path: Path) -> object:
    return border_table(borders.read_borders(path))


def note() -> Any:
    about = {
        "kind": "published", "architecture": "DnCNN", "arguments": {}, "parameters": 3,
        "stripped": [], "choices": [], "channels": 3, "tiled": True, "multiple": 1, "notes": [],
    }  # fmt: skip
    return asdict(Kept("own-a", "mine", "own-a.pth", "mine.pth", None, "2026-01-01", about, 0.1))


def put_note(folder: Path, document: Any) -> Path:
    (folder / "own-a.pth").touch()
    return plainly("own-a.json")(folder, document)


def read_note(path: Path) -> object:
    library = Library(path.parent)
    return [(one.card.full_label, library.stamp(one), library.room()) for one in library.all()]


def read_card(path: Path) -> object:
    card = card_of(Path("a.safetensors"), {"card": path.read_text(errors="surrogatepass")})
    means = card.validation.get("metrics", {})
    told = [METRICS[key].format(means[key]) for key in means if key in METRICS]
    return card.full_label, card.order, story_of(card), told


def put_vit(document_name: str) -> Callable[[Path, Any], Path]:
    def put(folder: Path, document: Any) -> Path:
        whole = CHECKPOINTS / vit_encoder.DEFAULT_ENCODER
        for path in whole.iterdir():
            (folder / path.name).symlink_to(path)
        (folder / document_name).unlink()
        return plainly(document_name)(folder, document)

    return put


def read_vit(path: Path) -> object:
    return vit_encoder.settings_of(path.parent)


def shipped(name: str) -> Callable[[], Any]:
    path = CHECKPOINTS / vit_encoder.DEFAULT_ENCODER / name
    return lambda: json.loads(path.read_text())


CONFIG, PREPROCESSING = "config.json", "preprocessor_config.json"
READERS = {
    "crack scores": Reader(few_cracks, plainly("cracks.json"), read_cracks),
    "borders": Reader(few_borders, plainly("borders.json"), read_borders),
    "costs": Reader(few_costs, plainly("cost.json"), read_costs),
    "note of a network": Reader(note, put_note, read_note),
    "card": Reader(lambda: asdict(CARD), plainly("card.json"), read_card),
    "configuration of the ViT": Reader(shipped(CONFIG), put_vit(CONFIG), read_vit),
    "preprocessing of the ViT": Reader(shipped(PREPROCESSING), put_vit(PREPROCESSING), read_vit),
}
every = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)


def survives(read: Callable[[Path], object], path: Path) -> None:
    """It is read, or refused in one sentence that pages can show."""
    try:
        read(path)
    except ValueError as error:
        said = str(error)
        assert said.isprintable() and said.encode() and len(said) < MOST_SAID


WRONG = [
    "", "[", "null", "3", '"text"', "[]", "{}", "[[]]", "\x00", '{"a": ' * 50_000, '"\\ud800"',
    "NaN",
]  # fmt: skip


@every
def test_a_document_of_another_shape_is_one_sentence(reader, tmp_path):
    for number, text in enumerate([*WRONG, text_of(reader.document())[:-20]]):
        folder = tmp_path / str(number)
        folder.mkdir()
        survives(reader.read, reader.put(folder, text))


def leaves(document: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of everything in a document; of a list, its first."""
    if place:
        yield place
    if isinstance(document, dict):
        for name, value in document.items():
            yield from leaves(value, (*place, name))
    elif isinstance(document, list) and document:
        yield from leaves(document[0], (*place, 0))


def changed(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed = deepcopy(document)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return changed


STRANGE = [
    None, True, -1, 10**12, 1e300, float("nan"), float("inf"), "text", "\ud800", [], [None], {},
    {"a": []},
]  # fmt: skip


@every
def test_any_value_may_be_another_and_any_name_missing(reader, tmp_path):
    whole = reader.document()
    reader.read(reader.put(tmp_path, whole))
    for number, place in enumerate(leaves(whole)):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = reader.put(folder, whole)
        for value in STRANGE[number % 3 :: 3]:
            path.write_text(text_of(changed(whole, place, value)))
            survives(reader.read, path)
        if isinstance(place[-1], str):
            without = changed(whole, place, None)
            inner = without
            for step in place[:-1]:
                inner = inner[step]
            del inner[place[-1]]
            path.write_text(text_of(without))
            survives(reader.read, path)


# Files in place of documents ---------------------------------------------------------------------

PLACES = {
    "nothing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a terabyte": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 10**12),
}


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "read",
    [read_cracks, read_borders, read_costs, leaderboard.read_results, recipes.load_recipes],
    ids=lambda read: read.__name__,
)
def test_what_is_no_document_is_one_sentence(read, kind, tmp_path):
    PLACES[kind](tmp_path / "a.json")
    survives(read, tmp_path / "a.json")


@pytest.fixture(scope="module")
def whole_vit(tmp_path_factory):
    """A small ViT with all its files; whole, it is loaded."""
    folder = tmp_path_factory.mktemp("vits") / "whole"
    tiny_encoder().vit.save_pretrained(folder)
    settings = "preprocessor_config.json"
    shutil.copy(CHECKPOINTS / vit_encoder.DEFAULT_ENCODER / settings, folder / settings)
    assert vit_encoder.load_encoder(str(folder)).channels == 24
    return folder


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json", "model.safetensors"])
def test_a_vit_that_lacks_a_part_is_one_sentence(kind, name, whole_vit, tmp_path):
    folder = tmp_path / "vit"
    shutil.copytree(whole_vit, folder)
    (folder / name).unlink()
    PLACES[kind](folder / name)
    with pytest.raises(ValueError) as caught:
        vit_encoder.encoder_sha256(str(folder))
        vit_encoder.load_encoder(str(folder))
        raise ValueError(f"The ViT '{folder}' was not refused")
    said = str(caught.value)
    assert said.startswith(f"The ViT '{folder}' ") and "not refused" not in said
    assert said.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a = 1", "[a]\nsteps = []", "[a]\nsteps = 1\nsteps = 2", "[a]\nwhat = 1",
        "[groups]\nx = []", "groups = 3", "a = " + "[" * 50_000, "[a]\nlike = 3", "\ud800",
        "[a]\nbetas = [1]", "[a.b]\nc = 1",
    ],
)  # fmt: skip
def test_recipes_of_another_shape_are_one_sentence(text, tmp_path):
    path = tmp_path / "recipes.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    survives(recipes.load_recipes, path)
