"""The product as it is written."""

import torch
from torch import Tensor


def matvec(x: Tensor, weight: Tensor, scale: Tensor | None) -> Tensor:
    """See the package."""
    product = weight.to(torch.float32) @ x.to(torch.float32)
    return product if scale is None else product * scale
