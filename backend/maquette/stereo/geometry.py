"""From cameras to the small arrays that the stereo kernels take.

Frames: cameras are OpenCV, scaled to stereo's resolution; pixels with the centre of the top-left one at
(0.5, 0.5); depth along the reference camera's z.
"""

from collections.abc import Sequence

import numpy as np

from maquette.types import Camera, FloatArray


def source_projections(reference: Camera, sources: Sequence[Camera]) -> FloatArray:
    """(S, 3, 4) float32: source pixel ~ projection @ (x, y, 1, inverse depth in the reference)."""
    result = np.zeros((len(sources), 3, 4), np.float32)
    pixel_from_ray = np.linalg.inv(reference.K)
    for index, source in enumerate(sources):
        source_from_reference = source.camera_from_world @ reference.world_from_camera
        result[index, :, :3] = source.K @ source_from_reference[:3, :3] @ pixel_from_ray
        result[index, :, 3] = source.K @ source_from_reference[:3, 3]
    return result


def source_depth_rows(reference: Camera, sources: Sequence[Camera]) -> FloatArray:
    """(S, 4) float32: depth in the source = row @ (x·z, y·z, z, 1), z the depth in the reference."""
    # The last row of K is (0, 0, 1), so the third row of a projection is depth itself.
    return source_projections(reference, sources)[:, 2].copy()


def project(camera: Camera, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(N, 2) pixels and (N,) depth of world points (N, 3); pixels are NaN where depth <= 0."""
    local = points @ camera.camera_from_world[:3, :3].T + camera.camera_from_world[:3, 3]
    depth = local[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = (local @ camera.K.T)[:, :2] / np.where(depth > 0, depth, np.nan)[:, None]
    return pixels, depth


def is_inside(camera: Camera, pixels: FloatArray) -> np.ndarray:
    """(N,) bool: pixels (N, 2) that lie in the photo; NaN does not."""
    x, y = pixels[:, 0], pixels[:, 1]
    return (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)


def backproject_grid(camera: Camera, depths: FloatArray, side: int = 8) -> FloatArray:
    """(side² · len(depths), 3) world points on an even grid of pixels, at each of the depths."""
    xs = (np.arange(side) + 0.5) / side * camera.width
    ys = (np.arange(side) + 0.5) / side * camera.height
    grid = np.stack([*(axis.ravel() for axis in np.meshgrid(xs, ys)), np.ones(side * side)], -1)
    rays = grid @ np.linalg.inv(camera.K).T
    points = (rays[None] * np.asarray(depths)[:, None, None]).reshape(-1, 3)
    return points @ camera.world_from_camera[:3, :3].T + camera.centre
