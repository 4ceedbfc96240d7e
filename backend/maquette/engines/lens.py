"""Focal lengths from point maps: a pixel's point tells the direction in which the pixel looks.

Frames: OpenCV cameras; pixels with the centre of the top-left one at (0.5, 0.5); the principal point is the centre.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from maquette.types import FloatArray, View

_ROUNDS = 10
_SANE = (0.25, 8.0)  # focal length over the longer side: 127° to 7° across
_MAX_MISFIT = 0.05  # median misfit over the longer side, past which the points fit no lens
_GUESS = 1.2  # of the longer side: a phone's main lens


class Lens(NamedTuple):
    """A view's focal length, and whether the points told it."""

    focal_px: float  # at the view's full size
    fits: bool


def solve_lens(local_points: FloatArray, view: View) -> Lens:
    """The focal length that best explains the points; the photo's own record, or a guess, where none does.

    local_points: (H, W, 3) float32, camera frame; the photo squeezed to (H, W)
    Least absolute deviation of u - cx = f · x/z and v - cy = f · y/z, by iteratively reweighted least squares.
    """
    height, width = local_points.shape[:2]
    u = (np.arange(width) + 0.5 - width / 2) * (view.width / width)
    v = (np.arange(height) + 0.5 - height / 2) * (view.height / height)
    offset = np.stack(np.broadcast_arrays(u[None], v[:, None]), axis=-1).reshape(-1)
    z = local_points[..., 2:].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope = (local_points[..., :2] / z).reshape(-1)
    usable = np.isfinite(slope)
    slope, offset = slope[usable], offset[usable]
    longer = max(view.width, view.height)
    focal, weight = 0.0, np.ones(len(slope))
    for _ in range(_ROUNDS):
        focal = float((weight * slope) @ offset / max((weight * slope) @ slope, 1e-12))
        weight = 1 / np.maximum(np.abs(offset - focal * slope), 1e-3 * longer)
    misfit = float(np.median(np.abs(offset - focal * slope))) if len(slope) else np.inf
    if _SANE[0] * longer <= focal <= _SANE[1] * longer and misfit <= _MAX_MISFIT * longer:
        return Lens(focal, True)
    return Lens(view.focal_px or _GUESS * longer, False)


def share_lenses(lenses: Sequence[Lens], views: Sequence[View]) -> list[float]:
    """Focal lengths in pixels, one per view: of views from one device, the median of those that fit."""
    by_device: dict[tuple[str, int, int], list[float]] = {}
    for lens, view in zip(lenses, views, strict=True):
        if lens.fits and view.device:
            by_device.setdefault(_key(view), []).append(lens.focal_px)
    return [
        float(np.median(by_device.get(_key(view), [lens.focal_px])))
        for lens, view in zip(lenses, views, strict=True)
    ]


def _key(view: View) -> tuple[str, int, int]:
    return view.device, view.width, view.height
