"""Restorations in a thread that never calls the platform's drawing; pages look at the slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    slots = {
        name: cached.restoration(measurement.digest, name, cached.variant_stamp(name))
        for name in names
    }
    mine = {name: slot for name, slot in slots.items() if not slot.ready and slot.claim()}
    if mine:
        Thread(
            target=_restore, args=(measurement, mine, _cancel_former(measurement)), daemon=True
        ).start()
    return slots


def _cancel_former(measurement: Picture) -> Event:
    digest, cancel = st.session_state.get(CANCEL, ("", Event()))
    if digest != measurement.digest:
        cancel.set()
        cancel = Event()
        st.session_state[CANCEL] = measurement.digest, cancel
    return cancel


def _restore(measurement: Picture, slots: Mapping[str, Slot[Picture]], cancel: Event) -> None:
    """Fill the slots, each as soon as it is ready; a variant that cannot be loaded says so."""
    from core.restore import Cancelled, restore_iter

    models = {}
    try:
        for name in slots:
            models |= _loaded(name, slots[name])
        outputs = restore_iter(
            measurement.image[None], list(models), load=models.__getitem__, cancel=cancel
        )
        for name, output in outputs:
            slots[name].fill(partial(cached.picture_of, output[0]))
    except Cancelled:
        pass
    except Exception as error:  # e.g. out of memory: the page says it, and does not wait for ever
        for name in models:
            if not slots[name].ready:
                slots[name].fill(partial(_raise, error))
    finally:
        for slot in slots.values():
            slot.release()


def _loaded(name: str, slot: Slot[Picture]) -> dict[str, nn.Module]:
    """The network by its name; nothing, and the sentence in its slot, if it cannot be loaded."""
    try:
        return {name: cached.model(name)}
    except ValueError as error:
        slot.fill(partial(_raise, error))
        return {}


def _raise(error: Exception) -> Picture:
    raise error
