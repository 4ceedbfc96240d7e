"""What follows a noun and belongs to it: "that is red", "with the phone on it", "closest to the door", "on the left"."""

from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import (
    AT_SIDE,
    FROM_SIDE,
    MOST_DISTANT,
    NEAREST,
    ORDINALS,
    ROOMS,
    SORTABLE,
    SUPERLATIVES,
    attribute_at,
)
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.frames import ends_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.verbs import VERBS
from maquette.editing.plan import Attribute, Measure, Order, Ref, Relation, RelationKind

STAND = phrases(
    "[currently|now] <is|are|was|were|'s> [<currently|now|placed|sat|located|stored|standing|sitting|lying|hanging"
    "|resting>]"
    "|[currently|now] <stands|stand|sits|sit|lies|lie|rests|rest|hangs|hang|stood|sat|lay|rested|hung|leans|stays"
    "|goes|belongs>"
    "|has been|had been|used to <be|stand>|can be found|may be|happens to be|happen to be"
)
_HAS = phrases(
    "has|have|holds|hold|carries|contains|with|bears|having|holding|carrying|containing|supports"
)
_PARTICIPLE = phrases(
    "[currently|now|just] <standing|lying|laying|sitting|sleeping|hiding|napping|hanging|resting|placed|located|leaning|mounted|positioned"
    "|situated|found"
    "|stacked|kept|stored|living|being|piled|perched|laid|that stands> [there|around]|currently|directly|set"
)
_BLOCKED = phrases(  # after "with": a manner, no thing
    "everything|whatever|what|all|its|it|them|a|roughness|metallic|both|the same|another|radius|one|their|that|equal"
    "|even|gaps|spacing"
    "|enough"
)
_INVERSE: Phrases[RelationKind] = Phrases(
    {
        "[standing|lying|sitting] on [<it|top [of it]|them|its top>]": "supporting",
        "in <it|them>|inside [of] [it]|within it": "containing",
        "<next to|beside|by|near|alongside> [it|them]|by its side|close by|at its side": "next_to",
        "<under|underneath|beneath|below> [it]": "above",
        "[hanging] <above|over> [it]": "under",
        "in front [of it]": "behind",
        "behind it": "in_front_of",
    }
)
_OF_ROOM = phrases(f"<of|in> <the|this|my> <{ROOMS}|row|line|queue|group>")
_DIFFERENT = phrases("[of] a different <color|colour>|differently <colored|coloured>")
_WITH_MOST: Phrases[tuple[bool, Measure]] = Phrases(
    {
        f"the <{words}> {axis}": (is_most, axis)
        for words, is_most in (
            ("greatest|largest|biggest|most|highest", True),
            ("smallest|least|lowest", False),
        )
        for axis in ("height", "width", "length", "depth", "size")
    }
)
_THINGS = phrases("one|thing|object|item|ones|things|objects")
_HERE = phrases("there|here|around")


def post_modifiers(context: Context, ref: Ref, *, relations: bool) -> Ref:
    """What follows the noun and belongs to it."""
    cursor = context.cursor
    for _ in range(8):
        at = cursor.at
        changed: Ref | None = None
        for reader in (
            _in_the_room,
            _in_row,
            _order_after,
            _where_verb,
            _relative_clause,
            _with,
            _called,
            _reduced,
            _adjective_after,
        ):
            cursor.at = at
            changed = reader(context, ref)
            if changed is not None:
                break
        if changed is None and relations and ref.pronoun != "viewer":
            cursor.at = at
            changed = _bare_relation(context, ref)
        if changed is None:
            cursor.at = at
            break
        ref = changed
    return ref


_IN_ROOM = phrases(
    f"<in|of|inside|from> <the|this|my> [whole|entire] <{ROOMS}>|in here|around here|in there|[that is] [in] here"
)


