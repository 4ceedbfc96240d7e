"""RMS norm, SwiGLU, and normed and turned queries and keys: against float64 numpy, at awkward sizes.

Each in plain torch and through Triton: compiled where there is CUDA, else by Triton's interpreter on the CPU.
"""

import numpy as np
import pytest
import torch

from maquette_kernels import qk_rope as qk_rope_package
from maquette_kernels import rms_norm as rms_norm_package
from maquette_kernels import swiglu as swiglu_package
from maquette_kernels.qk_rope import qk_norm_rope
from maquette_kernels.rms_norm import add_rms_norm, rms_norm
from maquette_kernels.swiglu import swiglu
from maquette_kernels.triton_backend import has_triton

EPS = 1e-6
# relative to the largest value: a few roundings of each dtype
CLOSE = {torch.float64: 1e-13, torch.float32: 2e-6, torch.bfloat16: 2e-2}
DTYPES = pytest.mark.parametrize(
    "dtype", CLOSE, ids=lambda dtype: str(dtype).removeprefix("torch.")
)


@pytest.fixture(params=["plain", "triton"])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where tensors are for the steps to go through plain torch or Triton."""
    if request.param == "plain":
        return "cpu"
    if not has_triton():
        pytest.skip("Triton is not installed (it comes with the extra dev on x86-64 Linux)")
    if torch.cuda.is_available():
        return "cuda"
    monkeypatch.setenv("TRITON_INTERPRET", "1")  # read when the kernels' modules are imported
    for package in (rms_norm_package, swiglu_package, qk_rope_package):
        monkeypatch.setattr(package, "use_triton", lambda x: True)
    return "cpu"


def _random(*shape: int, dtype: torch.dtype, seed: int = 0, device: str = "cpu") -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(device, dtype)


def _assert_close(given: torch.Tensor, expected: np.ndarray) -> None:
    error = np.abs(given.cpu().double().numpy() - expected).max()
    assert error <= CLOSE[given.dtype] * np.abs(expected).max()


def _normed(x: torch.Tensor, weight: torch.Tensor) -> np.ndarray:
    wide = x.cpu().double().numpy()
    scale = np.sqrt((wide**2).mean(-1, keepdims=True) + EPS)
    return wide / scale * weight.cpu().double().numpy()


@DTYPES
@pytest.mark.parametrize("shape", [(1, 1), (3, 63), (11, 60), (2, 3, 128)], ids=str)
def test_rms_norm(shape: tuple[int, ...], dtype: torch.dtype, device: str):
    x = _random(*shape, dtype=dtype, device=device)
    weight = _random(shape[-1], dtype=dtype, seed=1, device=device)
    given = rms_norm(x, weight, EPS)
    assert given.dtype == dtype
    _assert_close(given, _normed(x, weight))


@DTYPES
@pytest.mark.parametrize("has_scale", [True, False], ids=["scaled", "plain"])
@pytest.mark.parametrize("shape", [(1, 1), (9, 60), (2, 3, 128)], ids=str)
def test_add_rms_norm(shape: tuple[int, ...], has_scale: bool, dtype: torch.dtype, device: str):
    x, branch = (_random(*shape, dtype=dtype, seed=seed, device=device) for seed in (0, 1))
    weight, scale = (_random(shape[-1], dtype=dtype, seed=seed, device=device) for seed in (2, 3))
    added, given = add_rms_norm(x, branch, scale if has_scale else None, weight, EPS)
    assert added.dtype == given.dtype == dtype
    factor = scale.cpu().double().numpy() if has_scale else 1.0
    _assert_close(added, x.cpu().double().numpy() + branch.cpu().double().numpy() * factor)
    _assert_close(given, _normed(added, weight))


def test_rms_norm_of_nothing_and_of_zeros_is_zero(device: str):
    weight = torch.ones(8, device=device)
    assert rms_norm(torch.zeros(0, 8, device=device), weight, EPS).shape == (0, 8)
    assert rms_norm(torch.zeros(2, 8, device=device), weight, EPS).abs().max() == 0


def test_a_wide_stream_is_normed_to_narrow_numbers(device: str):
    """The stream stays float32; its norm comes in the weights' dtype, or rounded once to the one asked for."""
    x = _random(4, 16, dtype=torch.float32, device=device)
    low, high = (
        torch.ones(16, dtype=dtype, device=device) for dtype in (torch.bfloat16, torch.float32)
    )
    assert rms_norm(x, low, EPS).dtype == torch.bfloat16
    narrow = rms_norm(x, high, EPS, torch.bfloat16)
    assert narrow.dtype == torch.bfloat16
    _assert_close(narrow, rms_norm(x, high, EPS).cpu().double().numpy())
    added, normed = add_rms_norm(x, x.bfloat16(), high, high, EPS, torch.bfloat16)
    assert (added.dtype, normed.dtype) == (torch.float32, torch.bfloat16)
    assert torch.equal(added, x + x.bfloat16())


