"""A rectified picture continued into what is not known of it: the lighting smoothly, the texture from elsewhere.

The logarithm of the picture is split into a smooth part, the lighting, which is continued from the hole's edges, and
what is left, the texture, which is copied by a few shifts (`maquette_kernels.shift_fill`). The shifts are those by
which the texture repeats: minima of its mean squared difference with itself, so that bricks and tiles stay in step.
"""

from typing import Any

import cv2
import numpy as np
from scipy import ndimage

from maquette.types import BoolArray, ByteArray, FloatArray, IntArray
from maquette_kernels.shift_fill import choose_shifts, cover, fetch

_SMOOTH = 0.12  # of the picture's diagonal: width of the lighting
_FRINGE = 2  # texels at the edge of what is known have taken colour from what hides the rest
_LEAST = 600  # texels of texture to copy from; with less the fill is the lighting alone
_SHIFTS, _TRIED = 24, 250
_NEAREST = 8  # texels: shorter shifts only smear
_OVERLAP = 0.04  # of the texture must meet itself for a shift to be judged
_BLOCK, _MOST_BLOCKS = 4, 4000
_ROUNDS = 3  # what no shift reaches is filled from what was filled before
_SURE = 0.1  # share of known texels around a place from which their mean is trusted
_SEAM = 3.0  # texels: width over which a border's light is measured
_MOST_LIGHT = 0.25  # logarithm: a larger step is no light
_FENCE = 2.0  # interquartile ranges beyond the quartiles: not of the texture


def continued(picture: ByteArray, known: BoolArray, wanted: BoolArray) -> ByteArray:
    """The picture (H, W, 3) sRGB with `wanted` filled in; elsewhere what is not known is filled smoothly.

    known, wanted: (H, W). The same input gives the same picture.
    """
    if not known.any():
        return picture
    sure = ndimage.binary_erosion(known, iterations=_FRINGE, border_value=1)
    if not sure.any():
        sure = known
    logarithm = np.log(picture.astype(np.float32) + 4.0)
    light, source = _lighting(logarithm, sure)
    texture = logarithm - light
    filled = np.zeros((*known.shape, 1), np.float32)
    if source.sum() >= _LEAST:
        # what is known but not to be trusted is filled, too, where it borders on what is wanted
        around = ndimage.binary_dilation(wanted, iterations=2 * _FRINGE)
        texture, filled = _textured(texture, source, around & ~source)
    texture = np.where(source[..., None] | (filled > 0), texture, 0)
    made = np.clip(np.rint(np.exp(light + texture) - 4.0), 0, 255).astype(np.uint8)
    return np.where((sure & source)[..., None], picture, made)


def _lighting(logarithm: FloatArray, sure: BoolArray) -> tuple[FloatArray, BoolArray]:
    """(smooth part everywhere, (H, W) where the rest is texture and not something that lies on it)."""
    sigma = _SMOOTH * float(np.hypot(*sure.shape))
    light = _smoothed(logarithm, sure, sigma)
    rest = logarithm - light
    low, high = np.percentile(rest[sure], [25, 75], axis=0)
    fence = _FENCE * (high - low) + 0.05
    strange: BoolArray = sure & ((rest < low - fence) | (rest > high + fence)).any(axis=2)
    strange = ndimage.binary_opening(strange, np.ones((3, 3)))
    near: BoolArray = np.asarray(ndimage.binary_dilation(strange, iterations=2 * _FRINGE))
    source: BoolArray = sure & ~near
    if not source.any():
        return light, sure
    return _smoothed(logarithm, source, sigma), source


