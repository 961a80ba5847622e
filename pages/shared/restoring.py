"""Outputs of variants, made in a thread that never calls the platform; pages look at the jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import cached
from pages.shared.computing import held, let_go
from pages.shared.jobs import Job
from pages.shared.values import Picture, picture_of

if TYPE_CHECKING:
    from torch import nn

    from core.imaging.images import Region
    from pages.shared.source import Brought

CANCEL = "restoring"


def look_at(measurement: Picture) -> None:
    """Say what this visit looks at: what it started before for another picture is stopped."""
    digest, cancel = st.session_state.get(CANCEL, ("", Event()))
    if digest != measurement.digest:
        cancel.set()
        st.session_state[CANCEL] = measurement.digest, Event()
        let_go()


def restorations(measurement: Picture, names: Sequence[str]) -> dict[str, Job[Picture]]:
    """The job of each variant, and a thread for those which nobody works on yet."""
    look_at(measurement)
    _, cancel = st.session_state[CANCEL]
    jobs = {name: restoration(measurement, name) for name in names}
    mine = {name: job for name, job in jobs.items() if job.claim()}
    if mine:
        Thread(target=_restore, args=(measurement, mine, cancel), daemon=True).start()
    return jobs


def readings(brought: Mapping[str, Brought], part: Region | None) -> dict[str, Job[Picture]]:
    """The job of each output that came with the picture, by its entry's name; it is read."""
    jobs = {name: _brought_job(one, part) for name, one in brought.items()}
    for name, one in brought.items():
        jobs[name].queue(cached.pool(), partial(one.picture, part))
    return jobs


def restoration(measurement: Picture, name: str) -> Job[Picture]:
    """The job of one network, which nobody may have begun."""
    return held(cached.restoration_job, measurement.digest, name, cached.variant_stamp(name))


def _brought_job(one: Brought, part: Region | None) -> Job[Picture]:
    return held(cached.restoration_job, one.key, "brought", part.text if part else "")


def _restore(measurement: Picture, jobs: Mapping[str, Job[Picture]], cancel: Event) -> None:
    """Make every output, or the sentence why not; what a cancellation left is released.

    Nothing may leave a job claimed and unfinished: pages would wait for it for ever.
    """
    try:
        _make(measurement, jobs, cancel)
    except Exception as error:
        for job in jobs.values():
            _fail(job, error)
    finally:
        for job in jobs.values():
            job.release()


def _make(measurement: Picture, jobs: Mapping[str, Job[Picture]], cancel: Event) -> None:
    """Each output as soon as it is ready; a variant that fails leaves the others alone."""
    from core.variants.restore import Cancelled, restore_iter

    models: dict[str, nn.Module] = {}
    for name, job in jobs.items():
        if cancel.is_set():
            return
        models |= _loaded(name, job)
    outputs = restore_iter(
        measurement.image[None],
        list(models),
        load=models.__getitem__,
        cancel=cancel,
        on_error=lambda name, error: _fail(jobs[name], error),
        on_note=lambda name, sentence: setattr(jobs[name], "note", sentence),
    )
    with suppress(Cancelled):
        for name, output in outputs:
            jobs[name].run(partial(picture_of, output[0]))


def _loaded(name: str, job: Job[Picture]) -> dict[str, nn.Module]:
    """The network by its name; nothing, and the sentence in its job, if it cannot be loaded."""
    try:
        return {name: cached.running_model(name)}
    except Exception as error:
        _fail(job, error)
        return {}


def _fail(job: Job[Picture], error: Exception) -> None:
    if not job.ready:
        job.fail(error)
