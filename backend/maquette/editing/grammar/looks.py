"""Colours and materials: "dark green", "a bit warmer", "brushed metal", "roughness 0.4"."""

from dataclasses import replace
from typing import Any

from maquette.editing.grammar import colors, quantities
from maquette.editing.grammar.adjectives import color_name
from maquette.editing.grammar.build import Unclear
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.sizes import GRADES
from maquette.editing.grammar.slots import Slots
from maquette.editing.plan import Vector

_METALS = {
    "gold": "gold",
    "silver": "silver",
    "copper": "copper",
    "bronze": "bronze",
    "brass": "gold",
}
LOOKS: Phrases[dict[str, Any]] = Phrases(
    {
        "shiny|glossy|polished|lustrous|gleaming|[high] gloss|reflective|a shine|satiny|lacquered|mirror like shine": {
            "roughness": 0.1,
        },
        "satin|semi gloss|semi matte|eggshell finish": {"roughness": 0.5},
        "matte|matt|mat|dull|unpolished|<not|non> <shiny|glossy>|<without|no> shine|rough"
        "|flat finish": {"roughness": 0.9},
        "smooth": {"roughness": 0.2},
        "metallic|metal|metallized|iron": {"metallic": 1.0},
        "<shiny|polished> metal": {"metallic": 1.0, "roughness": 0.1},
        "brushed <metal|steel|aluminium|aluminum>|brushed": {"metallic": 1.0, "roughness": 0.4},
        "[stainless] steel|aluminium|aluminum": {"metallic": 1.0, "roughness": 0.3, "color_name": "silver"},
        "chrome|chromed|mirror like|mirror|mirrored|a mirror": {
            "metallic": 1.0, "roughness": 0.05, "color_name": "silver",
        },
        "not <metallic|metal>|non metallic|<no|without> [the] <metal|metallic> [look]|no longer metallic|unmetallic": {
            "metallic": 0.0,
        },
        "[clear|tinted] glass|see through|transparent|translucent|clear|glassy|seethrough|crystal [clear]|glass like": {
            "alpha": 0.25, "roughness": 0.05, "metallic": 0.0,
        },
        "<frosted|milky> glass": {"alpha": 0.5, "roughness": 0.6, "metallic": 0.0},
        "<half|semi|partly|partially> <transparent|see through>|semitransparent": {"alpha": 0.5},
        "[fully|completely] opaque|solid|not <transparent|see through>": {"alpha": 1.0},
        "[light|oak] wood|wooden|timber": {"color_name": "oak", "roughness": 0.6, "metallic": 0.0, "name": "wood"},
        "<dark|walnut> wood": {"color_name": "walnut", "roughness": 0.6, "metallic": 0.0, "name": "dark wood"},
        "plastic": {"metallic": 0.0, "roughness": 0.4, "alpha": 1.0, "name": "plastic"},
        "rubber|rubbery": {"metallic": 0.0, "roughness": 0.9, "alpha": 1.0, "name": "rubber"},
        "marble": {"color_name": "off white", "metallic": 0.0, "roughness": 0.2, "name": "marble"},
        "stone|granite": {"color_name": "stone", "metallic": 0.0, "roughness": 0.8, "name": "stone"},
        "concrete|cement": {"color_name": "stone", "metallic": 0.0, "roughness": 0.9, "name": "concrete"},
        "leather": {"metallic": 0.0, "roughness": 0.5, "name": "leather"},
        "fabric|cloth|velvet|felt|wool|cotton|linen": {"metallic": 0.0, "roughness": 0.95, "name": "fabric"},
        "ceramic|porcelain|china": {"metallic": 0.0, "roughness": 0.15, "name": "ceramic"},
        "glow|glowing|luminous|emissive|emit light|shine|radiant|lit up|light up": {"emission": 1.0},
        "<glow|glowing> <softly|gently|a bit|a little|faintly|slightly|dimly>|<softly|faintly"
        "|gently> glowing": {"emission": 0.5},
        "<glow|glowing> <brightly|strongly|intensely>|<brightly|strongly> glowing": {"emission": 5.0},
        "stop glowing|not <glow|glowing>|no longer glow|<no|without> glow": {"emission": 0.0},
    }
    | {
        f"[<polished|solid|real|shiny|metallic|pure>] {metal} <metal|plated|plating>|<polished|solid|real|shiny"
        f"|metallic|pure> {metal}": {
            "metallic": 1.0, "roughness": 0.15, "color_name": color,
        }
        for metal, color in _METALS.items()
    }
    | {
        "gilded|golden metal": {"metallic": 1.0, "roughness": 0.15, "color_name": "gold"},
        "brass": {"metallic": 1.0, "roughness": 0.2, "color_name": "gold"},
    }
)  # fmt: skip
CHANGES: Phrases[tuple[str, float]] = Phrases(
    {
        "lighter|paler|brighter|less dark": ("lightness_change", 0.1),
        "darker|deeper in color|less <bright|light>": ("lightness_change", -0.1),
        "more <saturated|vivid|colorful|colourful|intense|vibrant>|stronger in color|less <grey|gray|dull|muted>": (
            "saturation_change", 0.25,
        ),
        "less <saturated|vivid|colorful|colourful|intense|vibrant>|duller|more <muted|faded>|paler in color|greyer"
        "|grayer"
        "|washed out|faded": ("saturation_change", -0.25),
        "warmer|more warm": ("warmth_change", 0.1),
        "cooler|colder|more cool": ("warmth_change", -0.1),
        "shinier|glossier|smoother|more <shiny|glossy|polished|reflective>|less <rough|matte"
        "|matt>": ("roughness_change", -0.25),
        "rougher|less <shiny|glossy|polished|reflective>|more <matte|matt|rough>|duller in shine": (
            "roughness_change", 0.25,
        ),
        "more <transparent|see through>|clearer|less opaque": ("alpha_change", -0.25),
        "less <transparent|see through>|more opaque": ("alpha_change", 0.25),
    }
)  # fmt: skip
SCALARS = Phrases(
    {
        "roughness": "roughness",
        "metallic|metalness|metallicity|metallicness|metalicity": "metallic",
        "opacity|alpha": "alpha",
        "transparency": "transparency",
        "emission [strength]|glow strength": "emission",
    }
)
_BECOME = phrases("[to] <be|look|become|turn>|becomes|turns|[to] have|[to] <look|appear> like")
_MADE_OF = phrases("into|[be] made [out] of|of|out of|made from|from|as|look like")
_IN = phrases("in|with|to")
_RATHER = phrases(
    "a|an|more|the [very] same|the|some|plain|nice|all|[more] of a|rather|quite|pretty|back to"
    "|very|really|more of a|kind of|completely"
    "|fully|totally"
    "|entirely|[a] [new|fresh] <coat|layer|lick|coating> of"
)
_LIKE = phrases(
    "[the] same [color|colour|material|look|finish|shade] <as|like>|the <color|colour|material|look|finish|shade> of"
    "|[to] match [the <color|colour|look|material> of]|matching|colored like|coloured like|<look|looks> like|like"
    "|<color|colour> of|the same as"
)
_TRAILING = phrases(
    "[paint] job|color|colour|paint|tone|shade|hue|tint|finish|look|material|surface|appearance|texture|all over"
)
_THING = phrases("one|ones|thing|things|object|objects")


