"""Copy triangles from a photo into an atlas, with a colour correction per corner.

Each atlas texel whose centre lies in a triangle (or within one texel of it) takes the photo's bilinear colour at the
matching place, plus the correction interpolated over the triangle.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.texture_bake import cpu

Array = npt.NDArray[Any]


def bake(
    photo: Array,
    photo_xy: Array,
    atlas_xy: Array,
    correction: Array,
    atlas: Array,
    covered: Array,
) -> None:
    """Draw triangles into `atlas` (H, W, 3) uint8, marking `covered` (H, W) uint8.

    photo: (h, w, 3) uint8; photo_xy, atlas_xy: (T, 3, 2) float32, pixels, centre of the first at 0.5
    correction: (T, 3, 3) float32, added to the colour at each corner, 0..255
    """
    if photo_xy.shape != atlas_xy.shape or correction.shape != (len(photo_xy), 3, 3):
        raise ValueError(f"expected (T, 3, 2) twice and (T, 3, 3), got {photo_xy.shape}")
    cpu.bake_triangles(
        np.ascontiguousarray(photo),
        np.ascontiguousarray(photo_xy, np.float32),
        np.ascontiguousarray(atlas_xy, np.float32),
        np.ascontiguousarray(correction, np.float32),
        atlas,
        covered,
    )


def smooth_labels(
    neighbours: Array, first: Array, views: Array, costs: Array, weight: float, rounds: int
) -> Array:
    """(T,) int32 view per triangle: low cost, and the same as its neighbours where that costs little.

    neighbours: (T, 3) int32 triangles across each edge, -1 none
    first: (T + 1,) int32; views, costs: (N,) candidates of triangle t at first[t]..first[t + 1], best first
    weight: cost of differing from one neighbour; rounds: sweeps of iterated conditional modes (Besag 1986)
    A triangle without candidates gets -1.
    """
    return cpu.smooth_labels(
        np.ascontiguousarray(neighbours, np.int32),
        np.ascontiguousarray(first, np.int32),
        np.ascontiguousarray(views, np.int32),
        np.ascontiguousarray(costs, np.float32),
        np.float32(weight),
        rounds,
    )
