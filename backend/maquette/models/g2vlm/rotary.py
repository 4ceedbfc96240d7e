"""Rotary embeddings. Half-split convention: channel i is turned together with channel i + half.

Sources: RoFormer (Su et al. 2021); M-RoPE, Qwen2-VL (section 2.1); RoPE2D, CroCo v2.
"""

import torch
from torch import Tensor


def rotate_half(x: Tensor) -> Tensor:
    """(…, 2h) → the second half negated, before the first."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([-second, first], dim=-1)


def apply_rotary(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn x by the table's angles; shapes broadcast over the last axis."""
    return x * cos + rotate_half(x) * sin


def mrope_table(
    positions: Tensor, theta: float, sections: tuple[int, int, int]
) -> tuple[Tensor, Tensor]:
    """cos and sin, each (tokens, head_dim) float32.

    positions: (3, tokens) int64; sections: how many frequencies follow time, row and column, in this order
    """
    half = sum(sections)
    steps = torch.arange(half, device=positions.device, dtype=torch.int64).to(torch.float32)
    frequencies = 1.0 / theta ** (steps * 2 / (2 * half))
    angles = positions[..., None].to(torch.float32) * frequencies  # (3, tokens, half)
    parts = torch.split(angles, list(sections), dim=-1)
    chosen = torch.cat([part[axis] for axis, part in enumerate(parts)], dim=-1)
    angles = torch.cat([chosen, chosen], dim=-1)
    return angles.cos(), angles.sin()


def rope2d_table(
    rows: Tensor, columns: Tensor, head_dim: int, angle_dtype: torch.dtype, base: float = 100.0
) -> tuple[Tensor, Tensor]:
    """cos and sin, each (tokens, head_dim) float32: the first half turns by the row, the second by the column.

    angle_dtype: angles are rounded to it before cos and sin, as the released code does in bfloat16
    """
    quarter = head_dim // 4
    steps = torch.arange(quarter, device=rows.device, dtype=torch.int64).to(torch.float32)
    frequencies = 1.0 / base ** (steps * 2 / (2 * quarter))
    halves = []
    for positions in (rows, columns):
        angles = positions[:, None].to(torch.float32) * frequencies
        angles = angles.to(angle_dtype).to(torch.float32)
        halves.append(torch.cat([angles, angles], dim=-1))
    angles = torch.cat(halves, dim=-1)
    return angles.cos(), angles.sin()


def apply_rope2d(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each half of x (…, tokens, head_dim) within itself; computed in float32, returned in x's dtype."""
    wide = x.to(cos.dtype)
    turned = torch.cat([rotate_half(half) for half in wide.chunk(2, dim=-1)], dim=-1)
    return (wide * cos + turned * sin).to(x.dtype)
