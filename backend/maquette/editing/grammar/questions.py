"""Questions: count, which, where, what, what colour; the others are in measuring.py and yes_no.py."""

from dataclasses import replace

from maquette.editing.grammar.adjectives import NEAREST, SUPERLATIVES
from maquette.editing.grammar.asking import is_over, with_tail
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases, phrases
from maquette.editing.grammar.measuring import (
    COLOR,
    distance_between,
    how_much_or_big,
    measure_of,
    measured,
)
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.predicates import post_modifiers, predicates
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.yes_no import asked_of, does_so, is_any, is_so
from maquette.editing.plan import Operation, Order, Question, Ref, Relation, RelationKind

_ASK = phrases(
    "[please] [<can|could|would|will> you] [please] <tell me|say|let me know|check|find out|remind me|show me> [please]"
    "|[do] you know|i wonder|i am wondering|i was wondering|<i|we> <would like|want|need> to know|any idea"
    "|do you happen to know"
)
_COUNT = phrases(
    "[<can|could> you] [please] count [up] [all]|[what is] [the] [total] <number|count> of|how many [of]|what number of"
)
_SELECTED = phrases(
    "<what|which [one|ones|thing|things|object|objects]> [<is|are> it that] <did|have|do|am> i [have] <select"
    "|selected|pick|picked"
    "|selecting|highlighted>|<what|which [one|thing|object|things|objects|ones]> <is|are> [currently] <selected"
    "|highlighted|marked>"
    "|what <is|are> [the|my] [current] <selection|selected <thing|object|things|objects|one>>|name the selected thing"
    "|what is it that i selected"
)
_TAIL = phrases(
    "right now|now|please|at the moment|in the scene|in total|here|in the room|in this room|in this scene|currently"
    "|anyway|exactly"
    "|there|altogether|for me|actually|then"
)
_WHICH = phrases("which [<one|ones> of|of] |which <one|ones>|which|what")
_GONE_TO = phrases(
    "located|standing|lying|placed|now|is|are|hiding|at|stand|sitting|right now|gone|to be found"
)