def _smoothed(values: FloatArray, mask: BoolArray, sigma: float) -> FloatArray:
    """Gaussian mean over the mask, and where the mask is far away what is nearest to it, ever smoother."""
    step = max(1, int(sigma / 4))
    size = (max(1, mask.shape[1] // step), max(1, mask.shape[0] // step))
    weight = mask.astype(np.float32)
    total: FloatArray = cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA)
    share: FloatArray = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    width = sigma / step
    total = cv2.GaussianBlur(total, (0, 0), width, borderType=cv2.BORDER_REFLECT)
    share = cv2.GaussianBlur(share, (0, 0), width, borderType=cv2.BORDER_REFLECT)
    out = _pulled_and_pushed(total, share)
    return cv2.resize(out, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _pulled_and_pushed(total: FloatArray, share: FloatArray) -> FloatArray:
    """(H, W, C) total / share, where the share is small filled from coarser levels. Source: Gortler et al. 1996."""
    levels = [(total, share)]
    while max(levels[-1][1].shape) > 1:
        v, w = levels[-1]
        size = (-(-w.shape[1] // 2), -(-w.shape[0] // 2))
        levels.append((cv2.pyrDown(v, dstsize=size), cv2.pyrDown(w, dstsize=size)))
    v, w = levels[-1]
    out = v / np.maximum(w, 1e-9)[..., None]
    for v, w in reversed(levels[:-1]):
        coarse = cv2.pyrUp(out, dstsize=(2 * out.shape[1], 2 * out.shape[0]))
        coarse = coarse[: w.shape[0], : w.shape[1]]
        sure = np.clip(w / _SURE, 0, 1)[..., None]
        out = sure * v / np.maximum(w, 1e-9)[..., None] + (1 - sure) * coarse
    return out


def _textured(
    texture: FloatArray, source: BoolArray, wanted: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """(the texture with what could be copied, (H, W, 1) weight of what was)."""
    texture = np.where(source[..., None], texture, 0).astype(np.float32)
    done = np.zeros((*source.shape, 1), np.float32)
    known, wanted = source.copy(), wanted.copy()
    for _ in range(_ROUNDS):
        if not wanted.any():
            break
        shifts = _shifts(texture, known, wanted)
        if len(shifts) == 0:
            break
        blocks = cover(wanted, _MOST_BLOCKS, _BLOCK)
        label = choose_shifts(texture, known, wanted, shifts, blocks)
        got = fetch(texture, known, shifts, blocks, label)
        new = wanted & (got[..., -1] > 0)
        if not new.any():
            break
        texture[new] = _matched(texture, known, got)[new]
        done[new] = 1
        known |= new
        wanted &= ~new
    return texture, done


def _matched(texture: FloatArray, known: BoolArray, got: FloatArray) -> FloatArray:
    """(H, W, 3) what was fetched, plus a smooth part with which it fits to what is known around it.

    As good as blending gradients (Perez et al. 2003) where what differs is light. got: see shift_fill.fetch
    """
    fetched = got[..., :-1]
    both = known & (got[..., -1] > 0)
    if not both.any():
        return fetched
    return fetched + np.clip(_smoothed(texture - fetched, both, _SEAM), -_MOST_LIGHT, _MOST_LIGHT)


def _shifts(texture: FloatArray, source: BoolArray, wanted: BoolArray) -> IntArray:
    """(K, 2) rows and columns by which the texture repeats and which reach what is wanted."""
    height, width = source.shape
    size = (cv2.getOptimalDFTSize(2 * height), cv2.getOptimalDFTSize(2 * width))
    there = _spectrum(source.astype(np.float32), size)
    overlap = _correlated(there, there, size)
    apart = np.zeros(size, np.float32)
    for channel in np.moveaxis(texture, -1, 0):
        value, square = _spectrum(channel, size), _spectrum(channel**2, size)
        both = _correlated(square, there, size) + _correlated(there, square, size)
        apart += both - 2 * _correlated(value, value, size)
    reach = _correlated(_spectrum(wanted.astype(np.float32), size), there, size)
    enough = overlap >= max(_LEAST / 2, _OVERLAP * source.sum())
    difference = np.where(enough, apart / np.maximum(overlap, 1), np.inf)
    if not enough.any():
        return np.zeros((0, 2), np.int32)
    row = (np.arange(size[0]) + height) % size[0] - height
    column = (np.arange(size[1]) + width) % size[1] - width
    far = np.hypot(row[:, None], column[None]) >= _NEAREST
    least = ndimage.minimum_filter(difference, 5, mode="wrap")
    found = np.argwhere(enough & far & (difference <= least) & (reach > 0.5))
    usual = float(np.median(difference[enough]))
    worth = np.clip(1 - difference[tuple(found.T)] / max(usual, 1e-12), 0.02, 1)
    best = np.argsort(-worth * np.sqrt(reach[tuple(found.T)]), kind="stable")[:_TRIED]
    shifts = np.stack([row[found[best, 0]], column[found[best, 1]]], axis=1).astype(np.int32)
    return shifts[_covering(shifts, worth[best], source, wanted)]


def _spectrum(values: FloatArray, size: tuple[int, int]) -> Any:
    return np.fft.rfft2(values, size)


def _correlated(one: Any, other: Any, size: tuple[int, int]) -> FloatArray:
    """At each shift s the sum over x of one(x) * other(x + s)."""
    return np.fft.irfft2(np.conj(one) * other, size).astype(np.float32)


def _covering(
    shifts: IntArray, worth: FloatArray, source: BoolArray, wanted: BoolArray
) -> IntArray:
    """Numbers of the shifts taken: worthy ones, and such that every wanted pixel has some to choose from."""
    places = np.argwhere(wanted)
    places = places[:: max(1, len(places) // 1500)]
    at = places[None] + shifts[:, None]
    inside: BoolArray = np.asarray(((at >= 0) & (at < source.shape)).all(axis=2))
    at = np.where(inside[..., None], at, 0)
    reached = (inside & source[at[..., 0], at[..., 1]]).astype(np.float32)
    need = np.ones(len(places), np.float32)
    taken: list[int] = []
    while len(taken) < min(_SHIFTS, len(shifts)):
        gain = worth * (reached @ need)
        gain[taken] = 0
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        taken.append(best)
        need = need * (1 - reached[best] / 2)
    return np.array(taken, np.int64)
