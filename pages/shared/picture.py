"""The picture of the workbench: from the gallery, or uploaded, and the part of a large one."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.export import file_name
from core.imaging.gallery import GALLERY
from core.imaging.images import Region
from core.imaging.large_photo import default_part, lattice_part, needs_part, scaled
from pages.shared import address, cached, sets
from pages.shared.choose import choose_listed, typed
from pages.shared.folder_field import draw_folder_field
from pages.shared.linked_viewer import Panel, linked_viewer
from pages.shared.plain import plain
from pages.shared.source import Source
from pages.shared.upload_sets import ARCHIVES, makes_a_set, open_files

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TYPES = ("png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp")
PREFIX = "upload-"
NAME_LENGTH = 12  # hexadecimal digits of the digest that stand in the address
LINKED = re.compile(rf"({PREFIX}[0-9a-f]+)\)?$")
KEPT_UPLOADS = 4
KEPT_PIXELS = 60_000_000
"""Of all uploads of a visit together; the newest is kept whatever its size."""
THUMBNAIL = 768
SEEN = "files_seen"
UPLOADS = (
    "One picture is looked at and degraded here. Several, or a zip, are a set: clean, noisy and "
    "any methods’ outputs, told apart by their names or folders, such as `clean/1.png`, "
    "`noisy/1.png`, `BM3D/1.png`, or `1_clean.png`, `1_noisy.png`."
)
LINKED_UPLOAD = (
    "This link shows a picture that someone uploaded. The file itself is not in the link: upload "
    "the same file to see it. Everything else in the link is kept."
)


def choose_picture() -> Source | None:
    """The picture's widgets, in the sidebar; None while a linked upload is missing."""
    key = choose_listed("image", "Picture", _labels())
    index = sets.choose_item(key) if key in sets.sets() else 0
    with st.container(horizontal=True):
        st.button("◀ Previous", on_click=step_picture, args=(-1,), width="stretch")
        st.button("Next ▶", on_click=step_picture, args=(1,), width="stretch")
    _uploader("Upload a photo, or your results: several files, or a zip", "upload", many=True)
    draw_folder_field()
    source = sets.item_source(key, index) if key in sets.sets() else _source(key)
    if source:
        width, height = source.size
        st.caption(plain(f"{source.credit} · {width} × {height} pixels"))
    return source


def ask_for_upload() -> None:
    """In the page: the link's picture is someone's file."""
    st.info(LINKED_UPLOAD)
    _uploader("The file of this link", "linked_upload")


def step_picture(step: int) -> None:
    """Choose the next (+1) or the previous (-1) picture."""
    now = st.session_state.get("image")
    if len(sets.sets().get(now, ())) > 1:
        sets.step_item(now, step)
        return
    keys = [key for key in _labels() if not LINKED.fullmatch(key) or key in _uploads()]
    st.session_state["image"] = keys[(keys.index(now) + step) % len(keys) if now in keys else 0]
    address.forget_notes()


def _labels() -> dict[str, str]:
    """Key -> label: the server's set, the gallery, this visit's sets and uploads.

    And a linked upload if it is missing.
    """
    labels = sets.labels_of(sets.of_server())
    labels |= {spec.key: spec.label for spec in GALLERY.values()}
    labels |= sets.labels_of(sets.of_visit())
    labels |= {key: upload_label(source) for key, source in _uploads().items()}
    for text in (st.query_params.get("image", ""), st.session_state.get("image") or ""):
        if found := LINKED.search(text):
            labels.setdefault(found[1], text)
    return labels


def upload_label(source: Source) -> str:
    """The file's name; the key after it says in a link which file is meant."""
    return f"{source.label} ({source.key})"


def _uploads() -> dict[str, Source]:
    return st.session_state.setdefault("uploads", {})


def _source(key: str) -> Source | None:
    if key not in GALLERY:
        return _uploads().get(key)
    spec = GALLERY[key]
    array = cached.gallery_array(key)
    return Source(key, spec.label, spec.credit, array, cached.array_digest(key, array))


