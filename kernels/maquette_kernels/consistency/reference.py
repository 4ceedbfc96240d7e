"""The same in float64, one source after the other: carry every pixel over, look at the depth found there."""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.consistency import Agreement

Array = npt.NDArray[Any]


def check_consistency_reference(
    depth: Array,
    sources: Array,
    sizes: Array,
    projections: Array,
    depth_rows: Array,
    tolerance: float = 0.015,
) -> Agreement:
    """See `maquette_kernels.consistency.check_consistency`."""
    height, width = depth.shape
    y, x = np.mgrid[:height, :width] + 0.5
    z = depth.astype(np.float64)
    is_known = z > 0
    safe = np.where(is_known, z, 1)
    agreeing, conflicting = np.zeros(depth.shape, np.int32), np.zeros(depth.shape, np.int32)
    total = np.ones(depth.shape)
    for source, (rows, columns), P, D in zip(
        sources, sizes, projections.astype(float), depth_rows.astype(float), strict=True
    ):
        q = np.einsum("ij,jyx->iyx", P, np.stack([x, y, np.ones_like(x), 1 / safe]))
        is_front = q[2] > 1e-6
        divisor = np.where(is_front, q[2], 1)
        column, row = np.floor(q[0] / divisor), np.floor(q[1] / divisor)
        is_inside = is_front & (row >= 0) & (column >= 0) & (row < rows) & (column < columns)
        found = source[
            np.where(is_inside, row, 0).astype(int), np.where(is_inside, column, 0).astype(int)
        ].astype(float)
        along_ray = (D[0] * x + D[1] * y + D[2]) * z  # source depth = along_ray + D[3]
        expected = along_ray + D[3]
        compared = is_known & is_inside & (found > 0) & (expected > 0)
        safe_expected = np.where(compared, expected, 1)
        ratio = np.where(compared, found / safe_expected, 0)
        agrees = compared & (np.abs(ratio - 1) <= tolerance)
        # d(source depth) / d(depth), relative: to first order, what the source says of our depth
        slope = along_ray / safe_expected
        moved = np.where(slope > 0.5, 1 + (ratio - 1) / np.where(slope > 0.5, slope, 1), 1)
        total += np.where(agrees, moved, 0)
        agreeing += agrees
        conflicting += compared & ~agrees & (ratio > 1 + 3 * tolerance)
    fused = np.where(is_known, z * total / (1 + agreeing), 0).astype(np.float32)
    return Agreement(agreeing, conflicting, fused)