def _in_the_room(context: Context, ref: Ref) -> Ref | None:
    """ "everything in the room": all of it anyway."""
    cursor = context.cursor
    length = cursor.length_of(_IN_ROOM)
    if ref.number != "many" or ref.pronoun or not length or (ref.noun and cursor.word() != "in"):
        return None
    noun = context.nouns.find_at(cursor, length - 1) if length > 2 else None
    if noun is not None and noun.is_in_scene:
        return None
    cursor.at += length
    return ref


_ROWS: Phrases[str] = Phrases(
    {
        "front|first|nearest|foremost": "front", "back|rear|last|far|farthest|hindmost": "back", "middle|center|centre": "middle",
        "second": "2", "third": "3", "fourth": "4", "left|leftmost": "left", "right|rightmost": "right",
    }
)  # fmt: skip


def _in_row(context: Context, ref: Ref) -> Ref | None:
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


def _order_after(context: Context, ref: Ref) -> Ref | None:
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
            return _nearest(context, ref, far)
    if (
        ref.order
        and ref.order.measure == "distance"
        and ref.order.to is None
        and cursor.sees("[away] <to|from>")
    ):
        return _nearest(context, ref, ref.order.is_descending)
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


def _nearest(context: Context, ref: Ref, is_far: bool) -> Ref | None:
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
        cursor.take(_THINGS)
    return replace(
        ref, order=replace(order, to=None if to is None or to.pronoun == "viewer" else to)
    )


def _where_verb(context: Context, ref: Ref) -> Ref | None:
    """ "the table where it stood", "the cabinet it stands on", "the shelf that the vase is on"."""
    cursor = context.cursor
    if ref.pronoun == "viewer":
        return None
    start = cursor.at
    if "where" not in context.blocked and cursor.take("where|in which|on which"):
        inner = noun_phrase(context, relations=False, conjoined=False)
        if inner is not None and cursor.take(STAND):
            cursor.take("on|in|before|now")
            return replace(ref, relations=(*ref.relations, Relation(kind="with", to=(inner,))))
        cursor.at = start
    cursor.take("that|which")
    if cursor.sees("is|are|has|was|a") or ref.pronoun == "it":
        return None
    inner = noun_phrase(context, relations=False, conjoined=False)
    if inner is None or not cursor.take(STAND):
        return None
    kind: RelationKind | None = None
    if cursor.take("on [top of]"):
        kind = "supporting"
    elif cursor.take("in|inside"):
        kind = "containing"
    follows = cursor.sees("the|a|an|my|its|it") or context.nouns.find(cursor) is not None
    if kind is None or follows:
        return None
    return replace(ref, relations=(*ref.relations, Relation(kind=kind, to=(inner,))))


def _relative_clause(context: Context, ref: Ref) -> Ref | None:
    """ "that is red", "which stands on the shelf and isn't blue", "that has the phone on it"."""
    cursor = context.cursor
    if cursor.word(1) in ("which", "who"):
        cursor.take(",")
    takes_bare = (
        ref.noun == "" and not ref.pronoun and ref.number != "one"
    )  # "whatever is on the table"
    bare = takes_bare and cursor.sees("is|are|stands|stand|lies|lie|sits|hangs|rests|has|'s")
    if not cursor.take("that|which|who|whichever|what") and not bare:
        return None
    return predicates(context, ref)


def predicates(context: Context, ref: Ref) -> Ref | None:
    """ "is red and not on the bar": adds what is said to the description."""
    cursor = context.cursor
    changed = _predicate(context, ref)
    while changed is not None:
        at = cursor.at
        cursor.take(",")
        if not cursor.take("<and|but> [that|which|also]"):
            cursor.at = at
            break
        more = _predicate(context, changed)
        if more is None or cursor.at == at:
            cursor.at = at
            break
        changed = more
    return changed


