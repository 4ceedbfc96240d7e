"""A named property of a thing: "reduce the height of the stool to 45 cm", "lower its roughness to 0.2"."""

from typing import Any, cast

from maquette.editing.grammar import quantities
from maquette.editing.grammar.build import GROWTH, VERB_FACTORS, operations, scaled
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.looks import CHANGES, set_scalar
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.slots import Slots
from maquette.editing.grammar.states import free_name
from maquette.editing.plan import (
    Lamp,
    Material,
    Operation,
    Ref,
    Rename,
    Resize,
    Rotate,
    Scale,
    Visibility,
)

PROPERTIES: Phrases[str] = Phrases(
    {
        "height": "height", "width": "width", "depth": "depth", "thickness": "thickness", "length": "length",
        "<size|scale|dimensions>": "size",
        "[wall|paint|light] <color|colour|paint|tone|shade>": "color",
        "material|finish|surface|look|texture|appearance": "look",
        "roughness [value|level]": "roughness", "<metallic|metalness|metallicity> [value|level]": "metallic",
        "<opacity|alpha> [value|level]": "alpha",
        "transparency": "transparency", "emission|glow": "emission",
        "[light] <brightness|power|intensity|strength|output|wattage>|light": "power",
        "[color|colour|light] temperature": "temperature", "name": "name", "label": "label", "saturation": "saturation",
        "rotation|orientation|angle": "angle",
        "visibility": "visibility",
    }
)  # fmt: skip
_SIDES = ("height", "width", "depth", "length", "size")
_TO_BE = phrases(
    "[should|must|has to|needs to|ought to|shall|to] [be|become|is] [set|changed|reduced|increased"
    "|lowered|raised]|:|="
)
_PREPOSITION = phrases("[down|up|back] <to|at|of|by>|with")
_UP = {"raise": 1, "enlarge": 1, "brighten": 1, "turn_up": 1, "lower": -1, "shrink": -1, "dim": -1}


def property_at(context: Context) -> tuple[Ref | None, str] | None:
    """ "the height of the stool", "its colour": whose and which; None where no property is named."""
    cursor = context.cursor
    start = cursor.at
    is_own = cursor.take("its|their|his|her")
    if not is_own:
        cursor.take("the|a|an")
    name = cursor.match(PROPERTIES)
    if name is not None:
        if is_own:
            return None, name
        if cursor.take("of|for|on"):
            ref = noun_phrase(context)
            if ref is not None:
                return ref, name
    cursor.at = start
    return None


def property_clause(
    context: Context, target: Ref, name: str, slots: Slots
) -> list[Operation] | None:
    """What shall become of the property."""
    cursor = context.cursor
    cursor.take(_TO_BE)
    if name in _SIDES:
        return _side(context, target, name, slots)
    if name in ("roughness", "metallic", "alpha", "transparency", "emission"):
        return _scalar(context, target, name, slots)
    if name in ("power", "temperature"):
        return _light(context, target, name, slots)
    if name in ("name", "label"):
        cursor.take("to|into|as")
        text = free_name(context)
        return [Rename(targets=target, to=text, is_label=name == "label")] if text else None
    if name == "visibility":
        if slots.verb in ("on", "off"):
            return [Visibility(targets=target, is_visible=slots.verb == "on")]
        cursor.take("to|:|=|[set|switched|turned] to")
        if not cursor.take("on|off|true|false|visible|invisible|hidden|zero|0"):
            return None
        is_visible = cursor.word(-1) in ("on", "true", "visible")
        return [Visibility(targets=target, is_visible=is_visible)]
    if name == "angle":
        return _angle(context, target, slots)
    if name == "saturation" and slots.verb in _UP:
        return [Material(targets=target, saturation_change=0.25 * _UP[slots.verb])]
    if slots.verb not in ("lighten", "darken"):
        slots.verb = "lighten" if slots.verb == "brighten" else "make"
    complements(context, slots)
    return operations(context, target, slots) or None


def _amount(cursor: Cursor) -> tuple[bool, float | None, float | None, float | None]:
    """Whether it is "by", and the percentage, factor or number."""
    is_by = cursor.take("by")
    if not is_by:
        cursor.take(_PREPOSITION)
    percent = quantities.percent(cursor)
    factor = quantities.factor(cursor) if percent is None else None
    number = quantities.number(cursor) if percent is None and factor is None else None
    return is_by, percent, factor, number