def look(context: Context, slots: Slots) -> bool:
    """One statement of looks."""
    cursor = context.cursor
    start = cursor.at
    cursor.take(_BECOME)
    made_of = cursor.take(_MADE_OF) and cursor.word(-1) != "like"
    if not made_of:
        cursor.take(_IN)
    at = cursor.at
    if cursor.take("[the] <look|appearance|finish|color|colour> of") and _named(
        context, slots, made_of=True
    ):
        return True
    cursor.at = at
    if _like(context, slots):
        return True
    cursor.at = at
    if cursor.word(-1) == "from" and color_name(cursor) and cursor.sees("to|into"):
        return True  # "from white to blue"
    cursor.at = at
    if cursor.take("not [be|in]|instead of|rather than|and no longer|no longer|no more") and (
        cursor.match(LOOKS) or color_name(cursor)
    ):
        cursor.take(_TRAILING)
        return not context.nouns.find(cursor)  # "blue, not red", "black instead of green"
    cursor.at = at
    if _change(context, slots):
        return True
    cursor.at = at
    for _ in range(3):
        if _scalar(context, slots) or _transparency(context, slots) or _code(context, slots):
            return True
        if _named(context, slots, made_of=made_of):
            return True
        if not cursor.take(_RATHER):
            break
    cursor.at = start
    return False


def _change(context: Context, slots: Slots) -> bool:
    """ "a bit darker", "20 % lighter", "a slightly lighter tone", "a lighter blue" (which is a colour)."""
    cursor = context.cursor
    cursor.take("a|an|the|some")
    grade = cursor.match(GRADES)
    percent = quantities.percent(cursor) if grade is None else None
    at = cursor.at
    change = cursor.match(CHANGES)
    if change is None:
        return False
    name, amount = change
    after = cursor.at
    if color_name(cursor) and change[0] == "lightness_change":
        cursor.at = at
        named = color_name(cursor)
        if named:
            set_color(slots, named)
            cursor.take(_TRAILING)
            return True
        cursor.at = after
        color_name(cursor)  # "a bit darker blue", of what is blue
    else:
        cursor.at = after
    if cursor.take("by"):
        percent = quantities.percent(cursor)
    if percent is not None:
        amount = percent if amount > 0 else -percent
    elif grade == 2.0:
        amount *= 2
    slots.material[name] = amount
    cursor.take("tone|shade|color|colour|look|finish|hue|tint")
    cursor.take("than <before|it is|now>|version")
    return True


