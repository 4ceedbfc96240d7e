"""Find the sky, so that no geometry is made of it: blue or overcast, smooth, open to the photo's top.

Colour alone takes a white ceiling or a blue wall for sky, so the set of photos decides first whether
it was taken outdoors under a sky (`_sky_kind`), and only then each photo is cut. When in doubt there
is none: a missed sky leaves some floating surface, a false one would cut away a room.
Colours are CIE L*a*b*; work is done on photos reduced to `_SIDE_PX`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from maquette.photos.pixels import read_pixels
from maquette.photos.store import write_mask
from maquette.progress import Progress
from maquette.types import BoolArray, ByteArray, FloatArray, View

_SIDE_PX = 512
_SMOOTH = 5.0  # L* per pixel: sky and clouds stay below, foliage and masonry do not
_MIN_AREA = 0.02  # of the photo; less is not worth a decision
_MIN_TOP = 0.15  # of the photo's top row that a sky covers
_MIN_BLUE_SHARE = 0.35  # of the sky region, in a scene with a blue sky; the rest are clouds
_MIN_VIEWS = 0.3  # of the photos show sky, in a scene that has one
_MAX_BELOW = 0.1  # sky-coloured smooth pixels in the lower 40 % to those in the upper 40 %
_CLOUD_BORDER = 0.6  # of a white region's border that lies in blue sky or at the photo's edge
_INDOOR_EV, _DAYLIGHT_EV = 8.0, 11.0  # exposure values at ISO 100: a lit room; an overcast day


@dataclass(frozen=True, kw_only=True)
class _Evidence:
    """What one photo says about the sky."""

    area: float  # share of the photo that blue sky with clouds covers, open to the top
    blue_area: float
    overcast_area: float  # share that a smooth white region covers, open to the top
    above: int  # blue smooth pixels in the upper 40 % of the photo
    below: int  # and in the lower 40 %
    exposure_value: float | None  # from EXIF


def find_sky(views: Sequence[View], workdir: Path, progress: Progress) -> tuple[View, ...]:
    """The views with `sky_path` filled in where there is sky; masks go to `workdir/sky`.

    Raises PhotoError where a photo cannot be read, StorageError, Cancelled.
    """
    evidence = []
    for number, view in enumerate(views):
        progress.update(0.7 * number / len(views), f"sky: {number + 1} of {len(views)} photos")
        evidence.append(_look(read_pixels(view, _SIDE_PX), _exposure_value(view.source)))
    kind = _sky_kind(evidence)
    if kind == "none":
        progress.update(1.0)
        return tuple(views)
    found = []
    for number, view in enumerate(views):
        progress.update(0.7 + 0.3 * number / len(views), f"sky: {number + 1} of {len(views)}")
        colours = _Colours(read_pixels(view, _SIDE_PX))
        sky = _blue_sky(colours) if kind == "blue" else _overcast_sky(colours)
        found.append(_with_sky(view, sky, workdir) if sky.mean() >= _MIN_AREA / 4 else view)
    progress.update(1.0)
    return tuple(found)


class _Colours:
    """L*, a*, b* and local contrast of one reduced photo, (h, w) float32 each."""

    def __init__(self, rgb: ByteArray) -> None:
        lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        lab = np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.8))
        self.lightness: FloatArray = lab[..., 0].astype(np.float32)
        self.a: FloatArray = lab[..., 1].astype(np.float32)
        self.b: FloatArray = lab[..., 2].astype(np.float32)
        across = cv2.Sobel(self.lightness, cv2.CV_32F, 1, 0, scale=1 / 8)
        down = cv2.Sobel(self.lightness, cv2.CV_32F, 0, 1, scale=1 / 8)
        self.contrast: FloatArray = np.hypot(across, down)
        # A deep blue zenith in the dark corner of a photo is still sky.
        darkest = np.where(self.b < -20, 25, 45)
        self.is_blue: BoolArray = (
            (self.b < -7) & (self.lightness > darkest) & (np.abs(self.a) < 6 - 0.7 * self.b)
        )
        # White as a cloud, never as a lamp-lit or sunlit wall: those are warmer.
        self.is_white: BoolArray = (
            (self.lightness > 78) & (self.b > -9) & (self.b < 3) & (np.abs(self.a) < 5)
        )


def _look(rgb: ByteArray, exposure_value: float | None) -> _Evidence:
    colours = _Colours(rgb)
    sky = _blue_sky(colours)
    smooth_blue = colours.is_blue & (colours.contrast < _SMOOTH)
    edge = round(0.4 * len(sky))
    return _Evidence(
        area=float(sky.mean()),
        blue_area=float((sky & colours.is_blue).mean()),
        overcast_area=float(_overcast_sky(colours).mean()),
        above=int(np.count_nonzero(smooth_blue[:edge])),
        below=int(np.count_nonzero(smooth_blue[-edge:])),
        exposure_value=exposure_value,
    )


def _sky_kind(evidence: Sequence[_Evidence]) -> str:
    """ "blue", "overcast" or "none" for the whole set.

    A blue wall goes on below and between things, a sky ends at the horizon: so blue must be rare
    in the lower part of the photos. White says nothing by itself (ceilings, studio backgrounds):
    it is sky only where EXIF tells that the exposure was that of daylight.
    """
    exposures = [e.exposure_value for e in evidence if e.exposure_value is not None]
    exposure = float(np.median(exposures)) if exposures else None
    if not evidence or (exposure is not None and exposure < _INDOOR_EV):
        return "none"
    with_sky = [e for e in evidence if e.area >= _MIN_AREA]
    blue_share = sum(e.blue_area for e in with_sky) / max(sum(e.area for e in with_sky), 1e-9)
    below = sum(e.below for e in evidence) / max(1, sum(e.above for e in evidence))
    needed = max(2 if len(evidence) > 2 else 1, _MIN_VIEWS * len(evidence))
    if len(with_sky) >= needed and blue_share >= _MIN_BLUE_SHARE and below <= _MAX_BELOW:
        return "blue"
    num_overcast = sum(e.overcast_area >= _MIN_AREA for e in evidence)
    if num_overcast >= needed and exposure is not None and exposure >= _DAYLIGHT_EV:
        return "overcast"
    return "none"


def _blue_sky(colours: _Colours) -> BoolArray:
    """(h, w): blue that is open to the top, with the clouds in it; empty if it hardly is."""
    # Unclosed, a thin edge parts the sky from a shaded wall that is as blue.
    smooth = _bluest_parts(_open_to_top(colours.is_blue & (colours.contrast < _SMOOTH)), colours.b)
    blue = (cv2.dilate(smooth.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & colours.is_blue
    if not _is_skylike(blue):
        return np.zeros_like(blue)
    others = (colours.is_white & ~blue).astype(np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(others, connectivity=4)
    labels = np.asarray(found, np.int32)
    around = np.asarray(cv2.dilate(blue.astype(np.uint8), np.ones((5, 5), np.uint8))) > 0
    around[:2] = around[:, :2] = around[:, -2:] = True
    inner = np.asarray(cv2.erode(others, np.ones((3, 3), np.uint8), borderValue=0))
    border = others > inner
    lengths = np.bincount(labels[border], minlength=count)
    touching = np.bincount(labels[border & around], minlength=count)
    is_cloud = touching >= _CLOUD_BORDER * np.maximum(lengths, 1)
    is_cloud[0] = False
    # A cloud hangs in the sky: white that reaches into the lowest part is something else.
    is_cloud &= stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] < 0.75 * len(blue)
    return _closed(blue | is_cloud[labels])


def _bluest_parts(region: BoolArray, b: FloatArray) -> BoolArray:
    """The connected parts of (h, w) that are about as blue as the largest: no wall in blue shade."""
    count, found, stats, _ = cv2.connectedComponentsWithStats(
        region.astype(np.uint8), connectivity=4
    )
    if count < 3:
        return region
    labels = np.asarray(found, np.int32)
    sums = np.bincount(labels.ravel(), weights=b.ravel(), minlength=count)
    blueness = -sums / stats[:, cv2.CC_STAT_AREA]
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    is_kept = blueness >= 0.45 * blueness[largest]
    is_kept[0] = False
    return np.asarray(is_kept[labels])


def _overcast_sky(colours: _Colours) -> BoolArray:
    """(h, w): smooth near-white that is open to the top; empty if it hardly is."""
    is_white = colours.is_white & (colours.lightness > 88) & (colours.contrast < _SMOOTH)
    white = _open_to_top(_closed(is_white))
    return white if _is_skylike(white) else np.zeros_like(white)


def _is_skylike(region: BoolArray) -> bool:
    """Wide at the photo's top, and not all the way down its sides as a studio background is."""
    lowest = region[round(0.85 * len(region)) :]
    return bool(
        region[:3].mean() >= _MIN_TOP and region.mean() >= _MIN_AREA / 4 and lowest.mean() < 0.02
    )


