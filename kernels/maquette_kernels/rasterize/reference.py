"""The same by ray casting: for each pixel centre, the nearest triangle that the ray meets
(Möller and Trumbore 1997).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.rasterize import Raster

Array = npt.NDArray[Any]


def rasterize_reference(
    vertices: Array, triangles: Array, K: Array, camera_from_world: Array, width: int, height: int
) -> Raster:
    """See `maquette_kernels.rasterize.rasterize`."""
    local = vertices.astype(float) @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
    origin = local[triangles[:, 0]]
    edge_b = local[triangles[:, 1]] - origin
    edge_c = local[triangles[:, 2]] - origin
    triangle = np.full((height, width), -1, np.int32)
    depth = np.zeros((height, width), np.float32)
    barycentric = np.zeros((height, width, 2), np.float32)
    inverse_K = np.linalg.inv(K)
    for y in range(height):
        for x in range(width):
            ray = inverse_K @ np.array([x + 0.5, y + 0.5, 1.0])
            h = np.cross(ray, edge_c)
            with np.errstate(divide="ignore", invalid="ignore"):
                f = 1 / (edge_b * h).sum(axis=1)
                b = f * (-origin * h).sum(axis=1)
                q = np.cross(-origin, edge_b)
                c = f * (q @ ray)
                along = f * (edge_c * q).sum(axis=1)
                hit = (b >= 0) & (c >= 0) & (b + c <= 1) & (along > 0)
            if hit.any():
                best = np.flatnonzero(hit)[np.argmin(along[hit])]
                triangle[y, x], depth[y, x] = best, along[best]
                barycentric[y, x] = b[best], c[best]
    return Raster(triangle, depth, barycentric)
