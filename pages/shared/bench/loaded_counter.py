"""The same page where every library is loaded, as the dashboard loads them."""

import pytorch_grad_cam  # noqa: F401
import torch  # noqa: F401
import torchvision  # noqa: F401
from transformers import ViTModel  # noqa: F401

from pages.shared.bench.clicks import counter, warm

warm()
counter()
