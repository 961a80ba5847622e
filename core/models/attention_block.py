"""What transformers on patches share: attention blocks, and tokens to and from their grid."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Multi-head self-attention, `(N, tokens, channels)` -> the same; `nn.MultiheadAttention`.

    Written out because that class, in evaluation, holds every head's tokens x tokens matrix at
    once: 16 GiB for a picture of 1024². Raises `ValueError` where the heads do not share the
    channels evenly.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        if heads < 1 or channels < heads or channels % heads:
            raise ValueError(f"{channels} channels cannot be shared by {heads} heads evenly.")
        self.heads = heads
        self.project_in = nn.Linear(channels, 3 * channels)
        self.project_out = nn.Linear(channels, channels)

    def forward(self, tokens: Tensor) -> Tensor:
        parts = self.project_in(tokens).unflatten(-1, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.project_out(mixed.transpose(1, 2).flatten(2))


class AttentionBlock(nn.Module):
    """A pre-norm transformer block: attention, then an MLP with GELU, each added to its input."""

    def __init__(self, channels: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.attention = SelfAttention(channels, heads)
        self.norm_mlp = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.attention(self.norm_attention(tokens))
        return tokens + self.mlp(self.norm_mlp(tokens))


def attend(blocks: nn.Module, grid: Tensor) -> Tensor:
    """A grid of tokens `(N, channels, rows, columns)` through blocks that take a sequence."""
    tokens = blocks(grid.flatten(2).transpose(1, 2))
    return tokens.transpose(1, 2).unflatten(2, grid.shape[-2:])


def patches(model: nn.Module, height: int, width: int) -> int:
    """How many tokens a network of `model.patch` pixels a side makes of a picture."""
    return -(-height // model.patch) * -(-width // model.patch)
