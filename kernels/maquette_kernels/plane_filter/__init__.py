"""Fit a small slanted plane to the trusted depths around each pixel: less ripple, edges kept, small gaps closed.

A plane in the world is linear in inverse depth over the image. Around each pixel the plane is fitted by weighted least
squares, reweighted by its residuals; weights fall with colour difference, so that it ends where the photo has an edge.
Source: the planar prior of ACMP (Xu and Tao 2020) in a local, closed form; joint bilateral weights after
Kopf et al. 2007.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from maquette_kernels.parallel import run_bands
from maquette_kernels.plane_filter import cpu

Array = npt.NDArray[Any]


class Planes(NamedTuple):
    """Result of `plane_filter`, each (H, W)."""

    depth: Array  # float32; 0 where no plane could be fitted
    support: (
        Array  # float32 0..1: how much of the neighbourhood of the pixel's colour lies on the plane
    )


def plane_filter(
    depth: Array,
    confidence: Array,
    rgb: Array,
    *,
    radius: int = 6,
    color_softness: float = 10.0,
    tolerance: float = 0.01,
) -> Planes:
    """The depth of the plane through each pixel's neighbourhood.

    depth: (H, W) float32, 0 = unknown; confidence: (H, W) float32, 0..1; rgb: (H, W, 3) uint8 or float32
    radius: pixels; color_softness: grey levels; tolerance: relative depth that counts as on the plane
    Raises ValueError where shapes do not match.
    """
    if depth.shape != confidence.shape or rgb.shape != (*depth.shape, 3):
        raise ValueError(f"shapes differ: {depth.shape}, {confidence.shape}, {rgb.shape}")
    with np.errstate(divide="ignore"):
        inverse = np.where(depth > 0, 1 / depth, 0).astype(np.float32)
    weight = np.where(depth > 0, confidence, 0).astype(np.float32)
    guide = np.ascontiguousarray(rgb, np.float32)
    out, support = np.zeros_like(inverse), np.zeros_like(inverse)
    run_bands(
        len(out),
        lambda start, stop: cpu.filter_rows(
            inverse,
            weight,
            guide,
            radius,
            np.float32(color_softness),
            np.float32(tolerance),
            start,
            stop,
            out,
            support,
        ),
    )
    with np.errstate(divide="ignore"):
        return Planes(np.where(out > 0, 1 / out, 0).astype(np.float32), support)
