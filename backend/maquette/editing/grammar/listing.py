"""Things named one after the other, and what is left out of them: "the mug, the bowl and the plate"."""

from dataclasses import replace

from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.descriptions import starts_clause
from maquette.editing.plan import Ref, Relation

_EXCEPT = phrases(
    "except [for]|apart from|other than|excluding|besides|save [for]|but [not|for]|not|with the exception [of]|bar"
    "|aside from|excepting"
    "|minus|not counting|leaving out|all but|barring"
)
_STAYS = phrases("has to|have to|must|should|stays|stay|remains|can stay|needs to")
AND = phrases("and [also|then]|as well as|along with|together with|or|nor|plus|+|&")


def with_others(context: Context, first: Ref, *, relations: bool) -> Ref:
    """ "the mug, the bowl and the plate", "the notebook along with the pen"."""
    from maquette.editing.grammar.nouns import single_thing  # the two need each other

    cursor = context.cursor
    others: list[Ref] = []
    while len(others) < 50:
        start = cursor.at
        comma = cursor.take(",")
        joined = cursor.take(AND) or _with_its(context)
        if not (comma or joined) or starts_clause(context):
            cursor.at = start
            break
        at = cursor.at
        other = single_thing(context, relations=relations)
        if other is not None and comma and not joined and not relations:
            other = _with_place(context, other)
        if other is None or (comma and not joined and not _list_goes_on(context)):
            refined = _apposition(context, first, other) if comma and not others else None
            if refined is not None:
                return refined
            cursor.at = start
            break
        if other.pronoun in ("it", "them") and not other.noun and not joined:
            cursor.at = start
            break
        other = _of_first(context, _about_first(_inherited(other, first), first), first, at)
        others.append(other)
    if not others:
        return first
    if (
        first.noun == ""
        and (first.order or first.attributes)
        and not first.pronoun
        and others[-1].noun
    ):
        first = replace(first, noun=others[-1].noun)
    last = others[-1]
    shares = last.relations and not (first.relations or first.pronoun) and last.words[:1].islower()
    if shares and context.cursor.tokens and not last.words.lower().startswith(_OWN_ARTICLE):
        first = replace(first, relations=last.relations)  # "the shoes and boots on the rack"
        others = [
            other if other.relations else replace(other, relations=last.relations)
            for other in others
        ]
    return replace(first, also=first.also + tuple(others))


_OWN_ARTICLE = (
    "the ", "a ", "an ", "my ", "all ", "everything", "every ", "whatever", "what", "anything", "stuff",
    "things", "both ", "its ", "that ", "this ",
)  # fmt: skip


def _apposition(context: Context, first: Ref, second: Ref | None) -> Ref | None:
    """ "one of the bar stools, the left one": which one is meant, said after it."""
    cursor = context.cursor
    if second is None or first.pronoun or second.pronoun or first.order or first.attributes:
        return None
    is_one = second.noun in ("", "one", first.noun) and second.words.lower().split()[-1:] in (
        ["one"],
        ["ones"],
    )
    if (
        not is_one
        or not (second.order or second.attributes)
        or not (cursor.is_done or cursor.sees(_AFTER_IT))
    ):
        return None
    return replace(
        second,
        noun=first.noun,
        relations=first.relations + second.relations,
        excluding=first.excluding,
    )


_AFTER_IT = phrases(",|.|;|!|?|:|please|should|must|can|could|needs|has|is|to|on|in|by")


def _with_its(context: Context) -> bool:
    """ "the table with its chairs"."""
    cursor = context.cursor
    length = cursor.length_of("[together|along] with")
    if not length or "with" in context.blocked or cursor.word(length) not in ("its", "their"):
        return False
    noun = context.nouns.find_at(cursor, length + 1)
    if noun is None or not noun.is_in_scene:
        return False
    cursor.at += length
    return True


def _with_place(context: Context, ref: Ref) -> Ref:
    """ "the blue cube, the red cube on the floor and the chair": within a list, a place tells which."""
    from maquette.editing.grammar.relations import relation  # the two need each other

    cursor = context.cursor
    start = cursor.at
    found = relation(context)
    if found is None or not cursor.sees(AND) or starts_clause_after_and(context):
        cursor.at = start
        return ref
    return replace(ref, relations=(*ref.relations, found[0]))


def starts_clause_after_and(context: Context) -> bool:
    """Whether an instruction comes after the "and" at the cursor."""
    start = context.cursor.at
    context.cursor.take(AND)
    result = starts_clause(context)
    context.cursor.at = start
    return result


def _list_goes_on(context: Context) -> bool:
    """After "the drill, the hammer": a list has an "and" to come."""
    from maquette.editing.grammar.nouns import single_thing  # the two need each other

    cursor = context.cursor
    start = cursor.at
    goes_on = cursor.take(AND)
    for _ in range(8):
        if goes_on or not cursor.take(",") or starts_clause(context):
            break
        goes_on = cursor.take(AND) or (
            single_thing(context, relations=False) is not None and cursor.take(AND)
        )
    cursor.at = start
    return goes_on


def _about_first(other: Ref, first: Ref) -> Ref:
    """ "the bed and everything on it": it is the bed."""
    if first.pronoun:
        return other
    relations = tuple(
        replace(
            r,
            to=tuple(first if to.pronoun in ("it", "them") and not to.noun else to for to in r.to),
        )
        for r in other.relations
    )
    return replace(other, relations=relations)


def _of_first(context: Context, other: Ref, first: Ref, at: int) -> Ref:
    """ "the table and its chairs": those near it, where there are others."""
    if context.cursor.tokens[at].word not in ("its", "their") or other.pronoun or first.pronoun:
        return other
    if context.nouns.count(other.noun) < 2:
        return other
    return replace(
        other, number=other.number, relations=(*other.relations, Relation(kind="near", to=(first,)))
    )


def _inherited(other: Ref, first: Ref) -> Ref:
    """ "the white chair and the red one": one of the same."""
    if other.noun in ("", "one") and not other.pronoun and not other.relations and first.noun:
        return replace(other, noun=first.noun)
    return other


def without(context: Context, ref: Ref) -> Ref:
    from maquette.editing.grammar.nouns import single_thing  # the two need each other

    cursor = context.cursor
    start = cursor.at
    cursor.take(",")
    if cursor.word() == "but":
        cursor.at += 1
        begins = starts_clause(context)
        cursor.at -= 1
        if begins:
            cursor.at = start
            return ref
    if not cursor.take(_EXCEPT):
        cursor.at = start
        return ref
    cursor.take("for|the ones|those|of")
    excluded = single_thing(context, relations=True)
    if excluded is None or cursor.sees(_STAYS):
        cursor.at = start
        return ref
    excluded = with_others(context, excluded, relations=True)
    if excluded.noun in ("", "one") and not excluded.pronoun:
        excluded = replace(excluded, noun=ref.noun)
    return replace(ref, excluding=(*ref.excluding, excluded))
