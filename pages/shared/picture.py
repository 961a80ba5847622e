"""The picture of the workbench: from the gallery, or uploaded, and the part of a large one."""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from core.imaging.decoding import BY_TYPE, SUFFIXES, RangeError
from core.imaging.export import file_name
from core.imaging.gallery import GALLERY
from core.imaging.images import Region
from core.imaging.large_photo import default_part, lattice_part, needs_part, scaled
from core.viewer import Panel
from pages.shared import address, cached, sets, value_range
from pages.shared.choose import Field, choose_listed
from pages.shared.file_field import Came, came, draw_file_field, release
from pages.shared.folder_field import draw_folder_field
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.source import Source
from pages.shared.upload_sets import ARCHIVES, makes_a_set, open_files, tell_left_out
from pages.shared.uploads import NAME_LENGTH, PREFIX, Upload, keep, uploads

LINKED = re.compile(rf"({PREFIX}[0-9a-f]{{1,{NAME_LENGTH}}})\)?$")
LONGEST_NAME = 300
"""Characters of an upload's name and key; no file system has longer names."""
PART = Field(
    "part", "Part: x, y, width, height", "four whole numbers x,y,width,height", Region.parse
)
THUMBNAIL = 768
SEEN, ASKED = "files_seen", "asked_of_picture"
UPLOADS = (
    "One picture is looked at and degraded here. Several, or a zip, are a set: clean, noisy and "
    "any methods’ outputs, told apart by their names or folders, such as `clean/1.png`, "
    "`noisy/1.png`, `BM3D/1.png`, or `1_clean.png`, `1_noisy.png`. A saved comparison "
    "(`.losslens.html`) is opened again."
)
LINKED_UPLOAD = (
    "This link shows a picture that someone uploaded. The file itself is not in the link: upload "
    "the same file to see it. Everything else in the link is kept."
)


def choose_picture() -> Source | None:
    """The picture's widgets, in the sidebar; None where something has to be asked first."""
    key = choose_listed("image", "Picture", _labels())
    index = sets.choose_item(key) if key in sets.sets() else 0
    with st.container(horizontal=True):
        st.button("◀ Previous", on_click=step_picture, args=(-1,), width="stretch")
        st.button("Next ▶", on_click=step_picture, args=(1,), width="stretch")
    _uploader("Upload a photo, or your results: several files, or a zip", "upload", many=True)
    draw_folder_field()
    st.session_state[ASKED] = ""
    try:
        source = _source(key, index)
    except RangeError as error:
        st.session_state[ASKED] = str(error)
        return None
    if source:
        _describe(source)
    return source


def _describe(source: Source) -> None:
    """What the picture is, how its values are read, and what was found in its file."""
    width, height = source.size
    st.caption(plain(f"{source.credit} · {width} × {height} pixels"))
    if source.is_deep or (source.given and value_range.chosen() != BY_TYPE.key):
        value_range.draw_choice()
    for note in source.notes:
        st.caption(plain(note.text))


def ask_for_picture() -> None:
    """In the page: how to read the picture's values, or the file of a link."""
    if asked := st.session_state[ASKED]:
        st.warning(plain(asked))
        value_range.draw_choice()
        return
    st.info(LINKED_UPLOAD)
    _uploader("The file of this link", "linked_upload")


def step_picture(step: int) -> None:
    """Choose the next (+1) or the previous (-1) picture."""
    now = st.session_state.get("image")
    if len(sets.sets().get(now, ())) > 1:
        sets.step_item(now, step)
        return
    keys = [key for key in _labels() if not LINKED.fullmatch(key) or key in uploads()]
    st.session_state["image"] = keys[(keys.index(now) + step) % len(keys) if now in keys else 0]
    address.forget_notes()


