"""Which triangle of a mesh each pixel of a pinhole camera shows, how far, and where in the triangle.

Source: Pineda 1988 (edge functions over a bounding box), with perspective-correct barycentrics; triangles that
cross the near plane are clipped. Rows are drawn in bands on all cores; a band draws only the triangles that reach it.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from maquette_kernels.parallel import run_bands
from maquette_kernels.rasterize import cpu

Array = npt.NDArray[Any]


class Raster(NamedTuple):
    """Result of `rasterize`."""

    triangle: Array  # (H, W) int32, -1 = nothing
    depth: Array  # (H, W) float32 along camera z, 0 = nothing
    barycentric: (
        Array  # (H, W, 2) float32: weights of the second and third corner, perspective-correct
    )


def rasterize(
    vertices: Array,
    triangles: Array,
    K: Array,
    camera_from_world: Array,
    width: int,
    height: int,
) -> Raster:
    """Draw the mesh, nearest triangle first; both sides of a triangle are visible.

    vertices: (V, 3) world; triangles: (T, 3) indices
    K: (3, 3) pixels, the centre of the top-left pixel is (0.5, 0.5); camera_from_world: (4, 4) OpenCV axes
    Raises ValueError where shapes do not match.
    """
    if vertices.ndim != 2 or vertices.shape[1] != 3:
        raise ValueError(f"vertices: expected (V, 3), got {vertices.shape}")
    if triangles.ndim != 2 or triangles.shape[1] != 3:
        raise ValueError(f"triangles: expected (T, 3), got {triangles.shape}")
    local = vertices.astype(np.float64) @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
    pixel_from_camera = np.ascontiguousarray(K, np.float64)
    triangles = np.ascontiguousarray(triangles, np.int32)
    depths = local[:, 2]
    positive = depths[depths > 0]
    near = float(positive.max()) * 1e-5 if len(positive) else 1.0
    faces, corners, weights = cpu.clip_and_project(
        local, triangles, pixel_from_camera, near, height
    )
    triangle = np.full((height, width), -1, np.int32)
    inverse = np.zeros((height, width), np.float32)
    barycentric = np.zeros((height, width, 2), np.float32)
    order = np.argsort(corners[:, :, 1].min(axis=1), kind="stable")
    faces, corners, weights = faces[order], corners[order], weights[order]
    run_bands(
        height,
        lambda start, stop: cpu.draw_rows(
            faces, corners, weights, start, stop, triangle, inverse, barycentric
        ),
        bands_per_thread=2,
    )
    with np.errstate(divide="ignore"):
        depth = np.where(inverse > 0, 1 / inverse, 0).astype(np.float32)
    return Raster(triangle, depth, barycentric)


def render_texture(raster: Raster, triangles: Array, uvs: Array, texture: Array) -> Array:
    """(H, W, 3) uint8: the texture (h, w, 3) uint8, bilinear, at UVs (V, 2) with v up; black where nothing is."""
    out = np.zeros((*raster.triangle.shape, 3), np.uint8)
    run_bands(
        len(out),
        lambda start, stop: cpu.shade_rows(
            raster.triangle,
            raster.barycentric,
            np.ascontiguousarray(triangles, np.int32),
            np.ascontiguousarray(uvs, np.float32),
            np.ascontiguousarray(texture),
            start,
            stop,
            out,
        ),
    )
    return out
