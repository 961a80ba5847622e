"""A blind test: pictures without names, a question, and what the answers tell.

The person chooses one of two or more (a forced choice). By chance each of n is chosen once in n
times, so a share is told with its interval and is only called a result where chance does not
explain it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..base.table import Table
from ..statistics import Proportion, proportion

AT_ONCE = (2, 3, 4)
"""How many pictures may stand side by side."""
AND = " | "
"""Between labels of a trial in a table."""


@dataclass(frozen=True)
class QuestionSpec:
    """A kind of question: its key, its label, and its sentence, {entry} for what is looked for."""

    key: str
    label: str
    sentence: str

    @property
    def names_one(self) -> bool:
        """Whether there is a right answer."""
        return "{entry}" in self.sentence


PREFER = QuestionSpec("prefer", "Which do you prefer?", "Which do you prefer?")
IDENTIFY = QuestionSpec("identify", "Which is …?", "Which is {entry}?")
QUESTIONS = Table("question", PREFER, IDENTIFY)


@dataclass(frozen=True)
class Trial:
    """Labels of entries as they stand, from left to right; `wanted` is looked for, or empty."""

    question: str
    order: tuple[str, ...]
    wanted: str = ""

    @property
    def sentence(self) -> str:
        return QUESTIONS[self.question].sentence.format(entry=self.wanted)

    @property
    def group(self) -> frozenset[str]:
        """What is shown, in no order."""
        return frozenset(self.order)


@dataclass(frozen=True)
class Answer:
    """What was chosen in a trial, on which picture, after how many seconds, and when (UTC)."""

    trial: Trial
    chosen: str
    picture: str
    degradation: str
    seconds: float
    time: str

    @property
    def right(self) -> bool | None:
        """None where there is no right answer."""
        return self.chosen == self.trial.wanted if self.trial.wanted else None


def draw_trial(
    question: str,
    entries: Sequence[str],
    at_once: int,
    wanted: str,
    seen: Collection[frozenset[str]],
    generator: np.random.Generator,
) -> Trial | None:
    """A trial of a group of entries that was not `seen` yet, shuffled; None where all were.

    Raises `ValueError` where there are fewer entries than stand side by side, and where the
    entry that is looked for is none of them.
    """
    if len(entries) < at_once:
        raise ValueError(
            f"{at_once} pictures side by side need {at_once} entries, not {len(entries)}."
        )
    if QUESTIONS[question].names_one and wanted not in entries:
        raise ValueError(f"'{wanted}' is none of the entries: {', '.join(entries)}.")
    wanted = wanted if QUESTIONS[question].names_one else ""
    groups = [frozenset(group) for group in combinations(entries, at_once)]
    left = [group for group in groups if group not in seen and (not wanted or wanted in group)]
    if not left:
        return None
    group = left[generator.integers(len(left))]
    order = [entry for entry in entries if entry in group]
    return Trial(question, tuple(order[i] for i in generator.permutation(at_once)), wanted)


@dataclass(frozen=True)
class Tally:
    """How often an entry was chosen, or found, among `at_once` pictures.

    `comparisons` is how many such numbers answer the same question, `pictures` on how many
    pictures it was asked.
    """

    question: str
    entry: str
    at_once: int
    share: Proportion
    comparisons: int
    pictures: int

    @property
    def told(self) -> bool:
        """Whether chance does not explain it."""
        return self.share.beyond_chance(self.comparisons)

    @property
    def sentence(self) -> str:
        """What it says: nothing where chance explains it."""
        if not self.told:
            return "Chance could give this."
        more = self.share.interval.mean > self.share.chance
        return f"{'More' if more else 'Less'} often than chance."


def tallies(answers: Sequence[Answer]) -> list[Tally]:
    """Of each question, and each number of pictures side by side, a row for each entry."""
    found = []
    for key in dict.fromkeys(
        (a.trial.question, len(a.trial.order), a.trial.wanted) for a in answers
    ):
        question, at_once, wanted = key
        own = [a for a in answers if (a.trial.question, len(a.trial.order), a.trial.wanted) == key]
        entries = [wanted] if wanted else sorted({one for a in own for one in a.trial.order})
        comparisons = 1 if len(entries) < 3 else len(entries)  # of two, one number is the other's
        found += [_tally(question, at_once, entry, own, comparisons) for entry in entries]
    return found


def _tally(
    question: str, at_once: int, entry: str, answers: Sequence[Answer], comparisons: int
) -> Tally:
    own = [answer for answer in answers if entry in answer.trial.order]
    times = sum(answer.chosen == entry for answer in own)
    pictures = len({(answer.picture, answer.degradation) for answer in own})
    share = proportion(times, len(own), 1 / at_once)
    return Tally(question, entry, at_once, share, comparisons, pictures)


def answer_rows(answers: Sequence[Answer]) -> list[dict[str, object]]:
    """A row for each answer, for a CSV."""
    return [
        {
            "picture": answer.picture,
            "degradation": answer.degradation,
            "question": answer.trial.sentence,
            "shown": AND.join(sorted(answer.trial.order)),
            "order": AND.join(answer.trial.order),
            "answer": answer.chosen,
            "right": "" if answer.right is None else str(answer.right).lower(),
            "seconds": round(answer.seconds, 2),
            "time": answer.time,
        }
        for answer in answers
    ]
