"""What follows a verb: its target, its complements, and what they make together."""

from dataclasses import replace

from maquette.editing.grammar import arrange, looks, quantities
from maquette.editing.grammar.adjectives import ROOMS
from maquette.editing.grammar.build import (
    VERB_FACTORS,
    Unclear,
    is_light,
    may_be_lit,
    operations,
    placed_relations,
)
from maquette.editing.grammar.camera import camera_command
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import IT, Context
from maquette.editing.grammar.copying import PRIMITIVES
from maquette.editing.grammar.cursor import phrases, words
from maquette.editing.grammar.finishing import finished
from maquette.editing.grammar.frames import SHINE, STATIVE, ends_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.properties import property_clause
from maquette.editing.grammar.slots import Slots
from maquette.editing.grammar.special import SPECIAL, add_clause, copies_of, replaced_by
from maquette.editing.grammar.states import free_name
from maquette.editing.grammar.targets import ARTICLES, resolved, target_of
from maquette.editing.grammar.verbs import INFLECTED, PARTICLES, Verb, phrasal
from maquette.editing.plan import (
    Arrange,
    Delete,
    Face,
    Material,
    Operation,
    Place,
    Ref,
    Relation,
    Rename,
    Visibility,
)

_TAKES = words("take grab pick get fetch bring lift") | {
    "pick up",
    "lift up",
    "take down",
    "get down",
}
_TURNS_INTO = words("turn change transform convert make")
_DRAPES = words("throw drape toss fling sling lay spread")
_CLOTHS = words("towel blanket cloth tablecloth sheet jacket coat scarf throw quilt duvet")
_IN_ROOM = phrases(f"in the [middle of the] <{ROOMS}>")
_KEEPS = words("keep leave spare look")
_CAUSES = frozenset({"make", "let", "have", "get", "give", "keep", "want", "see"})
THIN = words(
    "poster painting picture window mirror tv sign clock door whiteboard blackboard board screen photo curtain"
    " monitor"
)
_LAYOUTS = {
    "line": "line", "line up": "line", "row up": "line", "queue": "line", "queue up": "line", "sort": "line",
    "order": "line",
    "align": "align", "stack": "stack", "stack up": "stack", "pile": "stack", "pile up": "stack", "heap": "stack",
    "heap up": "stack", "straighten out": "align", "circle": "circle",
}  # fmt: skip
_SPREAD = frozenset(
    [
        "distribute", "space", "space out", "spread", "spread out", "even out", "fan out", "scatter", "lay out",
        "set out", "redistribute",
    ]
)  # fmt: skip
_CONTAINERS = (
    "basket", "box", "crate", "bin", "bucket", "drawer", "bag", "jar", "can", "trunk", "sink", "tub", "cart",
)  # fmt: skip
_GOAL = phrases("onto|on|into|to|in|down|next|beside|under|behind|between|at|against|near|by")
_AWAY_FROM = phrases("off [of|from]|from [off]|out of|down from|away from|up from")
_OUT_OF_VIEW = phrases(
    "<from|out of> [the|my|our] <view|sight|picture|image|render>|out of the <way|scene> visually"
    "|from being <seen|visible>"
)
_ASIDE = phrases("out of <the|my|our> way|aside|to <the|one> side|off the way|out of there")
_DELETED = phrases(
    f"away|out|off|for good|from <the|this> <{ROOMS}>|in the <bin|trash>|out of <here|the room|the scene>"
    "|forever"
)


def command(
    context: Context, verb: Verb, done: list[Operation], target: Ref | None = None
) -> list[Operation] | None:
    """The operations of an instruction whose verb has been read; None where what follows does not fit it."""
    cursor = context.cursor
    start = cursor.at
    if verb.base == "put on" and context.topic is not None and _is_no_light(context):
        cursor.at = start = start - 1  # "take it out and put on the rug"
        verb, target = Verb("place", "put"), IT
    if target is None:
        camera = camera_command(context, verb)
        if camera is not None:
            return camera
        cursor.at = start
        split = _phrasal(context, verb)
        if split is not None:
            verb, target = split
            if verb.kind == "clear" and target.number == "one" and target.noun:
                target = _what_is_on(target, verb)  # "clear the table off"
    elif (particle := _particle(context, verb)) is not None:
        verb = particle
    after = cursor.at
    applied = _applied(context, verb) if target is None else None
    if applied is not None:
        return applied
    special = SPECIAL.get(verb.kind)
    if special is not None:
        result = special(context, verb, target)
        if result is not None or verb.kind not in ("group", "add"):
            return result
        cursor.at = after
        verb = replace(verb, kind="arrange" if verb.kind == "group" else "make")
    return _plain(context, verb, done, target)