def _labels() -> dict[str, str]:
    """Key -> label: the server's set, the gallery, this visit's sets and uploads.

    And a linked upload if it is missing.
    """
    labels = sets.labels_of(sets.of_server())
    labels |= {spec.key: spec.label for spec in GALLERY.values()}
    labels |= sets.labels_of(sets.of_visit())
    labels |= {key: upload.label for key, upload in uploads().items()}
    for text in (*address.texts("image"), st.session_state.get("image") or ""):
        if len(text) <= LONGEST_NAME and (found := LINKED.search(text)):
            labels.setdefault(found[1], text)
    return labels


def _source(key: str, index: int) -> Source | None:
    """The chosen picture. Raises `RangeError` where the person has to say how to read it."""
    values = value_range.chosen()
    if key in sets.sets():
        return sets.item_source(key, index, values)
    if key not in GALLERY:
        return uploads()[key].source(values) if key in uploads() else None
    spec = GALLERY[key]
    array = cached.pictures.gallery_array(key)
    digest, size = cached.pictures.array_digest(key, array), array.shape[1::-1]
    return Source(
        key, spec.label, spec.credit, partial(cached.pictures.gallery_array, key), size, digest
    )


def _uploader(label: str, key: str, *, many: bool = False) -> None:
    """The widget; where `many` may come, several pictures are a set."""
    suffixes = [*sorted(SUFFIXES), *(ARCHIVES if many else ())]
    explained = UPLOADS if many else ""
    draw_file_field(
        label, suffixes, key, help=explained, many=many, then=_take_upload, args=(key,)
    )
    error = st.session_state.get("upload_error", {}).get(key)
    if error:
        st.error(plain(error))


def _take_upload(widget: str) -> None:
    """Read what came and show it; a bad file leaves everything as it was."""
    st.session_state["upload_error"] = {}
    files = _newly_come(widget)
    if not files:
        return
    address.forget_notes()
    try:
        if makes_a_set(files):
            _show_set(open_files(files))
            tell_left_out(files)
        else:
            _show_upload(Upload(files[0].name, files[0].bytes()))
    except ValueError as error:
        names = files[0].name if len(files) == 1 else f"{len(files)} files"
        st.session_state["upload_error"] = {widget: f"{names}: {error}"}
    finally:
        release(files)


def _newly_come(widget: str) -> list[Came]:
    """The files that were not there before: a widget of several keeps all that ever came."""
    seen: set[str] = st.session_state.setdefault(SEEN, set())
    fresh = [one for one in came(widget) if one.file.file_id not in seen]
    seen.update(one.file.file_id for one in fresh)
    return fresh


def _show_set(key: str) -> None:
    st.session_state["image"], st.session_state[sets.ITEM] = key, sets.first_of(key) + 1


def _show_upload(upload: Upload) -> None:
    now = st.session_state.get("image", "")
    if now.startswith(PREFIX) and now not in uploads() and now != upload.key:
        address.notes().append(
            f"{upload.name} is not the file of the link, so it is shown as a new picture."
        )
    keep(upload)
    st.session_state["image"] = upload.key


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
        small = cached.pictures.thumbnail(source.digest, THUMBNAIL, source.read)
        linked_viewer(
            [
                Panel(
                    "photo", source.label, cached.pictures.encoded(f"{source.digest}:small", small)
                )
            ],
            key="part_viewer",
            region=scaled(part, small.shape[1] / width),
            region_label=f"Part {part.width} × {part.height} at {part.x}, {part.y}",
            drag="region",
            height=300,
            name=file_name("photo", picture=source.label),
            on_region_change=partial(_take_part, width / small.shape[1], width, height),
        )
        PART.draw(part.text)
    return part


def _take_part(factor: float, width: int, height: int, drawn: Region | None) -> None:
    part = lattice_part(scaled(drawn, factor), width, height) if drawn else None
    st.session_state[PART.key] = part.text if part else ""


def _current_part(width: int, height: int) -> Region:
    middle = default_part(width, height)
    try:
        return lattice_part(Region.parse(text), width, height) if (text := PART.text) else middle
    except ValueError as error:
        st.warning(plain(f"{error} The middle is shown instead."))
        return middle
