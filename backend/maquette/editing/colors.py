"""Whether a person would call a colour by a name: regions of OKLCh, generous at the borders.

Source: OKLab, Björn Ottosson 2020. Colours linear RGB.
"""

import math
from collections.abc import Sequence

from maquette.editing.grammar.colors import COLORS, linear_from_hex, oklab
from maquette_protocol.document import SceneObject

# name: lightness, chroma, hue (degrees; may pass through 0)
_REGIONS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "red": ((0.33, 0.72), (0.11, 0.4), (8, 40)),
    "orange": ((0.58, 0.88), (0.1, 0.3), (42, 80)),
    "yellow": ((0.74, 1.0), (0.1, 0.3), (78, 118)),
    "green": ((0.22, 0.95), (0.05, 0.4), (118, 172)),
    "teal": ((0.33, 0.78), (0.045, 0.2), (168, 222)),
    "turquoise": ((0.62, 0.97), (0.05, 0.2), (165, 222)),
    "blue": ((0.2, 0.93), (0.05, 0.35), (222, 292)),
    "navy": ((0.1, 0.42), (0.035, 0.3), (236, 292)),
    "purple": ((0.22, 0.82), (0.06, 0.35), (290, 338)),
    "pink": ((0.6, 0.95), (0.04, 0.3), (330, 32)),
    "brown": ((0.2, 0.64), (0.025, 0.16), (32, 90)),
    "beige": ((0.74, 0.98), (0.012, 0.1), (55, 115)),
    "cream": ((0.85, 0.995), (0.01, 0.11), (65, 118)),
    "black": ((0.0, 0.32), (0.0, 0.045), (0, 360)),
    "white": ((0.88, 1.01), (0.0, 0.035), (0, 360)),
    "grey": ((0.3, 0.9), (0.0, 0.04), (0, 360)),
    "silver": ((0.58, 0.95), (0.0, 0.035), (0, 360)),
    "gold": ((0.63, 0.93), (0.08, 0.25), (68, 107)),
}
_BASES = {
    "gray": "grey",
    "violet": "purple",
    "golden": "gold",
    "cyan": "turquoise",
    "aqua": "turquoise",
}
_SHADES: dict[str, tuple[float, float]] = {
    "dark": (0.0, 0.55), "deep": (0.0, 0.55), "very dark": (0.0, 0.45), "light": (0.66, 1.01), "pale": (0.66, 1.01),
    "pastel": (0.7, 1.01), "bright": (0.5, 1.01), "very light": (0.75, 1.01),
}  # fmt: skip
_NEAR = 0.13  # OKLab: still called by the name of that colour
_LIGHTS, _PER_STOP = (
    (0.7, 1.0, 1.4, 2.0),
    0.05,
)  # exposures of a photo's colours; OKLab per doubling
_WOOD_HUES = (30.0, 95.0)


def apparent_color(item: SceneObject) -> Sequence[float]:
    """(3 or 4,) linear RGB that people see: a photo's texture has its colour in the photos, all else its material's.

    White without a material.
    """
    if item.material is None:
        return (1.0, 1.0, 1.0)
    in_photos = item.extra.get("photo_color")
    if (
        item.material.texture
        and isinstance(in_photos, list)
        and len(in_photos) == 3
        and all(isinstance(value, int | float) for value in in_photos)
    ):
        return in_photos
    return item.material.base_color


def difference_in_light(item: SceneObject, name: str) -> float:
    """How far a thing's colour is from a name; what stands in photos may stand in light or shadow, at a price."""
    color = apparent_color(item)
    lights = _LIGHTS if color is item.extra.get("photo_color") else (1.0,)
    return min(
        distance_to([min(value * light, 1.0) for value in color[:3]], name)
        + _PER_STOP * abs(math.log2(light))
        for light in lights
    )


def oklch(rgb: Sequence[float]) -> tuple[float, float, float]:
    """Lightness, chroma, hue in degrees."""
    lightness, a, b = oklab(rgb)
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def difference(first: Sequence[float], second: Sequence[float]) -> float:
    """Perceptual distance (OKLab)."""
    return math.dist(oklab(first), oklab(second))


