"""Questions to be answered by yes or no: "is the lamp on the desk", "are there more than three chairs"."""

from dataclasses import replace
from typing import Any, cast

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import NEAREST, SUPERLATIVES, attribute_at
from maquette.editing.grammar.asking import THAN, is_over, with_tail
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.measuring import MEASURES, comparison_of, fits, measured
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.predicates import STAND
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.sizes import COMPARATIVES
from maquette.editing.plan import Attribute, Order, Question, Ref, Relation

_VISIBLE = phrases(
    "visible [from here|from the camera|to me]|in <view|the picture|frame|sight>|seen|hidden from view"
)
_SEE = phrases("<we|i|you|the camera|the viewer> [still] see")
_HAVE = phrases("<we|i|you> <have|have got|see>")


def _number_of(context: Context) -> Question | None:
    """ "(are there) more than three chairs", "exactly two lamps on the desk"."""
    cursor = context.cursor
    start = cursor.at
    than = cursor.match(THAN)
    amount = quantities.number(cursor) if than is not None else None
    ref = noun_phrase(context) if amount is not None else None
    if than is None or amount is None or ref is None:
        cursor.at = start
        return None
    return Question(
        kind="count",
        targets=with_tail(context, replace(ref, number="many", count=None)),
        comparison=cast(Any, than[0]),
        amount=amount + than[1],
    )


def is_so(context: Context) -> Question | None:
    """ "is the lamp on the desk", "is there something under it", "are any of the chairs red", "is A taller than B"."""
    cursor = context.cursor
    if not cursor.take("is|are|was|were"):
        return None
    there = cursor.take("there [also|actually|still|even] [not]")
    counted = _number_of(context)
    if counted is not None:
        return counted
    if there:
        context.is_asking = True
        ref = noun_phrase(context)
        context.is_asking = False
        return _exists(context, ref) if ref is not None else None
    anything = cursor.sees("anything|any|something|some")
    ref = noun_phrase(context, relations=False)
    if ref is None:
        return None
    return asked_of(context, replace(ref, number="any") if anything else ref)


def _exists(context: Context, ref: Ref) -> Question:
    ref = with_tail(context, ref)
    return Question(
        kind="exists", targets=replace(ref, number="any") if ref.number == "one" else ref
    )


def asked_of(context: Context, ref: Ref) -> Question | None:
    """What is asked of `ref` after the "is"."""
    cursor = context.cursor
    cursor.take("also|currently|still|really|actually|already|now|both|all")
    negated = cursor.take("not")
    if cursor.take(_VISIBLE):
        return Question(kind="is_visible", targets=ref)
    at = cursor.at
    if cursor.take("[switched|turned] <on|off>|lit") and is_over(context):
        value = "off" if cursor.word(-1) == "off" else "on"
        return Question(
            kind="is_attribute", targets=ref, attribute=Attribute(kind="state", value=value)
        )
    cursor.at = at
    compared = _comparison(context, ref)
    if compared is not None:
        return compared
    cursor.at = at
    cursor.take("standing|lying|sitting|hanging|placed|located|resting|leaning")
    either = _either_side(context, ref)
    if either is not None:
        return either
    superlative = _superlative(context, ref)
    if superlative is not None:
        return superlative
    found = relation(context, nested=True)
    if found is not None:
        told = replace(found[0], is_negated=negated)
        if ref.number == "any" and not ref.noun:
            return Question(kind="exists", targets=replace(ref, relations=(*ref.relations, told)))
        return Question(kind="is_related", targets=ref, relation=told)
    cursor.take("a|an|made of|painted|made from")
    attribute = attribute_at(cursor)
    if attribute is not None:
        attribute = replace(attribute, is_negated=negated)
        return Question(kind="is_attribute", targets=ref, attribute=attribute)
    if ref.relations and is_over(context):
        told = replace(ref, relations=ref.relations[:-1])
        return Question(kind="is_related", targets=told, relation=ref.relations[-1])
    return None


_SIDE = phrases(
    "[to|on] [the] <left|right> [side] [of]|<in front|behind|on top|above|below|under|in|on|inside> [of]|next to"
)


