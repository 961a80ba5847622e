"""Servers of scripts, each a process of its own, which all processes of the tests share."""

from __future__ import annotations

import os
import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from core.base.paths import DATA, ROOT
from core.bench.browser import free_port
from tests.browser import forked
from tests.conftest import SERVERS

START_SECONDS = 60
HOSTED = ROOT / "pages" / "shared" / "bench" / "hosted.py"
MAKES_AN_APP = re.compile(r"^app = st\.App\(", re.MULTILINE)


def wait_for_health(url: str, process: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and forked.alive(process):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()}", pytrace=False)


def start(script: Path, folder: Path) -> str:
    """A server of a script, noted in the folder so that it is stopped; where it answers."""
    port = free_port()
    serve_at(port, script, folder)
    return f"http://127.0.0.1:{port}"


def serve_at(port: int, script: Path, folder: Path) -> int:
    """Start a server of a script at this port and wait until it answers; the process' number."""
    served = script if MAKES_AN_APP.search(script.read_text("utf8")) else HOSTED
    options = {
        "server.port": port, "server.address": "127.0.0.1", "server.headless": "true",
        "server.fileWatcherType": "none", "browser.gatherUsageStats": "false",
    }  # fmt: skip
    command = ["run", str(served), *(f"--{name}={value}" for name, value in options.items())]
    env = {"LOSSLENS_HOSTED": str(script), DATA: str(data_of(f"http://127.0.0.1:{port}"))}
    log = folder / f"{port}.log"
    process = forked.server(folder, command, log, {**os.environ, **env})
    (folder / f"{port}.pid").write_text(str(process))
    wait_for_health(f"http://127.0.0.1:{port}", process, log)
    return process


def data_of(base: str) -> Path:
    """Where the server at this address keeps what people make."""
    return Path(os.environ[SERVERS]) / f"{base.rpartition(':')[2]}.data"


def asked_outside(base: str) -> list[str]:
    """What the server at this address asked of others than this machine."""
    noted = Path(os.environ[SERVERS]) / f"{base.rpartition(':')[2]}.outside"
    return noted.read_text().splitlines() if noted.exists() else []
