"""What all kinds of questions share: where they end, words that ask nothing, comparisons with a number."""

from dataclasses import replace

from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases, phrases
from maquette.editing.grammar.predicates import post_modifiers, predicates
from maquette.editing.grammar.relations import relation
from maquette.editing.plan import Ref

_THERE = phrases(
    "<are|is> there|[are] there <are|is>|<have|do> <we|i|you> [got] [have|see|count|find]|<can|could> <i|we|you> see"
    "|[are|exist] in [the|this] <scene|room>|are in here|exist|<we|i> <have|got>|there are|there|can be seen"
    "|does the scene have"
    "|have we|do we have got|got"
)


def is_over(context: Context) -> bool:
    return context.cursor.is_done or context.cursor.sees("?|.|!|,|please|now|right now|here")


THAN: Phrases[tuple[str, int]] = (
    Phrases(  # how it compares with a whole number that follows, moved by this
        {
            "more than|over|above": ("more", 0),
            "<less|fewer> than|under|below": ("less", 0),
            "at least|a minimum of": ("more", -1),
            "at most|no more than|not more than|a maximum of": ("less", 1),
            "exactly|precisely|just|only": ("equal", 0),
        }
    )
)


def with_tail(context: Context, ref: Ref) -> Ref:
    """ "… are blue", "… are there on the shelf", "… and stand on a table"."""
    cursor = context.cursor
    cursor.take(_THERE)
    changed = predicates(context, ref) or post_modifiers(context, ref, relations=True)
    if changed != ref:
        return changed
    found = relation(context)
    if found is not None:
        return replace(ref, relations=(*ref.relations, found[0]))
    cursor.take(_THERE)
    return ref
