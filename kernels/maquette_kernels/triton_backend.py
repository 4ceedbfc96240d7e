"""Whether a tensor's work goes to Triton, and what its kernels share. Importing this loads no Triton."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor


@cache
def has_triton() -> bool:
    """Whether Triton can be imported."""
    return find_spec("triton") is not None


def use_triton(x: Tensor) -> bool:
    """Whether kernels run on `x` through Triton: on CUDA, where it is installed."""
    return x.is_cuda and has_triton()


def jit(function: Callable[..., Any]) -> Any:
    """Compile `function` with Triton when it is first launched (or interpret it: TRITON_INTERPRET=1)."""
    import triton

    return triton.jit(function)


def wide_type(dtype: torch.dtype) -> Any:
    """Triton's name of the dtype that sums are taken in: float32, float64 for float64."""
    import triton.language as tl

    return tl.float64 if dtype == torch.float64 else tl.float32


def rows_of(x: Tensor) -> Tensor:
    """(…, width) as (rows, width) with neighbours in memory along a row; no copy where x is so already."""
    rows = x.reshape(-1, x.shape[-1])
    return rows if rows.stride(1) == 1 else rows.contiguous()
