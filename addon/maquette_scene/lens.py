"""From K to Blender's lens and shift. Free of bpy.

Blender measures sensor and shift along the side that the sensor fits, and renders square pixels unless the scene says
otherwise. All is therefore reckoned in tangents of angles: a photo whose pixels are not square (fx is not fy) needs
no change of the scene, only a picture drawn with that aspect.
"""

from dataclasses import dataclass
from typing import Literal

SENSOR_MM = 36.0


@dataclass(frozen=True, kw_only=True)
class Lens:
    """What a Blender camera needs to see as a pinhole camera does."""

    sensor_fit: Literal["HORIZONTAL", "VERTICAL"]
    lens_mm: float
    shift_x: float  # in widths (heights where vertical) of the picture, as Blender
    shift_y: float
    picture_aspect: float  # width over height as the photo must be drawn
    pixel_aspect: float  # width over height of one pixel


def lens_of(K: tuple[tuple[float, ...], ...], width: int, height: int) -> Lens:
    """The lens of a pinhole camera. K: pixels, the centre of the top-left pixel is (0.5, 0.5)."""
    fx, fy, cx, cy = K[0][0], K[1][1], K[0][2], K[1][2]
    wide, high = width / fx, height / fy  # tangents
    horizontal = wide >= high
    fitted = wide if horizontal else high
    return Lens(
        sensor_fit="HORIZONTAL" if horizontal else "VERTICAL",
        lens_mm=SENSOR_MM / fitted,
        shift_x=(width / 2 - cx) / fx / fitted,
        shift_y=(cy - height / 2) / fy / fitted,
        picture_aspect=wide / high,
        pixel_aspect=fy / fx,
    )
