"""What is to be trained: a preset, changed as the person likes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core.lab.networks import NETWORKS
from core.lab.plan import BOUNDS, MOST_RUNS, Plan
from core.lab.presets import PRESETS, PresetSpec
from pages.lab.asked import experiments, owner, show
from pages.lab.lines import line_at
from pages.lab.mixing import mixing
from pages.lab.pictures import ABOUT, KINDS, test_picture
from pages.lab.tried import tried
from pages.shared import cached
from pages.shared.choose import choose
from pages.shared.plain import plain
from pages.shared.refused_losses import tell_refused_losses
from pages.shared.titles import linked
from pages.shared.workbench import Workbench

NO_CLEAN = (
    "Training needs a clean picture to look at: choose one of the gallery, or upload one and "
    "choose a degradation other than “already degraded”."
)
NO_RUN = "Give at least one run a loss."
AS_PRESET = "As the preset says"


def setup(bench: Workbench) -> None:
    """The preset, what may be changed of it, and the button that starts it."""
    chosen = choose("preset", "Experiment", {spec.key: spec.label for spec in PRESETS.values()})
    preset = PRESETS[chosen]
    st.caption(linked(preset.sentence))
    tell_refused_losses()
    if bench.clean is None:
        st.info(NO_CLEAN)
        return
    with st.expander("Losses, network and training", key=f"lab_changes_{preset.key}"):
        plans, changes = losses(preset), network(preset)
        plans = [replace(plan, **changes) for plan in plans]
        plans, kind = numbers(preset, plans, bench)
        mixing(preset)
    with st.container(horizontal=True, vertical_alignment="center"):
        # Not by a callback: that would begin what was drawn before the last field was changed.
        wanted = st.button("Train", type="primary", key="lab_train", disabled=not plans)
        st.caption(plain(summary(plans) if plans else NO_RUN))
    if wanted:
        begin(preset, plans, kind, bench)


def losses(preset: PresetSpec) -> list[Plan]:
    """The runs' names and losses, each in a line of its own; a line left empty is no run."""
    from core.losses import parse_loss

    plans = []
    for number in range(MOST_RUNS):
        given = preset.plans[number] if number < len(preset.plans) else None
        name, loss = st.columns([1, 3])
        line = line_at(preset, number)
        label = name.text_input(f"Run {number + 1}", line.label, key=line.label_key)
        text = loss.text_input("Loss", line.loss, key=line.loss_key)
        if not text.strip():
            continue
        try:
            parse_loss(text)
        except ValueError as error:
            loss.caption(f":red[{plain(str(error))}]")
        plans.append(replace(given or preset.plans[0], label=label.strip() or text, loss=text))
    return plans


def network(preset: PresetSpec) -> Mapping[str, Any]:
    """What the chosen network changes of every plan."""
    trained = [card for card in cached.variants.cards(hidden=True).values() if card.trained]
    going_on = {
        f"Go on from {card.name}": {
            "model": card.model,
            "arguments": _plain_arguments(card.arguments, card.encoder),
            "parent": card.name,
        }
        for card in trained
        if card.made_by
    }
    offered = {AS_PRESET: {}, **{one.label: one.changes for one in NETWORKS.values()}, **going_on}
    return offered[st.selectbox("Network", list(offered), key=f"lab_network_{preset.key}")]


def _plain_arguments(arguments: Mapping[str, Any], encoder: Mapping[str, str] | None) -> dict:
    return {**arguments, **({"encoder": encoder["name"]} if encoder else {})}


def numbers(preset: PresetSpec, plans: list[Plan], bench: Workbench) -> tuple[list[Plan], str]:
    """The plans with the numbers that were chosen, and what they are trained on."""
    from core.train.optimisers import OPTIMISERS

    first = preset.plans[0]
    columns = st.columns(5)
    chosen = {
        name: column.number_input(
            name.capitalize(),
            *BOUNDS[name],
            getattr(first, name),
            step,
            key=f"lab_{name}_{preset.key}",
        )
        for column, (name, step) in zip(
            columns, {"steps": 100, "batch": 1, "crop": 16}.items(), strict=False
        )
    }
    chosen["seed"] = columns[3].number_input("Seed", 0, 9999, 0, key=f"lab_seed_{preset.key}")
    chosen["learning_rate"] = columns[4].number_input(
        "Learning rate", 1e-5, 1e-1, first.learning_rate, 1e-4, "%.5f", f"lab_rate_{preset.key}"
    )
    left, right = st.columns(2)
    chosen["optimiser"] = left.selectbox(
        "Optimiser",
        list(OPTIMISERS),
        format_func=lambda key: OPTIMISERS[key].label,
        key=f"lab_optimiser_{preset.key}",
    )
    kind = right.selectbox(
        "Training pictures",
        [spec.key for spec in KINDS.values() if spec.offered(bench)],
        format_func=lambda key: KINDS[key].label,
        key=f"lab_pictures_{preset.key}",
        help=ABOUT if bench.source.given else None,
    )
    chosen["degradation"] = degradation(bench)
    return [replace(plan, **chosen) for plan in plans], kind


def degradation(bench: Workbench) -> Mapping[str, Any]:
    """The sidebar's degradation, at the numbers that are chosen there.

    Where a set brings its own noisy pictures, Gaussian noise as strong as that of the picture.
    """
    from core.degradations import DEGRADATIONS
    from core.degradations.spec import SEED

    spec = DEGRADATIONS[bench.degradation]
    if not spec.keeps_clean:
        sigma = (bench.measurement.image - bench.clean.image).std().item()
        return {"key": "gaussian_noise", "sigma": [round(sigma, 3)] * 2}
    values = {p.name: bench.parameters[p.name] for p in spec.parameters if p.name != SEED}
    switches = {s.name: bool(bench.parameters[s.name]) for s in spec.switches}
    ranges = {name: [float(value)] * 2 for name, value in values.items()}
    return {"key": spec.key, **ranges, **switches}


def summary(plans: list[Plan]) -> str:
    """What will be trained, in a line."""
    from core.degradations import DEGRADATIONS

    runs = " · ".join(f"{plan.label}: {plan.loss}" for plan in plans)
    first = plans[0]
    numbers = ", ".join(f"{k} {v[0]:g}" for k, v in first.degradation.items() if is_range(v))
    crops = f"{first.steps:,} steps of {first.batch} crops of {first.crop} px"
    label = DEGRADATIONS[first.degradation["key"]].label
    return f"{runs} · {crops} · {label} {numbers}".rstrip()


def is_range(value: Any) -> bool:
    """Whether a part of a degradation is a parameter's range."""
    return isinstance(value, list)


def begin(preset: PresetSpec, plans: list[Plan], kind: str, bench: Workbench) -> None:
    """Write the experiment down and look at it; what cannot be trained is said."""

    def act() -> None:
        picture, others = test_picture(bench), KINDS[kind].photos(bench)
        show(experiments().begin(preset.label, plans, picture, others, owner()).id)

    if refused := tried(act):
        st.error(plain(refused))
