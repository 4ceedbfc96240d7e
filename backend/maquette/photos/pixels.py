"""Read a view's pixels and masks at the size that a stage works at; the leaf that all stages share.

Frames: pixels are upright, row by row from the top left. Sizes are in pixels. Reduced photos are
area averages, so that pixel centres scale with the size as `Camera.scaled` does it.
"""

from pathlib import Path

import cv2
import numpy as np

from maquette.types import BoolArray, ByteArray, View
from maquette_protocol.errors import PhotoError, ShapeError

# The JPEG decoder gives these fractions at a fraction of the cost.
_REDUCED_JPEG = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
}


def size_within(width: int, height: int, max_side_px: int | None) -> tuple[int, int]:
    """(width, height) of a photo whose longer side is reduced to `max_side_px` at most."""
    longer = max(width, height)
    if max_side_px is None or longer <= max_side_px:
        return width, height
    scale = max_side_px / longer
    return max(1, round(width * scale)), max(1, round(height * scale))


def read_pixels(view: View, max_side_px: int | None = None) -> ByteArray:
    """(H, W, 3) uint8 sRGB of the view, its longer side `max_side_px` at most (None: full size).

    Raises PhotoError where the file is gone or damaged.
    """
    width, height = size_within(view.width, view.height, max_side_px)
    data = _read_bytes(view.path)
    flag = cv2.IMREAD_COLOR
    if data[:2].tobytes() == b"\xff\xd8":
        flag = _reduced_flag(view, width, height)
    # Views are upright on disk; a rotation tag left in the file would be applied twice.
    pixels = cv2.imdecode(data, flag | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise PhotoError(
            f"{view.path} cannot be read as a picture.",
            hint="Run again from the photos: the file was changed or damaged since.",
        )
    if pixels.shape[:2] != (height, width):
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def read_mask(view: View, shape: tuple[int, int]) -> BoolArray:
    """(H, W) bool at `shape`: true where the photo may be used, false where masked out or sky.

    Raises PhotoError where a mask file is gone, ShapeError where `shape` is not (rows, columns).
    """
    if len(shape) != 2:
        raise ShapeError(f"shape: expected (H, W), got {shape}.")
    usable = np.ones(shape, bool)
    if view.mask_path is not None:
        usable &= _read_grey(view.mask_path, shape) >= 128
    if view.sky_path is not None:
        usable &= _read_grey(view.sky_path, shape) < 128
    return usable


def _reduced_flag(view: View, width: int, height: int) -> int:
    for factor, flag in _REDUCED_JPEG.items():
        # Sides that the factor does not divide would be padded, which shifts the pixels.
        divides = view.width % factor == 0 and view.height % factor == 0
        if divides and view.width // factor >= width and view.height // factor >= height:
            return flag
    return cv2.IMREAD_COLOR


def _read_grey(path: Path, shape: tuple[int, int]) -> ByteArray:
    grey = cv2.imdecode(_read_bytes(path), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise PhotoError(f"The mask {path} cannot be read.", hint="Run again from the photos.")
    if grey.shape != shape:
        grey = cv2.resize(grey, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)


def _read_bytes(path: Path) -> ByteArray:
    # numpy opens the file: cv2.imread cannot open names with non-ASCII letters on every system.
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise PhotoError(
            f"{path} cannot be opened: {error.strerror}.",
            hint="Keep the photos and the working folder in place while the job runs.",
        ) from error
    if data.size == 0:
        raise PhotoError(f"{path} is empty.", hint="Copy the photo again from where it came.")
    return data
