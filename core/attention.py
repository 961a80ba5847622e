"""The ViT's own self-attention: where a patch looks, per head, and rollout over all blocks.

Not a camera: these are the weights that the network itself uses. Tokens stand in the network's
order: CLS first, registers where a ViT has them, then the patches row by row. The blocks are
walked one by one, since asking the library for attentions leaves hooks in a model that is shared;
nothing is written to it, so that any number of threads can look at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .models.hybrid_vit_unet import HybridViTUNet
from .vit import Encoder

CLS = 0
HALF = 0.5
"""The share of a token's own row that the residual connection carries, as in the paper."""


@dataclass(frozen=True)
class PatchGrid:
    """Where the patches stand: `rows` x `columns` of `side` pixels, the first at token `first`."""

    rows: int
    columns: int
    side: int
    first: int

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The part of the image that they cover: x, y, width, height in pixels.

        It reaches over the right and lower border where the network pads.
        """
        return 0.0, 0.0, float(self.columns * self.side), float(self.rows * self.side)

    def token(self, x: float, y: float) -> int:
        """The token of the patch that holds the image pixel (x, y); outside, the nearest."""
        row, column = int(y) // self.side, int(x) // self.side
        row, column = min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1)
        return self.first + row * self.columns + column

    def of(self, tokens: Tensor) -> Tensor:
        """The patches of values `(…, N)` per token, as `(…, rows, columns)`."""
        return tokens[..., self.first :].unflatten(-1, (self.rows, self.columns))


def encoder_of(model: nn.Module) -> Encoder:
    """The frozen ViT of a hybrid. Raises `ValueError` for a network without one."""
    if not isinstance(model, HybridViTUNet):
        raise ValueError(
            f"Self-attention needs a ViT, and {type(model).__name__} has none: "
            "choose a hybrid variant."
        )
    return model.encoder


def block_count(model: nn.Module) -> int:
    """How many blocks the ViT has."""
    return len(encoder_of(model).vit.layers)


def patch_grid(model: nn.Module, image: Tensor) -> PatchGrid:
    """The patches that the ViT makes of an image `(3, H, W)`, padded as the network pads it."""
    encoder = encoder_of(model)
    height, width = model.pad(image[None]).shape[-2:]
    rows, columns = height // encoder.patch, width // encoder.patch
    special = 1 + getattr(encoder.vit.config, "num_register_tokens", 0)
    return PatchGrid(rows, columns, encoder.patch, special)


def self_attention(model: nn.Module, image: Tensor, block: int) -> Tensor:
    """The attention of one block, `(heads, N, N)`: row i says where token i looks, and sums to 1.

    `image` is `(3, H, W)` in [0, 1], `block` counts from 0. Quadratic in the number of patches:
    201 MB at 1024 x 1024 pixels; `attention_from` makes one row of it. Raises `ValueError` for a
    network without a ViT and for a block that it does not have.
    """
    return _weights(*_block_input(model, image, block))


def attention_from(model: nn.Module, image: Tensor, block: int, token: int = CLS) -> Tensor:
    """Where one token looks in one block, `(heads, rows, columns)`.

    What it pays to CLS is left out: a head's map sums to 1 minus that. `token` is CLS or
    `PatchGrid.token(x, y)`. Raises `ValueError` as `self_attention` does, and for a token that
    is not there.
    """
    layer, hidden = _block_input(model, image, block)
    _check_token(token, hidden)
    return patch_grid(model, image).of(_weights(layer, hidden, slice(token, token + 1))[:, 0])


def attention_received(model: nn.Module, image: Tensor, block: int) -> Tensor:
    """How much all patches look at each, `(heads, rows, columns)`, means over the patches.

    1 / N everywhere where attention is even. Raises `ValueError` as `self_attention` does.
    """
    grid = patch_grid(model, image)
    layer, hidden = _block_input(model, image, block)
    return grid.of(_weights(layer, hidden, slice(grid.first, None)).mean(dim=1))


def rollout(model: nn.Module, image: Tensor) -> Tensor:
    """Attention rollout over all blocks, `(N, N)`: rows sum to 1.

    Abnar and Zuidema, "Quantifying Attention Flow in Transformers" (2020): the product of
    0.5 A + 0.5 I over the blocks, A the mean over heads. Raises `ValueError` for a network
    without a ViT.
    """
    with torch.inference_mode():
        return _rolled(model, image, slice(None))


def rollout_from(model: nn.Module, image: Tensor, token: int = CLS) -> Tensor:
    """One row of the rollout as a map, `(rows, columns)`: what reaches a token from each patch.

    Raises `ValueError` for a network without a ViT and for a token that is not there.
    """
    with torch.inference_mode():
        row = _rolled(model, image, slice(token, token + 1))
    if not len(row):
        raise ValueError(f"There is no token {token}; the last is {row.shape[-1] - 1}.")
    return patch_grid(model, image).of(row[0])


def _rolled(model: nn.Module, image: Tensor, tokens: slice) -> Tensor:
    """Those rows of the product, from the last block to the first: a row costs no (N, N) product.

    The input of each block is kept, which is small, and its attention is made when its turn comes.
    """
    inputs = list(_block_inputs(model, image))
    count = inputs[0][1].shape[0]
    rows = torch.eye(count, device=image.device)[tokens]
    for layer, hidden in reversed(inputs):
        rows = HALF * rows @ _weights(layer, hidden).mean(dim=0) + HALF * rows
    return rows


def _block_inputs(model: nn.Module, image: Tensor) -> Iterator[tuple[nn.Module, Tensor]]:
    """Every block of the ViT with what comes in, `(N, channels)`; none runs before it is asked."""
    encoder = encoder_of(model)
    pixels = encoder.preprocess(model.pad(image[None]))
    hidden = encoder.vit.embeddings(pixels, interpolate_pos_encoding=True)
    for layer in encoder.vit.layers:
        yield layer, hidden[0]
        hidden = layer(hidden)


@torch.inference_mode()
def _block_input(model: nn.Module, image: Tensor, block: int) -> tuple[nn.Module, Tensor]:
    count = block_count(model)
    if not 0 <= block < count:
        raise ValueError(f"The ViT has no block {block}; they are 0 to {count - 1}.")
    return next(pair for number, pair in enumerate(_block_inputs(model, image)) if number == block)


@torch.inference_mode()
def _weights(layer: nn.Module, hidden: Tensor, queries: slice = slice(None)) -> Tensor:
    """softmax(q k^T / sqrt(d)) of a block, `(heads, queries, N)`, by its own projections."""
    attention = layer.attention
    normed = layer.layernorm_before(hidden)
    query = _per_head(attention.q_proj(normed[queries]), attention.head_dim)
    key = _per_head(attention.k_proj(normed), attention.head_dim)
    return torch.softmax(attention.scaling * query @ key.transpose(1, 2), dim=-1)


def _per_head(projected: Tensor, width: int) -> Tensor:
    return projected.unflatten(-1, (-1, width)).transpose(0, 1)


def _check_token(token: int, hidden: Tensor) -> None:
    if not 0 <= token < len(hidden):
        raise ValueError(f"There is no token {token}; the last is {len(hidden) - 1}.")
