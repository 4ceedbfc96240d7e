"""Colours by name: plain names, shades of them ("pale", "dark", "reddish"), and hex codes. Linear RGB.

Source of the shading: lightness and chroma in OKLab (Björn Ottosson, 2020), where equal steps look equal.
"""

from collections.abc import Sequence

from maquette.editing.grammar.cursor import Phrases
from maquette.editing.plan import Vector

_NAMES = """
white ffffff|snow fffafa|ivory fffff0|cream fff4d6|off white f8f4ea|eggshell f0ead6|linen faf0e6
vanilla f3e5ab|pearl eae6dc|bone e3dac9
black 0a0a0a|jet black 050505|charcoal 36454f|anthracite 383e42|graphite 41424c|onyx 353839|ebony 282420
coal 2a2a2a
grey 808080|gray 808080|silver c0c0c0|slate 708090|slate grey 708090|slate gray 708090|ash b2beb5
gunmetal 53565a|steel 7b8a94|smoke a0a4a4|stone 928e85|dove grey 9d9d9d
red d01818|crimson c4122f|scarlet e22b1c|ruby b5123f|cherry b3123a|burgundy 6d0f24|maroon 6b1020|wine 722f37
bordeaux 6b1a2a|brick b04030|brick red a83a32|rust a84a1e|vermilion e34234|tomato e84a32|fire red d2201a
fire engine red ce2029|blood red 8a0a0a|cardinal c41e3a|oxblood 5a1015|rose e05a7a|salmon fa8072|coral ff7f50
raspberry c32148|strawberry e03a4a|terracotta c0603f|terra cotta c0603f|red brown 7c3a26|reddish brown 7c3a26
orange f08010|tangerine f28500|pumpkin f27a18|apricot fbc38f|peach ffcba4|amber ffb000|carrot ed8a21
copper b87333|bronze a9712c|burnt orange cc5500|mandarin f37a20
yellow ffdf00|lemon fff04a|lemon yellow fff04a|gold e5b227|golden e5b227|mustard d8ab27|canary ffef5a
canary yellow ffef5a|saffron f0bd30|honey e5a823|sunflower ffc512|sand dcc48e|straw e0cf75|maize f5d760
blonde f3dfa2|ochre cc8420|banana ffe550
green 1f8a2f|lime 8fdf1f|lime green 3ccc32|olive 7a7a1c|olive green 6a7326|forest green 228b22|forest 228b22
emerald 28a75c|emerald green 28a75c|mint 98e8b8|mint green 98e8b0|sage 9caf88|sage green 9caf88|moss 6a8040
moss green 6a8040|jade 00a06a|pine 2a6a48|pine green 1d6440|grass green 4c9f2a|apple green 7ab82e
pea green 8aa82a|sea green 2e8b57|seafoam 8fe0b8|seafoam green 8fe0b8|hunter green 355e3b|racing green 0a4a2a
british racing green 0a4a2a|bottle green 0a5a3a|fern 4f7942|pistachio a8cf78|khaki bfb57e|avocado 667c26
neon green 39ff14|chartreuse 9fe01f|army green 4b5320|kelly green 4cbb17|spring green 20e080|leaf green 4d9a2a
teal 008080|turquoise 30d5c8|aqua 2bd8d8|aquamarine 6fe8c4|cyan 10cfe0|petrol 12606b|sea blue 13708a
duck egg blue c3dbd6|teal blue 0c6a80|blue green 0d8a8a|verdigris 43b3ae
blue 1f4fd8|navy 0a1a6a|navy blue 0a1a6a|royal blue 3350d0|sky blue 87ceeb|baby blue a5d3f5|powder blue b0dff0
ice blue c5e4f2|cobalt 0047ab|cobalt blue 0047ab|azure 2a86f0|indigo 40208a|midnight blue 16186a
steel blue 4682b4|cornflower 6495ed|cornflower blue 6495ed|denim 2f60a8|electric blue 1f5cff|sapphire 1b47ab
ultramarine 2420b0|dodger blue 1e90ff|cerulean 1b8fcf|ocean blue 1a6aa8|ink 1a2340|prussian blue 0a3050
marine 14407a|marine blue 14407a
purple 7a1fa0|violet 8a38d8|lavender bfa5e5|lilac c3a3d8|mauve b585a5|plum 7a2f6f|aubergine 45204a
eggplant 553060|magenta d8189a|fuchsia d8189a|orchid c868c8|amethyst 9763c8|grape 6a2a9a|mulberry a04080
heather a890b8
pink f48fb8|hot pink ff5fae|rose pink f08aa8|salmon pink ff91a4|blush f0c0c0|bubblegum ff9ccf
bubblegum pink ff9ccf|flamingo fc8eac|fuchsia pink d8189a|dusty pink d0a0a5|shocking pink fc2fa8
neon pink ff4fb5|candy pink f48fb0|baby pink f7c4d4
brown 7b4a21|chocolate 5a3018|chocolate brown 5a3018|chestnut 7c4028|mahogany 6a2a1c|coffee 5f4330
mocha 7a5843|espresso 3c2a21|caramel b5743a|cinnamon 9c5a2a|tan cfae84|beige ebdfc3|taupe 8b7d6b|walnut 5b3f2a
oak b08a58|hazel 8e7042|umber 635147|sienna a0522d|sepia 704e28|camel c19a6b|buff e5cf9b|nutmeg 7e4a3b
russet 80461b|fawn dcb98a|biscuit e5cfa5|toffee a56a35|nude e3bc9a|champagne f0deb8|bark 5c4630
khaki brown 8a7650|cognac 964a2a
"""


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


COLORS: dict[str, Vector] = {
    entry.rpartition(" ")[0]: linear_from_hex(entry.rpartition(" ")[2])
    for line in _NAMES.strip().splitlines()
    for entry in line.split("|")
}
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
