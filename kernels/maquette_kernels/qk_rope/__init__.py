"""Per-head RMS norm of queries and keys, rotary embedding, keys and values written into the cache: in one step."""

from torch import Tensor

from maquette_kernels.qk_rope import reference
from maquette_kernels.triton_backend import use_triton


def qk_norm_rope(
    qkv: Tensor,
    q_norm: Tensor,
    k_norm: Tensor,
    cos: Tensor,
    sin: Tensor,
    eps: float,
    *,
    keys: Tensor,
    values: Tensor,
) -> Tensor:
    """The queries, normed and turned; keys (likewise) and values are written to where they belong.

    qkv: (T, heads + 2 · kv_heads, d), the projections side by side
    q_norm, k_norm: (d,) weights; cos, sin: (T, d) float32, halves alike (half-split convention)
    keys, values: (T, kv_heads, d), written
    Returns (T, heads, d) in qkv's dtype. Norms and rotation are float32 or wider, rounded once at the end.
    Triton on CUDA where it is installed, plain torch elsewhere. Raises ValueError.
    """
    tokens, all_heads, width = qkv.shape
    if keys.shape != values.shape or keys.shape[0] != tokens or keys.shape[2] != width:
        raise ValueError(
            f"keys, values: expected ({tokens}, kv_heads, {width}), got {tuple(keys.shape)}"
        )
    if cos.shape != (tokens, width) or sin.shape != cos.shape:
        raise ValueError(f"cos, sin: expected {(tokens, width)}, got {tuple(cos.shape)}")
    heads = all_heads - 2 * keys.shape[1]
    arguments = (qkv, q_norm, k_norm, cos, sin, eps, heads, keys, values)
    if use_triton(qkv):
        from maquette_kernels.qk_rope import cuda

        return cuda.qk_norm_rope(*arguments)
    return reference.qk_norm_rope(*arguments)
