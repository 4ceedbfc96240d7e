"""RMS norm of rows. Source: Zhang and Sennrich 2019; rounding as in Llama: to the weights' dtype, then weighted."""

from torch import Tensor

from maquette_kernels.rms_norm import reference


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """x / sqrt(mean(x²) + eps) · weight, computed in float32 or wider.

    x: (…, width), any float dtype; weight: (width,). Returns x's shape in the weights' dtype.
    Raises ValueError.
    """
    if weight.shape != x.shape[-1:]:
        raise ValueError(f"weight: expected {tuple(x.shape[-1:])}, got {tuple(weight.shape)}")
    return reference.rms_norm(x, weight, eps)
