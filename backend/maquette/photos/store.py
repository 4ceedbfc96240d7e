"""Write what loading makes: uniform photos and masks, under the job's folder and nowhere else."""

from pathlib import Path

import cv2
import numpy as np

from maquette.types import BoolArray, ByteArray
from maquette_protocol.errors import StorageError

_JPEG_OPTIONS = [
    cv2.IMWRITE_JPEG_QUALITY,
    95,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
]
# Level 1 is five times as fast as the usual 6, for files a tenth larger.
_PNG_OPTIONS = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def write_jpeg(path: Path, rgb: ByteArray) -> None:
    """Write (H, W, 3) sRGB at quality 95. Raises StorageError."""
    _write(path, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), ".jpg", _JPEG_OPTIONS)


def write_png(path: Path, rgb: ByteArray) -> None:
    """Write (H, W, 3) sRGB without loss. Raises StorageError."""
    _write(path, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), ".png", _PNG_OPTIONS)


def write_mask(path: Path, is_set: BoolArray) -> None:
    """Write (H, W) as 8-bit PNG: 255 where true, 0 where false. Raises StorageError."""
    _write(path, is_set.astype(np.uint8) * 255, ".png", _PNG_OPTIONS)


def _write(path: Path, pixels: object, suffix: str, options: list[int]) -> None:
    # Encoded in memory: cv2.imwrite reports a full disk as False, and knows no non-ASCII names.
    _, encoded = cv2.imencode(suffix, np.asarray(pixels), options)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        encoded.tofile(path)
    except OSError as error:
        raise StorageError(
            f"Cannot write {path}: {error.strerror or error}.",
            hint="Free some space, or work in a folder that can be written.",
        ) from error
