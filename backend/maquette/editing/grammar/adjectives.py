"""Words before and after a noun that tell which one: properties, superlatives, ordinals, sides."""

from typing import Any, cast

from maquette.editing.grammar.colors import COLOR_NAMES, ISH, SHADES
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases, words
from maquette.editing.plan import Attribute, Measure

_SIZES = Phrases(
    {
        "big|large|huge|giant|great|massive|enormous|gigantic|oversized": "big",
        "small|little|tiny|mini|wee|petite|miniature|teeny": "small",
        "tall|high": "tall",
        "short|low": "short",
        "wide|broad": "wide",
        "narrow|slim|slender|skinny": "narrow",
        "long": "long",
        "thin": "thin",
        "thick|fat": "thick",
        "flat": "flat",
    }
)
MATERIALS = Phrases(
    {
        "wooden|wood|timber|woody|wicker": "wood", "metal|metallic|[stainless] steel|iron|chrome|aluminium"
        "|aluminum": "metal",
        "glass": "glass", "plastic": "plastic", "leather": "leather", "fabric|cloth|textile|upholstered": "fabric",
        "stone|granite": "stone", "marble": "marble", "ceramic|porcelain|china": "ceramic", "concrete": "concrete",
        "brass": "brass", "rubber": "rubber", "paper|cardboard": "paper", "shiny|glossy|polished": "shiny",
        "matte|matt|mat": "matte", "transparent|see through|translucent": "transparent", "glowing": "glowing",
    }
)  # fmt: skip
SHAPES = Phrases(
    {
        "round|circular": "round",
        "square": "square",
        "rectangular|boxy|<box|cube> shaped|boxlike|cubic": "box",
        "cylindrical|cylinder shaped": "cylinder",
        "spherical|ball shaped": "sphere",
    }
)
_STATES = Phrases(
    {
        "selected|highlighted|chosen|marked|picked": "selected", "hidden|invisible": "hidden", "visible": "visible",
        "locked": "locked", "unlocked": "unlocked", "stacked|piled [up]": "stacked",
        "empty|free|unoccupied|vacant": "empty",
    }
)  # fmt: skip
_LIGHT = phrases("light [colored|coloured]|pale|bright")
_DARK = phrases("dark [colored|coloured]")
_ODD = phrases("differently <coloured|colored>|odd [coloured|colored|one out]")
# adjectives that tell nothing about which one
EMPTY_ADJECTIVES = words(
    "whole entire same actual existing current old nice lovely own remaining lone single potted particular certain"
    " bedside kitchen desktop damn bloody stupid ugly silly beautiful pretty poor good dear various different very"
    " really rather overhead household complete said standing cute favorite favourite precious"
    " fancy cheap modern vintage"
    " only antique dusty dirty broken comfy cozy cosy regular normal usual ordinary plain boring annoying freaking new"
)
SUPERLATIVES: Phrases[tuple[Measure, bool]] = Phrases(
    {
        "biggest|largest|bigger|larger|greatest|hugest": ("size", True),
        "smallest|smaller|littlest|tiniest": ("size", False),
        "tallest|taller|highest|higher": ("height", True),
        "shortest|shorter|lowest": ("height", False),
        "widest|wider|broadest|broader": ("width", True),
        "narrowest|narrower|slimmest|slimmer": ("width", False),
        "thinnest|thinner": ("thickness", False),
        "longest|longer": ("length", True),
        "thickest|thicker|fattest": ("thickness", True),
        "brightest|lightest|palest|brighter|lighter": ("lightness", True),
        "darkest|darker": ("lightness", False),
        "leftmost|left most|[far] left|left hand [most]|<furthest|farthest> left|lefthand|left side": ("left", True),
        "rightmost|right most|[far] right|right hand [most]|<furthest|farthest> right|righthand"
        "|right side": ("right", True),
        "frontmost|front [most]|foremost": ("front", True),
        "backmost|rearmost|back|rear|far|hindmost": ("back", True),
        "topmost|top [most]|upper|uppermost": ("top", True),
        "bottommost|bottom [most]|undermost|lowermost|lower": ("bottom", True),
    }
)  # fmt: skip
SORTABLE = ("size", "height", "width", "depth", "length", "lightness")
ROOMS = (
    "room|picture|scene|image|view|house|garden|kitchen|bathroom|bedroom|office|shop|store|hall|hallway|attic|studio|lab"
    "|museum|gym|lounge|lobby|hotel|restaurant|bar room|church|warehouse|school|park|forest"
    "|street|court|court yard|courtyard"
    "|balcony|cellar|chamber|salon|apartment|workshop|factory|hospital|station|theatre|theater|camp|campsite|terrain"
    "|laboratory|library|garage|nursery|cafe|restaurant|classroom|gym|basement|corridor"
    "|living room|space|yard|flat|place"
)
MOST_DISTANT = Phrases(  # whether it is the farthest
    {
        "nearest|closest": False,
        "<farthest|furthest> [away]|most distant|remotest": True,
    }
)
NEAREST = Phrases(
    {
        "nearest|closest|nearer|closer": False,
        "farthest|furthest|farther|further|most distant|remotest": True,
    }
)
ORDINALS = Phrases(
    {
        "first|1st": 0, "second|2nd": 1, "third|3rd": 2, "fourth|4th": 3, "fifth|5th": 4, "sixth|6th": 5,
        "seventh|7th": 6, "eighth|8th": 7, "ninth|9th": 8, "tenth|10th": 9, "last|final": -1,
    }
)  # fmt: skip
FROM_SIDE: Phrases[Measure] = Phrases(
    {
        "from [the] left [side]|on the left": "left",
        "from [the] right [side]|on the right": "right",
        "from the front": "front",
        "from the <back|rear>|from behind": "back",
        "from the top|from above": "top",
        "from the bottom|from below": "bottom",
    }
)
AT_SIDE: Phrases[Any] = Phrases(
    {
        "<on|at> [the|my] [far|very] left [hand] [side|end]|to the far left|<furthest|farthest|most> [to the] left"
        "|all the way left": "left",
        "<on|at> [the|my] [far|very] right [hand] [side|end]|to the far right|<furthest|farthest|most> [to the] right"
        "|all the way right": "right",
        "<in|at> the [very] <back|rear|background>|all the way back": "back",
        "<in|at> the [very] front|in the foreground|up front": "front",
        "<on|at> [the] [very] top": "top",
        "<on|at> the [very] bottom": "bottom",
        "<in|at> the [very] <middle|center|centre>": "middle",
    }
)


