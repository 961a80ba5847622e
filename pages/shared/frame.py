"""What stands around every page: the tab, the navigation, the title. The server runs this."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.shared.frame_style import STYLE
from pages.shared.navigation import DEFAULT, PAGES, SECTIONS, PageSpec
from pages.shared.plain import plain
from pages.shared.visits import visit

FORMER = "former_page"
TOUR, TOURED = "tour", "toured"
NEW_HERE = "New here? See in seven steps what the losses do"
ABOUT = "<p class=about><b>LossLens</b> — see what a loss function does to an image</p>"


def _page(spec: PageSpec) -> st.Page:
    return st.Page(
        spec.path,
        title=spec.title,
        url_path=None if spec is DEFAULT else spec.folder,
        default=spec is DEFAULT,
        help=spec.about,
    )


def _navigation() -> tuple[st.Page, PageSpec, Mapping[str, st.Page]]:
    """The page that the address names, its entry in the table, and all pages by their folders."""
    pages = {spec.folder: _page(spec) for spec in PAGES}
    page = st.navigation(
        {
            section: [pages[spec.folder] for spec in PAGES if spec.section == section]
            for section in SECTIONS
        }
    )
    return page, next(spec for spec in PAGES if spec.title == page.title), pages


def _offer_the_tour(spec: PageSpec, tour: st.Page) -> None:
    """On the first page, to those who were not on it in this visit."""
    if spec.folder == TOUR:
        st.session_state[TOURED] = True
    if spec is DEFAULT and TOURED not in st.session_state:
        st.page_link(tour, label=NEW_HERE)


def _below_the_title(page: st.Page, spec: PageSpec) -> None:
    from pages.shared.cached.visits import present
    from pages.shared.reconnect import run_again_when_back
    from pages.shared.workbench import (
        bring_region,
        draw_clipping,
        draw_notes,
        draw_warnings,
        draw_workbench,
    )

    present(visit().id, visit())
    notes = st.container()
    if st.session_state.get(FORMER, page.title) != page.title:
        bring_region()
    st.session_state[FORMER] = page.title
    try:
        if spec.on_picture:
            draw_workbench()
            draw_warnings()
            page.run()
            if spec.of_noise:
                draw_clipping()
        else:
            page.run()
            draw_workbench(on_picture=False)
        _draw_device()
    finally:  # the page reads the address too, and may stop early
        with notes:
            draw_notes()
        run_again_when_back()


def _draw_device() -> None:
    """What networks run on, below everything in the sidebar; a wrong setting is told there."""
    from core.variants.device import device, device_label

    try:
        st.sidebar.caption(plain(f"Networks run on: {device_label(device())}"))
    except ValueError as error:
        st.sidebar.error(plain(str(error)))


visit().begin_run()
st.set_page_config(page_title="LossLens", page_icon="🔍", layout="wide")
st.html(f"<style>@import '{STYLE.address}frame.css'</style>")
page, spec, pages = _navigation()
with st.container(horizontal=True, vertical_alignment="bottom", key="head"):
    st.title(page.title, width="content")  # painted before anything else is imported
    st.html(ABOUT, width="content")
    _offer_the_tour(spec, pages[TOUR])
_below_the_title(page, spec)
visit().end_run()
