"""SwiGLU as it is written."""

import torch
import torch.nn.functional as F
from torch import Tensor


def swiglu(gate_up: Tensor) -> Tensor:
    """See the package."""
    gate, up = gate_up.chunk(2, dim=-1)
    wide = torch.promote_types(gate_up.dtype, torch.float32)
    return (F.silu(gate.to(wide)) * up.to(wide)).to(gate_up.dtype)