def _either_side(context: Context, ref: Ref) -> Question | None:
    """ "(is the hammer) left or right of the drill?"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_SIDE) and cursor.take("or") and cursor.take(_SIDE):
        other = noun_phrase(context, relations=False)
        if other is not None:
            return Question(kind="relation_of", targets=ref, other=other)
    cursor.at = start
    return None


def _superlative(context: Context, ref: Ref) -> Question | None:
    """ "is the sofa the biggest thing"."""
    cursor = context.cursor
    at = cursor.at
    cursor.take("the")
    found = cursor.match(SUPERLATIVES)
    if found is None or cursor.sees("of"):
        cursor.at = at
        return None
    noun = noun_phrase(context) if not is_over(context) else None
    order = Order(measure=found[0], is_descending=found[1])
    other = replace(noun or Ref(words="thing"), order=order)
    return Question(kind="what_is", targets=ref, other=other, comparison="equal")


def _comparison(context: Context, ref: Ref) -> Question | None:
    """ "closer to X than Y", "taller than B", "as tall as B"."""
    cursor = context.cursor
    far = cursor.match(NEAREST)
    if far is not None:
        cursor.take("away")
        to = (
            noun_phrase(context, relations=False, conjoined=False)
            if cursor.take("to|from")
            else None
        )
        other = (
            noun_phrase(context, relations=False, conjoined=False)
            if to and cursor.take("than")
            else None
        )
        if to is None or other is None:
            return None
        near = Relation(kind="far_from" if far else "near", to=(to,))
        return Question(
            kind="compare",
            targets=ref,
            other=other,
            relation=near,
            comparison="more" if far else "less",
        )
    if cursor.take("as|the same"):
        measure = cursor.match(MEASURES)
        other = noun_phrase(context) if measure is not None and cursor.take("as") else None
        if other is None:
            return None
        return Question(
            kind="compare", targets=ref, other=other, measure=cast(Any, measure), comparison="equal"
        )
    than = cursor.match(THAN)
    if than is not None:
        return _than_length(context, ref, than[0])
    comparative = cursor.match(COMPARATIVES)
    if comparative is None or not cursor.take("than"):
        return None
    length = quantities.length(cursor, needs_unit=True)
    if length is not None and length.metres is not None:
        return replace(
            measured(ref, comparative[0], ""),
            kind="compare",
            comparison="more" if comparative[1] > 0 else "less",
            amount=length.metres,
        )
    other = noun_phrase(context)
    return comparison_of(ref, other, comparative) if other is not None else None


def _than_length(context: Context, ref: Ref, comparison: str) -> Question | None:
    """ "(is the shelf) more than 2 m tall", "less than a metre away from the wall"."""
    cursor = context.cursor
    length = quantities.length(cursor, needs_unit=True)
    if length is None or length.metres is None:
        return None
    measure = cursor.match(MEASURES)
    if measure is not None:
        asked = replace(measured(ref, measure, ""), kind="compare")
    elif cursor.take("[away] from|apart from|to"):
        other = noun_phrase(context, relations=False, conjoined=False)
        if other is None:
            return None
        asked = Question(kind="distance", targets=ref, other=other)
    elif cursor.take("apart [from each other]|away from each other"):
        asked = Question(kind="distance", targets=ref)
    else:
        return None
    return replace(asked, comparison=cast(Any, comparison), amount=length.metres)


def does_so(context: Context) -> Question | None:
    """ "does the cylinder stand left of the bench", "would the sofa fit between …", "do we have a lamp"."""
    cursor = context.cursor
    if not cursor.take("does|do|did|will|would|can|could"):
        return None
    asks = cursor.word(-1) in ("does", "do", "did")
    if cursor.take(_SEE):
        ref = noun_phrase(context)
        cursor.take("from <here|this view|this camera>|in the <picture|view>")
        return Question(kind="is_visible", targets=ref) if ref is not None else None
    if asks and cursor.take(_HAVE):
        counted = _number_of(context)
        if counted is not None:
            return counted
        context.is_asking = True
        ref = noun_phrase(context)
        context.is_asking = False
        return _exists(context, replace(ref, number="any")) if ref is not None else None
    ref = noun_phrase(context, relations=False)
    if ref is None:
        return None
    if cursor.take("be seen"):
        return Question(kind="is_visible", targets=ref)
    if cursor.take("fit|fits"):
        return fits(context, ref)
    if cursor.take("touch|touches|face|faces|have"):
        return _does_to(context, ref, cursor.word(-1))
    if not cursor.take(STAND):
        return None
    found = relation(context, nested=True)
    return (
        Question(kind="is_related", targets=ref, relation=found[0]) if found is not None else None
    )


def _does_to(context: Context, ref: Ref, verb: str) -> Question | None:
    cursor = context.cursor
    other = noun_phrase(context, relations=False)
    if other is None:
        return None
    kinds = {
        "touch": "touching",
        "touches": "touching",
        "face": "facing",
        "faces": "facing",
        "have": "with",
    }
    kind = kinds[verb]
    if verb == "have" and cursor.take("on <it|top|them>"):
        kind = "supporting"
    elif verb == "have" and cursor.take("<in|inside> [it|them]"):
        kind = "containing"
    return Question(
        kind="is_related", targets=ref, relation=Relation(kind=cast(Any, kind), to=(other,))
    )


def is_any(context: Context) -> Question | None:
    """ "anything on the chair?", "any red chairs left?"."""
    cursor = context.cursor
    if not cursor.sees("anything|any|something"):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    cursor.take("left|around|here")
    return Question(kind="exists", targets=ref) if cursor.sees("?") else None
