"""Verbs with a grammar of their own: swap, replace, group, parent, rename."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from maquette.editing.grammar.context import IT, Context
from maquette.editing.grammar.copying import PRIMITIVES, add_clause, copies_of, duplicate_clause
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.states import free_name
from maquette.editing.grammar.verbs import Verb
from maquette.editing.plan import Group, Material, Operation, Question, Ref, Rename, Replace, Swap

_PLACES_OF = phrases(
    "[the] <positions|position|places|place|location|locations|spots|spot|placement> <of|between>|around|over|out"
)
_LOOKS_OF = phrases(
    "[the] <color|colour|colors|colours|material|materials|look|looks> <of|between>"
)
_PLACES = phrases(
    "[their] <places|positions|spots|locations|place|position>|with <each other|one another>|each other 's <places"
    "|positions>"
    "|around|over|round|please|in place|'s <places|positions>"
)
_PRIMITIVE_KINDS = ("box", "sphere", "cylinder", "cone", "plane")


def swap_clause(context: Context, verb: Verb, target: Ref | None) -> list[Operation] | None:
    """ "swap the vase with the lamp", "exchange the positions of A and B"."""
    cursor = context.cursor
    is_look = target is None and cursor.take(_LOOKS_OF)
    cursor.take(_PLACES_OF)
    if target is None:
        cursor.take("[the|their] [places|positions|spots|locations] <:|between|for|of>")
    if target is None and cursor.sees("places|positions|spots|locations"):
        target = context.topic or IT
    first = target
    if first is None:
        context.blocked = frozenset({"with"})
        first = noun_phrase(context, conjoined=False)
        context.blocked = frozenset()
    if first is None or (cursor.sees("on|off|to") and cursor.word(1) not in ("the", "a")):
        return None
    if target is None:
        context.topic_noun = context.topic_noun or first.noun
    if cursor.sees("<for|with|against> <a|another> [identical|exact] [copy|clone|duplicate]"):
        cursor.at += 1
        return replaced_by(context, first)
    second: Ref | None = None
    if target is None and cursor.take("with|for|and|against|by|to|and also"):
        second = noun_phrase(context, conjoined=False)
    while cursor.take(_PLACES):
        pass
    if second is None and cursor.take("with|and|for"):
        second = noun_phrase(context, conjoined=False)
        while cursor.take(_PLACES):
            pass
    if second is None:
        first, second = _pair(first)
    if second is None:
        return None
    if not first.noun and not first.pronoun and second.noun:
        first = replace(first, noun=second.noun)  # "the red and the blue dumbbell"
    if not second.noun and not second.pronoun and first.noun:
        second = replace(second, noun=first.noun)
    if is_look:
        return [Material(targets=first, like=second), Material(targets=second, like=first)]
    return [Swap(first=first, second=second)]


def _pair(both: Ref) -> tuple[Ref, Ref | None]:
    """ "the sofa and the bed", "the two lamps", "them": two in one expression."""
    if both.also:
        return replace(both, also=()), both.also[0]
    if both.number == "many" or both.pronoun:
        return both, both if both.pronoun else replace(both, pronoun="other")
    return both, None


def replace_clause(context: Context, verb: Verb, target: Ref | None) -> list[Operation] | None:
    """ "replace the bucket with a copy of the can"."""
    cursor = context.cursor
    first = target
    if first is None:
        context.blocked = frozenset({"with", "by", "for"})
        first = noun_phrase(context)
        context.blocked = frozenset()
    if first is None or not cursor.take("by|with|for|through"):
        return None
    return replaced_by(context, first)


def replaced_by(context: Context, first: Ref) -> list[Operation] | None:
    """What comes instead."""
    cursor = context.cursor
    context.topic_noun = context.topic_noun or first.noun
    cursor.take("[a|an|one] [identical|exact] <copy|copies|clone|duplicate> of|another|a second")
    start = cursor.at
    cursor.take("a|an|the|another")
    primitive = cursor.match(PRIMITIVES)
    is_here = primitive is not None and context.nouns.count(cursor.word(-1)) > 0
    if primitive in _PRIMITIVE_KINDS and not is_here:
        cursor.take("instead|of the same size")
        return [Replace(targets=first, primitive=cast(Any, primitive))]
    cursor.at = start
    by = noun_phrase(context)
    if by is None:
        return None
    cursor.take("instead")
    return [Replace(targets=first, by=by)]


def group_clause(context: Context, verb: Verb, target: Ref | None) -> list[Operation] | None:
    """ "group the books as Novels", "ungroup them"."""
    cursor = context.cursor
    context.blocked = frozenset({"with"})
    target = target or noun_phrase(context)
    at = cursor.at
    if target is not None and cursor.take("[together] with"):
        other = noun_phrase(context)
        cursor.at = at if other is None else cursor.at
        target = replace(target, also=(*target.also, other)) if other is not None else target
    context.blocked = frozenset()
    if target is None:
        return None
    cursor.take("[together|up] [<into|in|as|under> <one|a> [new] [group|parent]]")
    name = ""
    if cursor.take(
        "[,] [and] [is] <called|named|as|into|<call|name> <it|them|the group|this group"
        "|that group> [as]|call them|name them|under the name>"
    ):
        name = free_name(context)
    return [Group(targets=target, name=name, is_undo=verb.kind == "ungroup")]


def parent_clause(context: Context, verb: Verb, target: Ref | None) -> list[Operation] | None:
    """ "parent the lamp to the desk", "detach it"."""
    cursor = context.cursor
    target = target or noun_phrase(context, relations=False)
    if target is None:
        return None
    if verb.kind == "unparent":
        if cursor.take("from"):
            noun_phrase(context)
        return [Group(targets=target, is_undo=True)]
    if not cursor.take("to|under|beneath|with|below|onto|on"):
        return None
    under = noun_phrase(context)
    return [Group(targets=target, under=under)] if under is not None else None


def rename_clause(context: Context, verb: Verb, target: Ref | None) -> list[Operation] | None:
    """ "rename the couch to Nap Zone", "label this as a toaster", "name it that"."""
    cursor = context.cursor
    is_label = verb.base in ("label", "relabel", "tag", "mark as")
    ref = target or noun_phrase(context)
    if ref is None:
        return None
    if ref.pronoun in ("it", "them") and context.topic is not None:
        ref = context.topic
    cursor.take("to [be]|as|into|from now on|simply|just|is|:|→")
    if is_label:
        cursor.take("a|an")
    if cursor.take("that|so|like that|as such") and context.said_name:
        return [Rename(targets=ref, to=context.said_name)]
    name = free_name(context)
    if not name and verb.base == "name" and (ref.relations or ref.order):
        return [Question(kind="which", targets=ref)]  # "name the thing on top of the fridge"
    return [Rename(targets=ref, to=name, is_label=is_label)] if name else None


SPECIAL: dict[str, Callable[[Context, Verb, Ref | None], list[Operation] | None]] = {
    "swap": swap_clause,
    "replace": replace_clause,
    "group": group_clause,
    "ungroup": group_clause,
    "parent": parent_clause,
    "unparent": parent_clause,
    "rename": rename_clause,
    "duplicate": duplicate_clause,
    "add": add_clause,
}

__all__ = ["SPECIAL", "add_clause", "copies_of", "replaced_by"]
