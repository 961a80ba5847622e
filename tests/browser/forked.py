"""`python -m tests.browser.forked FOLDER`: a process that has imported all that a server needs.

A server is a copy of it, and is there at once: PyTorch and the rest take seconds of a core's time
to import. Asked at a socket in the folder, by `server`.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from unittest import mock

from filelock import FileLock

from core.base.paths import ROOT
from tests.browser import watched

SOCKET, NOTES = "fork.socket", "fork.outside"
START_SECONDS = 120
OURS = ("core", "pages")
SCRIPTS = ("__main__", "frame", "hosted", "page")
"""Modules that do something as soon as they are imported."""
LATER = (
    "plotly.graph_objects", "pytorch_grad_cam", "spandrel", "streamlit.web.bootstrap",
    "transformers.models.vit.modeling_vit",
)  # fmt: skip
"""What a server imports when it is first asked for it."""


def server(folder: Path, command: Sequence[str], log: Path, env: Mapping[str, str]) -> int:
    """Start `streamlit` with these arguments in a process of its own; its number.

    `log` gets what it says, and `log` with the ending `.outside` what it asks of other machines.
    """
    address = folder / SOCKET
    with FileLock(f"{address}.lock"):
        if not address.exists():
            begin(folder, address)
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(str(address))
        asked.sendall(json.dumps([list(command), str(log), dict(env)]).encode())
        asked.shutdown(socket.SHUT_WR)
        return int(asked.makefile().read())


def begin(folder: Path, address: Path) -> None:
    with (folder / "fork.log").open("w") as said:
        command = [sys.executable, "-m", __name__, str(folder)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
    (folder / "fork.pid").write_text(str(process.pid))
    end = time.monotonic() + START_SECONDS
    while not address.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError((folder / "fork.log").read_text())
        time.sleep(0.05)


def alive(process: int) -> bool:
    """Whether a server still runs; one that has ended leaves nothing."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def import_all() -> None:
    """Import, while the garbage collector rests: what is imported stays."""
    gc.disable()
    for package in OURS:
        for module in walk_packages([str(ROOT / package)], f"{package}."):
            if module.name.rpartition(".")[2] not in SCRIPTS:
                import_module(module.name)
    for name in LATER:
        import_module(name)
    gc.freeze()
    gc.enable()


def listen(folder: Path) -> None:
    """Answer whoever asks with the number of a new server, for ever."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # what has ended is nobody's to ask for
    made = folder / f"{SOCKET}.new"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(made))
        door.listen()
        made.rename(folder / SOCKET)
        while True:
            asked, _ = door.accept()
            with asked:
                command, log, env = json.loads(asked.makefile().read())
                child = os.fork()
                if not child:
                    door.close()
                    asked.close()
                    become(command, Path(log), env, folder)
                asked.sendall(str(child).encode())


def become(command: list[str], log: Path, env: dict[str, str], folder: Path) -> None:
    """Be the server, in the copy."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.environ.clear()
    os.environ.update(env)
    notes = log.with_suffix(".outside")
    notes.write_text((folder / NOTES).read_text())
    watched.note(notes)
    leave_settings_unwatched()
    try:
        import_module("streamlit.web.cli").main(command)
    except BaseException:  # the log must say why it did not start; nothing goes on behind a fork
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(0)


def leave_settings_unwatched() -> None:
    """Nobody changes them here, and each server would look for that fifteen times a second."""
    bootstrap = import_module("streamlit.web.bootstrap")
    mock.patch.object(bootstrap, "_install_config_watchers").start()


if __name__ == "__main__":
    FOLDER = Path(sys.argv[1])
    (FOLDER / NOTES).touch()
    watched.note(FOLDER / NOTES)
    import_all()
    listen(FOLDER)
