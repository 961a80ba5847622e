"""The viewer's modules inside one page: a browser reads none from beside a file on the disk.

Each becomes a `data:` address in the page's import map, where it is called by its file's name;
the modules stay what they are. The style and the colour maps, which they otherwise fetch, come as
a module of the same name.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from ..base.json_numbers import dumps
from ..viewer import MODULES

PAGE = Path(__file__).with_name("page")
ASSETS = "assets.js"
IMPORTED = re.compile(r'(\b(?:from|import) ")(?:\.{1,2}/)+(?:[\w/]+/)?(\w+\.js")')
"""The address of another module, in front of its name."""


@cache
def import_map() -> dict[str, dict[str, str]]:
    """Name -> address with the whole module in it, as an import map has it."""
    paths = [*sorted(MODULES.glob("*.js")), *sorted(PAGE.glob("*.js"))]
    texts = {path.name: IMPORTED.sub(r"\1\2", path.read_text("utf8")) for path in paths}
    texts[ASSETS] = _assets()
    return {"imports": {name: _address(text) for name, text in texts.items()}}


@cache
def viewer_style() -> str:
    """The viewer's style sheet."""
    return (MODULES / "viewer.css").read_text("utf8")


def _assets() -> str:
    maps = (MODULES / "colours.json").read_text("utf8")
    return f"export const STYLE = {dumps(viewer_style())};\nexport const COLOUR_MAPS = {maps};\n"


def _address(text: str) -> str:
    return f"data:text/javascript;base64,{b64encode(text.encode()).decode()}"
