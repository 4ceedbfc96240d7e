"""A whole prompt: clause by clause; nothing that was not understood is passed over."""

import re
from dataclasses import replace
from functools import lru_cache

from maquette.editing.grammar import build, data, thesaurus
from maquette.editing.grammar.answers import answered, at_end
from maquette.editing.grammar.clauses import clause
from maquette.editing.grammar.complaints import remedy
from maquette.editing.grammar.context import IT, Context, nouns_of
from maquette.editing.grammar.copying import every_gets
from maquette.editing.grammar.corrections import mend
from maquette.editing.grammar.cursor import LANGUAGE, Cursor, phrases, words
from maquette.editing.grammar.descriptions import starts_clause
from maquette.editing.grammar.followups import followup
from maquette.editing.grammar.frames import BETWEEN, FILLERS, NOT_EDITS, OPINION, TAG
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.openers import skip_polite
from maquette.editing.grammar.questions import question
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.states import skip_purpose
from maquette.editing.grammar.taking_back import correction
from maquette.editing.grammar.tokens import Known, Token, tokenize
from maquette.editing.grammar.vocabulary import History, Vocabulary
from maquette.editing.plan import (
    Clarification,
    Delete,
    EditPlan,
    Operation,
    Place,
    Question,
    Ref,
    Refusal,
    Swap,
)

_MOST_LETTERS = 1000
_MOST_CLAUSES = 40
_SEPARATORS = words(", . ; ! ? and then but so - : also ... .. … – — ( ) → / \\ & + or")
_SENTENCE_ENDS = frozenset({".", ":", ";", "!", "?", "...", "-", "…", "..", "–", "—"})
_CODE = re.compile(
    r"\bimport\s+\w+|bpy\.|[;{}]\s*$|\w+\(\s*\)|</?\w+>|\bdef\s+\w+\(|\bexec\b|\beval\b|\bselect\s+\*|rm\s+-rf|os\.system"
    r"|\bsudo\b|https?://|\bprint\s*\("
)
_PICTURES = re.compile(
    r"\b(take|make|shoot) (a|an|some) (photo|photograph|picture|screenshot|snapshot)", re.I
)
_REMARK_STARTS = words(
    "somebody someone nobody people customers we i it there here they what that this who he she you everyone my time"
)
_REMARK_VERBS = words(
    "broke stole ate lost bought saw looks is are seems has have makes 's was feels"
)
_WANTED = words(
    "should must shall can could would will may might need needs want wants to like please be becomes goes"
)
_IF_SO = "<whatever|whichever> <it|that> is|whatever they are|if <so|there is [one]|it is|yes>|in that case"
_SUPPORTS = frozenset({"on", "in", "under", "at", "against", "in_corner", "at_center"})


def plan(
    prompt: str, vocabulary: Vocabulary, history: History | None = None
) -> EditPlan | Clarification | Refusal:
    """What the prompt asks for; a refusal quotes what was not understood."""
    if len(prompt) > _MOST_LETTERS:
        return Refusal(reason="That is too long: please ask for a few things at a time.")
    if _CODE.search(prompt):
        return Refusal(
            reason="That looks like code. Code is never run; please say in plain words what to change."
        )
    if _PICTURES.search(prompt):
        return Refusal(reason="Pictures are not taken here; the scene is only changed.")
    nouns = nouns_of(vocabulary)
    tokens = tokenize(prompt, _known(nouns.words))
    if not any(token.kind != "mark" for token in tokens):
        return Refusal(reason="Nothing was asked.")
    context = Context(cursor=Cursor(tokens, prompt), nouns=nouns, history=history or History())
    try:
        answer = answered(context)
        if answer is not None:
            return answer
        mend(context)
        return _prompt(context)
    except build.Unclear as unclear:
        return unclear.answer
    except RecursionError:
        return Refusal(reason="That sentence is too deeply nested to be understood.")


@lru_cache(maxsize=64)
def _known(scene: frozenset[str]) -> Known:
    """What is spelled right: of the tables, of things that scenes have, of common English. Once per scene."""
    things = frozenset(word for phrase in thesaurus.known_nouns() for word in phrase.split())
    return Known(frozenset(LANGUAGE) | things, scene, _english())


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    return frozenset(data.lines("english"))


