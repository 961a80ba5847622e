"""What a browser asks beside the page: for pictures, maps, downloads, and whether there is news.

The platform can hand out files too. It drops one as soon as another visit's run ends while this
visit's own is under way, and it tells files of more than 1 MiB apart by a sample of their bytes.
Here an address is made of all the bytes and of a secret of this process: nobody can guess it who
was not given it, the same content has the same address, and a browser may keep it for good.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from secrets import token_bytes
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote
from weakref import WeakValueDictionary

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.shared.jobs import FAILED
from pages.shared.store import store
from pages.shared.visits import owner, visit

if TYPE_CHECKING:
    from core.viewer import Encoded

FOLDER = "handed"
FOR_GOOD = {"Cache-Control": "private, max-age=31536000, immutable"}
ANEW = {"Cache-Control": "no-store"}
NAME_BYTES = 16
"""As many as nobody guesses; a page names dozens of files in every run."""
METHODS = ("GET", "HEAD")
VIEW = "view"
"""What an address asks a download with, for the view that goes into it."""
GONE = "The page shows something else by now: click again once it is drawn."


@dataclass(frozen=True)
class Handed:
    """A file as a browser gets it."""

    data: bytes
    kind: str


@dataclass(eq=False)
class Offer:
    """A download: what makes it when it is asked for, its name and its MIME type.

    `make` is given the text of a view that the browser sent, empty where it sent none.
    """

    make: Callable[[str], bytes | str]
    name: str
    kind: str


def address_of(encoded: Encoded) -> str:
    """Where the browser finds a picture or a map."""
    name = _name(f"{encoded.kind} {encoded.digest}")
    store().get((FOLDER, name), lambda: Handed(encoded.data, encoded.kind), owner())
    return _address(name) + encoded.ending


def handed_out(path: str) -> Handed | None:
    """The picture or map at a path that a browser asks for, None where there is none."""
    _, folder, file = path.partition(f"/{FOLDER}/")
    return store().find((FOLDER, file.partition(".")[0])) if folder else None


def offer(make: Callable[[str], bytes | str], name: str, kind: str, place: str) -> str:
    """Where the browser finds a download, which is made when it is asked for.

    A place on a page has the same address for the whole visit; what is made there is that of the
    last run. `make` is called outside of any run: without address and session state. It is given
    the text of a view, which anybody may have written.
    """
    token = _name(f"{visit().id} {place}")
    made = Offer(make, name, kind)
    visit().hold(place, made)
    _offers()[token] = made
    return _address(token)


@dataclass(eq=False)
class Question:
    """What a browser asks again and again until it is so."""

    holds: Callable[[], bool]


def asked_at(place: str, holds: Callable[[], bool]) -> str:
    """Where the browser asks whether something holds: 200 if it does, 204 until then.

    `place` names the question within the visit. `holds` is quick, and is called outside of any
    run.
    """
    token = _name(f"{visit().id} {place}")
    made = Question(holds)
    visit().hold(place, made)
    _questions()[token] = made
    return _address(token)


@cache
def _questions() -> WeakValueDictionary[str, Question]:
    """Held by the visits that they were made for."""
    return WeakValueDictionary()


@cache
def _offers() -> WeakValueDictionary[str, Offer]:
    """Held by the visits that they were made for."""
    return WeakValueDictionary()


@cache
def _secret() -> bytes:
    return token_bytes(32)


def _name(content: str) -> str:
    return hmac.digest(_secret(), content.encode(), "sha256")[:NAME_BYTES].hex()


def _address(name: str) -> str:
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"{'/' if base else ''}{base}/{FOLDER}/{name}"


async def answer(request: Request) -> Response | None:
    """What a browser gets at one of these addresses; None for a request to any other."""
    _, folder, name = request.url.path.partition(f"/{FOLDER}/")
    if not folder or request.method not in METHODS:
        return None
    found, offered = handed_out(request.url.path), _offers().get(name)
    if found:
        return Response(found.data, headers=FOR_GOOD, media_type=found.kind)
    if question := _questions().get(name):
        return Response(status_code=200 if question.holds() else 204, headers=ANEW)
    if offered:
        return await run_in_threadpool(_made, offered, _view_in(request.url.query))
    return PlainTextResponse(GONE, status_code=404, headers=ANEW)


def _view_in(query: str) -> str:
    return next(iter(parse_qs(query).get(VIEW, ())), "")


def _made(offered: Offer, view: str) -> Response:
    """The download, or in a sentence why there is none."""
    try:
        data = offered.make(view)
    except ValueError as error:
        return PlainTextResponse(str(error), status_code=409, headers=ANEW)
    except Exception as error:
        logging.getLogger(__name__).exception("The download %s could not be made", offered.name)
        sentence = FAILED.format(error=type(error).__name__)
        return PlainTextResponse(sentence, status_code=500, headers=ANEW)
    named = f"attachment; filename*=UTF-8''{quote(offered.name, safe='')}"
    return Response(data, headers={**ANEW, "Content-Disposition": named}, media_type=offered.kind)
