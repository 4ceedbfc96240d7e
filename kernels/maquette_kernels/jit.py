"""One way to compile a CPU kernel: cached on disk, without the GIL, so that bands of rows run on all cores."""

from collections.abc import Callable
from typing import Any

import numba


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` with numba. It must not allocate per pixel and must accept a row or item range.

    fastmath leaves out the flags that assume no NaN or infinity: unknown values travel as NaN.
    """
    flags = {"nsz", "arcp", "contract", "afn", "reassoc"}
    return numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=flags)(function)


def inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a helper that kernels call; LLVM inlines it."""
    return kernel(function)