def question(context: Context) -> list[Operation] | None:
    """The question at the cursor, or None."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("please|hey|and|so|ok|well|now")
    told = cursor.take(_ASK)
    cursor.take("whether|if|,|:") if told else None
    for reader in (
        _selected,
        _count,
        distance_between,
        how_much_or_big,
        measure_of,
        _where,
        _color,
        _which_of_two,
        _which,
        _what,
        is_so,
        does_so,
        is_any,
    ):
        at = cursor.at
        result = reader(context)
        if result is not None:
            while cursor.take(_TAIL):
                pass
            cursor.take("?")
            context.topic = result.targets or context.topic
            return [result]
        cursor.at = at
    if told:
        indirect = _indirect(context)
        if indirect is not None:
            return [indirect]
    cursor.at = start
    return None


def _indirect(context: Context) -> Question | None:
    """ "… whether the mug is on the table": the verb behind its subject."""
    cursor = context.cursor
    ref = noun_phrase(context, relations=False)
    if ref is None or not cursor.take("is|are"):
        return None
    return asked_of(context, ref)


def _selected(context: Context) -> Question | None:
    if not context.cursor.take(_SELECTED):
        return None
    return Question(
        kind="selected", targets=Ref(words="the selection", pronoun="this", number="many")
    )


def _count(context: Context) -> Question | None:
    """ "how many chairs are blue", "count the boxes", "how many watts has the lamp"."""
    cursor = context.cursor
    if cursor.take("how many <watts|watt> [<does|do|has|have|is|are>]"):
        ref = noun_phrase(context)
        cursor.take("have|use|emit|give|at")
        return measured(ref, "power", "") if ref is not None else None
    if not cursor.take(_COUNT):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    if cursor.take(
        "<have|did|do|are> [i] [have] <selected|select|pick|picked|highlighted|marked>|i [have] selected"
    ):
        chosen = Ref(words="the selection", pronoun="this", number="many")
        return Question(kind="count", targets=chosen)
    return Question(kind="count", targets=with_tail(context, replace(ref, number="many")))


def _where(context: Context) -> Question | None:
    cursor = context.cursor
    if not cursor.take(
        "where [<is|are|was|did|does|do|did <you|i|we> put|can i find|do i find|has|have>]|find"
    ):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    cursor.take("go|stand|sit|hang|lie")
    while cursor.take(_GONE_TO):
        pass
    return Question(kind="where", targets=ref)


def _color(context: Context) -> Question | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take(f"<what|which> {COLOR} [is|are|has|does|do]|[what is] the {COLOR} of"):
        ref = noun_phrase(context)
        cursor.take("have|painted [in]|is|are|has")
        return Question(kind="color", targets=ref) if ref is not None else None
    named = cursor.take("<what|which> material [is|are|does|do]|what is the material of")
    if not named and not cursor.take("what <is|are>"):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    if cursor.take("made <of|out of|from>|have") or named:
        return Question(kind="material", targets=ref)
    if cursor.take("called|named"):
        return Question(kind="what_is", targets=ref)
    cursor.at = start
    return None


def _order_at(context: Context) -> Order | None:
    """ "taller", "the biggest", "closer to the bed"."""
    cursor = context.cursor
    cursor.take("the")
    far = cursor.match(NEAREST)
    if far is not None:
        cursor.take("away")
        if not cursor.take("to|from"):
            return Order(measure="distance", is_descending=far)
        to = noun_phrase(context, relations=False, conjoined=False)
        return Order(
            measure="distance",
            is_descending=far,
            to=None if to is None or to.pronoun == "viewer" else to,
        )
    found = cursor.match(SUPERLATIVES)
    return Order(measure=found[0], is_descending=found[1]) if found is not None else None


def _which_of_two(context: Context) -> Question | None:
    """ "which is closer to the bed, the chair or the ottoman?", "is the sofa or the bed longer?"."""
    cursor = context.cursor
    if cursor.take("<which|what|who> [one|of them|thing|of the two] <is|stands|hangs>"):
        order = _order_at(context)
        if order is None or not cursor.take("[,|:|-|of|out of|among|between|?] [is it|of]"):
            return None
        first = noun_phrase(context, relations=False)
        if first is None or not (first.also or first.number == "many"):
            return None
        return Question(kind="which", targets=replace(first, number="many", order=order))
    nearer = _nearer_to_which(context)
    if nearer is not None:
        return nearer
    if cursor.take("is"):
        first = noun_phrase(context, relations=False)
        if first is None or not first.also or "or" not in first.words.split():
            return None
        order = _order_at(context)
        if order is not None:
            return Question(kind="which", targets=replace(first, number="many", order=order))
    return None


def _nearer_to_which(context: Context) -> Question | None:
    """ "is the fountain closer to the shed or to the bench?"."""
    cursor = context.cursor
    start = cursor.at
    thing = noun_phrase(context, relations=False, conjoined=False) if cursor.take("is") else None
    far = cursor.match(NEAREST) if thing is not None else None
    if far is not None and cursor.take("[away] <to|from>"):
        first = noun_phrase(context, relations=False, conjoined=False)
        second = (
            noun_phrase(context, relations=False, conjoined=False)
            if cursor.take("or [to|from]")
            else None
        )
        if first is not None and second is not None:
            order = Order(measure="distance", is_descending=far, to=thing)
            both = replace(first, number="many", also=(second,), order=order)
            return Question(kind="which", targets=both)
    cursor.at = start
    return None


def _which(context: Context) -> Question | None:
    """ "which gnome is standing furthest to the right", "which of the jars is the smallest", "which lamp is taller"."""
    cursor = context.cursor
    start = cursor.at
    if not cursor.take(_WHICH):
        return None
    is_what = cursor.word(start - cursor.at) == "what"
    verb = "is|are|stands|stand|lies|hangs|hang|sits|has|have"
    bare = cursor.sees(verb)
    if bare and is_what:
        return None
    ref = Ref(words="thing", number="any") if bare else noun_phrase(context)
    if ref is None or (ref.pronoun and ref.number != "many"):
        return None
    if is_what and ref.number == "one" and not cursor.sees(verb):
        return None
    if bare:
        at = cursor.at
        named = noun_phrase(context) if cursor.take("is|are") and cursor.sees("the") else None
        if named is not None and named.order is not None and named.noun and is_over(context):
            return Question(kind="which", targets=named)  # "which is the tallest bottle?"
        cursor.at = at
    stranded = None if bare else _stranded(context, ref)
    if stranded is not None:
        return Question(kind="which", targets=stranded)
    changed = predicates(context, replace(ref, number="many"))
    if changed is not None and not is_over(context):
        changed = post_modifiers(context, changed, relations=True)
    if changed is None and cursor.take("is|are"):
        order = _order_at(context)
        cursor.take("one")
        if order is None:
            return None
        changed = replace(ref, order=order)
    if changed is None:
        told = ref.relations or ref.attributes or ref.order
        return Question(kind="which", targets=ref) if told and is_over(context) else None
    number = "one" if changed.order is not None else "many"
    return Question(kind="which", targets=replace(changed, number=number))


_STRANDED: Phrases[RelationKind] = Phrases(
    {
        "on|on top of|onto": "supporting",
        "in|inside|inside of": "containing",
        "under|underneath|below|beneath": "above",
        "above|over": "under",
        "next to|beside|by|near|close to": "next_to",
        "behind": "in_front_of",
        "in front of": "behind",
    }
)


def _stranded(context: Context, ref: Ref) -> Ref | None:
    """ "which log is the axe on?": the preposition at the end."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take("is|are|does|do|did|has"):
        inner = noun_phrase(context, relations=False)
        if inner is not None:
            cursor.take(
                "stand|sit|lie|hang|rest|standing|sitting|lying|hanging|resting|placed|located"
            )
            kind = cursor.match(_STRANDED)
            if kind is not None and is_over(context):
                found = Relation(kind=kind, to=(inner,))
                return replace(ref, number="many", relations=(*ref.relations, found))
    cursor.at = start
    return None


