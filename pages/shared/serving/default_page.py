"""The default page's own name as an address."""

from __future__ import annotations

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from pages.shared.navigation import DEFAULT


async def to_default(request: Request) -> RedirectResponse:
    """The default page lives at the root; its own name, typed by hand, leads there, settings kept.

    The answer names no host: a request can claim to be for any, and a proxy has another.
    """
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


def default_route() -> Route:
    """Where that name stands: below the path that the server is told to serve at."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return Route(f"/{base}/{DEFAULT.folder}".replace("//", "/"), to_default)
