"""Saved comparisons.

A case makes the bytes of a page. `expected` is a part of the sentence, or the labels of the
pictures.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.report.reading import BEGIN, END, MOST_DATA, MOST_PANELS, MOST_PICTURES

from .case import Case, Outcome

DATA = b"as many bytes as a picture"
FILE = {"kind": "image/webp", "data": b64encode(DATA).decode()}


RESUMED = {"view": "", "region": "", "origin": [0, 0], "protocol": "", "degradation": ""}


def panel(
    label: Any = "ours", role: Any = "output", url: Any = "a.webp", key: Any = "k"
) -> dict[str, Any]:
    """A panel of the one picture."""
    return {"key": key, "label": label, "role": role, "image": {"url": url}}


def picture(*panels: Any, title: Any = "Photo", pins: Any = ()) -> dict[str, Any]:
    """One picture of a page."""
    shown = {"panels": list(panels or [panel()]), "notes": {"pins": pins}}
    return {"title": title, "viewer": shown}


def document(*panels: Any, **changed: Any) -> dict[str, Any]:
    """What a page holds, as far as it is read."""
    whole = {
        "format": "losslens-comparison",
        "version": 2,
        "title": "Photo",
        "first": 0,
        "pictures": [picture(*panels)],
        "resumed": RESUMED,
        "files": {"a.webp": FILE},
    }
    return whole | changed


def page(held: Mapping[str, Any] | bytes, end: bytes = END) -> bytes:
    """A page with a document, or with anything in its place."""
    said = held if isinstance(held, bytes) else json.dumps(held).encode()
    return b"<!doctype html><title>x</title>" + BEGIN + said + end


def _refused(name: str, said: str, make: Callable[[], bytes]) -> Case:
    return Case(name, Outcome.REFUSED, make, said)


def _shown(name: str, labels: list[str], make: Callable[[], bytes]) -> Case:
    return Case(name, Outcome.SHOWN, make, labels)


def _pages() -> Iterator[Case]:
    yield _refused("an empty file", "no comparison", lambda: b"")
    yield _refused("another page", "no comparison", lambda: b"<html><p>Results</p></html>")
    yield _refused("JSON of something else", "no comparison", lambda: page({"format": "other"}))
    yield _refused("a list in its place", "no comparison", lambda: page(b"[1]"))
    yield _refused("no JSON in its place", "no JSON", lambda: page(b"alert(1)"))
    yield _refused("a page cut in the middle", "no JSON", lambda: page(document())[:-60])
    yield _refused("bytes that are no text", "no text", lambda: page(b'{"a": "\xff"}'))
    yield _refused("100,000 lists in each other", "nested", lambda: page(b"[" * 100_000))
    yield _refused("a later version", "version 3", lambda: page(document(version=3)))
    yield _shown("a page that does not end", ["ours"], lambda: page(document(), b""))


def _documents() -> Iterator[Case]:
    for key in ("title", "pictures", "files", "resumed", "first"):
        held = {name: value for name, value in document().items() if name != key}
        yield _refused(f"no {key}", "damaged", lambda held=held: page(held))
    others = {"title": 5, "pictures": {}, "files": "all", "resumed": [], "first": 7}
    for key, value in others.items():
        yield _refused(
            f"a {key} of another kind",
            "damaged",
            lambda key=key, value=value: page(document(**{key: value})),
        )
    changed = {
        "a panel that is no panel": 5,
        "a label that is no text": panel(label={}),
        "an empty label": panel(label=" "),
        "a key that is no text": panel(key=[]),
        "a role that nobody knows": panel(role="judge"),
        "a role that is no text": panel(role=["clean"]),
        "a picture that is not there": panel(url="b.webp"),
    }
    for name, one in changed.items():
        yield _refused(name, "damaged", lambda one=one: page(document(one)))
    for name, file in {
        "a picture of another kind": FILE | {"kind": "text/html"},
        "a picture in no base64": FILE | {"data": "!!!!"},
        "a picture that is a number": FILE | {"data": 5},
    }.items():
        yield _refused(name, "damaged", lambda file=file: page(document(files={"a.webp": file})))
    for name, said in {
        "a view that is no text": {"view": 5},
        "a view of 20,001 characters": {"view": "x" * 20_001},
        "a region of 1,000 characters": {"region": "1" * 1000},
        "an origin that is none": {"origin": [1]},
        "an origin of 10 million pixels": {"origin": [10**7, 0]},
        "an origin below zero": {"origin": [-1, 0]},
        "a protocol that is a list": {"protocol": ["ours"]},
    }.items():
        yield _refused(name, "damaged", lambda said=said: page(document(resumed=RESUMED | said)))
    for name, pins in {
        "notes that are no list": 5,
        "21 notes": [{"x": 0, "y": 0, "text": ""}] * 21,
        "a note outside of everything": [{"x": 10**9, "y": 0, "text": ""}],
        "a note that is no text": [{"x": 1, "y": 1, "text": {}}],
    }.items():
        noted = document(pictures=[picture(pins=pins)])
        yield _refused(name, "damaged", lambda noted=noted: page(noted))
    yield _refused("no pictures", "no picture", lambda: page(document(pictures=[])))
    twice = document(pictures=[picture(title="a"), picture(title="a")])
    yield _refused("two pictures of one name", "2 pictures", lambda: page(twice))
    crowd = [picture(title=str(number)) for number in range(MOST_PICTURES + 1)]
    yield _refused("201 pictures", "201 pictures", lambda: page(document(pictures=crowd)))
    yield _refused("no picture at all", "no picture", lambda: page(document(panel(url=None))))
    yield _refused("two panels of one label", "2 panels", lambda: page(document(panel(), panel())))
    clean = [panel("a", "clean"), panel("b", "clean")]
    yield _refused("two clean pictures", "2 pictures", lambda: page(document(*clean)))
    many = [panel(f"ours {number}") for number in range(MOST_PANELS + 1)]
    large = FILE | {"data": b64encode(bytes(MOST_DATA // MOST_PANELS + 1)).decode()}
    shared = document(*many[1:], files={"a.webp": large})
    said = f"bytes of pictures; {MOST_DATA:,}"
    yield _refused("one picture in 200 panels, 512 MB", said, lambda: page(shared))
    yield _refused("201 panels", "201 panels", lambda: page(document(*many)))
    yield _refused("a method called clean", "says a role", lambda: page(document(panel("clean"))))


def _unusual() -> Iterator[Case]:
    hostile = "<img src=x onerror=alert(1)>"
    yield _shown("a label with markup", [hostile], lambda: page(document(panel(hostile))))
    yield _shown("a label with a path", ["../../up"], lambda: page(document(panel("../../up"))))
    yield _shown("a title with a path", ["ours"], lambda: page(document(title="../../etc/passwd")))
    yield _shown(
        "a label of 1,000 letters", ["x" * 200], lambda: page(document(panel("x" * 1000)))
    )
    for name, said in {
        "a protocol that nobody knows": {"protocol": "theirs"},
        "a region that is none": {"region": "everywhere"},
        "a degradation that nobody knows": {"degradation": "rain(drops=3)"},
        "a view with markup": {"view": "compare~<img src=x onerror=alert(1)>"},
    }.items():
        yield _shown(name, ["ours"], lambda said=said: page(document(resumed=RESUMED | said)))
    others = [picture(panel(at, key=at), title=at) for at in "ba"]
    yield _shown("pictures with other panels", ["b", "a"], lambda: page(document(pictures=others)))
    empty = panel("b", url=None)
    yield _shown("a panel without a picture", ["ours"], lambda: page(document(panel(), empty)))


CASES = [*_pages(), *_documents(), *_unusual()]
