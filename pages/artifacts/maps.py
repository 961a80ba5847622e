"""Where it is wrong: a map over every variant on one scale, its worst places, and the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st
from numpy import frombuffer

from core.viewer import CATEGORICAL, EncodedLayer, Layer, Panel, Place, colour_maps, encode_layer
from pages.artifacts.scores import (
    about_scores,
    all_score_jobs,
    bars,
    rows,
    score_jobs,
    scores,
    scores_of,
)
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, base_panels, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job, known, sentences
from pages.shared.linked_viewer import linked_viewer
from pages.shared.observed import observations, seen
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench, take_region

if TYPE_CHECKING:
    from core.artifacts import ArtifactMap, ArtifactSpec, GroupSpec, JointSpec

NEEDS_CLEAN = (
    "{label} compares with a clean picture, and this one came degraded: there is none. "
    "Choose another map, or a picture with a degradation of your own."
)
NEEDS_TWO = "How variants agree takes at least two of them: choose more in the sidebar."
TOO_MANY = "The map of the nearest variant can name {most}; {count} are chosen."
FAINT = 0.02
COLOURS = {True: "diverging", False: "magma"}


@dataclass(frozen=True)
class DrawnMap:
    """An artifact map as the viewer sends it, and what else a page asks of it.

    `reach` is how far its colours go, `sparse` whether most of it is nothing, `coarse` the same
    in tiles of a place's size, None for a picture smaller than that.
    """

    encoded: EncodedLayer
    extent: tuple[float, float, float, float]
    reach: float
    sparse: bool
    coarse: ArtifactMap | None

    def share(self, value: float) -> float:
        """In which part of the tiles this very value stands."""
        return float((frombuffer(self.encoded.data, "<f4") == value).mean())


def drawn(found: ArtifactMap) -> DrawnMap:
    """A map, ready to be shown: for a map of every pixel the page keeps no float but these."""
    from core.artifacts import reach

    return DrawnMap(
        encode_layer(found.values.numpy()),
        found.extent,
        reach(found),
        bool(found.values.nanmedian() <= 0),
        coarse(found),
    )


def coarse(found: ArtifactMap) -> ArtifactMap | None:
    """A map in tiles of a place's size or larger; None where not one fits."""
    from core.artifacts import TILE

    _, _, width, height = found.extent
    if found.tile >= TILE:
        return found
    return found.pooled() if min(width, height) + found.tile - found.hop >= TILE else None


def maps_view(bench: Workbench) -> None:
    """The chosen artifact over every variant, where it is worst, and every score."""
    group = choose_group()
    st.caption(plain(group.sentence))
    polled(Maps(bench, group))
    about_scores()


def choose_group() -> GroupSpec:
    from core.artifacts import GROUPS

    labels = {group.key: group.label for group in GROUPS.values()}
    return GROUPS[choose("map", "Map", labels, widget=st.pills)]


@dataclass(frozen=True)
class Maps(View):
    """The artifact maps of a group over every picture, with their worst places and scores."""

    bench: Workbench
    group: GroupSpec
    patience = 1.5
    alone = True

    def jobs(self) -> Iterator[Job]:
        from core.artifacts import JOINT

        found, group = Comparison(self.bench), self.group
        yield from found.jobs.values()
        for spec in usable(group, self.bench.clean):
            yield from map_jobs(spec, found).values()
        yield from joint_jobs(group, found).values()
        disagreement = joint_job(JOINT["disagreement"], found)
        yield from [disagreement] if disagreement else []
        yield from observations(found).values() if group.tested else ()
        yield from all_score_jobs(found)

    def quick(self) -> list[Job]:
        """The first scores of a region: most are small."""
        found = Comparison(self.bench)
        jobs = score_jobs(found, found.region).values() if found.region else ()
        return [soon for soon, *_ in jobs]

    def draw(self, *, pending: bool) -> None:
        found, group = Comparison(self.bench), self.group
        st.caption(plain(" · ".join(filter(None, (self.bench.sentence, found.progress(pending))))))
        specs = usable(group, self.bench.clean)
        if not specs and not joint_specs(group, found):
            st.info(plain(NEEDS_CLEAN.format(label=group.label)))
        linked_viewer(
            panels(group, specs, found),
            key="artifacts",
            region=found.region,
            places=[*worst_of(specs, found), *disagreements(group, found)],
            name=self.bench.file_name(f"artifacts {group.key}"),
            on_region_change=take_region,
            on_step=step_and_rerun,
        )
        for reason in reasons(group, specs, found):
            st.warning(plain(reason))
        about = [spec.sentence for spec in [*specs, *joint_specs(group, found)]]
        for sentence in dict.fromkeys(about):
            st.caption(plain(sentence))
        bars(group, found)
        scores(found)
        found.draw_errors()


