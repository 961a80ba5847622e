"""What the views of the leaderboard share: what was measured, its tasks, its variants."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.base.quantity import Quantity
from core.base.table import Table
from core.base.words import few
from core.leaderboard.conditions import COURSE, DEBLURRING, NOISE
from core.statistics import LEVEL, RESAMPLES, summary
from core.variants.labels import Wording, distinct_labels
from pages.shared import cached
from pages.shared.choose import choose, choose_listed, choose_some
from pages.shared.kinds import INPUT, KINDS, USUAL, KindSpec, task_of
from pages.shared.plain import plain
from pages.shared.workbench import load_pytorch

if TYPE_CHECKING:
    from core.leaderboard.results import Results
    from core.train.recipes import Recipe

COMMAND = "python -m core.leaderboard"
EVALUATE = "python -m core.evaluate NOISY --clean CLEAN --outputs NAME=DIR --out FILE.parquet"
PAIRED = (
    "each metric is a number for each picture. Differences are taken picture by picture, and "
    f"their {LEVEL} % intervals come from {RESAMPLES:,} bootstrap resamples of the pictures."
)
TRAIN = "python -m core.train --photos DIR NAME"
INPUT_LABEL = "The input itself"
BASELINE = "hybrid-mse"
PSNR = "psnr"
BASELINE_PIXELS = 380
MOST_LINES = 16
MOST_BUTTONS = 5


@dataclass(frozen=True)
class TaskSpec:
    """A condition in which every variant was measured with every metric.

    `degradation` is its key, nothing where nobody knows it.
    """

    key: str
    label: str
    condition: str
    degradation: str

    def suits(self, variant: Variant) -> bool:
        """Whether a variant was trained on it, or on nothing, as far as one can know."""
        return not self.degradation or variant.task in ("", self.degradation)


TASKS = Table(
    "task",
    TaskSpec("noise", "Gaussian noise, sigma 0.15", NOISE, USUAL),
    TaskSpec("motion", "Motion blur of 9 px and noise", COURSE, DEBLURRING),
)


@dataclass(frozen=True)
class Variant:
    """What the results say of a variant; its weights need not be here.

    `here`: it can be opened, its file is in the folder or it needs none. `story` is all that the
    results say. What every variant was given is one too, without a loss and without a model, and
    so is a method whose outputs came as files. `parameters` are None where nobody knows them.
    """

    name: str
    label: str
    model: str = ""
    loss: str = ""
    parameters: int | None = 0
    degradation: Mapping[str, Any] = field(default_factory=dict)
    here: bool = False
    story: Mapping[str, Any] = field(default_factory=dict)

    @property
    def trained(self) -> bool:
        """Whether it has weights."""
        return self.loss != ""

    @property
    def is_outputs(self) -> bool:
        """Whether it is a method of which there are only pictures."""
        return self.story.get("outputs", False)

    @property
    def is_own(self) -> bool:
        """Whether it is a network that somebody brought."""
        return "own" in self.story

    @property
    def offered_as(self) -> str:
        """Its name among what can be opened: that of a network of yours holds its digest."""
        return self.story.get("own", self.name)

    @property
    def steps(self) -> int:
        """How long it was trained."""
        return self.story.get("steps", 0)

    @property
    def task(self) -> str:
        """The degradation that it was trained on, nothing for what needs no training."""
        return task_of(self)

    @property
    def wording(self) -> Wording:
        """What its label may say beside others."""
        told = self.story.get("wording")
        return Wording(**told) if told else Wording(self.label)


@dataclass(frozen=True)
class Board:
    """What was measured: the results, and the variants in them by name, in the pickers' order.

    Of the test set nothing here needs PyTorch, so that the page is there before it is loaded.
    `stamp` names the very results, `tasks` are what the table can be of, and `file` is the name
    of somebody's own.
    """

    results: Results
    variants: Mapping[str, Variant]
    stamp: str = ""
    tasks: Mapping[str, TaskSpec] = field(default_factory=lambda: TASKS)
    file: str = ""

    @cached_property
    def labels(self) -> dict[str, str]:
        """Name -> label, distinct."""
        return distinct_labels(self.variants.values())

    @cached_property
    def quantities(self) -> dict[str, Quantity]:
        """The metrics of which anything was measured: some lack what they need."""
        known = {key for key, values in self.results.table.items() if np.isfinite(values).any()}
        return {key: one for key, one in self.results.quantities.items() if key in known}

    @property
    def main(self) -> str:
        """The metric that stands for all: the PSNR where it was measured."""
        return PSNR if PSNR in self.quantities else next(iter(self.quantities), PSNR)

    @property
    def baseline(self) -> str:
        """What the others are compared with at first."""
        rivals = [name for name in self.variants if name != INPUT]
        return BASELINE if BASELINE in rivals else next(iter(rivals), INPUT)

    def of_kind(self, kind: str, condition: str) -> list[str]:
        """Names of a kind that have a PSNR under a condition, or what stands for it."""
        holds = KINDS[kind].holds
        found = [name for name, variant in self.variants.items() if holds(variant)]
        return [name for name in found if self.known(name, self.main, condition)]

    def measured(self, metric: str, names: Iterable[str], condition: str) -> bool:
        """Whether one of these has a value of a metric there; also of one that nobody has."""
        return metric in self.quantities and any(self.known(n, metric, condition) for n in names)

    def called(self, metric: str) -> str:
        """A metric's label, as usual where the results do not know it."""
        if metric in self.results.quantities:
            return self.results.quantities[metric].label
        from core.metrics import METRICS

        return METRICS[metric].label

    def known(self, name: str, metric: str, condition: str) -> bool:
        """Whether a variant has a value of a metric there."""
        return bool(np.isfinite(self.results.values(name, metric, condition)).any())

    def mean(self, name: str, metric: str, condition: str) -> float:
        """The mean over the pictures, NaN where it was not measured."""
        return summary(self.results.values(name, metric, condition)).mean


