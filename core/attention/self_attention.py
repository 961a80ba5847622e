"""Self-attention of a transformer: the weights per head, and rollout over all blocks.

Not a CAM method: these are the weights that the network itself computes. Tokens are in the
network's order: in a ViT CLS first and registers where it has them, then the patches row by row.
The blocks are run one by one, because asking the package transformers for attentions leaves hooks
in a shared model; nothing is written to it, and any number of threads can use it at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..models.hybrid_vit_unet import HybridViTUNet
from ..models.transformer_denoiser import TransformerDenoiser
from ..models.unet import pad_to_multiple
from ..models.vit_reconstructor import ViTReconstructor

CLS = 0
HALF = 0.5
"""The weight of the residual connection in rollout, as in the paper."""
AT_ONCE = 2**24
"""Weights in memory at once, 64 MB: at 1024² and patch 8 those of a whole block take GBs."""


@dataclass(frozen=True)
class PatchGrid:
    """The grid of patches: `rows` x `columns` of `side` pixels, the first at token `first`."""

    rows: int
    columns: int
    side: int
    first: int

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The part of the image that the patches cover: x, y, width, height in pixels.

        It extends beyond the right and lower border where the network pads.
        """
        return 0.0, 0.0, float(self.columns * self.side), float(self.rows * self.side)

    def token(self, x: float, y: float) -> int:
        """Return the token of the patch with the image pixel (x, y); the nearest one outside."""
        row, column = int(y) // self.side, int(x) // self.side
        row, column = min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1)
        return self.first + row * self.columns + column

    def of(self, tokens: Tensor) -> Tensor:
        """Return values per token `(…, N)` as a grid of patches `(…, rows, columns)`."""
        return tokens[..., self.first :].unflatten(-1, (self.rows, self.columns))


# The networks that have it -----------------------------------------------------------------------


