"""Copies and new things: "copy the can three times", "two more cushions on the couch", "add a cube", "a copy of it"."""

from dataclasses import replace
from typing import Any, cast

from maquette.editing.grammar import quantities, thesaurus
from maquette.editing.grammar.adjectives import color_name
from maquette.editing.grammar.build import copies, placed_relations
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases, phrases
from maquette.editing.grammar.looks import color_of
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.slots import Layout, Slots
from maquette.editing.grammar.verbs import VERBS, Verb
from maquette.editing.plan import Add, Duplicate, Operation, Ref, Relation, Vector

PRIMITIVES: Phrases[str] = Phrases(
    {
        "cube|box|block|cuboid|cubes|boxes|blocks": "box", "sphere|ball|spheres|balls": "sphere",
        "cylinder|tube|cylinders": "cylinder", "cone|cones": "cone", "plane|quad|planes": "plane",
        "[point|area] <light|lamp|lights> [source]": "light", "sun [light|lamp]": "sun", "spot|spotlight"
        "|spot light": "spot",
        "camera": "camera",
    }
)  # fmt: skip
_MORE = Phrases(
    {
        "another|one more|an <additional|extra>|a <further|second|third|fourth|fifth|new>|additional"
        "|[yet] another [copy of]"
        "|a copy of|an additional copy of": 1,
        "<two|a couple> more|two <extra|additional|further|new|other>|another two|two copies of"
        "|a couple of <more|extra>": 2,
        "three <more|extra|additional|new|further|other>|another three|three copies of": 3,
        "four <more|extra|additional>|another four|four copies of": 4,
        "five <more|extra|additional>|another five|five copies of": 5,
        "six <more|extra>|another six": 6, "seven more": 7, "eight more": 8, "ten more": 10,
        "<some|a few> more|more": 2,
    }
)  # fmt: skip
_COPY = phrases(
    "<the|each|this|that|both|all> [new] <copy|copies|clone|clones|duplicate|duplicates>|the new <one|ones>"
    "|the <second|other> one"
    "|it|them|both|the other|the result|the double|the twin|the newcomer"
)
_COPY_IS = phrases(
    "[<should|shall|must|will|can|needs to|has to>] [<be|is|being|go|goes|stand|stands|come|comes|belong|belongs|sit"
    "|sits>]"
    " [<placed|put|moved|set|standing|up|down>]"
)
_COPIES_OF = phrases(
    "<copy|copies|clone|clones|duplicate|duplicates|replica|replicas> <of|from>|<identical|exact> <copy|copies> of"
)
_LIKE = phrases("[,] [just] like|[,] [the] same as|similar to|of the same kind as|identical to")
_MADE = frozenset({"make", "place", "add", "move", "arrange"})
_MOST = 1000  # copies of one thing


def duplicate_clause(context: Context, verb: Verb, target: Ref | None) -> list[Operation] | None:
    """ "copy the yellow can three times and line the copies up", "clone it"."""
    cursor = context.cursor
    ref = target or noun_phrase(context, relations=False)
    if ref is None:
        if not cursor.is_done:
            return None
        ref = Ref(words="it", pronoun="it")
    ref = _meant(context, ref)
    if verb.base == "repeat" and ref.pronoun:
        return None  # "repeat that" repeats what was done
    return [
        replace(
            _copied(context, ref, Slots(verb="duplicate"), 1), is_mirrored=verb.base == "mirror"
        )
    ]


