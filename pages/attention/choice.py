"""What the Attention page looks at: a network and its layer, a CAM method, a target, a band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import Region
from pages.shared import address, cached
from pages.shared.choose import choose
from pages.shared.linked_viewer import Band
from pages.shared.linked_viewer.specs import BY
from pages.shared.plain import plain
from pages.shared.workbench import Workbench, distinct_labels

if TYPE_CHECKING:
    from core.attention.cam import LayerSpec
    from core.variants.store import Card

NO_VARIANT = "Choose a variant in the sidebar: attention maps are made of its networks."
BAND = "threshold"  # not "band", which is the Spectrum page's
BAND_HELP = "lower, upper, value or area; drag it in the viewer, or type it"


def _switch(text: str) -> bool:
    return bool(int(text))


READERS = {
    "filtering": _switch, "rescale": _switch, "contour": _switch, "colours": str, "opacity": float,
}  # fmt: skip
"""What a band's text may name beside its bounds, and how it is read."""


@dataclass(frozen=True)
class Choice:
    """One attention map: a variant's network, a layer, a CAM method and a target.

    `region` is what an output's target sums over, None for all of it; `band` is the threshold.
    """

    card: Card
    network: str
    layer: str
    method: str
    target: str
    region: Region | None
    band: Band

    @property
    def variant(self) -> str:
        return self.card.name


def choose_map(bench: Workbench) -> Choice | None:
    """Draw the widgets and return what is chosen; None, and a sentence, where nothing can be."""
    if not bench.cards:
        st.info(NO_VARIANT)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        card = choose_variant(bench)
        layers = layers_or_reason(card)
        if not layers:
            return None
        offered = {key: network_label(key) for key in layers}
        network = choose("network", "Network", offered, label_visibility="visible")
        target = choose_target(network)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        layer = choose_layer(network, layers[network])
    with right:
        method = choose_method(layer, target)
    return Choice(card, network, layer.key, method, target, bench.region, current_band())


def choose_variant(bench: Workbench) -> Card:
    cards = {card.name: card for card in bench.cards}
    labels = distinct_labels(bench.cards)
    address.read_choices("of", "variant", labels)
    name = st.selectbox(
        "Variant",
        list(labels),
        format_func=labels.__getitem__,
        key="of",
        bind="query-params",
        on_change=address.forget_notes,
    )
    return cards[name]


def network_label(key: str) -> str:
    from core.attention.cam import NETWORKS

    return NETWORKS[key].label


def layers_by_network(card: Card) -> dict[str, list[LayerSpec]]:
    """The layers of a variant, by network. Raises `ValueError` if it cannot be loaded."""
    from core.attention.cam import layers_of

    found: dict[str, list[LayerSpec]] = {}
    for layer in layers_of(cached.model(card.name)):
        found.setdefault(layer.network, []).append(layer)
    return found


def layers_or_reason(card: Card) -> dict[str, list[LayerSpec]]:
    """The same; where there are none, a sentence on the page says why."""
    from core.attention.cam import NoLayers

    try:
        return layers_by_network(card)
    except NoLayers as reason:
        st.info(plain(f"{card.label}: {reason}"))
    except ValueError as error:
        st.error(plain(f"{card.label}: {error}"))
    return {}


def choose_layer(network: str, layers: list[LayerSpec]) -> LayerSpec:
    by_key = {layer.key: layer for layer in layers}
    labels = {key: layer.label for key, layer in by_key.items()}
    name = f"{network}_layer"
    address.read_choices(name, "layer", labels)
    forget_missing(name, labels)
    key = st.select_slider(
        f"Layer of the {network_label(network)}",
        list(labels),
        list(labels)[len(labels) // 2],
        format_func=labels.__getitem__,
        key=name,
        bind="query-params",
        on_change=address.forget_notes,
    )
    if by_key[key].note:
        st.caption(plain(by_key[key].note))
    return by_key[key]


def forget_missing(key: str, options: Mapping[str, str]) -> None:
    """Before the widget `key` exists: drop what another network had and this one has not."""
    chosen = st.session_state.get(key)
    if chosen is None:
        return
    many = chosen if isinstance(chosen, list) else [chosen]
    if not set(many) <= set(options):
        del st.session_state[key]


def choose_target(network: str) -> str:
    from core.attention.cam import TARGETS

    labels = {t.key: t.label for t in TARGETS.values() if network in t.networks}
    return _selected("target", "Target", labels, {k: TARGETS[k].sentence for k in labels})


def choose_method(layer: LayerSpec, target: str) -> str:
    """Only what works at the layer is offered; why the rest does not is said."""
    from core.attention.cam import CAM_METHODS, LEFT_OUT, why_not

    reasons = {key: why_not(key, layer, target) for key in CAM_METHODS}
    labels = {key: CAM_METHODS[key].label for key, reason in reasons.items() if not reason}
    sentences = {key: CAM_METHODS[key].sentence for key in labels}
    sentences |= {name: f"not offered; it {reason}" for name, reason in LEFT_OUT.items()}
    method = _selected("method", "CAM method", labels, sentences)
    for sentence in dict.fromkeys(reason for reason in reasons.values() if reason):
        st.caption(plain(f"Not offered here: {sentence}"))
    return method


def _selected(
    key: str, label: str, labels: Mapping[str, str], sentences: Mapping[str, str]
) -> str:
    address.read_choices(key, label.lower(), labels)
    return st.selectbox(
        label,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        bind="query-params",
        on_change=address.forget_notes,
        help="\n\n".join(f"**{labels.get(k, k)}**: {text}" for k, text in sentences.items()),
    )


# The band ----------------------------------------------------------------------------------------


def band_text(band: Band) -> str:
    """`0.4,0.9,value`, and after it what differs from the usual look, as `name=value`."""
    usual = Band()
    rest = [
        f"{field.name}={_word(getattr(band, field.name))}"
        for field in fields(Band)
        if field.name not in ("lower", "upper", "by")
        and getattr(band, field.name) != getattr(usual, field.name)
    ]
    return ",".join([f"{band.lower:g}", f"{band.upper:g}", band.by, *rest])


def _word(value: bool | float | str) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def parse_band(text: str) -> Band:
    """The band that a text names. Raises `ValueError` in one sentence."""
    wrong = ValueError(f"“{text[:60]}” is no band; write it as 0.4,0.9,value or 0.8,1,area.")
    try:
        lower, upper, by, *rest = [part.strip() for part in text.split(",") if part.strip()]
        changes = dict(part.split("=", 1) for part in rest)
        read = {name: READERS[name](value) for name, value in changes.items()}
        numbers = float(lower), float(upper)
    except (KeyError, ValueError):
        raise wrong from None
    if by not in BY:
        raise wrong
    return Band(*numbers, by, **read)


def _band_text() -> str:
    text = st.session_state.get(BAND, st.query_params.get(BAND, ""))
    return text if isinstance(text, str) else ""


def current_band() -> Band:
    """The band in the address or dragged; the source's where there is none."""
    try:
        return parse_band(_band_text())
    except ValueError:
        return Band()


def take_band(band: Band) -> None:
    """What a viewer calls when the band was let go."""
    st.session_state[BAND] = band_text(band)


def band_field() -> None:
    """The band as text: typed or dragged, it stands in the address."""
    st.text_input("Band", key=BAND, bind="query-params", placeholder=BAND_HELP)
    text = _band_text()
    try:
        _ = parse_band(text) if text else None
    except ValueError as error:
        st.error(plain(str(error)))
