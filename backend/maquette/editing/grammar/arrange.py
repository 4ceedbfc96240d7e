"""Patterns of several things: rows, circles, grids, stacks, even spacing, order."""

from dataclasses import replace

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Phrases
from maquette.editing.grammar.nouns import SUPERLATIVES, noun_phrase
from maquette.editing.grammar.slots import Slots
from maquette.editing.plan import Direction, Measure, Order

_KINDS: Phrases[str] = Phrases(
    {
        "in a row|in a neat row|in a straight row|in one row|into a row|in a nice row|in a single row|in one straight row"
        "|in rows|up in a row|to a row|in a tidy row": "row",
        "in a line|in a straight line|in one line|in one straight line|into a line|along a line|along one line|in line"
        "|in a single line|along a straight line|in a neat line|into a straight line|a line|a row|into one line|up in a line"
        "|on one line|on a line|in a nice line|in a single file|in single file|one behind the other|single file": "line",
        "side by side|next to each other|beside each other|beside one another|next to one another|one after the other"
        "|alongside each other|one after another|shoulder to shoulder|in a queue": "line",
        "in a circle|in a ring|into a circle|a circle|in one circle|a ring|circularly|into a ring|in a round|circle"
        "|in circle|in a full circle|as a circle|as a ring": "circle",
        "on top of each other|on top of one another|into a single tower|into a tower|in a pile|into a pile|in a stack"
        "|into a stack|one pile|one stack|a pile|a stack|into one pile|into one stack|in one stack|in one pile|a tower"
        "|one tower|one on top of the other|one on top of another|atop each other|one on the other|onto each other"
        "|in a tower|into one tower|on each other|in a single pile|in a single stack|into a single pile|into a neat pile"
        "|a neat pile|a single pile|a single stack|into a single stack|in a neat pile|in a neat stack|into a neat stack"
        "|one tall tower|a tall tower|to a tower|to a pile|to a stack": "stack",
        "in a grid|into a grid|a grid|grid|in grid form|in a square grid|to a grid": "grid",
        "evenly spaced|evenly|equally|at equal distances|with equal spacing|with equal gaps|evenly apart|equidistantly"
        "|equally spaced|with even spacing|with the same distance between them|same distance between neighbours"
        "|same distance between neighbors|the same distance between neighbours|equal distances|equal gaps"
        "|with equal distances|equal spacing|even spacing|evenly distributed|the same distance apart|same distance apart"
        "|with even gaps|the same gap between them|with the same gap between them|evenly spread|uniformly spaced"
        "|with equal space between them|at regular intervals|regularly|with the same spacing|at even distances"
        "|the same distance between them|same distance between them|with equal distance": "distribute",
    }
)
_SORT_KEYS: Phrases[Measure] = Phrases(
    {
        "by height|by their height|by how tall they are|according to height|in order of height|by tallness": "height",
        "by size|by their size|according to size|in order of size|by volume|by how big they are|size wise|by bigness": "size",
        "by width|by their width": "width",
        "by length|by their length": "length",
        "by brightness|by lightness|by color|by colour": "lightness",
    }
)  # fmt: skip
_ENDS: Phrases[str] = Phrases(
    {
        "at the bottom|on the bottom|lowest|at the base|below": "bottom",
        "at the top|on top|on the top|topmost": "top",
        "on the left|at the left|leftmost|on the far left|to the left|left|at the left end": "left",
        "on the right|at the right|rightmost|on the far right|to the right|right|at the right end": "right",
        "first|in front|at the front|up front|to start|coming first": "first",
        "last|at the end|at the back": "last",
    }
)
_EDGES = Phrases(
    {
        "left edges|left sides|left edge|left side|left": "left",
        "right edges|right sides|right edge|right side|right": "right",
        "front edges|fronts|front sides|front edge|front": "front",
        "back edges|backs|back sides|back edge|back": "back",
        "centers|centres|middles|center|centre": "center",
    }
)
LANGUAGE.update(
    [
        "grid",
        "circle",
        "radius",
        "rows",
        "columns",
        "tallest",
        "smallest",
        "biggest",
        "gap",
        "gaps",
        "spacing",
        "flat",
        "edges",
    ]
)