def _is_no_light(context: Context) -> bool:
    """Whether a thing is named next that cannot be put on."""
    cursor = context.cursor
    start = cursor.at
    ref = noun_phrase(context, relations=False, conjoined=False)
    cursor.at = start
    return ref is not None and not (is_light(context, ref) or may_be_lit(ref))


def _phrasal(context: Context, verb: Verb) -> tuple[Verb, Ref] | None:
    """ "turn the lamp off": the verb is "turn off"."""
    cursor = context.cursor
    start = cursor.at
    ref = noun_phrase(context, relations=False)
    found = _particle(context, verb) if ref is not None else None
    if ref is None or found is None:
        cursor.at = start
        return None
    return found, ref


def _particle(context: Context, verb: Verb) -> Verb | None:
    cursor = context.cursor
    start = cursor.at
    particle = cursor.match(PARTICLES)
    found = phrasal(verb, particle) if particle else None
    if found is None or not _stands_alone(context, particle or ""):
        cursor.at = start
        return None
    return found


def _stands_alone(context: Context, particle: str) -> bool:
    """Whether no thing follows: "turn the lamp on", not "turn the lamp on the desk"."""
    cursor = context.cursor
    if particle in ("in", "to") or cursor.sees("to the|of|of the|against"):
        return particle in ("up", "down", "out") and not cursor.sees("of|against|to")
    is_grade = cursor.sees("a <bit|little|lot|tad|touch>|half")
    if not is_grade and (cursor.word() in ARTICLES or context.nouns.find(cursor) is not None):
        return False
    return not (particle in ("on", "around", "over") and cursor.sees("top|to|his|its"))


def _plain(
    context: Context, verb: Verb, done: list[Operation], target: Ref | None
) -> list[Operation] | None:
    cursor = context.cursor
    if not verb.kind:
        return None
    slots = Slots(verb=verb.kind)
    prop = ""
    if verb.kind == "arrange":
        slots.layout.default = _LAYOUTS.get(verb.base, "distribute" if verb.base in _SPREAD else "")
    if target is None:
        grouped = _group_of(context, verb)
        if grouped is not None:
            return grouped
        evened = _equal_gaps(context, verb)
        if evened is not None:
            return evened
        copied = copies_of(context, verb)
        if copied is not None:
            return copied
        target = _cleared(context, verb) or _layout_first(context, slots)
    if target is None:
        if verb.kind == "place" and cursor.sees(
            "<two|three|four|five|one|some|a few> more|another|a <second|third|fourth|fifth|sixth>"
            "|<a|two|three> copy of"
        ):
            return add_clause(context, verb, None)
        target, prop = target_of(context, verb.kind, takes=verb.base in _TAKES)
    if verb.kind == "clear":
        slots.verb = "delete"
    explicit = target is not None
    if target is not None:
        context.topic_noun = context.topic_noun or target.noun
    target = resolved(context, target or IT, done)
    if not explicit and context.topic is not None and not done:
        target = context.topic
    if explicit:
        context.topic = target
    slots.is_flat = verb.base == "lay flat"
    slots.is_light = is_light(context, target)
    slots.is_thin = target.noun in THIN
    if prop:
        return property_clause(context, target, prop, slots)
    if explicit and verb.base in _CAUSES and not cursor.is_done:
        inner = _caused(context, target, done)
        if inner is not None:
            return inner
    named = _told_after(context, verb, target)
    if named is not None:
        return named
    taken = _taken_off(context, verb, target, slots)
    if taken is not None:
        return taken
    complements(context, slots)
    if verb.kind == "clear" and slots.relations:  # "clear the shelf onto the floor"
        slots.verb = "place"
    if verb.base in _DRAPES or (
        verb.kind == "place" and target.noun in _CLOTHS
    ):  # "throw the towel over the chair"
        slots.relations = [
            (replace(r, kind="on") if r.kind == "above" else r, goal) for r, goal in slots.relations
        ]
    result = finished(context, verb, target, slots)
    if explicit and not result and context.absent and not context.nouns.count(target.noun):
        raise Unclear(refusal=f"There is no {context.absent[0]} here.")
    if explicit and not result and verb.base not in _TAKES | _KEEPS and ends_clause(cursor):
        raise Unclear(f"What should be done with {target.words.strip()}?")
    return result if result or explicit or slots.found > 0 else None


