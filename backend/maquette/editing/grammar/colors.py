"""Colours by name: plain names, shades of them ("pale", "dark", "reddish"), and hex codes. Linear RGB.

Source of the shading: lightness and chroma in OKLab (Björn Ottosson, 2020), where equal steps look equal.
"""

from collections.abc import Sequence

from maquette.editing.grammar import data
from maquette.editing.grammar.cursor import Phrases
from maquette.editing.plan import Vector


def linear_from_hex(code: str) -> Vector:
    """ "#1E90FF" or "#08f" → linear RGB."""
    digits = code.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return (red, green, blue)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def oklab(rgb: Sequence[float]) -> Vector:
    """OKLab of linear RGB."""
    r, g, b = (max(0.0, value) for value in rgb[:3])
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def linear_from_oklab(lab: Sequence[float]) -> Vector:
    """Linear RGB of OKLab, clipped to what can be shown."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return (_clip(red), _clip(green), _clip(blue))


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def _read() -> dict[str, Vector]:
    named: dict[str, Vector] = {}
    for line in data.lines("colors"):
        code, _, names = line.partition(" ")
        named |= dict.fromkeys(names.split(", "), linear_from_hex(code))
    return named


COLORS = _read()
COLOR_NAMES = Phrases({name: name for name in COLORS})

# shade: lightness (towards 1 or 0), chroma factor
_SHADES: dict[str, tuple[float, float]] = {
    "light": (0.55, 0.6), "pale": (0.65, 0.5), "pastel": (0.6, 0.55), "soft": (0.4, 0.6), "bright": (0.15, 1.2),
    "vivid": (0.05, 1.3), "dark": (-0.35, 0.8), "deep": (-0.3, 1.0), "dull": (0.0, 0.5), "muted": (0.0, 0.55),
    "rich": (-0.1, 1.15), "warm": (0.05, 1.0), "cool": (0.0, 0.95), "medium": (0.0, 1.0), "neon": (0.2, 1.4),
    "strong": (0.0, 1.2), "faded": (0.3, 0.5), "plain": (0.0, 1.0), "pure": (0.0, 1.15), "dusty": (0.2, 0.5),
    "saturated": (0.0, 1.3), "very dark": (-0.55, 0.75), "very light": (0.75, 0.4),
}  # fmt: skip
SHADES = Phrases(
    {name: name for name in _SHADES}
    | {
        "lighter": "light",
        "darker": "dark",
        "brighter": "bright",
        "solid|nice|normal|simple": "plain",
    }
)
# exact ones that the rule would miss: their names are colours of their own
_EXACT = {
    "light blue": "add8f0", "light green": "90e890", "dark green": "0a5a14", "dark red": "8a0c0c",
    "dark blue": "0c1c7a", "dark grey": "454545", "light grey": "d0d0d0", "pale beige": "f2ead6",
    "light pink": "f8c4d4", "light brown": "a8763f", "dark brown": "4a2a12", "light yellow": "fff3a0",
}  # fmt: skip
_ISH = {
    "reddish": "red", "greenish": "green", "bluish": "blue", "yellowish": "yellow", "brownish": "brown",
    "greyish": "grey", "grayish": "grey", "purplish": "purple", "pinkish": "pink", "orangey": "orange",
    "orangish": "orange", "whitish": "white", "blackish": "black", "silvery": "silver",
}  # fmt: skip
ISH = Phrases(_ISH)


def shaded(shade: str, name: str) -> Vector:
    """The colour that "light blue" or "deep purple" means."""
    name = name.replace("gray", "grey")
    if f"{shade} {name}" in _EXACT:
        return linear_from_hex(_EXACT[f"{shade} {name}"])
    lift, chroma = _SHADES[shade]
    lightness, a, b = oklab(COLORS[name])
    lightness += lift * ((0.95 - lightness) if lift > 0 else lightness)
    return linear_from_oklab((lightness, a * chroma, b * chroma))


def mixed(name: str, other: str) -> Vector:
    """ "reddish brown": mostly the second, some of the first."""
    first, second = oklab(COLORS[name]), oklab(COLORS[other])
    lightness, a, b = (0.35 * x + 0.65 * y for x, y in zip(first, second, strict=True))
    return linear_from_oklab((lightness, a, b))
