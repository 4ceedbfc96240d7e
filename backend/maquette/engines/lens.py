"""Focal lengths from point maps: a pixel's point tells the direction in which the pixel looks.

Frames: OpenCV cameras; pixels with the centre of the top-left one at (0.5, 0.5); the principal point is the centre.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from maquette.types import FloatArray, View

_ROUNDS = 10
_MAX_PIXELS = 20_000  # that shifts are solved from: they are two numbers
_MIN_PIXELS = 100
_TELLING = 0.003  # of the longer side: how much worse the worst shift must be than the best
_SANE = (0.25, 8.0)  # focal length over the longer side: 127° to 7° across
_MAX_MISFIT = 0.05  # median misfit over the longer side, past which the points fit no lens
_GUESS = 0.75  # of the longer side: 26 mm by 35 mm film, a phone's main lens, at 4:3


class Lens(NamedTuple):
    """A view's focal length, and whether the points told it."""

    focal_px: float  # at the view's full size
    fits: bool


def solve_lens(local_points: FloatArray, view: View) -> Lens:
    """The focal length that best explains the points; the photo's own record, or a guess, where none does.

    local_points: (H, W, 3) float32, camera frame; the photo squeezed to (H, W)
    Least absolute deviation of u - cx = f · x/z and v - cy = f · y/z, by iteratively reweighted least squares.
    """
    offset = _offsets(local_points.shape[:2], view).reshape(-1)
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
    if is_sane(focal, view) and misfit <= _MAX_MISFIT * longer:
        return Lens(focal, True)
    return Lens(view.focal_px or guessed_focal(view), False)


def solve_shift(
    local_points: FloatArray, view: View, focal_px: float | None = None
) -> tuple[Lens, float]:
    """(the focal length, what is to be added to all z) of points that are known but for a shift s along z.

    local_points: (H, W, 3) float32, not finite where unknown; the photo squeezed to (H, W)
    focal_px: at the view's full size, where it is known: then only the shift is looked for
    Least absolute deviation, up to a cap, of u - cx = f · x/(z + s) and v - cy = f · y/(z + s). For each s the best f
    is a weighted median; s is searched for where the nearest points have between 1/50 and 50 times the depth's spread
    before them.
    Where all shifts explain the points alike, as those of a wall straight ahead, the lens does not fit.
    """
    height, width = local_points.shape[:2]
    step = max(1, round((height * width / _MAX_PIXELS) ** 0.5))
    points = local_points[::step, ::step].astype(np.float64)
    offset = _offsets((height, width), view)[::step, ::step]
    usable = np.isfinite(points).all(axis=-1)
    points, offset = points[usable], offset[usable]
    fallback = focal_px or view.focal_px or guessed_focal(view)
    if len(points) < _MIN_PIXELS:
        return Lens(fallback, False), 0.0
    nearest, farthest = np.percentile(points[:, 2], [2, 98])
    spread = max(float(farthest - nearest), 0.1 * float(np.abs(points[:, :2]).max()), 1e-9)
    longer = max(view.width, view.height)
    cap = _MAX_MISFIT * longer  # points that are farther off are wrong, however far

    def misfit(log_margin: float, focal: float | None) -> tuple[float, float]:
        """(mean deviation in pixels, focal length) with so much space before the nearest points."""
        depth = points[:, 2] - nearest + spread * np.exp(log_margin)
        before = depth > 0.01 * spread
        slope = (points[before, :2] / depth[before, None]).reshape(-1)
        seen = offset[before].reshape(-1)
        best = _weighted_median(seen, slope) if focal is None else focal
        capped = np.minimum(np.abs(seen - best * slope), cap).sum()
        return float(capped + cap * 2 * (~before).sum()) / offset.size, best

    def search(focal: float | None) -> tuple[float, float, float, float]:
        """(shift, focal length, its misfit, the worst misfit)."""
        margins = np.linspace(-np.log(50), np.log(50), 33)
        misfits = [misfit(margin, focal)[0] for margin in margins]
        best = int(np.argmin(misfits))
        found = minimize_scalar(
            lambda margin: misfit(margin, focal)[0],
            bounds=(margins[max(best - 1, 0)], margins[min(best + 1, len(margins) - 1)]),
            method="bounded",
        )
        least, lens = misfit(float(found.x), focal)
        return spread * float(np.exp(found.x)) - float(nearest), lens, least, max(misfits)

    shift, focal, least, worst = search(focal_px)
    tells = worst - least > _TELLING * longer
    if tells and is_sane(focal, view) and least < 0.5 * cap:
        return Lens(focal, True), shift
    return Lens(fallback, False), search(fallback)[0]


def _weighted_median(offset: FloatArray, slope: FloatArray) -> float:
    """The factor f that makes the sum of |offset - f · slope| least."""
    usable = np.abs(slope) > 0
    ratio, weight = offset[usable] / slope[usable], np.abs(slope[usable])
    order = np.argsort(ratio)
    passed = np.cumsum(weight[order])
    return float(ratio[order][np.searchsorted(passed, passed[-1] / 2)])


def guessed_focal(view: View) -> float:
    """A phone's main lens, in pixels of the whole view."""
    return _GUESS * max(view.width, view.height)


def is_sane(focal_px: float, view: View) -> bool:
    """Whether a lens may have that focal length."""
    longer = max(view.width, view.height)
    return _SANE[0] * longer <= focal_px <= _SANE[1] * longer


def _offsets(shape: tuple[int, ...], view: View) -> FloatArray:
    """(H, W, 2) float64: each pixel's distance from the middle, in pixels of the whole view."""
    height, width = shape
    u = (np.arange(width) + 0.5 - width / 2) * (view.width / width)
    v = (np.arange(height) + 0.5 - height / 2) * (view.height / height)
    return np.stack(np.broadcast_arrays(u[None], v[:, None]), axis=-1)


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
