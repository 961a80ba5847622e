"""A server that is killed and started again while a tab is open."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.bench.browser import free_port
from tests.browser import forked
from tests.browser.servers import serve_at
from tests.browser.waiting import PATIENCE, rest
from tests.conftest import SERVERS

pytestmark = pytest.mark.browser
HOST = Path(__file__).with_name("reconnect_host.py")


@pytest.fixture
def server() -> Iterator[tuple[Callable[[], str], Callable[[], None]]]:
    """A server on a port of its own, which can be killed and started again."""
    port, running = free_port(), []
    folder = Path(os.environ[SERVERS])

    def start():
        running.append(serve_at(port, HOST, folder))
        return f"http://127.0.0.1:{port}"

    def kill():
        os.kill(running[-1], signal.SIGKILL)
        while forked.alive(running[-1]):
            time.sleep(0.01)
        (folder / f"{port}.pid").unlink()  # the number may be another's by the end

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
