"""Numbers, lengths, angles, percentages and factors, as people write them."""

import math
from dataclasses import dataclass

from maquette.editing.grammar.cursor import Cursor, Phrases, words

_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12,
}  # fmt: skip
NUMBER_WORDS = Phrases(dict.fromkeys(_SMALL, 0) | {"hundred": 0, "thousand": 0})
UNITS = Phrases(
    {
        "mm|millimetre|millimetres|millimeter|millimeters|millis": 0.001,
        "cm|cms|centimetre|centimetres|centimeter|centimeters|centi|centis": 0.01,
        "dm|decimetre|decimetres|decimeter|decimeters": 0.1,
        "m|metre|metres|meter|meters|mtr|mtrs": 1.0,
        "km|kilometre|kilometres|kilometer|kilometers": 1000.0,
        "inch|inches|in|\"|″|''": 0.0254,
        "foot|feet|ft|'|′": 0.3048,
        "yard|yards|yd|yds": 0.9144,
        "unit|units": 1.0,
    }
)
UNIT_NAMES = Phrases(
    {
        "mm|millimetres|millimeters": "mm", "cm|centimetres|centimeters|centimetre|centimeter": "cm",
        "m|metres|meters|metre|meter": "m", "km|kilometres|kilometers": "km", "inches|inch": "in",
        "feet|foot|ft": "ft", "yards|yard": "yd", "units": "m",
    }
)  # fmt: skip
_FRACTIONS = Phrases(
    {
        "half a|half an|a half|half of a|one half|half": 0.5,
        "a quarter of a|a quarter of an|quarter of a|a quarter|quarter|one quarter|one fourth|a fourth": 0.25,
        "three quarters of a|three quarters|three fourths": 0.75,
        "a third of a|a third|one third|third of a": 1 / 3,
        "two thirds of a|two thirds": 2 / 3,
        "a fifth|one fifth": 0.2,
        "a tenth|one tenth|a tenth of a": 0.1,
    }
)
_BITS = Phrases(
    {
        "a bit|a little|a little bit|a tiny bit|slightly|a tad|a touch|a smidge|a smidgen|a hair|a notch|a wee bit"
        "|somewhat|a bit more|a little more|a tiny little bit|just a bit|just a little|ever so slightly|a fraction"
        "|a small amount|a little way|a short way|a few steps|a step|a hair more|a tick|a smidge more|a tad more": 1.0,
        "a lot|much|far|a good bit|quite a bit|a fair bit|considerably|a great deal|way|a whole lot": 2.0,
    }
)
_DEGREES = "degrees|degree|deg|degs|° of|°"
_TURNS = Phrases(
    {
        "quarter turn|quarter of a turn|quarter circle|quarter rotation|right angle": 90.0,
        "half turn|half way <around|round>|halfway <around|round>|half around|half round"
        "|half of a turn|half a turn|half circle|half rotation|half a rotation": 180.0,
        "full turn|whole turn|full circle|full rotation|complete turn": 360.0,
        "three quarter turn|three quarters of a turn|three quarters turn": 270.0,
        "eighth turn|eighth of a turn": 45.0,
    }
)
_FACTORS = Phrases(
    {
        "twice|[the] double|two times|doubly": 2.0,
        "thrice|triple|three times|treble": 3.0,
        "quadruple|four times": 4.0,
        "half|one half|a half|50 percent of": 0.5,
        "a third|one third|a third of": 1 / 3,
        "two thirds|two thirds of": 2 / 3,
        "a quarter|one quarter|a quarter of": 0.25,
        "three quarters|three quarters of|three fourths": 0.75,
        "a tenth|a tenth of": 0.1,
        "a fifth|a fifth of": 0.2,
        "one and a half times|one and a half|half again": 1.5,
        "two and a half times": 2.5,
    }
)


@dataclass(frozen=True)
class Length:
    """A length; `is_bit` where it was "a bit" (times `amount`)."""

    amount: float = 0.0
    is_bit: bool = False
    has_unit: bool = True

    @property
    def metres(self) -> float | None:
        """None for "a bit": that depends on the thing."""
        return None if self.is_bit else self.amount


def number(cursor: Cursor) -> float | None:
    """ "3", "twenty five", "two and a half", "1 1/2", "a dozen"."""
    start = cursor.at
    cursor.take("about|around|approximately|roughly|exactly|circa|some|ca|precisely|like|say")
    value = _number(cursor)
    if value is None:
        cursor.at = start
    return value


def _number(cursor: Cursor) -> float | None:
    token = cursor.peek()
    if token is None:
        return None
    if token.kind == "number":
        cursor.at += 1
        value = token.value
        following = cursor.peek()
        if (
            following
            and following.kind == "number"
            and 0 < following.value < 1
            and "." not in following.raw
        ):
            cursor.at += 1
            return value + following.value
        return value if not cursor.take("and a half") else value + 0.5
    if cursor.word() == "a" and cursor.word(1) in ("dozen", "hundred", "couple"):
        cursor.at += 2
        cursor.take("of")
        return {"dozen": 12.0, "hundred": 100.0, "couple": 2.0}[
            cursor.word(-1) if cursor.word(-1) != "of" else cursor.word(-2)
        ]
    return _number_words(cursor)


def _number_words(cursor: Cursor) -> float | None:
    total, found = 0, False
    while True:
        word = cursor.word()
        if word in _SMALL:
            total += _SMALL[word]
        elif word == "hundred" and found:
            total *= 100
        elif word == "thousand" and found:
            total *= 1000
        elif word == "and" and found and total >= 100 and cursor.word(1) in _SMALL:
            pass
        else:
            break
        found = True
        cursor.at += 1
    if not found:
        return None
    return total + 0.5 if cursor.take("and a half") else float(total)


