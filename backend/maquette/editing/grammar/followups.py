"""What refers to what was done before: undo, redo, again, a bit more, the other way, the same for …."""

import math
from dataclasses import replace
from typing import Any

from maquette.editing.grammar import quantities
from maquette.editing.grammar.answers import at_end, replaced
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import IT, Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.openers import skip_polite
from maquette.editing.grammar.reactions import asks_back, unhappy
from maquette.editing.grammar.slots import Slots
from maquette.editing.grammar.taking_back import instead
from maquette.editing.plan import (
    Delete,
    EditPlan,
    Move,
    Operation,
    Ref,
    Repeat,
    Rotate,
    Undo,
)

_IT = "<it|that|this|them|these|those|everything|all that>"
_LAST = "[the] <last|previous> [one|step|change|edit|thing|action|move|operation]"
_AS_WAS = (
    "[back] <where|to where> <it|they|that> <was|were|belongs|belong|came from> [before]"
    "|[back] <the way|how|to how|to the way|as|to what|like> <it|they|that> <was|were> [before|originally]"
    "|[back] <to|in|into> its <place|original <place|position|color|colour|size|state>|old <place|position>"
    "|previous state|former state"
    "|initial <state|position>>|back to normal|<back> as it was"
)
_UNDO = phrases(
    "<undo|revert|reverse|cancel> the <swap|move|rotation|turn|deletion|scaling|resize"
    "|recolouring|painting|copy|change|placement|stacking|rename|renaming>",
    f"<undo|revert|reverse|cancel> [{_IT}|{_LAST}|the change|that change|that <last one|one>|what you <just did|did>]",
    f"<take|roll|put|bring|change|turn|move> <{_IT[1:-1]}> back [again|please]",
    f"<put|bring|return|move|change|turn|make|restore> [<{_IT[1:-1]}>] <{_AS_WAS}>",
    f"restore [<{_IT[1:-1]}>|the last one]|go back [one step]|go one step back|[go] back one step|never mind"
    f"|nevermind|step back"
    f"|roll back|<ctrl|control|cmd|strg> [+|-] z|scratch that|{_AS_WAS}|[no] that <was"
    f"|is> wrong|forget it|forget that|oh no",
)
_BOTH_BACK = phrases(
    "<undo|revert|restore|reverse> both [of <them|those|these>|changes|steps|edits] [again]"
    "|<bring|take|get|put|give> both [of <them|those|these>|changes|steps|edits] back [again]|bring back both [of them]"
)
_REDO = phrases(f"<redo|reapply> [{_IT}|{_LAST}|please]|do it again after all|undo the undo")
_REPEAT = phrases(
    f"[and] <again|once more|one more time|another time|once again>|[the] same [thing] <again|once more>|<repeat"
    f"|do> [{_IT}|{_LAST}]"
    " [again|once more]|do the same [again|once more]|one more|repeat"
)
_MORE = phrases(
    "[<that|it|this> <is|was>] [still] not [quite] <enough|far enough|big enough"
    "|much enough> [yet|more] [, [a bit|some] more]"
    "|[just|even|still] [a] <bit|little [bit]|tad|touch|smidge> [more|further]|<some|slightly|even|still> <more"
    "|further>|further"
    "|more|a bit <more|further> [please]|a little"
)
_LESS = phrases(
    "[just] [a] <bit|little [bit]|tad|touch> less|slightly less|less|not <that|so|quite that> <much|far|big|strong>"
    "|[now] [<that|it|this> <is|was|went>] [a bit|a little|way|much|far|still] too <much|far> [now|again]"
    "|[too <much|far> [,]] [go|move it|put it|bring it] <half <of that|of it|the way|of the way|that|>"
    " <back|less>|back half <the way|of that|of it>|halfway back|half way back>"
)
_OTHER_WAY = phrases(
    "[no|now|and] [,] [in|to] <the|> <other|opposite> <way|direction> [around|round|please]|the other way|in reverse"
    "|opposite direction|[no|that is|that was|oops] [,] [the] wrong <way|direction|side> [around|round]"
    " [, [the] other <way|direction> [around|round]]"
)
_FACTOR = phrases("<as> <far|much|big|many> [again]|that [much|far]|as far")
_SAME = phrases(
    "[and|now|also] [please] [do] [the] same [thing] [goes|applies] <for|with|to>|<do|apply|repeat> [that|it"
    "|this] <for|to|with>"
    "|likewise for|ditto for|and also|also for|[and] what about|[and] how about"
)
_WRONG = phrases("not that one|[no] the other one [please]|the other|wrong one|no not that one")
_TO_ITS_PLACE = phrases(
    "[back] <to|in|into> <its|their|the> [old|original|previous] <place|spot|position>"
    "|[back] [to] where <it|they|that> <was|were|stood"
    "|came from|had been|belongs> [before]"
)
_PLACE_BACK = phrases(
    f"<put|bring|return|move|set> <{_IT[1:-1]}> <[back] <to|in|into> <its|their|the> [old"
    f"|original|previous] <place|spot|position>"
    "|[back] [to] where <it|they|that> <was|were|stood|came from|had been|belongs> [before]>"
)
_ORIGINALLY = phrases(
    "[in the <photo|photos|picture|beginning>|originally|at the <start|beginning>|at first]"
)
_ANOTHER_SPOT = phrases(
    "[no [,]] [try|use|find|show|give|pick|choose] [me|it] [in|at|on] <another|a different|some other|the next|next>"
    " <spot|place|position|location>|[no [,]] [not there [:|,]] [put it|try] <somewhere"
    "|someplace> else|elsewhere|not there"
)
_START = phrases(
    "<put|bring|set|move> <everything|all|it all> back [to] [<how|where|the way"
    "|as> it was] [<at|in|from> the <start|beginning>|originally]|<undo|reset|revert"
    "|take back> <everything|all|it all|all [the|my|your] <changes|edits|steps>|the [whole] scene"
    "|<all|everything> <of <it|that|this>|that|i did|you did|we did>|the <whole lot|whole thing|lot>>"
    " [i did|you did|we did|so far]|start [all] over [again]|<back|return> to the <start|beginning>"
)
_BACK_VERBS = phrases(
    "undo|revert|reset|restore|put|bring|return|change|take|turn|move|set|make|get|give me|undelete|recover"
    "|<i|we> <want|need|would like>|can i <have|get>|could i <have|get>"
)


