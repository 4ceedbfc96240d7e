"""Open a photo of any common kind and make it uniform: upright 8-bit sRGB, with its mask and thumbnail.

Only picture formats are opened (never PostScript, which would run a program), and only up to a size
that fits into memory: JPEG is decoded at a fraction where it is larger, the rest is refused.
"""

import io
import struct
import threading
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from maquette.photos.exif import Exif, read_exif
from maquette.photos.sources import RAW_SUFFIXES, READABLE
from maquette.types import BoolArray, ByteArray

THUMB_SIDE_PX = 96
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
_UNIFORM_FORMATS = ("JPEG", "PNG", "WEBP")  # read by every later stage as they are
_MAX_PHOTO_PIXELS = 400_000_000
_MAX_DECODED_BYTES = 800_000_000
_PROGRESSIVE_BYTES_PER_PIXEL = 6  # the decoder keeps all coefficients
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, IndexError, struct.error)
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_opening = threading.Lock()  # Pillow's size limit and Python's warning filters are process-wide


class UnusableError(Exception):
    """A photo cannot be used; the text says why, in words for the user."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A photo, upright."""

    width: int  # pixels
    height: int
    thumb: ByteArray  # (h, w, 3) sRGB, longer side THUMB_SIDE_PX
    exif: Exif
    rgb: ByteArray | None  # (H, W, 3) sRGB; None where the file itself is uniform already
    usable: BoolArray | None  # (H, W) false where the photo is transparent; None: it is opaque
    note: str = ""  # what the user should know, such as a reduced size


def decode(path: Path, max_pixels: int) -> Decoded:
    """Read and check the whole file. Raises UnusableError."""
    try:
        if path.stat().st_size == 0:
            raise UnusableError("the file is empty.")
        with _open(path) as image:
            return _decode(image, max_pixels)
    except MemoryError as error:
        raise UnusableError("it is too large for the memory of this machine.") from error
    except PermissionError as error:
        raise UnusableError("there is no permission to read it.") from error
    except UnidentifiedImageError as error:
        raise UnusableError(_why_unidentified(path)) from error
    except _UNREADABLE as error:
        raise UnusableError(f"the file is damaged or cut short ({error}).") from error


