"""The viewer's modules inside one page: a browser reads none from beside a file on the disk.

They stand in it compressed, and the first script makes of each a `data:` address in an import map,
where it is called by its file's name; the modules stay what they are. The style and the colour
maps, which they otherwise fetch, come as a module of the same name.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from functools import cache
from pathlib import Path

from ..base.json_numbers import dumps
from ..viewer import MODULES

PAGE = Path(__file__).with_name("page")
ASSETS, START = "assets.js", "start.js"
IMPORTED = re.compile(r'(\b(?:from|import) ")(?:\.{1,2}/)+(?:[\w/]+/)?(\w+\.js")')
"""The address of another module, in front of its name."""


@cache
def modules() -> dict[str, str]:
    """Name -> the whole module, which imports others by their names."""
    paths = [*sorted(MODULES.glob("*.js")), *sorted(PAGE.glob("*.js"))]
    texts = {
        path.name: IMPORTED.sub(r"\1\2", path.read_text("utf8"))
        for path in paths
        if path.name != START
    }
    return texts | {ASSETS: _assets()}


@cache
def packed_modules() -> str:
    """All modules as JSON, deflated, in base64."""
    return b64encode(zlib.compress(dumps(modules()).encode(), 9)).decode()


@cache
def first_script() -> str:
    """What unpacks them."""
    return (PAGE / START).read_text("utf8")


@cache
def viewer_style() -> str:
    """The viewer's style sheet."""
    return (MODULES / "viewer.css").read_text("utf8")


def _assets() -> str:
    maps = (MODULES / "colours.json").read_text("utf8")
    return f"export const STYLE = {dumps(viewer_style())};\nexport const COLOUR_MAPS = {maps};\n"
