"""A whole prompt: clause by clause, with corrections, follow-ups and answers; nothing unread is passed over."""

import re
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

from maquette.editing.grammar import build, thesaurus
from maquette.editing.grammar.clauses import IT, clause, skip_polite
from maquette.editing.grammar.context import Context, nouns_of
from maquette.editing.grammar.cursor import LANGUAGE, Cursor
from maquette.editing.grammar.lexicon import WORDS
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.questions import question
from maquette.editing.grammar.slots import Slots, complements, skip_purpose
from maquette.editing.grammar.special import every_gets
from maquette.editing.grammar.tokens import Token, known_words, tokenize
from maquette.editing.grammar.verbs import FILLERS, NOT_EDITS
from maquette.editing.grammar.vocabulary import History, Vocabulary
from maquette.editing.plan import (
    Clarification,
    EditPlan,
    Face,
    Material,
    Move,
    Operation,
    Place,
    Question,
    Ref,
    Refusal,
    Repeat,
    Rotate,
    Scale,
    Undo,
)

_SEPARATORS = frozenset(
    {
        ",",
        ".",
        ";",
        "!",
        "?",
        "and",
        "then",
        "but",
        "-",
        ":",
        "also",
        "...",
        "..",
        "…",
        "–",
        "—",
        "(",
        ")",
        "->",
        "/",
        "\\",
        "&",
        "+",
    }
)
_UNDO = (
    "undo|undo that|undo that last one|undo it|undo the last one|undo the last step|undo this|take that back|revert|revert that|revert it"
    "|go back|never mind|nevermind|step back|roll back|roll that back|bring it back|put it back|put that back|bring that back"
    "|put it back where it was|put it back the way it was|put it back to where it was|put it back how it was|put them back|bring them back"
    "|restore it|restore that|restore them|reverse that|reverse it|put everything back|undo the last change|undo the last edit"
    "|undo what you just did|undo last|undo the last thing|undo the previous step|cancel that|undo that one|undo please|undo last change"
    "|undo the change|undo that change|revert the last change|go back one step|back one step|ctrl z|scratch that|as it was before"
    "|take it back|put it back please|go one step back|undo the last|undo the last action|revert the last step|undo these|undo those"
    "|undo the last move|that was wrong|change it back|change that back|turn it back|make it like it was before|make it as it was before"
    "|put it back in its place|put it back to its place|put it back where it came from|return it to where it was|move it back to where it was"
    "|move it back where it was|put it back again|bring it back again|back to how it was|like it was before|change it back to how it was"
    "|put that back where it was|put them back where they were|undo what you did|reverse the last step|restore the last one|undo all that"
)
_REDO = "redo|redo that|redo it|do it again after all|redo the last one|redo the last step|reapply that|redo please|undo the undo"
_REPEAT = (
    "again|once more|and again|one more time|same again|repeat|repeat that|do it again|do that again|another time|the same again|once again"
    "|repeat it|do the same again|do it once more|the same once more|repeat the last step|and once more|and one more time|repeat last"
    "|one more|same thing again"
)
_MORE = "a bit more|a little more|some more|slightly more|a bit further|a little further|further|more|a tad more|a touch more|just a bit more|even more|a little bit more|a smidge more|still more"
_LESS = "a bit less|a little less|slightly less|less|not that much|not so much|not that far|a tad less|not quite that far|too much|that is too much|that was too much|too far"
_SAME = "the same for|same for|same with|the same with|do the same for|do the same with|do the same to|same to|do that to|do that for|do it for|likewise for|also for|do the same thing to|do the same thing for|do the same for|and the same for|ditto for|same goes for|the same goes for|and also|do that with|apply that to|the same to|now do the same to|now do the same for|apply the same to|repeat that for|repeat for|repeat it for|repeat this for|repeat that with"
_CORRECTION = "sorry i mean|sorry i meant|i mean|i meant|no i mean|no i meant|rather|or rather|make that|correction|sorry|no wait|wait no|no|oops i mean|scratch that i mean|i meant to say|that is to say|actually i mean|actually i meant|well rather|sorry no|no sorry"
for _text in (_UNDO, _REDO, _REPEAT, _MORE, _LESS, _SAME, _CORRECTION):
    LANGUAGE.update(_text.replace("|", " ").split())
