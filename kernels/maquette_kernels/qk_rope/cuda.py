"""A token per program: all its heads in a tile of two halves. Addresses are 64-bit."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from maquette_kernels.triton_backend import jit, wide_type


@jit
def _turned(first, second, weight, cos, sin, column, inside, width, eps, wide: tl.constexpr):
    """Normed heads (heads, half) of both halves, turned by the token's angles (half,)."""
    mean = (tl.sum(first * first, axis=1) + tl.sum(second * second, axis=1)) / width
    scale = 1 / tl.sqrt(mean + eps)[:, None]
    half = width // 2
    first *= scale * tl.load(weight + column, mask=inside, other=0.0).to(wide)[None, :]
    second *= scale * tl.load(weight + half + column, mask=inside, other=0.0).to(wide)[None, :]
    return first * cos - second * sin, second * cos + first * sin


@jit
def _token(
    qkv,
    q_norm,
    k_norm,
    cos_table,
    sin_table,
    query,
    keys,
    values,
    qkv_stride,
    table_stride,
    key_stride,
    key_head_stride,
    value_stride,
    value_head_stride,
    eps,
    width,
    heads: tl.constexpr,
    kv_heads: tl.constexpr,
    wide: tl.constexpr,
    head_block: tl.constexpr,
    kv_block: tl.constexpr,
    half_block: tl.constexpr,
):
    token = tl.program_id(0).to(tl.int64)
    half = width // 2
    column = tl.arange(0, half_block)
    inside = column < half
    cos = tl.load(cos_table + token * table_stride + column, mask=inside, other=0.0).to(wide)
    sin = tl.load(sin_table + token * table_stride + column, mask=inside, other=0.0).to(wide)
    cos, sin = cos[None, :], sin[None, :]

    head = tl.arange(0, head_block)[:, None]
    mask = (head < heads) & inside[None, :]
    source = qkv + token * qkv_stride + head * width + column[None, :]
    first = tl.load(source, mask=mask, other=0.0).to(wide)
    second = tl.load(source + half, mask=mask, other=0.0).to(wide)
    first, second = _turned(first, second, q_norm, cos, sin, column, inside, width, eps, wide)
    target = query + token * heads * width + head * width + column[None, :]
    tl.store(target, first, mask=mask)
    tl.store(target + half, second, mask=mask)

    head = tl.arange(0, kv_block)[:, None]
    mask = (head < kv_heads) & inside[None, :]
    source = qkv + token * qkv_stride + (heads + head) * width + column[None, :]
    first = tl.load(source, mask=mask, other=0.0).to(wide)
    second = tl.load(source + half, mask=mask, other=0.0).to(wide)
    first, second = _turned(first, second, k_norm, cos, sin, column, inside, width, eps, wide)
    target = keys + token * key_stride + head * key_head_stride + column[None, :]
    tl.store(target, first, mask=mask)
    tl.store(target + half, second, mask=mask)

    source += kv_heads * width
    target = values + token * value_stride + head * value_head_stride + column[None, :]
    tl.store(target, tl.load(source, mask=mask), mask=mask)
    tl.store(target + half, tl.load(source + half, mask=mask), mask=mask)


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
    """See the package; `heads` are the query heads. Channels of a head are neighbours in every tensor."""
    tokens, _, width = qkv.shape
    qkv, cos, sin = qkv.contiguous(), cos.contiguous(), sin.contiguous()
    if keys.stride(2) != 1 or values.stride(2) != 1:
        raise ValueError("keys, values: channels are no neighbours in memory")
    query = torch.empty((tokens, heads, width), dtype=qkv.dtype, device=qkv.device)
    kv_heads = keys.shape[1]
    if tokens:
        _token[(tokens,)](
            qkv,
            q_norm,
            k_norm,
            cos,
            sin,
            query,
            keys,
            values,
            qkv.stride(0),
            cos.stride(0),
            keys.stride(0),
            keys.stride(1),
            values.stride(0),
            values.stride(1),
            eps,
            width,
            heads,
            kv_heads,
            wide_type(qkv.dtype),
            triton.next_power_of_2(heads),
            triton.next_power_of_2(kv_heads),
            triton.next_power_of_2(width // 2),
        )
    return query
