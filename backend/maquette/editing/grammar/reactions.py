"""What people say to what was done: that it is wrong, that the old colour was better, that it shall come back."""

from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import phrases
from maquette.editing.grammar.frames import FILLERS, ends_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.plan import Operation, Undo

_GOOD = (
    "<nice|good|right|correct|great|better|pretty|it|ok|okay|fine|working|what i <want|wanted|meant|asked for"
    "|was asking for|had in mind|expected>|what we <want|wanted|meant>>"
)
_BAD = (
    "<wrong|bad|ugly|worse|awful|horrible|terrible|hideous|weird|stupid|a <bad|terrible|stupid> idea|a mistake"
    "|an accident|my <mistake|fault>>"
)
_UNHAPPY = phrases(
    f"<that|it|this> <is|was|looks|looked|does look|did look> <not [so|really|very|quite|at all|that|too] {_GOOD}"
    f"|[really|so|even|just|all|too|a bit|completely|pretty|totally] {_BAD}> [now|after all|at all|anymore|like that]",
    f"<that|it|this> <does|did> not <look|work|feel|seem> [so|really|very|that|too] [{_GOOD}] [at all|out]",
    "[<that|it|this> <is|was>] too <much|far|big|small|bright|dark|strong|many>",
    f"not [so|really|very|quite|at all] {_GOOD}|[really|so|even|just] {_BAD}",
    "<i|we> <do|did|would> not [really] <like|want|mean|love|need> <it|that|this|that one>"
    " [that way|like that|at all|so|like this|after all|to happen|anymore]",
    "<i|we> [have] [just] changed <my|our> mind|my <mistake|bad|fault>|that was an accident|by <accident|mistake>",
    "<i|we> <liked|preferred|like|prefer|think> <it|that> <better|more|nicer> [<before|earlier>"
    "|[the way|as|how|like] it was"
    " [before]|in the old <color|colour|place|size|state>|without [it|that]]",
    "<it|that> <was|looked> <better|nicer|fine|good|prettier> [<before|earlier>|[the way|as|how] it was [before]]"
    "|better [the way|as|how] it was [before]|[it was] <better|nicer> before",
)
_PART = (
    "<color|colour|size|position|place|spot|look|looks|material|state|orientation|rotation|height|width|shape|angle"
    "|brightness|finish>"
)
_OLD_PART = f"[the|its|their|his|my] <old|original|previous|former|earlier|initial|first> {_PART}"
_PART_BACK = phrases(
    f"[give <it|them>|<put|change|turn|set|bring|switch|restore|reset|use|take|go|make> [it"
    f"|them]] [back] [to|in|into] {_OLD_PART}"
    " [back|again]",
    f"<change|put|turn|set|bring|switch|get|take> <the|its|their> {_PART} back [again]"
    " [to <what|how|where|as> it was [before]|to normal]",
    f"<undo|revert|reset|restore> [the|its|their] [old|original|previous] {_PART} [change|of <it|them|that>]",
)


def asks_back(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "change the colour back", "back to its old size"."""
    cursor = context.cursor
    if done or not cursor.take(_PART_BACK):
        return None
    if cursor.take("of|for"):
        ref = noun_phrase(context)
        return [Undo(targets=ref)] if ref is not None and _is_over(context) else None
    return [Undo()] if _is_over(context) else None


_MISTAKES = frozenset(
    {"wrong", "mistake", "accident", "meant", "wanted", "mind", "fault", "asked", "expected"}
)
_TOO = frozenset({"much", "far", "big", "small", "bright", "dark", "strong", "many"})
_UNDOES = phrases(
    "[please] <undo|revert|restore|reset|take|go|bring|put|get|ctrl|back>|[so] [please] undo|never mind"
)


def unhappy(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "that's not what I wanted": undone. Where an instruction follows, what was a mistake is undone before it."""
    cursor = context.cursor
    last = context.history.last
    start = cursor.at
    if done or last is None or not last.operations or not cursor.take(_UNHAPPY):
        return None
    said = {token.word for token in cursor.tokens[start : cursor.at]}
    undoes = _undoing_follows(context)
    if cursor.word(-1) in _TOO:  # alone, "too much" asks for less
        return [] if undoes else None
    if _is_over(context):
        return [Undo()]
    if not ends_clause(cursor) and cursor.word() != "…":
        return None
    return [Undo()] if said & _MISTAKES and not undoes else []


def _undoing_follows(context: Context) -> bool:
    cursor = context.cursor
    at = cursor.at
    cursor.skip(frozenset({",", ".", "!", "-", "so"}))
    undoes = cursor.sees(_UNDOES)
    cursor.at = at
    return undoes


def _is_over(context: Context) -> bool:
    """Whether nothing more is said."""
    cursor = context.cursor
    start = cursor.at
    while cursor.word() in FILLERS or cursor.sees(",|.|!|?|...|…"):
        cursor.at += 1
    over = cursor.is_done
    if not over:
        cursor.at = start
    return over
