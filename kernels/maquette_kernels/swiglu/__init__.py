"""The gate of a SwiGLU layer. Source: Shazeer 2020."""

from torch import Tensor

from maquette_kernels.swiglu import reference


def swiglu(gate_up: Tensor) -> Tensor:
    """silu(gate) · up, in float32 or wider, rounded once.

    gate_up: (…, 2 · width), the gate's half first. Returns (…, width) in the same dtype. Raises ValueError.
    """
    if gate_up.shape[-1] % 2:
        raise ValueError(f"gate_up: expected an even last axis, got {tuple(gate_up.shape)}")
    return reference.swiglu(gate_up)