def arrangement(context: Context, slots: Slots) -> bool:
    """One piece of a pattern."""
    cursor = context.cursor
    start = cursor.at
    return (
        _kind(context, slots, start)
        or _order_words(context, slots, start)
        or _measures(context, slots, start)
        or _sides(context, slots, start)
    )


def _kind(context: Context, slots: Slots, start: int) -> bool:
    cursor = context.cursor
    if cursor.take("in|into|as|to|a") and cursor.take("a|an|the|,") | True:
        rows = quantities.number(cursor)
        if rows is not None and cursor.take("by|x|×"):
            columns = quantities.number(cursor)
            if columns is not None and cursor.take(
                "grid|array|square|arrangement|raster|matrix|block"
            ):
                slots.pattern.update(kind="grid", rows=int(rows), columns=int(columns))
                return True
        if rows is not None and cursor.take("rows of"):
            columns = quantities.number(cursor)
            if columns is not None:
                slots.pattern.update(kind="grid", rows=int(rows), columns=int(columns))
                return True
    cursor.at = start
    cursor.take("up|out") if cursor.word(1) in (
        "in",
        "into",
        "on",
        "side",
        "next",
        "along",
        "evenly",
    ) else None
    kind = cursor.match(_KINDS)
    if kind is None or (
        kind in ("stack", "line", "circle") and cursor.sees("of") and cursor.word(-1) == "top"
    ):
        cursor.at = start
        return False
    if kind == "distribute" and slots.pattern.get("kind") in ("line", "row", "circle", "grid"):
        slots.pattern["is_even"] = True
    elif kind in ("line", "row") and slots.pattern.get("kind") in ("distribute",):
        slots.pattern.update(kind="line", is_even=True)
    else:
        slots.pattern["kind"] = kind
        slots.pattern["is_even"] = kind == "distribute" or slots.pattern.get("is_even", False)
    if cursor.take("of"):
        at = cursor.at
        radius = quantities.length(cursor, needs_unit=True)
        if radius is not None:
            slots.pattern["radius"] = radius.metres
        elif cursor.take("radius"):
            return _radius(context, slots) or True
        elif slots.pattern.get("needs_target"):
            ref = noun_phrase(context, relations=False)
            if ref is not None:
                slots.pattern["target"] = ref
        else:
            cursor.at = at
    return True