def copies_of(context: Context, verb: Verb) -> list[Operation] | None:
    """ "make three copies of the box", "put a copy of the globe on the desk"."""
    cursor = context.cursor
    if verb.kind not in _MADE:
        return None
    start = cursor.at
    slots = Slots(verb="duplicate")
    if cursor.take("[a|one] [straight] <row|line> of"):
        slots.layout.kind = "line"
    elif cursor.take("[a|one] <circle|ring> of"):
        slots.layout.kind = "circle"
    elif cursor.take("[a|one] <stack|pile|tower> of"):
        slots.layout.kind = "stack"
    count = quantities.number(cursor)
    if count is None:
        cursor.take("a|an|another|some|one|the")
    cursor.take("more|new|extra|further|identical|exact")
    at = cursor.at
    many = cursor.word().endswith(("ies", "es", "s"))
    if not cursor.take(_COPIES_OF):
        cursor.at = start
        return None
    many = many and cursor.word(at - cursor.at) != "copy"
    ref = noun_phrase(context, relations=False)
    if ref is None:
        cursor.at = start
        return None
    number = int(count) if count is not None else 2 if many else 1
    return [_copied(context, _meant(context, ref), slots, number)]


def _meant(context: Context, ref: Ref) -> Ref:
    if ref.pronoun == "it" and context.topic is not None and not ref.noun:
        return context.topic
    return ref


def _copied(context: Context, ref: Ref, slots: Slots, count: int) -> Duplicate:
    context.copies_of = context.topic = ref
    context.topic_noun = context.topic_noun or ref.noun
    complements(context, slots)
    _after_copies(context, slots)
    return copies(ref, slots, max(1, min(count, _MOST)))