def _predicate(context: Context, ref: Ref) -> Ref | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_HAS):
        if cursor.take(_DIFFERENT):
            return _odd_one(context, ref)
        return _having(context, ref, start)
    negated = cursor.take("<does|do> not")
    has_verb = cursor.take(STAND)
    negated = cursor.take("not|never") or negated
    cursor.take("currently|now|already|all|both|also|still|completely|really")
    cursor.take(_PARTICIPLE)
    if cursor.take(_DIFFERENT):
        return _odd_one(context, ref)
    at = cursor.at
    row = _in_row(context, ref)
    if row is not None and not negated:
        return _and_side(context, row)
    cursor.at = at
    ordered = _ordered(context, ref)
    if ordered is not None and not negated:
        return _and_side(context, ordered)
    far = cursor.match(NEAREST)
    if far is not None:
        cursor.take(_THINGS)
        return _nearest(context, ref, far)
    named = _is_the_one(context, ref) if has_verb and not negated else None
    if named is not None:
        return named
    at = cursor.at
    compared = cursor.match(SUPERLATIVES) if has_verb and not negated else None
    if compared is not None and compared[0] in SORTABLE and not cursor.sees("than|by|one"):
        return replace(ref, order=Order(measure=compared[0], is_descending=compared[1]))
    cursor.at = at
    found = relation(context)
    if found is not None:
        return replace(ref, relations=(*ref.relations, replace(found[0], is_negated=negated)))
    if has_verb:
        cursor.take("colored|coloured|painted|made of")
        attribute = attribute_at(cursor)
        if attribute is not None and not cursor.sees("one"):
            return replace(
                ref, attributes=(*ref.attributes, replace(attribute, is_negated=negated))
            )
        if cursor.take(_HERE) or cursor.take(_IN_ROOM):
            return ref
        if negated:
            cursor.take("the|a|an|my")
        if negated and (noun := context.nouns.find(cursor)) is not None:  # "that aren't books"
            cursor.at += noun.length
            other = Ref(words=noun.phrase, noun=noun.phrase, number="many")
            return replace(ref, excluding=(*ref.excluding, other))
    cursor.at = start
    return None


def _is_the_one(context: Context, ref: Ref) -> Ref | None:
    """ "(which can is) the red one"."""
    cursor = context.cursor
    start = cursor.at
    one = noun_phrase(context, conjoined=False) if cursor.sees("the") else None
    if one is None or one.noun not in ("", "one", ref.noun) or one.pronoun or not one.attributes:
        cursor.at = start
        return None
    return replace(
        ref, attributes=ref.attributes + one.attributes, relations=ref.relations + one.relations
    )


def _and_side(context: Context, ref: Ref) -> Ref:
    """ "is at the back, on the left": the second of two sides."""
    at = context.cursor.at
    more = _order_after(context, ref)
    if more is None:
        context.cursor.at = at
    return more or ref


def _odd_one(context: Context, ref: Ref) -> Ref:
    if context.cursor.take("from|than|to"):
        noun_phrase(context)
    odd = Attribute(kind="color", value="different")
    return replace(ref, attributes=(*ref.attributes, odd))


def _ordered(context: Context, ref: Ref) -> Ref | None:
    """ "(is) the second from the left", "(is) the tallest", "(is) on the left"."""
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
            cursor.take(_THINGS)
            if context.nouns.find(cursor) is not None and not cursor.sees(VERBS):
                cursor.at = at
                return None
            return replace(ref, order=Order(measure=superlative[0], is_descending=superlative[1]))
    cursor.at = at
    ordered = _order_after(context, ref)
    if ordered is None:
        cursor.at = at
    return ordered


def _having(context: Context, ref: Ref, start: int) -> Ref | None:
    cursor = context.cursor
    nothing = cursor.take("nothing|no <thing|things>")
    negated = nothing or cursor.take("no")
    thing = Ref(words="anything", number="any")
    if not nothing:
        found = noun_phrase(context, relations=False, conjoined=False)
        if found is None:
            cursor.at = start
            return None
        thing = found
    at = cursor.at
    cursor.take(_PARTICIPLE)
    kind = cursor.match(_INVERSE)
    if kind is not None and context.cursor.word() in ("the", "a", "my"):
        kind, cursor.at = None, at  # "with the mug on the desk"
    relation_to = Relation(kind=kind or "with", to=(thing,), is_negated=negated)
    return replace(ref, relations=(*ref.relations, relation_to))