def _uploader(label: str, key: str, *, many: bool = False) -> None:
    """The platform's widget; where `many` may come, several pictures are a set."""
    st.file_uploader(
        label,
        [*TYPES, *(ARCHIVES if many else ())],
        accept_multiple_files=many,
        key=key,
        on_change=_take_upload,
        args=(key,),
        help=UPLOADS if many else None,
    )
    error = st.session_state.get("upload_error", {}).get(key)
    if error:
        st.error(plain(error))


def _take_upload(widget: str) -> None:
    """Read what came and show it; a bad file leaves everything as it was."""
    st.session_state["upload_error"] = {}
    files = _newly_come(st.session_state[widget])
    if not files:
        return
    try:
        if makes_a_set(files):
            _show_set(open_files(files))
        else:
            _show_upload(files[0].name, cached.uploaded_array(files[0].getvalue()))
    except ValueError as error:
        names = files[0].name if len(files) == 1 else f"{len(files)} files"
        st.session_state["upload_error"] = {widget: f"{names}: {error}"}


def _newly_come(came: UploadedFile | list[UploadedFile] | None) -> list[UploadedFile]:
    """The files that were not there before: a widget of several keeps all that ever came."""
    files = came if isinstance(came, list) else [came] if came else []
    seen: set[str] = st.session_state.setdefault(SEEN, set())
    fresh = [file for file in files if file.file_id not in seen]
    seen.update(file.file_id for file in fresh)
    return fresh


def _show_set(key: str) -> None:
    address.forget_notes()
    st.session_state["image"], st.session_state[sets.ITEM] = key, 1


def _show_upload(name: str, array: np.ndarray) -> None:
    from core.imaging.images import digest

    full = digest(array)
    key = PREFIX + full[:NAME_LENGTH]
    address.forget_notes()
    now = st.session_state.get("image", "")
    if now.startswith(PREFIX) and now not in _uploads() and now != key:
        address.notes().append(
            f"{name} is not the file of the link, so it is shown as a new picture."
        )
    _uploads().pop(key, None)  # so that it stands last, as the newest
    _uploads()[key] = Source(key, name, f"Your file {name}", array, full)
    _forget_old_uploads()
    st.session_state["image"] = key


def _forget_old_uploads() -> None:
    uploads = _uploads()
    while len(uploads) > 1 and (
        len(uploads) > KEPT_UPLOADS
        or sum(source.size[0] * source.size[1] for source in uploads.values()) > KEPT_PIXELS
    ):
        del uploads[next(iter(uploads))]


# Parts of large photos ---------------------------------------------------------------------------


def choose_part(source: Source) -> Region | None:
    """The part of a large photo: drawn on a small picture or typed; None for all of a small."""
    width, height = source.size
    if not needs_part(width, height):
        return None
    part = _current_part(width, height)
    with st.expander(f"This photo is {width:,} × {height:,} pixels: choose the part to look at"):
        st.caption(
            "Drag a box over the part, or type it below in pixels of the photo: up to "
            "1024 × 1024, on multiples of 16."
        )
        small = cached.thumbnail(source.digest, THUMBNAIL, source.array)
        linked_viewer(
            [Panel("photo", source.label, cached.encoded(f"{source.digest}:small", small))],
            key="part_viewer",
            region=scaled(part, small.shape[1] / width),
            region_label=f"Part {part.width} × {part.height} at {part.x}, {part.y}",
            drag="region",
            height=300,
            name=file_name("photo", picture=source.label),
            on_region_change=partial(_take_part, width / small.shape[1], width, height),
        )
        typed("part", "Part: x, y, width, height", placeholder=part.text)
    return part


def _take_part(factor: float, width: int, height: int, drawn: Region | None) -> None:
    part = lattice_part(scaled(drawn, factor), width, height) if drawn else None
    st.session_state["part"] = part.text if part else ""


def _current_part(width: int, height: int) -> Region:
    text = st.session_state.get("part", st.query_params.get("part", "")) or ""
    try:
        return lattice_part(Region.parse(text), width, height)
    except ValueError as error:
        if text:
            st.warning(plain(f"{error} The middle is shown instead."))
        return default_part(width, height)
