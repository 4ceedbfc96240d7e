"""The same voxel by voxel: the running mean of Curless and Levoy, and surface nets on one dense grid."""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.tsdf import BLOCK, Volume

Array = npt.NDArray[Any]
FREE_SPACE_WEIGHT = 0.25
ONE_SURFACE = 0.05  # relative: depths that differ more are not interpolated


def integrate_reference(
    volume: Volume, depth: Array, weight: Array, filled: Array, K: Array, camera_from_world: Array
) -> None:
    """See `maquette_kernels.tsdf.integrate`."""
    height, width = depth.shape
    for number, block in enumerate(volume.blocks):
        for place in np.ndindex(BLOCK, BLOCK, BLOCK):
            world = volume.origin + (block * BLOCK + np.array(place)) * volume.voxel
            local = camera_from_world[:3, :3] @ world + camera_from_world[:3, 3]
            if local[2] <= 1e-9:
                continue
            u, v, _ = K @ local / local[2]
            if not (0 <= u < width and 0 <= v < height) or depth[int(v), int(u)] <= 0:
                continue
            signed = (_depth_at(depth, u, v) - local[2]) / volume.truncation
            if signed < -1:
                continue
            w = float(weight[int(v), int(u)]) * (FREE_SPACE_WEIGHT if signed > 1 else 1)
            at = (number, *place, int(filled[int(v), int(u)]))
            total = volume.weight[at] + w
            mean = (volume.distance[at] * volume.weight[at] + min(signed, 1) * w) / total
            volume.distance[at], volume.weight[at] = mean, total


def _depth_at(depth: Array, u: float, v: float) -> float:
    """Bilinear where the four pixels around lie on one surface; else the nearest pixel's."""
    nearest = float(depth[int(v), int(u)])
    x, y = int(np.floor(u - 0.5)), int(np.floor(v - 0.5))
    if not (0 <= x < depth.shape[1] - 1 and 0 <= y < depth.shape[0] - 1):
        return nearest
    four = depth[y : y + 2, x : x + 2].astype(float)
    if four.min() <= 0 or four.max() - four.min() >= ONE_SURFACE * nearest:
        return nearest
    s, t = u - 0.5 - x, v - 0.5 - y
    return float(np.array([1 - t, t]) @ four @ np.array([1 - s, s]))


def extract_vertices_reference(
    volume: Volume, min_weight: float, min_filled_weight: float
) -> tuple[Array, Array]:
    """(vertices (V, 3) world, measured (V,)) of `extract`, in the order of a dense grid."""
    shape = np.array(volume.table.shape) * BLOCK
    value, measured = np.full(shape, np.nan), np.zeros(shape, bool)
    for number, block in enumerate(volume.blocks):
        cube = tuple(slice(b * BLOCK, (b + 1) * BLOCK) for b in block)
        distance, weight = volume.distance[number], volume.weight[number]
        is_measured = weight[..., 0] >= min_weight
        both = weight.sum(axis=-1)
        is_filled = ~is_measured & (both >= min_filled_weight)
        mean = (distance * weight).sum(axis=-1) / np.maximum(both, 1e-12)
        mean = np.where(weight[..., 1] >= min_filled_weight, distance[..., 1], mean)
        value[cube] = np.where(is_measured, distance[..., 0], np.where(is_filled, mean, np.nan))
        measured[cube] = is_measured
    vertices, seen = [], []
    for cell in np.argwhere(np.isfinite(value[:-1, :-1, :-1])):
        cube = tuple(slice(c, c + 2) for c in cell)
        corners = value[cube]
        if np.isnan(corners).any() or (corners < 0).all() or (corners >= 0).all():
            continue
        crossings = []
        for axis in range(3):
            ends = np.moveaxis(corners, axis, 0)
            for other in np.ndindex(2, 2):
                a, b = ends[0][other], ends[1][other]
                if (a < 0) != (b < 0):
                    crossings.append(np.insert(np.array(other, float), axis, a / (a - b)))
        vertices.append(volume.origin + (cell + np.mean(crossings, axis=0)) * volume.voxel)
        seen.append(measured[cube].sum() >= 4)
    return np.array(vertices), np.array(seen, float)
