"""RMS norm of rows, alone or after a residual's branch was added. Source: Zhang and Sennrich 2019.

Rounding as in Llama: the normed value to the weights' dtype, then weighted.
"""

import torch
from torch import Tensor

from maquette_kernels.rms_norm import reference
from maquette_kernels.triton_backend import use_triton


def rms_norm(x: Tensor, weight: Tensor, eps: float, dtype: torch.dtype | None = None) -> Tensor:
    """x / sqrt(mean(x²) + eps) · weight, computed in float32 or wider.

    x: (…, width), any float dtype; weight: (width,). Returns x's shape in `dtype`, or else the weights'.
    Triton on CUDA where it is installed, plain torch elsewhere. Raises ValueError.
    """
    _check("weight", weight, x)
    if use_triton(x):
        from maquette_kernels.rms_norm import cuda

        return cuda.rms_norm(x, weight, eps, dtype or weight.dtype)
    return reference.rms_norm(x, weight, eps, dtype or weight.dtype)


def add_rms_norm(
    x: Tensor,
    branch: Tensor,
    scale: Tensor | None,
    weight: Tensor,
    eps: float,
    dtype: torch.dtype | None = None,
) -> tuple[Tensor, Tensor]:
    """The stream with a branch added, x + branch · scale, in x's dtype; and its RMS norm.

    x, branch: (…, width); scale: (width,), None: 1; the rest as for `rms_norm`. Raises ValueError.
    """
    _check("weight", weight, x)
    if scale is not None:
        _check("scale", scale, x)
    if branch.shape != x.shape:
        raise ValueError(f"branch: expected {tuple(x.shape)}, got {tuple(branch.shape)}")
    if use_triton(x):
        from maquette_kernels.rms_norm import cuda

        return cuda.add_rms_norm(x, branch, scale, weight, eps, dtype or weight.dtype)
    return reference.add_rms_norm(x, branch, scale, weight, eps, dtype or weight.dtype)


def _check(name: str, row: Tensor, x: Tensor) -> None:
    if row.shape != x.shape[-1:]:
        raise ValueError(f"{name}: expected {tuple(x.shape[-1:])}, got {tuple(row.shape)}")
