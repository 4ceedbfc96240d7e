"""Questions of size and distance: "how tall is the shelf, in feet", "how far is A from B"."""

from dataclasses import replace
from typing import Any, cast

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.sizes import COMPARATIVES
from maquette.editing.plan import Question, Ref

MEASURES: Phrases[str] = Phrases(
    {
        "tall|high|height": "height", "wide|broad|width": "width", "long|length": "length",
        "deep|depth": "depth", "thick|thickness": "thickness", "big|large|size|dimensions|measurements": "size",
        "volume|voluminous": "volume", "bright|strong|power|brightness|wattage|powerful": "power",
    }
)  # fmt: skip
COLOR = "<color|colour|shade>"


def _unit(context: Context) -> str:
    cursor = context.cursor
    at = cursor.at
    cursor.take(",")
    if cursor.take("in|measured in|expressed in"):
        unit = cursor.match(quantities.UNIT_NAMES)
        if unit is not None:
            return unit
    cursor.at = at
    return ""


def measured(ref: Ref, measure: str, unit: str) -> Question:
    return Question(kind="measure", targets=ref, measure=cast(Any, measure), unit=unit)


def distance_between(context: Context) -> Question | None:
    """ "how far is A from B", "distance between A and B", "how much space is there between them"."""
    cursor = context.cursor
    if cursor.take("how <far|close|near> [apart|away] [is|are] [it] [away] [from|to]"):
        first = noun_phrase(context, relations=False)
    else:
        if cursor.take("is there [enough] <room|space> for"):
            return fits(context, noun_phrase(context, relations=False))
        cursor.take(
            "what is|what|how <wide|big|large> is|measure|how much is|give me|how much|is there"
        )
        cursor.take("the|is the|a")
        if not cursor.take("distance|gap|space|clearance|separation|room|spacing"):
            return None
        cursor.take("<is|are> there|there is|is")
        if not cursor.take("between|from|of"):
            return None
        first = noun_phrase(context, relations=False)
    if first is None:
        return None
    cursor.take("apart [from each other]|away|from each other")
    second: Ref | None = None
    if first.also:
        second, first = first.also[0], replace(first, also=())
    elif cursor.take("[away] <from|to|and>|is from|are from"):
        second = noun_phrase(context, relations=False, conjoined=False)
    cursor.take("is|are")
    cursor.take("apart|from each other|away")
    return Question(kind="distance", targets=first, other=second, unit=_unit(context))


def how_much_or_big(context: Context) -> Question | None:
    """ "how tall is the shelf, in feet", "how much taller is A than B", "how wide the desk is"."""
    cursor = context.cursor
    if not cursor.take("how"):
        return None
    if cursor.take("much"):
        return _how_much(context)
    measure = cursor.match(MEASURES)
    if measure is None:
        return None
    over_floor = measure == "height" and cursor.take(
        "[up] <above|over|off|from> the <floor|ground>"
    )
    verb = cursor.take("is|are|does|do|was|'s|were")
    ref = noun_phrase(context)
    if ref is None or not (verb or cursor.take("is|are")):
        return None
    hangs = cursor.take("<hang|hangs|float|sit|hanging|mounted> [above the <floor|ground>]")
    if hangs or over_floor or cursor.take("[up] <above|over|off|from> the <floor|ground>"):
        return Question(
            kind="distance",
            targets=ref,
            other=Ref(words="the floor", noun="floor"),
            unit=_unit(context),
        )
    cursor.take("measure|get|right now|now")
    return measured(ref, measure, _unit(context))


def _how_much(context: Context) -> Question | None:
    cursor = context.cursor
    comparative = cursor.match(COMPARATIVES)
    if comparative is None or not cursor.take("is|are"):
        return None
    first = noun_phrase(context)
    second = noun_phrase(context) if cursor.take("than") else None
    if first is None or second is None:
        return None
    return replace(
        comparison_of(first, second, comparative, _unit(context)), comparison="difference"
    )


def comparison_of(
    first: Ref, second: Ref, comparative: tuple[str, int], unit: str = ""
) -> Question:
    return Question(
        kind="compare",
        targets=first,
        other=second,
        measure=cast(Any, comparative[0]),
        comparison="more" if comparative[1] > 0 else "less",
        unit=unit,
    )


def measure_of(context: Context) -> Question | None:
    """ "what is the height of the rack in cm", "the sofa's width?", "measure the table"."""
    cursor = context.cursor
    if cursor.take("measure"):
        at = cursor.at
        cursor.take("the")
        measure = cursor.match(MEASURES)
        if measure is None or not cursor.take("of"):
            measure, cursor.at = "size", at
        ref = noun_phrase(context)
        return measured(ref, measure, _unit(context)) if ref is not None else None
    asked = cursor.take("what <is|are|was>|what|give me|which")
    at = cursor.at
    cursor.take("the")
    measure = cursor.match(MEASURES)
    if measure is not None and cursor.take("of|does|is|has|do"):
        ref = noun_phrase(context)
        if ref is not None:
            cursor.take("have")
            unit = _unit(context)
            if asked or cursor.sees("?") or cursor.is_done:
                return measured(ref, measure, unit)
    cursor.at = at
    ref = noun_phrase(context, relations=False)
    if ref is None or not cursor.take("'s"):
        return None
    measure = cursor.match(MEASURES)
    if measure is not None and (asked or cursor.is_done or cursor.sees("?|in")):
        return measured(ref, measure, _unit(context))
    if cursor.take(COLOR) and (asked or cursor.sees("?")):
        return Question(kind="color", targets=ref)
    if asked and cursor.take("material"):
        return Question(kind="material", targets=ref)
    if asked and cursor.take("name"):
        return Question(kind="what_is", targets=ref)
    return None


def fits(context: Context, ref: Ref | None) -> Question | None:
    found = relation(context)
    if found is None or ref is None:
        return None
    other = found[0].to[0] if found[0].to else None
    return Question(kind="fits", targets=ref, relation=found[0], other=other)