def _like(context: Context, slots: Slots) -> bool:
    """ "the same colour as the sofa", "match the sofa"."""
    cursor = context.cursor
    if not (cursor.take(_LIKE) or _same_color_as(cursor)):
        return False
    ref = noun_phrase(context, conjoined=False)
    if ref is not None and ref.pronoun == "other" and not ref.noun:
        ref = replace(ref, noun=context.topic_noun)
    if ref is None or (
        ref.noun and not context.nouns.count(ref.noun) and cursor.word(-2) == "like"
    ):
        return False
    if cursor.take("'s"):
        cursor.take("color|colour|material|look|finish")
    cursor.take("has|is|one|does")
    slots.material["like"] = ref
    return True


def _same_color_as(cursor: Cursor) -> bool:
    """ "the same green as (the third one)"."""
    start = cursor.at
    if cursor.take("[the] [very] same") and color_name(cursor) and cursor.take("as|like"):
        return True
    cursor.at = start
    return False


def _scalar(context: Context, slots: Slots) -> bool:
    """ "roughness 0.4", "opacity of 50 %", "0.2 roughness"."""
    cursor = context.cursor
    start = cursor.at
    kind = cursor.match(SCALARS)
    if kind is not None:
        cursor.take("[<should be|is|set>] [<down|up>] [<of|to|at|=|:|value of>]")
    value = _share(cursor)
    if value is not None and kind is None:
        cursor.take("of")
        kind = cursor.match(SCALARS)
    if value is None or kind is None:
        cursor.at = start
        return False
    set_scalar(slots, kind, value)
    return True


def _share(cursor: Cursor) -> float | None:
    """ "0.4", "40 %", "zero"."""
    value = quantities.percent(cursor)
    return quantities.number(cursor) if value is None else value


def set_scalar(slots: Slots, kind: str, value: float) -> None:
    """A number for a property of the material."""
    if kind == "transparency":
        kind, value = "alpha", 1 - (value if value <= 1 else value / 100)
    slots.material[kind] = value


def _transparency(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    start = cursor.at
    value = quantities.percent(cursor)
    if value is not None:
        if cursor.take("transparent|see through|translucent|transparency"):
            slots.material["alpha"] = 1 - value
            return True
        if cursor.take("opaque|opacity"):
            slots.material["alpha"] = value
            return True
    cursor.at = start
    return False


def _code(context: Context, slots: Slots) -> bool:
    """ "#1e90ff", "rgb(255, 128, 0)"."""
    cursor = context.cursor
    token = cursor.peek()
    if token is not None and token.kind == "hex":
        cursor.at += 1
        slots.material |= {"color": colors.linear_from_hex(token.word), "color_name": token.word}
        return True
    start = cursor.at
    if cursor.take("rgb"):
        parts = quantities.vector(cursor)
        if parts is not None and all(0 <= part <= 255 for part in parts):
            code = "#" + "".join(f"{round(part):02x}" for part in parts)
            slots.material |= {"color": colors.linear_from_hex(code), "color_name": code}
            return True
    cursor.at = start
    return False


def _named(context: Context, slots: Slots, *, made_of: bool) -> bool:
    """A colour or a material by name."""
    cursor = context.cursor
    start = cursor.at
    found = cursor.match(LOOKS)
    look_end = cursor.at
    cursor.at = start
    name = color_name(cursor)
    if found is not None and look_end >= cursor.at:
        cursor.at = look_end
        if _is_of_a_thing(context):
            cursor.at = start
            return False
        for key, value in found.items():
            if key != "color_name":
                slots.material[key] = value
            elif "color" not in slots.material:
                set_color(slots, value)
        cursor.take(_TRAILING)
        return True
    if not name or _is_of_a_thing(context):
        cursor.at = start
        return False
    cursor.take(_TRAILING)
    if name in _METALS and (made_of or slots.material.get("roughness") == 0.1):
        slots.material.setdefault("metallic", 1.0)
        slots.material.setdefault("roughness", 0.2)
    set_color(slots, name)
    return True


def _is_of_a_thing(context: Context) -> bool:
    """ "the red chair": a thing, no colour for it."""
    cursor = context.cursor
    if cursor.sees(_THING):
        return True
    return context.nouns.find(cursor) is not None and not cursor.sees(
        "color|colour|again|light|lights|paint|finish|look|shade|tone|surface|texture"
    )


def set_color(slots: Slots, name: str) -> None:
    """A colour by its name. Two of them tell not which thing gets which."""
    first = slots.material.get("color_name")
    if first and first != name and slots.found:
        raise Unclear(f"Which of them should be {first}, and which {name}?")
    slots.material["color"] = color_of(name)
    slots.material["color_name"] = name


def color_of(name: str) -> Vector:
    """Linear RGB of a colour as `color_name` gives it."""
    if name in colors.COLORS:
        return colors.COLORS[name]
    first, _, rest = name.partition(" ")
    if first == "very":
        second, _, rest = rest.partition(" ")
        first = f"very {second}"
    if rest in colors.COLORS and first in colors.COLORS:
        return colors.mixed(first, rest)
    if rest in colors.COLORS:
        return colors.shaded(first, rest)
    return colors.COLORS.get(first, (0.5, 0.5, 0.5))
