"""Rows on all cores."""

import numpy as np
import torch
from torch import Tensor

from maquette_kernels.jit import kernel
from maquette_kernels.parallel import run_bands

_LARGE = 1 << 22  # numbers of a matrix; a smaller one is done before threads have begun


@kernel
def _rows(x, weight, scale, first, last, out):
    for row in range(first, last):
        total = np.float32(0)
        for column in range(x.shape[0]):
            total += x[column] * np.float32(weight[row, column])
        out[row] = total * scale[row]


def matvec(x: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    """See the package."""
    vector = x.to(torch.float32).contiguous().numpy()
    steps, scales = weight.numpy(), scale.numpy()
    out = torch.empty(len(weight), dtype=torch.float32)
    result = out.numpy()

    def rows(first: int, last: int) -> None:
        _rows(vector, steps, scales, first, last, result)

    if weight.numel() < _LARGE:
        rows(0, len(weight))
    else:
        run_bands(len(weight), rows, bands_per_thread=1)
    return out