def length(cursor: Cursor, *, needs_unit: bool = False) -> Length | None:
    """ "35 cm", "half a metre", "1 ft 8 in", "a foot and a half", "two and a half inches", "a bit"."""
    start = cursor.at
    cursor.take(
        "by|about|around|roughly|some|approximately|another|exactly|only|just|like|say|to about|a full|a good"
    )
    bits = cursor.match(_BITS)
    if bits is not None and not cursor.sees("of|bigger|smaller"):
        return Length(bits, is_bit=True)
    if bits is None:
        measured = _measured(cursor)
        if measured is not None:
            return measured
        value = number(cursor)
        if value is not None and not needs_unit and not _is_other_quantity(cursor):
            return Length(value, has_unit=False)
    cursor.at = start
    return None


def _is_other_quantity(cursor: Cursor) -> bool:
    return cursor.sees(f"{_DEGREES}|%|percent|per cent|x|times|watts|watt|k|kelvin|more|of|by")


def _measured(cursor: Cursor) -> Length | None:
    start = cursor.at
    fraction = cursor.match(_FRACTIONS)
    if fraction is not None:
        unit = cursor.match(UNITS)
        if unit is not None:
            return Length(fraction * unit)
        cursor.at = start
    value = 1.0 if cursor.take("a|an|one") and cursor.sees(UNITS) else None
    if value is None:
        cursor.at = start
        value = number(cursor)
    unit = cursor.match(UNITS) if value is not None and not _is_in_place(cursor) else None
    if value is None or unit is None:
        cursor.at = start
        return None
    metres = value * unit
    if cursor.take("and a half"):
        metres += 0.5 * unit
    return Length(metres + _smaller_part(cursor, unit))


def _is_in_place(cursor: Cursor) -> bool:
    """The "in" of "2 in a row" is no inch."""
    return cursor.word() == "in" and cursor.word(1) in (
        "the",
        "a",
        "front",
        "one",
        "my",
        "total",
        "line",
        "circle",
    )


def _smaller_part(cursor: Cursor, unit: float) -> float:
    """The inches of "1 ft 8 in", the centimetres of "1 m 20"."""
    start = cursor.at
    cursor.take("and|,")
    value = number(cursor)
    if value is not None:
        smaller = cursor.match(UNITS) if not _is_in_place(cursor) else None
        if smaller is not None and smaller < unit:
            return value * smaller
        if (
            smaller is None
            and unit == 1.0
            and cursor.at == start + 1
            and 10 <= value < 100
            and cursor.is_done
        ):
            return value / 100
    cursor.at = start
    return 0.0


def angle(cursor: Cursor, *, bare: bool = False) -> float | None:
    """Degrees: "45 degrees", "90°", "a quarter turn", "1 rad"; a bare number where that is enough."""
    start = cursor.at
    cursor.take("by|through|about|around|roughly|another|exactly|just|only")
    cursor.take("a|an|one")
    turn = cursor.match(_TURNS)
    if turn is not None:
        return turn
    value = number(cursor)
    if value is None and cursor.at > start and cursor.sees(_DEGREES):
        value = 1.0
    if value is not None:
        if cursor.take(_DEGREES):
            return value
        if cursor.take("radians|radian|rad"):
            return math.degrees(value)
        turns = 360.0 if cursor.take("turns|turn|full turns|rotations|revolutions") else None
        if turns:
            return value * turns
        if bare and not cursor.sees(UNITS) and not _is_other_quantity(cursor):
            return value
    cursor.at = start
    return None


def percent(cursor: Cursor) -> float | None:
    """ "20 %", "20 per cent" → 0.2."""
    start = cursor.at
    value = number(cursor)
    if value is not None and cursor.take("%|percent|per cent|pct"):
        return value / 100
    cursor.at = start
    return None


def factor(cursor: Cursor) -> float | None:
    """ "twice", "3x", "x 0.9", "by a factor of 1.4", "1.5 times", "two thirds"."""
    start = cursor.at
    cursor.take("by")
    if cursor.take("a factor of|factor of|factor|a scale of|a scale factor of"):
        value = number(cursor)
        if value is None:
            named = cursor.match(_FACTORS)
            value = named
        if value is not None:
            return value
    elif cursor.take("x|×|*|times"):
        value = number(cursor)
        if value is not None:
            return value
    else:
        named = cursor.match(_FACTORS)
        if named is not None:
            if cursor.sees(UNITS) or cursor.sees(
                "a metre|a meter|a foot|an inch|turn|circle|rotation|way"
            ):
                cursor.at = start
                return None
            return named
        value = number(cursor)
        if value is not None and cursor.take("x|×|times|fold"):
            return value
        if value is not None and 0 < value < 1 and "/" in cursor.text(cursor.at - 1):
            return value  # "by 1/3"
    cursor.at = start
    return None


def vector(cursor: Cursor) -> tuple[float, float, float] | None:
    """ "(0.3, 0.2, 0)"."""
    start = cursor.at
    if cursor.word() in ("(", "["):
        cursor.at += 1
    values: list[float] = []
    while len(values) < 3:
        value = number(cursor)
        if value is None:
            break
        unit = cursor.match(UNITS) if cursor.word() != "in" else None
        values.append(value * (unit or 1.0))
        cursor.take(",|;")
    if cursor.word() in (")", "]"):
        cursor.at += 1
    if len(values) != 3:
        cursor.at = start
        return None
    return (values[0], values[1], values[2])


words(
    "degrees degree percent radians factor times metres about roughly watts watt kelvin radius spacing"
)
