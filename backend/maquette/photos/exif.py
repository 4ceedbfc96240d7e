"""What a photo's EXIF says: orientation, focal length, camera, place and time.

EXIF is written by thousands of programs; whatever is malformed or implausible counts as not said.
Sources: CIPA DC-008-2023 (EXIF 3.0), section 4.6; the 35 mm equivalent by the diagonal, as there.
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

from PIL import Image

from maquette.types import Gps

_MAKE, _MODEL, _ORIENTATION, _CHANGED_AT, _EXIF, _GPS = 271, 272, 274, 306, 34665, 34853
_TAKEN_AT, _FOCAL_MM, _WIDTH, _HEIGHT = 36867, 37386, 40962, 40963
_PLANE_X, _PLANE_UNIT, _DIGITAL_ZOOM, _FOCAL_35MM, _LENS = 41486, 41488, 41988, 41989, 42036
_PLANE_UNIT_MM = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}  # inch, cm, mm, µm
_FULL_FRAME_DIAGONAL_MM = math.hypot(36, 24)
_PLAUSIBLE_FOCAL = (0.2, 30.0)  # focal length over the longer side: from fisheye to long tele
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, SyntaxError, OSError, struct.error)


@dataclass(frozen=True, kw_only=True)
class Exif:
    """What is known of one photo. Nothing known: the defaults."""

    orientation: int = 1  # 1..8 as EXIF numbers them
    focal_per_side: float | None = None  # focal length over the longer side of the photo
    camera: str = ""  # make, model, lens and focal setting; "" where the make and model are unknown
    gps: Gps | None = None
    taken_at: str | None = None


def read_exif(image: Image.Image) -> Exif:
    """The EXIF of an opened, not yet rotated photo."""
    try:
        main = image.getexif()
        detail, gps = main.get_ifd(_EXIF), main.get_ifd(_GPS)
    except _MALFORMED:
        return Exif()
    orientation = _number(main.get(_ORIENTATION))
    return Exif(
        orientation=int(orientation) if orientation and orientation in range(1, 9) else 1,
        focal_per_side=_focal_per_side(detail, *image.size),
        camera=_camera(main, detail),
        gps=_gps(gps),
        taken_at=_text(detail.get(_TAKEN_AT)) or _text(main.get(_CHANGED_AT)) or None,
    )


def _focal_per_side(detail: dict[int, Any], width: int, height: int) -> float | None:
    """Focal length over the longer side.

    The 35 mm equivalent compares diagonals: focal = equivalent / 43.27 mm x diagonal. Else the
    focal length in mm and the pixels per mm that the sensor has.
    """
    full_width, full_height = _full_size(detail, width, height)
    focal_px = None
    equivalent_mm, focal_mm = _number(detail.get(_FOCAL_35MM)), _number(detail.get(_FOCAL_MM))
    unit_mm = _PLANE_UNIT_MM.get(int(_number(detail.get(_PLANE_UNIT)) or 2))
    per_unit = _number(detail.get(_PLANE_X))
    if equivalent_mm:
        focal_px = equivalent_mm / _FULL_FRAME_DIAGONAL_MM * math.hypot(full_width, full_height)
    elif focal_mm and per_unit and unit_mm:
        focal_px = focal_mm * per_unit / unit_mm * max(_number(detail.get(_DIGITAL_ZOOM)) or 1, 1)
    if focal_px is None:
        return None
    # A photo of another aspect was cropped: its pixels keep their size. Else it was resized.
    aspect_changed = abs(full_width * height / (full_height * width) - 1) > 0.02
    focal = focal_px / (max(width, height) if aspect_changed else max(full_width, full_height))
    low, high = _PLAUSIBLE_FOCAL
    return focal if low <= focal <= high else None


def _full_size(detail: dict[int, Any], width: int, height: int) -> tuple[float, float]:
    """The size in pixels as the camera wrote it, turned like the photo."""
    full_width, full_height = _number(detail.get(_WIDTH)), _number(detail.get(_HEIGHT))
    if not full_width or not full_height:
        return width, height
    if (full_width > full_height) != (width > height):
        full_width, full_height = full_height, full_width
    if full_width < width and full_height < height:
        return width, height  # enlarged, or the tags belong to a preview
    return full_width, full_height


def _camera(main: Image.Exif, detail: dict[int, Any]) -> str:
    make, model = _text(main.get(_MAKE)), _text(main.get(_MODEL))
    if not make and not model:
        return ""
    focal_mm, equivalent = _number(detail.get(_FOCAL_MM)), _number(detail.get(_FOCAL_35MM))
    setting = f"{focal_mm or 0:.1f} mm, {equivalent or 0:.0f} mm equivalent"
    return ", ".join(part for part in (make, model, _text(detail.get(_LENS)), setting) if part)


def _gps(tags: dict[int, Any]) -> Gps | None:
    latitude, longitude = _angle(tags.get(2), tags.get(1)), _angle(tags.get(4), tags.get(3))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    if latitude == 0 and longitude == 0:
        return None  # what devices write when they do not know
    altitude = _number(tags.get(6))
    below_sea = tags.get(5) in (1, b"\x01")
    return Gps(
        latitude_deg=latitude,
        longitude_deg=longitude,
        altitude_m=-altitude if altitude is not None and below_sea else altitude,
    )


def _angle(parts: Any, hemisphere: Any) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    numbers = [_number(part) for part in parts]
    if any(number is None for number in numbers):
        return None
    degrees = sum((n or 0.0) / 60**place for place, n in enumerate(numbers))
    return -degrees if _text(hemisphere).upper() in ("S", "W") else degrees


def _number(value: Any) -> float | None:
    """A finite number, or None: EXIF rationals may be 0/0."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""
