"""Foreign text in Markdown: nothing in it may act."""

from __future__ import annotations

import string

import pytest

from pages.shared.plain import WORD_JOINER, plain
from tests.pages.conftest import fresh_app, read

HOSTILE = [
    "![x](http://example.org/x.png)",
    "[here](https://example.org)",
    "<https://example.org>",
    ":red[**loud**] :material/warning: $x^2$ `code` ~~gone~~",
    "a\\*b\\_c",
    "# title",
    "| a | b |",
]


@pytest.mark.parametrize("text", [*HOSTILE, "grün_2 (1).png"])
def test_it_reads_as_it_was(text):
    assert read(plain(text)) == text


def test_every_special_sign_is_escaped():
    escaped = plain(string.punctuation).replace(WORD_JOINER, "")
    assert escaped == "".join(f"\\{sign}" for sign in string.punctuation)


@pytest.mark.parametrize("link", ["https://a.b", "www.example.org", "WWW.example.org", "me@a.b"])
def test_addresses_are_no_links_even_without_backslashes(link):
    seen = plain(link).replace("\\", "")
    assert not any(mark in seen.lower() for mark in ("://", "www.", "me@a"))


def test_it_stays_on_one_line_and_in_one_direction():
    assert plain("a\n\n# b\u2028c\u202ed\x00e") == "a \\# b c d e"


@pytest.mark.parametrize("name", ["image", "region", "sigma"])
def test_an_address_cannot_put_anything_on_the_page(variants, name):
    app = fresh_app()
    app.query_params[name] = HOSTILE[0]
    app.run()
    kinds = (app.caption, app.markdown, app.info, app.warning, app.error)
    assert "](http" not in "".join(element.value for kind in kinds for element in kind)
