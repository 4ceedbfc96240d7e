"""What engines share whose depth comes from a network: a camera for each view, and points of its sure pixels.

Frames: as in maquette.types.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from maquette.photos.pixels import read_pixels
from maquette.types import Camera, DepthMap, FloatArray, SparsePoints, View

ONE_PHOTO = "one photo alone cannot be checked against another"  # why its camera is unsure
_MAX_POINTS = 20_000
_SURE = 0.5  # confidence from which a pixel gives a point


def pinhole(view: View, focal_px: float, world_from_camera: FloatArray) -> Camera:
    """The view's camera with square pixels and the principal point in the middle.

    focal_px: at the view's full size; world_from_camera: (4, 4) float64
    """
    K = np.array(
        [[focal_px, 0, view.width / 2], [0, focal_px, view.height / 2], [0, 0, 1]], np.float64
    )
    return Camera(
        name=view.name,
        width=view.width,
        height=view.height,
        K=K,
        world_from_camera=world_from_camera,
    )


def sample_points(
    views: Sequence[View], cameras: Sequence[Camera], maps: dict[str, DepthMap]
) -> SparsePoints:
    """Points of confident pixels, each seen by its own camera: what levelling and previews look at."""
    each = max(1, _MAX_POINTS // len(views))
    parts: list[tuple[Any, ...]] = []
    for index, (view, camera) in enumerate(zip(views, cameras, strict=True)):
        found = maps[view.name]
        known = found.confidence[found.depth > 0]
        sure = min(_SURE, float(np.median(known))) if len(known) else _SURE  # some there must be
        rows, columns = np.nonzero((found.confidence >= sure) & (found.depth > 0))
        chosen = np.random.default_rng(index).permutation(len(rows))[:each]
        rows, columns = rows[chosen], columns[chosen]
        height, width = found.depth.shape
        xy = np.stack([columns + 0.5, rows + 0.5], axis=-1) * (
            view.width / width,
            view.height / height,
        )
        rays = np.concatenate([xy, np.ones((len(xy), 1))], axis=1) @ np.linalg.inv(camera.K).T
        pose = camera.world_from_camera
        xyz = rays * found.depth[rows, columns][:, None] @ pose[:3, :3].T + pose[:3, 3]
        pixels = read_pixels(view)
        rgb = pixels[xy[:, 1].astype(int), xy[:, 0].astype(int)]
        parts.append((xyz, rgb, np.full(len(xy), index, np.int32), xy))
    xyz, rgb, camera_index, xy = (np.concatenate(part) for part in zip(*parts, strict=True))
    return SparsePoints(
        xyz=xyz,
        rgb=rgb,
        error_px=np.zeros(len(xyz)),
        observation_point=np.arange(len(xyz), dtype=np.int32),
        observation_camera=camera_index,
        observation_xy=xy,
    )
