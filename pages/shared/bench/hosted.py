"""A script served as `app.py` serves its own frame, but without its warm-up.

The environment names the script: `LOSSLENS_HOSTED=tests/browser/viewer_host.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from pages.shared.serving import MIDDLEWARE  # noqa: E402
from pages.shared.serving.start import answer_at_once  # noqa: E402


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    answer_at_once()
    yield


app = st.App(os.environ["LOSSLENS_HOSTED"], lifespan=lifespan, middleware=MIDDLEWARE)
