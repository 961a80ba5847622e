"""How the viewer's modules reach the browser: as files, from the platform's own route for them.

The platform serves the folder of a component at `/_stcore/bidi-components/<name>/`, under the
base path if there is one, and imports the entry module from there; its relative imports lead to
the other files. The name holds a digest of all files, so that a browser never mixes those of two
versions, and whoever serves may let it keep them for good.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

FOLDER = Path(__file__).parent
MODULES = "viewer"
ENTRY = "main.js"
PACKAGE = "losslens"


def component() -> Any:
    """The component, known to the runtime that is serving.

    The platform finds the folders of installed packages by itself; this one is not installed.
    """
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"{PACKAGE}.{_name()}") is None:
        config = ComponentConfig(_name(), asset_dir=MODULES)
        manager.register_from_manifest(ComponentManifest(PACKAGE, "1", [config]), FOLDER)
    return _renderer()


@cache
def _renderer() -> Any:
    return st.components.v2.component(f"{PACKAGE}.{_name()}", js=ENTRY)


@cache
def _name() -> str:
    found = blake2b(digest_size=8)
    for path in sorted((FOLDER / MODULES).iterdir()):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"linked_viewer_{found.hexdigest()}"
