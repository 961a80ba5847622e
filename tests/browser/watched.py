"""`python -m tests.browser.watched FILE run app.py …`: the platform, and what it asks outside.

Each name that is looked up and each address that is called, but for this machine's own, is a line
in the file. Python itself tells of them, whoever asks.
"""

from __future__ import annotations

import sys
from ipaddress import ip_address
from pathlib import Path

from streamlit.web.cli import main

ASKS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
CALLS = {"socket.connect", "socket.sendto"}
HERE = ("", "localhost", None)


def is_here(host: str | bytes | None) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    try:
        return host in HERE or ip_address(host).is_loopback
    except ValueError:
        return False


def watch(event: str, details: tuple) -> None:
    if event in ASKS:
        host = details[0]
    elif event in CALLS and isinstance(details[1], tuple):
        host = details[1][0]
    else:
        return
    if not is_here(host):
        with OUTSIDE.open("a") as file:
            file.write(f"{event} {host}\n")


if __name__ == "__main__":
    OUTSIDE = Path(sys.argv[1])
    sys.addaudithook(watch)
    main(sys.argv[2:])