def _what(context: Context) -> Question | None:
    """ "what's in the basket", "what stands on the desk", "what is this", "what is the biggest thing"."""
    cursor = context.cursor
    if cursor.take("list [all]|[show|give] me a list of|enumerate"):
        ref = noun_phrase(context)
        if ref is None or not is_over(context):
            return None
        return Question(kind="list", targets=replace(ref, number="many"))
    carried = _carried(context)
    if carried is not None:
        return carried
    if not cursor.take("<what|which> [all|else|kind of] [things|thing|objects|stuff|items]|who"):
        return None
    at = cursor.at
    everything = Ref(words="everything", number="many")
    cursor.take("do we have|do i have|have we got")
    there = cursor.take("<is|are> there|can <i|you> <find|see>|do you see|there is")
    if not there:
        stranded = _stranded(context, everything)
        if stranded is not None:
            return Question(kind="which", targets=stranded)
        asked = cursor.at
        changed = predicates(context, everything)
        if changed is not None and changed.order is not None and not is_over(context):
            changed, cursor.at = None, asked
        if changed is not None:
            return Question(kind="which", targets=changed)
    found = relation(context, nested=True)
    if found is not None:
        return Question(kind="which", targets=replace(everything, relations=(found[0],)))
    cursor.at = at
    if not cursor.take("is|are"):
        return None
    cursor.take("the name of")
    ref = noun_phrase(context)
    if ref is None:
        return None
    cursor.take("called|named")
    kind = "which" if ref.order is not None else "what_is"
    return Question(kind=kind, targets=ref)


def _carried(context: Context) -> Question | None:
    """ "what does the nightstand carry", "what has the shelf on it", "what do the crates hold"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take("what [all|else|things] <does|do|has|have>"):
        ref = noun_phrase(context, relations=False)
        is_in = cursor.take(
            "contain|contains|hold inside|hold|have <in|inside> <it|them>|<in|inside> <it|them>"
        )
        is_on = cursor.take(
            "carry|support|bear|have on <it|top|them> [of it]|on <it|top|them> [of it]"
        )
        if ref is not None and (is_in or is_on):
            held = Relation(
                kind="in" if is_in and "contain" in cursor.word(-1) else "on", to=(ref,)
            )
            everything = Ref(words="everything", number="many", relations=(held,))
            return Question(kind="which", targets=everything)
    cursor.at = start
    return None
