"""What tests of networks of others share: small networks and a way to save and open them."""

import pytest
import torch

from core.models import build_model
from core.variants.foreign import open_network


@pytest.fixture(scope="session")
def unet():
    torch.manual_seed(0)
    return build_model("unet", width=2).eval()


@pytest.fixture
def opened(tmp_path):
    """Save a document and open it as a network."""

    def saved_and_opened(document, name="weights.pth", **options):
        torch.save(document, tmp_path / name)
        return open_network(tmp_path / name, **options)

    return saved_and_opened


@pytest.fixture
def refused(opened):
    """Save a document and give the sentence with which it is refused."""

    def sentence(document, name="weights.pth"):
        with pytest.raises(ValueError) as caught:
            opened(document, name)
        said = str(caught.value)
        assert said.count("\n") == 0 and "weights_only" not in said, said
        return said

    return sentence