def _group_of(context: Context, verb: Verb) -> list[Operation] | None:
    """ "make a group of the three jars called Sweets"."""
    cursor = context.cursor
    start = cursor.at
    if verb.kind in ("make", "add", "arrange") and cursor.take(
        "[a|one] [new] group [out] <of|from|with>"
    ):
        found = SPECIAL["group"](context, Verb("group", "group"), None)
        if found is not None:
            return found
    cursor.at = start
    return None


_EQUAL_GAPS = phrases(
    "[the|an] <equal|even|same|identical> <gap|gaps|spacing|space|spaces|distance|distances> <between|among> [all]"
)


def _equal_gaps(context: Context, verb: Verb) -> list[Operation] | None:
    """ "make equal gaps between the chairs"."""
    cursor = context.cursor
    start = cursor.at
    if verb.base in ("make", "put", "leave", "keep", "create", "have") and cursor.take(_EQUAL_GAPS):
        ref = noun_phrase(context)
        if ref is not None and (ref.number == "many" or ref.also or ref.pronoun):
            return [Arrange(targets=ref, pattern="distribute", is_even=True)]
    cursor.at = start
    return None


def _told_after(context: Context, verb: Verb, target: Ref) -> list[Operation] | None:
    """ "give the ball the name Bouncy", "turn the chair's back to the window", "centre the rug in the room"."""
    cursor = context.cursor
    start = cursor.at
    if verb.base == "give" and cursor.take("[the|a] [new] name [of]"):
        name = free_name(context)
        return [Rename(targets=target, to=name)] if name else None
    if verb.kind in ("rotate", "face") and cursor.take("'s <back|front>"):
        is_away = cursor.word(-1) == "back"
        to = noun_phrase(context) if cursor.take("to|toward|towards|at|on") else None
        if to is not None:
            return [Face(targets=target, to=to, is_away=is_away)]
    if verb.base in _TURNS_INTO and cursor.take("into <a|an|another>"):
        is_thing = cursor.sees(PRIMITIVES) or context.nouns.find(cursor) is not None
        if is_thing and not cursor.sees(looks.LOOKS):
            cursor.at -= 1
            return replaced_by(context, target)
        cursor.at = start
    if verb.base in ("center", "centre") and cursor.take(_IN_ROOM):
        room = Relation(kind="at_center", to=(Ref(words="the room", noun="floor"),))
        return [Place(targets=target, relations=(room,))]
    cursor.at = start
    return None


def _applied(context: Context, verb: Verb) -> list[Operation] | None:
    """ "apply the material of the chair to the stool", "copy the sofa's colour to the armchair"."""
    cursor = context.cursor
    start = cursor.at
    if verb.base in ("apply", "use", "copy", "transfer", "give"):
        named = cursor.take("[the] <material|color|colour|look|finish> of")
        like = noun_phrase(context, relations=False)
        named = named or cursor.take("'s <material|color|colour|look|finish>")
        if named and like is not None and cursor.take("to|for|on|onto"):
            target = noun_phrase(context)
            if target is not None:
                return [Material(targets=target, like=like)]
    cursor.at = start
    return None


def _cleared(context: Context, verb: Verb) -> Ref | None:
    """ "clear the dresser": what is on it goes; "clear the mugs away": they go."""
    cursor = context.cursor
    if verb.kind != "clear":
        return None
    start = cursor.at
    cursor.take("everything <off|from|on>|all of")
    place = noun_phrase(context, relations=False)
    if place is None or cursor.take("of|away|out") or place.number == "many" or not place.noun:
        cursor.at = start
        return None
    if cursor.sees("on|from|off"):
        cursor.at = start
        return None
    return _what_is_on(place, verb)


def _what_is_on(place: Ref, verb: Verb) -> Ref:
    inside = verb.base.startswith("empty") or any(word in place.noun for word in _CONTAINERS)
    held = Relation(kind="in" if inside else "on", to=(replace(place, excluding=()),))
    words = f"everything on {place.words}"
    return Ref(words=words, number="many", relations=(held,), excluding=place.excluding)


