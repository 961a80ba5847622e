"""Zip files of pictures.

What a case makes is put into a folder: `put(folder)` gives the path. `expected` is a part of the
sentence, or the names of the files that come out.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .case import Case, Outcome
from .weights import File

DATA = b"as many bytes as a picture"
Name = str | zipfile.ZipInfo
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def entry(name: str, mode: int = 0, date: tuple[int, ...] | None = None) -> zipfile.ZipInfo:
    """A member of this very name: the library's constructor mends names."""
    info = zipfile.ZipInfo("x.png", *([date] if date else []))
    info.filename, info.external_attr = name, mode << 16
    return info


def zipped(entries: Mapping[Name, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, packing)
    return file.getvalue()


def patched(data: bytes, after: bytes, place: int, form: str, value: int) -> bytes:
    """The same with a number changed, so many bytes behind the last mark."""
    changed, start = bytearray(data), data.rindex(after) + place
    struct.pack_into(form, changed, start, value)
    return bytes(changed)


def _one(name: Name = "1.png", content: bytes = DATA) -> bytes:
    return zipped({name: content})


def _many(count: int) -> bytes:
    """So many members in the list at the end, all of them the first."""
    whole = _one()
    start, end = whole.index(CENTRAL), whole.index(END)
    listed = b"".join(
        whole[start:end].replace(b"1.png", b"%05x" % (number % 16**5)) for number in range(count)
    )
    tail = struct.pack(
        "<4s4H2LH", END, 0, 0, min(count, 0xFFFF), min(count, 0xFFFF), len(listed), start, 0
    )
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(listed), start
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(listed), 1)
    return whole[:start] + listed + record + locator + tail


def _bad_crc() -> bytes:
    data = _one()
    return data.replace(DATA, DATA[::-1])


def _file(data: Callable[[], bytes], name: str = "set.zip") -> File:
    return File(name, lambda path: path.write_bytes(data()))


def _refused(name: str, said: str, data: Callable[[], bytes]) -> Case:
    return Case(name, Outcome.REFUSED, lambda: _file(data), said)


def _shown(name: str, files: list[str], data: Callable[[], bytes]) -> Case:
    return Case(name, Outcome.SHOWN, lambda: _file(data), files)


def _named() -> Iterator[Case]:
    out = {
        "up": "../1.png",
        "up in the middle": "a/../../1.png",
        "up, with backslashes": "..\\1.png",
        "to the root": "/1.png",
        "to the root, with backslashes": "\\1.png",
        "to another machine": "\\\\server\\share\\1.png",
        "to a drive": "C:/1.png",
        "to a place on a drive": "c:1.png",
        "up, for a file that is passed over": "../notes.txt",
        "up, by a folder alone": "../a/",
    }
    for where, name in out.items():
        yield _refused(
            f"a name that leads {where}",
            "leads out",
            lambda name=name: zipped({"good.png": DATA, entry(name): DATA}),
        )
    yield _refused("a name with a null byte", "null byte", lambda: _one(entry("1.png\0.txt")))
    yield _refused(
        "a name that is no text in UTF-8",
        "damaged",
        lambda: _one(entry("é.png")).replace("é.png".encode(), b"\xed\xa0.png"),
    )
    yield _refused("a name of 300 characters", "too long", lambda: _one(f"{'x' * 300}.png"))
    yield _refused("folders 3,000 deep", "too long", lambda: _one(f"{'a/' * 3000}1.png"))
    yield _shown("a name with a new line", ["a\nb.png"], lambda: _one("a\nb.png"))
    yield _shown("a name in another script", ["画像/日本.png"], lambda: _one("画像/日本.png"))
    yield _shown("backslashes for folders", ["a/1.png"], lambda: _one(entry("a\\1.png")))
    for twice in ("1.png", "1.PNG"):
        yield _refused(
            f"two files called 1.png and {twice}",
            "twice",
            lambda twice=twice: zipped({entry("1.png"): DATA, entry(twice): b"other"}),
        )
    yield _refused(
        "a file and a folder of one name",
        "cannot be unpacked",
        lambda: zipped({"1.png": DATA, "1.png/2.png": DATA}),
    )
    for what, mode in {"link": 0o120777, "pipe": 0o010644, "device": 0o020644}.items():
        yield _refused(
            f"a {what} in it",
            "link or no file",
            lambda mode=mode: _one(entry("1.png", mode), b"/etc/passwd"),
        )