def color_name(cursor: Cursor) -> str:
    """The name of the colour at the cursor, steps over it: "dark green", "reddish brown"; "" if there is none."""
    start = cursor.at
    whole = cursor.match(COLOR_NAMES)
    if whole is not None:
        return whole
    ish = cursor.match(ISH)
    if ish is not None:
        other = cursor.match(COLOR_NAMES)
        return f"{ish} {other}" if other else ish
    cursor.take("very|really|nice")
    shade = cursor.match(SHADES)
    if shade is not None:
        cursor.take(",")
        base = cursor.match(COLOR_NAMES)
        if base is not None:
            return base if shade == "plain" else f"{shade} {base}"
    cursor.at = start
    return ""


def attribute_at(cursor: Cursor) -> Attribute | None:
    """The adjective at the cursor, stepped over."""
    color = color_name(cursor)
    if color:
        cursor.take("coloured|colored")
        return Attribute(kind="color", value=color)
    for kind, table in (
        ("size", _SIZES),
        ("shape", SHAPES),
        ("state", _STATES),
        ("material", MATERIALS),
    ):
        value = cursor.match(table)
        if value is not None:
            cursor.take("looking")
            return Attribute(kind=cast(Any, kind), value=value)
    for value, table in (("light", _LIGHT), ("dark", _DARK), ("different", _ODD)):
        if cursor.take(table):
            return Attribute(kind="color", value=value)
    return None