_CODE = re.compile(
    r"\bimport\s+\w+|bpy\.|[;{}]\s*$|\w+\(\s*\)|</?\w+>|\bdef\s+\w+\(|\bexec\b|\beval\b|\bselect\s+\*|rm\s+-rf|os\.system|\bsudo\b|https?://"
)
_REMARK_STARTS = frozenset(
    {
        "we",
        "i",
        "it",
        "there",
        "here",
        "they",
        "what",
        "that",
        "this",
        "who",
        "he",
        "she",
        "you",
        "everyone",
        "my",
        "time",
    }
)


def plan(
    prompt: str, vocabulary: Vocabulary, history: History | None = None
) -> EditPlan | Clarification | Refusal:
    """What the prompt asks for; a refusal quotes what was not understood."""
    history = history or History()
    if len(prompt) > 2000:
        return Refusal(reason="That is too long: please ask for one thing at a time.")
    if _CODE.search(prompt):
        return Refusal(
            reason="That looks like code. Code is never run; please say in plain words what to change."
        )
    nouns = nouns_of(vocabulary)
    known = known_words(_language(), nouns.words)
    tokens = tokenize(prompt, known)
    if not any(token.kind != "mark" for token in tokens):
        return Refusal(reason="Nothing was asked.")
    context = Context(cursor=Cursor(tokens, prompt), nouns=nouns, history=history)
    answer = _answered(context)
    if answer is not None:
        return answer
    try:
        return _prompt(context)
    except build.Unclear as unclear:
        return unclear.clarification
    except RecursionError:
        return Refusal(reason="That sentence is too deeply nested to be understood.")


@lru_cache(maxsize=1)
def _language() -> frozenset[str]:
    """Right spelling, whatever this scene holds: of the tables, of common English, of things that other scenes have."""
    things = frozenset(word for phrase in thesaurus.known_nouns() for word in phrase.split())
    return frozenset(LANGUAGE) | WORDS | things


def _prompt(context: Context) -> EditPlan | Clarification | Refusal:
    cursor = context.cursor
    done: list[Operation] = []
    remarks: list[str] = []
    while True:
        _skip_between(context)
        if cursor.is_done:
            break
        start = cursor.at
        if cursor.word() in NOT_EDITS and not context.nouns.find(cursor):
            return _not_understood(context, start)
        found = _clause(context, done)
        if found is None or cursor.at == start:
            cursor.at = start
            if not _remark(context):
                return _not_understood(context, start)
            remarks.append(cursor.text(start))
            continue
        if not _at_border(context) and cursor.word(-1) not in _SEPARATORS:
            return _not_understood(context, cursor.at)
        done = _joined(done, found)
    if not done:
        if context.topic is not None and not remarks:
            return _only_named(context, context.topic)
        return Refusal(reason=f"There is nothing to do in {_quoted(cursor.prompt)}.")
    return EditPlan(operations=tuple(_without_asked(done)))


def _only_named(context: Context, topic: Ref) -> Clarification | Refusal:
    if context.absent:
        return Refusal(
            reason=f"There is no {context.absent[0]!r} here, and nothing was asked of it."
        )
    return Clarification(question=f"What should be done with {topic.words.strip()}?")


def _without_asked(done: list[Operation]) -> list[Operation]:
    """ "is there something between them? whatever it is, turn it blue": the edit alone."""
    edits = [operation for operation in done if not isinstance(operation, Question)]
    if edits and any(
        isinstance(operation, Question) and operation.kind == "exists" for operation in done
    ):
        return edits
    return done


