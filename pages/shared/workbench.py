"""The workbench: picture, degradation and variants, the same on every page and in the address."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING

import streamlit as st

from core.base.words import few, in_a_sentence
from core.imaging.export import file_name
from core.imaging.images import Region
from core.imaging.large_photo import needs_part
from core.variants.labels import OUTPUTS, distinct_labels
from core.variants.training_range import outside_training
from pages.shared import address, cached, gone, runs, value_range
from pages.shared.acting import acting
from pages.shared.choose import Field, choose_listed, choose_number, choose_some
from pages.shared.filmstrip import draw_set
from pages.shared.kinds import KINDS
from pages.shared.own import own_cards
from pages.shared.picture import ask_for_picture, choose_part, choose_picture
from pages.shared.plain import plain
from pages.shared.resume import resume
from pages.shared.sets import item_source, methods_of, newly_shown
from pages.shared.source import Brought, Source
from pages.shared.values import Picture, Taken
from pages.shared.visits import visit

if TYPE_CHECKING:
    from core.degradations import DegradationSpec, Parameter, Switch
    from core.variants.store import Card

MOST_SLIDER_STEPS = 1000
BENCH, KEPT_REGION = "workbench", "kept_region"
SET = "variant_set"
VARIANT = (
    "A variant is a network with weights that were trained with one loss, or a classical method, "
    "which needs none."
)
OWN_CHOICE = "Your own choice."
OFFER = "Add the shipped ViT + U-Net networks"
LEFT_OUT = "Left out here, where a network has to be run: {who} (pictures from elsewhere)."
AS_GIVEN = {
    True: "The noisy pictures are the set’s own.",
    False: "The set has neither clean nor noisy pictures: its first method stands for the input.",
}
AS_SAVED = "The pictures are those that were saved, degraded by {degradation}."
REGION = Field(
    "region", "Region: x, y, width, height", "four whole numbers x,y,width,height", Region.parse
)
READINGS = {
    "sigma": "Sigma {value:g} is {levels:.1f}/255.",
    "level": "Level {value:g} is {percent:g} % of the picture’s norm.",
    "angle": "{value:g}° counter-clockwise from the horizontal.",
}
"""How a parameter reads in other units, below its widget."""


@dataclass(frozen=True)
class Workbench:
    """What a page works on.

    `clean` is None where the picture came degraded; `part` is the part of a large photo, None
    for all of a small one; `parameters` are the degradation's numbers and switches; `cards` are
    the chosen variants in their order.
    """

    source: Source
    part: Region | None
    clean: Picture | None
    measurement: Picture
    degradation: str
    parameters: Mapping[str, float]
    cards: tuple[Card, ...]

    @property
    def region(self) -> Region | None:
        """The region that the person drew in the part, or None."""
        return current_region(*self.measurement.size)

    @property
    def input_label(self) -> str:
        """What the picture is called that every variant receives."""
        from core.degradations import DEGRADATIONS

        given = self.source.given
        return (given and given.input_label) or DEGRADATIONS[self.degradation].result

    @property
    def brought(self) -> Mapping[str, Brought]:
        """What came with the picture of the chosen entries, by their names."""
        found = {f"{OUTPUTS}{m}": one for m, one in methods_of(self.source).items()}
        return {card.name: found[card.name] for card in self.cards if card.name in found}

    @property
    def networks(self) -> tuple[Card, ...]:
        """The chosen entries that can be run on another picture."""
        return tuple(card for card in self.cards if card.has_network)

    @property
    def taken(self) -> Taken | None:
        """The measurement with its degradation, None where nobody knows that."""
        from core.degradations import DEGRADATIONS, Degradation

        spec = DEGRADATIONS[self.degradation]
        known = Degradation(spec, spec.values(self.parameters))
        return Taken(self.measurement, known) if spec.operator else None

    @property
    def noise(self) -> str:
        """What kind of noise was added: "clipped colour noise"; empty where that is unknown."""
        from core.degradations import DEGRADATIONS

        return DEGRADATIONS[self.degradation].noise_words(self.parameters)

    def file_name(self, what: str, *, variant: str = "", extension: str = "") -> str:
        """What a saved file is called: the picture, its degradation, what is in it, a variant."""
        numbers = (f"{n} {x:g}" for n, x in self.parameters.items() if not isinstance(x, bool))
        return file_name(
            what,
            picture=PurePath(self.source.label).stem,
            noise=" ".join([self.degradation, *numbers]),
            variant=variant,
            extension=extension,
        )

    @property
    def sentence(self) -> str:
        """What is shown, in a line."""
        from core.degradations import DEGRADATIONS

        width, height = self.measurement.size
        spec = DEGRADATIONS[self.degradation]
        numbers = ", ".join(f"{p.name} {self.parameters[p.name]:g}" for p in spec.parameters)
        place = f" at {self.part.x}, {self.part.y}" if self.part else ""
        size, taken = f"{width} × {height}{place}", f"{spec.label} {numbers}".rstrip()
        given = self.source.given
        if given and given.input_label and not given.degradation:
            taken = f"from the set {given.set_name}"
        facts = [self.source.label, size, taken, self.noise]
        return " · ".join(fact for fact in facts if fact)


def draw_workbench(*, on_picture: bool = True) -> None:
    """Draw the sidebar and keep what was chosen; stops the run if there is no picture.

    `on_picture` says whether the page works on it: then the set's pictures stand above.

    Called by the frame: the platform forgets the widgets of a page, and what they wrote into the
    address, when the page is left.
    """
    runs.look_again()
    try:
        with st.sidebar:
            source = choose_picture()
    except ValueError as error:
        st.error(plain(str(error)))
        st.stop()
    load_pytorch()
    with st.sidebar:
        spec, parameters = _choose_degradation(source)
        cards = _choose_variants(source)
        resume(source)
    if source is None:
        ask_for_picture()
        st.stop()
    try:
        bench = _measured(source, choose_part(source), spec, parameters, cards)
    except ValueError as error:
        st.error(plain(str(error)))
        st.stop()
    st.session_state[BENCH] = bench
    visit().look_at(bench.measurement.digest)  # before anything is queued for this look
    if source.given and on_picture:
        draw_set(source.key)


def workbench_of(bench: Workbench, place: int) -> Workbench:
    """The same with another picture of its set. Raises `ValueError` for one that is none."""
    from core.degradations import DEGRADATIONS

    source = item_source(bench.source.key, place, value_range.chosen())
    if needs_part(*source.size):
        raise ValueError(f"“{source.label}” is too large to be saved whole.")
    spec = DEGRADATIONS[bench.degradation]
    return _measured(source, None, spec, bench.parameters, bench.cards)


def workbench() -> Workbench:
    """What was chosen; for pages."""
    return st.session_state[BENCH]


def draw_clipping() -> None:
    """What clipped noise does to the picture, below the page: the pictures come first."""
    bench = workbench()
    if bench.clean and bench.taken:
        told = cached.pictures.clipping_of(bench.clean, bench.taken.degradation)
        if told:
            st.caption(plain(told))


def draw_warnings() -> None:
    """What is odd about the picture's file, and what the chosen variants never saw.

    In the page, as a phone hides the sidebar.
    """
    bench = workbench()
    unseen = outside_training(bench.cards, bench.degradation, bench.parameters)
    for note in [*bench.source.warnings, *unseen]:
        st.caption(plain(f"⚠ {note}"))


def of_networks(bench: Workbench) -> Workbench:
    """The same with only those entries that can be run; says which are left out."""
    labels = distinct_labels(bench.cards)
    pictures = [labels[card.name] for card in bench.cards if not card.has_network]
    if pictures:
        st.caption(plain(LEFT_OUT.format(who=few(pictures))))
    return replace(bench, cards=bench.networks)


def offer_networks(sentence: str) -> None:
    """Say that a view needs a network, and offer the shipped ones beside what is chosen."""
    from core.variants.featured import HYBRIDS

    st.info(sentence)
    offered = [name for name in HYBRIDS if name in cached.variants.cards()]
    if offered:
        st.button(OFFER, key="offer_networks", on_click=add_variants, args=(offered,))


def add_variants(names: Sequence[str]) -> None:
    """For a button: choose these variants beside those that are chosen."""
    st.session_state["variants"] = list(dict.fromkeys([*st.session_state["variants"], *names]))
    address.forget_notes()


def draw_notes() -> None:
    """What the address asked for and did not get."""
    for note in address.notes():
        st.warning(plain(note))


def load_pytorch() -> None:
    """The first time this is slow, so it happens in view."""
    if "core.variants.store" not in sys.modules:
        with st.spinner("Loading PyTorch…"):
            import core.variants.store  # noqa: F401


def _measured(
    source: Source,
    part: Region | None,
    spec: DegradationSpec,
    parameters: Mapping[str, float],
    cards: Sequence[Card],
) -> Workbench:
    text = part.text if part else None
    whole, given = cached.pictures.clean_picture(source.digest, text, source.read), source.given
    if given and given.noisy is not None:
        measured = cached.pictures.clean_picture(given.noisy_digest, text, lambda: given.noisy)
        clean = whole if given.has_clean else None
        _check_sizes(measured, clean)
    else:
        settings = tuple(sorted(parameters.items()))
        measured = cached.pictures.measurement(whole.digest, spec.key, settings, whole.image)
        clean = whole if spec.keeps_clean else None
    return Workbench(source, part, clean, measured, spec.key, parameters, tuple(cards))


def _check_sizes(noisy: Picture, clean: Picture | None) -> None:
    """Raise `ValueError` where a pair is none."""
    if clean and clean.size != noisy.size:
        (w, h), (width, height) = noisy.size, clean.size
        raise ValueError(
            f"The noisy picture is {w} × {h} pixels and the clean one {width} × {height}: "
            "nothing is resampled, so they cannot be compared."
        )


def _choose_degradation(
    source: Source | None,
) -> tuple[DegradationSpec, Mapping[str, float]]:
    """The degradation and its values: chosen, or those that the pictures came with."""
    from core.degradations import DEGRADATIONS

    given = source.given if source else None
    if given and given.degradation:
        st.caption(plain(AS_SAVED.format(degradation=str(given.degradation))))
        return given.degradation.spec, given.degradation.parameters
    if given and given.input_label:
        st.caption(AS_GIVEN[given.noisy is not None])
        return DEGRADATIONS["none"], {}
    labels = {spec.key: spec.label for spec in DEGRADATIONS.values()}
    sentences = "\n\n".join(f"**{s.label}**: {s.sentence}" for s in DEGRADATIONS.values())
    spec = DEGRADATIONS[choose_listed("noise", "Degradation", labels, help=sentences)]
    parameters = {p.name: _choose_parameter(p) for p in spec.parameters}
    return spec, parameters | {s.name: _choose_switch(s, source) for s in spec.switches}


def _choose_parameter(parameter: Parameter) -> float:
    many = (parameter.high - parameter.low) / parameter.step > MOST_SLIDER_STEPS
    decimals = len(f"{parameter.step:g}".partition(".")[2])
    value = choose_number(
        parameter.name,
        f"{parameter.label} in {parameter.unit}" if parameter.unit else parameter.label,
        parameter.low,
        parameter.high,
        parameter.default,
        parameter.step,
        name=parameter.label.lower(),
        widget=st.number_input if many else st.slider,
        format=f"%.{decimals}f" if decimals else "%d",
    )
    if parameter.name in READINGS:
        reading = READINGS[parameter.name]
        st.caption(reading.format(value=value, levels=255 * value, percent=100 * value))
    return value


def _choose_switch(switch: Switch, source: Source | None) -> bool:
    """A toggle at what the person chose; until then at what suits the picture."""
    on = address.read_switch(switch.name, in_a_sentence(switch.label))
    if on is None:
        on = (
            cached.pictures.suited(switch, source.digest, source.read)
            if source
            else switch.default
        )
    st.session_state[switch.name] = on  # in every run: the browser may not have seen the former
    return acting(
        st.toggle,
        switch.label,
        key=switch.name,
        act=partial(_take_switch, switch.name),
        help=switch.sentence,
    )


def _take_switch(name: str) -> None:
    address.keep_switch(name, st.session_state[name])
    address.forget_notes()


def _choose_variants(source: Source | None) -> list[Card]:
    """Sets first, then what is chosen, line by line; single variants for those who open them."""
    from core.variants.brought import outputs_card

    outputs = {card.name: card for card in map(outputs_card, methods_of(source))}
    cards = outputs | cached.variants.cards() | own_cards()
    if newly_shown(source.key if source and source.given else "") and outputs:
        _offer_at_first(outputs)
    gone.bring_back(cards)
    above = st.container()  # what is chosen is known below it
    with st.expander("Choose single variants", key="single_variants"):
        names = _choose_single(cards, outputs)
    chosen = [card for name, card in cards.items() if name in names]
    with above:
        _choose_set(variant_sets(cards), names)
        labels = distinct_labels(chosen)
        _list_chosen(chosen, labels)
        gone.keep_track(labels)
    for name, reason in cached.variants.refused().items():
        st.caption(plain(f"⚠ {name} was refused. {reason}"))
    return chosen


def _offer_at_first(outputs: Collection[str]) -> None:
    """A set that was just opened shows its outputs, unless the address asks for others."""
    if "variants" in st.session_state:
        st.session_state["variants"] = list(outputs)


def _choose_single(cards: Mapping[str, Card], outputs: Collection[str]) -> list[str]:
    """Names of variants, one by one."""
    from core.variants.featured import shown_first

    labels = distinct_labels(cards.values())
    backwards = reversed(cards.values())  # a text that two are called by is the first one's
    also = {text: labels[card.name] for card in backwards for text in card.spellings}
    return choose_some(
        "variants",
        "Variant",
        labels,
        list(outputs) or shown_first(list(cards.values())),
        also=also,
        placeholder="Choose variants",
        label_visibility="collapsed",
    )


def _choose_set(sets: Mapping[str, Sequence[str]], names: Collection[str]) -> None:
    """A button for each set of variants; the one whose variants are chosen is held."""
    labels = {key: f"{KINDS[key].label} {len(members)}" for key, members in sets.items()}
    held = next((key for key, members in sets.items() if set(members) == set(names)), None)
    st.session_state[SET] = held
    acting(
        st.pills,
        "Variants",
        list(sets),
        required=True,
        format_func=labels.__getitem__,
        key=SET,
        act=partial(_take_set, sets),
        help="\n\n".join([VARIANT, *(f"**{KINDS[k].label}**: {KINDS[k].sentence}" for k in sets)]),
    )
    st.caption(KINDS[held].sentence if held else OWN_CHOICE)


def _list_chosen(cards: Sequence[Card], labels: Mapping[str, str]) -> None:
    """The chosen variants, a line each; the whole story of a label under the pointer."""
    lines = (f"<li title='{escape(c.full_label)}'>{escape(labels[c.name])}" for c in cards)
    st.html(f"<ul class=chosen>{''.join(lines)}</ul>")


def variant_sets(cards: Mapping[str, Card]) -> dict[str, list[str]]:
    """Key -> names: each kind that has some of these but not all, and not those of another."""
    found: dict[tuple[str, ...], str] = {}
    for spec in KINDS.values():
        names = tuple(name for name, card in cards.items() if spec.holds(card))
        if 0 < len(names) < len(cards):
            found.setdefault(names, spec.key)
    return {key: list(names) for names, key in found.items()}


def _take_set(sets: Mapping[str, Sequence[str]]) -> None:
    """What a button chooses: its variants, and the degradation that they were trained for.

    A picture that came degraded stays as it is.
    """
    from core.degradations import DEGRADATIONS

    chosen = st.session_state[SET]
    if chosen not in sets:  # none is held any more
        return
    st.session_state["variants"] = list(sets[chosen])
    if DEGRADATIONS[st.session_state.get("noise", "none")].operator:
        take_degradation(KINDS[chosen].task)
    address.forget_notes()


def take_degradation(key: str, values: Mapping[str, float] | None = None) -> None:
    """Choose a degradation with these values, or its defaults; a person's own stay if it is so."""
    from core.degradations import DEGRADATIONS

    if st.session_state.get("noise", key) == key:
        return
    st.session_state["noise"] = key
    for parameter in DEGRADATIONS[key].parameters:
        value = (values or {}).get(parameter.name, parameter.default)
        # Whole numbers stay whole: their widgets take no others.
        st.session_state[parameter.name] = type(parameter.default)(value)


# The region, which belongs to the page's viewer ------------------------------------------------


def current_region(width: int, height: int) -> Region | None:
    """The region in the address or drawn, inside a picture of this size; None if there is none."""
    text = st.session_state[KEPT_REGION] = REGION.text
    try:
        return Region.parse(text).clipped(width, height)
    except ValueError:
        return None


def bring_region() -> None:
    """On another page: its field is not the former page's, and begins with what that one held."""
    text = st.session_state.get(KEPT_REGION)
    if text:
        st.session_state[REGION.key] = text
        address.put(REGION.key, [text])


def take_region(region: Region | None) -> None:
    """What a viewer calls when the person drew or cleared the region."""
    st.session_state[REGION.key] = region.text if region else ""


def region_field(width: int, height: int, then: Callable[[], None] | None = None) -> None:
    """The region as text: typed or drawn, it stands in the address.

    `then` is called when the person typed another, before anything is drawn again.
    """
    REGION.draw(
        "draw one in the viewer, or type it",
        lambda text: Region.parse(text).clipped(width, height),
        then,
    )