def followup(context: Context, done: list[Operation]) -> list[Operation] | None:
    """Undo, redo, again, a bit more, the other way, the same for …; None where it is none of them."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_REPEAT):
        changed = _again_but(context, done)
        if changed is not None:
            return changed
        if at_end(context) and not cursor.sees("but|, but|only"):
            return [Repeat()]
    cursor.at = start
    for reader in (unhappy, _again):
        found = reader(context, done)
        if found is not None:
            return found
        cursor.at = start
    cursor.at = start
    skip_polite(context)
    cursor.take(
        "<no|wait|actually|oh no|hmm|sorry|oops> [wait] [,|.|!] [!] [!] [no|wait|actually|please] [,]"
    )
    for reader in (_undone, _redone, unhappy, _again, _by_more, asks_back, _same_for):
        at = cursor.at
        found = reader(context, done)
        if found is not None:
            return found
        cursor.at = at
    cursor.at = start
    return None


def _again_but(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "again, but to the right": what was done last, with what is said now."""
    cursor = context.cursor
    start = cursor.at
    last = done if done else context.history.last.operations if context.history.last else ()
    if len(last) != 1 or not cursor.take("[,] <but|only|just|this time> [now|this time]"):
        return None
    slots = Slots()
    complements(context, slots)
    before = last[0]
    found = instead(context, before, IT, slots) if slots.found > 0 and at_end(context) else []
    if len(found) != 1:
        cursor.at = start
        return None
    now = found[0]
    if isinstance(now, Move) and isinstance(before, Move) and now.distance is None:
        now = replace(now, distance=before.distance, is_lift=before.is_lift)
    return [now]


def _undone(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_PLACE_BACK):
        to_start = cursor.take(_ORIGINALLY)
        if at_end(context):
            return [Undo(is_place=True, to_start=to_start)]
    cursor.at = start
    if cursor.take(_START) and at_end(context):
        return [Undo(to_start=True)]
    cursor.at = start
    if cursor.take("<undo|go back|revert> [the <last|previous>]"):
        steps = quantities.number(cursor)
        if steps is not None and (
            cursor.take("steps|changes|edits|times|step|ones|things|operations|actions|moves")
            or at_end(context)
        ):
            return [Undo(steps=max(1, min(int(steps), 1000)))]
        if cursor.take("[that] twice"):
            return [Undo(steps=2)]
        cursor.at = start
    if cursor.take(_BOTH_BACK) and at_end(context):
        last = _last_target(context)
        was_one_step = last is not None and bool(last.also or last.number == "many")
        return [Undo(steps=1 if was_one_step else 2)]
    cursor.at = start
    if context.history.last is None and cursor.take(
        "never mind|nevermind|forget <it|that>|scratch that"
    ):
        if cursor.sees(",|.|!|;|:") and cursor.at + 1 < len(cursor.tokens):
            return []  # nothing was done yet: it takes back what was about to be said
        cursor.at = start
    if cursor.take(_UNDO):
        twice = cursor.take("twice")
        if at_end(context):
            return [Undo(), Undo()] if twice else [Undo()]
    cursor.at = start
    if not cursor.take(_BACK_VERBS):
        return None
    word = cursor.word(-1)
    first = word == "bring" and cursor.take("back")
    ref = noun_phrase(context, relations=False)
    if ref is None:
        return None
    if first:
        return [Undo(targets=None if ref.pronoun else ref)] if at_end(context) else None
    if done and isinstance(done[-1], Delete) and not ref.pronoun:
        return None  # "delete the cup and put the vase in its place": the cup's
    if word in ("put", "bring", "return", "move", "set") and cursor.take(_TO_ITS_PLACE):
        to_start = cursor.take(_ORIGINALLY)
        targets = None if ref.pronoun in ("it", "them") else ref
        return (
            [Undo(targets=targets, is_place=True, to_start=to_start)] if at_end(context) else None
        )
    is_back = cursor.take(f"<{_AS_WAS}>")
    plain = word in ("revert", "reset", "restore", "bring", "undo", "undelete", "recover") and (
        cursor.take("back|again") or word != "bring"
    )
    wanted = word in ("get", "me", "want", "need", "like", "have") and cursor.take("back [again]")
    plain = plain or (wanted and bool(ref.noun or ref.pronoun in ("it", "them")))
    if not is_back and not (plain and at_end(context)):
        return None
    return [Undo(targets=None if ref.pronoun else ref)]


