"""The denoising task: clean crops, a degradation of random strength, and a loss expression."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ..degradations import DEGRADATIONS
from ..imaging.images import clipped, to_tensor
from ..imaging.photos import centre_crop, read_photos
from ..losses import Loss, parse_loss
from ..losses.own import check_own
from ..metrics import METRICS
from .data import Crops, Group
from .device_crops import DeviceCrops
from .random_degradation import RandomDegradation
from .recipes import Recipe

NOISE = "gaussian_noise"
VALIDATION_SIDE = 224
VALIDATION_SIGMA = 0.15


def validation_pairs(
    folder: Path, degradation: str = NOISE, **switches: bool
) -> tuple[list[str], Tensor, Tensor]:
    """Names, clean centre crops and their measurements: `(N, 3, 224, 224)` each.

    Every photo with sides of 224 or more, and the degradation of that key at the table's
    defaults but for the switches: for Gaussian noise sigma 0.15, clipped unless `clip` is False,
    each image's own noise, seed 0.
    """
    photos = list(read_photos(folder, min_side=VALIDATION_SIDE))
    clean = torch.stack([to_tensor(centre_crop(p.image, VALIDATION_SIDE)) for p in photos])
    measured = DEGRADATIONS[degradation](clean, **switches)
    return [f"{photo.group}/{photo.name}" for photo in photos], clean, measured


def loss_of(recipe: Recipe) -> Loss:
    """The loss of a recipe. Raises `ValueError` where there is none, or an own one is another."""
    loss = parse_loss(recipe.loss)
    check_own(loss, recipe.own_losses)
    return loss


class Denoising:
    """Restore measured crops; scored by the mean PSNR over the validation photos, if there are."""

    score = "PSNR"

    def __init__(
        self, recipe: Recipe, model: nn.Module, groups: Sequence[Group], validation: Path | None
    ) -> None:
        self.model = model
        self.loss = loss_of(recipe)
        degradation = RandomDegradation.of(recipe.degradation)
        self.data = Crops(
            groups,
            crop=recipe.crop,
            degradation=degradation,
            seed=recipe.seed,
            length=recipe.steps * recipe.batch,
        )
        key, switches = degradation.spec.key, degradation.switches
        self.pairs = validation_pairs(validation, key, **switches)[1:] if validation else None

    def data_on(self, device: torch.device) -> DeviceCrops:
        return DeviceCrops(self.data, device)

    def losses(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        measurement = batch["measurement"].contiguous(memory_format=torch.channels_last)
        return self.loss.parts(model(measurement).float(), batch["clean"])

    @torch.inference_mode()
    def validate(self, model: nn.Module) -> float:
        """Mean PSNR in dB of the clipped outputs; NaN without validation photos."""
        if self.pairs is None:
            return float("nan")
        device = next(model.parameters()).device
        scores = [
            _psnr(clipped(model(measured[None].to(device))).cpu(), clean[None])
            for clean, measured in zip(*self.pairs, strict=True)
        ]
        return torch.cat(scores).mean().item()


def _psnr(output: Tensor, clean: Tensor) -> Tensor:
    """NaN for a network that gives values which are no numbers: its training goes on."""
    known = output.isfinite().all()
    return METRICS["psnr"](output, clean) if known else torch.full((len(clean),), torch.nan)
