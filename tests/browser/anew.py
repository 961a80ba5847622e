"""A host's page that begins anew without being loaded again, for hundreds of tests of one script.

Its field takes another address, with another serial. Then the session forgets all, and every
widget and viewer has another key, so that the browser makes them anew as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

import streamlit as st

SERIAL, FIELD, ASKED = "serial", "Address", "asked"
OWN_KEY = re.compile(r"view=([a-z]+)~")


def begin() -> str:
    """Called first by a script: the serial, which ends the key of whatever must be new."""
    text = st.text_input(FIELD)
    typed = {name: values[0] for name, values in parse_qs(text.removeprefix("?")).items()}
    found = typed or st.query_params.to_dict()
    serial = found.get(SERIAL, "")
    if st.session_state.get(ASKED, found).get(SERIAL, "") != serial:
        # A viewer that goes may still say its last word: its own state stays, under its own key.
        for name in [name for name in st.session_state if not name[-1].isdigit()]:
            del st.session_state[name]
    st.session_state[ASKED] = found
    st.markdown(f"{SERIAL}={serial}")
    return serial


def asked() -> Mapping[str, str]:
    """What the address asks for: the field's, or that of the page as it was loaded."""
    return st.session_state[ASKED]


def addressed(query: str, serial: int) -> str:
    """The address's query with the serial; a viewer that it names has the key of that serial."""
    keyed = OWN_KEY.sub(rf"view=\g<1>{serial}~", query)
    return f"{keyed}{'&' if keyed else '?'}{SERIAL}={serial}"
