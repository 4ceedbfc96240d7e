"""The same pixel by pixel in float64: gather the window, fit by weighted least squares, reweigh, count what fits."""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.plane_filter import Planes

Array = npt.NDArray[Any]
ROUNDS = 3
RIDGE = 0.02  # of "no slope", so that thin neighbourhoods do not tilt
SAME_SURFACE = 8.0  # tolerances: further off the pixel's own depth is another surface


def plane_filter_reference(
    depth: Array,
    confidence: Array,
    rgb: Array,
    *,
    radius: int = 6,
    color_softness: float = 10.0,
    tolerance: float = 0.01,
) -> Planes:
    """See `maquette_kernels.plane_filter.plane_filter`."""
    height, width = depth.shape
    out, support = np.zeros(depth.shape), np.zeros(depth.shape)
    for y in range(height):
        for x in range(width):
            rows = slice(max(0, y - radius), min(height, y + radius + 1))
            columns = slice(max(0, x - radius), min(width, x + radius + 1))
            dy, dx = np.mgrid[rows, columns] - np.array([y, x])[:, None, None]
            z = depth[rows, columns].astype(float)
            difference = np.abs(rgb[rows, columns].astype(float) - rgb[y, x].astype(float))
            near = 1 / (1 + (difference.mean(axis=2) / color_softness) ** 2)
            is_known = z > 0
            inverse = np.where(is_known, 1 / np.where(is_known, z, 1), 0)
            weight = np.where(is_known, near * confidence[rows, columns], 0)
            if depth[y, x] > 0 and confidence[y, x] > 0:
                own = 1 / float(depth[y, x])
                weight[np.abs(inverse - own) > SAME_SURFACE * tolerance * own] = 0
            used = weight > 0
            plane = _fit(dx[used], dy[used], inverse[used], weight[used], tolerance)
            if plane is None or plane[2] <= 0:
                continue
            off = _residual(plane, dx[used], dy[used], inverse[used], tolerance)
            out[y, x] = 1 / plane[2]
            support[y, x] = weight[used][np.abs(off) < 1].sum() / max(near.sum(), 1e-6)
    return Planes(out.astype(np.float32), support.astype(np.float32))


def _residual(plane: Array, dx: Array, dy: Array, inverse: Array, tolerance: float) -> Array:
    """How far each inverse depth lies off the plane, in tolerances."""
    return (plane[0] * dx + plane[1] * dy + plane[2] - inverse) / (tolerance * inverse)


def _fit(dx: Array, dy: Array, inverse: Array, weight: Array, tolerance: float) -> Array | None:
    """(a, b, c): inverse depth = a dx + b dy + c, by iteratively reweighted least squares; None: too little."""
    plane = np.zeros(3)
    for turn in range(ROUNDS):
        v = weight
        if turn > 0:
            v = weight / (1 + _residual(plane, dx, dy, inverse, tolerance) ** 2)
        total = v.sum()
        if total < 2:
            return None
        mean = np.array([(v * dx).sum(), (v * dy).sum(), (v * inverse).sum()]) / total
        centred = np.stack([dx - mean[0], dy - mean[1]])
        matrix = (v * centred) @ centred.T + RIDGE * total * np.eye(2)
        slope = np.linalg.solve(matrix, (v * centred) @ (inverse - mean[2]))
        plane = np.array([*slope, mean[2] - slope @ mean[:2]])
    return plane
