"""Which few photos show most of a scene.

Each point of the scene wants to be seen as large as some camera sees it. Photos are taken one by one, always the one
that adds most (greedy facility location: Nemhauser, Wolsey and Fisher 1978, at least 63 % of the best choice). What
stands in the way is not looked at; near cameras win, which nearly does the same.
"""

from collections.abc import Sequence

import numpy as np

from maquette.types import FloatArray
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import SceneCamera, SceneDocument, SceneObject

_POINTS = 4000


def choose_cameras(
    cameras: Sequence[SceneCamera], points: FloatArray, count: int, first: int | None = None
) -> list[int]:
    """Indices of at most `count` cameras, the most telling first; `first` is taken before all others.

    points: (N, 3) world
    """
    seen = np.stack([_seen_size(camera, points) for camera in cameras])  # (C, N)
    best = seen.max(axis=0)
    worth = seen[:, best > 0] / best[best > 0]
    chosen: list[int] = [] if first is None else [first]
    covered = worth[chosen].max(axis=0, initial=0)
    while len(chosen) < min(count, len(cameras)):
        gains = np.maximum(worth - covered, 0).sum(axis=1)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        covered = np.maximum(covered, worth[chosen[-1]])
    return chosen


def _seen_size(camera: SceneCamera, points: FloatArray) -> FloatArray:
    """(N,): a unit's length at each point as a share of the photo's longer side; 0 out of sight."""
    K, pose = np.array(camera.K, float), np.array(camera.world_from_camera, float)
    local = (points - pose[:3, 3]) @ pose[:3, :3]
    depth = local[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = (local @ K.T)[:, :2] / depth[:, None]
        inside = (depth > 0) & (pixels >= 0).all(axis=1)
        inside &= (pixels < (camera.width, camera.height)).all(axis=1)
        return np.where(inside, K[0, 0] / depth / max(camera.width, camera.height), 0)


def points_of(document: SceneDocument, arrays: Arrays) -> FloatArray:
    """(N, 3) world: vertices of what is visible, or corners of its bounds; a sample of them."""
    parts = [_points(item, arrays) for item in document.objects if item.visible]
    points = np.concatenate([np.zeros((0, 3)), *parts])
    if len(points) > _POINTS:
        points = points[np.random.default_rng(0).choice(len(points), _POINTS, replace=False)]
    return points


def _points(item: SceneObject, arrays: Arrays) -> FloatArray:
    mesh = item.geometry.mesh if item.geometry else None
    vertices = arrays.get(f"{mesh}.vertices") if mesh else None
    if vertices is None:
        if item.geometry is None or item.bounds is None:
            return np.zeros((0, 3))
        low, high = item.bounds.min, item.bounds.max
        vertices = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1).T
    pose = np.array(item.world_from_object, float)
    return vertices.astype(float) @ pose[:3, :3].T + pose[:3, 3]
