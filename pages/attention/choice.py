"""The choice of a map: a variant's network and layer, a CAM method, a target, a region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import Region
from pages.shared import address, cached
from pages.shared.choose import choose
from pages.shared.plain import plain
from pages.shared.workbench import Workbench, distinct_labels

if TYPE_CHECKING:
    from core.attention.cam import LayerSpec
    from core.variants.store import Card

NO_VARIANT = "Choose a variant in the sidebar: attention maps are of its networks."


@dataclass(frozen=True)
class Choice:
    """One attention map: a variant's network, a layer, a CAM method and a target.

    `region` is what a target at the output sums over, None for all of it.
    """

    card: Card
    network: str
    layer: str
    method: str
    target: str
    region: Region | None

    @property
    def variant(self) -> str:
        """The variant's name."""
        return self.card.name


def choose_map(bench: Workbench) -> Choice | None:
    """Draw the widgets and return the choice; None, after saying why, where there is none."""
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
    return Choice(card, network, layer.key, method, target, bench.region)


def choose_variant(bench: Workbench) -> Card:
    """Draw the choice of one of the workbench's variants and return its card."""
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
    """Return the label of a network."""
    from core.attention.cam import NETWORKS

    return NETWORKS[key].label


def layers_by_network(card: Card) -> dict[str, list[LayerSpec]]:
    """Return the layers of a variant, by network. Raises `ValueError` if it cannot be loaded."""
    from core.attention.cam import layers_of

    found: dict[str, list[LayerSpec]] = {}
    for layer in layers_of(cached.model(card.name)):
        found.setdefault(layer.network, []).append(layer)
    return found


def layers_or_reason(card: Card) -> dict[str, list[LayerSpec]]:
    """Return the layers of a variant; where there are none, draw a sentence that says why."""
    from core.attention.cam import NoLayers

    try:
        return layers_by_network(card)
    except NoLayers as reason:
        st.info(plain(f"{card.label}: {reason}"))
    except ValueError as error:
        st.error(plain(f"{card.label}: {error}"))
    return {}


def choose_layer(network: str, layers: list[LayerSpec]) -> LayerSpec:
    """Draw the slider of a network's layers, and the note on the chosen one."""
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
    """Before the widget `key` exists: drop a choice that is not among its options any more."""
    chosen = st.session_state.get(key)
    if chosen is None:
        return
    many = chosen if isinstance(chosen, list) else [chosen]
    if not set(many) <= set(options):
        del st.session_state[key]


def choose_target(network: str) -> str:
    """Draw the choice of the targets that depend on a network's layers."""
    from core.attention.cam import TARGETS

    labels = {t.key: t.label for t in TARGETS.values() if network in t.networks}
    return _selected(
        "target", "Target", "target", labels, {k: TARGETS[k].sentence for k in labels}
    )


def choose_method(layer: LayerSpec, target: str) -> str:
    """Draw the choice of the CAM methods that are useful at a layer; say why others are not."""
    from core.attention.cam import CAM_METHODS, LEFT_OUT, why_not

    reasons = {key: why_not(key, layer, target) for key in CAM_METHODS}
    labels = {key: CAM_METHODS[key].label for key, reason in reasons.items() if not reason}
    sentences = {key: CAM_METHODS[key].sentence for key in labels}
    sentences |= {name: f"not offered; it {reason}" for name, reason in LEFT_OUT.items()}
    method = _selected("method", "CAM method", "CAM method", labels, sentences)
    for sentence in dict.fromkeys(reason for reason in reasons.values() if reason):
        st.caption(plain(f"Not offered here: {sentence}"))
    return method


def _selected(
    key: str, label: str, what: str, labels: Mapping[str, str], sentences: Mapping[str, str]
) -> str:
    """Draw a choice of one; `what` names it in a note, `sentences` explain the options."""
    address.read_choices(key, what, labels)
    return st.selectbox(
        label,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        bind="query-params",
        on_change=address.forget_notes,
        help="\n\n".join(f"**{labels.get(k, k)}**: {text}" for k, text in sentences.items()),
    )