def _layout_first(context: Context, slots: Slots) -> Ref | None:
    """ "make one pile of them", "form a circle with the pots", "build a tower out of the boxes"."""
    cursor = context.cursor
    if slots.verb not in ("make", "place", "add", "arrange"):
        return None
    start = cursor.at
    verb, slots.verb = slots.verb, "arrange"
    cursor.take("up|out|together")
    read = arrange.arrangement(context, slots)
    if read and slots.layout.target is None and cursor.take("with|of|from|out of|using"):
        slots.layout.target = noun_phrase(context, relations=False)
    is_verb_alone = (
        verb == "arrange" and slots.layout.kind and slots.layout.target is None and cursor.is_done
    )
    if slots.layout.target is not None or is_verb_alone:
        return slots.layout.target or IT
    slots.verb = verb
    slots.layout = replace(Slots().layout, default=slots.layout.default)
    cursor.at = start
    return None


def _caused(context: Context, target: Ref, done: list[Operation]) -> list[Operation] | None:
    """ "have the wheelbarrow roll 75 cm", "let the cat sit on the sofa", "make the chairs form a line"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("to [be]|be|all|both")
    if cursor.take(STATIVE):
        slots = Slots(verb="hang" if cursor.word(-1).startswith("h") else "place")
        complements(context, slots)
        if slots.relations or slots.travels:
            return operations(context, target, slots)
        cursor.at = start
        cursor.take("to [be]|be|all|both")
    if cursor.take(SHINE):
        lit = noun_phrase(context)
        if lit is not None:
            return [Face(targets=target, to=lit)]
        cursor.at = start
    inner = cursor.match(INFLECTED)
    if (
        inner is not None
        and inner.kind != "make"
        and not (inner.kind in VERB_FACTORS and not ends_clause(cursor))  # "double the size"
        and not (inner.kind == "on" and inner.base == "light")
    ):
        result = command(context, inner, done, target)
        if result:
            return result
    cursor.at = start
    return None


def _taken_off(context: Context, verb: Verb, target: Ref, slots: Slots) -> list[Operation] | None:
    """ "take the glass off the table, …": only tells which; where it goes comes next."""
    cursor = context.cursor
    start = cursor.at
    if verb.kind not in ("move", "place", "raise", "lower", "delete"):
        return None
    if cursor.take(_OUT_OF_VIEW):
        return [Visibility(targets=target, is_visible=False)]
    if verb.kind == "delete":
        cursor.take(_DELETED)
        start = cursor.at
    elif cursor.take(_ASIDE):
        if cursor.is_done or quantities.length(cursor) is not None:
            cursor.at = start
            return None
        return []
    if verb.base in ("take", "get", "move", "put", "pull") and cursor.take(
        "[away] out of <here|the room|the scene>|off the scene"
    ):
        rest = Slots(verb="delete")
        complements(context, rest)
        return operations(context, target, rest)
    takes = verb.base in _TAKES
    if takes and cursor.sees(",|and|then|;|."):
        return []
    if not (takes or verb.kind == "delete" or cursor.sees("from|out of|off")) or not cursor.take(
        _AWAY_FROM
    ):
        return None
    inside = cursor.word(-2) == "out"
    where = noun_phrase(context, relations=False, conjoined=False)
    if (
        where is None
        or where.pronoun == "viewer"
        or (slots.verb == "move" and where.noun in ("left", "right"))
    ):
        cursor.at = start
        return None
    is_off = cursor.tokens[start].word == "off"
    if verb.kind != "delete" and not inside and not is_off and _is_distance(context, where):
        cursor.at = start
        return None
    if where.attributes and not where.noun:  # "off the pile": one of the piled ones
        target = replace(target, attributes=target.attributes + where.attributes)
    else:
        relation = Relation(kind="in" if inside else "on", to=(where,))
        target = replace(target, relations=(*target.relations, relation))
    context.topic = target
    if verb.kind == "delete":
        rest = Slots(verb="delete")
        complements(context, rest)
        return [Delete(targets=replace(target, excluding=(*target.excluding, *rest.excluding)))]
    at = cursor.at
    cursor.take(",|and|then")
    cursor.take("down")
    if cursor.sees(_GOAL):
        goal = Slots(verb="place")
        complements(context, goal)
        relations = placed_relations(goal)[0]
        if relations:
            return [Place(targets=target, relations=relations)]
    cursor.at = at
    if cursor.is_done or cursor.sees("please|.|!"):
        floor = Relation(kind="on", to=(Ref(words="the floor", noun="floor"),))
        return [Place(targets=target, relations=(floor,))]
    return []


def _is_distance(context: Context, where: Ref) -> bool:
    """ "move it away from the wall"."""
    return context.nouns.is_kind(where.noun, "wall") or context.cursor.sees("by")
