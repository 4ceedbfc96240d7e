"""Noun phrases: "the two smallest trees", "every chair at the white table except the red one", "whatever is on it"."""

from dataclasses import replace

from maquette.editing.grammar import quantities, thesaurus
from maquette.editing.grammar.adjectives import (
    EMPTY_ADJECTIVES,
    NEAREST,
    ORDINALS,
    SUPERLATIVES,
    attribute_at,
)
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, phrases, words
from maquette.editing.grammar.descriptions import Description, described, starts_clause
from maquette.editing.grammar.listing import with_others, without
from maquette.editing.grammar.pronouns import PRONOUNS, STACKED
from maquette.editing.plan import Attribute, Order, Ref, Relation

_ARTICLES = words(
    "this that these those all both each two three other whatever what any some you original"
    " selected rest camera"
)
_ALL_BUT = phrases("<all|everything> <but|except [for]>|all save")
ONES = phrases("one|ones|thing|things|object|objects|item|items")
_MODAL_AFTER_CAN = words(
    "go be have stay get stand sit lie hang move come leave live rest remain also now"
)
_GRADED = words(
    "more further bit closer higher lower less left right to darker lighter bigger smaller farther"
)
_SIDES = frozenset(
    {"left", "right", "front", "back", "rear", "top", "bottom", "far", "middle", "center"}
)
_MIDDLE = phrases("middle|central|center|centre|middlemost")
_UNITS_AFTER = phrases("x|%|percent|times|degrees|°|degree|w|watts|watt|k|kelvin")


def noun_phrase(context: Context, *, relations: bool = True, conjoined: bool = True) -> Ref | None:
    """A noun phrase, or None. Without `relations`, "on the desk" is left for the verb."""
    start = context.cursor.at
    first = single_thing(context, relations=relations)
    if first is None:
        context.cursor.at = start
        return None
    if conjoined:
        first = with_others(context, first, relations=relations)
        first = without(context, first)
    return replace(first, words=context.cursor.text(start))


def single_thing(context: Context, *, relations: bool) -> Ref | None:
    from maquette.editing.grammar.predicates import (  # the two need each other
        post_modifiers,
        predicates,
    )

    cursor = context.cursor
    start = cursor.at
    context.depth += 1
    if context.depth > _DEEPEST:
        raise RecursionError
    which = cursor.sees("whichever|whatever")
    ref = (
        _by_name(context)
        or _all_but(context)
        or _quantified(context)
        or _pronoun(context)
        or described(context)
    )
    if ref is not None:
        ref = _partitive(context, ref, relations=relations)
        ref = post_modifiers(context, ref, relations=relations)
        if which and ref.noun:
            ref = predicates(context, ref) or ref
    context.depth -= 1
    if ref is None:
        cursor.at = start
        return None
    is_first = (
        ref.noun == ""
        and ref.order is not None
        and ref.order.measure == "order"
        and ref.order.index == 0
    )
    if context.copies_of is not None and (ref.noun == "original" or (is_first and not ref.pronoun)):
        ref = context.copies_of
    return replace(ref, words=cursor.text(start))


_DEEPEST = 12  # "the mug on the desk near the wall behind …"


