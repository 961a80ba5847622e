"""A second server of the same app, which nobody has visited yet."""

from __future__ import annotations

import streamlit as st
from compare_host import real

app = st.App(real.FRAME, lifespan=real.lifespan, middleware=real.MIDDLEWARE)
