"""How images are prepared before they are measured: the choice below the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.choose import choose_listed, chosen_of

if TYPE_CHECKING:
    from core.metrics import MetricSpec, ProtocolSpec

PROTOCOL, LABEL = "protocol", "Protocol"
SELECT_PIXELS = 230
WHY = (
    "PSNR and SSIM of one picture differ by decibels with how it is prepared: compare with a "
    "paper’s numbers under its protocol. Of a region, the border is cut from the region."
)


def choose_protocol() -> None:
    """The widget, below the numbers."""
    from core.metrics import PROTOCOLS

    told = "\n\n".join([WHY, *(f"**{s.label}**: {s.sentence}" for s in PROTOCOLS.values())])
    choose_listed(PROTOCOL, LABEL, _labels(), help=told, width=SELECT_PIXELS)


def chosen_protocol() -> ProtocolSpec:
    """What was chosen, also before the widget is drawn: numbers are begun before that."""
    from core.metrics import OURS, PROTOCOLS

    return PROTOCOLS[chosen_of(PROTOCOL, LABEL, _labels(), OURS.key)]


def _labels() -> dict[str, str]:
    from core.metrics import PROTOCOLS

    return {spec.key: spec.label for spec in PROTOCOLS.values()}


def measured_metrics(protocol: ProtocolSpec) -> list[MetricSpec]:
    """Every metric as a protocol measures it."""
    from core.metrics import METRICS

    return [protocol.apply(metric) for metric in METRICS.values()]
