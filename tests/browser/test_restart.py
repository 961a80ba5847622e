"""A server that is killed and started again while a tab is open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from core.base.paths import ROOT
from core.variants.library import DATA
from tests.browser.conftest import HOST, HOSTED, PATIENCE, free_port, wait_for_health

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path):
    """A server of its own on a port of its own, which can be killed and started again."""
    port, running = free_port(), []

    def start():
        command = [sys.executable, "-m", "streamlit", "run", str(HOSTED)]
        options = [
            f"--server.port={port}",
            "--server.headless=true",
            "--server.fileWatcherType=none",
        ]
        env = {**os.environ, "LOSSLENS_HOSTED": str(HOST), DATA: str(tmp_path / "data")}
        with (tmp_path / "log").open("a") as log:
            running.append(
                subprocess.Popen([*command, *options], cwd=ROOT, env=env, stdout=log, stderr=log)
            )
        wait_for_health(f"http://127.0.0.1:{port}", running[-1], tmp_path / "log")
        return f"http://127.0.0.1:{port}"

    def kill():
        running[-1].send_signal(signal.SIGKILL)
        running[-1].wait()

    yield start, kill
    kill()


def test_a_tab_that_was_open_goes_on_with_what_it_showed(server, new_page):
    start, kill = server
    page = new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{start()}/?sigma=0.1")
    change = page.get_by_text("Change from the input", exact=True)
    expect(change).to_be_visible(timeout=PATIENCE)
    kill()
    expect(page.get_by_text("Connection error")).to_be_visible(timeout=PATIENCE)
    start()
    expect(page.get_by_text("Connection error")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1, timeout=PATIENCE)
    change.click()
    expect(page.get_by_role("table").first).to_contain_text("+", timeout=PATIENCE)
    assert "sigma=0.1" in page.url
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.close()
