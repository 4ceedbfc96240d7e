"""A row per program: read once, written once. Addresses are 64-bit."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from maquette_kernels.triton_backend import jit, rows_of, wide_type


@jit
def _weighted(value, weight, column, inside, width, eps, wide: tl.constexpr):
    """The row's norm, rounded to the weights' dtype, then weighted."""
    mean = tl.sum(value * value, axis=0) / width
    normed = value / tl.sqrt(mean + eps)
    factor = tl.load(weight + column, mask=inside)
    return normed.to(factor.dtype).to(wide) * factor.to(wide)


@jit
def _norm(x, weight, out, x_stride, width, eps, wide: tl.constexpr, block: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, block)
    inside = column < width
    value = tl.load(x + row * x_stride + column, mask=inside, other=0.0).to(wide)
    result = _weighted(value, weight, column, inside, width, eps, wide)
    tl.store(out + row * width + column, result, mask=inside)


@jit
def _add_norm(
    x,
    branch,
    scale,
    weight,
    added,
    out,
    x_stride,
    branch_stride,
    width,
    eps,
    has_scale: tl.constexpr,
    wide: tl.constexpr,
    block: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, block)
    inside = column < width
    value = tl.load(branch + row * branch_stride + column, mask=inside, other=0.0).to(wide)
    if has_scale:
        value *= tl.load(scale + column, mask=inside, other=0.0).to(wide)
    value += tl.load(x + row * x_stride + column, mask=inside, other=0.0).to(wide)
    value = value.to(added.dtype.element_ty)
    tl.store(added + row * width + column, value, mask=inside)
    result = _weighted(value.to(wide), weight, column, inside, width, eps, wide)
    tl.store(out + row * width + column, result, mask=inside)


def rms_norm(x: Tensor, weight: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    """See the package."""
    rows = rows_of(x)
    out = torch.empty(x.shape, dtype=dtype, device=x.device)
    width = x.shape[-1]
    if rows.numel():
        block = triton.next_power_of_2(width)
        wide = wide_type(x.dtype)
        _norm[(len(rows),)](rows, weight, out, rows.stride(0), width, eps, wide, block)
    return out


def add_rms_norm(
    x: Tensor, branch: Tensor, scale: Tensor | None, weight: Tensor, eps: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """See the package."""
    rows, branches = rows_of(x), rows_of(branch)
    added = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    out = torch.empty(x.shape, dtype=dtype, device=x.device)
    width = x.shape[-1]
    if rows.numel():
        _add_norm[(len(rows),)](
            rows,
            branches,
            weight if scale is None else scale,
            weight,
            added,
            out,
            rows.stride(0),
            branches.stride(0),
            width,
            eps,
            scale is not None,
            wide_type(x.dtype),
            triton.next_power_of_2(width),
        )
    return added, out
