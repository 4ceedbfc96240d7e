"""Masks that the user gives: a folder with one picture per photo; black is left out of everything."""

from pathlib import Path

import cv2
import numpy as np

from maquette.photos.decode import UnusableError, decode
from maquette.types import BoolArray
from maquette_protocol.errors import PhotoError

_MASK_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
_MAX_MASK_PIXELS = 400_000_000
_SAME_ASPECT = 0.02


class MaskFolder:
    """The masks in a folder, found by the photo's name: a.jpg.png, a.png, a.mask.png, a_mask.png."""

    def __init__(self, folder: Path) -> None:
        """Raises PhotoError where there is no such folder."""
        try:
            files = sorted(file for file in folder.iterdir() if file.is_file())
        except OSError as error:
            raise PhotoError(
                f"The folder of masks {folder} cannot be read: {error.strerror}.",
                hint="Give a folder with one picture per photo, of the same name: IMG_1.png.",
            ) from error
        self._files = {
            file.name.casefold(): file for file in files if file.suffix.lower() in _MASK_SUFFIXES
        }
        if not self._files:
            raise PhotoError(
                f"There are no masks in {folder}.",
                hint="Give a folder with one picture per photo, of the same name: IMG_1.png.",
            )

    def find(self, file_name: str) -> Path | None:
        """The mask of the photo with this file name, None where it has none."""
        stem = Path(file_name).stem
        for base in (file_name, f"{file_name}.mask", stem, f"{stem}.mask", f"{stem}_mask"):
            for suffix in _MASK_SUFFIXES:
                found = self._files.get(f"{base}{suffix}".casefold())
                if found is not None:
                    return found
        return None


def read_user_mask(path: Path, width: int, height: int) -> BoolArray:
    """(H, W) bool at the upright photo's size: false where the mask is black or transparent.

    Raises UnusableError where it is no picture or of another shape than the photo.
    """
    decoded = decode(path, _MAX_MASK_PIXELS)
    grey = decoded.rgb
    if grey is None:
        grey = cv2.imdecode(
            np.fromfile(path, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    usable = np.asarray(grey).max(axis=2) >= 128
    if decoded.usable is not None:
        usable &= decoded.usable
    mask_height, mask_width = usable.shape
    if abs(mask_width * height / (mask_height * width) - 1) > _SAME_ASPECT:
        raise UnusableError(
            f"it is {mask_width}x{mask_height} pixels, the upright photo {width}x{height}."
        )
    if usable.shape != (height, width):
        resized = cv2.resize(
            usable.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
        )
        usable = resized.astype(bool)
    return usable
