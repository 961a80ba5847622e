"""Outputs of variants, made by threads that never call the platform; pages look at the jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from pages.shared import cached
from pages.shared.computing import in_turn
from pages.shared.jobs import Job, Unwanted
from pages.shared.values import Picture, picture_of
from pages.shared.visits import visit

if TYPE_CHECKING:
    from torch import nn

    from core.imaging.images import Region
    from pages.shared.source import Brought

AT_ONCE = 5
"""Variants of one turn: the story's share a look of the ViT, and nobody waits for many more."""


def restorations(
    measurement: Picture, names: Sequence[str], *, beside: bool = False
) -> dict[str, Job[Picture]]:
    """The job of each variant; those which nobody works on yet are begun in turn.

    The visit looks at this measurement, unless it is wanted `beside` what it looks at.
    """
    look = visit().look if beside else visit().look_at(measurement.digest)
    jobs = {name: restoration(measurement, name) for name in names}
    for job in jobs.values():
        job.ask(look)
    mine = {name: job for name, job in jobs.items() if job.claim()}
    for first in range(0, len(mine), AT_ONCE):
        turn = dict(list(mine.items())[first : first + AT_ONCE])
        if not cached.work.restoring_line().join(look, partial(restore, measurement, turn)):
            release(turn)
    return jobs


def readings(brought: Mapping[str, Brought], part: Region | None) -> dict[str, Job[Picture]]:
    """The job of each output that came with the picture, by its entry's name; it is read."""
    return {
        name: in_turn(_brought_job(one, part), partial(one.picture, part))
        for name, one in brought.items()
    }


def restoration(measurement: Picture, name: str) -> Job[Picture]:
    """The job of one network, which nobody may have begun."""
    return cached.work.restoration_job(
        measurement.digest, name, cached.variants.variant_stamp(name)
    )


def _brought_job(one: Brought, part: Region | None) -> Job[Picture]:
    return cached.work.restoration_job(one.key, "brought", part.text if part else "")


def restore(measurement: Picture, jobs: Mapping[str, Job[Picture]]) -> None:
    """Make every output that someone still waits for, or the sentence why not.

    Nothing may leave a job claimed and unfinished: pages would wait for it for ever.
    """
    wanted = {name: job for name, job in jobs.items() if job.wanted}
    try:
        _make(measurement, wanted)
    except Exception as error:
        for job in wanted.values():
            _fail(job, error)
    finally:
        release(jobs)


def release(jobs: Mapping[str, Job[Picture]]) -> None:
    """Give back what was not made."""
    for job in jobs.values():
        job.release()


def _make(measurement: Picture, jobs: Mapping[str, Job[Picture]]) -> None:
    """Each output as soon as it is ready; a variant that fails leaves the others alone."""
    from core.variants.restore import Cancelled, restore_iter

    unwanted, models = Unwanted(*jobs.values()), {}
    for name, job in jobs.items():
        if unwanted.is_set():
            return
        models |= _loaded(name, job)
    outputs = restore_iter(
        measurement.image[None],
        list(models),
        load=models.__getitem__,
        cancel=unwanted,
        on_error=lambda name, error: _fail(jobs[name], error),
        on_note=lambda name, sentence: setattr(jobs[name], "note", sentence),
    )
    with suppress(Cancelled):
        for name, output in outputs:
            jobs[name].run(partial(picture_of, output[0]))


def _loaded(name: str, job: Job[Picture]) -> dict[str, nn.Module]:
    """The network by its name; nothing, and the sentence in its job, if it cannot be loaded."""
    try:
        return {name: cached.variants.running_model(name)}
    except Exception as error:
        _fail(job, error)
        return {}


def _fail(job: Job[Picture], error: Exception) -> None:
    if not job.ready:
        job.fail(error)
