"""Sizes: "50 cm tall", "20 % wider", "twice as tall", "longer by a foot", "to half its size", "as tall as the lamp"."""

from dataclasses import replace

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.quantities import Length
from maquette.editing.grammar.slots import Size, Slots

AXES: Phrases[str] = Phrases(
    {
        "tall|high|<in|of> height|height|in the height": "height",
        "wide|broad|<in|of> width|across|width": "width",
        "long|<in|of> length|length": "length",
        "deep|<in|of> depth|depth": "depth",
        "thick|<in|of> thickness|thickness": "thickness",
        "big|large|<in|of> size|size": "size",
    }
)
COMPARATIVES: Phrases[tuple[str, int]] = Phrases(
    {
        "taller|higher|more height": ("height", 1),
        "shorter|less tall|less high|lower": ("height", -1),
        "wider|broader|more width": ("width", 1),
        "narrower|slimmer|less wide": ("width", -1),
        "longer|more length": ("length", 1),
        "less long": ("length", -1),
        "deeper": ("depth", 1),
        "less deep|shallower": ("depth", -1),
        "thicker|fatter": ("thickness", 1),
        "thinner|less thick": ("thickness", -1),
        "bigger|larger|greater|huger|more big": ("size", 1),
        "smaller|tinier|littler|less big": ("size", -1),
    }
)
_BARE_AXES: Phrases[str] = Phrases(
    {
        "tall|high": "height",
        "wide|broad": "width",
        "long": "length",
        "deep": "depth",
        "thick": "thickness",
    }
)
GRADES = Phrases(
    {
        "[just|only] [a] <bit|little|tad|touch|shade|notch|smidge> [bit]|a tiny bit|a little bit|slightly|somewhat"
        "|ever so slightly": 0.5,
        "much|[a whole] lot|a lot|far|way|considerably|noticeably|significantly|a good deal|a fair bit|quite a bit"
        "|a great deal|very much": 2.0,
    }
)  # fmt: skip
_STEPS = {
    0.5: 1.1,
    None: 1.25,
    2.0: 1.5,
}  # what "a bit bigger", "bigger", "much bigger" multiply by
_SELF = "[its|the|their] [original|current|present|former]"
_OF_SIZE = phrases(f"[of] {_SELF} <size|scale> [now]|in size|as large|as big")
_AS_NOW = phrases(
    "<now|before|it is [now|currently]|is now|it was [before]|they are [now]|currently|they were>"
)
_NO_SIZE = phrases(  # what follows an amount that is none of size
    "brighter|dimmer|[the|its|their] <power|brightness|strength|intensity|light>|stronger|weaker|[as] <bright|strong"
    "|dark|light"
    "|shiny|dim>|transparent|opaque|see|translucent|more|less|roughness|darker|lighter|opacity|turn|as <far|much>"
)
_PROPORTIONAL = phrases(
    "proportionally|uniformly|in proportion|evenly in all directions|<keep|keeping> [its|the] <proportions"
    "|aspect ratio>|overall"
    "|in all directions|proportionately|without distorting it"
)


def size(context: Context, slots: Slots) -> bool:
    """One statement of size."""
    cursor = context.cursor
    start = cursor.at
    for reader in (_alike, _dimensions, _amount_of_size, _comparative):
        cursor.at = start
        if reader(context, slots):
            if cursor.take(_PROPORTIONAL):
                slots.keeps_proportions = True
            return True
    cursor.at = start
    return False


def _alike(context: Context, slots: Slots) -> bool:
    """ "as tall as the lamp", "the same height as the shelf", "to match the width of the rug"."""
    cursor = context.cursor
    cursor.take("<until|till> <it is|they are|its>|so <it is|they are>")
    cursor.take("to be|be|to|exactly|have|[to] match|just|exactly")
    axis = None
    if cursor.take("as"):
        axis = cursor.match(AXES)
        if axis is None or not cursor.take("as"):
            return False
    else:
        cursor.take("the|be")
        same = cursor.take("same")
        axis = cursor.match(AXES)
        if axis is None or not cursor.take("as|like|of" if same else "of"):
            return False
    ref = noun_phrase(context)
    if ref is None:
        return False
    if ref.pronoun == "other" and not ref.noun:
        ref = replace(ref, noun=context.topic_noun)
    slots.sizes.append(Size(axis, like=ref))
    return True


def _dimensions(context: Context, slots: Slots) -> bool:
    """ "60 by 90 cm", "2 m x 1 m x 40 cm": width, depth, height; what hangs on a wall has width and height."""
    cursor = context.cursor
    cursor.take("to|at|to be|be")
    values: list[float] = []
    units: list[float | None] = []
    while True:
        value = quantities.number(cursor)
        if value is None:
            return False
        values.append(value)
        units.append(cursor.match(quantities.UNITS))
        cursor.take("wide|tall|high|long|deep")
        if not cursor.take("x|by|×|*") or len(values) == 3:
            break
    unit = next((u for u in reversed(units) if u is not None), None)
    if len(values) < 2 or unit is None:
        return False
    metres = [value * (own or unit) for value, own in zip(values, units, strict=True)]
    axes = (
        ("width", "depth", "height")
        if len(metres) == 3 or not slots.is_thin
        else ("width", "height")
    )
    slots.sizes += [Size(axis, length=length) for axis, length in zip(axes, metres, strict=False)]
    return True


