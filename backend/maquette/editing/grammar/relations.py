"""How things lie to each other: "on top of the shelf", "60 cm to the right of it", "that has the phone on it"."""

import itertools
from dataclasses import dataclass, replace

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Cursor, Phrases
from maquette.editing.grammar.nouns import (
    _AT_SIDE,
    _FROM_SIDE,
    _NEAREST,
    _PARTICIPLES,
    ORDINALS,
    SUPERLATIVES,
    attribute_at,
    noun_phrase,
)
from maquette.editing.plan import Measure, Order, Ref, Relation, RelationKind


@dataclass(frozen=True)
class _Preposition:
    kind: RelationKind
    is_goal: bool = False  # "onto", "to": where something goes, never where it is
    needs_object: bool = True


_P = _Preposition
PREPOSITIONS: Phrases[_Preposition] = Phrases(
    {
        "on|on top of|atop|upon|on top|resting on|sitting on|down on|up on|over on|back on": _P(
            "on"
        ),
        "onto|on to|onto the top of|down onto|up onto|over onto|back onto|up on to|down on to": _P(
            "on", True
        ),
        "in|inside|inside of|within|in side": _P("in"),
        "into|in to|back into|down into": _P("in", True),
        "under|underneath|beneath|below|under neath|down under": _P("under"),
        "above|over|high above|right above|directly above": _P("above"),
        "next to|beside|alongside|right by|right next to|right beside|adjacent to|by|at the side of|by the side of"
        "|close by|beside of|along side|side by side with|next door to|to the side of|on the side of": _P(
            "next_to"
        ),
        "near|close to|near to|in the vicinity of|not far from|around the area of|right near|in the neighbourhood of"
        "|very close to|quite near": _P("near"),
        "far from|far away from|away from": _P("far_from"),
        "against|up against|right up against|flush against|flush with|right against|flat against|back against"
        "|hard against": _P("against"),
        "around|round|all around": _P("around"),
        "opposite|across from|opposite to|opposite of": _P("opposite"),
        "left of|to the left of|on the left of|on the left side of|on the left hand side of|at the left of"
        "|to the left side of|just left of|immediately left of|directly left of|to the left hand side of"
        "|just to the left of|right to the left of": _P("left_of"),
        "right of|to the right of|on the right of|on the right side of|on the right hand side of|at the right of"
        "|to the right side of|just right of|immediately right of|directly right of|to the right hand side of"
        "|just to the right of": _P("right_of"),
        "in front of|before|in the front of|right in front of|directly in front of|infront of|at the front of"
        "|just in front of": _P("in_front_of"),
        "behind|in back of|at the back of|right behind|directly behind|to the rear of|just behind|at the rear of": _P(
            "behind"
        ),
        "hanging from|suspended from|hung from|down from": _P("hanging_from"),
        "leaning on|leaning against|propped against|propped up against": _P("leaning_on"),
        "in the middle of|in the center of|in the centre of|at the center of|at the centre of|in the dead center of"
        "|onto the middle of|onto the center of|onto the centre of|to the middle of|to the center of"
        "|to the centre of|right in the middle of|on the middle of|on the center of|on the centre of|centred on"
        "|centered on|into the middle of|into the center of|into the centre of|bang in the middle of|centrally on"
        "|in the exact center of|in the exact middle of|in the exact centre of|at the middle of": _P(
            "at_center"
        ),
        "touching|in contact with": _P("touching"),
        "at": _P("at"),
        "to|over to|back to|across to|up to|through to|out to|towards the place of": _P("at", True),
        "in place of|in the place of|instead of|at the place of|in the spot of|at the spot of": _P(
            "in_place_of"
        ),
        "attached to|fixed to|mounted on|fastened to": _P("attached_to"),
        "between|in between|half way between|midway between|exactly between|right between|somewhere between"
        "|in the middle between|centrally between|squarely between": _P("between"),
    }
)
_EDGES = Phrases(
    {
        "left": "left", "right": "right", "front": "front", "back": "back", "far": "back", "near": "front",
        "rear": "back", "far left": "back left", "far right": "back right", "back left": "back left",
        "back right": "back right", "front left": "front left", "front right": "front right",
        "near left": "front left", "near right": "front right", "left hand": "left", "right hand": "right",
        "left far": "back left", "right far": "back right", "left back": "back left", "right back": "back right",
        "rear left": "back left", "rear right": "back right", "other": "other", "top": "top", "bottom": "bottom",
        "upper": "top", "lower": "bottom", "top left": "back left", "top right": "back right",
    }
)  # fmt: skip
_OWN_SIDES: Phrases[RelationKind] = Phrases(
    {
        "left|left side|left hand side": "left_of",
        "right|right side|right hand side": "right_of",
        "front|front side": "in_front_of",
        "back|back side|rear": "behind",
    }
)
_STAND = (
    "stands|stand|is standing|are standing|sits|sit|is sitting|are sitting|lies|lie|is lying|are lying|rests|rest|hangs"
    "|hang|is hanging|is resting|are resting|is|are|was|were|stood|sat|lay|rested|leans|has been|'s|is placed|is sat"
    "|stays|are placed|goes|belongs|used to be|used to stand|had been|hung|is stored|is located|are located"
    "|currently stands|now stands|is currently|are currently|can be found|may be|happens to be|happen to be"
)
_HAS = "has|have|holds|hold|carries|contains|with|bears|having|holding|carrying|containing|supports"
LANGUAGE.update(f"{_STAND}|{_HAS}".replace("|", " ").split())
LANGUAGE.update(
    [
        "edge",
        "corner",
        "side",
        "end",
        "where",
        "there",
        "which",
        "whose",
        "who",
        "room",
        "anywhere",
        "somewhere",
        "free",
        "same",
    ]
)
_SHELVES = "shelf|board|level|tier|shelves|boards|compartment|row"


