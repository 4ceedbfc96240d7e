"""What is said of a thing and asks for nothing, or for little: "it looks lost there", "this is a bottle"."""

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import attribute_at
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Phrases
from maquette.editing.grammar.frames import (
    ends_clause,
)
from maquette.editing.grammar.states import free_name
from maquette.editing.plan import (
    Direction,
    Move,
    Operation,
    Ref,
    Rename,
)

_BACK_FROM: Phrases[Direction] = Phrases(
    {
        "[to the] left": "right",
        "[to the] right": "left",
        "high|up|high up": "down",
        "low|down|low down": "up",
        "forward|close|near|to the front|in front": "away",
        "back|backwards|far away|away": "toward",
    }
)


def is_remark(context: Context) -> bool:
    """ "the bin looks lost there, …": how it seems, and then what to do."""
    cursor = context.cursor
    token = cursor.peek()
    is_verb = token is not None and token.kind == "word" and token.word not in LANGUAGE
    if is_verb and token is not None and token.word.endswith("s"):  # "it creeps me out, …"
        while not cursor.is_done and cursor.word() not in (",", ".", "!", ";"):
            cursor.at += 1
        return cursor.at + 1 < len(cursor.tokens)
    if not cursor.take("looks|look|seems|seem|feels|feel"):
        return False
    cursor.take("a bit|a little|rather|quite|really|so|very|pretty|kind of|too|way too")
    token = cursor.peek()
    if (
        token is None
        or token.kind != "word"
        or token.word in ("at", "to", "toward", "towards", "like")
    ):
        return False
    if attribute_at(cursor) is None:
        cursor.at += 1
    cursor.take("there|here|like that|like this|to me|for me|in there|in here|now")
    return cursor.sees(",|.|!|;|:|-|so") and cursor.at + 1 < len(cursor.tokens)


def too_far(context: Context, ref: Ref) -> list[Operation] | None:
    """ "this is 50 cm too far left": back by that."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take("is|are|stands|hangs|sits|'s"):
        length = quantities.length(cursor, needs_unit=True)
        if length is not None and cursor.take("too <far|much>|too"):
            way = cursor.match(_BACK_FROM)
            if way is not None:
                cursor.take("[,|.] [please] [so] <fix|correct|change|adjust> <that|it|this>")
                lifts = way in ("up", "down")
                return [Move(targets=ref, direction=way, distance=length.metres, is_lift=lifts)]
    cursor.at = start
    return None


def is_named_so(context: Context, ref: Ref) -> list[Operation] | None:
    """ "this one's a bottle", "Object.001 is a suitcase, name it that", "the floor lamp is called X"."""
    cursor = context.cursor
    start = cursor.at
    if not cursor.take(
        "<'s|is|are|was|shall be|should be|will be> [now|from now on|hereby|henceforth|actually"
        "|really]"
    ):
        return None
    if cursor.take("called|named|labelled|labeled|to be <called|named>|known as"):
        name = free_name(context)
        cursor.take("now|from now on|please")
        return [Rename(targets=ref, to=name)] if name else None
    if (
        cursor.take("a|an")
        and attribute_at(cursor) is None
        and not cursor.sees("bit|little|lot|touch|tad|shade")
    ):
        noun = context.nouns.find(cursor)
        token = cursor.peek()
        if noun is not None:
            cursor.at += noun.length
            context.said_name = noun.phrase
        elif token is not None and token.kind == "word":
            cursor.at += 1
            context.said_name = token.word
        if context.said_name and ends_clause(context.cursor):
            return [Rename(targets=ref, to=context.said_name, is_label=True)]
    cursor.at = start
    context.said_name = ""
    return None