def thumbnail(rgb: ByteArray) -> ByteArray:
    """(h, w, 3) area averages of (H, W, 3), longer side THUMB_SIDE_PX."""
    height, width = rgb.shape[:2]
    scale = THUMB_SIDE_PX / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _open(path: Path) -> Image.Image:
    formats = _FORMATS
    with path.open("rb") as file:
        if file.read(12)[4:8] == b"ftyp":  # the box that opens HEIC files
            from pillow_heif import register_heif_opener

            register_heif_opener()
            formats = ("HEIF",)
    with _opening, warnings.catch_warnings():
        # `_check_size` is the limit instead: Pillow's depends on no format.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = _MAX_PHOTO_PIXELS
        Image.init()  # else Image.open knows only the formats met so far
        try:
            return Image.open(path, formats=formats)
        except Image.DecompressionBombError as error:
            raise UnusableError(_too_large(str(_MAX_PHOTO_PIXELS * 2 // 1_000_000))) from error


def _why_unidentified(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in RAW_SUFFIXES:
        return "raw camera files are not read; export it as JPEG or TIFF."
    return f"it is no picture, whatever its name says; Maquette reads {READABLE}."


def _too_large(megapixels: str) -> str:
    return f"its {megapixels} megapixels or more do not fit into memory; reduce it to 50."


def _decode(image: Image.Image, max_pixels: int) -> Decoded:
    exif = read_exif(image)
    given = image.size
    if _is_uniform(image, exif) and given[0] * given[1] <= max_pixels:
        _check_size(image, drafted=True)
        image.draft("RGB", (2 * THUMB_SIDE_PX, 2 * THUMB_SIDE_PX))
        thumb = thumbnail(np.asarray(image))  # reads the file to its end: a cut one shows
        width, height = given
        return Decoded(width=width, height=height, thumb=thumb, exif=exif, rgb=None, usable=None)
    image = _reduce(image, max_pixels)
    note = ""
    if image.size[0] * image.size[1] < given[0] * given[1]:
        note = f"reduced from {given[0]}x{given[1]} to {image.size[0]}x{image.size[1]} pixels"
    rgb_image, alpha, colour_note = _to_srgb(image)
    turn = _TRANSPOSE.get(exif.orientation)
    if turn is not None:
        rgb_image = rgb_image.transpose(turn)
        alpha = alpha.transpose(turn) if alpha is not None else None
    rgb = np.asarray(rgb_image, np.uint8)
    return Decoded(
        width=rgb.shape[1],
        height=rgb.shape[0],
        thumb=thumbnail(rgb),
        exif=exif,
        rgb=rgb,
        usable=_usable(alpha),
        note=", ".join(part for part in (note, colour_note) if part),
    )


def _is_uniform(image: Image.Image, exif: Exif) -> bool:
    """Whether every stage would read the file as upright opaque 8-bit sRGB."""
    return (
        image.format in _UNIFORM_FORMATS
        and image.mode == "RGB"
        and exif.orientation == 1
        and "transparency" not in image.info
        and not getattr(image, "is_animated", False)
        and _is_srgb(image.info.get("icc_profile"))
    )


def _check_size(image: Image.Image, *, drafted: bool) -> None:
    pixels = image.size[0] * image.size[1]
    size_bytes = pixels * len(image.getbands())
    if image.info.get("progressive"):
        size_bytes = pixels * _PROGRESSIVE_BYTES_PER_PIXEL
    elif drafted:
        size_bytes = 0
    if pixels > _MAX_PHOTO_PIXELS or size_bytes > _MAX_DECODED_BYTES:
        raise UnusableError(_too_large(str(pixels // 1_000_000)))


def _reduce(image: Image.Image, max_pixels: int) -> Image.Image:
    """The photo with `max_pixels` at most, never holding much more than twice of it for a JPEG."""
    width, height = image.size
    is_jpeg = image.format in ("JPEG", "MPO")
    _check_size(image, drafted=is_jpeg)
    if is_jpeg and width * height > 2 * max_pixels:
        factor = next((f for f in (2, 4) if width * height <= 2 * max_pixels * f * f), 8)
        image.draft(None, (width // factor, height // factor))
    image.load()
    scale = (max_pixels / (image.size[0] * image.size[1])) ** 0.5
    if scale >= 1:
        return image
    if image.mode in ("P", "PA", "1"):
        image = image.convert("RGBA")
    size = int(image.size[0] * scale), int(image.size[1] * scale)
    return image.resize(size, Image.Resampling.BOX)


def _to_srgb(image: Image.Image) -> tuple[Image.Image, Image.Image | None, str]:
    """(RGB, alpha or None, note) of a photo of any mode."""
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    alpha = None
    if image.mode in ("RGBA", "LA"):
        alpha = image.getchannel("A")
        image = image.convert("RGB" if image.mode == "RGBA" else "L")
    if image.mode.startswith("I") or image.mode == "F":
        image = _to_8bit(image)
    if _is_srgb(profile):
        return image.convert("RGB"), alpha, ""
    try:
        transform = _srgb_transform(profile, image.mode)
        converted = ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, ValueError, OSError):
        return image.convert("RGB"), alpha, "its colour profile cannot be used and was ignored"
    return converted if converted is not None else image.convert("RGB"), alpha, ""


def _to_8bit(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits, by the range that it uses: 1, 255, 12 or 16 bits, never per photo."""
    grey = np.asarray(image, np.float32)
    if not np.isfinite(grey).all() or grey.min() < 0:
        raise UnusableError("its pixels are no brightness (negative or not finite).")
    top = float(grey.max())
    ranges = (1.0, 255.0, 65535.0) if image.mode == "F" else (4095.0, 65535.0)
    full = next((limit for limit in ranges if top <= limit), None)
    if full is None:
        raise UnusableError(f"its brightness goes up to {top:.0f}; 65535 is the most that is read.")
    return Image.fromarray(np.rint(grey * (255 / full)).astype(np.uint8))


def _usable(alpha: Image.Image | None) -> BoolArray | None:
    if alpha is None:
        return None
    usable = np.asarray(alpha) >= 128
    return None if usable.all() else usable


@lru_cache(maxsize=16)
def _is_srgb(profile: bytes | None) -> bool:
    if not profile:
        return True
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        return False
    # "c2" is the shortened sRGB profile that many web services embed
    return "srgb" in name.lower() or name.strip() == "c2"


@lru_cache(maxsize=16)
def _srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