def _radius(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    cursor.take("of|:|=")
    length = quantities.length(cursor)
    if length is None:
        return False
    slots.pattern["radius"] = length.metres
    return True


def _order_words(context: Context, slots: Slots, start: int) -> bool:
    """ "by height", "smallest first", "the tallest on the right", "from left to right"."""
    cursor = context.cursor
    key = cursor.match(_SORT_KEYS)
    if key is not None:
        slots.pattern["sort"] = Order(
            measure=key, is_descending=slots.pattern.get("descends", False)
        )
        return True
    if cursor.take("from left to right|left to right"):
        slots.pattern["along"] = "right"
        return True
    if cursor.take("from right to left|right to left"):
        slots.pattern["along"] = "left"
        return True
    if cursor.take("from front to back|front to back"):
        slots.pattern["along"] = "away"
        return True
    if cursor.take("from back to front|back to front"):
        slots.pattern["along"] = "toward"
        return True
    cursor.at = start
    cursor.take("with|the|having|from")
    cursor.take("the")
    found = cursor.match(SUPERLATIVES)
    if found is None:
        cursor.at = start
        return False
    measure, descends = found
    cursor.take("one|ones|one of them|thing")
    cursor.take("goes|comes|stands|should be|is|being|standing|go")
    if cursor.take("to smallest|to the smallest|to lowest|to shortest|to biggest|to tallest|to largest|to the biggest"
                   "|to the tallest|to the largest|to the shortest"):  # fmt: skip
        slots.pattern["sort"] = Order(measure=measure, is_descending=descends)
        return True
    end = cursor.match(_ENDS)
    if end is None or measure not in ("size", "height", "width", "length", "depth", "lightness"):
        cursor.at = start
        return False
    if end in ("right", "top", "last"):
        descends = not descends
    if end in ("left", "right"):
        slots.pattern["along"] = "right"
    old = slots.pattern.get("sort")
    if isinstance(old, Order) and measure in ("size", "height"):
        measure = old.measure
    slots.pattern["sort"] = Order(measure=measure, is_descending=descends)
    return True


def _measures(context: Context, slots: Slots, start: int) -> bool:
    """Radius and spacing."""
    cursor = context.cursor
    cursor.take("with|at|and")
    cursor.take("a|an|the")
    if cursor.take("radius") and _radius(context, slots):
        return True
    cursor.at = start
    cursor.take("with|at|leaving|keeping|in|and")
    cursor.take(
        "a gap of|gaps of|a spacing of|spacing of|spacing|a distance of|distances of|spaced|a|intervals of"
    )
    length = quantities.length(cursor, needs_unit=True)
    if length is not None and cursor.word(-1) != "":
        if cursor.take("radius"):
            slots.pattern["radius"] = length.metres
            return True
        named = any(
            token.word in ("gap", "gaps", "spacing", "spaced", "intervals")
            for token in cursor.tokens[start : cursor.at]
        )
        if cursor.take("apart|between them|in between|gap between them|gap|gaps|spacing|of space between them|space between them"
                       "|between each|between neighbours|between neighbors|of space|distance between them|from each other"
                       "|gap between each|between one another|between each other|distance|intervals|of gap") or named:  # fmt: skip
            cursor.take(
                "between them|between each|between neighbours|between neighbors|from each other"
            )
            slots.pattern["spacing"] = length.metres
            slots.pattern.setdefault("kind", "distribute")
            return True
    cursor.at = start
    return False


def _sides(context: Context, slots: Slots, start: int) -> bool:
    cursor = context.cursor
    if cursor.take("flat|neatly|tidily|nicely|up nicely|straight"):
        return True
    if slots.pattern.get("verb") == "arrange" and cursor.take("towards|toward"):
        ref = noun_phrase(context, relations=False, conjoined=False)
        if ref is not None and ref.pronoun == "viewer":
            slots.pattern["along"] = "toward"
            return True
        cursor.at = start
        return False
    if slots.pattern.get("kind") in ("line", "row") and cursor.take(
        "away from me|away from the camera|away from the viewer"
    ):
        slots.pattern["along"] = "away"
        return True
    if slots.pattern.get("verb") == "arrange":
        cursor.take("by|along|at|so that")
        cursor.take("their|the|its")
        edge = cursor.match(_EDGES)
        if (
            edge is not None
            and cursor.at > start
            and cursor.word(start - cursor.at) in ("by", "along", "at", "so", "their")
        ):
            cursor.take("are flush|line up|are aligned|are level|match")
            slots.pattern.update(kind="align", edge=edge)
            return True
        cursor.at = start
        if cursor.take("with|along|to"):
            ref = noun_phrase(context, relations=False)
            if ref is not None:
                slots.pattern["reference"] = ref
                cursor.take("'s edge|'s front|'s side")
                return True
        cursor.at = start
    return False


def along_of(slots: Slots) -> Direction | None:
    """The direction of a line."""
    along = slots.pattern.get("along")
    return along if along in ("left", "right", "toward", "away") else None


def sort_of(slots: Slots) -> Order | None:
    """The order that was asked for."""
    sort = slots.pattern.get("sort")
    return replace(sort) if isinstance(sort, Order) else None
