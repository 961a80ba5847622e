"""Whatever people's files are called stays text, on every page and in every kind of element."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from core.base.paths import DATA, ROOT
from core.sets.request import OPENED, Request
from pages.shared.own import PRIVATE
from tests.pages.conftest import on_page
from tests.pages.test_sets import noisy, save, smooth
from tests.pages.test_variants import bring, start, weights

ODD = "<img src=q onerror=q>'\"&[q](q.q)"
MARK = "onerror"
PAGES = {
    "compare": {},
    "artifacts": {},
    "spectrum": {"show": "curves"},
    "attention": {},
    "variants": {},
}


def is_safe_html(text: str) -> bool:
    return "<img src=q" not in text


def is_safe_markdown(text: str) -> bool:
    return not re.search(r"(?<!\\)<img src|\[q\]\(", text)


def is_safe_chart(text: str) -> bool:
    """The library takes a few tags for bold text and links; a group's key is never shown."""
    said = texts(json.loads(text))
    return all(field == "legendgroup" or is_safe_html(one) for field, one in said)


def is_safe_component(text: str) -> bool:
    """Of a component, only a table is HTML."""
    return is_safe_html(json.loads(text).get("table", ""))


JUDGES = {
    ("html", "body"): is_safe_html,
    ("plotly_chart", "spec"): is_safe_chart,
    ("bidi_component", "json"): is_safe_component,
    # These are shown as they are, whatever they hold.
    ("selectbox", "options"): lambda text: True,
    ("multiselect", "options"): lambda text: True,
    ("multiselect", "rawValues"): lambda text: True,
    ("text_input", "default"): lambda text: True,
}
"""Element and field -> whether a text is safe there; what is not listed is read as Markdown."""


@pytest.fixture
def named_oddly(variants, tmp_path, monkeypatch) -> str:
    """A set, its methods and pictures, and a network, all called so; the network's name."""
    for role in ("clean", "noisy", f"first {ODD}", f"second {ODD}"):
        for number in range(2):
            made = smooth(number) if role == "clean" else noisy(number, len(role))
            save(tmp_path / f"set {ODD}" / role, f"{number} {ODD}", made)
    monkeypatch.setenv(PRIVATE, "0")
    monkeypatch.setenv(DATA, str(tmp_path / "data"))
    monkeypatch.setenv(OPENED, Request([tmp_path / f"set {ODD}"], None, None, {}).text)
    app = bring(start(), weights(), f"net {ODD}.pth")
    assert not app.error
    [file] = (tmp_path / "data" / "networks").glob("*.json")
    return file.stem


def texts(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Each text in an element with the name of its field."""
    if isinstance(value, str):
        yield field, value
    inner = value.items() if isinstance(value, dict) else ()
    for name, one in inner:
        yield from texts(one, name)
    for one in value if isinstance(value, list) else ():
        yield from texts(one, field)


def elements(block: object) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def shown(app: AppTest) -> Iterator[tuple[str, str, str]]:
    """Element, field and text, wherever something odd is shown."""
    for one in elements(app._tree):
        said = MessageToDict(one.proto) if getattr(one, "proto", None) else {}
        yield from ((one.type, field, text) for field, text in texts(said) if MARK in text)


def test_names_stay_text_everywhere(named_oddly):
    kinds = set()
    for folder, address in PAGES.items():
        asked = [named_oddly] if folder == "attention" else [f"first {ODD}", named_oddly]
        app = on_page(folder, {**address, "variants": asked})
        assert not app.exception
        found = list(shown(app))
        assert found, folder
        for kind, field, text in found:
            judge = JUDGES.get((kind, field), is_safe_markdown)
            assert judge(text), (folder, kind, field, text)
        kinds |= {kind for kind, *_ in found}
    assert {"html", "plotly_chart", "bidi_component", "caption", "multiselect"} <= kinds


SCRIPTS = sorted((ROOT / "pages").rglob("*.js"))
MADE_OF_HTML = {"ranking.js"}
"""Its table comes as HTML from Python, where each text in it is escaped."""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_write_no_html(path: Path):
    writes = re.search(
        r"\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write", path.read_text("utf8")
    )
    assert bool(writes) == (path.name in MADE_OF_HTML)


def test_no_markdown_is_let_hold_html():
    sources = sorted((ROOT / "pages").rglob("*.py"))
    assert not [path for path in sources if "unsafe_allow" in path.read_text("utf8")]
