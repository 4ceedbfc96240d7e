"""Wishes: "I want the ball in the basket", "no more bread", "only show the sofa", "two more chairs"."""

from dataclasses import replace
from typing import Any

from maquette.editing.grammar import looks, quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.fragments import value_for
from maquette.editing.grammar.frames import (
    FILLERS,
    NO_LIKING,
    NO_NEED,
    NO_WISH,
    ONLY_SEE,
    WISH,
    ends_clause,
)
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.openers import fills_a_role
from maquette.editing.grammar.special import add_clause, copies_of
from maquette.editing.grammar.statements import said_of
from maquette.editing.grammar.targets import target_of
from maquette.editing.grammar.verbs import Verb
from maquette.editing.plan import (
    Delete,
    Material,
    Operation,
    Visibility,
)

_ANOTHER = phrases(
    "another|a <third|fourth|fifth|sixth>|<one|two|three|four|five|some|a few> more"
    "|an <additional|extra>|a second|<two|three|four|five> <extra|additional|further|other> [more]"
)


def wish(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    while not cursor.sees(ONLY_SEE) and cursor.word() in FILLERS and not fills_a_role(context):
        cursor.at += 1
    if cursor.take(ONLY_SEE):
        ref = noun_phrase(context)
        context.topic = ref
        return (
            [Visibility(targets=ref, is_visible=True, is_isolate=True)] if ref is not None else None
        )
    if cursor.take(NO_LIKING):
        ref = noun_phrase(context, conjoined=False)
        context.topic = ref
        return [] if ref is not None else None  # what to do about it may follow
    for table, operation in ((NO_WISH, Visibility), (NO_NEED, Delete)):
        if cursor.take(table):
            says_more = cursor.word(-1) == "more"
            ref = noun_phrase(context)
            if ref is None:
                return None
            if cursor.take("to be <visible|seen|shown|there to see>|visible|shown"):
                operation = Visibility
            cursor.take(
                "anymore|any more|any longer|for now|right now|at the moment|now|here|in this room|please"
            )
            if says_more and ref.number == "one":
                ref = replace(ref, number="many")
            context.topic = ref
            return [
                Visibility(targets=ref, is_visible=False)
                if operation is Visibility
                else Delete(targets=ref)
            ]
    if not cursor.take(WISH):
        return None
    start = cursor.at
    if cursor.word(-1) == "see":
        ref = noun_phrase(context)
        if ref is not None and cursor.take("again"):
            context.topic = ref
            return [Visibility(targets=ref, is_visible=True)]
        cursor.at = start
    if cursor.word(-1) != "see" and not cursor.sees("to|you to"):
        added = add_clause(context, None, None)
        if added is not None:
            return added
        cursor.at = start
    valued = value_for(context, done)
    if valued is not None:
        return valued
    cursor.at = start
    colored = _colored(context)
    if colored is not None:
        return colored
    cursor.at = start
    return _wished(context, done)


def _colored(context: Context) -> list[Operation] | None:
    """ "gimme a blue melon", where there is a melon."""
    cursor = context.cursor
    ref = noun_phrase(context, relations=False, conjoined=False)
    if (
        ref is None
        or ref.number != "any"
        or not context.nouns.count(ref.noun)
        or not 1 <= len(ref.attributes) <= 2
    ):
        return None
    color = ref.attributes[-1]
    finishes = [_FINISHES.get(attribute.value) for attribute in ref.attributes[:-1]]
    while cursor.word() in FILLERS:
        cursor.at += 1
    if (
        color.kind != "color"
        or color.value in ("light", "dark", "different")
        or not ends_clause(cursor)
        or None in finishes
    ):
        return None
    context.topic = replace(ref, number="one", attributes=())
    made = Material(
        targets=context.topic, color=looks.color_of(color.value), color_name=color.value
    )
    return [replace(made, **finish) for finish in finishes if finish] or [made]


_FINISHES: dict[str, dict[str, Any]] = {
    "matte": {"roughness": 0.9}, "shiny": {"roughness": 0.1}, "metal": {"metallic": 1.0},
}  # fmt: skip


def _wished(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "… the ball in the basket": where it shall be; "… the ball in the basket to be red": which it is."""
    cursor = context.cursor
    start = cursor.at
    ref, prop = target_of(context, "make")
    if ref is None:
        return None
    if ref.relations and not ref.pronoun and ends_clause(context.cursor):
        cursor.at = start
        ref, prop = target_of(context, "place")
        if ref is None:
            return None
    return said_of(context, ref, prop, done, is_wish=True)


def more_of_them(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "another green thing like that one"."""
    cursor = context.cursor
    cursor.take("and|also|then|maybe|please")
    at = cursor.at
    counted = quantities.number(cursor) is not None
    more = counted and cursor.sees("more|extra|additional|further")
    copied = counted and cursor.sees("<copies|clones|duplicates> of")
    cursor.at = at
    if copied:
        return copies_of(context, Verb("add", "add"))
    return add_clause(context, None, None) if more or cursor.sees(_ANOTHER) else None