# What is computed --------------------------------------------------------------------------------


def usable(group: GroupSpec, clean: Picture | None) -> list[ArtifactSpec]:
    """The group's maps that can be made, with or without a clean picture."""
    from core.artifacts import ARTIFACTS

    specs = [spec for spec in ARTIFACTS.values() if spec.group == group.key]
    return [spec for spec in specs if clean or not spec.needs_reference]


def map_job(
    spec: ArtifactSpec, picture: Picture, clean: Picture | None, looks: int
) -> Job[DrawnMap]:
    """The job of one artifact map of one picture, one of `looks` side by side."""
    reference = clean.image if clean else None
    return computed(
        spec.key,
        picture.digest,
        clean.digest if clean else None,
        str(looks) if spec.tested else None,
        compute=lambda: drawn(spec(picture.image, reference, looks=looks)),
        later=spec.slow,
    )


def named_pictures(found: Comparison) -> dict[str, Picture]:
    """Panel key -> picture of everything that has an artifact map."""
    return {"measurement": found.bench.measurement} | found.outputs


def map_jobs(spec: ArtifactSpec, found: Comparison) -> dict[str, Job[DrawnMap]]:
    clean, pictures = found.bench.clean, named_pictures(found)
    looks = len(found.labels) + 1  # the measurement is shown too; what is still to come counts
    return {key: map_job(spec, picture, clean, looks) for key, picture in pictures.items()}


def joint_jobs(group: GroupSpec, found: Comparison) -> dict[str, Job[DrawnMap]]:
    """The maps that all variants make together, by the key of their spec."""
    jobs = {spec.key: joint_job(spec, found) for spec in joint_specs(group, found)}
    return {key: job for key, job in jobs.items() if job}


def joint_specs(group: GroupSpec, found: Comparison) -> list[JointSpec]:
    from core.artifacts import JOINT

    specs = [spec for spec in JOINT.values() if spec.group == group.key]
    return [spec for spec in specs if found.bench.clean or not spec.needs_reference]


def joint_job(spec: JointSpec, found: Comparison) -> Job[DrawnMap] | None:
    """The job of a map of all variants together; None until all are there, or for one alone."""
    outputs, clean = found.outputs, found.bench.clean
    if not found.complete or len(outputs) < 2:
        return None
    images = {name: picture.image for name, picture in outputs.items()}
    return computed(
        spec.key,
        clean.digest if clean else None,
        *(picture.digest for picture in outputs.values()),
        compute=lambda: drawn(spec(images, clean.image if clean else None)),
    )


# What is drawn -----------------------------------------------------------------------------------


def panels(group: GroupSpec, specs: Sequence[ArtifactSpec], found: Comparison) -> list[Panel]:
    """Every picture that is there with its maps over it."""
    own, shared = own_layers(specs, found), joint_layers(group, found)
    return [
        replace(panel, layers=(*own.get(panel.key, ()), *shared) if panel.image else ())
        for panel in base_panels(found, captions(group, found))
    ]


def own_layers(specs: Sequence[ArtifactSpec], found: Comparison) -> dict[str, list[Layer]]:
    """Panel key -> its maps. One colour range for all panels, set by the variants.

    Nothing is drawn before a variant's map is there; without a variant the input sets the range.
    """
    from core.artifacts import locked_range

    layers: dict[str, list[Layer]] = {}
    for spec in specs:
        maps = known(map_jobs(spec, found))
        judges = [maps[name] for name in found.outputs if name in maps]
        if not judges and found.complete:
            judges = list(maps.values())
        if not judges:
            continue
        low, high = locked_range(spec.floor, [m.reach for m in judges], signed=spec.signed)
        sparse = not spec.signed and all(m.sparse for m in judges)
        for key, value in maps.items():
            layer = Layer(
                spec.key,
                spec.label,
                value.encoded,
                low,
                high,
                colours=COLOURS[spec.signed],
                lower=FAINT * high if sparse else None,
                extent=value.extent,
                unit=spec.unit,
            )
            layers.setdefault(key, []).append(layer)
    return layers