def _open_to_top(region: BoolArray) -> BoolArray:
    """The connected parts of (h, w) that touch the topmost rows."""
    count, found = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    labels = np.asarray(found, np.int32)
    at_top = np.zeros(count, bool)
    at_top[np.unique(labels[:3])] = True
    at_top[0] = False
    return at_top[labels]


def _closed(region: BoolArray) -> BoolArray:
    """Without gaps of a few pixels: wires, noise."""
    closed = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return np.asarray(closed) > 0


def _with_sky(view: View, sky: BoolArray, workdir: Path) -> View:
    # One pixel more, at the reduced size: the rim of a roof mixes with the sky behind it.
    grown = np.asarray(cv2.dilate(sky.astype(np.float32), np.ones((3, 3), np.uint8)))
    full = cv2.resize(grown, (view.width, view.height), interpolation=cv2.INTER_LINEAR)
    path = workdir / "sky" / f"{view.name}.png"
    write_mask(path, np.asarray(full) >= 0.5)
    return replace(view, sky_path=path)


def _exposure_value(source: Path) -> float | None:
    """EXIF's exposure at ISO 100 as a power of two (15: sunshine, 5: a lit room), None unknown."""
    try:
        with Image.open(source) as image:
            detail = image.getexif().get_ifd(34665)
        seconds, f_number = float(detail[33434]), float(detail[33437])
        iso = detail[34855]
        iso = float(iso[0] if isinstance(iso, tuple) else iso)
        return math.log2(f_number**2 / seconds * 100 / iso)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None