def find_board() -> Board | None:
    """What was measured on the test set; None, with a sentence on the page, if nothing is here."""
    try:
        results = cached.measured.leaderboard()
    except ValueError as error:
        st.info(plain(str(error)))
        return None
    files = cached.variants.variant_names()
    stories = results.stories["variants"]
    variants = {n: variant_of(n, stories[n], files) for n in results.variants}
    return Board(results, variants, cached.measured.leaderboard_stamp())


def variant_of(name: str, story: Mapping[str, Any], files: Collection[str] = ()) -> Variant:
    """A variant from what the results say of it; `files` are the names of those in the folder."""
    return Variant(
        name,
        INPUT_LABEL if name == INPUT else story.get("label", name),
        story.get("model", ""),
        story.get("loss", ""),
        story.get("parameters", None if story.get("outputs") else 0),
        story.get("degradation") or {},
        is_here(name, story, files),
        story,
    )


def is_here(name: str, story: Mapping[str, Any], files: Collection[str]) -> bool:
    """Whether it can be opened as it was measured; where `here` is told, by its weights."""
    if "own" in story:
        return story["own"] in files
    if name == INPUT or story.get("outputs") or not story.get("here", True):
        return False
    return name in files or story.get("loss", "") == ""


# Choices that several views have ----------------------------------------------------------------


def choose_task(board: Board) -> TaskSpec:
    """What the table is of: by button, or from a list where there are many.

    Somebody's own conditions are a choice of their own: a browser keeps a button pressed by its
    label, which may be that of one of ours.
    """
    labels = {task.key: task.label for task in board.tasks.values()}
    widget = choose if len(labels) <= MOST_BUTTONS else choose_listed
    return board.tasks[widget("condition" if board.file else "task", "Task", labels)]


def choose_kind(board: Board) -> KindSpec:
    """A kind of variant; another kind brings the task that it was trained for.

    Somebody's own results have one kind: who measured them chose what is in them.
    """
    if board.file:
        return KINDS["all"]
    labels = {kind.key: kind.label for kind in KINDS.values() if kind.measured}
    return KINDS[choose("kind", "Kind of variant", labels, then=take_task)]


def take_task() -> None:
    """Choose the task of the kind that was chosen."""
    wanted = KINDS[st.session_state["kind"]].task
    st.session_state["task"] = next(t.key for t in TASKS.values() if t.degradation == wanted)


def choose_baseline(board: Board) -> str:
    """The variant that all others are compared with."""
    return choose_listed(
        "baseline", "Baseline", board.labels, default=board.baseline, width=BASELINE_PIXELS
    )


