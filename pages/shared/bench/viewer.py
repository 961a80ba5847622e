"""A page with the linked viewer and nothing else; `?side=` says how large its panels are."""

import streamlit as st

from pages.shared.bench.panels import panels
from pages.shared.linked_viewer import linked_viewer

st.set_page_config(layout="wide")
linked_viewer(panels(int(st.query_params["side"])), key="viewer")