def _clause(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    for reader in (_conversation, _correction, _whatever_it_is):
        cursor.at = start
        found = reader(context, done)
        if found is not None:
            return found
    cursor.at = start
    asked = question(context)
    if asked is not None and (_at_border(context) or cursor.word(-1) == "?"):
        return asked
    cursor.at = start
    skip_polite(context)
    given = every_gets(context)
    if given is not None:
        return given
    cursor.at = start
    where_swapped = _where_swap(context)
    if where_swapped is not None:
        return where_swapped
    cursor.at = start
    found = clause(context, done)
    if found is not None and not _at_border(context):
        skip_purpose(context)
    return found


def _conversation(context: Context, done: list[Operation]) -> list[Operation] | None:
    """Undo, redo, again, a bit more, the same for …"""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_REPEAT) and _at_border(context):
        return [Repeat()]
    cursor.at = start
    skip_polite(context)
    cursor.take("no|wait|no wait|actually|oh no|hmm|sorry")
    cursor.take(",|.")
    cursor.take("no|wait|actually|please")
    cursor.take(",")
    at = cursor.at
    if cursor.take("undo|revert|reset|restore|put|bring|return|change|take|turn|move|set"):
        ref = noun_phrase(context, relations=False)
        if ref is not None and cursor.take(
            "to how it was before|to how it was|back to how it was before|to what it was before|to how they were before|back to how it was"
            "|to its previous state|to its original state|to where it was before|to where it was|back to where it was|back where it was"
            "|as it was before|back the way it was|to its old place|to its original place|to its original position|back to its original place"
            "|back to its original position|where it was before|to the way it was|back to the way it was|the way it was|as it was|back to its old place"
            "|to how it was originally|back to where it was before|back to normal|back as it was|where it was|to its former state|to its initial state"
            "|to its initial position|back to its old position|to its original color|to its original colour|back where it belongs|back to its place"
            "|back to its original color|back to its original colour|to its original size|back to its original size|to the way it was before"
        ):
            if ref.pronoun in ("it", "them"):
                return [Undo()]
            return [Undo(targets=ref)]
        if (
            ref is not None
            and cursor.word(at - cursor.at) in ("revert", "reset", "restore", "bring")
            and (cursor.take("back|again") or _at_border(context))
        ):
            return [Undo(targets=None if ref.pronoun else ref)]
    cursor.at = at
    if cursor.take(
        "undo everything|reset everything|revert everything|undo all|start over|reset the scene|undo all changes|back to the start|revert all changes|back to the beginning|undo it all|revert all|reset all"
    ):
        return [Undo(to_start=True)]
    if cursor.take("undo the last|undo last|undo|go back|revert the last|undo the previous"):
        from maquette.editing.grammar import quantities

        steps = quantities.number(cursor)
        if steps is not None and cursor.take(
            "steps|changes|edits|times|step|ones|things|operations|actions|moves"
        ):
            return [Undo(steps=int(steps))]
        if cursor.take("twice"):
            return [Undo(steps=2)]
        cursor.at = at
    for table, make in ((_UNDO, Undo()), (_REDO, Undo(is_redo=True)), (_REPEAT, Repeat())):
        if cursor.take(table):
            cursor.take("please|again|then|now|now please|twice")
            if cursor.word(-1) == "twice":
                return [make, make]
            if _at_border(context):
                return [make]
            cursor.at = at
    has_last = context.history.last is not None or bool(done)
    if has_last and cursor.take(_MORE) and _at_border(context):
        return [Repeat(factor=0.5)]
    cursor.at = at
    if has_last and cursor.take(_LESS) and _at_border(context):
        return [Repeat(factor=-0.5)]
    cursor.at = at
    if cursor.take(_SAME):
        ref = noun_phrase(context)
        if ref is not None:
            cursor.take("too|as well|please")
            return [Repeat(targets=_like_last(context, ref, done))]
    cursor.at = at
    if has_last and not done:
        cursor.take("and|also|now")
        ref = noun_phrase(context)
        if ref is not None and cursor.take("too|as well|also") and _at_border(context):
            return [Repeat(targets=_like_last(context, ref, done))]
        cursor.at = at
        if cursor.take("not that one|the other one|no the other one|the other") and _at_border(
            context
        ):
            last = _last_target(context)
            if last is not None and context.history.last is not None:
                other = replace(
                    last, words="the other one", pronoun="other", order=None, attributes=()
                )
                return [
                    Undo(),
                    *(_replaced(op, last, other) for op in context.history.last.operations),
                ]
    return None


def _last_target(context: Context) -> Ref | None:
    last = context.history.last
    return getattr(last.operations[-1], "targets", None) if last and last.operations else None


def _like_last(context: Context, ref: Ref, done: list[Operation]) -> Ref:
    if ref.noun or ref.pronoun:
        return ref
    last = getattr(done[-1], "targets", None) if done else _last_target(context)
    return replace(ref, noun=last.noun) if isinstance(last, Ref) else ref


