"""A comparison as one page: opens from the disk, asks for nothing, runs nothing but its own.

The pictures stand in a block of JSON, so that no text of theirs is ever markup. The page's policy
lets only scripts run that carry its number, which is of all that it holds: nobody can name it in
a text that goes into the file.
"""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b, sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from ..base.files import write_whole
from ..base.json_numbers import dumps
from ..base.paths import ROOT
from ..viewer import Encoded
from .arrays import report_of, set_report_of
from .document import Report, to_document
from .inlined import PAGE, first_script, packed_modules, viewer_style

CONFIG = ROOT / ".streamlit" / "config.toml"
SAID_OTHERWISE = re.compile("[<>&]|h(?=ttp)", re.IGNORECASE)
"""What JSON says by number inside a page: no tag begins or ends there, and no address."""


def write_comparison(path: str | Path, pictures: Mapping[str, Any], **said: Any) -> None:
    """Write pictures as one page with the linked viewer, which opens without a server.

    `pictures` are arrays or tensors by their labels: uint8, or floats in [0, 1], `(H, W, 3)`,
    `(3, H, W)` or `(H, W)`. "clean" and "noisy" are the reference and the input, all others
    outputs. Further arguments are those of `core.report.arrays.shown_of`: `title`, `sentence`,
    `settings` (values by their headings), `metrics` (keys of `core.metrics.METRICS`, measured
    against "clean"), and `spectra` and `curves`, which add these. `path` conventionally ends in
    `.losslens.html`. Raises `ValueError` for pictures that are none, and `FileError` where the
    file cannot be written.
    """
    write_whole(Path(path), html_of(report_of(pictures, **said)))


def write_set(path: str | Path, pictures: Mapping[str, Mapping[str, Any]], **said: Any) -> None:
    """Write several pictures as one page with a strip to choose from.

    `pictures` are name -> what `write_comparison` takes of one, which has the further arguments
    and errors too; `title` is the page's.
    """
    write_whole(Path(path), html_of(set_report_of(pictures, **said)))


def html_of(report: Report) -> str:
    """The page of a report."""
    document, files = to_document(report)
    held = {name: _file(encoded, b64encode(encoded.data)) for name, encoded in files.items()}
    return _page(report.title, document | {"files": held})


def size_of(report: Report) -> int:
    """About how many bytes the page has, before there is one."""
    document, files = to_document(report)
    held = {name: _file(encoded, b"") for name, encoded in files.items()}
    shell = len(_page(report.title, document | {"files": held}).encode())
    return shell + sum(4 * -(-len(encoded.data) // 3) for encoded in files.values())


def _file(encoded: Encoded, data: bytes) -> dict[str, str]:
    extra = {name: getattr(encoded, name) for name in getattr(encoded, "WRITTEN", ())}
    return {"kind": encoded.kind, **extra, "data": data.decode()}


def _page(title: str, document: Mapping[str, Any]) -> str:
    data = _in_script(document)
    style = _style()
    return Template((PAGE / "page.html").read_text("utf8")).substitute(
        title=escape(title).replace("http", "&#104;ttp"),
        number=blake2b(data.encode(), digest_size=16).hexdigest(),
        styles=" ".join(map(_hash, (style, viewer_style()))),
        style=style,
        modules=_in_script(packed_modules()),
        start=first_script(),
        data=data,
    )


def _in_script(document: Any) -> str:
    text = dumps(document, ensure_ascii=True, separators=(",", ":"))
    return SAID_OTHERWISE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _hash(style: str) -> str:
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"


@cache
def _style() -> str:
    """The dashboard's colours and fonts, then the page's own style."""
    theme = tomllib.loads(CONFIG.read_text("utf8"))["theme"]
    light, dark = (_variables(theme | theme[name]) for name in ("light", "dark"))
    scheme = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    return f":root {{ {light} }}\n{scheme}\n{(PAGE / 'report.css').read_text('utf8')}"


def _variables(theme: Mapping[str, Any]) -> str:
    said = {name: value for name, value in theme.items() if isinstance(value, str)}
    return " ".join(f"--st-{_hyphened(name)}: {value};" for name, value in said.items())


def _hyphened(name: str) -> str:
    """As style sheets write it: `primary-color`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name)
