"""Do other views' depth maps confirm a view's depth?

Source: the cross-view check of Schönberger et al. 2016 (section 4.6) in its plain form: each pixel is
carried to the other view along its depth and compared with the depth found there.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from maquette_kernels.consistency import cpu
from maquette_kernels.parallel import run_bands

FloatArray = npt.NDArray[Any]


class Agreement(NamedTuple):
    """Result of `check_consistency`, each (H, W)."""

    agreeing: npt.NDArray[Any]  # sources whose depth is within the tolerance
    conflicting: npt.NDArray[Any]  # sources that see through the point
    fused: FloatArray  # float32, mean of the depth and of those that agree, carried over


def check_consistency(
    depth: FloatArray,
    sources: FloatArray,
    sizes: npt.NDArray[Any],
    projections: FloatArray,
    depth_rows: FloatArray,
    tolerance: float = 0.015,
) -> Agreement:
    """Count, for each pixel, the sources that agree with its depth and those that contradict it.

    depth: (H, W) float32, along camera z, 0 = unknown
    sources: (S, Hs, Ws) float32, the sources' depth maps, padded to the largest
    sizes: (S, 2) int32, height and width of each
    projections: (S, 3, 4) float32: source pixel ~ projection @ (x, y, 1, 1 / depth)
    depth_rows: (S, 4) float32: source depth = row @ (x·depth, y·depth, depth, 1)
    tolerance: relative difference of depth that still agrees
    Raises ValueError where shapes do not match.
    """
    count = len(sources)
    if sizes.shape != (count, 2) or projections.shape != (count, 3, 4):
        raise ValueError(
            f"sources: expected {count} sizes and projections, got {sizes.shape}"
            f" and {projections.shape}"
        )
    if depth_rows.shape != (count, 4):
        raise ValueError(f"depth_rows: expected {(count, 4)}, got {depth_rows.shape}")
    arguments = (
        np.ascontiguousarray(depth, np.float32),
        np.ascontiguousarray(sources, np.float32),
        np.ascontiguousarray(sizes, np.int32),
        np.ascontiguousarray(projections, np.float32),
        np.ascontiguousarray(depth_rows, np.float32),
        np.float32(tolerance),
    )
    agreeing, conflicting = (np.zeros(depth.shape, np.int32) for _ in range(2))
    fused = np.zeros(depth.shape, np.float32)
    run_bands(
        depth.shape[0],
        lambda start, stop: cpu.check_rows(*arguments, start, stop, agreeing, conflicting, fused),
    )
    return Agreement(agreeing, conflicting, fused)
