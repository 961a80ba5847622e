"""What tests share."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from core.variants.store import Card


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
