"""The last operation done with something else: "sorry, I meant the crate", "no, blue", "not the bin, the crate"."""

from dataclasses import replace

from maquette.editing.grammar.answers import at_end, replaced
from maquette.editing.grammar.build import operations
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.frames import ends_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.slots import Slots
from maquette.editing.plan import (
    Material,
    Move,
    Operation,
    Place,
    Ref,
    Resize,
    Rotate,
    Scale,
    Undo,
)

_CORRECTION = phrases(
    "[no|sorry|oops|well|actually|scratch that|wait|no wait] [,] [i <mean|meant> [to say]|rather|make that"
    "|correction|that is to say]"
    "|or rather|no sorry|sorry no|no no"
)


def correction(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "… sorry, I mean the crate": the last operation, of something else; "no, blue": with something else."""
    cursor = context.cursor
    start = cursor.at
    is_new = not done
    before = list(context.history.last.operations) if is_new and context.history.last else done
    if not before:
        return None
    if is_new:
        cursor.take("[oh|no|sorry|wait|oops|actually] [,]")
        swapped = _not_this_but(context)
        named = getattr(before[-1], "targets", None)
        if swapped is not None and cursor.is_done and isinstance(named, Ref):
            return _for_another(context, done, before[-1], named, swapped)
        cursor.at = start
    if not (cursor.take(_CORRECTION) or (is_new and cursor.sees("not|no"))):
        return None
    while cursor.take(",|-|.") or cursor.take(_CORRECTION):
        pass
    last = before[-1]
    target = getattr(last, "targets", None)
    if not isinstance(target, Ref):
        return None
    at = cursor.at
    meant = _not_this_but(context)
    if meant is not None:
        return _for_another(context, done, last, target, meant)
    cursor.at = at
    slots = Slots()
    complements(context, slots)
    if slots.found > 0 and ends_clause(context.cursor):
        found = instead(context, last, target, slots)
        if found:
            if is_new:
                return [Undo(), *found]
            done.pop()
            return found
    cursor.at = at
    ref = noun_phrase(context)
    is_meant = not is_new or _names_another(context, ref, start, at)
    if ref is None or not at_end(context) or not is_meant:
        cursor.at = start
        return None
    return _for_another(context, done, last, target, ref)


def _names_another(context: Context, ref: Ref | None, start: int, at: int) -> bool:
    """ "sorry, I meant the crate", said to what was done: a thing by its name, after words that take back."""
    said = {token.word for token in context.cursor.tokens[start:at]}
    is_named = ref is not None and bool(ref.noun or (ref.pronoun == "other" and ref.attributes))
    return is_named and bool(said & {"mean", "meant", "sorry", "oops", "rather", "no"})


def _not_this_but(context: Context) -> Ref | None:
    """ "not the bin, the crate", "the crate, not the bin"."""
    cursor = context.cursor
    if cursor.take("not"):
        wrong = noun_phrase(context, conjoined=False)
        if wrong is None or not cursor.take("[,] but|,|-|:|.|!"):
            return None
        cursor.take("i <mean|meant>|rather")
        ref = noun_phrase(context)
    else:
        ref = noun_phrase(context, conjoined=False)
        if ref is None or not cursor.take("[,] not"):
            return None
        wrong = noun_phrase(context, conjoined=False)
    if ref is None or wrong is None or not at_end(context):
        return None
    return ref if ref.noun or ref.attributes or ref.order else None


def _for_another(
    context: Context, done: list[Operation], last: Operation, target: Ref, ref: Ref
) -> list[Operation]:
    """The last operation, taken back and done with another thing."""
    if not ref.noun and not ref.pronoun:
        ref = replace(ref, noun=target.noun)
    context.topic = ref
    if not done:
        return [Undo(), replaced(last, target, ref)]
    done.pop()
    return [replaced(last, target, ref)]


def instead(context: Context, last: Operation, target: Ref, slots: Slots) -> list[Operation]:
    """The operation again with what is said now, if that is of its kind."""
    if isinstance(last, Move | Place) and slots.relations:
        slots.verb = "place"
    elif isinstance(last, Move):
        slots.verb = "move"
        if slots.length is not None and not slots.travels:
            return [replace(last, distance=slots.length.metres)]
    elif isinstance(last, Rotate):
        slots.verb = "rotate"
    found = operations(context, target, slots)
    kinds: tuple[type, ...] = (Move, Place, Material, Rotate, Scale, Resize)
    same = (
        found
        and isinstance(last, kinds)
        and (
            type(found[0]) is type(last)
            or {type(found[0]), type(last)} in ({Move, Place}, {Scale, Resize})
        )
    )
    return found if same else []
