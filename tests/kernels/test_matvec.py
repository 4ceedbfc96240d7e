"""A rounded matrix times a vector: against float64 numpy, at awkward sizes, in every way that it is computed."""

import numpy as np
import pytest
import torch

from maquette_kernels import matvec as package
from maquette_kernels.matvec import LEVELS, matvec, quantize_rows, reference
from maquette_kernels.triton_backend import has_triton

SHAPES = pytest.mark.parametrize("shape", [(1, 1), (7, 63), (130, 500), (9, 1100)], ids=str)
CLOSE = 1e-5  # float32 sums of a thousand products, relative to the largest


@pytest.fixture(params=["compiled", "reference", "triton"])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where tensors are, for each way: Triton's on CUDA, else by its interpreter."""
    if request.param == "reference":
        from maquette_kernels.matvec import cpu

        monkeypatch.setattr(cpu, "matvec", reference.matvec)
    if request.param != "triton":
        return "cpu"
    if not has_triton():
        pytest.skip("Triton is not installed (it comes with the extra dev on x86-64 Linux)")
    if torch.cuda.is_available():
        return "cuda"
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    monkeypatch.setattr(package, "use_triton", lambda x: True)
    return "cpu"


def _random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@SHAPES
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_matvec(shape: tuple[int, int], dtype: torch.dtype, device: str):
    weight, scale = quantize_rows(_random(*shape))
    x = _random(shape[1], seed=1).to(dtype)
    expected = (weight.double() * scale.double()[:, None]).numpy() @ x.double().numpy()
    _assert_close(matvec(x.to(device), weight.to(device), scale.to(device)), expected)


def _assert_close(given: torch.Tensor, expected: np.ndarray) -> None:
    assert given.dtype == torch.float32
    error = np.abs(given.cpu().double().numpy() - expected).max()
    assert error <= CLOSE * np.abs(expected).max()


def test_a_large_matrix_is_split_among_threads(monkeypatch: pytest.MonkeyPatch):
    from maquette_kernels.matvec import cpu

    monkeypatch.setenv("MAQUETTE_THREADS", "3")
    monkeypatch.setattr(cpu, "_LARGE", 1)
    weight, scale = quantize_rows(_random(50, 33))
    x = _random(33, seed=1)
    expected = reference.matvec(x, weight, scale)
    assert torch.allclose(matvec(x, weight, scale), expected, atol=1e-5)


def test_rounding_is_to_the_nearest_of_each_rows_levels(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(package, "_ROWS", 3)  # in parts
    weight = _random(5, 300)
    weight[2] = 0
    steps, scale = quantize_rows(weight)
    back = steps.float() * scale[:, None]
    assert ((back - weight).abs() <= scale[:, None] * 0.5001).all()
    assert steps.abs().amax(dim=1).tolist() == [LEVELS, LEVELS, 0, LEVELS, LEVELS]


def test_wrong_shapes_and_types_are_refused():
    weight, scale = quantize_rows(_random(4, 3))
    with pytest.raises(ValueError, match=r"x: expected \(3,\), got \(4,\)"):
        matvec(torch.zeros(4), weight, scale)
    with pytest.raises(ValueError, match=r"scale: expected \(4,\), got \(3,\)"):
        matvec(torch.zeros(3), weight, scale[:3])
    with pytest.raises(ValueError, match=r"weight: expected int8, got torch\.float32"):
        matvec(torch.zeros(3), weight.float(), scale)
