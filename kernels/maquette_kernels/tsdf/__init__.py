"""Fuse depth maps into a truncated signed distance volume of sparse blocks, and draw its zero surface.

Two layers share the blocks: measured depth, and filled depth that only counts where nothing was measured. Source:
Curless and Levoy 1996 (weighted running mean, free space), Nießner et al. 2013 (blocks where the surface is),
Gibson 1998 (surface nets: one vertex per cell, at the mean of its edge crossings).
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.parallel import run_bands
from maquette_kernels.tsdf import cpu

Array = npt.NDArray[Any]
BLOCK = 8  # voxels per side of a block
MAX_GRID_CELLS = 1 << 27  # of the table from place to block


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Blocks of voxels; voxel (i, j, k) of a block at b has its centre at origin + (8 b + (i, j, k)) voxel."""

    origin: Array  # (3,) float64, world
    voxel: float  # world units
    truncation: float  # world units
    blocks: Array  # (B, 3) int32
    table: Array  # (X, Y, Z) int32: block number, -1 none
    distance: Array  # (B, 8, 8, 8, 2) float32, -1..1 in truncations; layers measured, filled
    weight: Array  # (B, 8, 8, 8, 2) float32


def allocate(points: Array, voxel: float, truncation: float) -> Volume:
    """An empty volume with blocks around `points` (N, 3). Raises ValueError where the box has too many blocks."""
    size = voxel * BLOCK
    origin = points.min(axis=0) - 2 * size - truncation
    reach = truncation + 0.5 * voxel
    dims = (
        np.ceil((points.max(axis=0) + 2 * size + truncation - origin) / size).astype(np.int64) + 1
    )
    if np.prod(dims.astype(float)) > MAX_GRID_CELLS:
        raise ValueError(f"the box has {dims} blocks; use larger voxels")
    # steps of a block at most, so that none between the ends is missed
    steps = np.linspace(-reach, reach, 1 + int(np.ceil(2 * reach / size)))
    is_near = np.zeros(int(np.prod(dims)), bool)
    for dx, dy, dz in itertools.product(steps, steps, steps):
        place = ((points + np.array([dx, dy, dz]) - origin) / size).astype(np.int64)
        is_near[(place[:, 0] * dims[1] + place[:, 1]) * dims[2] + place[:, 2]] = True
    blocks = np.stack(np.unravel_index(np.flatnonzero(is_near), dims), axis=1).astype(np.int32)
    table = np.full(dims, -1, np.int32)
    table[tuple(blocks.T)] = np.arange(len(blocks), dtype=np.int32)
    shape = (len(blocks), BLOCK, BLOCK, BLOCK, 2)
    return Volume(
        origin=origin,
        voxel=voxel,
        truncation=truncation,
        blocks=blocks,
        table=table,
        distance=np.zeros(shape, np.float32),
        weight=np.zeros(shape, np.float32),
    )


def integrate(
    volume: Volume,
    depth: Array,
    weight: Array,
    filled: Array,
    K: Array,
    camera_from_world: Array,
) -> None:
    """Add one depth map: depth (H, W) float32, 0 = unknown; weight (H, W) float32; filled (H, W) bool."""
    arguments = (
        volume.blocks,
        volume.origin,
        volume.voxel,
        volume.truncation,
        np.ascontiguousarray(depth, np.float32),
        np.ascontiguousarray(weight, np.float32),
        np.ascontiguousarray(filled),
        np.ascontiguousarray(K, np.float64),
        np.ascontiguousarray(camera_from_world, np.float64),
        volume.distance,
        volume.weight,
    )
    run_bands(len(volume.blocks), lambda start, stop: cpu.integrate_blocks(*arguments, start, stop))


def extract(
    volume: Volume, min_weight: float, min_filled_weight: float
) -> tuple[Array, Array, Array]:
    """(vertices (V, 3) float32 world, triangles (T, 3) int32, measured (V,) float32 0..1).

    A voxel counts as measured from `min_weight` on; else, from `min_filled_weight` on,
    as filled: by the filled layer, or where that is empty by what little was measured.
    Triangles are counter-clockwise seen from the empty side.
    """
    value, measured = cpu.combine(
        volume.distance, volume.weight, np.float32(min_weight), np.float32(min_filled_weight)
    )
    vertices, seen, index = cpu.place_vertices(volume.blocks, volume.table, value, measured)
    triangles = cpu.connect(volume.blocks, volume.table, value, index, vertices)
    world = volume.origin + vertices.astype(np.float64) * volume.voxel
    return world.astype(np.float32), triangles, seen
