"""Planes come back flat, edges stay, gaps inside a surface close."""

import numpy as np
import pytest

from maquette_kernels.plane_filter import plane_filter


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
