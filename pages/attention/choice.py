"""The choice of a map: a variant's network and layer, a CAM method, a target, a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.base.words import few, in_a_sentence
from core.imaging.images import Region
from pages.shared import cached
from pages.shared.choose import choose, choose_listed, choose_step, switch
from pages.shared.plain import plain
from pages.shared.workbench import Workbench, distinct_labels, offer_networks

if TYPE_CHECKING:
    from core.attention.cam import LayerSpec
    from core.variants.store import Card

INSIDE = (
    "The map’s outer cells (three from each side, fewer in a coarse map) stay empty: they count "
    "neither for the colours’ scale nor for the band. Much of what lights up there is the zeros "
    "beyond the picture, not the picture."
)
NO_VARIANT = "Choose a variant in the sidebar: attention maps are of its networks."


@dataclass(frozen=True)
class Choice:
    """One attention map: a variant's network, a layer, a CAM method and a target.

    `region` is what a target at the output sums over, None for all of it; `padding` what
    convolutions see beyond the border; `inside` says that the map's border is left out.
    """

    card: Card
    network: str
    layer: str
    method: str
    target: str
    region: Region | None
    padding: str
    inside: bool

    @property
    def variant(self) -> str:
        """The variant's name."""
        return self.card.name


def words_of(choices: Sequence[Choice]) -> str:
    """Say what maps are of, for a page without these widgets: all that they have in common."""
    slots = zip(*map(_words, choices), strict=True)
    common = [words[0] for words in slots if len(set(words)) == 1]
    return " · ".join(filter(None, [*common, _signs(choices)]))


def _words(choice: Choice) -> tuple[str, ...]:
    """The method, the variant, where in the network, and how; empty for what changes nothing."""
    from core.attention.cam import CAM_METHODS, REFLECT, TARGETS

    method, target = CAM_METHODS[choice.method], TARGETS[choice.target]
    sees_region = method.needs_gradient and target.takes_region and choice.region is not None
    layers = {one.key: one for one in layers_by_network(choice.card)[choice.network]}
    return (
        method.label,
        choice.card.full_label,
        network_label(choice.network),
        layers[choice.layer].label,
        f"target: {in_a_sentence(target.label)}" if method.needs_gradient else "",
        f"region {choice.region.text}" if sees_region else "",
        "reflected padding" if choice.padding == REFLECT else "",
        "border left out" if choice.inside else "",
    )


def _signs(choices: Sequence[Choice]) -> str:
    """How the maps were turned whose sign is arbitrary."""
    from core.attention.cam import CAM_METHODS

    methods = {one.method: CAM_METHODS[one.method] for one in choices}
    signed = [method.label for method in methods.values() if method.signed]
    of = f" of {few(signed)}" if 0 < len(signed) < len(methods) else ""
    return f"sign{of}: the value farthest from 0 is positive" if signed else ""


def choose_map(bench: Workbench) -> Choice | None:
    """Draw the widgets and return the choice; None, after saying why, where there is none."""
    if not bench.cards:
        offer_networks(NO_VARIANT)
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
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(layer.sentence))
        padding, inside = choose_padding(), choose_inside()
    return Choice(card, network, layer.key, method, target, bench.region, padding, inside)


def choose_variant(bench: Workbench) -> Card:
    """Draw the choice of one of the workbench's variants and return its card."""
    cards = {card.name: card for card in bench.cards}
    return cards[choose_listed("of", "Variant", distinct_labels(bench.cards))]


def network_label(key: str) -> str:
    """Return the label of a network."""
    from core.attention.cam import NETWORKS

    return NETWORKS[key].label


def layers_by_network(card: Card) -> dict[str, list[LayerSpec]]:
    """Return the layers of a variant, by network. Raises `ValueError` if it cannot be loaded."""
    from core.attention.cam import layers_of

    found: dict[str, list[LayerSpec]] = {}
    for layer in layers_of(cached.variants.model(card.name)):
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
    """Draw the slider of a network's layers, and return the chosen one."""
    by_key = {layer.key: layer for layer in layers}
    labels = {key: layer.label for key, layer in by_key.items()}
    middle = list(labels)[len(labels) // 2]
    label = f"Layer of the {network_label(network)}"
    return by_key[choose_step(f"{network}_layer", label, labels, default=middle)]


def choose_padding() -> str:
    """Draw the switch to reflected padding, and return the key of what is chosen."""
    from core.attention.cam import AS_TRAINED, PADDINGS, REFLECT

    explained = "\n\n".join(f"**{s.label}**: {s.sentence}" for s in PADDINGS.values())
    return REFLECT if switch("reflect", "Reflected padding", help=explained) else AS_TRAINED


def choose_inside() -> bool:
    """Draw the switch that leaves the border out of maps."""
    return switch("inside", "Border left out", help=INSIDE)


def choose_target(network: str) -> str:
    """Draw the choice of the targets that depend on a network's layers."""
    from core.attention.cam import TARGETS

    labels = {t.key: t.label for t in TARGETS.values() if network in t.networks}
    return _selected("target", "Target", labels, {k: TARGETS[k].sentence for k in labels})


def choose_method(layer: LayerSpec, target: str) -> str:
    """Draw the choice of the CAM methods that are useful at a layer; say why others are not."""
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
    """Draw a choice of one; `sentences` explain the options."""
    explained = "\n\n".join(f"**{labels.get(k, k)}**: {text}" for k, text in sentences.items())
    return choose_listed(key, label, labels, help=explained)
