"""What an instruction acts on: "the height of the stool", "the box on the floor", "it"."""

from maquette.editing.grammar import arrange, quantities
from maquette.editing.grammar.context import IT, Context
from maquette.editing.grammar.cursor import Phrases, words
from maquette.editing.grammar.descriptions import starts_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.properties import PROPERTIES, property_at
from maquette.editing.grammar.travel import direction
from maquette.editing.plan import (
    Operation,
    Ref,
)

ARTICLES = words(
    "half five six seven eight ten none several the a an my all it them this that these those"
    " every both each everything two three four"
    " our another your one its more"
    " whatever some any me her his their"
)
_MEASURES: Phrases[str] = Phrases(
    {
        "height": "height", "width": "width", "depth": "depth", "length": "length", "size|scale": "size",
        "[light] <brightness|power|intensity|strength|output|wattage>": "power",
        "[color|colour|light] temperature": "temperature", "roughness": "roughness",
    }
)  # fmt: skip
# verbs whose target is followed by where it goes: "on the desk" tells no more which one is meant
LOCATED = frozenset(
    {
        "move", "place", "hang", "face", "raise", "lower", "duplicate", "add", "arrange", "lay", "upright",
    }
)  # fmt: skip


def target_of(context: Context, verb: str, *, takes: bool = False) -> tuple[Ref | None, str]:
    """What the verb acts on, and the property of it if one is named ("the height of the stool")."""
    cursor = context.cursor
    start = cursor.at
    if cursor.word(1) in ARTICLES:
        cursor.take("up|down|out|off|back|over|away|around|aside")
    if verb in ("rotate", "face"):
        cursor.take("the <front|face> of")
    particle_end = cursor.at
    named = property_at(context)
    if named is not None:
        return named[0] or IT, named[1]
    if verb in LOCATED:
        context.blocked = frozenset({"where", "with"} if verb == "arrange" else {"where"})
    ref = _with_its_place(context, verb, takes=takes) or noun_phrase(
        context, relations=verb not in LOCATED
    )
    context.blocked = frozenset()
    if ref is None:
        cursor.at = start if cursor.at == particle_end else particle_end
        cursor.at = start
        return None, ""
    at = cursor.at
    if cursor.take("'s"):
        cursor.take("own")
        prop = cursor.match(PROPERTIES)
        if prop is not None:
            return ref, prop
    elif cursor.take("color|colour") and (
        context.verb == "paint" or cursor.sees("to|into|from|should|must")
    ):
        return ref, "color"  # "change sarcophagus color to turquoise"
    elif ref.noun and not ref.relations:
        prop = cursor.match(_MEASURES)
        if prop is not None and cursor.sees("to|by|=|:|up|down|should|must|from"):
            return ref, prop  # "reduce desk height by 10 cm"
    cursor.at = at
    return ref, ""


def _with_its_place(context: Context, verb: str, *, takes: bool) -> Ref | None:
    """ "push the box on the floor 30 cm away", "get the thing on the desk and put it …": the place tells which one."""
    cursor = context.cursor
    if verb not in ("move", "raise", "lower", "arrange"):
        return None
    start = cursor.at
    ref = noun_phrase(context)
    if ref is not None and (ref.relations or any(other.relations for other in ref.also)):
        at = cursor.at
        if verb == "arrange" and (cursor.take("up|out|by") or cursor.sees(arrange.KINDS)):
            cursor.at = at
            return ref
        if takes and cursor.take(",|;|[,] <and|then>") and starts_clause(context):
            cursor.at = at
            return ref
        cursor.at = at
        cursor.take("by|straight|further|a bit")
        amount = quantities.length(cursor)
        way = direction(context)
        cursor.at = at
        if verb != "arrange" and (amount is not None or way is not None):
            return ref
    cursor.at = start
    return None


def resolved(context: Context, target: Ref, done: list[Operation]) -> Ref:
    """ "it" before anything was done in this prompt is what the prompt talked of."""
    is_pronoun = target.pronoun in ("it", "them") and not target.noun and target.order is None
    if is_pronoun and context.topic is not None and not done:
        return context.topic
    return target
