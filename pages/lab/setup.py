"""What is to be trained: a preset, changed as the person likes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.lab.plan import BOUNDS, MOST_RUNS, Plan
from core.lab.presets import PRESETS, PresetSpec
from pages.lab.asked import experiments, owner, show
from pages.lab.mixing import mixing
from pages.lab.pictures import kinds, photos, test_picture
from pages.shared import cached
from pages.shared.choose import choose
from pages.shared.plain import plain
from pages.shared.workbench import Workbench

NO_CLEAN = (
    "Training needs a clean picture to look at: choose one of the gallery, or upload one and "
    "choose a degradation other than “already degraded”."
)
NO_RUN = "Give at least one run a loss."
AS_PRESET = "as the preset says"
OPTIMISERS = {"adam": "Adam", "adamw": "AdamW", "lookahead_adamw": "Lookahead(AdamW)"}


@dataclass(frozen=True)
class Network:
    """A network to train: its label, and what it changes of a plan."""

    label: str
    changes: Mapping[str, Any]


NETWORKS = (
    Network("CNN, 3 layers of 16 filters", {"model": "cnn", "arguments": {"width": 16}}),
    Network("Residual CNN", {"model": "residual_cnn", "arguments": {"width": 16}}),
    Network(
        "Convolutional autoencoder, transposed",
        {"model": "conv_dae", "arguments": {"width": 24, "upsampling": "transpose"}},
    ),
    Network(
        "Convolutional autoencoder, resize",
        {"model": "conv_dae", "arguments": {"width": 24, "upsampling": "resize"}},
    ),
    Network("Small U-Net", {"model": "unet", "arguments": {"width": 8}}),
)


def setup(bench: Workbench) -> None:
    """The preset, what may be changed of it, and the button that starts it."""
    chosen = choose("preset", "Experiment", {spec.key: spec.label for spec in PRESETS.values()})
    preset = PRESETS[chosen]
    st.caption(plain(preset.sentence))
    if bench.clean is None:
        st.info(NO_CLEAN)
        return
    with st.expander("Losses, network and training", key=f"lab_changes_{preset.key}"):
        plans, changes = losses(preset), network(preset)
        plans = [replace(plan, **changes) for plan in plans]
        plans, kind = numbers(preset, plans, bench)
        mixing(preset.key, len(plans))
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
    for place in range(MOST_RUNS):
        given = preset.plans[place] if place < len(preset.plans) else None
        name, loss = st.columns([1, 3])
        key = f"{preset.key}_{place}"
        label = name.text_input(
            f"Run {place + 1}", given.label if given else "", key=f"lab_name_{key}"
        )
        text = loss.text_input("Loss", given.loss if given else "", key=f"lab_loss_{key}")
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
        f"go on from {card.name}": Network(
            card.name,
            {
                "model": card.model,
                "arguments": _plain_arguments(card.arguments, card.encoder),
                "parent": card.name,
            },
        )
        for card in trained
        if card.made_by
    }
    offered = {AS_PRESET: Network(AS_PRESET, {})}
    offered |= {one.label: one for one in NETWORKS} | going_on
    name = st.selectbox("Network", list(offered), key=f"lab_network_{preset.key}")
    return offered[name].changes


def _plain_arguments(arguments: Mapping[str, Any], encoder: Mapping[str, str] | None) -> dict:
    return {**arguments, **({"encoder": encoder["name"]} if encoder else {})}


def numbers(preset: PresetSpec, plans: list[Plan], bench: Workbench) -> tuple[list[Plan], str]:
    """The plans with the numbers that were chosen, and what they are trained on."""
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
        format_func=OPTIMISERS.__getitem__,
        key=f"lab_optimiser_{preset.key}",
    )
    offered = kinds(bench)
    kind = right.selectbox(
        "Training pictures",
        list(offered),
        format_func=offered.__getitem__,
        key=f"lab_pictures_{preset.key}",
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
    runs = " · ".join(f"{plan.label}: {plan.loss}" for plan in plans)
    first = plans[0]
    numbers = ", ".join(f"{k} {v[0]:g}" for k, v in first.degradation.items() if is_range(v))
    crops = f"{first.steps:,} steps of {first.batch} crops of {first.crop} px"
    return f"{runs} · {crops} · {first.degradation['key'].replace('_', ' ')} {numbers}".rstrip()


def is_range(value: Any) -> bool:
    """Whether a part of a degradation is a parameter's range."""
    return isinstance(value, list)


def begin(preset: PresetSpec, plans: list[Plan], kind: str, bench: Workbench) -> None:
    """Write the experiment down and look at it; what cannot be trained is said."""
    try:
        made = experiments().begin(
            preset.label, plans, test_picture(bench), photos(kind, bench), owner()
        )
    except (ValueError, OSError) as error:
        st.error(plain(str(error)))
        return
    show(made.id)