def _sized() -> Iterator[Case]:
    yield _refused(
        "a bomb: 32 MB of zeros in 32 kB",
        "more than 200 to 1",
        lambda: zipped({"1.bmp": bytes(2**25)}, zipfile.ZIP_DEFLATED),
    )
    yield _refused(
        "a bomb of the strongest packing",
        "more than 200 to 1",
        lambda: zipped({"1.bmp": bytes(2**24 + 1)}, zipfile.ZIP_LZMA),
    )
    yield _refused("100,000 entries", "100,000 entries", lambda: _many(100_000))
    yield _refused(
        "a size of 4 GB for a few bytes",
        "packs 4,294,967,294 bytes into 26",
        lambda: patched(_one(), CENTRAL, 24, "<L", 2**32 - 2),
    )
    yield _refused(
        "a size that is too small",
        "set.zip",
        lambda: patched(_one(), CENTRAL, 24, "<L", 5),
    )
    yield _refused(
        "a zip64 size that is not there",
        "set.zip",
        lambda: patched(_one(), CENTRAL, 24, "<L", 2**32 - 1),
    )
    yield _refused(
        "a place beyond the file",
        "set.zip",
        lambda: patched(_one(), CENTRAL, 42, "<L", 10**6),
    )
    yield _refused(
        "a list that is longer than the file",
        "set.zip",
        lambda: patched(_one(), END, 12, "<L", 10**6),
    )


def _damaged() -> Iterator[Case]:
    for cut in (0, 1, 40, 80, 110):
        yield _refused(f"a file cut after {cut} bytes", "damaged", lambda cut=cut: _one()[:cut])
    yield _refused("no zip file at all", "damaged", lambda: b"GIF89a" * 100)
    yield _refused("a content that is another than its checksum", "damaged", _bad_crc)
    yield _refused(
        "a packing that nobody knows", "damaged", lambda: patched(_one(), CENTRAL, 10, "<H", 99)
    )
    yield _refused(
        "a stream that is no stream",
        "damaged",
        lambda: patched(_one(), CENTRAL, 10, "<H", zipfile.ZIP_DEFLATED),
    )
    yield _refused("a password", "needs a password", lambda: patched(_one(), CENTRAL, 8, "<H", 1))
    yield _refused(
        "another name in front of the content than in the list",
        "damaged",
        lambda: _one().replace(b"1.png", b"2.png", 1),
    )
    yield _shown("a month 0", ["1.png"], lambda: patched(_one(), CENTRAL, 14, "<H", 0))
    yield _shown("a program in front of it", ["1.png"], lambda: b"MZ" + bytes(500) + _one())
    yield _shown(
        "a comment behind it", ["1.png"], lambda: patched(_one(), END, 20, "<H", 4) + b"said"
    )


def _usual() -> Iterator[Case]:
    litter = {
        "set/gt/1.png": DATA,
        "set/notes.txt": DATA,
        "set/run.py": DATA,
        "set/.DS_Store": DATA,
        "__MACOSX/set/gt/._1.png": DATA,
        "set/Thumbs.db": DATA,
    }
    yield _shown("litter of operating systems", ["set/gt/1.png"], lambda: zipped(litter))
    yield _shown(
        "a zip file in it, which stays packed",
        ["1.png"],
        lambda: zipped({"1.png": DATA, "inner.zip": zipped({"../2.png": DATA})}),
    )
    yield _shown("a password on what is passed over", [], _locked_text)
    yield _shown("nothing in it", [], lambda: zipped({}))
    yield _shown("only folders", [], lambda: zipped({"a/": b"", "b.png/": b""}))
    yield _shown("an empty file", ["1.png"], lambda: _one(content=b""))
    for name, packing in {"deflate": 8, "bzip2": 12, "LZMA": 14}.items():
        yield _shown(
            f"a picture packed by {name}",
            ["1.png"],
            lambda packing=packing: zipped({"1.png": DATA}, packing),
        )


def _locked_text() -> bytes:
    return patched(_one("notes.txt"), CENTRAL, 8, "<H", 1)


def _unusual() -> Iterator[Case]:
    kinds: dict[str, tuple[Callable[[Path], object], str]] = {
        "a folder called set.zip": (lambda path: path.mkdir(), "a folder"),
        "a pipe called set.zip": (os.mkfifo, "a pipe"),
        "a link to nothing": (lambda path: path.symlink_to("nowhere"), "a link to nothing"),
        "a link to itself": (lambda path: path.symlink_to(path.name), "back to itself"),
        "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
    }
    for what, (write, said) in kinds.items():
        yield Case(what, Outcome.REFUSED, lambda write=write: File("set.zip", write), said)


CASES = [*_named(), *_sized(), *_damaged(), *_usual(), *_unusual()]
