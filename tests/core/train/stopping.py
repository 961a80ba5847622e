"""Runs that are asked to stop: what tests of training share."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.train import loop


@contextmanager
def stopped_at(step: int) -> Iterator[pytest.MonkeyPatch]:
    """While open, runs are asked to stop after so many steps; the patch's `undo` ends it."""
    advance = loop.Run.advance

    def stop(self, batch):
        terms = advance(self, batch)
        if self.step == step:
            os.kill(os.getpid(), signal.SIGTERM)
        return terms

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.Run, "advance", stop)
        yield patch
