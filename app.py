"""Starts LossLens: `streamlit run app.py`. What it starts is in `pages/shared/`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent
FRAME = ROOT / "pages" / "shared" / "frame.py"
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from pages.shared.serving import MIDDLEWARE, ROUTES  # noqa: E402
from pages.shared.serving.start import lifespan  # noqa: E402

app = st.App(FRAME, lifespan=lifespan, middleware=MIDDLEWARE, routes=ROUTES)
