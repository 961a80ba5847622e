"""Restorations in a thread that never calls the platform's drawing; pages look at the slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import cached
from pages.shared.cached import Picture
from pages.shared.slots import Slot

if TYPE_CHECKING:
    from torch import nn

CANCEL = "restoring"


def restorations(measurement: Picture, names: Sequence[str]) -> dict[str, Slot[Picture]]:
    """The slot of each variant, and a thread that fills those which nobody computes yet.

    What this visit started before, for another measurement, is stopped.
    """
    cancel = _cancel_former(measurement)
    slots = {name: cached.restoration(measurement.digest, name) for name in names}
    mine = {name: slot for name, slot in slots.items() if not slot.ready and slot.claim()}
    if mine:
        Thread(target=_restore, args=(measurement, mine, cancel), daemon=True).start()
    return slots


def _cancel_former(measurement: Picture) -> Event:
    digest, cancel = st.session_state.get(CANCEL, ("", Event()))
    if digest != measurement.digest:
        cancel.set()
        cancel = Event()
        st.session_state[CANCEL] = measurement.digest, cancel
        cached.let_go()
    return cancel


def _restore(measurement: Picture, slots: Mapping[str, Slot[Picture]], cancel: Event) -> None:
    """Fill every slot, with a picture or a sentence; what a cancellation left empty is released.

    Nothing may leave a slot claimed and empty: pages would wait for it for ever.
    """
    try:
        _fill(measurement, slots, cancel)
    except Exception as error:
        for slot in slots.values():
            _fail(slot, error)
    finally:
        for slot in slots.values():
            slot.release()


def _fill(measurement: Picture, slots: Mapping[str, Slot[Picture]], cancel: Event) -> None:
    """Each slot as soon as it is ready; a variant that fails leaves the others alone."""
    from core.variants.restore import Cancelled, restore_iter

    models: dict[str, nn.Module] = {}
    for name, slot in slots.items():
        if cancel.is_set():
            return
        models |= _loaded(name, slot)
    outputs = restore_iter(
        measurement.image[None],
        list(models),
        load=models.__getitem__,
        cancel=cancel,
        on_error=lambda name, error: _fail(slots[name], error),
    )
    with suppress(Cancelled):
        for name, output in outputs:
            slots[name].fill(partial(cached.picture_of, output[0]))


def _loaded(name: str, slot: Slot[Picture]) -> dict[str, nn.Module]:
    """The network by its name; nothing, and the sentence in its slot, if it cannot be loaded."""
    try:
        return {name: cached.model(name)}
    except Exception as error:
        _fail(slot, error)
        return {}


def _fail(slot: Slot[Picture], error: Exception) -> None:
    """The error's sentence in a slot that is still empty; what is not for people is logged."""
    if not slot.ready:
        slot.fill(partial(_raise, error))


def _raise(error: Exception) -> Picture:
    raise error
