"""What follows a verb or a subject, read one complement after the other."""

from collections.abc import Callable

from maquette.editing.grammar import arrange, lights, looks, sizes, states, travel, turning
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.descriptions import starts_clause
from maquette.editing.grammar.frames import FILLERS
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.slots import Slots

Reader = Callable[[Context, Slots], bool]


def complements(context: Context, slots: Slots) -> None:
    """Read as many complements as follow; what remains is for who called."""
    cursor = context.cursor
    while not cursor.is_done:
        before = cursor.at
        if _one(context, slots):
            continue
        if cursor.word() in FILLERS and not starts_clause(context):
            cursor.at += 1
            continue
        if cursor.take(",|and|but|-|ie|eg|or rather|(|)|:"):
            cursor.take(".")
            cursor.take("ie|eg|and|but|then|also|it|not just|to be|be|all [of them]|each|both")
            cursor.take(".|,")
            if not starts_clause(context) and _one(context, slots):
                continue
        if slots.found > 0 and cursor.take("<that|which> <is|are>") and _one(context, slots):
            continue  # "wood that is a bit lighter"
        cursor.at = before
        return


def _one(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    for reader in _READERS:
        before = cursor.at
        if reader(context, slots) and cursor.at > before:
            slots.found += 1
            return True
        cursor.at = before
    return False


def denied(context: Context, slots: Slots) -> bool:
    """ "(on the counter,) not on the table": where not."""
    cursor = context.cursor
    if not (slots.relations and cursor.take("[,] [and|but] <not|rather than|instead of>")):
        return False
    if relation(context) is None:
        return False
    slots.found -= 1
    return True


def place(context: Context, slots: Slots) -> bool:
    """A place that is given by its relation to things."""
    found = relation(context)
    if found is None:
        return False
    goes = slots.length is not None or bool(slots.travels) or found[0].distance is not None
    if found[0].kind == "far_from" and (
        goes or slots.verb in ("move", "") or (found[0].to and found[0].to[0].pronoun == "viewer")
    ):
        return False
    is_bare_on = found[0].kind == "on" and bool(found[0].to) and found[0].to[0].noun == ""
    if slots.verb == "rotate" and is_bare_on:
        return False
    slots.relations.append(found)
    return True


_READERS: tuple[Reader, ...] = (
    states.purpose,
    denied,
    states.family,
    states.cargo,
    states.times,
    states.excepting,
    states.keeping,
    turning.pose,
    states.gone,
    lights.switch,
    arrange.arrangement,
    turning.spin,
    turning.facing,
    lights.light,
    sizes.size,
    place,
    travel.travel,
    looks.look,
    states.visibility,
)
