"""Many visitors at once, each on pictures of their own, and what each of them was shown.

`python -m pages.shared.visitors ADDRESS` runs them; `core.bench` counts what went wrong.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from threading import Lock
from time import monotonic, sleep
from typing import Any

import numpy as np
from streamlit.proto.Common_pb2 import DoubleArray

from core.imaging.gallery import GALLERY
from core.imaging.images import encode_png
from pages.shared.visitors.screen import Screen
from pages.shared.visitors.visitor import Failed, Visitor

SIDE = 224
PAGES = ("artifacts", "spectrum", "attention", "leaderboard")
FIRST, SECOND = 0.15, 0.1
"""The noise at first, and what each visitor changes it to."""
ZIP = "Download pictures and numbers"
THINKING = (0.5, 2.0)
LEAVERS = 4
Seen = dict[str, str]
"""Name -> digest of the bytes that were shown or saved under it."""


@dataclass(frozen=True)
class Trip:
    """A visit: its picture, the page that it goes to beside Compare, and the noise's seed."""

    number: int

    @property
    def page(self) -> str:
        return PAGES[self.number % len(PAGES)]

    @property
    def picture(self) -> np.ndarray:
        """A part of a gallery picture, uint8 (224, 224, 3), with a pixel that no other has."""
        rng = np.random.default_rng(self.number)
        keys = list(GALLERY)
        whole = GALLERY[keys[rng.integers(len(keys))]]()
        top, left = (rng.integers(size - SIDE + 1) for size in whole.shape[:2])
        part = whole[top : top + SIDE, left : left + SIDE].copy()
        part[0, 0] = [self.number >> 16 & 255, self.number >> 8 & 255, self.number & 255]
        return part


@dataclass
class Notes:
    """What visitors saw: errors, downloads that failed and that did not, waits, and digests."""

    errors: list[str] = field(default_factory=list)
    failed_downloads: list[str] = field(default_factory=list)
    downloads: int = 0
    waits: list[float] = field(default_factory=list)
    seen: dict[int, Seen] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def complain(self, visitor: Visitor, where: str) -> None:
        with self.lock:
            self.errors += [f"{where}: {said}" for said in visitor.screen.complaints]

    def fail(self, error: Exception, where: str) -> None:
        with self.lock:
            self.errors.append(f"{where}: {type(error).__name__}: {error}")

    @property
    def document(self) -> dict[str, Any]:
        names = ("errors", "failed_downloads", "downloads", "waits", "seen")
        return {name: getattr(self, name) for name in names}


def all_there(screen: Screen) -> bool:
    """Whether every panel of Compare shows the upload; what is shown before is larger."""
    viewers = [one["panels"] for one in screen.components if "panels" in one]
    return any(len(panels) > 2 and all(map(is_upload, panels)) for panels in viewers)


def is_upload(panel: dict[str, Any]) -> bool:
    """Whether it has its picture, or the sentence why there is none."""
    image = panel["image"]
    return (image["width"], image["height"]) == (SIDE, SIDE) if image else bool(panel["error"])


def pictures(visitor: Visitor) -> Seen:
    """Every picture and map that the page shows, as it comes from the server."""
    found: Seen = {}
    for viewer in (one for one in visitor.screen.components if "panels" in one):
        if not all(map(is_upload, viewer["panels"])):
            continue  # what was shown before the upload goes at the end of the run
        for panel in viewer["panels"]:
            drawn = [("image", panel["image"]), *((x["key"], x) for x in panel["layers"])]
            for name, one in drawn:
                if one and one["url"]:
                    label = f"{viewer['key']} {panel['key']} {name}"
                    found[label] = sha256(visitor.fetch(one["url"])).hexdigest()
    return found


def saved(visitor: Visitor) -> Seen:
    """What the zip of Compare holds."""
    (address,) = [one["address"] for one in visitor.screen.components if one.get("label") == ZIP]
    with zipfile.ZipFile(io.BytesIO(visitor.fetch(address))) as archive:
        return {name: sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def stroll(visitor: Visitor, trip: Trip, notes: Notes, pause: Iterator[float]) -> Seen:
    """One visit from its first page to its last: what it saw on the way."""
    seen: Seen = {}

    def note(where: str, found: Seen) -> None:
        seen.update({f"{where}: {name}": digest for name, digest in found.items()})
        notes.complain(visitor, f"trip {trip.number}, {where}")
        sleep(next(pause))

    visitor.open(f"sigma={FIRST}")
    visitor.until(lambda screen: screen.finished > 0, "the first page")
    began = monotonic()
    visitor.upload("upload", f"trip {trip.number}.png", encode_png(trip.picture))
    visitor.until(all_there, "all variants of an upload")
    shown = pictures(visitor)
    notes.waits.append(monotonic() - began)
    note("compare", shown)
    visitor.rest()
    try:
        note("saved", saved(visitor))
        notes.downloads += 1
    except (Failed, ValueError, zipfile.BadZipFile) as error:
        notes.failed_downloads.append(f"trip {trip.number}: {error}")
    visitor.go(trip.page)
    visitor.rest()
    note(trip.page, pictures(visitor))
    visitor.go("")
    visitor.rest()
    visitor.choose("slider", "sigma", double_array_value=DoubleArray(data=[SECOND]))
    visitor.rest()
    note("other noise", pictures(visitor))
    return seen


def visit(address: str, trip: Trip, notes: Notes, pause: Iterator[float]) -> None:
    """One visit, whatever comes of it."""
    visitor = Visitor(address)
    try:
        seen = stroll(visitor, trip, notes, pause)
        with notes.lock:
            notes.seen[trip.number] = seen
    except Exception as error:
        notes.fail(error, f"trip {trip.number}")
    finally:
        visitor.leave()


def crowd(address: str, visitors: int, seconds: float) -> Notes:
    """So many visitors at once for so long; where one leaves, another one comes."""
    notes, end = Notes(), monotonic() + seconds

    def one_after_another(place: int) -> None:
        rng, number = Random(place), place
        while monotonic() < end:
            visit(address, Trip(number), notes, iter(lambda: rng.uniform(*THINKING), None))
            number += visitors

    with ThreadPoolExecutor(visitors) as threads:
        list(threads.map(one_after_another, range(visitors)))
    return notes


def alone(address: str, trips: list[int], seconds: float) -> Notes:
    """A single visitor on the same trips one after the other, as many as fit into the time."""
    notes, end = Notes(), monotonic() + seconds
    for number in trips:
        if monotonic() > end:
            break
        visit(address, Trip(number), notes, iter(lambda: 0.0, None))
    return notes


def leavers(address: str, times: int) -> Notes:
    """Visitors that open a picture which nobody looked at yet and leave while it is computed."""
    notes = Notes()

    def come_and_go(number: int) -> None:
        visitor = Visitor(address)
        try:
            visitor.open(f"image=brick&seed={1000 + number}")
            visitor.until(
                lambda screen: bool(screen.awaited) or screen.still, "a picture to compute"
            )
            notes.complain(visitor, f"leaver {number}")
        except Exception as error:
            notes.fail(error, f"leaver {number}")
        finally:
            visitor.leave()

    with ThreadPoolExecutor(LEAVERS) as threads:
        list(threads.map(come_and_go, range(times)))
    return notes
