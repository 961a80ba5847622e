"""Labels of variants: short, and no two alike among those in sight. Needs no PyTorch.

One rule: a label says loss and network, and whatever else tells a variant apart from another in
sight, the weights of the loss's terms first. So it is "MSE + sharpness" where no other variant has
these terms in this network, and "0.9 MSE + 0.1 sharpness" beside one that weighs them otherwise.
The full label of a card says everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

BETWEEN = " · "
"""Stands between the loss and the network."""
OUTPUTS, OWN = "outputs-", "own-"
"""How the names of brought outputs and of brought networks begin."""
UNSAID = ("steps", "range", "seed", "parent")
"""What a label only says where it tells two variants apart, the first one that does first."""


@dataclass(frozen=True)
class Wording:
    """What a variant's label may say.

    `label` is enough for one that stands alone; `weighted` is the same with the weights of the
    loss's terms; `unsaid` has a few words for each fact of `UNSAID`.
    """

    label: str
    weighted: str = ""
    unsaid: Mapping[str, str] = field(default_factory=dict)


class Worded(Protocol):
    """A variant, of a card or of the results."""

    name: str

    @property
    def wording(self) -> Wording: ...


def distinct_labels(variants: Iterable[Worded]) -> dict[str, str]:
    """Name -> label, each as short as the others allow: what is the same goes without saying.

    Variants with the same terms and the same network say their weights where these differ. Where
    that does not tell them apart, they say the first fact of `UNSAID` in which they differ, then
    the next, and if all is the same, their names.
    """
    words = {variant.name: variant.wording for variant in variants}
    labels = {name: one.label for name, one in words.items()}
    for names in alike(labels):
        if len({words[name].weighted for name in names}) > 1:
            labels |= {name: words[name].weighted for name in names}
    for fact in UNSAID:
        for names in alike(labels):
            facts = {name: words[name].unsaid.get(fact, "") for name in names}
            if len(set(facts.values())) > 1:
                labels |= {n: f"{labels[n]}, {said}" for n, said in facts.items() if said}
    for names in alike(labels):
        labels |= {name: f"{words[name].label} ({name})" for name in names}
    return labels


def without_shared_network(labels: Mapping[str, str]) -> dict[str, str]:
    """The same labels without the network where all of several name the same one."""
    parts = {name: label.rpartition(BETWEEN) for name, label in labels.items()}
    networks = {network if loss else "" for loss, _, network in parts.values()}
    if len(labels) < 2 or len(networks) > 1 or "" in networks:
        return dict(labels)
    return {name: loss for name, (loss, _, _) in parts.items()}


def alike(labels: Mapping[str, str]) -> Iterator[list[str]]:
    """The names of those that share a label, for each label that is shared."""
    groups: dict[str, list[str]] = {}
    for name, label in labels.items():
        groups.setdefault(label, []).append(name)
    yield from (names for names in groups.values() if len(names) > 1)


def span(low: float, high: float) -> str:
    """A range, or the one value in it: `0.03 to 0.25`, `0.15`."""
    return f"{low:g} to {high:g}" if low < high else f"{low:g}"