def _all_but(context: Context) -> Ref | None:
    """ "all but the first chair"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_ALL_BUT):
        left_out = single_thing(context, relations=True)
        if left_out is not None and not left_out.pronoun:
            left_out = with_others(context, left_out, relations=True)
            noun = left_out.noun
            if cursor.word(start - cursor.at) == "everything" or _is_all_of_them(context, left_out):
                noun = ""
            return Ref(words="", noun=noun, number="many", excluding=(left_out,))
    cursor.at = start
    return None


def _is_all_of_them(context: Context, left_out: Ref) -> bool:
    """ "all but the sofa", of which there is one; "all but the chairs"."""
    told = left_out.attributes or left_out.relations or left_out.order
    if told:
        return False
    return left_out.number == "many" or context.nouns.count(left_out.noun) <= 1


def _by_name(context: Context) -> Ref | None:
    """A name in quotes."""
    token = context.cursor.peek()
    if token is None or token.kind != "string" or token.word not in context.nouns.scene:
        return None
    context.cursor.at += 1
    return Ref(words="", noun=token.word)


def _quantified(context: Context) -> Ref | None:
    """ "all the white chairs", "each of the lights": rather than the pronoun "all"."""
    cursor = context.cursor
    if not cursor.sees("all|both|each|the two|the three|every one|these|those|this|that"):
        return None
    start = cursor.at
    ref = described(context)
    if ref is None or (ref.noun == "" and not _ends_with_noun(context)):
        cursor.at = start
        return None
    return ref


def _pronoun(context: Context) -> Ref | None:
    """A pronoun, unless it is the article of what follows ("this chair", "all chairs")."""
    cursor = context.cursor
    start = cursor.at
    ref = cursor.match(PRONOUNS)
    if ref is None:
        return None
    if cursor.word(-1) in _ARTICLES and _follows_description(context):
        cursor.at = start
        return None
    if ref.pronoun == "rest" and cursor.sees("of the|of my|of these|of those"):
        cursor.at += 1
        base = described(context)
        if base is not None:
            return replace(base, pronoun="rest", number="many")
        cursor.at -= 1
    return ref


def _follows_description(context: Context) -> bool:
    cursor = context.cursor
    if cursor.word() in ("is", "are", "of", "that", "and", "", "'s"):
        return False
    if context.nouns.find(cursor) is not None or cursor.sees(ONES):
        return not starts_clause(context) and not is_modal_can(cursor)
    start = cursor.at
    found = described(context) is not None and _ends_with_noun(context)
    cursor.at = start
    return found


def _ends_with_noun(context: Context) -> bool:
    last = thesaurus.singular(context.cursor.word(-1))
    return last in context.nouns.words or last in thesaurus.GENERAL or last in thesaurus.SAME


def is_modal_can(cursor: Cursor) -> bool:
    """The "can" of "the fan can go" is no can."""
    return cursor.word() == "can" and cursor.word(1) in _MODAL_AFTER_CAN


def one_modifier(context: Context, found: Description) -> bool:
    cursor = context.cursor
    if cursor.take("not|non"):
        found.is_negated = True
        return _attribute(context, found)
    if cursor.take("other|next"):
        found.is_other = True
        return True
    if cursor.sees("<front|back|rear> row") and not cursor.sees("<front|back|rear> row of"):
        side = "front" if cursor.word() == "front" else "back"
        cursor.at += 2
        found.attributes.append(Attribute(kind="state", value=f"{side} row"))
        return True
    ordinal = cursor.match(ORDINALS)
    if ordinal is not None:
        found.ordinal = ordinal
        return True
    if _order(context, found):
        return True
    at = cursor.at
    count = quantities.number(cursor)
    if count is not None:
        is_one = cursor.word(-1) == "one" and found.determiner in ("the", "this", "that")
        if is_one or cursor.sees(quantities.UNITS) or cursor.sees(_UNITS_AFTER):
            cursor.at = at
            return False
        found.count = int(count)
        return count == int(count) and 0 < count < 10000
    return _attribute(context, found) or _compound(context, found)


def _order(context: Context, found: Description) -> bool:
    cursor = context.cursor
    at = cursor.at
    if cursor.take(_MIDDLE) and _can_be_ordered(context, found):
        found.order = Order(measure="left", is_middle=True)
        return True
    cursor.at = at
    if cursor.sees("far <left|right> <corner|edge|end|side>"):
        return False
    far = cursor.match(NEAREST)
    if far is not None:
        if cursor.sees("left|right"):
            cursor.at = at
        else:
            found.order = Order(measure="distance", is_descending=far)
            return True
    side = cursor.match(SUPERLATIVES)
    if side is None or not _can_be_ordered(context, found):
        cursor.at = at
        return False
    found.order = Order(measure=side[0], is_descending=side[1])
    return True


def _can_be_ordered(context: Context, found: Description) -> bool:
    """ "the left lamp", but not the left of "move the ball left"; "front door" needs its door."""
    cursor = context.cursor
    is_told = bool(found.determiner or found.quantifier or found.count or found.ordinal is not None)
    if cursor.word(-1) not in _SIDES:
        return is_told
    follows = context.nouns.find(cursor) is not None or cursor.sees(
        "one|two|three|of <the|them|these|those>|thing|object|hand|ones"
    )
    if not follows:
        probe = Description()
        at = cursor.at
        follows = one_modifier(context, probe) and (
            context.nouns.find(cursor) is not None or cursor.sees(ONES)
        )
        cursor.at = at
    return follows and is_told


def _attribute(context: Context, found: Description) -> bool:
    cursor = context.cursor
    is_grade = cursor.word() == "little" and cursor.word(1) in _GRADED
    attribute = None if is_grade else attribute_at(cursor)
    if attribute is None:
        if cursor.word() in EMPTY_ADJECTIVES and cursor.word(1) not in ("is", "", "of", "are"):
            cursor.at += 1
            return True
        return False
    found.attributes.append(replace(attribute, is_negated=found.is_negated))
    at = cursor.at
    if cursor.take("and|or"):
        other = attribute_at(cursor)
        if (
            other is not None
            and attribute.kind == other.kind == "color"
            and _plural_follows(context)
        ):
            found.alternatives.append(other)
        elif (
            other is not None
            and context.nouns.find(cursor) is not None
            and attribute.kind != other.kind
        ):
            found.attributes.append(replace(other, is_negated=found.is_negated))
        else:
            cursor.at = at
    return True


def _plural_follows(context: Context) -> bool:
    noun = context.nouns.find(context.cursor)
    return (noun is not None and noun.is_plural) or context.cursor.sees("ones|things|objects")


def _compound(context: Context, found: Description) -> bool:
    """A noun before a noun: the "sofa" of "sofa cushions"."""
    cursor = context.cursor
    noun = context.nouns.find(cursor)
    if noun is None or noun.is_plural:
        return False
    start = cursor.at
    cursor.at += noun.length
    if cursor.take("standing|mounted|hanging|dwelling|borne|top|bound"):  # "the shelf standing box"
        if context.nouns.find(cursor) is not None or cursor.sees(ONES):
            where = Ref(words=noun.phrase, noun=noun.phrase, number="any")
            found.relations.append(Relation(kind="on", to=(where,)))
            return True
        cursor.at = start
        return False
    if context.nouns.find(cursor) is None or starts_clause(context) or is_modal_can(cursor):
        cursor.at = start
        return False
    found.modifier = noun.phrase
    return True


def _partitive(context: Context, ref: Ref, *, relations: bool) -> Ref:
    """ "one of the red ones", "the larger of the two balls", "the first of them", "the bottom book of the pile"."""
    cursor = context.cursor
    start = cursor.at
    if ref.pronoun == "viewer" or not (
        cursor.take("of|among|out of|from among") or cursor.word(-1) == "of"
    ):
        return ref
    base = noun_phrase(context, relations=relations, conjoined=False)
    if base is None:
        cursor.at = start
        return ref
    if ref.attributes == STACKED and not ref.noun and base.noun:
        return replace(
            base, number="many", attributes=base.attributes + STACKED
        )  # "the stack of boxes"
    if base.attributes == STACKED and not base.noun and ref.noun:
        return replace(ref, attributes=ref.attributes + STACKED)
    if ref.noun and ref.noun not in (base.noun, context.topic_noun):
        cursor.at = start
        return ref
    order = ref.order or (replace(base.order, count=1) if base.order else None)
    count = ref.count
    if (
        count is None
        and ref.number == "many"
        and not ref.noun
        and start > 0
        and cursor.tokens[start - 1].word == "half"
    ):
        count = max(1, context.nouns.count(base.noun) // 2)
    return replace(
        base,
        number=ref.number,
        count=count,
        attributes=ref.attributes + base.attributes,
        order=order,
        excluding=base.excluding,
    )
