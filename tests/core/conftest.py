"""What tests of core share."""

import resource
import signal
from contextlib import contextmanager

import pytest
import torch


@pytest.fixture
def no_room():
    """While `no_room(bytes)` is open, no file may be larger: writes fail half-way, as on a full
    disk."""

    @contextmanager
    def limited(most):
        former = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, former[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, former)
            signal.signal(signal.SIGXFSZ, handler)

    return limited


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
