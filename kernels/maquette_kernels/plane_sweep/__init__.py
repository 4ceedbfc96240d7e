"""Photo-consistency of depth hypotheses: every pixel against every label, over several sources.

A label is an inverse depth relative to a base surface: w = base + label · step. A constant base gives
the classic sweep of fronto-parallel planes; a base that follows an earlier depth map gives windows
that follow slanted surfaces, with few labels.
Source: Collins 1996 (space sweep); ZNCC with a noise floor, so that blank areas are neutral; the mean of
the best half of the sources against occlusion (Kang, Szeliski and Chai 2001).
Frames: pixels with the centre of the top-left one at (0.5, 0.5); inverse depth along camera z.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.parallel import run_bands
from maquette_kernels.plane_sweep import cpu

FloatArray = npt.NDArray[Any]

NEUTRAL = 128  # the cost of "nothing known": ZNCC 0
_BLOCK_ROWS = 32  # fixed, so that rounding does not depend on the number of threads


def plane_sweep(
    reference: FloatArray,
    sources: FloatArray,
    sizes: npt.NDArray[Any],
    projections: FloatArray,
    base: FloatArray,
    step: float,
    num_labels: int,
    *,
    radius: int = 3,
    noise_variance: float = 6.0,
    num_best: int = 2,
) -> npt.NDArray[Any]:
    """Cost volume (H, W, num_labels) uint8: 0 same, 128 nothing known, 255 opposite.

    reference: (H, W) float32, grey 0..255
    sources: (S, Hs, Ws) float32, grey 0..255, photos of differing sizes padded to the largest
    sizes: (S, 2) int32, height and width of each source, at least 2
    projections: (S, 3, 4) float32: source pixel ~ projection @ (x, y, 1, inverse depth)
    base: (H, W) float32, inverse depth of label 0; labels that reach 0 or below are not seen
    step: inverse depth between labels
    radius: half the side of the window, pixels
    noise_variance: variance (grey²) of what counts as blank
    num_best: sources that must agree: the lowest costs averaged, at most S
    Raises ValueError where shapes do not match.
    """
    height, width = reference.shape
    if base.shape != reference.shape:
        raise ValueError(f"base: expected {reference.shape}, got {base.shape}")
    count = len(sources)
    if sizes.shape != (count, 2) or projections.shape != (count, 3, 4) or count == 0:
        raise ValueError(
            f"sources: expected one size and projection for each of {count} (at least one),"
            f" got {sizes.shape} and {projections.shape}"
        )
    if sizes.min() < 2:
        raise ValueError(f"sizes: sources need 2 pixels a side, got {sizes.min()}")
    # Values around zero keep the float32 sums exact enough.
    reference = np.ascontiguousarray(reference, np.float32) - np.float32(128.0)
    sources = np.ascontiguousarray(sources, np.float32) - np.float32(128.0)
    base = np.ascontiguousarray(base, np.float32)
    sizes = np.ascontiguousarray(sizes, np.int32)
    projections = np.ascontiguousarray(projections, np.float32)
    mean, inverse_deviation = np.empty_like(reference), np.empty_like(reference)
    cpu.box_statistics(reference, radius, np.float32(noise_variance), mean, inverse_deviation)
    cost = np.empty((height, width, num_labels), np.uint8)
    best = max(1, min(num_best, count))

    def sweep(first_block: int, last_block: int) -> None:
        for block in range(first_block, last_block):
            start = block * _BLOCK_ROWS
            stop = min(height, start + _BLOCK_ROWS)
            cpu.sweep_rows(
                reference, mean, inverse_deviation, sources, sizes, projections, base,
                np.float32(step), radius, np.float32(noise_variance), best, start, stop, cost,
            )  # fmt: skip

    run_bands((height + _BLOCK_ROWS - 1) // _BLOCK_ROWS, sweep)
    return cost
