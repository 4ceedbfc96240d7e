"""RMS norm, SwiGLU, and normed and turned queries and keys: against float64 numpy, at awkward sizes."""

import numpy as np
import pytest
import torch

from maquette_kernels.qk_rope import qk_norm_rope
from maquette_kernels.rms_norm import rms_norm
from maquette_kernels.swiglu import swiglu

EPS = 1e-6
# relative to the largest value: a few roundings of each dtype
CLOSE = {torch.float64: 1e-13, torch.float32: 2e-6, torch.bfloat16: 2e-2}
DTYPES = pytest.mark.parametrize(
    "dtype", CLOSE, ids=lambda dtype: str(dtype).removeprefix("torch.")
)


def _random(*shape: int, dtype: torch.dtype, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def _assert_close(given: torch.Tensor, expected: np.ndarray) -> None:
    error = np.abs(given.double().numpy() - expected).max()
    assert error <= CLOSE[given.dtype] * np.abs(expected).max()


def _normed(x: torch.Tensor, weight: torch.Tensor) -> np.ndarray:
    wide = x.double().numpy()
    return wide / np.sqrt((wide**2).mean(-1, keepdims=True) + EPS) * weight.double().numpy()


@DTYPES
@pytest.mark.parametrize("shape", [(1, 1), (3, 63), (500, 60), (2, 5, 128)], ids=str)
def test_rms_norm(shape: tuple[int, ...], dtype: torch.dtype):
    x, weight = _random(*shape, dtype=dtype), _random(shape[-1], dtype=dtype, seed=1)
    given = rms_norm(x, weight, EPS)
    assert given.dtype == dtype
    _assert_close(given, _normed(x, weight))


def test_rms_norm_of_nothing_and_of_zeros_is_zero():
    weight = torch.ones(8)
    assert rms_norm(torch.zeros(0, 8), weight, EPS).shape == (0, 8)
    assert rms_norm(torch.zeros(2, 8), weight, EPS).abs().max() == 0


def test_rms_norm_of_a_wide_stream_comes_in_the_weights_dtype():
    x, weight = _random(4, 16, dtype=torch.float32), torch.ones(16, dtype=torch.bfloat16)
    assert rms_norm(x, weight, EPS).dtype == torch.bfloat16


@DTYPES
@pytest.mark.parametrize("shape", [(1, 2), (63, 120), (7, 3, 26)], ids=str)
def test_swiglu(shape: tuple[int, ...], dtype: torch.dtype):
    x = _random(*shape, dtype=dtype) * 4
    gate, up = np.split(x.double().numpy(), 2, axis=-1)
    given = swiglu(x)
    assert given.dtype == dtype
    _assert_close(given, gate / (1 + np.exp(-gate)) * up)


@DTYPES
@pytest.mark.parametrize(("tokens", "heads", "kv_heads", "width"), [(1, 1, 1, 2), (63, 6, 2, 16)])
def test_queries_and_keys_are_normed_turned_and_written(
    tokens: int, heads: int, kv_heads: int, width: int, dtype: torch.dtype
):
    qkv = _random(tokens, heads + 2 * kv_heads, width, dtype=dtype)
    q_norm, k_norm = (_random(width, dtype=dtype, seed=seed) for seed in (1, 2))
    angles = _random(tokens, width // 2, dtype=torch.float32, seed=3).repeat(1, 2)
    angles = angles.to(torch.promote_types(dtype, torch.float32))
    # a cache of three tokens more: none of them may be touched
    cache = torch.full((2, tokens + 3, kv_heads, width), torch.nan, dtype=dtype)
    query = qk_norm_rope(
        qkv,
        q_norm,
        k_norm,
        angles.cos(),
        angles.sin(),
        EPS,
        keys=cache[0, 1 : tokens + 1],
        values=cache[1, 1 : tokens + 1],
    )
    assert query.dtype == dtype
    _assert_close(query, _turned(_normed(qkv[:, :heads], q_norm), angles))
    keys, values = cache[:, 1 : tokens + 1]
    _assert_close(keys, _turned(_normed(qkv[:, heads : heads + kv_heads], k_norm), angles))
    assert torch.equal(values, qkv[:, heads + kv_heads :])
    assert cache[:, 0].isnan().all()
    assert cache[:, tokens + 1 :].isnan().all()


def _turned(x: np.ndarray, angles: torch.Tensor) -> np.ndarray:
    """Channel i as the real part, channel i + half as the imaginary part of a number that is turned."""
    half = x.shape[-1] // 2
    turn = np.exp(1j * angles[:, None, :half].double().numpy())
    turned = (x[..., :half] + 1j * x[..., half:]) * turn
    return np.concatenate([turned.real, turned.imag], axis=-1)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="weight"):
        rms_norm(torch.zeros(2, 8), torch.ones(7), EPS)
    with pytest.raises(ValueError, match="even"):
        swiglu(torch.zeros(2, 7))
    qkv, table, ones = torch.zeros(3, 4, 8), torch.zeros(3, 8), torch.ones(8)
    keys = torch.zeros(3, 1, 8)
    with pytest.raises(ValueError, match="keys, values"):
        qk_norm_rope(qkv, ones, ones, table, table, EPS, keys=keys[:2], values=keys[:2])
    with pytest.raises(ValueError, match="cos, sin"):
        qk_norm_rope(qkv, ones, ones, table[:2], table[:2], EPS, keys=keys, values=keys)
