"""Mix losses, train them side by side from the same start, and watch what each does."""

from __future__ import annotations

import streamlit as st

from core.lab.worker import ensure_worker
from pages.lab.asked import experiments, find, shown
from pages.lab.listed import listed
from pages.lab.setup import setup
from pages.lab.watch import watch
from pages.shared.workbench import workbench

ABOUT = (
    "Up to four networks start from the same weights, see the same pictures in the same order, "
    "and differ in their loss alone. **Train** shows, about every second, what each makes of the "
    "picture of the sidebar."
)

bench = workbench()
st.markdown(ABOUT)
ensure_worker(experiments().folder)  # it loads its libraries while the person chooses
setup(bench)
found = find(shown())
if found:
    watch(found)
listed()
