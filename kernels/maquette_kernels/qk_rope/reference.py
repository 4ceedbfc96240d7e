"""Norm, turn, write: one after the other."""

import torch
from torch import Tensor


def qk_norm_rope(
    qkv: Tensor,
    q_norm: Tensor,
    k_norm: Tensor,
    cos: Tensor,
    sin: Tensor,
    eps: float,
    heads: int,
    keys: Tensor,
    values: Tensor,
) -> Tensor:
    """See the package; `heads` are the query heads."""
    kv_heads = keys.shape[1]
    query, key, value = qkv.split([heads, kv_heads, kv_heads], dim=1)
    values.copy_(value)
    keys.copy_(_norm_and_turn(key, k_norm, cos, sin, eps))
    return _norm_and_turn(query, q_norm, cos, sin, eps).to(qkv.dtype)


def _norm_and_turn(x: Tensor, weight: Tensor, cos: Tensor, sin: Tensor, eps: float) -> Tensor:
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    normed = wide * torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + eps) * weight
    first, second = normed.chunk(2, dim=-1)
    turned = torch.cat([-second, first], dim=-1)
    return normed * cos[:, None] + turned * sin[:, None]
