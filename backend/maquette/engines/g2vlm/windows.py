"""Many photos: windows that overlap are reconstructed one by one and joined by similarity transforms on shared views.

Sources: Umeyama 1991 (closed form); iteratively reweighted for robustness (Geman-McClure weights).
"""

from typing import NamedTuple

import numpy as np

from maquette.types import FloatArray

_ROUNDS = 15


class Similarity(NamedTuple):
    """points_target = scale · rotation @ points_source + offset."""

    scale: float
    rotation: FloatArray  # (3, 3)
    offset: FloatArray  # (3,)

    def of_points(self, points: FloatArray) -> FloatArray:
        """(…, 3) source → target."""
        return self.scale * points @ self.rotation.T + self.offset

    def of_pose(self, world_from_camera: FloatArray) -> FloatArray:
        """(4, 4): the camera moved along; depth in it grows by `scale`."""
        moved = np.eye(4)
        moved[:3, :3] = self.rotation @ world_from_camera[:3, :3]
        moved[:3, 3] = self.of_points(world_from_camera[:3, 3])
        return moved


def plan_windows(count: int, size: int, overlap: int) -> list[range]:
    """Ranges of at most `size` that cover 0…count, neighbours sharing at least `overlap`."""
    if count <= size:
        return [range(count)]
    starts = list(range(0, count - size, size - overlap))
    return [range(start, start + size) for start in (*starts, count - size)]


def join(source: FloatArray, target: FloatArray) -> Similarity:
    """The similarity that brings most of `source` onto `target`; outliers lose their weight.

    source, target: (N, 3), the same points row by row
    """
    weight = np.ones(len(source))
    found = _weighted(source, target, weight)
    for _ in range(_ROUNDS):
        residual = np.linalg.norm(found.of_points(source) - target, axis=1)
        width = max(float(np.median(residual)), 1e-9)
        weight = (1 + (residual / width) ** 2) ** -2.0
        found = _weighted(source, target, weight)
    return found


def _weighted(source: FloatArray, target: FloatArray, weight: FloatArray) -> Similarity:
    share = (weight / weight.sum())[:, None]
    middle_source, middle_target = (share * source).sum(0), (share * target).sum(0)
    from_source, from_target = source - middle_source, target - middle_target
    U, spread, Vh = np.linalg.svd(from_target.T @ (share * from_source))
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(U @ Vh))])
    rotation = (U * sign) @ Vh
    scale = float((spread * sign).sum() / max((share * from_source**2).sum(), 1e-12))
    return Similarity(scale, rotation, middle_target - scale * rotation @ middle_source)
