"""RMS norm as it is written."""

import torch
from torch import Tensor


def rms_norm(x: Tensor, weight: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    """See the package."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    normed = wide * torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + eps)
    return (normed.to(weight.dtype) * weight).to(dtype)


def add_rms_norm(
    x: Tensor, branch: Tensor, scale: Tensor | None, weight: Tensor, eps: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """See the package."""
    added = x + branch if scale is None else torch.addcmul(x, branch, scale)
    added = added.to(x.dtype)
    return added, rms_norm(added, weight, eps, dtype)
