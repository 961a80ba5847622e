"""How the viewer's modules reach the browser: as files, from the platform's own route for them.

The platform serves the folder of a component at `/_stcore/bidi-components/<name>/`, under the
base path if there is one. The name holds a digest of all files, so that a browser never mixes
those of two versions. The platform reads them from the disk at every request and lets no browser
keep them: `serving/` answers from memory before it is asked, at the same addresses.

What imports the first of them comes as text with the data of the page: it says what is the matter
where a file does not arrive, and asks for all again. A browser does not do so at an address that
failed, so they stand in the folders `again1`, `again2`, … below that one as well.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

FOLDER = Path(__file__).parent
MODULES = "viewer"
ENTRY = FOLDER / "entry.js"
AGAIN = re.compile(r"again[0-9]+/")
PACKAGE = "losslens"
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
FOR_GOOD = "public, max-age=31536000, immutable"


def component() -> Any:
    """The component, known to the runtime that is serving.

    The platform finds the folders of installed packages by itself; this one is not installed.
    """
    _register()
    return _renderer()


def modules_address() -> str:
    """Where the browser finds the modules, a folder."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"{'/' if base else ''}{base}/_stcore/bidi-components/{PACKAGE}.{_name()}/"


def _register() -> None:
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"{PACKAGE}.{_name()}") is None:
        config = ComponentConfig(_name(), asset_dir=MODULES)
        manager.register_from_manifest(ComponentManifest(PACKAGE, "1", [config]), FOLDER)


@cache
def _renderer() -> Any:
    return st.components.v2.component(f"{PACKAGE}_viewer", js=ENTRY.read_text("utf8"))


@cache
def _name() -> str:
    found = blake2b(digest_size=6)
    for name, content in _files().items():
        found.update(name.encode() + b"\0" + content + b"\0")
    return f"viewer_{found.hexdigest()}"


@cache
def _files() -> dict[str, bytes]:
    """Name -> content, as they were when this process first asked."""
    return {path.name: path.read_bytes() for path in sorted((FOLDER / MODULES).iterdir())}


def preload_links() -> str:
    """What a document's `Link` header says of the modules: to be fetched, not yet run."""
    modules = (name for name in _files() if name.endswith(".js"))
    return ",".join(f"<{modules_address()}{name}>;rel=modulepreload" for name in modules)


def answer_from_memory(request: Request) -> Response | None:
    """The answer with one of the files of this version; None for any other request."""
    _, folder, name = request.url.path.partition(f"/{PACKAGE}.{_name()}/")
    name = AGAIN.sub("", name, count=1)
    if not folder or name not in _files() or request.method != "GET":
        return None
    headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    content = _files()[name]
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content, headers["Content-Encoding"] = _zipped(name), "gzip"
    return Response(content, headers=headers, media_type=TYPES[Path(name).suffix])


@cache
def _zipped(name: str) -> bytes:
    return gzip.compress(_files()[name])
