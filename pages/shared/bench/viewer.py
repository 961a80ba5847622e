"""A page with the linked viewer and nothing else; the environment says how large a panel is."""

import os

import streamlit as st

from pages.shared.bench.panels import panels
from pages.shared.linked_viewer import linked_viewer

st.set_page_config(layout="wide")
linked_viewer(panels(int(os.environ["LOSSLENS_SIDE"])), key="viewer")