def _correction(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "… sorry, I mean the crate": the last operation, of something else."""
    cursor = context.cursor
    if not done or not cursor.take(_CORRECTION):
        return None
    cursor.take(",")
    cursor.take(_CORRECTION)
    cursor.take(",")
    ref = noun_phrase(context)
    last = done[-1]
    target = getattr(last, "targets", None)
    if ref is None:
        slots = Slots()
        slots.pattern["verb"] = ""
        complements(context, slots)
        found = build.operations(context, "move", target, slots) if isinstance(target, Ref) else []
        if found and type(found[0]) is type(last):
            done.pop()
            return found
        return None
    if not isinstance(target, Ref) or not _at_border(context):
        return None
    done.pop()
    context.topic = ref
    return [_replaced(last, target, ref)]


def _whatever_it_is(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    if cursor.take(
        "whatever it is|whatever that is|whatever they are|if so|if there is|if it is|in that case|whichever it is|if yes"
    ):
        cursor.take(",|:|then")
        found = _clause(context, [])
        return found
    return None


def _where_swap(context: Context) -> list[Operation] | None:
    """ "cake where the register is and the register where the cake is"."""
    from maquette.editing.grammar.relations import relation
    from maquette.editing.plan import Swap

    cursor = context.cursor
    skip_polite(context)
    cursor.take("put|move|place|i want|set")
    context.blocked = frozenset({"where"})
    first = noun_phrase(context, relations=False, conjoined=False)
    second: Ref | None = None
    context.blocked = frozenset()
    if first is None or not cursor.sees("where|to where"):
        return None
    there = relation(context)
    if (
        there is None
        or there[0].kind != "in_place_of"
        or not cursor.take("and|,|and vice versa|, and")
    ):
        return None
    if cursor.word(-1) == "versa":
        return [Swap(first=first, second=there[0].to[0])]
    cursor.take("and")
    context.blocked = frozenset({"where"})
    second = noun_phrase(context, relations=False, conjoined=False)
    context.blocked = frozenset()
    back = relation(context) if second is not None else None
    if back is None or back[0].kind != "in_place_of":
        return None
    return [Swap(first=first, second=there[0].to[0])]


# Between the clauses -----------------------------------------------------------------------------------


def _skip_between(context: Context) -> None:
    cursor = context.cursor
    while not cursor.is_done:
        token = cursor.peek()
        if token is None:
            return
        if cursor.word() in _SEPARATORS or cursor.take(
            "open up some space|make some space|make some room|make room|free up some space|make space|tidy up a bit|one more thing|another thing|after that|and after that|at the same time|by the way|in addition|as well|too|if you please|if possible|if you can|if you do not mind|would you|will you|can you|thank you|for me|of course|as well|instead|for now|once you are done|when done|when that is done"
        ):
            cursor.at += 1 if token.word in _SEPARATORS and cursor.peek() is token else 0
            continue
        if skip_purpose(context):
            continue
        start = cursor.at
        cursor.skip(FILLERS - {"again"})
        if cursor.at > start and (cursor.is_done or cursor.word() in _SEPARATORS):
            continue
        cursor.at = start
        break


def _at_border(context: Context) -> bool:
    """Whether the clause is over; fillers are stepped over."""
    cursor = context.cursor
    while True:
        before = cursor.at
        while cursor.word() in FILLERS or cursor.take(
            "as well|if possible|if you can|if you like|would you|will you|for me|of course|for now|from now on|thank you|if you please|in the scene|in the room|in that case|as you like|for the moment|more time|at all"
        ):
            cursor.at += 1 if cursor.word() in FILLERS else 0
        skip_purpose(context)
        if cursor.at == before:
            break
    return cursor.is_done or cursor.word() in _SEPARATORS


def _remark(context: Context) -> bool:
    """ "We're getting a new hire:", "It's sunset:" — said beside an instruction that follows."""
    cursor = context.cursor
    start = cursor.at
    is_start = start == 0 or cursor.word(-1) in (
        ".",
        "!",
        "?",
        ";",
        ":",
        ",",
        "...",
        "-",
        "…",
        "..",
    )
    if not is_start:
        return False
    remark_like = cursor.word() in _REMARK_STARTS or cursor.take(
        "swap colors|swap colours|swap the colors|swap the colours"
    )
    remark_like = remark_like or any(
        t.word in ("looks", "is", "are", "seems", "has", "have", "makes", "'s")
        for t in _until_border(cursor.tokens[start:])
    )
    if not remark_like:
        return False
    ref_at = cursor.at
    ref = noun_phrase(context)
    if ref is not None and ref.noun and context.nouns.count(ref.noun):
        context.topic = ref
    cursor.at = ref_at
    while not cursor.is_done and cursor.word() not in (
        ".",
        ":",
        ";",
        "!",
        "?",
        "...",
        "-",
        "…",
        "..",
    ):
        cursor.at += 1
    if cursor.is_done or cursor.at + 1 >= len(cursor.tokens):
        cursor.at = start
        return False
    cursor.at += 1
    return True


def _until_border(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    for token in tokens:
        if token.word in (".", ":", ";", "!", "?"):
            break
        result.append(token)
    return result


def _joined(done: list[Operation], found: list[Operation]) -> list[Operation]:
    """Put two clauses together that say one thing: "bring it to the shelf and set it down between …"."""
    if done and found and isinstance(done[-1], Place) and isinstance(found[0], Place):
        last, new = done[-1], found[0]
        same = (
            new.targets == IT
            or (new.targets.pronoun in ("it", "them") and not new.targets.noun)
            or new.targets == last.targets
        )
        supports = {"on", "in", "under", "at", "against", "in_corner", "at_center"}
        if same and not any(r.kind in supports for r in new.relations):
            merged = replace(last, relations=last.relations + new.relations)
            return [*done[:-1], merged, *found[1:]]
    return done + found


# Answers ------------------------------------------------------------------------------------------------


def _answered(context: Context) -> EditPlan | None:
    """The pending plan, with the unclear thing narrowed by the answer ("the brown one")."""
    history, cursor = context.history, context.cursor
    if history.pending is None or history.unclear is None:
        return None
    cursor.take(
        "i mean|i meant|sorry|oh|well|um|take|use|the answer is|that would be|it is|make it|no|yes|choose|pick|of course|i think|i want|ok|okay"
    )
    cursor.take(",|:")
    cursor.take("i mean|i meant|sorry|take|use|it is")
    context.topic_noun = history.unclear.noun
    answer = _answer_ref(context)
    cursor.take(",")
    if answer is None or not _at_answer_end(context):
        cursor.at = 0
        context.topic_noun = ""
        return None
    narrowed = _narrowed(history.unclear, answer)
    operations = tuple(
        _replaced(op, history.unclear, narrowed) for op in history.pending.operations
    )
    return EditPlan(operations=operations)


def _answer_ref(context: Context) -> Ref | None:
    """A noun phrase, or a mere place or property: "left", "on the shelf", "brown"."""
    from maquette.editing.grammar.nouns import attribute_at
    from maquette.editing.grammar.relations import _AT_SIDE, SUPERLATIVES, relation
    from maquette.editing.plan import Order

    cursor = context.cursor
    start = cursor.at
    ref = noun_phrase(context)
    if ref is not None:
        return ref
    cursor.at = start
    cursor.take("the")
    side = cursor.match(SUPERLATIVES)
    if side is not None:
        cursor.take("one|side")
        return Ref(words=cursor.text(start), order=Order(measure=side[0], is_descending=side[1]))
    attribute = attribute_at(cursor)
    if attribute is not None:
        return Ref(words=cursor.text(start), attributes=(attribute,))
    at_side = cursor.match(_AT_SIDE)
    if at_side is not None and at_side != "middle":
        return Ref(words=cursor.text(start), order=Order(measure=at_side))  # pyright: ignore[reportArgumentType]
    found = relation(context)
    if found is not None:
        return Ref(words=cursor.text(start), relations=(found[0],))
    return None


def _at_answer_end(context: Context) -> bool:
    cursor = context.cursor
    while not cursor.is_done and (
        cursor.word() in FILLERS
        or cursor.word() in _SEPARATORS
        or cursor.take("of course|one|thank you|i mean|i think")
    ):
        if cursor.word() in FILLERS or cursor.word() in _SEPARATORS:
            cursor.at += 1
    return cursor.is_done


def _narrowed(unclear: Ref, answer: Ref) -> Ref:
    if answer.pronoun in ("them", "this", "it", "rest") or (
        answer.number == "many" and not answer.noun
    ):
        wide = replace(unclear, number="many") if answer.pronoun == "them" else answer
        return replace(wide, words=answer.words)
    return replace(
        unclear,
        words=f"{answer.words}",
        noun=answer.noun or unclear.noun,
        number=answer.number,
        count=answer.count,
        pronoun=answer.pronoun,
        attributes=unclear.attributes
        + tuple(a for a in answer.attributes if a not in unclear.attributes),
        relations=unclear.relations + answer.relations,
        order=answer.order or unclear.order,
        excluding=unclear.excluding + answer.excluding,
        also=answer.also,
    )


def _replaced(value: Any, old: Ref, new: Ref) -> Any:
    """`value` with every `old` in it replaced by `new`."""
    if value == old:
        return new
    if isinstance(value, tuple):
        return tuple(_replaced(item, old, new) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: _replaced(getattr(value, f.name), old, new) for f in fields(value)}
        return replace(value, **changes)
    return value


def _quoted(words: str) -> str:
    return f"“{words.strip()}”"


def _not_understood(context: Context, at: int) -> Refusal:
    cursor = context.cursor
    rest = cursor.text(at, len(cursor.tokens))
    return Refusal(reason=f"I did not understand {_quoted(rest)}.")


__all__ = ["Face", "Material", "Move", "Rotate", "Scale", "plan"]
