"""Path costs are whole numbers: labels, margins and photo costs equal the plain reference's exactly."""

from typing import Any

import numpy as np
import pytest
from pieces import OfficePieces

from maquette_kernels.semi_global import MAX_PENALTY, semi_global
from maquette_kernels.semi_global.reference import semi_global_reference


def noisy_cost(guide: np.ndarray, labels: int) -> np.ndarray:
    """Costs around a surface that follows the photo's brightness, with noise that smoothing must overcome."""
    rng = np.random.default_rng(labels)
    surface = guide / 256 * labels
    distance = np.abs(np.arange(labels) - surface[..., None])
    return np.clip(20 * distance + rng.normal(60, 30, distance.shape), 0, 255).astype(np.uint8)


def assert_same_labels(cost: np.ndarray, guide: np.ndarray, **options: Any) -> None:
    found = semi_global(cost, guide, **options)
    expected = semi_global_reference(cost, guide, **options)
    np.testing.assert_array_equal(found.photo, expected.photo)
    # the sums are exact; the parabola and the ratio are float32
    np.testing.assert_allclose(found.label, expected.label, rtol=1e-6)
    np.testing.assert_allclose(found.margin, expected.margin, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("height", "width", "labels"), [(17, 37, 12), (23, 9, 7), (1, 5, 6), (6, 1, 3)]
)
@pytest.mark.parametrize("diagonals", [True, False])
def test_labels_equal_the_reference(
    height: int, width: int, labels: int, diagonals: bool, office_pieces: OfficePieces
) -> None:
    guide = office_pieces.grey(1, height, width)
    assert_same_labels(noisy_cost(guide, labels), guide, diagonals=diagonals)


@pytest.mark.parametrize(
    "options",
    [
        {"p1": 0, "p2": 1},
        {"p1": 6, "p2": 300, "edge_softness": 0.0},
        {"p1": 100, "p2": MAX_PENALTY, "edge_softness": 0.013},
    ],
    ids=str,
)
def test_labels_equal_the_reference_with_other_penalties(
    options: dict[str, Any], office_pieces: OfficePieces
) -> None:
    guide = office_pieces.grey(5, 15, 21)
    assert_same_labels(noisy_cost(guide, 10), guide, **options)


def test_costs_of_the_extreme_do_not_overflow() -> None:
    cost = np.random.default_rng(0).choice([0, 255], (12, 19, 8)).astype(np.uint8)
    guide = np.zeros((12, 19), np.float32)
    assert_same_labels(cost, guide, p1=MAX_PENALTY - 1, p2=MAX_PENALTY)


def test_an_edge_of_the_photo_lets_the_surface_jump_there() -> None:
    rng = np.random.default_rng(3)
    truth = np.where(np.arange(40) < 20, 2, 9)[None].repeat(20, axis=0)
    cost = np.clip(
        9 * np.abs(np.arange(12) - truth[..., None]) + rng.normal(40, 15, (20, 40, 12)), 0, 255
    )
    guide = np.where(np.arange(40) < 20, 40.0, 210.0)[None].repeat(20, axis=0).astype(np.float32)
    found = semi_global(cost.astype(np.uint8), guide)
    assert (np.abs(found.label - truth) < 2).mean() > 0.98


@pytest.mark.parametrize(
    ("guide_shape", "penalties"),
    [((4, 6), {}), ((5, 6), {"p1": 90, "p2": 90}), ((5, 6), {"p1": -1}), ((5, 6), {"p2": 7001})],
)
def test_what_does_not_fit_is_refused(
    guide_shape: tuple[int, int], penalties: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"guide|penalties"):
        semi_global(np.zeros((5, 6, 4), np.uint8), np.zeros(guide_shape, np.float32), **penalties)
