"""What this process asks of other machines.

Each name that is looked up and each address that is called, but for this machine's own, is a line
in a file. Python itself tells of them, whoever asks.
"""

from __future__ import annotations

import sys
from ipaddress import ip_address
from pathlib import Path

ASKS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
CALLS = {"socket.connect", "socket.sendto"}
HERE = ("", "localhost", None)
_FILES: list[Path] = []


def note(file: Path) -> None:
    """Write it down in this file from now on, and in no other."""
    if not _FILES:
        sys.addaudithook(_watch)
    _FILES[:] = [file]


def is_here(host: str | bytes | None) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    try:
        return host in HERE or ip_address(host).is_loopback
    except ValueError:
        return False


def _watch(event: str, details: tuple) -> None:
    if event in ASKS:
        host = details[0]
    elif event in CALLS and isinstance(details[1], tuple):
        host = details[1][0]
    else:
        return
    if not is_here(host):
        with _FILES[0].open("a") as file:
            file.write(f"{event} {host}\n")
