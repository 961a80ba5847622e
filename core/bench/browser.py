"""A headless Chromium and Streamlit servers, each as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.chromium import executable
from .spec import NotMeasured

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app.py"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    # Without these a frame that takes 2 ms would be measured as the screen's 17.
    "--disable-frame-rate-limit", "--disable-gpu-vsync",
)  # fmt: skip
VIEWPORT = {"width": 1440, "height": 1200}
TIMEOUT = 60.0
"""Seconds until a server must answer and a page must show what is waited for."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own. Raises `NotMeasured` where there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise NotMeasured("This row needs Playwright: run `make setup`.") from error
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        except Error as error:
            raise NotMeasured("This row needs Chromium: run `make browser`.") from error
        try:
            yield browser
        except Error as error:
            raise NotMeasured(
                f"The page did not do what is measured: {error.message.splitlines()[0]}"
            ) from error
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """A page in a context of its own, so that nothing is cached from another."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(TIMEOUT * 1000)
    try:
        page = context.new_page()
        page.goto(address)
        yield page
    finally:
        context.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_answer(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise NotMeasured(f"The server did not answer at {address} within {TIMEOUT:.0f} s.")


@contextmanager
def served(script: Path, **environment: str) -> Iterator[str]:
    """The address of a Streamlit script, run with the app's own settings; stopped at the end."""
    with started(script, **environment) as (address, _):
        yield address


@contextmanager
def started(script: Path, **environment: str) -> Iterator[tuple[str, int]]:
    """The same with the process's number, and something more in its environment."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = {
        "server.port": port, "server.address": "127.0.0.1", "server.headless": "true",
        "server.fileWatcherType": "none", "browser.gatherUsageStats": "false",
    }  # fmt: skip
    command += [f"--{name}={value}" for name, value in options.items()]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for_answer(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
