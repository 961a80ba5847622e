"""Where the viewer goes by itself and by a preset: the telling part, the worst blur and grid."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.imaging.images import Region
from core.viewer import Goto
from pages.shared import address
from pages.shared.comparison import Comparison
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.resume import saved_view

PRESETS = {
    "blur": ("Show blur", {"zoom": 4.0, "mode": "image", "gain": 1.0}),
    "checkerboard": ("Show grid", {"zoom": 4.0, "mode": "image", "gain": 2.0}),
}
GRIDS = ("grid_2", "grid_4", "grid_8")
MAPS = {
    True: {"blur": ("blur",), "checkerboard": GRIDS},
    False: {"blur": ("blur_effect",), "checkerboard": GRIDS},
}
"""With or without a clean picture, the artifact maps to whose worst place a preset goes: of the
first that has one."""
FIRST_ZOOM, FIRST_CONTRAST = 2.0, 1.5
VIEWER, LINKED, LINK_SEPARATOR = "compare", "view", "~"
"""The viewer's key, which stands before a view in the address, and how that is written there."""
GOTO, VIEWED, WORST = "goto", "first_view", "worst_place"


def wanted() -> Goto | None:
    """The last command to the viewer."""
    return st.session_state.get(GOTO)


def presets(found: Comparison) -> None:
    """Buttons that go to the worst place of an artifact."""
    for kind, (label, view) in PRESETS.items():
        st.button(
            label,
            key=f"show_{kind}",
            disabled=not found.outputs,
            on_click=show_worst,
            args=(found, kind, view),
        )
    st.button("Show all", key="show_all", on_click=go, help="The whole picture.")


def go(**view: object) -> None:
    """Send the viewer somewhere, or to the whole picture: each command has the next serial."""
    former = st.session_state.get(GOTO)
    st.session_state[GOTO] = Goto(serial=former.serial + 1 if former else 1, **view)


def begin(found: Comparison) -> None:
    """The first view of a visit: twice the size, then where the variants tell most.

    A link to a view and a comparison that was saved have one of their own.
    """
    if saved_view(found.bench.source) or _is_linked():
        st.session_state[VIEWED] = True
        return
    if GOTO not in st.session_state:
        width, height = found.bench.measurement.size
        go(cx=width / 2, cy=height / 2, zoom=FIRST_ZOOM, gain=FIRST_CONTRAST)
    for job in first_place(found):
        if job.ready:
            st.session_state[VIEWED] = True
            if job.value:
                go_to(job.value, zoom=FIRST_ZOOM, gain=FIRST_CONTRAST)


def _is_linked() -> bool:
    """Whether the address asks for a view of this page's viewer."""
    return any(text.startswith(f"{VIEWER}{LINK_SEPARATOR}") for text in address.texts(LINKED))


def first_place(found: Comparison) -> list[Job[Region | None]]:
    """The job of the most telling part; none once it was shown, or before all is there."""
    if VIEWED in st.session_state or not found.complete or not found.outputs:
        return []
    clean = found.bench.clean
    outputs = {name: picture.image for name, picture in found.outputs.items()}

    def compute() -> Region | None:
        from core.artifacts import telling_view

        return telling_view(outputs, clean.image if clean else None)

    digests = (picture.digest for picture in found.outputs.values())
    return [computed("telling", clean.digest if clean else None, *digests, compute=compute)]


def go_to(region: Region, **view: object) -> None:
    """Send the viewer to the middle of a part."""
    go(cx=region.x + region.width / 2, cy=region.y + region.height / 2, **view)


def show_worst(found: Comparison, kind: str, view: Mapping[str, object]) -> None:
    sentence = go_to_worst(found, kind, view)
    st.session_state[WORST] = found.bench.measurement.digest, sentence


def go_to_worst(found: Comparison, kind: str, view: Mapping[str, object]) -> str:
    """Tell the viewer to go there; the sentence that says where it is, or that it is nowhere."""
    from core.artifacts import ARTIFACTS, worst_place

    outputs = {name: picture.image for name, picture in found.outputs.items()}
    clean = found.bench.clean
    reasons = []
    for key in MAPS[clean is not None][kind]:
        try:
            place = worst_place(key, outputs, clean.image if clean else None)
        except ValueError as error:
            reasons.append(str(error))
            continue
        go_to(place.region, **view)
        label, unit = ARTIFACTS[key].label.lower(), ARTIFACTS[key].unit
        return (
            f"the strongest {label} is {found.labels[place.variant]}’s, {place.value:.1f} {unit}, "
            f"at x {place.region.x}, y {place.region.y}"
        )
    return " ".join(dict.fromkeys(reasons))


def last_place(found: Comparison) -> str:
    """Where the last preset went, for a caption; empty once another picture is shown."""
    digest, sentence = st.session_state.get(WORST, ("", ""))
    return sentence if digest == found.bench.measurement.digest else ""
