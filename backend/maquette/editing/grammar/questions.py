"""Questions: count, which, where, how far, how tall, compare, is it, what colour. Also as "tell me how tall … is"."""

from dataclasses import replace
from typing import Any, cast

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases, phrases
from maquette.editing.grammar.nouns import NEAREST, SUPERLATIVES, attribute_at, noun_phrase
from maquette.editing.grammar.predicates import STAND, post_modifiers, predicates
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.sizes import COMPARATIVES
from maquette.editing.plan import Attribute, Operation, Order, Question, Ref, Relation, RelationKind

_MEASURES: Phrases[str] = Phrases(
    {
        "tall|high|height": "height", "wide|broad|width": "width", "long|length": "length",
        "deep|depth": "depth", "thick|thickness": "thickness", "big|large|size|dimensions|measurements": "size",
        "volume|voluminous": "volume", "bright|strong|power|brightness|wattage|powerful": "power",
    }
)  # fmt: skip
_ASK = phrases(
    "[please] [<can|could|would|will> you] [please] <tell me|say|let me know|check|find out|remind me|show me> [please]"
    "|[do] you know|i wonder|i am wondering|i was wondering|<i|we> <would like|want|need> to know|any idea"
    "|do you happen to know"
)
_COUNT = phrases(
    "[<can|could> you] [please] count [up] [all]|[what is] [the] [total] <number|count> of|how many [of]|what number of"
)
_THERE = phrases(
    "<are|is> there|[are] there <are|is>|<have|do> <we|i|you> [got] [have|see|count|find]|<can|could> <i|we|you> see"
    "|[are|exist] in [the|this] <scene|room>|are in here|exist|<we|i> <have|got>|there are|there|can be seen"
    "|does the scene have"
    "|have we|do we have got|got"
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
_VISIBLE = phrases(
    "visible [from here|from the camera|to me]|in <view|the picture|frame|sight>|seen|hidden from view"
)
_SEE = phrases("<we|i|you|the camera|the viewer> [still] see")
_HAVE = phrases("<we|i|you> <have|have got|see>")
_COLOR = "<color|colour|shade>"


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
        _distance,
        _how,
        _measure_of,
        _where,
        _color,
        _which_of_two,
        _which,
        _what,
        _is,
        _does,
        _any,
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


def _at_end(context: Context) -> bool:
    return context.cursor.is_done or context.cursor.sees("?|.|!|,|please|now|right now|here")


def _indirect(context: Context) -> Question | None:
    """ "… whether the mug is on the table": the verb behind its subject."""
    cursor = context.cursor
    ref = noun_phrase(context, relations=False)
    if ref is None or not cursor.take("is|are"):
        return None
    return _is_what(context, ref)


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
        return _measured(ref, "power", "") if ref is not None else None
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
    return Question(kind="count", targets=_with_tail(context, replace(ref, number="many")))


_THAN: Phrases[tuple[str, int]] = (
    Phrases(  # how it compares with a whole number that follows, moved by this
        {
            "more than|over|above": ("more", 0),
            "<less|fewer> than|under|below": ("less", 0),
            "at least|a minimum of": ("more", -1),
            "at most|no more than|not more than|a maximum of": ("less", 1),
            "exactly|precisely|just|only": ("equal", 0),
        }
    )
)


def _number_of(context: Context) -> Question | None:
    """ "(are there) more than three chairs", "exactly two lamps on the desk"."""
    cursor = context.cursor
    start = cursor.at
    than = cursor.match(_THAN)
    amount = quantities.number(cursor) if than is not None else None
    ref = noun_phrase(context) if amount is not None else None
    if than is None or amount is None or ref is None:
        cursor.at = start
        return None
    return Question(
        kind="count",
        targets=_with_tail(context, replace(ref, number="many", count=None)),
        comparison=cast(Any, than[0]),
        amount=amount + than[1],
    )


def _with_tail(context: Context, ref: Ref) -> Ref:
    """ "… are blue", "… are there on the shelf", "… and stand on a table"."""
    cursor = context.cursor
    cursor.take(_THERE)
    changed = predicates(context, ref) or post_modifiers(context, ref, relations=True)
    if changed != ref:
        return changed
    found = relation(context)
    if found is not None:
        return replace(ref, relations=(*ref.relations, found[0]))
    cursor.take(_THERE)
    return ref


def _unit(context: Context) -> str:
    cursor = context.cursor
    at = cursor.at
    cursor.take(",")
    if cursor.take("in|measured in|expressed in"):
        unit = cursor.match(quantities.UNIT_NAMES)
        if unit is not None:
            return unit
    cursor.at = at
    return ""


def _measured(ref: Ref, measure: str, unit: str) -> Question:
    return Question(kind="measure", targets=ref, measure=cast(Any, measure), unit=unit)


def _distance(context: Context) -> Question | None:
    """ "how far is A from B", "distance between A and B", "how much space is there between them"."""
    cursor = context.cursor
    if cursor.take("how <far|close|near> [apart|away] [is|are] [it] [away] [from|to]"):
        first = noun_phrase(context, relations=False)
    else:
        if cursor.take("is there [enough] <room|space> for"):
            return _fits(context, noun_phrase(context, relations=False))
        cursor.take(
            "what is|what|how <wide|big|large> is|measure|how much is|give me|how much|is there"
        )
        cursor.take("the|is the|a")
        if not cursor.take("distance|gap|space|clearance|separation|room|spacing"):
            return None
        cursor.take("<is|are> there|there is|is")
        if not cursor.take("between|from|of"):
            return None
        first = noun_phrase(context, relations=False)
    if first is None:
        return None
    cursor.take("apart [from each other]|away|from each other")
    second: Ref | None = None
    if first.also:
        second, first = first.also[0], replace(first, also=())
    elif cursor.take("[away] <from|to|and>|is from|are from"):
        second = noun_phrase(context, relations=False, conjoined=False)
    cursor.take("is|are")
    cursor.take("apart|from each other|away")
    return Question(kind="distance", targets=first, other=second, unit=_unit(context))


def _how(context: Context) -> Question | None:
    """ "how tall is the shelf, in feet", "how much taller is A than B", "how wide the desk is"."""
    cursor = context.cursor
    if not cursor.take("how"):
        return None
    if cursor.take("much"):
        return _how_much(context)
    measure = cursor.match(_MEASURES)
    if measure is None:
        return None
    over_floor = measure == "height" and cursor.take(
        "[up] <above|over|off|from> the <floor|ground>"
    )
    verb = cursor.take("is|are|does|do|was|'s|were")
    ref = noun_phrase(context)
    if ref is None or not (verb or cursor.take("is|are")):
        return None
    hangs = cursor.take("<hang|hangs|float|sit|hanging|mounted> [above the <floor|ground>]")
    if hangs or over_floor or cursor.take("[up] <above|over|off|from> the <floor|ground>"):
        return Question(
            kind="distance",
            targets=ref,
            other=Ref(words="the floor", noun="floor"),
            unit=_unit(context),
        )
    cursor.take("measure|get|right now|now")
    return _measured(ref, measure, _unit(context))


def _how_much(context: Context) -> Question | None:
    cursor = context.cursor
    comparative = cursor.match(COMPARATIVES)
    if comparative is None or not cursor.take("is|are"):
        return None
    first = noun_phrase(context)
    second = noun_phrase(context) if cursor.take("than") else None
    if first is None or second is None:
        return None
    return replace(_compared(first, second, comparative, _unit(context)), comparison="difference")


def _compared(first: Ref, second: Ref, comparative: tuple[str, int], unit: str = "") -> Question:
    return Question(
        kind="compare",
        targets=first,
        other=second,
        measure=cast(Any, comparative[0]),
        comparison="more" if comparative[1] > 0 else "less",
        unit=unit,
    )


def _measure_of(context: Context) -> Question | None:
    """ "what is the height of the rack in cm", "the sofa's width?", "measure the table"."""
    cursor = context.cursor
    if cursor.take("measure"):
        at = cursor.at
        cursor.take("the")
        measure = cursor.match(_MEASURES)
        if measure is None or not cursor.take("of"):
            measure, cursor.at = "size", at
        ref = noun_phrase(context)
        return _measured(ref, measure, _unit(context)) if ref is not None else None
    asked = cursor.take("what <is|are|was>|what|give me|which")
    at = cursor.at
    cursor.take("the")
    measure = cursor.match(_MEASURES)
    if measure is not None and cursor.take("of|does|is|has|do"):
        ref = noun_phrase(context)
        if ref is not None:
            cursor.take("have")
            unit = _unit(context)
            if asked or cursor.sees("?") or cursor.is_done:
                return _measured(ref, measure, unit)
    cursor.at = at
    ref = noun_phrase(context, relations=False)
    if ref is None or not cursor.take("'s"):
        return None
    measure = cursor.match(_MEASURES)
    if measure is not None and (asked or cursor.is_done or cursor.sees("?|in")):
        return _measured(ref, measure, _unit(context))
    if cursor.take(_COLOR) and (asked or cursor.sees("?")):
        return Question(kind="color", targets=ref)
    if asked and cursor.take("material"):
        return Question(kind="material", targets=ref)
    if asked and cursor.take("name"):
        return Question(kind="what_is", targets=ref)
    return None


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
    if cursor.take(f"<what|which> {_COLOR} [is|are|has|does|do]|[what is] the {_COLOR} of"):
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
    stranded = None if bare else _stranded(context, ref)
    if stranded is not None:
        return Question(kind="which", targets=stranded)
    changed = predicates(context, replace(ref, number="many"))
    if changed is not None and not _at_end(context):
        changed = post_modifiers(context, changed, relations=True)
    if changed is None and cursor.take("is|are"):
        order = _order_at(context)
        cursor.take("one")
        if order is None:
            return None
        changed = replace(ref, order=order)
    if changed is None:
        told = ref.relations or ref.attributes or ref.order
        return Question(kind="which", targets=ref) if told and _at_end(context) else None
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
            if kind is not None and _at_end(context):
                found = Relation(kind=kind, to=(inner,))
                return replace(ref, number="many", relations=(*ref.relations, found))
    cursor.at = start
    return None


def _what(context: Context) -> Question | None:
    """ "what's in the basket", "what stands on the desk", "what is this", "what is the biggest thing", "list all lamps"."""
    cursor = context.cursor
    if cursor.take("list [all]|[show|give] me a list of|enumerate"):
        ref = noun_phrase(context)
        if ref is None or not _at_end(context):
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
        if changed is not None and changed.order is not None and not _at_end(context):
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


def _is(context: Context) -> Question | None:
    """ "is the lamp on the desk", "is there something under it", "are any of the chairs red", "is A taller than B"."""
    cursor = context.cursor
    if not cursor.take("is|are|was|were"):
        return None
    there = cursor.take("there [also|actually|still|even] [not]")
    counted = _number_of(context)
    if counted is not None:
        return counted
    if there:
        context.is_asking = True
        ref = noun_phrase(context)
        context.is_asking = False
        return _exists(context, ref) if ref is not None else None
    anything = cursor.sees("anything|any|something|some")
    ref = noun_phrase(context, relations=False)
    if ref is None:
        return None
    return _is_what(context, replace(ref, number="any") if anything else ref)


def _exists(context: Context, ref: Ref) -> Question:
    ref = _with_tail(context, ref)
    return Question(
        kind="exists", targets=replace(ref, number="any") if ref.number == "one" else ref
    )


def _is_what(context: Context, ref: Ref) -> Question | None:
    """What is asked of `ref` after the "is"."""
    cursor = context.cursor
    cursor.take("also|currently|still|really|actually|already|now|both|all")
    negated = cursor.take("not")
    if cursor.take(_VISIBLE):
        return Question(kind="is_visible", targets=ref)
    at = cursor.at
    if cursor.take("[switched|turned] <on|off>|lit") and _at_end(context):
        value = "off" if cursor.word(-1) == "off" else "on"
        return Question(
            kind="is_attribute", targets=ref, attribute=Attribute(kind="state", value=value)
        )
    cursor.at = at
    compared = _comparison(context, ref)
    if compared is not None:
        return compared
    cursor.at = at
    cursor.take("standing|lying|sitting|hanging|placed|located|resting|leaning")
    either = _either_side(context, ref)
    if either is not None:
        return either
    superlative = _superlative(context, ref)
    if superlative is not None:
        return superlative
    found = relation(context, nested=True)
    if found is not None:
        told = replace(found[0], is_negated=negated)
        if ref.number == "any" and not ref.noun:
            return Question(kind="exists", targets=replace(ref, relations=(*ref.relations, told)))
        return Question(kind="is_related", targets=ref, relation=told)
    cursor.take("a|an|made of|painted|made from")
    attribute = attribute_at(cursor)
    if attribute is not None:
        attribute = replace(attribute, is_negated=negated)
        return Question(kind="is_attribute", targets=ref, attribute=attribute)
    if ref.relations and _at_end(context):
        told = replace(ref, relations=ref.relations[:-1])
        return Question(kind="is_related", targets=told, relation=ref.relations[-1])
    return None


_SIDE = phrases(
    "[to|on] [the] <left|right> [side] [of]|<in front|behind|on top|above|below|under|in|on|inside> [of]|next to"
)


def _either_side(context: Context, ref: Ref) -> Question | None:
    """ "(is the hammer) left or right of the drill?"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_SIDE) and cursor.take("or") and cursor.take(_SIDE):
        other = noun_phrase(context, relations=False)
        if other is not None:
            return Question(kind="relation_of", targets=ref, other=other)
    cursor.at = start
    return None


def _superlative(context: Context, ref: Ref) -> Question | None:
    """ "is the sofa the biggest thing"."""
    cursor = context.cursor
    at = cursor.at
    cursor.take("the")
    found = cursor.match(SUPERLATIVES)
    if found is None or cursor.sees("of"):
        cursor.at = at
        return None
    noun = noun_phrase(context) if not _at_end(context) else None
    order = Order(measure=found[0], is_descending=found[1])
    other = replace(noun or Ref(words="thing"), order=order)
    return Question(kind="what_is", targets=ref, other=other, comparison="equal")


def _comparison(context: Context, ref: Ref) -> Question | None:
    """ "closer to X than Y", "taller than B", "as tall as B"."""
    cursor = context.cursor
    far = cursor.match(NEAREST)
    if far is not None:
        cursor.take("away")
        to = (
            noun_phrase(context, relations=False, conjoined=False)
            if cursor.take("to|from")
            else None
        )
        other = (
            noun_phrase(context, relations=False, conjoined=False)
            if to and cursor.take("than")
            else None
        )
        if to is None or other is None:
            return None
        near = Relation(kind="far_from" if far else "near", to=(to,))
        return Question(
            kind="compare",
            targets=ref,
            other=other,
            relation=near,
            comparison="more" if far else "less",
        )
    if cursor.take("as|the same"):
        measure = cursor.match(_MEASURES)
        other = noun_phrase(context) if measure is not None and cursor.take("as") else None
        if other is None:
            return None
        return Question(
            kind="compare", targets=ref, other=other, measure=cast(Any, measure), comparison="equal"
        )
    than = cursor.match(_THAN)
    if than is not None:
        return _than_length(context, ref, than[0])
    comparative = cursor.match(COMPARATIVES)
    if comparative is None or not cursor.take("than"):
        return None
    length = quantities.length(cursor, needs_unit=True)
    if length is not None and length.metres is not None:
        return replace(
            _measured(ref, comparative[0], ""),
            kind="compare",
            comparison="more" if comparative[1] > 0 else "less",
            amount=length.metres,
        )
    other = noun_phrase(context)
    return _compared(ref, other, comparative) if other is not None else None


def _than_length(context: Context, ref: Ref, comparison: str) -> Question | None:
    """ "(is the shelf) more than 2 m tall", "less than a metre away from the wall"."""
    cursor = context.cursor
    length = quantities.length(cursor, needs_unit=True)
    if length is None or length.metres is None:
        return None
    measure = cursor.match(_MEASURES)
    if measure is not None:
        asked = replace(_measured(ref, measure, ""), kind="compare")
    elif cursor.take("[away] from|apart from|to"):
        other = noun_phrase(context, relations=False, conjoined=False)
        if other is None:
            return None
        asked = Question(kind="distance", targets=ref, other=other)
    elif cursor.take("apart [from each other]|away from each other"):
        asked = Question(kind="distance", targets=ref)
    else:
        return None
    return replace(asked, comparison=cast(Any, comparison), amount=length.metres)


def _does(context: Context) -> Question | None:
    """ "does the cylinder stand left of the bench", "would the sofa fit between …", "do we have a lamp"."""
    cursor = context.cursor
    if not cursor.take("does|do|did|will|would|can|could"):
        return None
    asks = cursor.word(-1) in ("does", "do", "did")
    if cursor.take(_SEE):
        ref = noun_phrase(context)
        cursor.take("from <here|this view|this camera>|in the <picture|view>")
        return Question(kind="is_visible", targets=ref) if ref is not None else None
    if asks and cursor.take(_HAVE):
        counted = _number_of(context)
        if counted is not None:
            return counted
        context.is_asking = True
        ref = noun_phrase(context)
        context.is_asking = False
        return _exists(context, replace(ref, number="any")) if ref is not None else None
    ref = noun_phrase(context, relations=False)
    if ref is None:
        return None
    if cursor.take("be seen"):
        return Question(kind="is_visible", targets=ref)
    if cursor.take("fit|fits"):
        return _fits(context, ref)
    if cursor.take("touch|touches|face|faces|have"):
        return _does_to(context, ref, cursor.word(-1))
    if not cursor.take(STAND):
        return None
    found = relation(context, nested=True)
    return (
        Question(kind="is_related", targets=ref, relation=found[0]) if found is not None else None
    )


def _fits(context: Context, ref: Ref | None) -> Question | None:
    found = relation(context)
    if found is None or ref is None:
        return None
    other = found[0].to[0] if found[0].to else None
    return Question(kind="fits", targets=ref, relation=found[0], other=other)


def _does_to(context: Context, ref: Ref, verb: str) -> Question | None:
    cursor = context.cursor
    other = noun_phrase(context, relations=False)
    if other is None:
        return None
    kinds = {
        "touch": "touching",
        "touches": "touching",
        "face": "facing",
        "faces": "facing",
        "have": "with",
    }
    kind = kinds[verb]
    if verb == "have" and cursor.take("on <it|top|them>"):
        kind = "supporting"
    elif verb == "have" and cursor.take("<in|inside> [it|them]"):
        kind = "containing"
    return Question(
        kind="is_related", targets=ref, relation=Relation(kind=cast(Any, kind), to=(other,))
    )


def _any(context: Context) -> Question | None:
    """ "anything on the chair?", "any red chairs left?"."""
    cursor = context.cursor
    if not cursor.sees("anything|any|something"):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    cursor.take("left|around|here")
    return Question(kind="exists", targets=ref) if cursor.sees("?") else None
