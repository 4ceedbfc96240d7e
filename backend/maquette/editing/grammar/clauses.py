"""Clauses: one instruction each, in the forms that people use for it.

Imperatives ("put the mug on the desk"), wishes ("I want it on the desk"), statements ("the mug should be red", "the mug
goes on the desk"), fragments ("mug: red", "blue for the rug", "20 cm left").
"""

from maquette.editing.grammar.camera import camera_clause
from maquette.editing.grammar.commands import command
from maquette.editing.grammar.complaints import by_amount
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.fragments import bare_values, value_for
from maquette.editing.grammar.openers import skip_polite
from maquette.editing.grammar.statements import statement
from maquette.editing.grammar.targets import ARTICLES
from maquette.editing.grammar.verbs import INFLECTED, VERBS, Verb
from maquette.editing.grammar.wishes import more_of_them, wish
from maquette.editing.plan import (
    Operation,
)


def clause(context: Context, done: list[Operation]) -> list[Operation] | None:
    """The operations of the clause at the cursor; None where it is none. An empty list: words without a request."""
    cursor = context.cursor
    start = cursor.at
    skip_polite(context)
    adjusted = by_amount(context)
    if adjusted is not None:
        return adjusted
    for reader in (wish, more_of_them, _camera, _imperative, value_for, statement, bare_values):
        cursor.at = start
        result = reader(context, done)
        if result is not None:
            return result
    cursor.at = start
    return None


def _imperative(context: Context, done: list[Operation]) -> list[Operation] | None:

    gerund = skip_polite(context)
    verb = _verb(context, gerund=gerund)
    if verb is None:
        return None
    context.verb = verb.kind
    result = command(context, verb, done)
    context.verb = ""
    if result:
        context.last_verb = verb.kind
    return result


def _verb(context: Context, *, gerund: bool) -> Verb | None:
    """The verb at the cursor, unless the word is a thing here ("plant 30 cm left")."""
    cursor = context.cursor
    start = cursor.at
    noun = context.nouns.find(cursor)
    verb = cursor.match(VERBS)
    if verb is None and gerund:
        verb = cursor.match(INFLECTED)
        verb = verb if verb is not None and verb.form == "ing" else None
    if verb is None:
        cursor.at = start
        return None
    length = cursor.at - start
    if noun is not None and noun.is_in_scene and noun.length >= length:
        following = cursor.word(noun.length - length)
        ahead = noun.length - length
        is_object = following in ARTICLES or context.nouns.find_at(cursor, ahead) is not None
        if not is_object:
            cursor.at = start
            return None
    return verb


def _camera(context: Context, done: list[Operation]) -> list[Operation] | None:
    skip_polite(context)
    return camera_clause(context)