def test_rows_of_a_wider_tensor_are_normed_in_place_of_their_copy(device: str):
    wide = _random(5, 40, dtype=torch.float32, device=device)
    weight = torch.ones(13, device=device)
    assert torch.equal(
        rms_norm(wide[:, 7:20], weight, EPS), rms_norm(wide[:, 7:20].contiguous(), weight, EPS)
    )


@DTYPES
@pytest.mark.parametrize("shape", [(1, 2), (9, 120), (3, 3, 26), (2, 2060)], ids=str)
def test_swiglu(shape: tuple[int, ...], dtype: torch.dtype, device: str):
    x = _random(*shape, dtype=dtype, device=device) * 4
    gate, up = np.split(x.cpu().double().numpy(), 2, axis=-1)
    given = swiglu(x)
    assert given.dtype == dtype
    _assert_close(given, gate / (1 + np.exp(-gate)) * up)


@DTYPES
@pytest.mark.parametrize(
    ("tokens", "heads", "kv_heads", "width"),
    [(1, 1, 1, 2), (9, 6, 2, 16), (3, 12, 2, 128), (2, 5, 5, 26)],
)
def test_queries_and_keys_are_normed_turned_and_written(
    tokens: int, heads: int, kv_heads: int, width: int, dtype: torch.dtype, device: str
):
    qkv = _random(tokens, heads + 2 * kv_heads, width, dtype=dtype, device=device)
    q_norm, k_norm = (_random(width, dtype=dtype, seed=seed, device=device) for seed in (1, 2))
    angles = _random(tokens, width // 2, dtype=torch.float32, seed=3).repeat(1, 2)
    angles = angles.to(device, torch.promote_types(dtype, torch.float32))
    # a cache of three tokens more: none of them may be touched
    cache = torch.full((2, tokens + 3, kv_heads, width), torch.nan, dtype=dtype, device=device)
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
    turn = np.exp(1j * angles[:, None, :half].cpu().double().numpy())
    turned = (x[..., :half] + 1j * x[..., half:]) * turn
    return np.concatenate([turned.real, turned.imag], axis=-1)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="weight"):
        rms_norm(torch.zeros(2, 8), torch.ones(7), EPS)
    with pytest.raises(ValueError, match="scale"):
        add_rms_norm(torch.zeros(2, 8), torch.zeros(2, 8), torch.ones(7), torch.ones(8), EPS)
    with pytest.raises(ValueError, match="branch"):
        add_rms_norm(torch.zeros(2, 8), torch.zeros(3, 8), None, torch.ones(8), EPS)
    with pytest.raises(ValueError, match="even"):
        swiglu(torch.zeros(2, 7))
    qkv, table, ones = torch.zeros(3, 4, 8), torch.zeros(3, 8), torch.ones(8)
    keys = torch.zeros(3, 1, 8)
    with pytest.raises(ValueError, match="keys, values"):
        qk_norm_rope(qkv, ones, ones, table, table, EPS, keys=keys[:2], values=keys[:2])
    with pytest.raises(ValueError, match="cos, sin"):
        qk_norm_rope(qkv, ones, ones, table[:2], table[:2], EPS, keys=keys, values=keys)
