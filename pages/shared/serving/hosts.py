"""Who may ask: requests that name a host of this server and come from its own pages.

A page of another site that a visitor has open can send requests here, and the server would take
them for the visitor's. Those that it sends as they are name that site in `Origin`. By leading its
own name to this machine (DNS rebinding) it can make them look like its own; then they name the
site in `Host`. So both are compared with names that are known, and no name is ever looked up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

HOSTS = "LOSSLENS_HOSTS"
"""In the environment: further names, separated by commas; `*.example.org` is all below one."""
EVERYWHERE = (None, "", "0.0.0.0", "::")
"""Addresses to listen at that stand for all of the machine."""
AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
POLICY_VIOLATION = 1008
MOST_TOLD = 80


@dataclass(frozen=True)
class Authority:
    """A host's name or address in lower case, and the port where one is named."""

    host: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Authority | None:
        """Of `host` or `host:port`; None for anything else."""
        found = AUTHORITY.fullmatch(text)
        if not found:
            return None
        host = found[1].lower().strip("[]").rstrip(".")
        return cls(host, int(found[2]) if found[2] else None) if host else None

    def at(self, scheme: str) -> Authority:
        """With the port that the scheme means where none is named."""
        return Authority(self.host, self.port or DEFAULT_PORTS[scheme])


@dataclass(frozen=True)
class Names:
    """What this server is called.

    `own`: hosts in its settings. `public`: what proxies call it. `below`: ends of further names.
    `everywhere`: it listens at all addresses of the machine.
    """

    own: frozenset[str]
    public: tuple[Authority, ...]
    below: tuple[str, ...]
    everywhere: bool

    def include(self, host: str) -> bool:
        """Whether a request may be for this host, at whatever port.

        An address in figures leads no browser astray: where all of them are served, any is right.
        """
        address = _address(host)
        if address and (address.is_loopback or self.everywhere):
            return True
        known = {"localhost", *self.own, *(name.host for name in self.public)}
        return host in known or host.endswith(self.below)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def names() -> Names:
    """As the settings and the environment say now."""
    listens, shown = st.get_option("server.address"), st.get_option("browser.serverAddress")
    further = [name.strip() for name in os.environ.get(HOSTS, "").lower().split(",")]
    return Names(
        own=frozenset(name.lower() for name in (listens, shown) if name not in EVERYWHERE),
        public=tuple(filter(None, map(Authority.parse, further))),
        below=tuple(name[1:] for name in further if name.startswith("*.")),
        everywhere=listens in EVERYWHERE,
    )


def complaint(headers: Headers, known: Names) -> str | None:
    """Why a request is refused, in a sentence; None where it is not."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    asked = Authority.parse(hosts[0]) if len(hosts) == 1 else None
    if asked is None:
        return "The request names no host, or none that can be read."
    if not known.include(asked.host):
        name = asked.host[:MOST_TOLD]
        return f"LossLens does not answer to '{name}'. If that name is yours: {HOSTS}={name}"
    if len(origins) > 1 or not all(_is_own(origin, asked, known) for origin in origins):
        return "The request comes from a page of another site."
    return None


def _is_own(origin: str, asked: Authority, known: Names) -> bool:
    """Whether a page of this origin is one of this server's.

    A proxy may have put another host in the place of the one that the browser asked.
    """
    scheme, _, rest = origin.lower().partition("://")
    page = Authority.parse(rest)
    if scheme not in DEFAULT_PORTS or page is None:
        return False
    return page.at(scheme) in {name.at(scheme) for name in (asked, *known.public)}


class KnownHosts:
    """Refuses requests and connections that `complaint` has something to say of.

    The platform would look outside for this machine's own public address where the page's host is
    not the one that was asked: it is told that they are the same, which was found here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in REFUSALS:
            await self.app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        refused = complaint(headers, names())
        if refused:
            await REFUSALS[scope["type"]](refused)(scope, receive, send)
            return
        if "origin" in headers:
            headers["host"] = headers["origin"].partition("://")[2]
        await self.app(scope, receive, send)


REFUSALS: dict[str, Callable[[str], ASGIApp]] = {
    "http": lambda why: PlainTextResponse(f"{why}\n", status_code=403),
    "websocket": lambda why: WebSocketClose(code=POLICY_VIOLATION, reason=why),
}
