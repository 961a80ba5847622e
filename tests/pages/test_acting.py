"""What a person does is acted upon once, however often the platform tells of it."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared.acting import acting, is_new


class Interrupted(BaseException):
    """How the platform ends a run when a newer one begins."""


class Told:
    """A widget of which the platform tells when a test says so."""

    interrupted = False

    def __init__(self, value: object) -> None:
        self.value, self.acts = value, 0

    def draw(self) -> object:
        return acting(self, "label", key="name", act=self.act)

    def __call__(self, label, *, key, on_change, args):
        self.tell = lambda: on_change(*args)
        if self.interrupted:
            raise Interrupted
        st.session_state[key] = self.value
        return self.value

    def act(self) -> None:
        self.acts += 1


def test_a_value_that_was_drawn_or_acted_upon_is_no_news(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    widget = Told("a")
    assert widget.draw() == "a"
    widget.tell()  # its page was left, or a run was interrupted before it
    assert widget.acts == 0
    st.session_state["name"] = "b"
    widget.tell()
    widget.tell()
    assert widget.acts == 1
    st.session_state["name"] = "a"
    widget.tell()
    assert widget.acts == 2


def test_what_the_page_has_put_there_is_no_act_though_its_run_was_interrupted(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    widget = Told("a")
    widget.draw()
    st.session_state["name"] = None  # as a set that is not held any more
    widget.interrupted = True
    with pytest.raises(Interrupted):
        widget.draw()
    widget.tell()
    assert widget.acts == 0
    st.session_state["name"] = "a"
    widget.tell()
    assert widget.acts == 1


def test_each_is_seen_by_its_own_key(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    assert is_new("region", 1) and is_new("band", 1)
    assert not is_new("region", 1) and is_new("region", None) and is_new("region", 1)


def test_a_view_that_is_not_there_is_not_run_alone():
    def script() -> None:
        import streamlit as st

        from pages.shared.views import View, polled, run_alone

        class Counted(View):
            def jobs(self):
                return ()

            def draw(self, *, pending):
                st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1

        st.session_state["run"] = st.session_state.get("run", 0) + 1
        st.button("Here", on_click=run_alone, args=("counted",))
        st.button("Elsewhere", on_click=run_alone, args=("of another page",))
        polled(Counted(), key="counted")

    def runs(button: int) -> tuple[int, int]:
        """How often the page and the view are run for a click."""
        app.run()
        before = app.session_state["run"], app.session_state["drawn"]
        app.button[button].click().run()
        assert not app.exception
        return app.session_state["run"] - before[0], app.session_state["drawn"] - before[1]

    app = AppTest.from_function(script)
    assert runs(0) == (0, 1)
    assert runs(1) == (1, 1)
