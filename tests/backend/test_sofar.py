"""What a running reconstruction shows: upright whatever frame the mapper chose, bounded, as large as a room."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from maquette.sofar import MAX_POINTS, partial_scene
from maquette.types import FloatArray


def turn(seed: int) -> FloatArray:
    """A random rotation (3, 3)."""
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return matrix * np.sign(np.linalg.det(matrix))


def ring_of_cameras() -> FloatArray:
    """(8, 4, 4): level cameras around the origin that look at it, in a world with Z up."""
    cameras = np.tile(np.eye(4), (8, 1, 1))
    for number, camera in enumerate(cameras):
        angle = number * np.pi / 16
        forward = -np.array([np.cos(angle), np.sin(angle), 0.0])
        down = np.array([0.0, 0.0, -1.0])
        camera[:3, :3] = np.stack([np.cross(down, forward), down, forward], axis=1)
        camera[:3, 3] = -4 * forward
    return cameras


@given(seed=st.integers(0, 2**31), scale=st.floats(0.01, 100))
def test_whatever_frame_the_mapper_chose_up_is_z(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(500, 3))
    points[:, 2] = rng.uniform(0, 2, 500)
    cameras = ring_of_cameras()
    moved = cameras.copy()
    rotation, shift = turn(seed), rng.normal(size=3)
    moved[:, :3, :3] = rotation @ cameras[:, :3, :3]
    moved[:, :3, 3] = scale * cameras[:, :3, 3] @ rotation.T + shift
    shown = partial_scene(
        scale * points @ rotation.T + shift, np.zeros((500, 3), np.uint8), moved, 9
    )
    assert (shown.num_registered, shown.num_photos) == (8, 9)
    np.testing.assert_allclose(shown.arrays["cameras"][:, :3, 1], [[0, 0, -1]] * 8, atol=1e-5)
    heights = shown.arrays["points"][:, 2]
    assert np.corrcoef(heights, points[:, 2])[0, 1] > 0.999
    # what a camera saw it still sees at the same place of its photo
    for camera, before in zip(shown.arrays["cameras"], cameras, strict=True):
        seen = (shown.arrays["points"] - camera[:3, 3]) @ camera[:3, :3]
        truly = (points - before[:3, 3]) @ before[:3, :3]
        np.testing.assert_allclose(
            seen[:, :2] / seen[:, 2:], truly[:, :2] / truly[:, 2:], rtol=1e-2, atol=1e-3
        )


def test_what_is_level_already_is_shown_as_it_is_and_no_more_points_than_can_be_sent() -> None:
    points = np.random.default_rng(0).normal(size=(MAX_POINTS + 100, 3))
    cameras = ring_of_cameras()
    shown = partial_scene(points, np.zeros(points.shape, np.uint8), cameras, 8, is_levelled=True)
    assert len(shown.arrays["points"]) == len(shown.arrays["colors"]) == MAX_POINTS
    np.testing.assert_allclose(shown.arrays["cameras"], cameras, atol=1e-6)