def _prompt(context: Context) -> EditPlan | Clarification | Refusal:
    cursor = context.cursor
    done: list[Operation] = []
    has_remarks = False
    for _ in range(_MOST_CLAUSES):
        _skip_between(context)
        if cursor.is_done:
            break
        start = cursor.at
        if cursor.word() in NOT_EDITS and not context.nouns.find(cursor):
            return replace(_not_understood(context, start), is_unread=False)
        found = _clause(context, done)
        if found is None or cursor.at == start:
            cursor.at = start
            if not _remark(context):
                return _not_understood(context, start)
            has_remarks = True
            continue
        if not (at_end(context) or cursor.word() in _SEPARATORS or cursor.word(-1) in _SEPARATORS):
            return _not_understood(context, cursor.at)
        done = _joined(done, found)
    if not cursor.is_done:
        return Refusal(reason="That is too much at once: please ask for a few things at a time.")
    done = done or remedy(context)
    if done and _asks(cursor) and not isinstance(done[0], Question):
        return _not_understood(context, 0)  # a question is no order
    if done:
        return EditPlan(operations=tuple(_without_asked(done)))
    if context.topic is not None and not has_remarks:
        return _only_named(context, context.topic)
    return Refusal(reason=f"There is nothing to do in {_quoted(cursor.prompt)}.", is_unread=True)


def _asks(cursor: Cursor) -> bool:
    """Whether the prompt begins as only a question does."""
    cursor.at = 0
    return cursor.sees(_QUESTIONS) and not cursor.sees(_NO_QUESTIONS)


_QUESTIONS = phrases(
    "what|which|who|whose|why|when|how <many|much|far|tall|wide|long|high|big|deep|large>"
)
_NO_QUESTIONS = phrases(
    "what <if|about|i <want|need|would>|we <want|need>|is <selected|on|in|left|right|under"
    "|behind|at|there|wrong|missing|between|above|near|next|beside|inside|below|to>>"
    "|what <you|needs>|which reminds me|when <you|that|it|i|we|done>|why <not|do not you|do not we>|how about"
)


def _only_named(context: Context, topic: Ref) -> Clarification | Refusal:
    if context.absent:
        return Refusal(
            reason=f"There is no {context.absent[0]!r} here, and nothing was asked of it."
        )
    return Clarification(question=f"What should be done with {topic.words.strip()}?")


def _without_asked(done: list[Operation]) -> list[Operation]:
    """ "is there something between them? whatever it is, turn it blue": the edit alone."""
    edits = [operation for operation in done if not isinstance(operation, Question)]
    asks = any(isinstance(op, Question) and op.kind == "exists" for op in done)
    return edits if edits and asks else done


