"""Firefox and WebKit as Debian has them, each driven by the protocol that it speaks itself.

Playwright drives builds of its own, which cannot be had everywhere.
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.bench.browser import free_port

SECONDS = 60
WEBKIT = "/usr/lib/*-linux-gnu/webkit2gtk-4.1/MiniBrowser"
ASYNCHRONOUS = """const done = arguments[arguments.length - 1];
Promise.resolve().then(() => ({})(...[...arguments].slice(0, -1)))
  .then((value) => done({{value}}), (error) => done({{error: String(error)}}));"""


class Driven(ABC):
    """A browser with one page, by the commands of WebDriver (W3C)."""

    @abstractmethod
    def goto(self, url: str) -> None: ...

    @abstractmethod
    def execute(self, script: str, arguments: list[Any]) -> dict[str, Any]: ...

    @abstractmethod
    def picture(self) -> str: ...

    @abstractmethod
    def act(self, actions: list[dict[str, Any]]) -> None: ...

    def run(self, function: str, *arguments: object) -> Any:
        """What a JavaScript function returns, promised or at once."""
        answer = self.execute(ASYNCHRONOUS.format(function), list(arguments))
        assert "error" not in answer, answer["error"]
        return answer.get("value")

    def screen(self) -> np.ndarray:
        """The window as uint8 (H, W, 3), in screen pixels."""
        with Image.open(io.BytesIO(base64.b64decode(self.picture()))) as image:
            return np.asarray(image.convert("RGB"))

    def point(self, x: int, y: int) -> None:
        """Move the mouse to a place of the window, in CSS pixels."""
        move = {"type": "pointerMove", "x": x, "y": y, "duration": 0, "origin": "viewport"}
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}}
        self.act([{**mouse, "actions": [move]}])


class Firefox(Driven):
    """Over Marionette: each message is its length, a colon, and JSON."""

    def __init__(self, port: int) -> None:
        self.socket = connected(port)
        self.answers = self.socket.makefile("rb")
        self.count = 0
        self.receive()
        self.send("WebDriver:NewSession", capabilities={})
        self.send("WebDriver:SetTimeouts", script=1000 * SECONDS)

    def receive(self) -> Any:
        length = b""
        while (digit := self.answers.read(1)) not in (b":", b""):
            length += digit
        return json.loads(self.answers.read(int(length)))

    def send(self, command: str, **parameters: object) -> Any:
        self.count += 1
        text = json.dumps([0, self.count, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, answer = self.receive()
        assert error is None, f"{command}: {error}"
        return answer

    def goto(self, url: str) -> None:
        self.send("WebDriver:Navigate", url=url)

    def execute(self, script: str, arguments: list[Any]) -> dict[str, Any]:
        answer = self.send(
            "WebDriver:ExecuteAsyncScript", script=script, args=arguments, newSandbox=False,
            sandbox=None,
        )  # fmt: skip
        return answer["value"]

    def picture(self) -> str:
        return self.send("WebDriver:TakeScreenshot", full=False)["value"]

    def act(self, actions: list[dict[str, Any]]) -> None:
        self.send("WebDriver:PerformActions", actions=actions)


class WebKit(Driven):
    """Over HTTP."""

    def __init__(self, port: int, binary: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        connected(port).close()
        options = {"binary": binary, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = self.send("POST", "/session", {"capabilities": wanted})
        self.base += f"/session/{session['sessionId']}"
        self.send("POST", "/timeouts", {"script": 1000 * SECONDS})

    def send(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read()[:300]}") from error

    def goto(self, url: str) -> None:
        self.send("POST", "/url", {"url": url})

    def execute(self, script: str, arguments: list[Any]) -> dict[str, Any]:
        return self.send("POST", "/execute/async", {"script": script, "args": arguments})

    def picture(self) -> str:
        return self.send("GET", "/screenshot")

    def act(self, actions: list[dict[str, Any]]) -> None:
        self.send("POST", "/actions", {"actions": actions})


def connected(port: int) -> socket.socket:
    """A connection to a program that has just been started."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=2 * SECONDS)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@contextmanager
def started(command: list[str], **environment: str) -> Iterator[None]:
    program = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        yield
    finally:
        program.terminate()
        try:
            program.wait(20)
        except subprocess.TimeoutExpired:
            program.kill()


def firefox() -> str | None:
    found = map(shutil.which, ("firefox-esr", "firefox"))
    return next(filter(None, found), None)


def webkit() -> str | None:
    """WebKitGTK's small browser, where its driver and a screen without a monitor are too."""
    found = next(map(str, Path("/").glob(WEBKIT[1:])), None)
    return found if shutil.which("WebKitWebDriver") and shutil.which("Xvfb") else None


@contextmanager
def open_firefox(folder: Path, settings: Mapping[str, object]) -> Iterator[Driven]:
    """With these settings of `about:config`; its files go to the folder."""
    port = free_port()
    lines = {
        "marionette.port": port, "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False, "app.update.enabled": False,
        **settings,
    }  # fmt: skip
    text = "".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in lines.items())
    (folder / "user.js").write_text(text)
    command = [firefox(), "--headless", "--marionette", "--no-remote", "--profile", str(folder)]
    with started(command, MOZ_HEADLESS_WIDTH="1366", MOZ_HEADLESS_HEIGHT="1000"):
        browser = Firefox(port)
        try:
            yield browser
        finally:
            with suppress(AssertionError, OSError, ValueError):
                browser.send("Marionette:Quit", flags=["eForceQuit"])


@contextmanager
def open_webkit() -> Iterator[Driven]:
    """On a screen of its own, drawn by the CPU."""
    port, display = free_port(), f":{90 + os.getpid() % 900}"
    with started(["Xvfb", display, "-screen", "0", "1500x1200x24", "-nolisten", "tcp"]):
        drawn = {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        with started(["WebKitWebDriver", f"--port={port}"], **drawn):
            browser = WebKit(port, webkit())
            try:
                yield browser
            finally:
                browser.send("DELETE", "")
