"""A real Chromium and a real server, for tests that look at what a person sees."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
START_SECONDS = 60


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own; without either the test fails."""
    try:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
    except Error as error:
        reason = error.message.splitlines()[0]
        pytest.fail(f"Browser tests need Chromium: run `make browser`. {reason}", pytrace=False)
    yield browser
    browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_health(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()}", pytrace=False)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """`serve(script)` starts the script on a free port and gives its address, once per script.

    `serve(script, cold=True)` starts another one, which nobody has visited.
    """
    servers: list[subprocess.Popen] = []
    addresses: dict[Path, str] = {}

    def start(script: Path) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("server") / "log.txt"
        command = [sys.executable, "-m", "streamlit", "run", str(script)]
        options = {
            "server.port": port, "server.address": "127.0.0.1", "server.headless": "true",
            "server.fileWatcherType": "none", "browser.gatherUsageStats": "false",
        }  # fmt: skip
        command += [f"--{name}={value}" for name, value in options.items()]
        with log.open("w") as output:
            server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        servers.append(server)
        wait_for_health(f"http://127.0.0.1:{port}", server, log)
        return f"http://127.0.0.1:{port}"

    def serve_once(script: Path, cold: bool = False) -> str:
        if cold:
            return start(script)
        if script not in addresses:
            addresses[script] = start(script)
        return addresses[script]

    yield serve_once
    for server in servers:
        server.terminate()
        server.wait(timeout=20)
