"""A piece of a row per program: both halves read once. Addresses are 64-bit."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from maquette_kernels.triton_backend import jit, rows_of, wide_type

_BLOCK = 1024


@jit
def _gate(x, out, x_stride, width, wide: tl.constexpr, block: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * block + tl.arange(0, block)
    inside = column < width
    source = x + row * x_stride + column
    gate = tl.load(source, mask=inside, other=0.0).to(wide)
    up = tl.load(source + width, mask=inside, other=0.0).to(wide)
    tl.store(out + row * width + column, gate / (1 + tl.exp(-gate)) * up, mask=inside)


def swiglu(gate_up: Tensor) -> Tensor:
    """See the package."""
    rows, width = rows_of(gate_up), gate_up.shape[-1] // 2
    out = torch.empty((*gate_up.shape[:-1], width), dtype=gate_up.dtype, device=gate_up.device)
    if out.numel():
        block = min(_BLOCK, triton.next_power_of_2(width))
        grid = (len(rows), triton.cdiv(width, block))
        _gate[grid](rows, out, rows.stride(0), width, wide_type(gate_up.dtype), block)
    return out