def joint_layers(group: GroupSpec, found: Comparison) -> list[Layer]:
    """The maps of all variants together, the same in every panel."""
    from core.artifacts import JOINT, locked_range

    layers = []
    for key, value in known(joint_jobs(group, found)).items():
        spec = JOINT[key]
        names = tuple(found.labels[name] for name in found.outputs) if spec.names else ()
        if len(names) > most_names():
            continue
        low, high = locked_range(spec.floor, [value.reach], signed=spec.signed)
        layers.append(
            Layer(
                spec.key,
                spec.label,
                value.encoded,
                low,
                high,
                extent=value.extent,
                unit=spec.unit,
                categories=names,
            )
        )
    return layers


def most_names() -> int:
    """How many names of a map have a colour of their own."""
    return len(colour_maps()[CATEGORICAL])


def reasons(group: GroupSpec, specs: Sequence[ArtifactSpec], found: Comparison) -> list[str]:
    """Why a map is missing, each reason once."""
    jobs = [job for spec in specs for job in map_jobs(spec, found).values()]
    said = sentences([*jobs, *joint_jobs(group, found).values()])
    joint = joint_specs(group, found)
    if joint and found.complete and len(found.outputs) < 2:
        said.append(NEEDS_TWO)
    if any(spec.names for spec in joint) and len(found.outputs) > most_names():
        said.append(TOO_MANY.format(count=len(found.outputs), most=most_names()))
    return list(dict.fromkeys(said))


# Where it is worst -------------------------------------------------------------------------------


def worst_of(specs: Sequence[ArtifactSpec], found: Comparison) -> list[Place]:
    """The worst places of each map that has such, once every variant is there."""
    from core.artifacts import worst_places

    if not found.complete:
        return []
    places = []
    for spec in judged(specs):
        maps = known(map_jobs(spec, found))
        outputs = {name: maps[name].coarse for name in found.outputs if name in maps}
        if not outputs or None in outputs.values():
            continue
        places += [
            Place(
                place.region,
                place.variant,
                found.labels[place.variant],
                group=f"Worst: {spec.label}",
                note=amount(place.value, spec.unit),
                layer=spec.key,
            )
            for place in worst_places(outputs, floor=spec.floor)
        ]
    return places


def judged(specs: Sequence[ArtifactSpec]) -> list[ArtifactSpec]:
    """The maps whose worst places are shown: where some compare with clean, only those."""
    candidates = [spec for spec in specs if spec.judged]
    comparing = [spec for spec in candidates if spec.needs_reference]
    return comparing or candidates


def disagreements(group: GroupSpec, found: Comparison) -> list[Place]:
    """Where the variants disagree most, whatever map is shown."""
    from core.artifacts import JOINT, worst_places

    job = joint_job(JOINT["disagreement"], found)
    if not job or not job.value or not job.value.coarse:
        return []
    panel = "clean" if found.bench.clean else "measurement"
    return [
        Place(
            place.region,
            panel,
            f"{place.region.x}, {place.region.y}",
            group="Variants disagree most",
            note=amount(place.value, JOINT["disagreement"].unit),
            layer="disagreement" if group.key == JOINT["disagreement"].group else None,
        )
        for place in worst_places({"all": job.value.coarse})
    ]


def amount(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".rstrip()


def captions(group: GroupSpec, found: Comparison) -> dict[str, tuple[str, ...]]:
    """Above each picture the scores of the chosen artifact, or what the test claims of it."""
    texts = claimed(found) if group.tested else measured(group, found)
    return texts | {label: (*texts.get(label, ()), text) for label, text in wins(group, found)}


def claimed(found: Comparison) -> dict[str, tuple[str, ...]]:
    from core.artifacts import grid_captions

    return {label: grid_captions(one) for label, one in seen(found).items()}


def measured(group: GroupSpec, found: Comparison) -> dict[str, tuple[str, ...]]:
    from core.artifacts import SCORES

    specs = [SCORES[key] for key in scores_of(group, found)]
    return {
        label: tuple(
            f"{spec.label} {spec.format(row[spec.key].value)}" for spec in specs if spec.key in row
        )
        for label, row in rows(found, None).items()
    }


def wins(group: GroupSpec, found: Comparison) -> Iterator[tuple[str, str]]:
    """Label -> how often a variant is the one that a map of names names."""
    from core.artifacts import JOINT

    for key, value in known(joint_jobs(group, found)).items():
        if JOINT[key].names:
            for index, name in enumerate(found.outputs):
                share = value.share(index)
                yield found.labels[name], f"{JOINT[key].label.lower()} in {share:.0%} of tiles"
