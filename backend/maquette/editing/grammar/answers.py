"""Answers to a question that was asked back: "the brown one", "both", "the one on the shelf"."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from maquette.editing.grammar.adjectives import AT_SIDE, SUPERLATIVES, attribute_at
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.frames import FILLERS, TAG, ends_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.relations import relation
from maquette.editing.plan import (
    EditPlan,
    Order,
    Ref,
)

_ANSWER = phrases(
    "i <mean|meant|think|want>|sorry|oh|well|um|take|use|the answer is|that would be|it is|make it|no|yes|choose"
    "|pick|of course"
    "|ok|okay|,|:|please|the one i mean is|i was thinking of|go for|let us take"
)
_SEPARATORS = frozenset({",", ".", "!", "?", ";"})


def at_end(context: Context) -> bool:
    """Whether the clause is over; fillers are stepped over."""
    cursor = context.cursor
    while cursor.word() in FILLERS or cursor.sees(TAG):
        cursor.at += cursor.length_of(TAG) or 1
    return ends_clause(context.cursor)


def answered(context: Context) -> EditPlan | None:
    """The pending plan, with the unclear thing narrowed by the answer ("the brown one")."""
    history, cursor = context.history, context.cursor
    if history.pending is None or history.unclear is None:
        return None
    while cursor.take(_ANSWER):
        pass
    context.topic_noun = history.unclear.noun
    answer = _answer_ref(context)
    if answer is None or not _ends(context):
        cursor.at = 0
        context.topic_noun = ""
        return None
    narrowed = _narrowed(history.unclear, answer)
    return EditPlan(
        operations=tuple(
            replaced(op, history.unclear, narrowed) for op in history.pending.operations
        )
    )


def _answer_ref(context: Context) -> Ref | None:
    """A noun phrase, or a mere place or property: "left", "on the shelf", "brown"."""
    cursor = context.cursor
    start = cursor.at
    ref = noun_phrase(context)
    if ref is not None:
        return ref
    cursor.at = start
    cursor.take("the")
    side = cursor.match(SUPERLATIVES)
    if side is not None:
        cursor.take("one|side")
        return Ref(words=cursor.text(start), order=Order(measure=side[0], is_descending=side[1]))
    attribute = attribute_at(cursor)
    if attribute is not None:
        return Ref(words=cursor.text(start), attributes=(attribute,))
    at_side = cursor.match(AT_SIDE)
    if at_side is not None:
        middle = at_side == "middle"
        order = Order(measure="left", is_middle=True) if middle else Order(measure=at_side)
        return Ref(words=cursor.text(start), order=order)
    found = relation(context)
    return Ref(words=cursor.text(start), relations=(found[0],)) if found is not None else None


def _ends(context: Context) -> bool:
    cursor = context.cursor
    while not cursor.is_done:
        length = cursor.length_of("of course|one|thank you|i mean|i think")
        if not length and cursor.word() not in FILLERS and cursor.word() not in _SEPARATORS:
            return False
        cursor.at += length or 1
    return True


def _narrowed(unclear: Ref, answer: Ref) -> Ref:
    if answer.pronoun == "them":
        return replace(unclear, number="many", words=answer.words)
    if answer.pronoun in ("this", "it", "rest") or (answer.number == "many" and not answer.noun):
        return answer
    return replace(
        unclear,
        words=answer.words,
        noun=answer.noun or unclear.noun,
        number=answer.number,
        count=answer.count,
        pronoun=answer.pronoun,
        attributes=unclear.attributes
        + tuple(a for a in answer.attributes if a not in unclear.attributes),
        relations=unclear.relations + answer.relations,
        order=answer.order or unclear.order,
        excluding=unclear.excluding + answer.excluding,
        also=answer.also,
    )


def replaced(value: Any, old: Ref, new: Ref) -> Any:
    """`value` with every `old` in it replaced by `new`."""
    if value == old:
        return new
    if isinstance(value, tuple):
        return tuple(replaced(item, old, new) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: replaced(getattr(value, f.name), old, new) for f in fields(value)}
        return replace(value, **changes)
    return value
