"""What stands around every page: the tab, the navigation, the title. The server runs this."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.shared.navigation import DEFAULT, PAGES, SECTIONS, PageSpec


def _page(spec: PageSpec) -> st.Page:
    return st.Page(spec.path, title=spec.title, default=spec is DEFAULT, help=spec.about)


def _navigation() -> st.Page:
    sections = {
        label: [_page(spec) for spec in PAGES if spec.section == folder]
        for folder, label in SECTIONS.items()
    }
    return st.navigation({label: pages for label, pages in sections.items() if pages})


STYLE = Path(__file__).with_name("frame.css")

st.set_page_config(page_title="LossLens", page_icon="🔍", layout="wide")
st.html(STYLE)
page = _navigation()
st.title(page.title)  # painted before the page imports anything
page.run()