class _FrozenViT:
    """Access to the blocks of a hybrid's ViT: CLS and registers come before the patches."""

    def __init__(self, model: HybridViTUNet) -> None:
        self.pad = model.pad
        self.encoder = model.encoder
        self.blocks = model.encoder.vit.layers
        self.patch = model.encoder.patch
        self.special = 1 + getattr(model.encoder.vit.config, "num_register_tokens", 0)

    def embedded(self, images: Tensor) -> Tensor:
        """Return the input of the first block, `(N, T, C)`."""
        pixels = self.encoder.preprocess(self.pad(images))
        return self.encoder.vit.embeddings(pixels, interpolate_pos_encoding=True)

    @staticmethod
    def heads(block: nn.Module) -> int:
        return block.attention.q_proj.out_features // block.attention.head_dim

    @staticmethod
    def queries_and_keys(block: nn.Module, hidden: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        """Return queries of the tokens `rows` and keys of all, `(heads, …, d)`; queries scaled."""
        attention, normed = block.attention, block.layernorm_before(hidden)
        query = _per_head(attention.q_proj(normed[rows]), attention.head_dim)
        key = _per_head(attention.k_proj(normed), attention.head_dim)
        return attention.scaling * query, key


class _OwnBlocks:
    """Access to the blocks of a transformer of `core.models`: its tokens are patches only."""

    special = 0

    def __init__(self, model: TransformerDenoiser | ViTReconstructor) -> None:
        self.model = model
        self.blocks, self.patch = model.blocks, model.patch

    def pad(self, images: Tensor) -> Tensor:
        return pad_to_multiple(images, self.patch)

    def embedded(self, images: Tensor) -> Tensor:
        """Return the input of the first block, `(N, T, C)`."""
        return self.model.embedded(images).flatten(2).transpose(1, 2)

    @staticmethod
    def heads(block: nn.Module) -> int:
        return block.attention.heads

    @staticmethod
    def queries_and_keys(block: nn.Module, hidden: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        """Return queries of the tokens `rows` and keys of all, `(heads, …, d)`; queries scaled."""
        attention = block.attention
        width = hidden.shape[-1] // attention.heads
        query, key, _ = attention.project_in(block.norm_attention(hidden)).chunk(3, dim=-1)
        return _per_head(query[rows], width) / math.sqrt(width), _per_head(key, width)


WITH_BLOCKS: Mapping[type[nn.Module], type[_FrozenViT] | type[_OwnBlocks]] = {
    HybridViTUNet: _FrozenViT,
    TransformerDenoiser: _OwnBlocks,
    ViTReconstructor: _OwnBlocks,
}


def _reader(model: nn.Module) -> _FrozenViT | _OwnBlocks:
    """Return the access to a network's blocks. Raises `ValueError` for a network without any."""
    if type(model) not in WITH_BLOCKS:
        raise ValueError(
            f"Self-attention needs a ViT or another transformer, and {type(model).__name__} has "
            "none: choose a hybrid or a transformer variant."
        )
    return WITH_BLOCKS[type(model)](model)


def block_count(model: nn.Module) -> int:
    """Return the number of attention blocks. Raises `ValueError` for a network without any."""
    return len(_reader(model).blocks)


def has_cls(model: nn.Module) -> bool:
    """Return whether there is a CLS token; without one token 0 is the first patch."""
    return _reader(model).special > 0


def patch_grid(model: nn.Module, image: Tensor) -> PatchGrid:
    """Return the grid of patches of an image `(3, H, W)`, padded as the network pads it."""
    reader = _reader(model)
    height, width = reader.pad(image[None]).shape[-2:]
    return PatchGrid(height // reader.patch, width // reader.patch, reader.patch, reader.special)


# Maps --------------------------------------------------------------------------------------------


def self_attention(model: nn.Module, image: Tensor, block: int) -> Tensor:
    """Return the attention weights of one block, `(heads, N, N)`; row i is query token i's.

    Rows sum to 1. `image` is `(3, H, W)` in [0, 1], `block` counts from 0. Memory is quadratic in
    the number of patches: 201 MB at 1024 x 1024 pixels; `attention_from` computes a single row.
    Raises `ValueError` for a network without attention blocks and for a block out of range.
    """
    return _weights(_reader(model), *_block_input(model, image, block))


def attention_from(model: nn.Module, image: Tensor, block: int, token: int = CLS) -> Tensor:
    """Return the attention of one query token in one block, `(heads, rows, columns)`.

    Its weight on CLS is left out: a head's map sums to 1 minus that. `token` is CLS or
    `PatchGrid.token(x, y)`. Raises `ValueError` as `self_attention` does, and for a token out of
    range.
    """
    layer, hidden = _block_input(model, image, block)
    _check_token(token, hidden)
    row = _weights(_reader(model), layer, hidden, slice(token, token + 1))
    return patch_grid(model, image).of(row[:, 0])


def attention_received(model: nn.Module, image: Tensor, block: int) -> Tensor:
    """Return the attention that each patch receives, `(heads, rows, columns)`.

    The mean over all patches as query tokens; 1 / N everywhere where attention is uniform. Raises
    `ValueError` as `self_attention` does.
    """
    grid, reader = patch_grid(model, image), _reader(model)
    layer, hidden = _block_input(model, image, block)
    parts = _parts(reader, layer, hidden, grid.first)
    total = sum(weights.sum(dim=1) for _, weights in parts)
    return grid.of(total / (len(hidden) - grid.first))


def rollout(model: nn.Module, image: Tensor) -> Tensor:
    """Return the attention rollout over all blocks, `(N, N)`; rows sum to 1.

    The product of 0.5 A + 0.5 I over the blocks, A the mean over heads. Raises `ValueError` for a
    network without attention blocks. Source: Abnar and Zuidema, "Quantifying Attention Flow in
    Transformers" (2020).
    """
    with torch.inference_mode():
        return _rolled(model, image, slice(None))


def rollout_from(model: nn.Module, image: Tensor, token: int = CLS) -> Tensor:
    """Return one query token's row of the rollout as a map, `(rows, columns)`.

    Raises `ValueError` for a network without attention blocks, and for a token out of range.
    """
    with torch.inference_mode():
        row = _rolled(model, image, slice(token, token + 1))
    if not len(row):
        raise ValueError(f"There is no token {token}; the last is {row.shape[-1] - 1}.")
    return patch_grid(model, image).of(row[0])


def _rolled(model: nn.Module, image: Tensor, tokens: slice) -> Tensor:
    """Return some rows of the rollout, multiplied from the last block to the first.

    So a single row needs no (N, N) product. The inputs of all blocks are kept, which are small;
    the attention of one block at a time.
    """
    inputs, reader = list(_block_inputs(model, image)), _reader(model)
    count = inputs[0][1].shape[0]
    rows = torch.eye(count, device=image.device)[tokens]
    for layer, hidden in reversed(inputs):
        parts = _parts(reader, layer, hidden)
        mixed = sum(rows[:, part] @ weights.mean(dim=0) for part, weights in parts)
        rows = HALF * mixed + HALF * rows
    return rows


def _block_inputs(model: nn.Module, image: Tensor) -> Iterator[tuple[nn.Module, Tensor]]:
    """Yield every block with its input `(N, channels)`; a block runs when the next is asked."""
    reader = _reader(model)
    hidden = reader.embedded(image[None])
    for layer in reader.blocks:
        yield layer, hidden[0]
        hidden = layer(hidden)


@torch.inference_mode()
def _block_input(model: nn.Module, image: Tensor, block: int) -> tuple[nn.Module, Tensor]:
    count = block_count(model)
    if not 0 <= block < count:
        raise ValueError(f"There is no block {block}; they are 0 to {count - 1}.")
    return next(pair for number, pair in enumerate(_block_inputs(model, image)) if number == block)


@torch.inference_mode()
def _weights(
    reader: _FrozenViT | _OwnBlocks,
    layer: nn.Module,
    hidden: Tensor,
    queries: slice = slice(None),
) -> Tensor:
    """Return softmax(q k^T / sqrt(d)) of a block, `(heads, queries, N)`, by its projections."""
    query, key = reader.queries_and_keys(layer, hidden, queries)
    return torch.softmax(query @ key.transpose(1, 2), dim=-1)


def _parts(
    reader: _FrozenViT | _OwnBlocks, layer: nn.Module, hidden: Tensor, first: int = 0
) -> Iterator[tuple[slice, Tensor]]:
    """Yield the weights of all query tokens from `first` on, some at a time."""
    count = len(hidden)
    step = max(1, AT_ONCE // (reader.heads(layer) * count))
    for start in range(first, count, step):
        part = slice(start, min(start + step, count))
        yield part, _weights(reader, layer, hidden, part)


def _per_head(projected: Tensor, width: int) -> Tensor:
    return projected.unflatten(-1, (-1, width)).transpose(0, 1)


def _check_token(token: int, hidden: Tensor) -> None:
    if not 0 <= token < len(hidden):
        raise ValueError(f"There is no token {token}; the last is {len(hidden) - 1}.")
