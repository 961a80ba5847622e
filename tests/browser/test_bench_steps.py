"""What the benchmark does to the viewer, in a real Chromium; how long it takes, nobody asserts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.bench import dashboard

pytestmark = pytest.mark.browser


def test_a_step_of_the_threshold_changes_what_is_drawn_and_asks_nobody(monkeypatch):
    monkeypatch.setattr(dashboard, "FRAMES", 8)
    with ThreadPoolExecutor(1) as thread:  # a browser of its own
        wanted = (32, "map", dashboard.DRAG_THRESHOLD)
        assert thread.submit(dashboard.frame_milliseconds, *wanted).result() > 0
