"""What stands before an instruction and asks for nothing: "could you please", "how about"."""

from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import words
from maquette.editing.grammar.frames import (
    FILLERS,
    GERUND,
    POLITE,
)
from maquette.editing.grammar.targets import ARTICLES


def skip_polite(context: Context) -> bool:
    """ "could you please"; whether what follows may be a gerund ("how about putting")."""
    cursor = context.cursor
    gerund = False
    while True:
        before = cursor.at
        if cursor.take(POLITE):
            gerund = cursor.word(-1) in ("of", "about", "mind")
        if cursor.sees(GERUND):
            length = cursor.length_of(GERUND)
            token = cursor.peek(length)
            if token is not None and token.word.endswith("ing"):
                cursor.at += length
                gerund = True
        cursor.take("that") if cursor.at > before and cursor.word(1) in ARTICLES else None
        while cursor.word() in FILLERS and not fills_a_role(context):
            cursor.at += 1
        if cursor.at == before:
            return gerund


_ACTED_ON = words(
    "hide delete remove move paint recolor recolour turn rotate scale resize select lock"
)


def fills_a_role(context: Context) -> bool:
    """ "right wall", "first stool", "over there" are no fillers."""
    cursor = context.cursor
    if cursor.word() in ("only", "just") and cursor.word(1) in ("the", "those", "this"):
        return False
    if cursor.word() == "only" and cursor.word(1) in _ACTED_ON:
        return False
    if cursor.word() == "first" and cursor.word(1) in ARTICLES | {"of"}:
        return False
    if cursor.word() == "first":
        return context.nouns.find_at(cursor, 1) is not None
    return cursor.word() in ("right", "straight", "only", "here", "there") and (
        cursor.word(1) not in ("", ",", "show")
    )
