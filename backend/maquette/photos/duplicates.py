"""Find photos that show nothing (blank, black) and photos that are practically the same file.

Photos from nearly the same place are wanted, so only what a new encoding or a resize would change
counts as the same: a difference of a few grey levels anywhere on the thumbnail is another photo.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from maquette.types import ByteArray, FloatArray

_BLACK_BELOW = 14  # grey levels that a lens cap still shows
_BLANK_SPREAD = 6  # grey levels between the darkest and brightest of a wall filling the photo
_SIGNATURE = 8  # cells per side of the first, coarse comparison
_SAME_MEAN = 0.8  # grey levels; saving again at JPEG quality 85 changes thumbnails by 0.3
_SAME_MOST = (
    3.0  # for all but 1 in 200 values; a shift by one pixel of 1000 gives 13, a second shot 5
)
_SAME_SIGNATURE = 1.5


def why_blank(thumb: ByteArray) -> str | None:
    """Why a photo with this (h, w, 3) thumbnail shows nothing; None where it shows something."""
    low, high = np.percentile(thumb, (0.2, 99.8))
    if high < _BLACK_BELOW:
        return "it is all black."
    if high - low < _BLANK_SPREAD and np.ptp(thumb.mean(axis=2)) < 2 * _BLANK_SPREAD:
        return "it is blank: all of one colour."
    return None


def find_duplicates(thumbs: Sequence[ByteArray], pixels: Sequence[int]) -> dict[int, int]:
    """{index of a photo to leave out: index of the same photo that is kept}.

    thumbs: (h, w, 3) each; pixels: the photos' full sizes. The largest is kept, then the first.
    """
    if not thumbs:
        return {}
    signatures = np.stack([_signature(thumb) for thumb in thumbs])
    order = sorted(range(len(thumbs)), key=lambda index: (-pixels[index], index))
    kept: list[int] = []
    same_as: dict[int, int] = {}
    for index in order:
        if kept:
            distance = np.abs(signatures[kept] - signatures[index]).mean(axis=1)
            near = [kept[place] for place in np.flatnonzero(distance < _SAME_SIGNATURE)]
            match = next((k for k in near if _are_same(thumbs[k], thumbs[index])), None)
            if match is not None:
                same_as[index] = match
                continue
        kept.append(index)
    return same_as


def _signature(thumb: ByteArray) -> FloatArray:
    """(64,) float32 mean grey of 8x8 cells."""
    grey = thumb.mean(axis=2, dtype=np.float32)
    cells = cv2.resize(grey, (_SIGNATURE, _SIGNATURE), interpolation=cv2.INTER_AREA)
    return np.asarray(cells, np.float32).ravel()


def _are_same(one: ByteArray, other: ByteArray) -> bool:
    if one.shape != other.shape:
        return False
    difference = np.abs(one.astype(np.int16) - other)
    return (
        float(difference.mean()) < _SAME_MEAN
        and float(np.percentile(difference, 99.5)) <= _SAME_MOST
    )
