"""Questions: count, which, where, how far, how tall, compare, is it, what colour."""

from dataclasses import replace

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Phrases
from maquette.editing.grammar.nouns import SUPERLATIVES, attribute_at, noun_phrase
from maquette.editing.grammar.relations import _STAND, predicates, relation
from maquette.editing.grammar.slots import _COMPARATIVES
from maquette.editing.plan import Attribute, Operation, Order, Question, Ref, Relation

_MEASURES: Phrases[str] = Phrases(
    {
        "tall|high|height": "height",
        "wide|broad|width": "width",
        "long|length": "length",
        "deep|depth|thick|thickness": "depth",
        "big|large|size|dimensions|the dimensions": "size",
        "volume|voluminous": "volume",
        "bright|strong|power|brightness|wattage|powerful": "power",
    }
)
_COUNT = (
    "how many|count|count up|number of|the number of|what is the number of|count all|what number of|tell me how many|how many of"
    "|do you know how many|can you count|please count|total number of|what is the total number of|what is the count of"
)
_SELECTED = (
    "what did i select|what have i selected|what is selected|what is the selection|which things are selected|what is my selection"
    "|which objects are selected|what is the selected thing|what is the selected object|what did i pick|what is currently selected"
    "|which one is selected|what am i selecting|which object is selected|what are the selected things|what is the current selection"
    "|which one did i select|which object did i select|which thing did i select|which things did i select|what is highlighted"
    "|what do i have selected|what is it that i selected|name the selected thing|what is marked|which objects did i select"
    "|which ones did i select|which thing is selected|what are the selected objects|which ones are selected"
)
LANGUAGE.update(f"{_COUNT}|{_SELECTED}".replace("|", " ").split())
LANGUAGE.update(
    [
        "than",
        "does",
        "do",
        "did",
        "fit",
        "visible",
        "distance",
        "gap",
        "between",
        "what",
        "which",
        "where",
        "who",
        "how",
        "many",
        "much",
        "far",
        "tell",
        "any",
    ]
)


