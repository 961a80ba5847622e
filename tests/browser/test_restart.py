"""A server that is killed and started again while a tab is open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.base.paths import ROOT
from core.bench.browser import free_port
from tests.browser.conftest import HOSTED, PATIENCE, rest, wait_for_health

pytestmark = pytest.mark.browser
HOST = Path(__file__).with_name("reconnect_host.py")


@pytest.fixture
def server(tmp_path):
    """A server on a port of its own, which can be killed and started again."""
    port, running = free_port(), []
    address, log = f"http://127.0.0.1:{port}", tmp_path / "log"

    def start():
        command = [sys.executable, "-m", "streamlit", "run", str(HOSTED)]
        options = [f"--server.port={port}", "--server.headless=true"]
        env = {**os.environ, "LOSSLENS_HOSTED": str(HOST)}
        with log.open("a") as said:
            running.append(
                subprocess.Popen([*command, *options], cwd=ROOT, env=env, stdout=said, stderr=said)
            )
        wait_for_health(address, running[-1], log)
        return address

    def kill():
        running[-1].send_signal(signal.SIGKILL)
        running[-1].wait()

    yield start, kill
    kill()


def test_a_tab_that_was_open_goes_on_with_what_it_showed(server, new_page):
    start, kill = server
    page = new_page()
    page.goto(start())
    rest(page)
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("counted 2")).to_be_visible(timeout=PATIENCE)
    # The whole page is run last: after a fragment's run the platform would run it again itself.
    page.get_by_label("Kept").fill("mine")
    page.get_by_label("Kept").press("Enter")
    expect(page.get_by_text("counted 3")).to_be_visible(timeout=PATIENCE)
    kill()
    expect(page.get_by_text("Connection error")).to_be_visible(timeout=PATIENCE)
    start()
    # A new session, run once by the tab itself, with what stood in its field.
    expect(page.get_by_text("counted 1")).to_be_visible(timeout=PATIENCE)
    rest(page)
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("counted 2")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Kept")).to_have_value("mine")
    page.close()
