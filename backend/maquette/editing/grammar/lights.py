"""Lights: watts, kelvin, "half strength", "twice as bright", "warmer", on and off."""

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import color_name
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.sizes import GRADES
from maquette.editing.grammar.slots import Slots

_TONES: Phrases[float] = Phrases(
    {
        "<warm|soft> white|warm": 2700.0,
        "<cool|cold|bluish> white|cool|cold": 6500.0,
        "neutral white|neutral": 4000.0,
        "daylight": 5600.0,
        "candle light|candlelight|candle like": 1900.0,
        "tungsten|incandescent": 2800.0,
        "warmer": 2700.0,
        "cooler|colder": 6500.0,
    }
)
_UP = phrases("brighter|stronger|more <intense|powerful|light|power|bright>|brightness up")
_DOWN = phrases("dimmer|weaker|less <bright|intense|powerful|strong|light|power>")
_STRENGTH = phrases(
    "[as] <bright|strong|intense|powerful>|[of] [its|the|their] [full|original|current|normal] <strength|power"
    "|brightness|intensity"
    "|output>"
)
_ENDS = phrases("again|please|,|.|!|?|and|then|now|for now|at once")


def light(context: Context, slots: Slots) -> bool:
    """One statement about a light's strength or tone."""
    cursor = context.cursor
    start = cursor.at
    for reader in (_unit, _strength, _tone):
        cursor.at = start
        if reader(cursor, slots):
            return True
    cursor.at = start
    return False


def _unit(cursor: Cursor, slots: Slots) -> bool:
    """ "150 W", "3000 K", "100 watts of power each"."""
    cursor.take("by|[<be|have|has>] [<down|up>] [<to|at|with|of>]")
    value = quantities.number(cursor)
    if value is None:
        return False
    if cursor.take("w|watts|watt"):
        cursor.take("of power|power|each|strong")
        slots.lamp["power"] = value
        return True
    if cursor.take("k|kelvin|kelvins"):
        slots.lamp["temperature_k"] = value
        return True
    return False


def _strength(cursor: Cursor, slots: Slots) -> bool:
    """ "at half strength", "3x brighter", "a bit dimmer", "twice as bright", "full power"."""
    cursor.take("by|[<be|have|run>] [<down|up>] [<to|at|with|of|on>]")
    if cursor.take("full <strength|power|brightness|intensity>"):
        slots.lamp["factor"] = 1.0
        return True
    percent = quantities.percent(cursor)
    factor = quantities.factor(cursor) if percent is None else percent
    grade = cursor.match(GRADES) if factor is None else None
    is_up = cursor.take(_UP)
    if is_up or cursor.take(_DOWN) or (slots.is_light and cursor.take("darker")):
        step = {0.5: 1.25, None: 1.25, 2.0: 1.5}[grade]
        if factor is None and cursor.take("by"):
            percent = quantities.percent(cursor)
            factor = percent if percent is not None else quantities.factor(cursor)
        if factor is None:
            factor = step if is_up else {0.5: 0.8, None: 0.8, 2.0: 0.5}[grade]
        elif percent is not None or factor < 1:
            factor = 1 + factor if is_up else 1 - factor
        elif not is_up:
            factor = 1 / factor
    elif factor is None or not cursor.take(_STRENGTH):
        return False
    else:
        cursor.take("as [now|before|it is|they are]")
    slots.lamp["factor"] = factor
    slots.is_brightness = True
    return True


def _tone(cursor: Cursor, slots: Slots) -> bool:
    """ "warm white", "cooler"; but "warm orange" is a colour."""
    if not slots.is_light:
        return False
    cursor.take("[to] [be|become|have|into|emit|give off]")
    cursor.take("[a|an|nice|very|a bit|much|a lot|slightly|rather|of a|more of a|more]")
    tone = cursor.match(_TONES)
    if tone is None:
        return False
    end = cursor.at
    if color_name(cursor):
        return False
    cursor.at = end
    cursor.take("light|tone|color|colour|glow|hue|temperature")
    slots.lamp["temperature_k"] = tone
    return True


def switch(context: Context, slots: Slots) -> bool:
    """ "on", "off", "out" after what they belong to."""
    cursor = context.cursor
    if slots.verb not in ("rotate", "swap", "make", "", "place", "view"):
        return False
    is_off = cursor.word() in ("off", "out")
    if not is_off and cursor.word() != "on":
        return False
    cursor.at += 1
    if is_off and cursor.sees("of|from|the"):
        return False
    if not is_off and not (cursor.is_done or cursor.sees(_ENDS)):
        return False
    slots.lamp["is_on"] = not is_off
    return True