def relation(context: Context, *, nested: bool = False) -> tuple[Relation, bool] | None:
    """The relation at the cursor, and whether its words can only be a goal ("onto")."""
    cursor = context.cursor
    start = cursor.at
    gap = quantities.length(cursor, needs_unit=True)
    cursor.take(
        "just|right|directly|straight|exactly|immediately|anywhere|somewhere|close|down|up|over|back|neatly|safely"
    )
    found = _special(context, gap is not None) or _plain(context, nested=nested)
    if found is None or (
        gap and found[0].kind in ("on", "in", "under", "at") and not found[0].side
    ):
        cursor.at = start
        return None
    if gap is not None and gap.metres is not None:
        found = (replace(found[0], distance=gap.metres), found[1])
    _skip_remarks(cursor)
    return found


_REMARKS = (
    "anywhere that is free|anywhere free|wherever it fits|wherever there is room|where it fits|if it fits"
    "|wherever there is space|where there is room|where there is space|somewhere|anywhere|wherever you like"
    "|anywhere you like|if possible|as it was|where it was before"
)


def _skip_remarks(cursor: Cursor) -> None:
    start = cursor.at
    cursor.take(",")
    if not cursor.take(_REMARKS):
        cursor.at = start


def _special(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    return (
        _corner(context)
        or _edge(context)
        or _own_side(context, gap)
        or _place_of(context)
        or _shelf(context)
    )


def _corner(context: Context) -> tuple[Relation, bool] | None:
    """ "in the far left corner of the room", "into a corner"."""
    cursor = context.cursor
    start = cursor.at
    is_goal = cursor.sees("into|to")
    if cursor.take("in|into|to|at|on|inside"):
        cursor.take("the|a|any|one|that")
        side = cursor.match(_EDGES) or ""
        cursor.take("hand")
        if cursor.take("corner|corners"):
            to = _of(context)
            return Relation(kind="in_corner", to=to, side=side), is_goal
    cursor.at = start
    return None


def _of(context: Context) -> tuple[Ref, ...]:
    cursor = context.cursor
    at = cursor.at
    if cursor.take("of|in|on"):
        if cursor.take("the room|this room|the scene|the whole room|the house|the garden"):
            return ()
        ref = noun_phrase(context, relations=False, conjoined=False)
        if ref is not None:
            return (ref,)
    cursor.at = at
    return ()


def _edge(context: Context) -> tuple[Relation, bool] | None:
    """ "at the left edge of the table", "on the far end of the shelf"."""
    cursor = context.cursor
    start = cursor.at
    is_goal = cursor.sees("to|onto|toward|towards")
    if cursor.take("at|on|to|onto|by|near|along|toward|towards"):
        cursor.take("the|an|a|one|its|very")
        side = cursor.match(_EDGES) or ""
        kind: RelationKind | None = None
        if cursor.take("edge|rim|border"):
            kind = "at_edge"
        elif cursor.take("end|ends") or (
            side in ("back", "front", "other") and cursor.take("side")
        ):
            kind = "at_end"
        if kind is not None:
            to = _of(context)
            if to or kind == "at_edge":
                return Relation(kind=kind, to=to, side=side), is_goal
    cursor.at = start
    return None


def _own_side(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    """ "on the bench's left", "to its right": by the thing's own front."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take("on|to|at|onto"):
        if gap and cursor.sees("its|his|her"):
            cursor.at = start
            return None
        own = Ref(words="it", pronoun="it") if cursor.take("its own|its|his|her") else None
        if own is None:
            own = noun_phrase(context, relations=False, conjoined=False)
            if own is None or not cursor.take("'s"):
                cursor.at = start
                return None
        is_own = cursor.take("own") or bool(own.pronoun)
        kind = cursor.match(_OWN_SIDES)
        if kind is not None:
            is_own = (
                is_own or cursor.word(-1) == "side"
            )  # "on the bench's left" is as seen, its left side its own
            return Relation(kind=kind, to=(own,), frame="object" if is_own else "viewer"), False
    cursor.at = start
    return None


def _place_of(context: Context) -> tuple[Relation, bool] | None:
    """ "where the cake is", "to where the lamp stood", "at the vase's place"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("to|at|exactly|in|into|on")
    if cursor.take("where|the spot where|the place where|wherever"):
        ref = noun_phrase(context, relations=False, conjoined=False)
        if ref is not None and cursor.take(_STAND):
            cursor.take("now|before|standing|currently|at the moment|right now|sitting")
            return Relation(kind="in_place_of", to=(ref,)), True
    cursor.at = start
    if cursor.take("in|at|into|to|on"):
        ref = noun_phrase(context, relations=False, conjoined=False)
        if ref is not None and cursor.take("'s") and cursor.take("place|spot|position|location"):
            return Relation(kind="in_place_of", to=(ref,)), True
    cursor.at = start
    return None


def _shelf(context: Context) -> tuple[Relation, bool] | None:
    """ "on the upper shelf", "on the bookshelf's lowest board", "on the second board of the rack"."""
    cursor = context.cursor
    start = cursor.at
    is_goal = cursor.sees("onto|to")
    if not cursor.take("on|onto|to|in|at|into"):
        return None
    owner: Ref | None = None
    inner = cursor.at
    owner = noun_phrase(context, relations=False, conjoined=False)
    if owner is None or not cursor.take("'s"):
        cursor.at, owner = inner, None
        cursor.take("the|its")
    side = _level(cursor)
    if side and cursor.sees(_SHELVES):
        noun = context.nouns.find(cursor)
        in_scene = noun is not None and noun.is_in_scene
        phrase = noun.phrase if noun is not None and in_scene else ""
        many = bool(phrase) and context.nouns.count(phrase) > 1
        cursor.take(_SHELVES)
        if owner is None:
            owner = next(iter(_of(context)), None)
        if owner is None and phrase and not many:
            owner = Ref(words=phrase, noun=phrase)
        if owner is not None:
            return Relation(kind="on", to=(owner,), side=side), is_goal
    cursor.at = start
    return None


def _level(cursor: Cursor) -> str:
    if cursor.take("top|upper|uppermost|topmost|highest"):
        return "top"
    if cursor.take("bottom|lower|lowest|lowermost"):
        return "bottom"
    if cursor.take("middle|center|centre"):
        return "middle"
    ordinal = cursor.match(ORDINALS)
    return "" if ordinal is None else f"{ordinal + 1}" if ordinal >= 0 else "top"


def _plain(context: Context, *, nested: bool) -> tuple[Relation, bool] | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.sees(
        "in a|in one|in the direction|on its side|on its back|by itself|in line|to face|at once|in order"
    ):
        return None
    if cursor.sees("on the same|in the same|at the same"):
        return _same(context)
    preposition = cursor.match(PREPOSITIONS)
    if preposition is None:
        return None
    if preposition.kind == "between":
        return _between(context, start)
    cursor.take("each of|one of") if preposition.kind == "on" and cursor.sees("each of") else None
    to = _landmark(context, nested=nested)
    if to is None or cursor.sees("'s front|'s back|'s left|'s right"):
        cursor.at = start
        return None
    if preposition.kind == "at" and context.nouns.is_kind(to.noun, "wall"):
        preposition = replace(preposition, kind="against")
    return Relation(kind=preposition.kind, to=(to,)), preposition.is_goal


def _landmark(context: Context, *, nested: bool) -> Ref | None:
    """What the relation is to. "the wall behind it", where there are several walls, needs what follows to be known."""
    cursor = context.cursor
    start = cursor.at
    to = noun_phrase(context, relations=nested, conjoined=False)
    if (
        to is None
        or nested
        or to.number != "one"
        or to.attributes
        or to.order
        or to.relations
        or not to.noun
    ):
        return to
    if not context.nouns.is_kind(to.noun, "wall") or context.nouns.count(to.noun) < 2:
        return to
    cursor.at = start
    return noun_phrase(context, relations=True, conjoined=False)


def _same(context: Context) -> tuple[Relation, bool] | None:
    """ "on the same surface": the one that the thing talked of is on."""
    cursor = context.cursor
    start = cursor.at
    cursor.at += 3
    noun = context.nouns.find(cursor)
    if noun is None:
        if not cursor.take("spot|place|thing|one|piece of furniture"):
            cursor.at = start
            return None
        phrase = ""
    else:
        cursor.at += noun.length
        phrase = noun.phrase
    thing = context.topic or Ref(words="it", pronoun="it")
    holder = Ref(words=phrase, noun=phrase, relations=(Relation(kind="supporting", to=(thing,)),))
    return Relation(kind="on", to=(holder,)), False


def _between(context: Context, start: int) -> tuple[Relation, bool] | None:
    cursor = context.cursor
    first = noun_phrase(context, relations=False, conjoined=False)
    if first is None:
        cursor.at = start
        return None
    to = [first, *first.also]
    to[0] = replace(first, also=())
    at = cursor.at
    if cursor.take("and|and also"):
        second = noun_phrase(context, relations=False, conjoined=False)
        if second is None:
            cursor.at = at
        else:
            if not second.noun and not second.pronoun:
                second = replace(second, noun=first.noun)
            to.append(second)
    return Relation(kind="between", to=tuple(to)), False


# After the noun --------------------------------------------------------------------------------------


def post_modifiers(context: Context, ref: Ref, *, relations: bool) -> Ref:
    """What follows the noun and belongs to it."""
    cursor = context.cursor
    for _ in range(8):
        at = cursor.at
        changed = (
            _order_after(context, ref)
            or _where_verb(context, ref)
            or _relative_clause(context, ref)
            or _with(context, ref)
            or _called(context, ref)
            or _reduced(context, ref)
            or _adjective_after(context, ref)
            or (
                _bare_relation(context, ref)
                if relations and ref.pronoun not in ("viewer",)
                else None
            )
        )
        if changed is None:
            cursor.at = at
            break
        ref = changed
    return ref


def _order_after(context: Context, ref: Ref) -> Ref | None:
    """ "… from the left", "… closest to the door", "… on the left", "… in the middle"."""
    cursor = context.cursor
    if ref.pronoun == "viewer":
        return None
    at = cursor.at
    cursor.take(",")
    cursor.take(
        "the one|that is|which is|that are|standing|lying|sitting|hanging|one|counted|counting"
    )
    cursor.take("the|most")
    if ref.order and ref.order.measure in ("order", "size") and ref.order.index != -2:
        side = cursor.match(_FROM_SIDE)
        if side is not None:
            return replace(ref, order=replace(ref.order, measure=side, is_descending=True))
    if (side := _side_at(cursor)) is not None and ref.order is None and not ref.pronoun:
        _skip_of_room(cursor)
        return replace(ref, order=Order(measure=side))
    far = cursor.match(_NEAREST)
    if far is not None and (ref.order is None or ref.order.measure in ("distance", "order")):
        return _nearest(context, ref, far)
    if (
        ref.order
        and ref.order.measure == "distance"
        and ref.order.to is None
        and cursor.sees("to|from")
    ):
        return _nearest(context, ref, ref.order.is_descending)
    if cursor.sees(
        "on top of|at the back of|at the front of|at the top of|at the bottom of|in the middle of"
    ):
        cursor.at = at
        return None
    side = cursor.match(_AT_SIDE)
    if (
        side is None
        or cursor.sees("of|side|edge|end|corner|between|'s|hand")
        or _goal_here(context, ref, side)
    ):
        cursor.at = at
        return None
    _skip_of_room(cursor)
    middle = side == "middle"
    measure = "left" if middle else side
    if ref.order is not None and ref.order.measure != "order":
        cursor.at = at
        return None
    order = Order(measure=measure, is_middle=middle)  # pyright: ignore[reportArgumentType]
    if ref.number == "many" and ref.count:
        order = replace(order, count=ref.count)
    return replace(ref, order=order)


def _side_at(cursor: Cursor) -> Measure | None:
    """ "furthest to the right", "leftmost": a side, not a distance."""
    start = cursor.at
    if cursor.sees("furthest|farthest|leftmost|rightmost"):
        found = cursor.match(_AT_SIDE)
        if found is None:
            superlative = cursor.match(SUPERLATIVES)
            found = superlative[0] if superlative else None
        if found in ("left", "right", "front", "back", "top", "bottom"):
            return found
    cursor.at = start
    return None


def _goal_here(context: Context, ref: Ref, side: str) -> bool:
    """ "put it on the left": no property of it."""
    return bool(ref.pronoun) and ref.pronoun != "other"


def _skip_of_room(cursor: Cursor) -> None:
    cursor.take("of the room|of the picture|of the scene|of the image|of the view")


def _nearest(context: Context, ref: Ref, is_far: bool) -> Ref | None:
    cursor = context.cursor
    start = cursor.at
    cursor.take("away")
    order = Order(
        measure="distance", is_descending=is_far, index=max(ref.order.index, 0) if ref.order else 0
    )
    if ref.count and ref.number == "many":
        order = replace(order, count=ref.count)
    if cursor.take("to|from|by"):
        to = noun_phrase(context, relations=False, conjoined=False)
        if to is None:
            cursor.at = start
            return None
        return replace(ref, order=replace(order, to=None if to.pronoun == "viewer" else to))
    to = None
    if (not cursor.is_done and context.nouns.find(cursor) is not None) or cursor.sees("the|me"):
        to = noun_phrase(context, relations=False, conjoined=False)
    return replace(ref, order=replace(order, to=to if to and to.pronoun != "viewer" else None))


def _where_verb(context: Context, ref: Ref) -> Ref | None:
    """ "the table where it stood", "the cabinet it stands on", "the shelf that the vase is on"."""
    cursor = context.cursor
    start = cursor.at
    if "where" in context.blocked:
        return None
    if cursor.take("where|in which|on which"):
        inner = noun_phrase(context, relations=False, conjoined=False)
        if inner is not None and cursor.take(_STAND):
            cursor.take("on|in|before|now")
            return replace(ref, relations=(*ref.relations, Relation(kind="with", to=(inner,))))
    cursor.at = start
    cursor.take("that|which")
    if cursor.sees("is|are|has|was") or ref.pronoun in ("viewer", "it"):
        cursor.at = start
        return None
    inner = (
        noun_phrase(context, relations=False, conjoined=False)
        if cursor.word() not in ("is", "a")
        else None
    )
    if inner is not None and cursor.take(_STAND):
        kind = None
        if cursor.take("on top of|on"):
            kind = "supporting"
        elif cursor.take("in|inside"):
            kind = "containing"
        follows = cursor.sees("the|a|an|my|its|it") or context.nouns.find(cursor) is not None
        if kind is not None and not follows:
            return replace(ref, relations=(*ref.relations, Relation(kind=kind, to=(inner,))))
    cursor.at = start
    return None


def _relative_clause(context: Context, ref: Ref) -> Ref | None:
    """ "that is red", "which stands on the shelf and isn't blue", "that has the phone on it"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take(",") if cursor.word(1) in ("which", "who") else None
    takes_bare = (
        ref.noun == "" and not ref.pronoun and ref.number != "one"
    )  # "whatever is on the table"
    bare = takes_bare and cursor.sees("is|are|stands|stand|lies|lie|sits|hangs|rests|has|'s")
    if not cursor.take("that|which|who|whichever|what") and not bare:
        return None
    result = predicates(context, ref)
    if result is None:
        cursor.at = start
    return result


def predicates(context: Context, ref: Ref) -> Ref | None:
    """ "is red and not on the bar": adds what is said to the description."""
    cursor = context.cursor
    changed = _predicate(context, ref)
    while changed is not None:
        at = cursor.at
        cursor.take(",")
        if not cursor.take("and|but|and that|and which|and also|but also"):
            cursor.at = at
            break
        cursor.take("that|which|who")
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
        return _having(context, ref, start)
    negated = cursor.take("does not|do not")
    has_verb = cursor.take(_STAND)
    negated = cursor.take("not|never") or negated
    cursor.take("currently|now|already|all|both|also|still|completely|really")
    cursor.take(_PARTICIPLES)
    if cursor.take(
        "a different color|a different colour|differently colored|differently coloured|of a different color"
    ):
        if cursor.take("from|than|to"):
            noun_phrase(context)
        from maquette.editing.plan import Attribute

        return replace(
            ref, attributes=(*ref.attributes, Attribute(kind="color", value="different"))
        )
    if cursor.sees("closest|nearest|farthest|furthest|closer|further|nearer"):
        return _order_after(context, ref)
    at = cursor.at
    cursor.take("the")
    ordinal = cursor.match(ORDINALS)
    if ordinal is not None:
        side = cursor.match(_FROM_SIDE)
        if side is not None:
            return replace(ref, order=Order(measure=side, index=ordinal))
    cursor.at = at
    if cursor.take("the"):
        superlative = cursor.match(SUPERLATIVES)
        if superlative is not None:
            return replace(ref, order=Order(measure=superlative[0], is_descending=superlative[1]))
        cursor.at = at
    ordered = _order_after(context, ref)
    if ordered is not None and not negated:
        return ordered
    found = relation(context)
    if found is not None:
        added = replace(found[0], is_negated=negated)
        return replace(ref, relations=(*ref.relations, added))
    attribute = attribute_at(cursor) if has_verb else None
    if attribute is not None and not cursor.sees("one"):
        return replace(ref, attributes=(*ref.attributes, replace(attribute, is_negated=negated)))
    if has_verb and cursor.take("there|here|around"):
        return ref
    cursor.at = start
    return None


_INVERSE: Phrases[RelationKind] = Phrases(
    {
        "on it|on top|on top of it|on them|standing on it|lying on it|sitting on it|on its top|on": "supporting",
        "in it|inside|inside it|in them|within it|inside of it": "containing",
        "next to it|beside it|by it|by its side|alongside|next to them|near it|close by|at its side": "next_to",
        "under it|underneath|beneath it|below it|underneath it|below": "above",
        "above it|over it|hanging above it|above": "under",
        "in front of it|in front": "behind",
        "behind it": "in_front_of",
    }
)


def _having(context: Context, ref: Ref, start: int) -> Ref | None:
    cursor = context.cursor
    nothing = cursor.take("nothing|no thing|no things")
    thing = (
        Ref(words="anything", number="any")
        if nothing
        else noun_phrase(context, relations=False, conjoined=False)
    )
    if thing is None:
        cursor.at = start
        return None
    cursor.take(_PARTICIPLES)
    kind = cursor.match(_INVERSE) or "with"
    negated = nothing or cursor.word(-1) == "no"
    return replace(
        ref, relations=(*ref.relations, Relation(kind=kind, to=(thing,), is_negated=negated))
    )


def _with(context: Context, ref: Ref) -> Ref | None:
    """ "the desk with the phone", not "… with everything on it"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.word() in context.blocked:
        return None
    negated = cursor.sees("without")
    if not cursor.take("with|without|holding|carrying|containing"):
        return None
    blocked = "everything|whatever|what|all|its|it|them|a|roughness|metallic|both|the same|another|radius|one|their|that"
    if (
        cursor.sees(blocked)
        or cursor.sees_table(quantities.NUMBER_WORDS)
        or ref.pronoun == "viewer"
    ):
        is_phrase = cursor.sees("a|another") and _ends_on_it(cursor)
        if not is_phrase:
            cursor.at = start
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
        for a, b in itertools.pairwise(following)
    )


def _called(context: Context, ref: Ref) -> Ref | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take("called|named|labelled|labeled"):
        token = cursor.peek()
        if token is not None and token.kind == "string":
            cursor.at += 1
            return replace(ref, noun=token.word)
        noun = context.nouns.find(cursor)
        if noun is not None and noun.is_in_scene:
            cursor.at += noun.length
            return replace(ref, noun=noun.phrase)
    cursor.at = start
    return None


def _reduced(context: Context, ref: Ref) -> Ref | None:
    """ "the glass standing to the right of the bottle"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("currently|now")
    if (
        cursor.take(_PARTICIPLES)
        and ref.pronoun != "viewer"
        and cursor.word(-1) not in ("right", "just", "directly", "set")
    ):
        cursor.take("there|around")
        ordered = _order_after(context, ref)
        if ordered is not None:
            return ordered
        found = relation(context)
        if found is not None and not found[1]:
            return replace(ref, relations=(*ref.relations, found[0]))
    cursor.at = start
    return None


def _adjective_after(context: Context, ref: Ref) -> Ref | None:
    """ "everything green", unless that is what it shall become ("make everything green")."""
    cursor = context.cursor
    if (
        ref.noun
        or ref.pronoun
        or ref.relations
        or ref.attributes
        or ref.words not in ("everything", "something", "anything")
    ):
        return None
    attribute = attribute_at(cursor)
    takes_value = context.verb in ("make", "paint", "rotate", "place")
    if attribute is None or (takes_value and (cursor.is_done or cursor.sees(",|.|and|please"))):
        return None
    return replace(ref, attributes=(attribute,))


def _bare_relation(context: Context, ref: Ref) -> Ref | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take(",") and not cursor.sees("above|below|next|beside|on|in|under|behind|near|by"):
        cursor.at = start
        return None
    if quantities.length(cursor, needs_unit=True) is not None:
        cursor.at = start
        return None
    negated = cursor.take("not")
    found = relation(context)
    if found is None or found[1] or found[0].kind in ("far_from",):
        cursor.at = start
        return None
    return replace(ref, relations=(*ref.relations, replace(found[0], is_negated=negated)))
