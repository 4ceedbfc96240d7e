"""A matrix that was rounded to few bits, times one vector: bound by the bytes of the matrix, as a token's steps are.

Rows are scaled by their largest value to -127..127 (round to nearest). The vector stays as it is.
"""

import torch
from torch import Tensor

from maquette_kernels.matvec import reference
from maquette_kernels.triton_backend import use_triton

LEVELS = 127
_ROWS = 4096
_TINY = torch.finfo(torch.float32).tiny


def quantize_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """weight (out, in), any float dtype → int8 (out, in) and the rows' scales (out,) float32; zeros stay zeros."""
    steps = torch.empty_like(weight, dtype=torch.int8)
    scales = torch.empty(len(weight), device=weight.device)
    for start in range(0, len(weight), _ROWS):  # a wide copy of all would double the memory
        part = slice(start, start + _ROWS)
        wide = weight[part].to(torch.float32)
        scales[part] = wide.abs().amax(dim=1) / LEVELS
        steps[part] = (wide / scales[part].clamp_min(_TINY)[:, None]).round()
    return steps, scales


def matvec(x: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    """weight · x, row by row times its scale, summed in float32.

    x: (in,) any float dtype; weight: (out, in) int8, contiguous; scale: (out,) float32
    Returns (out,) float32. Triton on CUDA where it is installed, compiled code on a CPU. Raises ValueError.
    """
    if weight.ndim != 2 or x.shape != weight.shape[1:]:
        raise ValueError(f"x: expected {tuple(weight.shape[1:])}, got {tuple(x.shape)}")
    if weight.dtype != torch.int8:
        raise ValueError(f"weight: expected int8, got {weight.dtype}")
    if scale.shape != weight.shape[:1]:
        raise ValueError(f"scale: expected {tuple(weight.shape[:1])}, got {tuple(scale.shape)}")
    if use_triton(x):
        from maquette_kernels.matvec import cuda

        return cuda.matvec(x, weight, scale)
    if x.is_cuda:
        return reference.matvec(x, weight, scale)
    from maquette_kernels.matvec import cpu

    return cpu.matvec(x, weight, scale)
