"""Slips of the tongue, mended before a prompt is read: "put it into... no, under the table".

What comes after the break replaces what came before it: a whole instruction where a verb follows, a place where a
preposition follows, a thing where a thing follows.
"""

from dataclasses import replace

from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.relations import PREPOSITIONS
from maquette.editing.grammar.tokens import Token
from maquette.editing.grammar.verbs import VERBS

_DOTS = frozenset({"...", "..", "…"})
_MARKS = frozenset({"-", "–", "—", ",", "?"})
_SORRY = phrases(
    "<ah|er|erm|uh|um|hmm> [,] [no [,]] [just]|[<ah|er|erm|uh|um|oh>] [no"
    "|oh] [,] [wait] [no] [,] <sorry|i <mean|meant> [to say]|no wait|wait|rather|well|oops"
    "|scratch that|make that|or rather> [,]"
    " [i <mean|meant>] [just] [rather]|no [,] [just]|no no [,]|actually [,]"
)
_AFTER = phrases("[,] <i <mean|meant>|rather|of course> [,]")
_ENDS = frozenset({",", ".", ";", "and", "then", ":"})


def mend(context: Context) -> None:
    """Take out what was taken back. `context.cursor` stands at the beginning afterwards."""
    cursor = context.cursor
    for _ in range(3):
        found = _break(context)
        if found is None or not _mend_at(context, *found):
            break
    cursor.at = 0


def _break(context: Context) -> tuple[int, int] | None:
    """The first place where somebody begins anew: where the break is, and where the new words begin."""
    cursor = context.cursor
    for index, token in enumerate(cursor.tokens[1:], 1):
        if token.kind == "string" or (token.word not in _DOTS and token.word not in _MARKS):
            continue
        cursor.at = index + 1
        is_sorry = cursor.take(_SORRY)
        says_so = is_sorry and cursor.word(-1) not in ("well", "actually")
        if cursor.at < len(cursor.tokens) and (
            token.word in _DOTS or (says_so and _is_plain(cursor.tokens, index))
        ):
            return index, cursor.at
    return None


def _is_plain(tokens: list[Token], index: int) -> bool:
    """ "…, no, …" after a comma says too little: there "no" may belong to what follows."""
    following = [token.word for token in tokens[index + 1 : index + 3]]
    return following[:1] != ["no"] or following in (["no", "wait"], ["no", ":"])


def _mend_at(context: Context, at: int, new: int) -> bool:
    cursor = context.cursor
    tokens = cursor.tokens
    start = at
    while start > 0 and tokens[start - 1].word not in _ENDS:
        start -= 1
    cursor.at = new
    noun = context.nouns.find(cursor)
    verb = cursor.length_of(VERBS)
    if verb and not (
        noun is not None
        and noun.is_in_scene
        and noun.length >= verb
        and not _is_object(context, new + verb)
    ):
        return _new_instruction(context, start, at, new)
    if cursor.sees(PREPOSITIONS):
        last = _last_preposition(context, start, at)
        if last is None:
            return False
        cursor.tokens = tokens[:last] + _with_place_named(context, last, at, new)
        return True
    return _new_thing(context, start, at, new)


def _is_object(context: Context, at: int) -> bool:
    context.cursor.at = at
    return noun_phrase(context) is not None


def _new_instruction(context: Context, start: int, at: int, new: int) -> bool:
    """Its thing may still be meant by "it"."""
    cursor = context.cursor
    if start >= at:
        return False
    whole = cursor.tokens
    cursor.tokens = whole[:at]
    for index in range(start, at):
        cursor.at = index
        ref = noun_phrase(context)
        if ref is not None and ref.noun and not ref.pronoun:
            context.topic = ref
            break
    cursor.tokens = whole[:start] + whole[new:]
    return True


def _last_preposition(context: Context, start: int, at: int) -> int | None:
    cursor = context.cursor
    whole, cursor.tokens = cursor.tokens, cursor.tokens[:at]
    found: int | None = None
    index = start
    while index < at:
        cursor.at = index
        length = cursor.length_of(PREPOSITIONS)
        if length:
            found = index
        index += length or 1
    cursor.tokens = whole
    return found


def _with_place_named(context: Context, last: int, at: int, new: int) -> list[Token]:
    """ "into the orange tent... I mean next to it": it is the tent."""
    cursor = context.cursor
    tokens = cursor.tokens
    cursor.at = last
    cursor.take(PREPOSITIONS)
    place = tokens[cursor.at : at]
    cursor.at = new
    cursor.take(PREPOSITIONS)
    if cursor.word() not in ("it", "them") or not place:
        return tokens[new:]
    return tokens[new : cursor.at] + place + tokens[cursor.at + 1 :]


def _new_thing(context: Context, start: int, at: int, new: int) -> bool:
    """ "the vase... the bowl, I mean, up to 150 %": the last thing that was named gives way."""
    cursor = context.cursor
    tokens = cursor.tokens
    cursor.at = new
    cursor.take("just|only")
    first = cursor.at
    if noun_phrase(context, relations=False) is None:
        return False
    end = cursor.at
    cursor.take(_AFTER)
    again = cursor.at
    if cursor.take("[,|.] <only|just|yes>"):
        begin = cursor.at
        same = [t.word for t in tokens[first:end]] == [
            t.word for t in tokens[begin : begin + end - first]
        ]
        again = begin + end - first if same else again  # "the boots, only the boots"
    cursor.at = rest = again
    if (
        cursor.word() in (",", ":")
        and cursor.at + 1 < len(tokens)
        and at - start > 0
        and tokens[at].word in _DOTS
    ):
        following = tokens[cursor.at + 1].word
        if following in ("make", "paint", "move", "put", "turn", "it"):
            return False  # "that big red box in the corner... the box, make it smaller"
    cursor.tokens = tokens[:at]
    found: tuple[int, int] | None = None
    index = start
    while index < at:
        cursor.at = index
        if noun_phrase(context, relations=False, conjoined=False) is not None and cursor.at > index:
            found, index = (index, cursor.at), cursor.at
        else:
            index += 1
    cursor.tokens = tokens
    if found is None:
        return False
    thing = [replace(token) for token in tokens[first:end]]
    cursor.tokens = tokens[: found[0]] + thing + tokens[found[1] : at] + tokens[rest:]
    return True
