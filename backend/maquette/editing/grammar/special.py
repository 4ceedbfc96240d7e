"""Verbs with a grammar of their own: swap, replace, group, parent, rename, duplicate, add."""

from dataclasses import replace

from maquette.editing.grammar import quantities
from maquette.editing.grammar.build import copies, placed_relations
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases
from maquette.editing.grammar.nouns import color_name, noun_phrase
from maquette.editing.grammar.slots import Slots, color_of, complements
from maquette.editing.plan import (
    Add,
    Duplicate,
    Group,
    Operation,
    Ref,
    Relation,
    Rename,
    Replace,
    Swap,
)

IT = Ref(words="it", pronoun="it")
_PRIMITIVES: Phrases[str] = Phrases(
    {
        "cube|box|block|cuboid": "box", "sphere|ball": "sphere", "cylinder|tube": "cylinder", "cone": "cone",
        "plane|quad": "plane", "point light|light|lamp|light source|area light": "light", "sun|sun light|sun lamp": "sun",
        "spot|spotlight|spot light": "spot", "camera": "camera",
    }
)  # fmt: skip
_MORE = Phrases(
    {
        "another|one more|an additional|an extra|a further|a second|a third|a fourth|additional|a new|a copy of|yet another"
        "|an additional copy of|another copy of|a fifth": 1,
        "two more|two extra|two additional|two further|a couple more|another two|two copies of|two new": 2,
        "three more|three extra|three additional|another three|three copies of|three new": 3,
        "four more|four extra|four additional|another four|four copies of|four new": 4,
        "five more|five extra|five additional|another five|five copies of": 5,
        "six more|six extra|another six": 6, "seven more": 7, "eight more": 8, "ten more": 10,
        "some more|a few more|more": 2,
    }
)  # fmt: skip


def swap_clause(context: Context, verb: str, target: Ref | None) -> list[Operation] | None:
    """ "swap the vase with the lamp", "exchange the positions of A and B", "the plant and the rack should trade places"."""
    cursor = context.cursor
    cursor.take("the positions of|positions of|the places of|places of|the location of|the locations of|the position of|the spots of|around|over|out"
                "|positions between|the places between|places between|the positions between|locations of|the placement of")  # fmt: skip
    if target is None and cursor.sees("places|positions|spots|locations"):
        target = context.topic or IT
    context.blocked = frozenset({"with"})
    first = target or noun_phrase(context, relations=True, conjoined=False)
    context.blocked = frozenset()
    if first is None or (cursor.sees("on|off|to") and cursor.word(1) not in ("the", "a")):
        return None
    if target is None:
        context.topic_noun = context.topic_noun or first.noun
    second: Ref | None = None
    if target is None and cursor.take("with|for|and|against|by|to|and also"):
        second = noun_phrase(context, conjoined=False)
    cursor.take("around|over|round")
    cursor.take(
        "places|positions|spots|locations|their positions|their places|with each other|each other 's places|place|their spots|position"
    )
    cursor.take("with|and|around|for") if second is None else None
    if second is None and cursor.word(-1) in ("with", "and", "for"):
        second = noun_phrase(context, conjoined=False)
    cursor.take(
        "with each other|with one another|around|please|places|positions|in place|over|'s places|'s positions"
    )
    if second is None and (first.also or first.number == "many" or first.pronoun):
        if first.also:
            second, first = first.also[0], replace(first, also=())
        else:
            second = Ref(words=first.words, pronoun="other")
            second = (
                replace(first, pronoun=first.pronoun or "other") if not first.pronoun else first
            )
    if second is None:
        return None
    if not second.noun and not second.pronoun and first.noun:
        second = replace(second, noun=first.noun)
    return [Swap(first=first, second=second)]


def replace_clause(context: Context, verb: str, target: Ref | None) -> list[Operation] | None:
    cursor = context.cursor
    context.blocked = frozenset({"with"})
    first = target or noun_phrase(context)
    context.blocked = frozenset()
    if first is None or not cursor.take("by|with|for|through"):
        return None
    context.topic_noun = context.topic_noun or first.noun
    cursor.take(
        "a copy of|a clone of|a duplicate of|copies of|another|a second|one copy of|an identical copy of"
    )
    start = cursor.at
    cursor.take("a|an|the")
    primitive = cursor.match(_PRIMITIVES)
    noun_known = primitive is not None and context.nouns.count(cursor.word(-1)) > 0
    if (
        primitive is not None
        and not noun_known
        and primitive in ("box", "sphere", "cylinder", "cone", "plane")
    ):
        return [Replace(targets=first, primitive=primitive)]  # pyright: ignore[reportArgumentType]
    cursor.at = start
    by = noun_phrase(context)
    if by is None:
        return None
    cursor.take("instead")
    return [Replace(targets=first, by=by)]


