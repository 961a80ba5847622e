"""Which Chromium drives the app. Apart from what uses it: whether it starts is asked at once."""

from __future__ import annotations

import shutil


def executable() -> str | None:
    """The system's Chromium, rather the one without a window, which takes half the CPU's time.

    None where there is neither: Playwright then takes its own.
    """
    found = map(shutil.which, ("chromium-headless-shell", "chromium"))
    return next(filter(None, found), None)
