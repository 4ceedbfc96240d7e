"""Which of several, by where they are: "closest to the door", "on the left", "in the front row"."""

from dataclasses import replace
from typing import Any, cast

from maquette.editing.grammar.adjectives import (
    AT_SIDE,
    FROM_SIDE,
    MOST_DISTANT,
    ORDINALS,
    ROOMS,
    SUPERLATIVES,
    attribute_at,
)
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.frames import ends_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.verbs import VERBS
from maquette.editing.plan import Attribute, Measure, Order, Ref

_OF_ROOM = phrases(f"<of|in> <the|this|my> <{ROOMS}|row|line|queue|group>")
_ROWS: Phrases[str] = Phrases(
    {
        "front|first|nearest|foremost": "front", "back|rear|last|far|farthest|hindmost": "back",
        "middle|center|centre": "middle",
        "second": "2", "third": "3", "fourth": "4", "left|leftmost": "left", "right|rightmost": "right",
    }
)  # fmt: skip


def in_row(context: Context, ref: Ref) -> Ref | None:
    """ "… in the front row", "… in the second row": among these, an order or a place may follow."""
    cursor = context.cursor
    cursor.take(",")
    cursor.take("[the one] [<that|which> <is|are|stands>|standing|sitting|placed]")
    if ref.pronoun or not cursor.take("<in|of|from|on> the [very]"):
        return None
    which = cursor.match(_ROWS)
    if which is None or not cursor.take("row|rank|line|column"):
        return None
    cursor.take("of <chairs|desks|them|seats|tables>")
    row = Attribute(kind="state", value=f"{which} row")
    return replace(ref, attributes=(*ref.attributes, row))


def _at_two_sides(ref: Ref, side: str) -> Ref | None:
    """ "at the back on the left": the leftmost of those in the back half."""
    order = ref.order
    depth, across = ("front", "back"), ("left", "right")
    if (
        order is None
        or order.is_middle
        or order.index
        or order.count != 1
        or not order.is_descending
    ):
        return None
    half, measure = (order.measure, side) if side in across else (side, order.measure)
    if half not in depth or measure not in across:
        return None
    there = Attribute(kind="state", value=f"{half} half")
    return replace(
        ref, attributes=(*ref.attributes, there), order=replace(order, measure=cast(Any, measure))
    )


def order_after(context: Context, ref: Ref) -> Ref | None:
    """ "… from the left", "… closest to the door", "… on the left", "… in the middle"."""
    cursor = context.cursor
    if ref.pronoun == "viewer":
        return None
    if ref.noun and cursor.take("in the <row|line|queue>") and ref.order is not None:
        return ref
    at = cursor.at
    cursor.take(",")
    cursor.take(
        "[the one] [<that|which> <is|are|stands>|standing|lying|sitting|hanging]|one|counted|counting"
    )
    cursor.take("the|most")
    if ref.order and ref.order.measure in ("order", "size"):
        side = cursor.match(FROM_SIDE)
        if side is not None:
            return replace(ref, order=replace(ref.order, measure=side, is_descending=True))
    side = _far_side(cursor)
    if side is not None and ref.order is None and not ref.pronoun:
        cursor.take(_OF_ROOM)
        return replace(ref, order=Order(measure=side))
    if ref.order is None or ref.order.measure in ("distance", "order"):
        far = cursor.match(MOST_DISTANT)
        if far is not None:
            return nearest_to(context, ref, far)
    if (
        ref.order
        and ref.order.measure == "distance"
        and ref.order.to is None
        and cursor.sees("[away] <to|from>")
    ):
        return nearest_to(context, ref, ref.order.is_descending)
    whole = cursor.at
    side = cursor.match(AT_SIDE)
    is_free = not ref.pronoun and ref.order is None
    if side is not None and cursor.take(_OF_ROOM) and is_free:
        middle = side == "middle"
        return replace(
            ref, order=Order(measure="left", is_middle=True) if middle else Order(measure=side)
        )
    cursor.at = whole
    if cursor.sees(
        "<on|at|in> [the] [very] <top|back|front|bottom|middle|center|centre> of <the|my|a>"
    ):
        if (
            ref.order is None
            and ref.noun
            and cursor.take("<at|on> the [very] <top|bottom> of the <pile|stack|tower|heap>")
        ):
            measure: Measure = (
                "top" if "top" in cursor.text(cursor.at - 4).lower().split() else "bottom"
            )
            stacked = Attribute(kind="state", value="stacked")
            return replace(ref, attributes=(*ref.attributes, stacked), order=Order(measure=measure))
        return None
    side = cursor.match(AT_SIDE)
    if side is None:
        return None
    goes_on = cursor.sees(
        "of|<left|right> <corner|edge|end>|side|edge|end|corner|between|'s|hand|wall|shelf"
    ) or _names_a_thing(context)
    if goes_on and not cursor.sees(_OF_ROOM):
        return None
    if "where" in context.blocked and ends_clause(cursor):
        return None  # "put the vase on the left": where it goes
    if ref.pronoun and ref.pronoun != "other":
        return None  # "put it on the left": no property of it
    if ref.order is not None and ref.order.measure != "order":
        cursor.take(_OF_ROOM)
        return _at_two_sides(ref, side)
    cursor.take(_OF_ROOM)
    order = Order(measure="left", is_middle=True) if side == "middle" else Order(measure=side)
    if ref.order is not None and at < cursor.at:
        order = replace(order, index=ref.order.index)
    if ref.number == "many" and ref.count:
        order = replace(order, count=ref.count)
    return replace(ref, order=order)