def _after_copies(context: Context, slots: Slots) -> None:
    """ "… and put the copy beside the stand", "; the clone goes to the left of the original"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take(";|,|.|:|-")
    cursor.take("[and] then|and|with")
    verb = cursor.match(VERBS)
    if verb is not None and verb.kind not in ("move", "place", "arrange", "raise", "hang"):
        cursor.at = start
        return
    if cursor.word(1) in ("the", "it"):
        cursor.take("down|up")
    if not cursor.take(_COPY) or context.nouns.find(cursor) is not None or color_name(cursor):
        cursor.at = start
        return
    cursor.take(_COPY_IS)
    goal = Slots(verb="arrange" if verb is not None and verb.kind == "arrange" else "duplicate")
    if goal.verb == "arrange":
        goal.layout.kind = "line"
    complements(context, goal)
    says_more = goal.material or goal.sizes or goal.angle is not None or goal.lamp
    if says_more or goal.found <= 0:
        cursor.at = start  # an instruction of its own
        return
    slots.relations += goal.relations
    slots.travels += goal.travels
    slots.length = slots.length or goal.length
    if goal.layout != Layout():
        slots.layout = goal.layout


def add_clause(context: Context, verb: Verb | None, target: Ref | None) -> list[Operation] | None:
    """ "add a cube on the table", "I need two more red cushions on the couch".

    Without a verb it is a wish, which must say that it wants more of something.
    """
    cursor = context.cursor
    start = cursor.at
    cursor.take("just|also|please|maybe|me|us|in")
    if verb is not None and (copied := copies_of(context, verb)) is not None:
        return copied
    more = cursor.match(_MORE)
    if more is None:
        at = cursor.at
        number = quantities.number(cursor)
        if number is not None and cursor.take("more|extra|additional|new|further|copies of|other"):
            more = int(number)
        elif number is not None and cursor.take("of [these|those|this|that|them]"):
            if cursor.word(-1) != "of" and verb is None:
                return [
                    _copied(
                        context,
                        Ref(words="it", pronoun="it"),
                        Slots(verb="duplicate"),
                        int(number) - 1 or 1,
                    )
                ]
            cursor.at = at
        else:
            cursor.at = at
    if verb is None and more is None:
        cursor.at = start
        return None
    if more is not None:
        cursor.take("of")  # "three more of the smallest pots"
    made = _primitive(context, more or 1, is_more=more is not None)
    if made is not None:
        return made
    count = more
    if count is None:
        at = cursor.at
        number = quantities.number(cursor)
        if number is None and not cursor.sees("a|an|some|another"):
            cursor.at = start
            return None
        count = int(number) if number is not None else 1
        if number is None:
            cursor.at = at
    cursor.take("of <these|those|the|my>")
    ref = noun_phrase(context, relations=False)
    if ref is None:
        cursor.at = start
        return None
    return [_another(context, ref, count)]


def _another(context: Context, ref: Ref, count: int) -> Duplicate:
    """More of what there is already."""
    cursor = context.cursor
    if cursor.take(_LIKE):
        model = noun_phrase(context, relations=False, conjoined=False)
        if model is not None and (model.noun or model.attributes or model.order):
            attributes = model.attributes or ref.attributes
            ref = replace(model, noun=model.noun or ref.noun, attributes=attributes)
    context.topic = context.topic or ref
    topic = context.topic
    ref = replace(ref, count=None, pronoun="" if ref.noun else ref.pronoun)
    result = _copied(context, ref, Slots(verb="duplicate"), count)
    context.topic = topic
    number = "any" if ref.order is None else "one"
    return replace(result, targets=replace(result.targets, number=number))


def _primitive(context: Context, count: int, *, is_more: bool) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    cursor.take("a|an|some|one")
    color: Vector | None = None
    size: Vector | None = None
    for _ in range(6):
        length = quantities.length(cursor, needs_unit=True)
        if length is not None and length.metres is not None:
            size = (length.metres, length.metres, length.metres)
            cursor.take("wide|big|large|tall|high")
            continue
        name = color_name(cursor)
        if name:
            color = color_of(name)
            continue
        if not cursor.take("small|big|little|large|simple|new|warm|bright|dim|basic"):
            break
    word = cursor.word()
    what = cursor.match(PRIMITIVES)
    is_shape = what in ("box", "sphere", "cylinder", "cone", "plane")
    if what is None or (
        is_shape and context.nouns.count(word) > 0 and word not in ("cube", "sphere")
    ):
        cursor.at = start
        return None
    if is_more and not is_shape and context.nouns.count(thesaurus.singular(word)) > 0:
        cursor.at = start  # "a second lamp", where there is one
        return None
    if not is_shape and context.nouns.find(cursor) is not None:
        cursor.at = start  # "a light switch"
        return None
    slots = Slots(verb="duplicate")
    complements(context, slots)
    relations, _ = placed_relations(slots)
    if size is None and slots.sizes and slots.sizes[0].length is not None:
        side = slots.sizes[0].length
        size = (side, side, side)
    color = slots.material.get("color", color)
    return [
        Add(
            what=cast(Any, what),
            count=count,
            size=size,
            color=color,
            power=slots.lamp.get("power"),
            relations=relations,
        )
    ]


def every_gets(context: Context) -> list[Operation] | None:
    """ "every table gets a vase like the purple one - add the three that are missing"."""
    cursor = context.cursor
    start = cursor.at
    if not cursor.sees("every|each|all"):
        return None
    places = noun_phrase(context, conjoined=False)
    gets = "[<should|shall|must|needs to>] <get|gets|have|need|needs|receive|receives>"
    if places is None or not cursor.take(gets) or not cursor.take("a|an|one|its own"):
        cursor.at = start
        return None
    cursor.take("copy of")
    thing = noun_phrase(context, relations=False, conjoined=False)
    if thing is None or not thing.noun or not context.nouns.count(thing.noun):
        cursor.at = start
        return None
    if cursor.take(_LIKE):
        model = noun_phrase(context, relations=False, conjoined=False)
        if model is not None:
            thing = replace(model, noun=model.noun or thing.noun)
    count = 1
    at = cursor.at
    if cursor.take("-|,|:|;|.") and cursor.take("[so|please|and] <add|create>"):
        cursor.take("the|those")
        count = int(quantities.number(cursor) or 1)
        cursor.take("[ones] [that|which] [are|is] missing [ones]|ones missing|rest|more")
    else:
        cursor.at = at
    holder = Relation(
        kind="supporting",
        to=(Ref(words=thing.noun, noun=thing.noun, number="any"),),
        is_negated=True,
    )
    bare = replace(places, relations=(*places.relations, holder))
    return [Duplicate(targets=thing, count=count, relations=(Relation(kind="on", to=(bare,)),))]