def group_clause(context: Context, verb: str, target: Ref | None) -> list[Operation] | None:
    cursor = context.cursor
    from maquette.editing.grammar.clauses import free_name

    target = target or noun_phrase(context)
    if target is None:
        return None
    cursor.take(
        "together|into one group|into a group|in one group|in a group|as a group|up|as one|into one|in one|under one parent|into a new group"
    )
    name = ""
    if cursor.take(
        "called|named|as|and call it|and name it|under the name|and call them|and name them|into|, call it|, named"
    ):
        name = free_name(context)
    return [Group(targets=target, name=name, is_undo=verb == "ungroup")]


def parent_clause(context: Context, verb: str, target: Ref | None) -> list[Operation] | None:
    cursor = context.cursor
    target = target or noun_phrase(context, relations=False)
    if target is None:
        return None
    if verb == "unparent":
        if cursor.take("from"):
            noun_phrase(context)
        return [Group(targets=target, is_undo=True)]
    if not cursor.take("to|under|beneath|with|below|onto|on"):
        return None
    under = noun_phrase(context)
    if under is None:
        return None
    return [Group(targets=target, under=under)]


def rename_clause(context: Context, verb: str, target: Ref | None) -> list[Operation] | None:
    cursor = context.cursor
    from maquette.editing.grammar.clauses import free_name

    is_label = cursor.word(-1) in ("label", "relabel", "tag")
    ref = target or noun_phrase(context)
    if ref is None:
        return None
    if ref.pronoun and context.topic is not None and ref.pronoun in ("it", "them"):
        ref = context.topic
    cursor.take("to|as|into|from now on|simply|just|is|:|to be")
    cursor.take("a|an") if is_label else None
    if cursor.take("that|so|like that") and context.said_name:
        return [Rename(targets=ref, to=context.said_name)]
    name = free_name(context)
    return [Rename(targets=ref, to=name, is_label=is_label)] if name else None


def more_of(context: Context, ref: Ref | None) -> tuple[int, Ref] | None:
    """Never where a thing was named already."""
    return None


def duplicate_clause(context: Context, verb: str, target: Ref | None) -> list[Operation] | None:
    cursor = context.cursor
    slots = Slots()
    slots.pattern["verb"] = "duplicate"
    is_mirror = cursor.word(-1) == "mirror"
    is_another = cursor.word(-1) == "another"
    count = 2 if cursor.word(-3) == "two" else 1
    start = cursor.at
    if target is None and not is_another:
        number = quantities.number(cursor)
        if number is not None and cursor.take(
            "copies of|more|times|clones of|duplicates of|copies from"
        ):
            count = int(number)
        else:
            cursor.at = start
    ref = target or noun_phrase(context, relations=False)
    if ref is None:
        return None
    if ref.pronoun == "it" and context.topic is not None and not ref.noun:
        ref = context.topic
    context.copies_of = ref
    context.topic = ref
    context.topic_noun = context.topic_noun or ref.noun
    complements(context, slots)
    after_copies(context, slots)
    result = copies(ref, slots, count)
    return [replace(result, is_mirrored=is_mirror)]


_COPY = (
    "the copy|the clone|the duplicate|the new one|the copies|the clones|the new ones|both copies|all copies|it|them|the new copy"
    "|the second one|the duplicates|both|the other one|the other|this copy|the result|that copy|the new copies|each copy|both clones"
    "|the double|the twin|the newcomer"
)


