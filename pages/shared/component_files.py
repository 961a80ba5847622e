"""How scripts and styles reach the browser: as files, from memory, under an address for good.

The folder's name holds a digest of all files, so that a browser never mixes those of two versions.
`serving/` answers. What a component is declared with lies where the platform looks for it, at
`/_stcore/bidi-components/<name>/`; the platform itself reads it from the disk at every request and
lets no browser keep it, so `serving/` answers before it is asked. All else has a short address: a
document's head names every module, and proxies refuse heads that are long.

A browser that failed to import a module does not ask for it again at the same address, so they
stand in the folders `again1`, `again2`, … below that one as well.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

PACKAGE = "losslens"
AGAIN = re.compile(r"again[0-9]+/")
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
MODULES = {".js": "modulepreload"}
STYLES = {".css": "prefetch"}
"""Endings of files that a document names, and what for."""
FOR_GOOD = "public, max-age=31536000, immutable"


class ServedFiles:
    """The files of a folder; `key` names it, `named` says which a document names, and what for."""

    def __init__(self, folder: Path, key: str, named: Mapping[str, str] = MODULES) -> None:
        self.folder, self.key, self.named = folder, key, named

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Name -> content, as they were when this process first asked."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}

    @cached_property
    def version(self) -> str:
        """Its key with the digest of its files."""
        found = blake2b(digest_size=6)
        for name, content in self.files.items():
            found.update(name.encode() + b"\0" + content + b"\0")
        return f"{self.key}_{found.hexdigest()}"

    @property
    def name(self) -> str:
        """The folder's name in addresses."""
        return self.version

    @property
    def address(self) -> str:
        """Where the browser finds the files, a folder."""
        return f"{_base()}/{self.name}/"

    def preload_links(self) -> list[str]:
        """What a document's `Link` header says of the files: to be fetched, not yet used."""
        kinds = {name: self.named.get(Path(name).suffix) for name in self.files}
        return [f"<{self.address}{name}>;rel={kind}" for name, kind in kinds.items() if kind]

    def answer(self, request: Request) -> Response | None:
        """The answer with one of the files of this version; None for any other request."""
        _, folder, name = request.url.path.partition(f"/{self.name}/")
        name = AGAIN.sub("", name, count=1)
        if not folder or name not in self.files or request.method != "GET":
            return None
        headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
        content = self.files[name]
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            content, headers["Content-Encoding"] = _zipped(content), "gzip"
        return Response(content, headers=headers, media_type=TYPES[Path(name).suffix])


class ComponentFiles(ServedFiles):
    """The files that a component is declared with, where the platform serves them."""

    @property
    def name(self) -> str:
        return f"{PACKAGE}.{self.version}"

    @property
    def address(self) -> str:
        return f"{_base()}/_stcore/bidi-components/{self.name}/"

    def register(self) -> None:
        """Make the runtime that is serving know of the folder.

        The platform finds the folders of installed packages by itself; this one is not installed.
        """
        manager = get_bidi_component_manager()
        if manager.get_component_asset_root(self.name) is None:
            config = ComponentConfig(self.version, asset_dir=self.folder.name)
            manifest = ComponentManifest(PACKAGE, "1", [config])
            manager.register_from_manifest(manifest, self.folder.parent)


def _base() -> str:
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"/{base}" if base else ""


@cache
def _zipped(content: bytes) -> bytes:
    return gzip.compress(content)
