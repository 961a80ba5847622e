"""Downloads: a button that fetches a file, made when it is clicked, and says why if it cannot.

The platform's own button has the file made as well, but forgets how at the next run of anybody
else's page, and then says only that it is not available.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.component_files import ComponentFiles
from pages.shared.computing import made_in_turn
from pages.shared.handed import offer
from pages.shared.visits import visit

BUTTON = ComponentFiles(Path(__file__).parent / "button", "download")


def download(
    label: str,
    make: Callable[..., bytes | str],
    name: str,
    kind: str,
    *,
    key: str,
    disabled: bool = False,
    viewer: str = "",
) -> None:
    """Draw the button of a file called `name` of the MIME type `kind`.

    `make` gives its content when the button is clicked and its turn comes, outside of any run:
    whatever it needs of the address and the session state is given to it here. It waits for no
    other turn. Where it raises `ValueError`, the sentence stands beside the button. `key` is the
    place's own among all pages.

    With `viewer`, the key of a linked viewer on the page, `make` is given its view: the text of a
    link to it, as the browser says, or nothing.
    """
    who = visit().presence

    def in_line(view: str) -> bytes | str:
        return made_in_turn(partial(make, view) if viewer else make, who)

    address = "" if disabled else offer(in_line, name, kind, key)
    data = {"label": label, "address": address, "name": name, "viewer": viewer}
    _component()(key=key, data=data, width="content")


def _component() -> Any:
    """The component, known to the runtime that is serving."""
    BUTTON.register()
    return _renderer()


@cache
def _renderer() -> Any:
    html = "<div><button type=button></button><span role=status></span></div>\n"
    return st.components.v2.component(BUTTON.name, html=html, css="download.css", js="download.js")