def _clause(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    for reader in (followup, correction, _if_so, _asked, _given, _where_swap):
        cursor.at = start
        found = reader(context, done)
        if found is not None:
            return found
    cursor.at = start
    found = clause(context, done)
    if found is not None and not at_end(context):
        skip_purpose(context)
    return found


def _if_so(context: Context, done: list[Operation]) -> list[Operation] | None:
    if not context.cursor.take(_IF_SO):
        return None
    context.cursor.take("[,|:] [then]")
    return _clause(context, [])


def _asked(context: Context, done: list[Operation]) -> list[Operation] | None:
    found = question(context)
    if found is None or not (at_end(context) or context.cursor.word(-1) == "?"):
        return None
    return found


def _given(context: Context, done: list[Operation]) -> list[Operation] | None:
    skip_polite(context)
    return every_gets(context)


def _where_swap(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "cake where the register is and the register where the cake is"."""
    cursor = context.cursor
    skip_polite(context)
    cursor.take("put|move|place|i want|set")
    first = _placed(context)
    if first is None or not cursor.take("and vice versa|, and|and|,"):
        return None
    if cursor.word(-1) == "versa":
        return [Swap(first=first[0], second=first[1])]
    second = _placed(context)
    return [Swap(first=first[0], second=first[1])] if second is not None else None


def _placed(context: Context) -> tuple[Ref, Ref] | None:
    """ "A where B is"."""
    cursor = context.cursor
    context.blocked = frozenset({"where"})
    ref = noun_phrase(context, relations=False, conjoined=False)
    context.blocked = frozenset()
    if ref is None or not cursor.sees("where|to where|at where"):
        return None
    there = relation(context)
    return (ref, there[0].to[0]) if there is not None and there[0].kind == "in_place_of" else None


# Between the clauses -----------------------------------------------------------------------------------


def _skip_between(context: Context) -> None:
    cursor = context.cursor
    while not cursor.is_done:
        start = cursor.at
        if cursor.word() in _SEPARATORS:
            cursor.at += 1
        elif start and cursor.sees(TAG) and not cursor.sees("in here|here"):
            cursor.take(TAG)
        elif cursor.sees(BETWEEN) and _is_between(context):
            cursor.take(BETWEEN)
        elif not skip_purpose(context):
            cursor.skip(FILLERS - {"again"})
            if not (cursor.is_done or cursor.word() in _SEPARATORS):
                cursor.at = start
        if cursor.at == start:
            return


def _is_between(context: Context) -> bool:
    """ "second make the window bigger", not "second mug: red"."""
    cursor = context.cursor
    length = cursor.length_of(BETWEEN)
    if cursor.word() == "too" and cursor.word(1) not in ("", *_SEPARATORS):
        return False  # "too far"
    return length > 1 or context.nouns.find_at(cursor, length) is None


def _remark(context: Context) -> bool:
    """ "We're getting a new hire:", "It's sunset:": said beside an instruction that follows."""
    cursor = context.cursor
    start = cursor.at
    if start and cursor.word(-1) not in _SENTENCE_ENDS | {","}:
        return False
    if cursor.take(OPINION):
        cursor.take("in <here|the room>|for <me|us|my taste>")
        if cursor.sees(",|.|:|!|-|;") and cursor.at + 1 < len(cursor.tokens):
            return True  # "too dark in here, spots to 80 watts"
        cursor.at = start
    end = start
    while end < len(cursor.tokens) and cursor.tokens[end].word not in _SENTENCE_ENDS:
        end += 1
    reason = _end_of_reason(context, end)
    end = reason or end
    said = {token.word for token in cursor.tokens[start:end]}
    is_remark = (
        bool(reason)
        or cursor.word() in _REMARK_STARTS
        or said & _REMARK_VERBS
        or cursor.take("swap [the|their] <colors|colours>")
    )
    if not is_remark or end + 1 >= len(cursor.tokens):
        cursor.at = start
        return False
    named = _named_between(context, end)
    if reason and len(named) > 1:
        cursor.at = start
        return False  # whether "it" is the first or the second, nobody can know
    if named:
        context.topic = named[0]  # "somebody broke the phone. remove it"
    cursor.at = end + 1
    return True


def _named_between(context: Context, end: int) -> list[Ref]:
    """The things of the scene that a remark names."""
    cursor = context.cursor
    found: list[Ref] = []
    while cursor.at < end:
        at = cursor.at
        ref = noun_phrase(context)
        if ref is not None and ref.noun and context.nouns.count(ref.noun):
            found.append(ref)
        else:
            cursor.at = at + 1
    return found


def _end_of_reason(context: Context, end: int) -> int:
    """Where "the cat could trip over the train" ends, which says why: ", so put it on the shelf". 0: nowhere."""
    cursor = context.cursor
    start = cursor.at
    found = 0
    if not starts_clause(context):
        for at in range(start + 2, end - 1):
            cursor.at = at + 1
            words = (cursor.tokens[at - 1].word, cursor.tokens[at].word)
            if words == (",", "so") and starts_clause(context):
                found = at
                break
            cursor.at = at
            if words[0] == "," and starts_clause(context) and _is_of_it(cursor.tokens, start, at):
                found = at - 1
                break
    cursor.at = start
    return found


def _is_of_it(tokens: list[Token], start: int, at: int) -> bool:
    """ "the jacket has fallen down, put it on the bench": a fact, and an order about what it is told of."""
    wanted = {token.word for token in tokens[start:at]} & _WANTED
    return not wanted and any(token.word in ("it", "them") for token in tokens[at : at + 4])


def _joined(done: list[Operation], found: list[Operation]) -> list[Operation]:
    """Put two clauses together that say one thing: "bring it to the shelf and set it down between …"."""
    if done and found and isinstance(done[-1], Delete) and isinstance(found[0], Delete):
        is_it = found[0].targets.pronoun in ("it", "them") and not found[0].targets.noun
        return done + found[1:] if is_it else done + found  # "no more bread, remove it all"
    if (
        done
        and found
        and isinstance(done[-1], Delete)
        and isinstance(found[0], Place)
        and found[0].targets.pronoun in ("it", "them")
        and not found[0].targets.noun
    ):
        put = replace(found[0], targets=done[-1].targets)  # "take it out and put it on the rug"
        return [*done[:-1], put, *found[1:]]
    if not (done and found and isinstance(done[-1], Place) and isinstance(found[0], Place)):
        return done + found
    last, new = done[-1], found[0]
    is_it = new.targets == IT or (new.targets.pronoun in ("it", "them") and not new.targets.noun)
    if not (is_it or new.targets == last.targets) or any(
        r.kind in _SUPPORTS for r in new.relations
    ):
        return done + found
    return [*done[:-1], replace(last, relations=last.relations + new.relations), *found[1:]]


def _quoted(text: str) -> str:
    return f"“{text.strip()}”"


def _not_understood(context: Context, at: int) -> Refusal:
    cursor = context.cursor
    words = _quoted(cursor.text(at, len(cursor.tokens)))
    return Refusal(reason=f"I did not understand {words}.", is_unread=True)
