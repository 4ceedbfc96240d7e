"""What follows a noun and belongs to it: "that is red", "with the phone on it", "on the desk"."""

from dataclasses import replace
from itertools import pairwise

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import (
    NEAREST,
    ROOMS,
    SORTABLE,
    SUPERLATIVES,
    attribute_at,
)
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.orders import and_side, in_row, nearest_to, order_after, ordered_so
from maquette.editing.grammar.relations import relation
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
    "[currently|now|just] <standing|lying|laying|sitting|sleeping|hiding|napping|hanging"
    "|resting|placed|located|leaning|mounted|positioned"
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
THINGS = phrases("one|thing|object|item|ones|things|objects")
_HERE = phrases("there|here|around")


def post_modifiers(context: Context, ref: Ref, *, relations: bool) -> Ref:
    """What follows the noun and belongs to it."""
    cursor = context.cursor
    for _ in range(8):
        at = cursor.at
        changed: Ref | None = None
        for reader in (
            _in_the_room,
            in_row,
            order_after,
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
    start = cursor.at
    if not cursor.take("that|which|who|whichever|what") and not bare:
        return None
    found = predicates(context, ref)
    adds = found is not None and len(found.attributes) > len(ref.attributes)
    if adds and context.depth > 1 and context.nouns.count(ref.noun) == 1 and ref.noun:
        cursor.at = start  # "the thing on the cart which is brown": there is one cart, so it tells which thing
        return None
    return found


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
    row = in_row(context, ref)
    if row is not None and not negated:
        return and_side(context, row)
    cursor.at = at
    ordered = ordered_so(context, ref)
    if ordered is not None and not negated:
        return and_side(context, ordered)
    far = cursor.match(NEAREST)
    if far is not None:
        cursor.take(THINGS)
        return nearest_to(context, ref, far)
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


def _odd_one(context: Context, ref: Ref) -> Ref:
    if context.cursor.take("from|than|to"):
        noun_phrase(context)
    odd = Attribute(kind="color", value="different")
    return replace(ref, attributes=(*ref.attributes, odd))


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
    ordered = order_after(context, ref)
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