def _names_a_thing(context: Context) -> bool:
    """ "on the left bench": no side, but a thing."""
    cursor = context.cursor
    start = cursor.at
    if attribute_at(cursor) is None:
        cursor.at = start
    noun = context.nouns.find(cursor)
    named = noun is not None and (cursor.at == start or noun.is_in_scene) and not cursor.sees(VERBS)
    if cursor.at > start and not named:
        named = cursor.sees("one|ones|thing")
    cursor.at = start
    return named


def _far_side(cursor: Cursor) -> Measure | None:
    """ "furthest to the right", "leftmost": a side, not a distance."""
    if not cursor.sees("furthest|farthest|leftmost|rightmost"):
        return None
    start = cursor.at
    found = cursor.match(AT_SIDE)
    if found is None:
        superlative = cursor.match(SUPERLATIVES)
        found = superlative[0] if superlative else None
    if found not in ("left", "right", "front", "back", "top", "bottom"):
        cursor.at = start
        return None
    return found


def nearest_to(context: Context, ref: Ref, is_far: bool) -> Ref | None:
    from maquette.editing.grammar.predicates import THINGS  # the two need each other

    cursor = context.cursor
    cursor.take("away")
    index = max(ref.order.index, 0) if ref.order else 0
    order = Order(measure="distance", is_descending=is_far, index=index)
    if ref.count and ref.number == "many":
        order = replace(order, count=ref.count)
    to: Ref | None = None
    named = cursor.take("to|from|by")
    if (
        named
        or cursor.sees("the|me")
        or (not cursor.is_done and context.nouns.find(cursor) is not None)
    ):
        to = noun_phrase(context, relations=False, conjoined=False)
        if to is None and named:
            return None
    else:
        cursor.take(THINGS)
    return replace(
        ref, order=replace(order, to=None if to is None or to.pronoun == "viewer" else to)
    )


def and_side(context: Context, ref: Ref) -> Ref:
    """ "is at the back, on the left": the second of two sides."""
    at = context.cursor.at
    more = order_after(context, ref)
    if more is None:
        context.cursor.at = at
    return more or ref


def ordered_so(context: Context, ref: Ref) -> Ref | None:
    """ "(is) the second from the left", "(is) the tallest", "(is) on the left"."""
    from maquette.editing.grammar.predicates import THINGS  # the two need each other

    cursor = context.cursor
    at = cursor.at
    cursor.take("the")
    ordinal = cursor.match(ORDINALS)
    if ordinal is not None:
        side = cursor.match(FROM_SIDE)
        if side is not None:
            return replace(ref, order=Order(measure=side, index=ordinal))
    cursor.at = at
    if cursor.take("the"):
        superlative = cursor.match(SUPERLATIVES)
        if superlative is not None:
            cursor.take(THINGS)
            if context.nouns.find(cursor) is not None and not cursor.sees(VERBS):
                cursor.at = at
                return None
            return replace(ref, order=Order(measure=superlative[0], is_descending=superlative[1]))
    cursor.at = at
    ordered = order_after(context, ref)
    if ordered is None:
        cursor.at = at
    return ordered
