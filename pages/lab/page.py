"""Mix losses, train them side by side from the same start, and watch what each does."""

from __future__ import annotations

import streamlit as st

from core.lab.worker import ensure_worker
from pages.lab.asked import experiments, find, shown
from pages.lab.listed import listed
from pages.lab.pictures import have_ready
from pages.lab.setup import setup
from pages.lab.tried import tried
from pages.lab.watch import before, watch
from pages.shared.plain import plain
from pages.shared.workbench import workbench

ABOUT = (
    "Up to four networks start from the same weights, see the same pictures in the same order, "
    "and differ in their loss alone. **Train** shows, about every second, what each makes of the "
    "picture of the sidebar."
)
NO_WORKER = (
    "Nothing can be trained here: {why} LOSSLENS_DATA names the folder in which the Lab keeps its "
    "experiments."
)

bench = workbench()
st.markdown(ABOUT)
if why := tried(ensure_worker, experiments().folder):  # it loads while the person chooses
    st.error(plain(NO_WORKER.format(why=why)))
have_ready(experiments().pool)
setup(bench)
found = find(shown())
if found:
    watch(found)
elif bench.clean:
    before(bench)
listed()
