"""The platform's widget for files, with names that are harmless and refusals that are ours.

The platform answers a name that it does not expect, such as one with a null byte or of another
kind, with its own traceback; what a file is, is judged here by what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.base.file_names import harmless_name


@dataclass(frozen=True)
class Came:
    """A file that somebody uploaded; its name is harmless, its content is not."""

    name: str
    file: UploadedFile

    @property
    def suffix(self) -> str:
        """The end of its name in small letters, with its dot; "" where it has none."""
        _, dot, end = self.name.rpartition(".")
        return f"{dot}{end.lower()}" if dot else ""

    def bytes(self) -> bytes:
        """All that it holds."""
        return self.file.getvalue()

    def view(self) -> memoryview:
        """The same without a copy."""
        return self.file.getbuffer()


def draw_file_field(
    label: str, suffixes: Sequence[str], key: str, *, help: str = "", many: bool = False,
    then: Callable[..., None], args: Sequence[Any] = (),
) -> None:  # fmt: skip
    """The widget; `then` is called with `args` when files came or went, `came` gives them."""
    known = ", ".join(suffix.removeprefix(".").upper() for suffix in suffixes)
    st.file_uploader(
        label,
        accept_multiple_files=many,
        key=key,
        on_change=then,
        args=tuple(args),
        help=f"{help}\n\nKinds: {known}.".strip(),
    )


def came(key: str) -> list[Came]:
    """The files in the widget of this key, without those that were released."""
    held = st.session_state.get(key)
    files = held if isinstance(held, list) else [held] if held else []
    there = (file for file in files if isinstance(file, UploadedFile))
    return [Came(harmless_name(file.name), file) for file in there]


def release(files: Iterable[Came]) -> None:
    """Say that files were read: the platform would hold them in memory until the visit is over."""
    context = get_script_run_ctx()
    for one in files if context else ():
        context.uploaded_file_mgr.remove_file(context.session_id, one.file.file_id)