def question(context: Context) -> list[Operation] | None:
    """The question at the cursor, or None."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("please|hey|and|so|ok|well|now")
    cursor.take(
        "tell me|can you tell me|could you tell me|do you know|i wonder|i would like to know|please tell me|say|i want to know|let me know"
    )
    for reader in (
        _selected,
        _count,
        _how_far,
        _how_much,
        _measure_of,
        _where,
        _color,
        _compare_which,
        _which,
        _what,
        _is,
        _does,
    ):
        at = cursor.at
        result = reader(context)
        if result is not None:
            cursor.take(
                "right now|now|please|at the moment|in the scene|in total|here|in the room|in this room|in this scene|currently|anyway|exactly|there|altogether"
            )
            cursor.take("?")
            if result.targets is not None:
                context.topic = result.targets
            return [result]
        cursor.at = at
    cursor.at = start
    return None


def _selected(context: Context) -> Question | None:
    if context.cursor.take(_SELECTED):
        return Question(
            kind="selected", targets=Ref(words="the selection", pronoun="this", number="many")
        )
    return None


def _count(context: Context) -> Question | None:
    """ "how many chairs are blue", "count the boxes"."""
    cursor = context.cursor
    if not cursor.take(_COUNT):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    ref = _with_tail(context, replace(ref, number="many"))
    return Question(kind="count", targets=ref)


_TAIL_SKIP = (
    "are there|is there|have we got|do we have|can you see|do i have|can i see|have i got|do you see|are in the scene|are in the room"
    "|are in here|are in this scene|exist|do we have got|have we|got|in the scene|in the room|do you count|does the scene have|do you find|can be seen"
)


def _with_tail(context: Context, ref: Ref) -> Ref:
    """ "… are blue", "… are there on the shelf", "… and stand on a table"."""
    cursor = context.cursor
    cursor.take(_TAIL_SKIP)
    changed = predicates(context, ref)
    if changed is not None:
        return changed
    found = relation(context)
    if found is not None:
        return replace(ref, relations=(*ref.relations, found[0]))
    cursor.take(_TAIL_SKIP)
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


def _how_far(context: Context) -> Question | None:
    cursor = context.cursor
    unit = ""
    if cursor.take("how far|how close|how near|what distance"):
        cursor.take("apart|away|is it|away from each other")
        cursor.take("is|are|from")
        first = noun_phrase(context, relations=False)
        if first is None:
            return None
        cursor.take("apart|away|from each other|apart from each other")
        if cursor.take("from|to|and|away from"):
            second = noun_phrase(context, relations=False, conjoined=False)
        elif first.also:
            second, first = first.also[0], replace(first, also=())
        else:
            second = None
        cursor.take("apart|from each other|away")
        return Question(kind="distance", targets=first, other=second, unit=unit or _unit(context))
    at = cursor.at
    cursor.take(
        "what is|what|how wide is|how big is|how large is|measure|how much is|give me|how much"
    )
    cursor.take("the|is the|a")
    if not cursor.take("distance|gap|space|clearance|separation|distance there is|room|spacing"):
        cursor.at = at
        return None
    cursor.take("is there|there is|is")
    if not cursor.take("between|from"):
        cursor.at = at
        return None
    first = noun_phrase(context, relations=False, conjoined=True)
    if first is None:
        return None
    second = None
    if first.also:
        second, first = first.also[0], replace(first, also=())
    elif cursor.take("to|and"):
        second = noun_phrase(context, relations=False, conjoined=False)
    return Question(kind="distance", targets=first, other=second, unit=_unit(context))


def _how_much(context: Context) -> Question | None:
    """ "how tall is the shelf, in feet", "how much taller is A than B"."""
    cursor = context.cursor
    if not cursor.take("how"):
        return None
    if cursor.take("much"):
        comparative = cursor.match(_COMPARATIVES)
        if comparative is not None and cursor.take("is|are"):
            first = noun_phrase(context)
            second = noun_phrase(context) if cursor.take("than") else None
            if first is not None and second is not None:
                measure = comparative[0]
                comparison = "more" if comparative[1] > 0 else "less"
                return Question(
                    kind="compare",
                    targets=first,
                    other=second,
                    measure=measure,  # pyright: ignore[reportArgumentType]
                    comparison=comparison,
                    unit=_unit(context),
                )  # pyright: ignore[reportArgumentType]
        return None
    measure = cursor.match(_MEASURES)
    if measure is None:
        return None
    cursor.take("in|measured in") if False else None
    if not cursor.take("is|are|does|do|was"):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    cursor.take("measure|get|right now|now")
    return Question(kind="measure", targets=ref, measure=measure, unit=_unit(context))  # pyright: ignore[reportArgumentType]


def _measure_of(context: Context) -> Question | None:
    """ "what is the height of the rack in cm", "the sofa's width?", "measure the table"."""
    cursor = context.cursor
    if cursor.take("measure"):
        measure = None
        cursor.take("the") if cursor.word(1) in (
            "height",
            "width",
            "length",
            "depth",
            "size",
        ) else None
        measure = cursor.match(_MEASURES)
        cursor.take("of")
        ref = noun_phrase(context)
        return (
            Question(kind="measure", targets=ref, measure=measure or "size", unit=_unit(context))  # pyright: ignore[reportArgumentType]
            if ref
            else None
        )  # pyright: ignore[reportArgumentType]
    asked = cursor.take("what is|what are|what|give me|which|what was")
    cursor.take("the")
    measure = cursor.match(_MEASURES)
    if measure is not None and cursor.take("of|does|is|has|do"):
        ref = noun_phrase(context)
        if ref is not None:
            cursor.take("have")
            unit = _unit(context)
            if asked or cursor.sees("?") or cursor.is_done:
                return Question(kind="measure", targets=ref, measure=measure, unit=unit)  # pyright: ignore[reportArgumentType]
    if not asked:
        return None
    cursor.at -= 1 if cursor.word(-1) == "the" else 0
    ref = noun_phrase(context, relations=False)
    if ref is not None and cursor.take("'s"):
        measure = cursor.match(_MEASURES)
        if measure is not None:
            return Question(kind="measure", targets=ref, measure=measure, unit=_unit(context))  # pyright: ignore[reportArgumentType]
        if cursor.take("color|colour"):
            return Question(kind="color", targets=ref)
    return None


def _where(context: Context) -> Question | None:
    cursor = context.cursor
    if not cursor.take(
        "where is|where are|where can i find|where did you put|where was|find|where do i find|where"
    ):
        return None
    ref = noun_phrase(context)
    if ref is None:
        return None
    cursor.take("located|standing|lying|placed|now|is|are|hiding|at|stand|sitting|right now")
    return Question(kind="where", targets=ref)


def _color(context: Context) -> Question | None:
    cursor = context.cursor
    if cursor.take(
        "what color|what colour|which color|which colour|what is the color of|what is the colour of|the color of|what shade"
    ):
        cursor.take("is|are|has|does|do")
        ref = noun_phrase(context)
        cursor.take("have|painted in|painted")
        return Question(kind="color", targets=ref) if ref else None
    if cursor.take("what material|which material|what is the material of|what"):
        if cursor.word(-1) == "what" and not cursor.sees("is|are"):
            return None
        cursor.take("is|are")
        ref = noun_phrase(context)
        if ref is not None and (
            cursor.take("made of|made out of|made from") or cursor.word(-1) == "material"
        ):
            return Question(kind="material", targets=ref)
    return None


def _compare_which(context: Context) -> Question | None:
    """ "which is closer to the bed, the chair or the ottoman?"."""
    cursor = context.cursor
    if not cursor.take(
        "which one is|which is|what is|which of them is|which one stands|which stands|who is|which one|which thing is"
    ):
        return None
    cursor.take("the")
    at = cursor.at
    order: Order | None = None
    if cursor.take("closer|nearer|closest|nearest|further|farther|further away|farther away"):
        is_far = cursor.word(-1) in ("further", "farther", "away")
        cursor.take("to|from")
        to = noun_phrase(context, relations=False, conjoined=False)
        order = Order(
            measure="distance",
            is_descending=is_far,
            to=None if to is None or to.pronoun == "viewer" else to,
        )
    else:
        found = cursor.match(SUPERLATIVES)
        if found is not None:
            order = Order(measure=found[0], is_descending=found[1])
    if order is None or not cursor.take(",|:|-|of|out of|among|?"):
        cursor.at = at
        return None
    cursor.take("is it|of")
    first = noun_phrase(context, relations=False)
    if first is None:
        return None
    return Question(
        kind="which",
        targets=replace(first, number="many", order=order),
    )


_WHICH_WORDS = "which of|which one of|which ones of|which|what|which one|which ones"


def _which(context: Context) -> Question | None:
    """ "which gnome is standing furthest to the right", "which of the jars is the smallest"."""
    cursor = context.cursor
    start = cursor.at
    if not cursor.take(_WHICH_WORDS):
        return None
    bare = cursor.word(-1) in ("one", "ones", "which", "what") and cursor.sees(
        "is|are|stands|lies|hangs|sits|has"
    )
    ref = Ref(words="thing", number="any") if bare else noun_phrase(context)
    if ref is None or (ref.pronoun and ref.number != "many"):
        cursor.at = start
        return None
    if (
        cursor.word(start - cursor.at) == "what"
        and ref.number == "one"
        and not cursor.sees("is|are|stands|hangs|lies|sits|has")
    ):
        cursor.at = start
        return None
    changed = predicates(context, replace(ref, number="many"))
    if changed is None:
        if cursor.take("is|are") and cursor.take("the"):
            superlative = cursor.match(SUPERLATIVES)
            if superlative is not None:
                cursor.take("one")
                return Question(
                    kind="which",
                    targets=replace(
                        ref, order=Order(measure=superlative[0], is_descending=superlative[1])
                    ),
                )
        if ref.relations or ref.attributes or ref.order:
            return Question(kind="which", targets=ref) if _at_end(context) else None
        cursor.at = start
        return None
    number = "one" if changed.order is not None else "many"
    return Question(kind="which", targets=replace(changed, number=number))


def _at_end(context: Context) -> bool:
    return context.cursor.is_done or context.cursor.sees("?|.|!")


def _what(context: Context) -> Question | None:
    """ "what's in the basket", "what stands on the desk", "what is this"."""
    cursor = context.cursor
    if cursor.take("list|show me a list of|name|enumerate|list all|give me a list of"):
        at_list = cursor.word(-1) in ("list", "of", "all", "enumerate")
        ref = noun_phrase(context) if at_list else None
        return (
            Question(kind="list", targets=replace(ref, number="many"))
            if ref and _at_end(context)
            else None
        )
    cursor.take("can you see|do you see") if False else None
    if not cursor.take(
        "what|what all|what else|what things|which things|what objects|what stuff|which objects|who|what kind of things|what items|what thing"
    ):
        return None
    at = cursor.at
    everything = Ref(words="everything", number="many")
    cursor.take("do we have|do i have|have we got")
    if cursor.take("is there|are there|can i find|can you find"):
        found = relation(context, nested=True)
        return (
            Question(kind="which", targets=replace(everything, relations=(found[0],)))
            if found
            else None
        )
    changed = predicates(context, everything)
    if changed is not None:
        return Question(kind="which", targets=changed)
    found = relation(context, nested=True)
    if found is not None:
        return Question(kind="which", targets=replace(everything, relations=(found[0],)))
    cursor.at = at
    if cursor.take("is|are"):
        ref = noun_phrase(context, relations=True)
        if ref is not None and _at_end(context):
            return Question(kind="what_is", targets=ref)
    return None


def _is(context: Context) -> Question | None:
    """ "is the lamp on the desk", "is there something under it", "are any of the chairs red", "is A taller than B"."""
    cursor = context.cursor
    if not cursor.take("is|are|was|were"):
        return None
    if cursor.take("there"):
        cursor.take("also|actually|still")
        none = cursor.take("not")
        ref = noun_phrase(context)
        if ref is None:
            return None
        ref = _with_tail(context, ref)
        del none
        return Question(
            kind="exists", targets=replace(ref, number="any") if ref.number == "one" else ref
        )
    ref = noun_phrase(context, relations=False)
    if ref is None:
        return None
    cursor.take("also|currently|still|really|actually|already|now")
    negated = cursor.take("not")
    if cursor.take(
        "visible|in view|in the picture|in frame|seen|visible from here|in sight|visible from the camera|hidden from view"
    ):
        noun = cursor.take("from|to|for")
        if noun:
            noun_phrase(context)
        return Question(kind="is_visible", targets=ref)
    at = cursor.at
    is_state = cursor.take("on|off|switched on|switched off|turned on|turned off|lit") and _at_end(
        context
    )
    if not is_state:
        cursor.at = at
    if is_state:
        off = cursor.word(-1) == "off"
        return Question(
            kind="is_attribute",
            targets=ref,
            attribute=Attribute(kind="state", value="off" if off else "on"),
        )
    compared = _comparison(context, ref)
    if compared is not None:
        return compared
    cursor.take("standing|lying|sitting|hanging|placed|located|resting|leaning")
    cursor.take("the") if cursor.word(1) in (
        "biggest",
        "tallest",
        "smallest",
        "shortest",
        "largest",
        "widest",
        "same",
    ) else None
    at = cursor.at
    superlative = cursor.match(SUPERLATIVES)
    if superlative is not None and not cursor.sees("of"):
        noun = noun_phrase(context) if not _at_end(context) else None
        other = replace(
            noun or Ref(words="thing"),
            order=Order(measure=superlative[0], is_descending=superlative[1]),
        )
        return Question(kind="what_is", targets=ref, other=other, comparison="equal")
    cursor.at = at
    found = relation(context, nested=True)
    if found is not None:
        answer = replace(found[0], is_negated=negated)
        return Question(kind="is_related", targets=ref, relation=answer)
    attribute = attribute_at(cursor)
    if attribute is not None:
        return Question(
            kind="is_attribute", targets=ref, attribute=replace(attribute, is_negated=negated)
        )
    if ref.relations and _at_end(context):
        return Question(
            kind="is_related",
            targets=replace(ref, relations=ref.relations[:-1]),
            relation=ref.relations[-1],
        )
    return None


def _comparison(context: Context, ref: Ref) -> Question | None:
    cursor = context.cursor
    at = cursor.at
    if cursor.take("closer to|nearer to|further from|farther from|further away from|closer|nearer"):
        is_far = cursor.word(at - cursor.at) in ("further", "farther")
        to = noun_phrase(context, relations=False, conjoined=False)
        if to is not None and cursor.take("than"):
            other = noun_phrase(context, relations=False, conjoined=False)
            relation_to = Relation(kind="far_from" if is_far else "near", to=(to,))
            return Question(
                kind="compare",
                targets=ref,
                other=other,
                relation=relation_to,
                comparison="more" if is_far else "less",
            )
        cursor.at = at
    comparative = cursor.match(_COMPARATIVES)
    bright = (
        None if comparative else ("lightness" if cursor.take("brighter|lighter|darker") else None)
    )
    if comparative is None and bright is None:
        if cursor.take("as"):
            measure = cursor.match(_MEASURES)
            if measure is not None and cursor.take("as"):
                other = noun_phrase(context)
                return (
                    Question(
                        kind="compare",
                        targets=ref,
                        other=other,
                        measure=measure,  # pyright: ignore[reportArgumentType]
                        comparison="equal",
                    )
                    if other
                    else None
                )  # pyright: ignore[reportArgumentType]
        cursor.at = at
        return None
    if not cursor.take("than"):
        cursor.at = at
        return None
    other = noun_phrase(context)
    if other is None or comparative is None:
        cursor.at = at
        return None
    return Question(
        kind="compare",
        targets=ref,
        other=other,
        measure=comparative[0],  # pyright: ignore[reportArgumentType]
        comparison="more" if comparative[1] > 0 else "less",
    )  # pyright: ignore[reportArgumentType]


def _does(context: Context) -> Question | None:
    """ "does the cylinder stand left of the bench", "would the sofa fit between …", "do we have a lamp"."""
    cursor = context.cursor
    if not cursor.take("does|do|did|will|would|can|could"):
        return None
    if cursor.take("we have|i have|you see|we have got|you have"):
        ref = noun_phrase(context)
        if ref is None:
            return None
        return Question(kind="exists", targets=replace(_with_tail(context, ref), number="any"))
    if cursor.take("we see|i see|the camera see|the viewer see|you see"):
        ref = noun_phrase(context)
        return Question(kind="is_visible", targets=ref) if ref else None
    ref = noun_phrase(context, relations=False)
    if ref is None:
        return None
    if cursor.take("fit|fits"):
        cursor.take("inside|in") if cursor.sees("inside of") else None
        found = relation(context)
        cursor.take("through") if found is None else None
        if found is None:
            return None
        return Question(
            kind="fits",
            targets=ref,
            relation=found[0],
            other=found[0].to[0] if found[0].to else None,
        )
    if cursor.take(_STAND + "|touch|touches|have|face"):
        word = cursor.word(-1)
        if word in ("touch", "face", "have"):
            other = noun_phrase(context)
            kind = {"touch": "touching", "face": "facing", "have": "with"}[word]
            if other is None:
                return None
            if word == "have" and cursor.take("on it|on top"):
                kind = "supporting"
            elif word == "have" and cursor.take("in it|inside"):
                kind = "containing"
            return Question(
                kind="is_related",
                targets=ref,
                relation=Relation(kind=kind, to=(other,)),  # pyright: ignore[reportArgumentType]
            )  # pyright: ignore[reportArgumentType]
        found = relation(context, nested=True)
        if found is not None:
            return Question(kind="is_related", targets=ref, relation=found[0])
    return None
