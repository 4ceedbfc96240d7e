"""Some rows per program, the vector in pieces. Addresses are 64-bit."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from maquette_kernels.triton_backend import jit

_ROWS, _COLUMNS = 8, 512


@jit
def _rows(
    x,
    weight,
    scale,
    out,
    height,
    width,
    row_block: tl.constexpr,
    column_block: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64) * row_block + tl.arange(0, row_block)
    inside = row < height
    total = tl.zeros((row_block, column_block), tl.float32)
    for start in range(0, width, column_block):
        column = start + tl.arange(0, column_block)
        piece = tl.load(x + column, mask=column < width, other=0.0).to(tl.float32)
        place = weight + row[:, None] * width + column[None, :]
        mask = inside[:, None] & (column < width)[None, :]
        total += tl.load(place, mask=mask, other=0).to(tl.float32) * piece[None, :]
    result = tl.sum(total, axis=1) * tl.load(scale + row, mask=inside, other=0.0)
    tl.store(out + row, result, mask=inside)


def matvec(x: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    """See the package."""
    height, width = weight.shape
    out = torch.empty(height, dtype=torch.float32, device=x.device)
    x, weight = x.contiguous(), weight.contiguous()
    grid = (triton.cdiv(height, _ROWS),)
    _rows[grid](x, weight, scale, out, height, width, _ROWS, _COLUMNS)
    return out
