"""The shift of an inverse depth from what is vertical: only with the right one are floors level and walls upright.

Of a plane n · X = 1, 1 / z = n · (x/z, y/z, 1): linear over the photo. Adding b to it adds b to n's third component and
leaves the plane a plane, turned. So each small flat piece of the photo says with which shifts it would be level or
upright, and the shift that most of them agree on is taken.

Frames: OpenCV camera axes; pixel centres at half integers.
"""

import math

import numpy as np

from maquette.types import BoolArray, Camera, FloatArray

_TOLERANCE_DEG = 2.5
_MIN_AGREEING = 0.15  # of the flat pieces; chance gives a few hundredths
_MIN_PIECES = 500
_PIECES_ACROSS = 130
_RATIOS = 1.3, 100.0  # of the farthest depth to the nearest, between which the shift is looked for
_STEPS = 100
_BEND, _STEEPEST = 0.01, 0.2  # of a flat piece, in parts of the range of 1 / z


def upright_shift(
    nearness: FloatArray, usable: BoolArray, camera: Camera, vertical: FloatArray
) -> float | None:
    """What is to be added to `nearness`; None where too little of the photo is level or upright with any shift.

    nearness: (H, W) float32, 1 / z but for scale and shift; usable: (H, W)
    camera: at full size; vertical: (3,) unit, up or down in the camera's axes
    """
    low, high = (float(one) for one in np.percentile(nearness[usable], [1, 99]))
    planes = _flat_pieces(nearness, usable, camera, high - low)
    if len(planes) < _MIN_PIECES:
        return None
    ratios = np.geomspace(*_RATIOS, _STEPS)
    best = int(np.argmax([_agreeing(planes, _shift(r, low, high), vertical) for r in ratios]))
    # once more, finer, between the neighbours
    ratios = np.geomspace(ratios[max(best - 1, 0)], ratios[min(best + 1, _STEPS - 1)], 15)
    shares = [_agreeing(planes, _shift(r, low, high), vertical) for r in ratios]
    if max(shares) < _MIN_AGREEING:
        return None
    return _shift(ratios[int(np.argmax(shares))], low, high)


def _shift(ratio: float, low: float, high: float) -> float:
    """With it, the largest is `ratio` times the smallest."""
    return (high - ratio * low) / (ratio - 1)


def _agreeing(planes: FloatArray, shift: float, vertical: FloatArray) -> float:
    """How much of the pieces is level or upright with that shift, 0..1: less the more they are off, none past 2.5°."""
    normals = planes + np.array([0, 0, shift])
    cosine = np.abs(normals @ vertical) / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    sine = np.sqrt(np.maximum(1 - cosine**2, 0))
    off = np.minimum(cosine, sine) / math.sin(math.radians(_TOLERANCE_DEG))
    return float(np.maximum(0, 1 - off**2).mean())


def _flat_pieces(
    nearness: FloatArray, usable: BoolArray, camera: Camera, spread: float
) -> FloatArray:
    """(N, 3) float64: n of each pixel on a grid whose neighbours a step away lie on one plane with it."""
    height, width = nearness.shape
    step = max(1, width // _PIECES_ACROSS)
    K = camera.scaled(width, height).K
    inner = slice(step, -step, step)
    low, high = slice(0, -2 * step, step), slice(2 * step, None, step)
    values = np.where(usable, nearness, np.nan).astype(np.float64)
    here = values[inner, inner]
    left, right = values[inner, low], values[inner, high]
    above, below = values[low, inner], values[high, inner]
    with np.errstate(invalid="ignore"):
        flat = np.isfinite(left + right + above + below + here)
        for one, other in ((left, right), (above, below)):
            flat &= np.abs(one + other - 2 * here) < _BEND * spread
            flat &= np.abs(one - other) < _STEEPEST * spread
    row, column = np.mgrid[0:height, 0:width][:, inner, inner] + 0.5
    x, y = (column - K[0, 2]) / K[0, 0], (row - K[1, 2]) / K[1, 1]
    nx = (right - left) / (2 * step / K[0, 0])
    ny = (below - above) / (2 * step / K[1, 1])
    return np.stack([nx, ny, here - nx * x - ny * y], axis=-1)[flat]
