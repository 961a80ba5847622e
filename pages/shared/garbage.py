"""When the garbage collector looks, and what goes back to the machine.

The platform would collect after every run and hold up all visits (`postScriptGC` is off): what
libraries and models are made of is put out of the collector's sight instead, and it looks when a
visit has ended, whose objects refer to each other in circles.
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from time import monotonic

SELDOM = 100.0
"""Seconds from one look through everything to the next: each holds up all visits for a moment."""
_frozen = [float("-inf")]


def freeze() -> None:
    """Put all that there is out of the collector's sight: it stays for good."""
    gc.collect()
    gc.freeze()
    _frozen[0] = monotonic()


def collect(begun: float) -> float:
    """Free what is unreachable of a visit that began at a time of `monotonic`.

    Of one that was here when everything was frozen nothing would be found: then all is looked
    through, which takes some tenths of a second. That freezes the visits that are here, so each
    would need it where visits overlap: it is done seldom. Gives the seconds until it can be, or 0.
    """
    hidden = begun <= _frozen[0]
    seconds = max(0.0, _frozen[0] + SELDOM - monotonic()) if hidden else 0.0
    if hidden and not seconds:
        gc.unfreeze()
        freeze()
    else:
        gc.collect()
    with suppress(AttributeError, OSError):  # glibc's; others give memory back by themselves
        ctypes.CDLL(None).malloc_trim(0)
    return seconds
