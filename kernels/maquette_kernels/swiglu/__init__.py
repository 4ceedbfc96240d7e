"""The gate of a SwiGLU layer. Source: Shazeer 2020."""

from torch import Tensor

from maquette_kernels.swiglu import reference
from maquette_kernels.triton_backend import use_triton


def swiglu(gate_up: Tensor) -> Tensor:
    """silu(gate) · up, in float32 or wider, rounded once.

    gate_up: (…, 2 · width), the gate's half first. Returns (…, width) in the same dtype.
    Triton on CUDA where it is installed, plain torch elsewhere. Raises ValueError.
    """
    if gate_up.shape[-1] % 2:
        raise ValueError(f"gate_up: expected an even last axis, got {tuple(gate_up.shape)}")
    if use_triton(gate_up):
        from maquette_kernels.swiglu import cuda

        return cuda.swiglu(gate_up)
    return reference.swiglu(gate_up)
