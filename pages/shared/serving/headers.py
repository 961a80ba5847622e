"""What every answer says of how a browser is to treat it.

The page's policy names all that it may load and run; each source beyond the server itself stands
in `POLICY` with what needs it. Nothing is evaluated from text, on any page.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    "serial=(), hid=(), midi=(), display-capture=()",
}
"""Those that are the same for everybody; `docs/deploy.md` says what each is for."""
POLICY = {
    "default-src": "'none'",
    # The platform hands a component that is no file over as a blob: the leaderboard's table.
    "script-src": "'self' blob:",
    # The platform and plotly write style sheets and style attributes into the page.
    "style-src": "'self' 'unsafe-inline'",
    # The page's icon and plotly's pictures are data; a chart saved as a picture is a blob.
    "img-src": "'self' data: blob:",
    # A font of formulas lies inside the platform's own style sheet.
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}
"""Directive -> sources, those apart that `content_policy` adds."""
NAMED = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?", re.IGNORECASE)
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def content_policy(host: str = "") -> str:
    """The policy for a page that was asked for at `host`, a name and maybe a port.

    Not every browser counts a connection that stays open among the server's own addresses, so it
    is named; what is no name, and an address that such a policy cannot hold, is left out.
    """
    named = f" ws://{host} wss://{host}" if NAMED.fullmatch(host) else ""
    added = {"script-src": f" {inline_scripts()}", "connect-src": named}
    return "; ".join(f"{key} {said}{added.get(key, '')}" for key, said in POLICY.items())


@cache
def inline_scripts() -> str:
    """The digests of the scripts inside the platform's own page."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    found = INLINE.findall(page.read_text("utf8"))
    digests = (b64encode(sha256(script.encode()).digest()).decode() for script in found)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


class SecurityHeaders:
    """Adds `SECURITY_HEADERS` and the policy to every answer over HTTP."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        asked = Headers(scope=scope).get("host", "") if scope["type"] == "http" else ""
        headers = {**SECURITY_HEADERS, "Content-Security-Policy": content_policy(asked)}
        await self.app(scope, receive, send_with_headers)