def choose_variants(key: str, labels: Mapping[str, str], default: Iterable[str]) -> list[str]:
    """Names of at most `MOST_LINES` variants, in their order."""
    first = [name for name in default if name in labels][:MOST_LINES]
    names = choose_some(key, "Lines", labels, first, placeholder="Choose variants")
    if len(names) > MOST_LINES:  # the address may name any number
        st.caption(f"The first {MOST_LINES} are drawn: more cannot be told apart.")
    return names[:MOST_LINES]


# What stands below every view --------------------------------------------------------------------


def not_trained(board: Board) -> list[str]:
    """Names of recipes whose variant is neither here nor measured, but for those of parents."""
    known = {*cached.variants.cards(hidden=True), *board.variants, *parents()}
    return [r.key for r in recipes()[0] if r.task == "denoise" and r.key not in known]


def parents() -> set[str | None]:
    """The names of those that recipes begin with: nobody looks at them."""
    return {recipe.parent for recipe in recipes()[0]}


def recipes() -> tuple[Sequence[Recipe], str]:
    """How variants are trained; none, and why, where nobody can read that."""
    from core.train.recipes import load_recipes

    try:
        return load_recipes().table.values(), ""
    except ValueError as error:
        return (), str(error)


def how_measured(board: Board) -> None:
    """What was measured and how, what is missing, and the command that measures it again."""
    st.divider()
    (on_own_pictures if board.file else on_the_test_set)(board)


def on_own_pictures(board: Board) -> None:
    """The same of somebody's own results."""
    results, counts = board.results, {}
    for task in board.tasks.values():
        counts.setdefault(results.pictures(task.condition), []).append(task.label)
    told = [f"{n:,} pictures ({few(labels)})" for n, labels in counts.items()]
    if len(counts) == 1:
        each = f" under each of {len(board.tasks)} conditions" if len(board.tasks) > 1 else ""
        told = [f"{next(iter(counts)):,} pictures{each}"]
    st.caption(f"**How it was measured.** {plain(f'{board.file}: {few(told)}; {PAIRED}')}")
    absent = [f"{board.called(key)}: {why}" for key, why in results.absent.items()]
    for sentence in [measured_by(board), *uncounted(board), *absent]:
        st.caption(plain(sentence))
    st.code(EVALUATE, language="bash")


def uncounted(board: Board) -> list[str]:
    """Where a metric has no value of some pictures, in one sentence."""
    found = []
    for task in board.tasks.values():
        every = board.results.pictures(task.condition)
        for spec in board.quantities.values():
            for name, label in board.labels.items():
                values = board.results.values(name, spec.key, task.condition)
                count = int((~np.isnan(values)).sum())
                if 0 < count < every:
                    found.append(f"{spec.label} of {label} ({count:,} of {every:,} pictures)")
    return [f"Over fewer pictures, as the others have no value: {few(found)}."] if found else []


def on_the_test_set(board: Board) -> None:
    """What the test set is, what is missing, and the command that measures it again."""
    names = board.results.images
    photos = sum(name.startswith("photo-") for name in names)
    st.caption(
        f"**How it was measured.** {len(names)} pictures that everyone has, {len(names) - photos} "
        f"procedural ones and {photos} crops of photos from the packages, none of which trained "
        "anything, are degraded once, with the same noise for every variant, and restored whole; "
        f"{PAIRED}"
    )
    for sentence in [measured_by(board), *missing(board)]:
        st.caption(plain(sentence))
    st.code(COMMAND, language="bash")


def measured_by(board: Board) -> str:
    """How the pictures were prepared before they were measured."""
    load_pytorch()
    from core.metrics import parse_protocol

    try:
        protocol = parse_protocol(board.results.protocol)
    except ValueError as error:
        return f"The results name a protocol that is not known here. {error}"
    return f"MSE, PSNR and SSIM by the protocol “{protocol.label}”: {protocol.sentence}"


def missing(board: Board) -> list[str]:
    """What is not in the table, and why."""
    load_pytorch()
    unmeasured = [name for name in cached.variants.cards() if name not in board.variants]
    untrained = not_trained(board)
    return [
        *([f"Not measured yet: {few(unmeasured)}."] if unmeasured else []),
        *([f"Not trained yet: {few(untrained)}; {TRAIN} makes one."] if untrained else []),
        *filter(None, [recipes()[1]]),
    ]
