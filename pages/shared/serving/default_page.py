"""The default page's own name as an address."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse


async def to_default(request: Request) -> RedirectResponse:
    """The default page lives at `/`; its own name, typed by hand, leads there, settings kept.

    The answer names no host: a request can claim to be for any, and a proxy has another.
    """
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")