def _amount_of_size(context: Context, slots: Slots) -> bool:
    """An amount, and what it measures if that is said."""
    cursor = context.cursor
    cursor.take("exactly|only|just|about|to be|be|like|around|approximately|have")
    by = cursor.take("by")
    to = not by and cursor.take("[down|up|back] to|at|of")
    cursor.take("only|just|exactly|like|about|around")
    start = cursor.at
    cursor.take("a|an|the")
    of = cursor.match(AXES) if cursor.at > start else None
    if of is not None and cursor.take("of"):
        length = quantities.length(cursor)
        if length is not None and length.metres is not None:
            slots.sizes.append(Size(of, length=length.metres))
            return True
    cursor.at = start
    length = quantities.length(cursor, needs_unit=True)
    if length is not None:
        return _length(context, slots, length, to=to, by=by)
    percent = quantities.percent(cursor)
    if percent is not None:
        return _percent(cursor, slots, percent, to=to, by=by)
    factor = quantities.factor(cursor)
    if factor is not None:
        return _factor(cursor, slots, factor, to=to)
    if cursor.take("in half|in two") and slots.verb == "shrink":
        slots.factor, slots.is_to = 0.5, True
        return True
    cursor.at = start
    value = quantities.number(cursor)
    axis = cursor.match(_BARE_AXES) if value is not None and not by else None
    if value is not None and axis is not None:  # "0.8 high": metres
        slots.sizes.append(Size(axis, length=value))
        return True
    cursor.at = start
    if by or to:
        value = quantities.number(cursor)
        is_other = cursor.sees(quantities.UNITS) or cursor.sees(
            "w|watts|watt|k|kelvin|°|degrees|by|lumens|percent|%|in|on"
        )
        if value is not None and not is_other:
            slots.number, slots.is_to = value, to
            return True
    return False


def _length(context: Context, slots: Slots, length: Length, *, to: bool, by: bool) -> bool:
    cursor = context.cursor
    comparative = _comparison(cursor, slots)
    if comparative is not None:
        if cursor.take("than"):
            return False
        axis, sign = comparative
        if length.metres is None:
            slots.sizes.append(
                Size(axis, factor=_STEPS[0.5 if length.amount == 1 else 2.0] ** sign)
            )
        else:
            slots.sizes.append(Size(axis, change=sign * length.metres))
        return True
    if length.metres is None:
        return False
    axis = cursor.match(AXES)
    if axis is not None:
        grows = {"enlarge": 1, "shrink": -1, "raise": 1, "lower": -1}.get(slots.verb, 0)
        is_change = by and grows
        slots.sizes.append(
            Size(axis, change=grows * length.metres)
            if is_change
            else Size(axis, length=length.metres)
        )
        return True
    if to and not cursor.sees(
        "to the|left|right|from|closer|away|further|toward|towards|above|off|up|down|in front"
        "|behind|to"
    ):
        slots.to_length = length.metres
        return True
    return False


def _percent(cursor: Cursor, slots: Slots, percent: float, *, to: bool, by: bool) -> bool:
    comparative = _comparison(cursor, slots)
    if comparative is not None:
        slots.sizes.append(Size(comparative[0], factor=1 + comparative[1] * percent))
        return True
    if cursor.sees(_NO_SIZE):
        return False
    of = cursor.take(f"of <that|it|this>|of {_SELF}|<its|the|their> [original|current]")
    axis = cursor.match(AXES)
    cursor.take("scale")
    if axis is not None and axis != "size":
        slots.sizes.append(Size(axis, factor=percent))
        return True
    slots.percent, slots.is_to = percent, to or of or axis is not None
    if by:
        slots.is_to = False
    return True


def _factor(cursor: Cursor, slots: Slots, factor: float, *, to: bool) -> bool:
    cursor.take("times")
    comparative = _comparison(cursor, slots)
    if comparative is not None:  # "3x bigger", "a third smaller"
        if comparative[1] < 0:
            factor = 1 / factor if factor > 1 else 1 - factor
        elif factor < 1:
            factor = 1 + factor
        slots.sizes.append(Size(comparative[0], factor=factor))
        return True
    if cursor.sees(_NO_SIZE) or slots.verb == "duplicate":
        return False
    if cursor.take("as"):
        axis = cursor.match(AXES) or "size"
        if factor < 1 and cursor.take("again"):  # "half as big again": so much is added
            factor += 1
        slots.sizes.append(Size(axis, factor=factor))
        if cursor.take("as"):
            cursor.take(_AS_NOW)
        return True
    has_size = cursor.take(_OF_SIZE)
    if not has_size and cursor.take("its|the|their"):
        cursor.take("original|current|present")
        axis = cursor.match(AXES)
        if axis is None:
            return False
        slots.sizes.append(Size(axis, factor=factor))
        return True
    slots.factor, slots.is_to = factor, to or has_size
    return True


def _comparative(context: Context, slots: Slots) -> bool:
    """ "a bit taller", "wider by 20 cm"."""
    cursor = context.cursor
    cursor.take("to be|be|even|to")
    grade = cursor.match(GRADES)
    comparative = _comparison(cursor, slots)
    if comparative is None or cursor.sees("than"):
        return False
    axis, sign = comparative
    start = cursor.at
    if cursor.take("[,] by"):
        length = quantities.length(cursor, needs_unit=True)
        if length is not None and length.metres is not None:
            slots.sizes.append(Size(axis, change=sign * length.metres))
            return True
        percent = quantities.percent(cursor)
        share = percent if percent is not None else quantities.factor(cursor)
        if share is not None:
            factor = 1 + sign * share if share < 1 or percent is not None else share**sign
            slots.sizes.append(Size(axis, factor=factor))
            return True
        cursor.at = start
    slots.sizes.append(Size(axis, factor=_STEPS[grade] ** sign, is_comparative=True))
    return True


def _comparison(cursor: Cursor, slots: Slots) -> tuple[str, int] | None:
    """ "higher" of what hangs is no size, but a place."""
    hangs = slots.is_thin or slots.verb in ("hang", "move", "raise", "lower")
    if hangs and cursor.sees("higher|lower"):
        return None
    return cursor.match(COMPARATIVES)
