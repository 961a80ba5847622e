"""What tests share."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from core.variants.store import Card


def pytest_collection_modifyitems(items):
    """Deal the files that drive a browser out, so that each process starts with its share.

    Processes are given runs of neighbours. What drives a browser mostly waits: one process alone
    with all of it would be the last by minutes.
    """
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files, others = {}, []
    for item in items:
        browser = item.get_closest_marker("browser")
        (files.setdefault(item.path, []) if browser else others).append(item)
    dealt = [[] for _ in range(shares)]
    for tests in sorted(files.values(), key=len, reverse=True):
        min(dealt, key=len).extend(tests)
    size, first = -(-len(items) // shares), 0
    for share in dealt:
        rest = max(0, size - len(share))
        share += others[first : first + rest]
        first += rest
    items[:] = [item for share in dealt for item in share] + others[first:]


@pytest.fixture
def make_card():
    """A function that makes a complete card of a small U-Net, with changes by name."""

    def make(name, **changes):
        fields = {
            "name": name,
            "model": "unet",
            "arguments": {"width": 4, "upsampling": "transpose"},
            "loss": "mse",
            "parent": None,
            "encoder": None,
            "degradation": {"key": "gaussian_noise", "range": {"sigma": [0.03, 0.25]}},
            "data": {"procedural": 3},
            "steps": 1,
            "batch": 1,
            "crop": 32,
            "seed": 0,
            "optimiser": "AdamW",
            "history": [],
            "parameters": 1,
            "torch": "2",
            "made_by": "a test",
        }
        return Card(**{**fields, **changes})

    return make
