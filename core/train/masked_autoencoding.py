"""Pretraining the ViT: predict hidden patches from a quarter of the picture.

He et al., "Masked Autoencoders Are Scalable Vision Learners" (2022), by `transformers`. One
change: half of the pictures go in with noise, and the clean patches are predicted, because the
frozen ViT will be shown noisy pictures later.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from ..base.files import write_whole
from ..base.json_numbers import dumps
from ..variants.half import in_half
from .data import Crops, Group
from .denoise import validation_pairs
from .device_crops import DeviceCrops, generator_of
from .random_degradation import RandomDegradation
from .recipes import Recipe

MEAN = STD = 0.5
NOISY_SHARE = 0.5


def build_autoencoder() -> nn.Module:
    """`ViTMAEForPreTraining`: encoder of 8 layers and 192 channels, small decoder."""
    from transformers import ViTMAEConfig, ViTMAEForPreTraining

    model = ViTMAEForPreTraining(
        ViTMAEConfig(
            image_size=224,
            patch_size=16,
            hidden_size=192,
            num_hidden_layers=8,
            num_attention_heads=3,
            intermediate_size=768,
            decoder_hidden_size=128,
            decoder_num_hidden_layers=2,
            decoder_num_attention_heads=4,
            decoder_intermediate_size=512,
            mask_ratio=0.75,
        )
    )
    _initialise(model)
    return model


@torch.no_grad()
def _initialise(model: nn.Module) -> None:
    """The paper's initialisation: fixed sine and cosine positions, Xavier for linear layers.

    `transformers` 5.23 leaves both position embeddings at zero, so that no patch knows where it
    is and the network never predicts more than one colour for the whole picture.
    """
    from transformers.models.vit_mae.modeling_vit_mae import build_2d_sinusoidal_position_embedding

    side = model.config.image_size // model.config.patch_size
    embeddings = model.vit.embeddings
    for positions in (embeddings.position_embeddings, model.decoder.decoder_pos_embed):
        width = positions.shape[-1]
        positions[0] = build_2d_sinusoidal_position_embedding(side, side, width, cls_token=True)
    for token in (embeddings.cls_token, model.decoder.mask_token):
        nn.init.normal_(token, std=0.02)
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
    nn.init.xavier_uniform_(embeddings.patch_embeddings.projection.weight.flatten(1))


class _MaskedCrops(Dataset[dict[str, Tensor]]):
    """Crops with one random number per patch: the lowest quarter stays visible."""

    def __init__(self, crops: Crops, patches: int) -> None:
        self.crops = crops
        self.patches = patches

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        pair = self.crops[index]
        rng = np.random.default_rng([self.crops.seed, index, self.patches])
        shown = pair["measurement"] if rng.random() < NOISY_SHARE else pair["clean"]
        order = torch.from_numpy(rng.random(self.patches, np.float32))
        return {"shown": shown, "clean": pair["clean"], "order": order}


class _DeviceMaskedCrops:
    """The same in batches on a device."""

    def __init__(self, masked: _MaskedCrops, device: torch.device) -> None:
        self.crops = DeviceCrops(masked.crops, device)
        self.patches = masked.patches

    def batch(self, step: int, size: int, share: slice) -> dict[str, Tensor]:
        device = self.crops.device
        generator = generator_of([self.crops.seed, step, self.patches], device)
        noisy = torch.rand((size, 1, 1, 1), generator=generator, device=device) < NOISY_SHARE
        order = torch.rand((size, self.patches), generator=generator, device=device)
        clean, measurement = self.crops.batch(step, size, share).values()
        shown = torch.where(noisy[share], measurement, clean)
        return {"shown": shown, "clean": clean, "order": order[share]}


class MaskedAutoencoding:
    """Predict the clean hidden patches; scored by their PSNR over the validation photos."""

    score = "PSNR of hidden patches"

    def __init__(
        self, recipe: Recipe, model: nn.Module, groups: Sequence[Group], validation: Path | None
    ) -> None:
        self.model = model
        crops = Crops(
            groups,
            crop=recipe.crop,
            degradation=RandomDegradation.of(recipe.degradation),
            seed=recipe.seed,
            length=recipe.steps * recipe.batch,
        )
        self.patches = (recipe.crop // model.config.patch_size) ** 2
        self.data = _MaskedCrops(crops, self.patches)
        self.clean = validation_pairs(validation)[1] if validation else None

    def data_on(self, device: torch.device) -> _DeviceMaskedCrops:
        return _DeviceMaskedCrops(self.data, device)

    def losses(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        shown, clean = ((batch[name] - MEAN) / STD for name in ("shown", "clean"))
        predicted = model(pixel_values=shown, noise=batch["order"])
        target = getattr(model, "module", model).patchify(clean)
        error = (predicted.logits.float() - target).square().mean(dim=-1)
        return {"hidden patches": (error * predicted.mask).sum() / predicted.mask.sum()}

    @torch.inference_mode()
    def validate(self, model: nn.Module) -> float:
        """PSNR in dB of the hidden patches, clean input; NaN without validation photos."""
        if self.clean is None:
            return float("nan")
        order = torch.from_numpy(
            np.random.default_rng(0).random((len(self.clean), self.patches), np.float32)
        )
        batch = {"shown": self.clean, "clean": self.clean, "order": order}
        device = next(model.parameters()).device
        error = self.losses(model, {name: x.to(device) for name, x in batch.items()})
        return -10 * torch.log10(error["hidden patches"] * STD**2).item()


def save_encoder(autoencoder: nn.Module, story: dict[str, Any], folder: Path) -> None:
    """Keep the encoder half as a `ViTModel` in Hugging Face format, fp16, with its story."""
    from transformers import ViTConfig, ViTImageProcessor, ViTModel

    settings = autoencoder.config.to_dict()
    names = (
        "image_size", "patch_size", "hidden_size", "num_hidden_layers",
        "num_attention_heads", "intermediate_size", "layer_norm_eps",
    )  # fmt: skip
    vit = ViTModel(ViTConfig(**{name: settings[name] for name in names}), add_pooling_layer=False)
    vit.load_state_dict(autoencoder.vit.state_dict())
    weights = {name: in_half(tensor) for name, tensor in vit.state_dict().items()}
    processor = ViTImageProcessor(
        size={"height": 224, "width": 224}, image_mean=[MEAN] * 3, image_std=[STD] * 3
    )
    with TemporaryDirectory(prefix="losslens-vit-") as made:
        vit.half().save_pretrained(made, state_dict=weights)
        processor.save_pretrained(made)
        for file in sorted(Path(made).iterdir()):
            write_whole(folder / file.name, file.read_bytes())
    write_whole(folder / "training.json", dumps(story, indent=1) + "\n")