def _with(context: Context, ref: Ref) -> Ref | None:
    """ "the desk with the phone", not "… with everything on it"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.word() in context.blocked:
        return None
    negated = cursor.sees("without")
    if not cursor.take("with|without|holding|carrying|containing"):
        return None
    most = cursor.match(_WITH_MOST)
    if most is not None and ref.order is None:
        extreme, axis = most
        return replace(ref, order=Order(measure=axis, is_descending=extreme))
    is_other = (
        cursor.sees(_BLOCKED)
        or cursor.sees(quantities.NUMBER_WORDS)
        or ref.pronoun in ("viewer", "it", "them")
    )
    if is_other and not (cursor.sees("a|another") and _ends_on_it(cursor)):
        return None
    found = _having(context, ref, start)
    if found is None or not negated:
        return found
    last = replace(found.relations[-1], is_negated=True)
    return replace(found, relations=(*found.relations[:-1], last))


def _ends_on_it(cursor: Cursor) -> bool:
    """ "with a lamp on it": a thing, no manner."""
    following = [cursor.word(i) for i in range(1, 6)]
    return any(
        a in ("on", "in", "inside") and b in ("it", "top", "them", "")
        for a, b in pairwise(following)
    )


def _called(context: Context, ref: Ref) -> Ref | None:
    cursor = context.cursor
    if not cursor.take("called|named|labelled|labeled"):
        return None
    token = cursor.peek()
    if token is not None and token.kind == "string":
        cursor.at += 1
        return replace(ref, noun=token.word)
    noun = context.nouns.find(cursor)
    if noun is None or not noun.is_in_scene:
        return None
    cursor.at += noun.length
    return replace(ref, noun=noun.phrase)


def _reduced(context: Context, ref: Ref) -> Ref | None:
    """ "the glass standing to the right of the bottle"."""
    cursor = context.cursor
    if (
        ref.pronoun == "viewer"
        or not cursor.take(_PARTICIPLE)
        or cursor.word(-1) in ("directly", "set")
    ):
        return None
    at = cursor.at
    ordered = _order_after(context, ref)
    if ordered is not None:
        return ordered
    cursor.at = at
    found = relation(context)
    if found is None or found[1]:
        return None
    return replace(ref, relations=(*ref.relations, found[0]))


def _adjective_after(context: Context, ref: Ref) -> Ref | None:
    """ "everything green", unless that is what it shall become ("make everything green")."""
    cursor = context.cursor
    if ref.noun or ref.pronoun or ref.relations or ref.attributes:
        return None
    if ref.words not in ("everything", "something", "anything"):
        return None
    attribute = attribute_at(cursor)
    is_seen = attribute is not None and attribute.value in ("visible", "hidden")
    takes_value = context.verb in ("make", "paint", "rotate", "place") or (
        is_seen and not context.verb
    )
    if attribute is None or (
        takes_value and (cursor.is_done or cursor.sees(",|.|and|please|again|except|but|apart"))
    ):
        return None
    return replace(ref, attributes=(attribute,))


def _bare_relation(context: Context, ref: Ref) -> Ref | None:
    cursor = context.cursor
    if cursor.take(",") and not cursor.sees("above|below|next|beside|on|in|under|behind|near|by"):
        return None
    at = cursor.at
    if quantities.length(cursor, needs_unit=True) is not None:
        return None
    cursor.at = at
    if cursor.word() in context.blocked:
        return None
    negated = cursor.take("not")
    found = relation(context)
    if found is None or found[1] or found[0].kind in ("far_from",):
        return None
    if found[0].kind == "in" and found[0].to and found[0].to[0].pronoun == "viewer":
        return None  # "frame the table in the camera"
    return replace(ref, relations=(*ref.relations, replace(found[0], is_negated=negated)))
