"""What every answer tells a browser, whatever it answers with."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.base.paths import DOCS
from pages.shared.serving import MIDDLEWARE
from pages.shared.serving.headers import POLICY, SECURITY_HEADERS, content_policy

POLICY_NAME = "Content-Security-Policy"


@pytest.fixture
def client():
    async def page(_request):
        return HTMLResponse("a page", headers={"X-Frame-Options": "ALLOWALL"})

    app = Starlette(routes=[Route("/", page)], middleware=MIDDLEWARE)
    return TestClient(app, base_url="http://localhost:8501")


def directives(policy: str) -> dict[str, list[str]]:
    return {name: said for name, *said in (part.split() for part in policy.split(";"))}


@pytest.mark.parametrize("path", ["/", "/nothing-here"])
def test_every_answer_has_each_header_once(client, path):
    answer = client.get(path)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers.get_list(name) == [value]
    assert answer.headers.get_list(POLICY_NAME) == [content_policy("localhost:8501")]


def test_a_refusal_has_them_too_and_repeats_no_policy_of_the_asker(client):
    answer = client.get("/", headers={"Host": "x; script-src *"})
    assert answer.status_code == 403 and answer.headers[POLICY_NAME] == content_policy()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["", "[::1]:8501", "a b", "a;b", "a,b", "*", "a:b", "*.a"])
def test_what_is_no_name_is_not_named(host):
    assert content_policy(host) == content_policy()


def test_connections_lead_to_the_page_itself_alone():
    allowed = directives(content_policy("lab.example:80"))["connect-src"]
    assert allowed == ["'self'", "ws://lab.example:80", "wss://lab.example:80"]


def test_nothing_is_run_that_is_no_file_of_the_server():
    """But for the scripts that the platform's own page holds, by their digests."""
    found = directives(content_policy())
    assert found["default-src"] == ["'none'"]
    digests = [said for said in found["script-src"] if said.startswith("'sha256-")]
    assert digests and all(re.fullmatch(r"'sha256-[\w+/]{43}='", one) for one in digests)
    rest = set(found["script-src"]) - set(digests)
    assert not rest & {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:", "https:"}
    for sources in found.values():
        assert not [one for one in sources if "//" in one or one in ("*", "https:", "http:")]


def test_the_documentation_tells_each():
    text = (DOCS / "deploy.md").read_text("utf8")
    assert [name for name in (*SECURITY_HEADERS, *POLICY) if f"`{name}`" not in text] == []