def after_copies(context: Context, slots: Slots) -> None:
    """ "… and put the copy beside the stand", "; the clone goes to the left of the original", ", both copies on the table"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take(";|,|.|:|-")
    cursor.take("and then|and|then|with")
    from maquette.editing.grammar.verbs import VERBS

    verb = cursor.match(VERBS)
    if verb is not None and verb not in ("move", "place", "arrange", "raise"):
        cursor.at = start
        return
    particle = cursor.take("down|up") if cursor.word(1) in ("the", "it") else False
    if not cursor.take(_COPY) or (cursor.sees_table(_NOUN_AFTER) and not particle):
        cursor.at = start
        return
    cursor.take(
        "should be|should|shall|goes|go|must be|must|is|will be|stands|should go|should stand|being|belongs|shall go|comes|can go|needs to go|has to be|to be"
    )
    cursor.take("placed|put|moved|set|standing|go|stand|sit|be|up|down")
    before = slots.found
    slots.pattern["verb"] = "arrange" if verb == "arrange" else "duplicate"
    if verb == "arrange":
        slots.pattern.setdefault("kind", "line")
        slots.pattern["in_copies"] = True
    complements(context, slots)
    if (
        slots.found == before
        or slots.material
        or slots.sizes
        or slots.angle is not None
        or slots.lamp
    ):
        if slots.found == before:
            cursor.at = start
            return
        slots.material.clear()
        slots.sizes.clear()
        slots.angle = None
        cursor.at = start
        slots.relations.clear()
        slots.travels.clear()


_NOUN_AFTER = Phrases(
    dict.fromkeys(
        ["red", "blue", "green", "white", "black", "chair", "table", "mug", "one", "ones"], 0
    )
)


def add_clause(context: Context, verb: str, target: Ref | None) -> list[Operation] | None:
    """ "add a cube on the table", "I need two more red cushions on the couch", "plant two more trees like the tall one"."""
    cursor = context.cursor
    start = cursor.at
    needs_more = verb == "wish" or cursor.word(-1) in ("need", "use", "me", "like")
    while cursor.word() in ("just", "also", "please", "maybe"):
        cursor.at += 1
    each = _for_each(context)
    if each is not None:
        return each
    more = cursor.match(_MORE)
    if more is None:
        at = cursor.at
        number = quantities.number(cursor)
        if number is not None and cursor.take("more|extra|additional|new|further|copies of|other"):
            more = int(number)
        else:
            cursor.at = at
    if needs_more and more is None:
        cursor.at = start
        return None
    made = _primitive(context, more or 1) if not (needs_more and more is None) else None
    if made is not None:
        return made
    if more is None:
        at = cursor.at
        value = quantities.number(cursor)
        more = int(value) if value else 1
        if value is None:
            cursor.at = at
        if not cursor.sees("a|an|some|another") and value is None:
            cursor.at = start
            return None
    ref = noun_phrase(context, relations=False)
    if ref is None:
        cursor.at = start
        return None
    if cursor.take("like|same as|just like|similar to|of the same kind as|identical to"):
        model = noun_phrase(context, relations=False, conjoined=False)
        if model is not None and (model.noun or model.attributes or model.order):
            ref = replace(
                model, noun=model.noun or ref.noun, attributes=model.attributes or ref.attributes
            )
    slots = Slots()
    slots.pattern["verb"] = "duplicate"
    context.copies_of = ref
    context.topic_noun = ref.noun or context.topic_noun
    context.topic = context.topic or ref
    complements(context, slots)
    after_copies(context, slots)
    number = ref.number if ref.number != "many" else "any"
    if ref.order is not None or ref.relations:
        number = "one"
    ref = replace(ref, number=number, count=None, pronoun="" if ref.noun else ref.pronoun)
    if number == "one" and ref.order is None:
        ref = replace(ref, number="any")
    return [copies(ref, slots, more)]


def _for_each(context: Context) -> list[Operation] | None:
    """ "add the missing ones" is told by the subject; see `every_gets`."""
    return None


def _primitive(context: Context, count: int) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    cursor.take("a|an|some|one|new")
    cursor.take("new")
    slots = Slots()
    slots.pattern["verb"] = "duplicate"
    color = None
    size = None
    for _ in range(4):
        length = quantities.length(cursor, needs_unit=True)
        if length is not None and length.metres is not None:
            size = (length.metres, length.metres, length.metres)
            cursor.take("wide|big|large|tall|high")
            continue
        name = color_name(cursor)
        if name:
            color = color_of(name)
            continue
        if not cursor.take("small|big|little|large|simple|new|warm|bright|dim"):
            break
    word = cursor.word()
    what = cursor.match(_PRIMITIVES)
    in_scene = (
        context.nouns.count(word) > 0
        and what in ("box", "sphere", "cylinder", "cone", "plane")
        and word not in ("cube", "sphere")
    )
    if what is None or in_scene:
        cursor.at = start
        return None
    complements(context, slots)
    relations, _ = placed_relations(slots)
    if slots.sizes and slots.sizes[0].length is not None:
        length = slots.sizes[0].length
        size = size or (length, length, length)
    if "color" in slots.material:
        color = slots.material["color"]
    return [  # pyright: ignore[reportReturnType]
        Add(
            what=what,  # pyright: ignore[reportArgumentType]
            count=count,
            size=size,
            color=color,
            power=slots.lamp.get("power"),
            relations=relations,
        )
    ]  # pyright: ignore[reportArgumentType]


def every_gets(context: Context) -> list[Operation] | None:
    """ "every table gets a vase like the purple one - add the three that are missing"."""
    cursor = context.cursor
    start = cursor.at
    if not cursor.sees("every|each|all"):
        return None
    places = noun_phrase(context, relations=True, conjoined=False)
    if places is None or not cursor.take(
        "gets|get|should get|needs|need|should have|shall get|must have|must get|shall have"
    ):
        cursor.at = start
        return None
    cursor.take("a|an|one|its own")
    cursor.take("copy of")
    at = cursor.at
    thing = noun_phrase(context, relations=False, conjoined=False)
    if thing is None or not thing.noun or not context.nouns.count(thing.noun):
        cursor.at = start
        return None
    if cursor.take("like|same as|identical to"):
        model = noun_phrase(context, relations=False, conjoined=False)
        if model is not None:
            thing = replace(model, noun=model.noun or thing.noun)
    if at == cursor.at:
        return None
    count = 1
    if cursor.take("-|,|:|;|.") and cursor.take("add|so add|please add|create|and add"):
        cursor.take("the|those")
        number = quantities.number(cursor)
        count = int(number) if number else 1
        cursor.take(
            "missing ones|that are missing|missing|ones that are missing|which are missing|that is missing|rest|ones missing|more"
        )
    holder = Relation(
        kind="supporting",
        to=(Ref(words=thing.noun, noun=thing.noun, number="any"),),
        is_negated=True,
    )
    bare = replace(places, relations=(*places.relations, holder))
    return [Duplicate(targets=thing, count=count, relations=(Relation(kind="on", to=(bare,)),))]
