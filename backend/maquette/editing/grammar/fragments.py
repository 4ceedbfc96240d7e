"""Clauses of values alone: "#1E90FF for the couch", "20 cm to the left", "two thirds of its size is enough"."""

from maquette.editing.grammar import lights, looks, quantities, sizes
from maquette.editing.grammar.build import is_light, operations
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import IT, Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.frames import (
    FILLERS,
    ends_clause,
)
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.openers import skip_polite
from maquette.editing.grammar.slots import Slots
from maquette.editing.plan import (
    Operation,
)

_NICE = phrases(
    "<would|might|could> <be|look> <nicer|prettier|cooler|more practical>|<is|are|would be"
    "|will be|should be> <enough|plenty|fine|sufficient|better|ok|okay>|<would|might|could> <be"
    "|look> <nice|great|better|good|cool|lovely|perfect>|please|if possible|would <do|be it>"
)


def value_for(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "#1E90FF for the couch", "150 W in each of the lights", "a darker tone for the blanket would be nice"."""
    cursor = context.cursor
    start = cursor.at
    skip_polite(context)
    cursor.take("<use|apply|put|have> [the|a] [<color|colour|material|finish>]")
    cursor.take("a|an|some|the|more")
    slots = Slots()
    at = cursor.at
    found = context.nouns.find(cursor)
    if found is not None and context.nouns.count(found.phrase):
        cursor.at = start  # where there is one, "pumpkin on the floor" is no color of the floor
        return None
    for reader in (lights.light, looks.look, sizes.size, _spin):
        cursor.at = at
        if reader(context, slots) and cursor.at > at:
            break
    else:
        cursor.at = start
        return None
    cursor.take("paint|color|colour|finish|look|power")
    if not cursor.take("for|[in|to|from] each of|in|on|in each|as the color of|with|,"):
        cursor.at = start
        return None
    ref = noun_phrase(context)
    if ref is None:
        cursor.at = start
        return None
    cursor.take(_NICE)
    while cursor.word() in FILLERS:
        cursor.at += 1
    if not ends_clause(context.cursor):
        cursor.at = start
        return None
    context.topic = ref
    if not is_light(context, ref):
        slots.lamp.pop("temperature_k", None)
    slots.verb = "make"
    return operations(context, ref, slots) or None


def _spin(context: Context, slots: Slots) -> bool:
    """ "a 90 degree right turn with the couch"."""
    cursor = context.cursor
    angle = quantities.angle(cursor)
    if angle is None:
        return False
    if cursor.take("left|counterclockwise|anticlockwise"):
        slots.spin = 1
    elif cursor.take("right|clockwise"):
        slots.spin = -1
    cursor.take("turn|rotation|spin")
    slots.angle = angle
    return True


def bare_values(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "…, and plain green", "20 cm to the left": about what was talked of."""
    cursor = context.cursor
    start = cursor.at
    skip_polite(context)
    target = context.topic if context.topic is not None and not done else IT
    slots = Slots(is_light=context.topic is not None and is_light(context, context.topic))
    complements(context, slots)
    known = (
        done
        or context.topic is not None
        or context.history.has_targets
        or context.nouns.vocabulary.num_selected
    )
    if cursor.at == start or slots.found <= 0 or not known:
        return None
    if cursor.take("with|for"):
        ref = noun_phrase(context)
        if ref is None:
            return None
        target = context.topic = ref
    cursor.take(_NICE)
    if (slots.factor or slots.percent) and not (slots.travels or slots.length or done):
        slots.verb = slots.verb or "make"
    slots.verb = slots.verb or (
        context.last_verb if done and context.last_verb == "rotate" else "move"
    )
    return operations(context, target, slots) or None
