"""Planes come back flat, edges stay, gaps inside a surface close."""

from typing import Any

import numpy as np
import pytest
from pieces import OfficePieces

from maquette_kernels.plane_filter import plane_filter
from maquette_kernels.plane_filter.reference import plane_filter_reference


def slanted(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return (1 / (0.4 + 0.0008 * x + 0.0005 * y)).astype(np.float32)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (33, 47), (60, 80)])
def test_an_exact_plane_stays_exact(height: int, width: int) -> None:
    depth = slanted(height, width)
    rgb = np.full((height, width, 3), 90, np.uint8)
    planes = plane_filter(depth, np.ones_like(depth), rgb)
    fitted = planes.depth > 0
    assert fitted.mean() > 0.9 or depth.size == 1
    np.testing.assert_allclose(planes.depth[fitted], depth[fitted], rtol=2e-3)


def test_noise_falls_to_a_third_and_a_step_in_colour_keeps_its_edge() -> None:
    rng = np.random.default_rng(0)
    truth = slanted(60, 80)
    truth[:, 40:] *= 1.3
    rgb = np.full((60, 80, 3), 60, np.uint8)
    rgb[:, 40:] = 200
    noisy = (truth * (1 + rng.normal(0, 0.008, truth.shape))).astype(np.float32)
    noisy[25:29, 10:14] = 0  # a gap inside the surface
    planes = plane_filter(noisy, np.full(truth.shape, 0.8, np.float32), rgb)
    error = np.abs(planes.depth / truth - 1)
    assert np.sqrt((error**2).mean()) < 0.008 / 3
    assert error[:, 36:44].max() < 0.02
    assert (planes.depth[25:29, 10:14] > 0).all()


@pytest.mark.parametrize(
    ("height", "width", "options"),
    [
        (1, 1, {}),
        (2, 30, {}),
        (31, 17, {}),
        (23, 29, {"radius": 2, "color_softness": 25.0, "tolerance": 0.03}),
    ],
)
def test_planes_equal_the_reference_on_a_piece_of_a_photo(
    height: int, width: int, options: dict[str, Any], office_pieces: OfficePieces
) -> None:
    rng = np.random.default_rng(height)
    depth = slanted(height, width) * rng.normal(1, 0.01, (height, width)).astype(np.float32)
    depth[:, width // 2 :] *= 1.4
    depth[rng.random(depth.shape) < 0.2] = 0
    confidence = rng.random(depth.shape).astype(np.float32)
    confidence[rng.random(depth.shape) < 0.1] = 0
    rgb = office_pieces.rgb(4, height, width)
    found = plane_filter(depth, confidence, rgb, **options)
    expected = plane_filter_reference(depth, confidence, rgb, **options)
    # colours and weights are float32, the sums float64; what lies on the very edge of "on the plane" may differ
    np.testing.assert_allclose(found.depth, expected.depth, rtol=1e-5)
    assert (np.abs(found.support - expected.support) < 1e-4).mean() > 0.99
    assert np.abs(found.support - expected.support).max(initial=0) < 0.05


def test_shapes_that_do_not_match_are_refused() -> None:
    depth = np.ones((4, 5), np.float32)
    with pytest.raises(ValueError, match="shapes differ"):
        plane_filter(depth, depth[:3], np.zeros((4, 5, 3), np.uint8))
    with pytest.raises(ValueError, match="shapes differ"):
        plane_filter(depth, depth, np.zeros((4, 5), np.uint8))
