"""What stands between the server and the platform: who may ask, what answers say, what is ready.

`app.py` hands this to the platform; tests hand it to apps of their own.
"""

from __future__ import annotations

from starlette.middleware import Middleware

from pages.shared.serving.default_page import default_route
from pages.shared.serving.handed import HandedOut
from pages.shared.serving.headers import SecurityHeaders
from pages.shared.serving.hosts import KnownHosts
from pages.shared.serving.left_pages import LeftPages
from pages.shared.serving.modules import ComponentModules
from pages.shared.serving.plain_pixels import PlainPixels

MIDDLEWARE = [
    Middleware(SecurityHeaders),
    Middleware(KnownHosts),
    Middleware(ComponentModules),
    Middleware(PlainPixels),
    Middleware(HandedOut),
    Middleware(LeftPages),
]
"""From the outside in: what is refused has the headers too."""
ROUTES = [default_route()]
