"""Planes handed from pixel to pixel: where depth jumps, a pixel takes over the side that its own colours fit.

A window across a jump mixes near and far, and the sharper side wins: that fattens what is in front. Here the window
is tilted like the plane that it tests, and its pixels count by likeness to the middle one, so it ends at edges.
Source: Bleyer, Rhemann and Rother 2011 (PatchMatch stereo); checkerboard and hypotheses after Xu and Tao 2019 (ACMM).
Frames: pixels with the centre of the top-left one at (0.5, 0.5); inverse depth along camera z. A plane is
linear in inverse depth over the photo.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.parallel import run_bands
from maquette_kernels.patch_match import cpu

Array = npt.NDArray[Any]

# where hypotheses come from: all of the other colour of the checkerboard
STEPS = np.array(
    [(d * reach, 0) for reach in (1, 3, 7) for d in (1, -1)]
    + [(0, d * reach) for reach in (1, 3, 7) for d in (1, -1)]
    + [(dx, dy) for dx in (-4, 4) for dy in (-5, 5)],
    np.int64,
)


def patch_match(
    reference: Array,
    rgb: Array,
    sources: Array,
    sizes: Array,
    projections: Array,
    inverse_depth: Array,
    select: Array,
    *,
    rounds: int = 1,
    radius: int = 4,
    color_softness: float = 6.0,
    noise_variance: float = 6.0,
    num_best: int = 2,
    margin: float = 0.1,
) -> Array:
    """(H, W) float32 inverse depth: the selected pixels' improved, the others' as given.

    reference: (H, W) float32 grey 0..255; rgb: (H, W, 3) uint8, whose likeness weighs the window
    sources: (S, Hs, Ws) float32 grey, padded to the largest; sizes: (S, 2) int32 height and width of each
    projections: (S, 3, 4) float32: source pixel ~ projection @ (x, y, 1, inverse depth)
    inverse_depth: (H, W) float32 > 0; select: (H, W) bool
    radius: half the side of the window, every second pixel of which is read; color_softness: grey levels
    noise_variance: variance (grey²) of what counts as blank; num_best: sources that must agree
    margin: by how much 1 - ZNCC must fall for another plane to be taken over
    Raises ValueError where shapes do not match.
    """
    if not (reference.shape == inverse_depth.shape == select.shape == rgb.shape[:2]):
        raise ValueError(f"shapes differ: {reference.shape}, {inverse_depth.shape}, {rgb.shape}")
    if sizes.shape != (len(sources), 2) or projections.shape != (len(sources), 3, 4):
        raise ValueError(f"sources: expected {len(sources)} sizes and projections")
    inverse = np.array(inverse_depth, np.float32)
    slope = slopes(inverse)
    side = np.arange(-radius, radius + 1, 2, dtype=np.float32)
    offsets = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    # hypotheses nearer to each other than a thousandth of the median inverse depth are one
    nudge = np.float32(1e-3 * float(np.median(inverse)))
    arguments = (
        np.ascontiguousarray(reference, np.float32) - np.float32(128),
        np.ascontiguousarray(rgb, np.float32),
        np.ascontiguousarray(sources, np.float32) - np.float32(128),
        np.ascontiguousarray(sizes, np.int32),
        np.ascontiguousarray(projections, np.float32),
        np.ascontiguousarray(select, np.bool_),
        offsets,
        STEPS,
        np.float32(color_softness),
        np.float32(noise_variance),
        max(1, min(num_best, len(sources))),
        np.float32(margin),
    )

    def half(parity: int) -> None:
        run_bands(
            len(inverse),
            lambda start, stop: cpu.spread_rows(
                *arguments, parity, nudge, start, stop, inverse, slope
            ),
        )

    for _ in range(rounds):
        half(0)
        half(1)
    return inverse


def slopes(inverse: Array) -> Array:
    """(H, W, 2) change of inverse depth per pixel along x and y; the gentler side, so jumps give none."""
    slope = np.zeros((*inverse.shape, 2), np.float32)
    for axis, out in ((1, slope[..., 0]), (0, slope[..., 1])):
        step = np.diff(inverse, axis=axis)
        pad = [(0, 0), (0, 0)]
        pad[axis] = (1, 0)
        before = np.pad(step, pad, mode="edge")
        pad[axis] = (0, 1)
        after = np.pad(step, pad, mode="edge")
        gentler = np.where(np.abs(before) < np.abs(after), before, after)
        out[:] = np.where(before * after > 0, gentler, 0)
    return slope