def _side(context: Context, target: Ref, name: str, slots: Slots) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    axis = cast(Any, name)
    grows = GROWTH.get(slots.verb, 0) or _UP.get(slots.verb, 0)
    is_by = cursor.take("by")
    if not is_by:
        cursor.take(_PREPOSITION)
    length = quantities.length(cursor, needs_unit=True)
    if length is not None and length.metres is not None:
        complements(context, slots)
        if is_by:
            return [Resize(targets=target, axis=axis, change=(grows or 1) * length.metres)]
        keeps = slots.keeps_proportions or name == "size"
        return [Resize(targets=target, axis=axis, length=length.metres, keeps_proportions=keeps)]
    cursor.at = start
    is_by, percent, factor, number = _amount(cursor)
    if cursor.take("in half|in two"):
        factor = 0.5
    complements(context, slots)
    if slots.sizes and slots.sizes[0].like is not None:
        return [Resize(targets=target, axis=axis, like=slots.sizes[0].like)]
    if "like" in slots.material:
        return [Resize(targets=target, axis=axis, like=slots.material["like"])]
    if number is not None:
        if is_by:
            return [Resize(targets=target, axis=axis, change=(grows or 1) * number)]
        return [Resize(targets=target, axis=axis, length=number)]
    if percent is not None:
        factor = 1 + (grows or 1) * percent if is_by else percent
    elif factor is not None and is_by and grows:
        factor = 1 + grows * factor if factor < 1 else factor**grows
    if factor is None:
        factor = VERB_FACTORS.get(slots.verb) or {1: 1.25, -1: 0.8}.get(grows)
    if factor is None:
        sizes = [s for s in slots.sizes if s.factor is not None]
        return [scaled(target, sizes[0].factor or 1.0, name)] if sizes else None
    return [Scale(targets=target, factor=factor, axis=cast(Any, "" if name == "size" else name))]


def _scalar(context: Context, target: Ref, name: str, slots: Slots) -> list[Operation] | None:
    cursor = context.cursor
    sign = _UP.get(slots.verb, 0)
    is_by, percent, factor, number = _amount(cursor)
    value = percent if percent is not None else number if number is not None else factor
    if value is None:
        if name == "roughness" and sign:
            return [Material(targets=target, roughness_change=0.25 * sign)]
        return None
    if is_by and name == "roughness":
        return [Material(targets=target, roughness_change=(sign or 1) * value)]
    set_scalar(slots, name, value)
    slots.verb = "make"
    complements(context, slots)
    return operations(context, target, slots)


def _light(context: Context, target: Ref, name: str, slots: Slots) -> list[Operation] | None:
    cursor = context.cursor
    if cursor.take("up|down"):
        slots.verb = "brighten" if cursor.word(-1) == "up" else "dim"
    start = cursor.at
    is_by, percent, factor, number = _amount(cursor)
    sign = _UP.get(slots.verb, 0)
    cursor.take("w|watts|watt|k|kelvin")
    if name == "temperature":
        if number:
            return [Lamp(targets=target, temperature_k=number)]
        change = cursor.match(CHANGES)
        return (
            [Lamp(targets=target, temperature_k=2700.0 if change[1] > 0 else 6500.0)]
            if change
            else None
        )
    if number is not None:
        return [Lamp(targets=target, power=number)]
    if percent is not None:
        is_to = (
            cursor.tokens[start].word in ("to", "at", "of") if start < len(cursor.tokens) else False
        )
        relative = is_by or (sign and not is_to)
        factor = 1 + (sign or 1) * percent if relative else percent
    elif factor is not None and is_by and factor < 1:
        factor = 1 + (sign or -1) * factor
    complements(context, slots)
    tone = slots.lamp.get("temperature_k")
    if tone is not None and factor is None and not sign:  # "the light of the lamp warmer"
        return [Lamp(targets=target, temperature_k=tone)]
    factor = factor or slots.lamp.get("factor") or VERB_FACTORS.get(slots.verb)
    return [Lamp(targets=target, factor=factor or (0.8 if sign < 0 else 1.25))]


def _angle(context: Context, target: Ref, slots: Slots) -> list[Operation] | None:
    cursor = context.cursor
    if not cursor.take("by"):
        return None  # an absolute angle: things have none that people would know
    angle = quantities.angle(cursor, bare=True)
    slots.verb = "rotate"
    complements(context, slots)
    return (
        [Rotate(targets=target, angle_deg=(slots.spin or 1) * angle)] if angle is not None else None
    )
