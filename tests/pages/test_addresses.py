"""Whatever an address asks for: what is possible is used, the rest is the default and a sentence.

First each case of the corpus on the real widgets, all in one address. Then every page and view,
with something hostile in all that it keeps in the address: a new choice is among them by itself.
"""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.base.paths import DATA
from core.base.words import MOST_QUOTED
from pages.shared import address, cached
from tests.corpus.addresses import CASES, ODD
from tests.corpus.case import Outcome
from tests.pages.conftest import at_page
from tests.pages.test_leaderboard import made_up

LONGEST_NOTE = 300
VIEW_OF = {"artifacts": "study", "spectrum": "show", "attention": "sight", "leaderboard": "board"}
VIEW_OF |= {"variants": "entries", "compare": "sweep", "lab": "preset", "losses": "objective"}
VIEW_OF |= {"tour": "step"}
"""What chooses a page's view, so that each of them is looked at."""


def widgets() -> None:
    """A page with a choice for each case, named after its kind and number."""
    import json

    import streamlit as st

    from core.imaging.images import Region
    from pages.shared.address import notes
    from pages.shared.choose import (
        Field,
        choose,
        choose_listed,
        choose_number,
        choose_some,
        choose_step,
        switch,
    )

    options = {"table": "Table", "curves": "Curves", "claims": "Claims"}

    def region(key: str, label: str) -> str:
        field = Field(key, label, "four whole numbers", Region.parse)
        field.draw("")
        return field.text

    draw = {
        "view": lambda key, label: choose(key, label, options),
        "picture": lambda key, label: choose_listed(
            key, label, options, also={"the claims": "Claims"}
        ),
        "step": lambda key, label: choose_step(key, label, options, default="table"),
        "variants": lambda key, label: choose_some(key, label, options, ["table"]),
        "seed": lambda key, label: choose_number(
            key, label, 0, 999_999, 0, 1, widget=st.number_input
        ),
        "sigma": lambda key, label: choose_number(key, label, 0.0, 0.3, 0.15, 0.01),
        "band": lambda key, label: choose_number(key, label, 0.0, 1.0, (0.1, 0.2), 0.01),
        "picked": lambda key, label: choose_number(
            key, label, 0.0, 1.0, None, 0.01, widget=st.number_input
        ),
        "grey": lambda key, label: switch(key, label),
        "region": region,
        "unknown": lambda key, label: None,
    }
    found = {}
    for number, kind in enumerate(st.session_state["kinds"]):
        found[number] = draw[kind](f"{kind}{number}", f"{kind} {number}")
    st.text(json.dumps([found, notes()]))


@pytest.fixture(scope="module")
def opened() -> tuple[dict[str, object], list[str]]:
    """The value of each case, by its number, and what was told."""
    app = AppTest.from_function(widgets, default_timeout=60)
    made = [case.make() for case in CASES]
    app.session_state["kinds"] = [kind for kind, _ in made]
    app.query_params.update(
        {f"{kind}{number}": list(texts) for number, (kind, texts) in enumerate(made)}
    )
    app.run()
    assert not app.exception
    return json.loads(app.text[0].value)


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{CASES[n].name}"[:50])
def test_each_address_of_the_corpus_gives_what_it_says(opened, number):
    found, notes = opened
    case = CASES[number]
    kind, texts = case.make()
    value = found[str(number)]
    assert (tuple(value) if isinstance(case.expected, tuple) else value) == case.expected
    told = [note for note in notes if f" {kind} {number} " in note]
    assert len(told) == (case.outcome is Outcome.DEFAULT)
    for note in told:
        assert note.endswith(("used.", "left out.")) and len(note) < LONGEST_NOTE
        parts = [part for text in texts for part in (text, *text.split(","))]
        assert any(f"“{read_in(part)}" in note for part in parts)


def read_in(text: str) -> str:
    """The first letters of a text, where a sentence quotes them as they are."""
    return text.strip()[:MOST_QUOTED] if text.strip().isprintable() else ""


def test_the_corpus_is_large_enough_and_names_no_case_twice():
    assert len(CASES) >= 60 and len({case.name for case in CASES}) == len(CASES)


# Every page and view -----------------------------------------------------------------------------


class Attack:
    """Runs of a page in whose address everything is hostile that it ever read there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: set[str] = set()
        self.known: set[str] = set()
        self.turn = 0
        settle = address.settle

        def noted(name: str, what: str, reader: object) -> list[str]:
            self.read.add(name)
            return settle(name, what, reader)

        monkeypatch.setattr(address, "settle", noted)

    def on(self, folder: str, **view: str) -> AppTest:
        """A run in which nothing came up that was not attacked."""
        app = self.run(folder, view)
        while fresh := self.read - self.known - set(view):
            self.known |= fresh
            app = self.run(folder, view)
        return app

    def run(self, folder: str, view: dict[str, str]) -> AppTest:
        self.read.clear()
        self.turn += 1
        odd = list(ODD.values())
        asked = {
            name: odd[(self.turn + number) % len(odd)]
            for number, name in enumerate(sorted(self.known - set(view)))
        }
        app = at_page(folder, asked | view).run()
        assert not app.exception, (folder, view)
        self.check(app, {name: text for name, text in asked.items() if name in self.read})
        return app

    def check(self, app: AppTest, asked: dict[str, str]) -> None:
        """What is no choice is out of the address, and told once; nothing else is told."""
        odd = {name for name, text in asked.items() if text.strip()}
        assert not odd & set(app.query_params)
        notes = app.session_state[address.NOTES]
        assert len(notes) == len(set(notes)) and len(odd) <= len(notes) <= len(asked)
        for note in notes:
            assert note.endswith(("used.", "left out.")) and len(note) < LONGEST_NOTE


@pytest.fixture
def attack(variants, idle, monkeypatch, tmp_path) -> Attack:
    monkeypatch.setattr(cached.measured, "leaderboard", made_up)
    monkeypatch.setenv(DATA, str(tmp_path))
    monkeypatch.setattr("core.lab.worker.ensure_worker", lambda folder: None)
    return Attack(monkeypatch)


def test_no_address_brings_a_page_down_and_all_of_it_is_told(attack, page):
    assert page.folder in VIEW_OF, "add what chooses the view of the new page"
    key = VIEW_OF[page.folder]
    app = attack.on(page.folder)
    views = next((w.options for w in app.button_group if w.key == key), ["true"])
    for view in views:
        attack.on(page.folder, **{key: view})
    assert {key, "image", "noise", "seed", "variants"} <= attack.known | {key}
    assert attack.turn > len(views)


def test_a_stale_address_that_a_browser_sends_again_changes_nothing():
    """Keys are no labels: the platform would take them out of the address and the widget."""

    def script() -> None:
        import streamlit as st

        from pages.shared.choose import choose

        st.text(choose("one", "One", {"a": "First", "b": "Second"}))
        st.button("again")

    app = AppTest.from_function(script)
    app.query_params["one"] = "b"
    app.run()
    assert app.text[0].value == "b" and app.query_params["one"] == "Second"
    app.query_params["one"] = "b"
    app.button[0].click().run()
    assert app.text[0].value == "b" and app.query_params["one"] == "Second"
