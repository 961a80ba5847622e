"""Bound widgets: what they offered once and do no more is forgotten, and order is the options'."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import read


def app_of(offered: list[str], **address: str | list[str]) -> AppTest:
    """A page with one widget of each kind; `offered` are the options."""

    def script() -> None:
        import streamlit as st

        from pages.shared import address
        from pages.shared.choose import choose, choose_listed, choose_number, choose_some, switch

        options = {key: key.upper() for key in st.session_state["offered"]}
        found = {
            "one": choose("one", "One", options, then=lambda: st.session_state.update(called=1)),
            "listed": choose_listed("listed", "Listed", options, default="b", also={"bee": "B"}),
            "some": choose_some("some", "Some", options, ["c", "a", "x"]),
            "number": choose_number("number", "Number", 0, 9, 5),
            "on": switch("on", "On", on=True),
        }
        for note in address.notes():
            st.warning(note)
        st.json(found)

    app = AppTest.from_function(script)
    app.session_state["offered"] = offered
    app.query_params.update(address)
    return app.run()


def found(app: AppTest) -> dict[str, object]:
    import json

    assert not app.exception
    return json.loads(app.json[0].value)


def test_they_start_at_their_defaults_in_the_order_of_the_options():
    assert found(app_of(["a", "b", "c"])) == {
        "one": "a", "listed": "b", "some": ["a", "c"], "number": 5, "on": True,
    }  # fmt: skip


def test_the_address_names_keys_labels_and_other_texts():
    address = {"one": "B", "listed": "bee", "some": ["c", "b"], "number": "7", "on": "false"}
    app = app_of(["a", "b", "c"], **address)
    assert found(app) == {
        "one": "b", "listed": "b", "some": ["b", "c"], "number": 7, "on": False,
    }  # fmt: skip
    assert not app.warning


@pytest.mark.parametrize(("key", "value"), [("one", "z"), ("some", "z"), ("number", "10")])
def test_what_the_address_does_not_get_is_told_until_the_person_changes_something(key, value):
    app = app_of(["a", "b", "c"], **{key: value})
    assert [f"“{value}”" in read(warning.value) for warning in app.warning] == [True]
    app.slider(key="number").set_value(3).run()
    assert not app.warning


def test_what_is_offered_no_more_is_forgotten_and_the_rest_stays():
    app = app_of(["a", "b", "c"])
    app.multiselect(key="some").set_value(["b", "c"])
    app.selectbox(key="listed").set_value("c")
    app.button_group(key="one").set_value("b").run()
    assert app.session_state["called"] == 1
    app.session_state["offered"] = ["a", "b"]
    app.run()
    assert found(app) | {"number": 0} == {
        "one": "b", "listed": "b", "some": ["b"], "number": 0, "on": True,
    }  # fmt: skip
