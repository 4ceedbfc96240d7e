"""Rows on all cores. A bfloat16 is the upper half of a float32, so that widening it is a shift."""

import numpy as np
import torch
from torch import Tensor

from maquette_kernels.jit import kernel
from maquette_kernels.parallel import run_bands

_LARGE = 1 << 22  # numbers of a matrix; a smaller one is done before threads have begun


@kernel
def _int8_rows(x, weight, scale, first, last, out):
    for row in range(first, last):
        total = np.float32(0)
        for column in range(x.shape[0]):
            total += x[column] * np.float32(weight[row, column])
        out[row] = total * scale[row]


@kernel
def _bfloat16_rows(x, weight, first, last, out):
    for row in range(first, last):
        total = np.float32(0)
        for column in range(x.shape[0]):
            wide = np.uint32(np.uint32(weight[row, column]) << np.uint32(16))
            total += x[column] * wide.view(np.float32)
        out[row] = total


def matvec(x: Tensor, weight: Tensor, scale: Tensor | None) -> Tensor:
    """See the package."""
    vector = x.to(torch.float32).contiguous().numpy()
    out = torch.empty(len(weight), dtype=torch.float32)
    result = out.numpy()
    if scale is None:
        bits = weight.view(torch.uint16).numpy()

        def rows(first: int, last: int) -> None:
            _bfloat16_rows(vector, bits, first, last, result)
    else:
        steps, scales = weight.numpy(), scale.numpy()

        def rows(first: int, last: int) -> None:
            _int8_rows(vector, steps, scales, first, last, result)

    if weight.numel() < _LARGE:
        rows(0, len(weight))
    else:
        run_bands(len(weight), rows, bands_per_thread=1)
    return out
