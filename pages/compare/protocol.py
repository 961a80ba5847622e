"""How images are prepared before they are measured: the choice below the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.choose import choose_listed

if TYPE_CHECKING:
    from core.metrics import MetricSpec, ProtocolSpec

PROTOCOL = "protocol"
SELECT_PIXELS = 230
WHY = (
    "PSNR and SSIM of one picture differ by decibels with how it is prepared: compare with a "
    "paper’s numbers under its protocol. Of a region, the border is cut from the region."
)


def choose_protocol() -> None:
    """The widget, below the numbers; not among what is drawn again by itself.

    There a browser that is asked for news while the page is still loading sends its first address
    once more, and the platform takes a key in it, which is no label, out of widget and address.
    """
    from core.metrics import PROTOCOLS

    labels = {spec.key: spec.label for spec in PROTOCOLS.values()}
    told = "\n\n".join([WHY, *(f"**{s.label}**: {s.sentence}" for s in PROTOCOLS.values())])
    choose_listed(PROTOCOL, "Protocol", labels, help=told, width=SELECT_PIXELS)


def chosen_protocol() -> ProtocolSpec:
    """What was chosen, also before the widget is drawn: numbers are begun before that."""
    from core.metrics import OURS, PROTOCOLS

    asked = st.session_state.get(PROTOCOL) or st.query_params.get(PROTOCOL)
    return next((s for s in PROTOCOLS.values() if asked in (s.key, s.label)), OURS)


def measured_metrics(protocol: ProtocolSpec) -> list[MetricSpec]:
    """Every metric as a protocol measures it."""
    from core.metrics import METRICS

    return [protocol.apply(metric) for metric in METRICS.values()]