def is_called(rgb: Sequence[float], name: str) -> bool:
    """Whether a person would say that the colour is `name`."""
    lightness, chroma, hue = oklch(rgb)
    if name == "light":
        return lightness >= 0.7
    if name == "dark":
        return lightness <= 0.48
    shade, _, base = name.rpartition(" ")
    base = _BASES.get(base, base)
    if base in _REGIONS and (
        not shade or shade in _SHADES or shade in ("plain", "vivid", "strong")
    ):
        low, high = _REGIONS[base][0]
        if shade in _SHADES:
            low, high = _SHADES[shade]
        if base == "grey" and not shade and chroma <= 0.04:
            return low <= lightness <= high
        return low <= lightness <= high and _in_hue(base, chroma, hue)
    prototype = COLORS.get(name)
    return prototype is not None and difference(rgb, prototype) <= _NEAR


def _in_hue(base: str, chroma: float, hue: float) -> bool:
    _, (c0, c1), (h0, h1) = _REGIONS[base]
    in_hue = h0 <= hue <= h1 if h0 <= h1 else hue >= h0 or hue <= h1
    return c0 * 0.8 <= chroma <= c1 and in_hue


def distance_to(rgb: Sequence[float], name: str) -> float:
    """How far a colour is from what the name means at its best."""
    prototype = COLORS.get(name) or COLORS.get(name.rpartition(" ")[2])
    return difference(rgb, prototype) if prototype is not None else 1.0


def is_wooden(rgb: Sequence[float]) -> bool:
    """Looks like wood."""
    lightness, chroma, hue = oklch(rgb)
    return 0.2 < lightness < 0.9 and 0.02 < chroma < 0.14 and _WOOD_HUES[0] <= hue <= _WOOD_HUES[1]


def color_name(item: SceneObject) -> str:
    """What people call the colour of a thing with a material: yellow metal is gold, grey metal silver."""
    color = apparent_color(item)
    if item.material is not None and item.material.metallic >= 0.5:
        for metal in ("gold", "silver"):
            if is_called(color, metal):
                return metal
    return name_of(color)


def name_of(rgb: Sequence[float]) -> str:
    """The plain name of a colour."""
    lightness, chroma, hue = oklch(rgb)
    if 0.5 < lightness < 0.76 and 0.03 < chroma < 0.1 and 40 <= hue <= 90:  # wood, cardboard
        return "light brown"
    fitting = [name for name in _PLAIN if is_called(rgb, name)]
    if not fitting:
        return min(_PLAIN, key=lambda name: distance_to(rgb, name))
    best = min(fitting, key=lambda name: distance_to(rgb, name))
    if best in ("green", "blue", "red", "brown", "grey") and chroma > 0.0:
        if lightness < 0.43:
            return f"dark {best}"
        if lightness > 0.78:
            return f"light {best}"
    return best


_PLAIN = (
    "red", "orange", "yellow", "green", "teal", "turquoise", "blue", "purple", "pink", "brown", "beige", "black",
    "white", "grey",
)  # fmt: skip


def from_temperature(kelvin: float) -> tuple[float, float, float]:
    """Linear RGB of a black body, the brightest channel 1 (fit by Tanner Helland, 2012)."""
    t = min(max(kelvin, 1000.0), 40000.0) / 100
    red = 255.0 if t <= 66 else 329.698727446 * (t - 60) ** -0.1332047592
    green = (
        99.4708025861 * math.log(t) - 161.1195681661
        if t <= 66
        else 288.1221695283 * (t - 60) ** -0.0755148492
    )
    blue = (
        255.0 if t >= 66 else 0.0 if t <= 19 else 138.5177312231 * math.log(t - 10) - 305.0447927307
    )
    code = "".join(f"{round(min(max(v, 0.0), 255.0)):02x}" for v in (red, green, blue))
    return linear_from_hex(code)