def _redone(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_REDO) and at_end(context):
        return [Undo(is_redo=True)]
    cursor.at = start
    if cursor.take(_REPEAT):
        twice = cursor.take("twice")
        if at_end(context):
            return [Repeat(), Repeat()] if twice else [Repeat()]
    return None


def _again(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "a bit more", "too far", "the other way", "twice as far", "somewhere else", "not that one"."""
    cursor = context.cursor
    last = EditPlan(operations=tuple(done)) if done else context.history.last
    if last is None or not last.operations:
        return None
    start = cursor.at
    for table, factor in ((_MORE, 0.5), (_LESS, -0.5)):
        if cursor.take(table) and at_end(context):
            return [Repeat(factor=factor)]
        cursor.at = start
    if cursor.take(_OTHER_WAY) and at_end(context):
        turned = tuple(_reversed(op) for op in last.operations)
        return [Undo(), *turned] if turned != last.operations else None
    cursor.at = start
    factor = quantities.factor(cursor)
    if factor is not None and cursor.take(_FACTOR) and at_end(context):
        return [Repeat(factor=factor - 1)]
    cursor.at = start
    if cursor.take(_ANOTHER_SPOT) and at_end(context):
        return [Repeat(at_next_spot=True)]
    cursor.at = start
    if cursor.take(_WRONG) and at_end(context):
        target = _last_target(context)
        if target is not None:
            other = replace(
                target, words="the other one", pronoun="other", order=None, attributes=()
            )
            return [Undo(), *(replaced(op, target, other) for op in last.operations)]
    return None


def _by_more(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "another 10 cm", "5 degrees more", "10 cm back": the last one again, by that."""
    cursor = context.cursor
    last = done if done else context.history.last.operations if context.history.last else ()
    if len(last) != 1:
        return None
    before = last[0]
    adds = cursor.take("[and] <another|a further|plus>|and")
    length = quantities.length(cursor, needs_unit=True)
    angle = quantities.angle(cursor) if length is None else None
    way = (
        "more" if cursor.take("more|further|extra|again") else "back" if cursor.take("back") else ""
    )
    if not (adds or way) or not at_end(context):
        return None
    amount: Move | Rotate | None = None
    if isinstance(before, Move) and before.direction and length is not None:
        amount = replace(before, targets=IT, distance=length.metres)
    elif isinstance(before, Rotate) and angle is not None:
        amount = replace(before, targets=IT, angle_deg=math.copysign(angle, before.angle_deg))
    if amount is None:
        return None
    return [_reversed(amount) if way == "back" else amount]


def _reversed(operation: Operation) -> Operation:
    """The same, the other way."""
    opposite: dict[str, Any] = {
        "left": "right", "right": "left", "up": "down", "down": "up", "away": "toward", "toward": "away",
        "forward": "backward", "backward": "forward",
    }  # fmt: skip
    if isinstance(operation, Move):
        if operation.offset is not None:
            x, y, z = operation.offset
            return replace(operation, offset=(-x, -y, -z))
        return replace(
            operation, direction=opposite.get(operation.direction or "", operation.direction)
        )
    if isinstance(operation, Rotate):
        return replace(operation, angle_deg=-operation.angle_deg)
    return operation


def _same_for(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_SAME):
        ref = noun_phrase(context)
        if ref is not None:
            cursor.take("too|as well|please|also")
            if at_end(context):
                return [Repeat(targets=_like_last(context, ref, done))]
    cursor.at = start
    if context.history.last is None and not done:
        return None
    joined = cursor.word(-1) in ("and", "also") and (cursor.take("of|for|with") or not done)
    cursor.take("now|then|also")
    ref = noun_phrase(context)
    if ref is None or not (cursor.take("too|as well|also") or joined) or not at_end(context):
        return None
    if joined and not (cursor.is_done or cursor.sees(".|!|?")):
        return None
    last = getattr(done[-1], "targets", None) if done else None
    if isinstance(last, Ref):
        return [replaced(done[-1], last, _like_last(context, ref, done))]
    return [Repeat(targets=_like_last(context, ref, done))]


def _last_target(context: Context) -> Ref | None:
    last = context.history.last
    return getattr(last.operations[-1], "targets", None) if last and last.operations else None


def _like_last(context: Context, ref: Ref, done: list[Operation]) -> Ref:
    """ "the blue one too": one of what was touched."""
    if ref.noun or ref.pronoun:
        return ref
    last = getattr(done[-1], "targets", None) if done else _last_target(context)
    return replace(ref, noun=last.noun) if isinstance(last, Ref) else ref
