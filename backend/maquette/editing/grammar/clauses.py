"""Clauses: one instruction each, in the forms that people use for it."""

from dataclasses import replace

from maquette.editing.grammar import quantities
from maquette.editing.grammar.build import is_light, operations
from maquette.editing.grammar.camera import camera_clause
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Phrases
from maquette.editing.grammar.nouns import attribute_at, color_name, noun_phrase
from maquette.editing.grammar.slots import Length, Slots, complements, set_scalar, skip_purpose
from maquette.editing.grammar.special import (
    add_clause,
    duplicate_clause,
    group_clause,
    parent_clause,
    rename_clause,
    replace_clause,
    swap_clause,
)
from maquette.editing.grammar.verbs import FILLERS, POLITE, VERBS
from maquette.editing.plan import (
    Delete,
    Lamp,
    Lock,
    Operation,
    Place,
    Ref,
    Rename,
    Select,
    Visibility,
)

IT = Ref(words="it", pronoun="it")
_LOCATED = frozenset({"move", "place", "face", "raise", "lower", "duplicate", "add", "arrange"})
_PROPERTIES: Phrases[str] = Phrases(
    {
        "height": "height", "width": "width", "depth|thickness": "depth", "length": "length",
        "size|scale|dimensions": "size",
        "color|colour|paint|tone|shade": "color", "material|finish|surface|look|texture|appearance": "look",
        "roughness": "roughness", "metallic|metalness|metallicity": "metallic", "opacity|alpha": "alpha",
        "transparency": "transparency", "emission|glow": "emission",
        "brightness|power|intensity|strength|light output|output|wattage": "power",
        "color temperature|colour temperature|temperature|light temperature": "temperature",
        "name": "name", "label": "label", "light color|light colour": "color", "light": "power",
        "saturation": "saturation",
    }
)  # fmt: skip
_MODALS = (
    "should be|must be|shall be|needs to be|need to be|has to be|have to be|ought to be|can be|could be|will be|is to be"
    "|are to be|should|must|shall|needs to|need to|has to|have to|ought to|can|could|will|is to|are to|would be|may be|might be"
    "|should get|needs|need|gets|get|becomes|become|goes|go|turns|turn|belongs|belong|would be better off|would look better"
    "|is|are|be|should now be|should become|must become|wants to be|wants|want to be|should have|must have|should go|must go"
    "|has to go|have to go|needs to go|needs to get|has to get|would look nicer|would look good|would look better in|may|might"
    "|should stand|should sit|should lie|should rest|should hang|belongs back|should be standing|should be lying|should be placed"
    "|is supposed to be|are supposed to be|is supposed to|is meant to be|would be nicer|would be nice|now has|has|have|"
    "ought to go|ought to have|should all be|should both be|must all be|would go better|would fit better|shall go|shall stand"
    "|shall have|stands|stand|sits|sit|lies|lie|can go|could go|could have|can have|could use|could do with"
    "|shall|would fit|looks better|look better|needs a|should also be|needs to become|has to become|to be|to"
)
_PARTICIPLES: Phrases[str] = Phrases(
    {
        "moved|shifted|pushed|pulled|slid|moving|shifting|nudged|dragged|brought|shoved|pushing|relocated|translated"
        "|move|shift|slide|push|roll|drift|travel|walk|drive|step|come|scoot|moves|shifts": "move",
        "raised|lifted|raising|lifting|elevated|rise|rises": "raise",
        "lowered|lowering|dropped": "lower",
        "put|placed|set|positioned|stood|laid|hung|standing|placing|placed down|put back|stand|sit|lie|rest|hang|stay"
        "|parked|stored|put down|located|live|sitting|lying|be": "place",
        "rotated|turned|spun|twisted|rotating|turning|swivelled|swiveled|rotate|turn|spin|swivel": "rotate",
        "tipped over|tilted|tilting|tipped|flipped": "tip",
        "scaled|resized|scaling": "scale",
        "enlarged|increased|blown up|scaled up|grow|expand|grown|enlarging|grows": "enlarge",
        "shrunk|reduced|decreased|scaled down|shrink|shrinks|shrinking|get smaller by": "shrink",
        "doubled": "double", "halved": "halve", "tripled": "triple",
        "widened": "widen", "lengthened": "lengthen", "shortened": "shorten", "narrowed": "narrow",
        "painted|colored|coloured|recolored|recoloured|dyed|tinted|painting|repainted|sprayed|resprayed|repainting"
        "|a paint job in|a coat of|a new coat of": "paint",
        "lightened": "lighten", "darkened": "darken", "brightened": "brighten", "dimmed": "dim",
        "made|made of|turned into|changed to|changed into|given|set to|become|get|changed|converted to|converted into"
        "|receive": "make",
        "deleted|removed|erased|thrown out|thrown away|scrapped|deleting|binned|trashed|removing|cleared away": "delete",
        "hidden": "hide", "shown": "show",
        "duplicated|copied|cloned|duplicating": "duplicate",
        "swapped": "swap", "replaced": "replace", "grouped|grouped together": "group", "renamed|called|named": "rename",
        "arranged|lined up|stacked|aligned|distributed|spaced|sorted|piled up|spread out|piled": "arrange",
        "switched off|turned off|off|switched out|turn off": "off",
        "switched on|turned on|on": "on",
        "locked": "lock", "unlocked": "unlock", "selected": "select",
        "polished": "polish", "centred|centered": "place",
        "dim": "dim",
        "trade|switch|swap|exchange|trading": "swap",
    }
)  # fmt: skip
_OPINIONS = (
    "too|so|very|tiny|ugly|boring|fine|nice|wrong|really|quite|a bit too|way too|much too|far too|a little too|far|not|in the way"
    "|rather|missing|bad|out of place|horrible|weird|pretty|awful|off|a bit|so damn|kind of|good"
)
_ARTICLED = frozenset({"the", "a", "an", "my", "all", "it", "them", "this", "that", "these", "those", "every", "both",
                       "each", "everything", "two", "three", "four", "our", "another", "your", "one", "its", "more",
                       "whatever", "some", "any", "me", "her", "his", "their"})  # fmt: skip
LANGUAGE.update(f"{_MODALS}|{_OPINIONS}".replace("|", " ").split())


def clause(context: Context, done: list[Operation]) -> list[Operation] | None:
    """The operations of the clause at the cursor; None where it is none. An empty list: words without a request."""
    cursor = context.cursor
    start = cursor.at
    for reader in (_wish, _more, _imperative, camera_clause, _value_for, _subject, _bare_values):
        cursor.at = start
        result = reader(context, done)
        if result is not None:
            return result
    cursor.at = start
    return None


def skip_polite(context: Context) -> None:
    """ "could you please"."""
    cursor = context.cursor
    while True:
        before = cursor.at
        cursor.take(POLITE)
        while cursor.word() in FILLERS and not _fills_a_role(context):
            cursor.at += 1
        if cursor.at == before:
            return


def _fills_a_role(context: Context) -> bool:
    """ "right wall", "first stool", "over there" are no fillers."""
    cursor = context.cursor
    if cursor.word() in ("only", "just") and cursor.word(1) in ("the", "those", "this"):
        return False
    return cursor.word() in (
        "right",
        "first",
        "second",
        "over",
        "about",
        "straight",
        "do",
    ) and bool(cursor.word(1) not in ("", ",") and cursor.word() != "first")


def target_of(context: Context, verb: str) -> tuple[Ref | None, str]:
    """What the verb acts on, and the property of it if one is named ("the height of the stool")."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("up|down|out|off|back|over|away|around") if cursor.word(1) in _ARTICLED else None
    particle_end = cursor.at
    cursor.take("the|a|an|its|their")
    is_own = cursor.word(-1) in ("its", "their") and cursor.at > particle_end
    prop = cursor.match(_PROPERTIES)
    if prop is not None:
        if cursor.take("of|for|on"):
            ref = noun_phrase(context)
            if ref is not None:
                return ref, prop
        elif is_own:
            return IT, prop
    cursor.at = particle_end
    ref = noun_phrase(context, relations=verb not in _LOCATED)
    if ref is None:
        cursor.at = start
        return None, ""
    at = cursor.at
    if cursor.take("'s"):
        cursor.take("own")
        prop = cursor.match(_PROPERTIES)
        if prop is not None:
            return ref, prop
    cursor.at = at
    return ref, ""


def _verb(context: Context) -> str | None:
    """The verb of an imperative at the cursor, unless the word is a thing here ("plant 30 cm left")."""
    cursor = context.cursor
    start = cursor.at
    noun = context.nouns.find(cursor)
    verb = cursor.match(VERBS)
    if verb is None:
        return None
    length = cursor.at - start
    if noun is not None and noun.is_in_scene and noun.length >= length:
        following = cursor.word(noun.length - length)
        if following not in _ARTICLED and not (
            following and cursor.word() and context.nouns.find(cursor)
        ):
            cursor.at = start
            return None
    return verb


def _imperative(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    skip_polite(context)
    start = cursor.at
    verb = _verb(context)
    if verb is None:
        return None
    context.verb_word = cursor.word(start - cursor.at)
    context.verb = verb
    result = command(context, verb, done)
    context.verb = ""
    return result


def command(
    context: Context, verb: str, done: list[Operation], target: Ref | None = None
) -> list[Operation] | None:
    """What follows a verb."""
    cursor = context.cursor
    special = {
        "swap": swap_clause, "replace": replace_clause, "group": group_clause, "parent": parent_clause,
        "rename": rename_clause, "duplicate": duplicate_clause, "add": add_clause,
        "unparent": parent_clause, "ungroup": group_clause,
    }.get(verb)  # fmt: skip
    start = cursor.at
    if target is None:
        camera = camera_clause(context, done, verb=verb)
        if camera is not None:
            return camera
        cursor.at = start
    if special is not None:
        result = special(context, verb, target)
        if result is not None or verb not in ("swap", "add", "group"):
            return result
        cursor.at = start
        verb = {"swap": "rotate", "group": "arrange"}.get(verb, "make")
    if verb in (
        "pan",
        "orbit",
        "dolly",
        "frame",
        "view",
        "zoom",
        "undo",
        "redo",
        "repeat",
        "apply",
    ):
        if verb == "orbit":
            verb = "arrange"
        else:
            return None
    return _plain_command(context, verb, done, target)


def _plain_command(
    context: Context, verb: str, done: list[Operation], target: Ref | None
) -> list[Operation] | None:
    cursor = context.cursor
    prop = ""
    slots = Slots()
    slots.pattern["verb"] = verb
    if verb == "arrange" and target is None:
        slots.pattern["needs_target"] = True
        kind_first = cursor.word(-1)
        _pattern_from_verb(slots, kind_first)
        complements_first(context, slots)
    source: Ref | None = None
    if target is None and "target" not in slots.pattern:
        if (
            verb == "delete"
            and cursor.word(-1) in ("clear", "empty", "out", "off")
            and cursor.word(-1) != "away"
        ):
            source = _cleared(context)
        if source is None:
            pattern = _pattern_first(context, verb, slots)
            if pattern is not None:
                verb = "arrange"
            else:
                if verb == "place" and cursor.sees(
                    "two more|three more|another|one more|four more|some more|a few more|five more"
                ):
                    return add_clause(context, "add", None)
                target, prop = target_of(context, verb)
    target = slots.pattern.pop("target", target) if target is None else target
    if source is not None:
        target = source
    if target is not None and not context.topic_noun and target.noun:
        context.topic_noun = target.noun
    explicit = target is not None
    if target is None:
        target = context.topic if context.topic is not None and not done else IT
    if (
        target.pronoun in ("it", "them")
        and context.topic is not None
        and not done
        and not target.noun
        and target.order is None
    ):
        target = context.topic
    if explicit:
        context.topic = target
    slots.pattern["is_light"] = is_light(context, target)
    if prop:
        return _property(context, verb, target, prop, slots)
    if (
        context.verb_word in ("have", "let", "make", "get", "want")
        and verb in ("make", "place", "move")
        and explicit
        and not cursor.is_done
    ):
        inner = _inner_verb(context, verb, target, done)
        if inner is not None:
            return inner
    _particles(context, verb, slots)
    off = _taken_off(context, verb, target)
    if off is not None:
        context.topic = off
        place, context.pending_place = context.pending_place, None
        return [place] if place is not None else []
    complements(context, slots)
    result = _after_verb(context, verb, target, slots)
    return result if result or explicit or slots.found else None


def complements_first(context: Context, slots: Slots) -> None:
    """Pattern words right after the verb: "form a circle of pots", "make one pile of them"."""
    from maquette.editing.grammar.arrange import arrangement

    cursor = context.cursor
    cursor.take("up|out|together")
    before = cursor.at
    if not arrangement(context, slots) or cursor.word(-1) in ("left", "right"):
        cursor.at = before
    cursor.take("up|out") if cursor.word(1) in _ARTICLED else None


def _pattern_first(context: Context, verb: str, slots: Slots) -> bool | None:
    """ "make one pile of them"."""
    cursor = context.cursor
    if (
        verb not in ("make", "place", "add")
        or not cursor.sees("one|a|two|in|into")
        or cursor.sees("a copy|a light")
    ):
        return None
    start = cursor.at
    slots.pattern["needs_target"] = True
    from maquette.editing.grammar.arrange import arrangement

    if arrangement(context, slots) and "target" in slots.pattern:
        return True
    cursor.at = start
    slots.pattern.pop("kind", None)
    slots.pattern.pop("needs_target", None)
    return None


def _pattern_from_verb(slots: Slots, word: str) -> None:
    before = word
    kinds = {
        "line": "line", "align": "align", "stack": "stack", "pile": "stack", "heap": "stack", "up": "", "distribute": "distribute",
        "space": "distribute", "spread": "distribute", "out": "distribute", "sort": "line", "order": "line", "queue": "line",
        "circle": "circle", "scatter": "distribute",
    }  # fmt: skip
    slots.pattern["default"] = kinds.get(before, "line")


def _cleared(context: Context) -> Ref | None:
    """ "clear the dresser": what is on it goes."""
    cursor = context.cursor
    start = cursor.at
    at_verb = cursor.word(-1)
    place = noun_phrase(context, relations=False)
    if place is None or at_verb not in ("clear", "empty", "off", "out"):
        cursor.at = start
        return None
    if cursor.take("of") or cursor.sees("on|from") or place.number == "many" or not place.noun:
        cursor.at = start
        return None
    from maquette.editing.plan import Relation

    container = any(
        w in place.noun for w in ("basket", "box", "crate", "bin", "bucket", "drawer", "bag")
    )
    kind = "in" if container or at_verb == "empty" else "on"
    return Ref(
        words=f"everything on {place.words}",
        number="many",
        relations=(Relation(kind=kind, to=(place,)),),
    )


def _inner_verb(
    context: Context, verb: str, target: Ref, done: list[Operation]
) -> list[Operation] | None:
    """ "have the wheelbarrow roll 75 cm", "let them switch spots"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("to")
    inner = cursor.match(_PARTICIPLES)
    if inner is None or inner in ("make",):
        cursor.at = start
        return None
    if inner == "place" and not cursor.sees_table(_PLACE_NEXT):
        cursor.at = start
        return None
    result = command(context, inner, done, target)
    if not result:
        cursor.at = start
        return None
    return result


_PLACE_NEXT = Phrases(
    dict.fromkeys(
        [
            "on",
            "in",
            "next",
            "under",
            "behind",
            "between",
            "at",
            "by",
            "near",
            "against",
            "onto",
            "into",
            "beside",
            "left",
            "right",
            "to",
        ],
        0,
    )
)


def _particles(context: Context, verb: str, slots: Slots) -> None:
    cursor = context.cursor
    if verb == "delete":
        cursor.take(
            "away|out|off|completely|entirely|for good|from the scene|in the bin|in the trash|from the room"
        )
    elif (
        verb == "rotate"
        and cursor.word() in ("around", "round")
        and not cursor.sees("around the|around its|around x|around y|around z|round the|round its")
    ):
        cursor.at += 1
        slots.particle = "around"
        cursor.take("completely")
    elif verb == "rotate" and cursor.sees("over|upside down"):
        if cursor.take("over"):
            slots.pose = "upside_down"
    elif verb == "rotate" and cursor.sees("back"):
        cursor.take("back")
    elif (
        verb in ("raise", "arrange", "rotate", "dim", "enlarge", "scale")
        and cursor.word() == "up"
        and cursor.word(1) != "against"
    ) or (verb in ("lower", "place", "shrink", "scale", "dim") and cursor.word() == "down"):
        cursor.at += 1
    elif verb == "arrange" or (
        verb == "place" and cursor.word() == "out" and cursor.word(1) not in ("", ".", ",", "and")
    ):
        cursor.take("out|together")
    if verb == "place" and cursor.sees("away|out") and cursor.word(1) in ("", ".", ",", "and"):
        cursor.at += 1
        slots.is_gone = cursor.word(-1) in ("out", "away")


def _taken_off(context: Context, verb: str, target: Ref) -> Ref | None:
    """ "take the glass off the table, …": only tells which; where it goes comes next."""
    cursor = context.cursor
    start = cursor.at
    if verb not in ("move", "place", "raise", "delete"):
        return None
    if cursor.take("out of the way|aside|out of there|off the way"):
        if cursor.is_done or quantities.length(cursor):
            cursor.at = start
            return None
        return target
    if verb == "move" and cursor.sees(",|and|then|;|.") and cursor.word(-1) != "it":
        begins = cursor.tokens[start - 1].word if start else ""
        verb_word = next(
            (
                t.word
                for t in cursor.tokens[:start]
                if t.word in ("take", "grab", "pick", "get", "fetch")
            ),
            "",
        )
        return target if verb_word and begins else None
    if cursor.take("off|from|out of|down from|off of|from off|away from|up from"):
        where = noun_phrase(context, relations=False, conjoined=False)
        if where is not None and where.pronoun != "viewer":
            from maquette.editing.plan import Relation

            kind = "in" if cursor.word(start - cursor.at) == "out" else "with_support"
            relation = Relation(kind="on" if kind == "with_support" else "in", to=(where,))
            if where.attributes and not where.noun:  # "off the pile": one of the piled ones
                target, relation = (
                    replace(target, attributes=target.attributes + where.attributes),
                    None,
                )
            narrowed = (
                replace(target, relations=(*target.relations, relation)) if relation else target
            )
            if cursor.is_done:
                floor = Relation(kind="on", to=(Ref(words="the floor", noun="floor"),))
                context.pending_place = Place(targets=narrowed, relations=(floor,))
                return narrowed
            at = cursor.at
            cursor.take(",|and|then")
            if not cursor.sees("onto|on|into|to|in|down|next"):
                cursor.at = at
            else:
                target_goal = _goal_after(context)
                if target_goal:
                    context.pending_place = Place(targets=narrowed, relations=target_goal)
            return narrowed
    cursor.at = start
    return None


def _goal_after(context: Context):
    slots = Slots()
    slots.pattern["verb"] = "place"
    context.cursor.take("down")
    complements(context, slots)
    from maquette.editing.grammar.build import placed_relations

    return placed_relations(slots)[0]


def _after_verb(context: Context, verb: str, target: Ref, slots: Slots) -> list[Operation] | None:
    """The operations of a verb whose complements are read."""
    if context.pending_place is not None:
        place, context.pending_place = context.pending_place, None
        return [place]
    if verb in ("hide", "isolate", "show"):
        target = replace(target, excluding=target.excluding + tuple(slots.excluding))
        return [Visibility(targets=target, is_visible=verb != "hide", is_isolate=verb == "isolate")]
    if verb in ("select", "deselect"):
        return [Select(targets=target)]
    if verb in ("lock", "unlock"):
        return [Lock(targets=target, is_locked=verb == "lock")]
    if verb in ("on", "off"):
        return [
            Lamp(
                targets=target,
                is_on=verb == "on",
                **{k: v for k, v in slots.lamp.items() if k in ("power", "factor")},
            )
        ]
    if verb == "delete" and slots.pattern.get("is_light") and context.verb_word == "kill":
        return [Lamp(targets=target, is_on=False)]
    if verb in ("dim", "brighten"):
        lit = (
            slots.pattern.get("is_light")
            or target.pronoun
            or "lamp" in target.noun
            or "light" in target.noun
        )
        if lit or verb == "dim":
            factor = _lamp_factor(verb, slots)
            lamp = {k: v for k, v in slots.lamp.items() if k in ("power", "temperature_k")}
            return [Lamp(targets=target, factor=None if "power" in lamp else factor, **lamp)]
        verb = "lighten"
    if verb == "arrange" and not slots.pattern.get("kind"):
        slots.pattern["kind"] = slots.pattern.get("default") or (
            "line" if context.verb_word in ("line", "row", "queue") else "stack"
        )
    elif verb == "arrange" and context.verb_word in ("stack", "pile", "heap"):
        slots.pattern["kind"] = "stack"
    elif (
        verb == "arrange"
        and slots.pattern.get("kind") == "distribute"
        and slots.pattern.get("default") == "line"
    ):
        slots.pattern.update(kind="line", is_even=True)
    return operations(context, verb, target, slots)


def _lamp_factor(verb: str, slots: Slots) -> float:
    if "factor" in slots.lamp:
        return slots.lamp["factor"]
    if slots.percent is not None:
        if slots.is_to:
            return slots.percent
        return 1 - slots.percent if verb == "dim" else 1 + slots.percent
    if slots.factor is not None:
        if verb == "dim" and not slots.is_to and slots.factor < 1:
            return 1 - slots.factor if slots.factor != 0.5 else 0.5
        return slots.factor
    return 0.8 if verb == "dim" else 1.25


def _property(
    context: Context, verb: str, target: Ref, prop: str, slots: Slots
) -> list[Operation] | None:
    """ "reduce the height of the stool to 45 cm", "lower its roughness to 0.2"."""
    cursor = context.cursor
    from maquette.editing.plan import Material, Rename, Resize, Scale

    cursor.take("should be|must be|is|be|:|=|has to be|needs to be|should become")
    cursor.take("changed|set|reduced|increased")
    if prop in ("height", "width", "depth", "length", "size"):
        grows = {"raise": 1, "enlarge": 1, "lower": -1, "shrink": -1}.get(verb, 0)
        by = cursor.sees("by")
        cursor.take("to|by|at|of|down to|up to")
        length = quantities.length(cursor, needs_unit=True)
        if length is not None and length.metres is not None:
            complements(context, slots)
            if by:
                return [Resize(targets=target, axis=prop, change=(grows or 1) * length.metres)]  # pyright: ignore[reportArgumentType]
            return [
                Resize(
                    targets=target,
                    axis=prop,
                    length=length.metres,
                    keeps_proportions=slots.keeps_proportions or prop == "size",
                )
            ]  # pyright: ignore[reportArgumentType]
        percent = quantities.percent(cursor)
        factor = quantities.factor(cursor) if percent is None else None
        value = quantities.number(cursor) if percent is None and factor is None else None
        complements(context, slots)
        if slots.sizes and slots.sizes[0].like is not None:
            return [Resize(targets=target, axis=prop, like=slots.sizes[0].like)]  # pyright: ignore[reportArgumentType]
        if percent is not None:
            factor = percent if not by else 1 + (grows or 1) * percent
        elif factor is not None and by and factor < 1 and grows:
            factor = 1 + grows * factor
        elif value is not None:
            if by:
                return [Resize(targets=target, axis=prop, change=(grows or 1) * value)]  # pyright: ignore[reportArgumentType]
            return [Resize(targets=target, axis=prop, length=value)]  # pyright: ignore[reportArgumentType]
        if factor is None:
            factor = {"double": 2.0, "halve": 0.5, "triple": 3.0}.get(verb) or {
                1: 1.25,
                -1: 0.8,
            }.get(grows)
        if factor is None:
            return None
        return [Scale(targets=target, factor=factor, axis="" if prop == "size" else prop)]  # pyright: ignore[reportArgumentType]
    if prop in ("roughness", "metallic", "alpha", "transparency", "emission"):
        by = cursor.sees("by")
        cursor.take("to|at|of|by|down to|up to")
        value = quantities.percent(cursor)
        value = quantities.number(cursor) if value is None else value
        if value is None:
            if prop == "roughness" and verb in ("raise", "lower", "enlarge", "shrink"):
                change = 0.25 if verb in ("raise", "enlarge") else -0.25
                return [Material(targets=target, roughness_change=change)]
            return None
        if by and prop == "roughness":
            sign = -1 if verb in ("lower", "shrink") else 1
            return [Material(targets=target, roughness_change=sign * value)]
        set_scalar(slots, prop, value)
        complements(context, slots)
        return operations(context, "make", target, slots)
    if prop in ("power", "temperature"):
        return _power(context, verb, target, prop, slots)
    if prop in ("name", "label"):
        cursor.take("to|into|as")
        name = free_name(context)
        return [Rename(targets=target, to=name, is_label=prop == "label")] if name else None
    complements(context, slots)
    return (
        operations(context, "make" if verb not in ("lighten", "darken") else verb, target, slots)
        or None
    )


def _power(
    context: Context, verb: str, target: Ref, prop: str, slots: Slots
) -> list[Operation] | None:
    cursor = context.cursor
    by = cursor.sees("by")
    cursor.take("to|by|at|of|down to|up to")
    percent = quantities.percent(cursor)
    factor = quantities.factor(cursor) if percent is None else None
    value = quantities.number(cursor) if percent is None and factor is None else None
    cursor.take("w|watts|watt|k|kelvin")
    is_less = verb in ("lower", "shrink", "dim")
    if prop == "temperature":
        return [Lamp(targets=target, temperature_k=value)] if value else None
    if value is not None:
        return [Lamp(targets=target, power=value)]
    if percent is not None:
        factor = percent if not by else (1 - percent if is_less else 1 + percent)
    elif factor is not None and by and factor < 1:
        factor = 1 - factor if is_less else 1 + factor
    complements(context, slots)
    if factor is None:
        factor = slots.lamp.get("factor") or {"double": 2.0, "halve": 0.5, "triple": 3.0}.get(verb)
    return [Lamp(targets=target, factor=factor or (0.8 if is_less else 1.25))]


def free_name(context: Context) -> str:
    """A name as typed: in quotes, or the rest of the clause."""
    cursor = context.cursor
    token = cursor.peek()
    if token is None:
        return ""
    if token.kind == "string":
        cursor.at += 1
        return token.raw
    start = cursor.at
    while not cursor.is_done and cursor.word() not in (
        ",",
        ".",
        ";",
        "!",
        "please",
        "and",
        "now",
        "then",
        "from",
        "instead",
    ):
        cursor.at += 1
    return cursor.text(start)


# Wishes, subjects, fragments ----------------------------------------------------------------------------

_WISH = (
    "i want|i would like|i would love|i need|we need|i wish for|i wish|we want|gimme|give me|i would prefer|i prefer|we would like"
    "|get me|can we have|could we have|can i have|could i have|may i have|i could use|we could use|i would rather have|let me have"
    "|let us have|i would like to have|i want to have|i would like to see|i want to see|i would love to have|i would love to see"
    "|i will have|i would rather see|i like"
)
_NO_WISH = (
    "i do not want to see|we do not want to see|i do not want to look at|i do not need to see|i can not stand seeing|i no longer want to see"
    "|i do not wish to see"
)
_NO_NEED = "i do not want|i do not need|we do not need|i no longer need|we no longer need|i no longer want|i do not like|i am done with"
LANGUAGE.update(f"{_WISH}|{_NO_WISH}|{_NO_NEED}".replace("|", " ").split())


def _wish(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    while cursor.word() in FILLERS and not _fills_a_role(context):
        cursor.at += 1
    if cursor.take(_NO_WISH):
        ref = noun_phrase(context)
        if ref is None:
            return None
        cursor.take("anymore|any more|for now|for the moment|right now|for a while|at the moment")
        context.topic = ref
        return [Visibility(targets=ref, is_visible=False)]
    if cursor.take(_NO_NEED):
        ref = noun_phrase(context)
        if ref is None:
            return None
        cursor.take("anymore|any more|now|here")
        context.topic = ref
        return [Delete(targets=ref)]
    if not cursor.take(_WISH):
        return None
    verb_word = cursor.word(-1)
    start = cursor.at
    if verb_word != "see" and not cursor.sees("to|you to"):
        added = add_clause(context, "wish", None)
        if added is not None:
            return added
        cursor.at = start
    for_first = _value_for(context, done)
    if for_first is not None:
        return for_first
    cursor.at = start
    ref, prop = target_of(context, "place" if _goal_follows(context) else "make")
    if ref is None:
        return None
    return _about(context, ref, prop, done, is_wish=True)


def _goal_follows(context: Context) -> bool:
    """Whether a wish has no "to be": "I want the ball in the basket" says where."""
    words = [t.word for t in context.cursor.tokens[context.cursor.at :]]
    return not any(w in ("to", "be") and (i == 0 or words[i - 1] not in ("next", "close", "left", "right")) and
                   (i + 1 < len(words) and words[i + 1] not in ("the", "my", "it")) for i, w in enumerate(words))  # fmt: skip


def _more(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "another green thing like that one"."""
    cursor = context.cursor
    if not cursor.sees(
        "another|one more|two more|three more|four more|some more|an additional|an extra|a second|a few more"
    ):
        return None
    return add_clause(context, "add", None)


def _subject(context: Context, done: list[Operation]) -> list[Operation] | None:
    """Clauses that begin with what they are about: "the bin should be red", "stool: 20 cm left", "both menus can go"."""
    cursor = context.cursor
    cursor.take(
        "also|only|just|now|then|could|can|would|should|shall|what about|how about|as for|regarding|for|from now on|except for"
    )
    if cursor.take("neither of|none of|not"):
        others = noun_phrase(context)
        context.topic_noun = context.topic_noun or (others.noun if others else "")
        cursor.take(",|but")
        cursor.take("just|only|but")
    axis = _leading_comparative(context)
    ref, prop = target_of(context, "make")
    if ref is None:
        return None
    if not context.topic_noun:
        context.topic_noun = ref.noun
    if axis is not None:
        return _compared(context, ref, axis)
    return _about(context, ref, prop, done)


def _leading_comparative(context: Context):
    from maquette.editing.grammar.slots import _COMPARATIVES

    cursor = context.cursor
    start = cursor.at
    found = cursor.match(_COMPARATIVES)
    if found is not None and context.nouns.find(cursor) is not None:
        return found
    cursor.at = start
    return None


def _compared(context: Context, ref: Ref, axis: tuple[str, int]) -> list[Operation] | None:
    """ "shorter pen: only 10 cm"."""
    from maquette.editing.plan import Resize, Scale

    cursor = context.cursor
    cursor.take(":|,|->|-")
    cursor.take("only|just|please|now|should be|to")
    length = quantities.length(cursor, needs_unit=True)
    name = "length" if axis[0] == "height" and axis[1] < 0 else axis[0]
    if length is not None and length.metres is not None:
        return [  # pyright: ignore[reportReturnType]
            Resize(targets=ref, axis="size" if name == "length" else name, length=length.metres)  # pyright: ignore[reportArgumentType]
        ]  # pyright: ignore[reportArgumentType]
    percent = quantities.percent(cursor)
    factor = percent if percent is not None else 1.25 if axis[1] > 0 else 0.8
    return [Scale(targets=ref, factor=factor, axis="" if axis[0] == "size" else axis[0])]  # pyright: ignore[reportArgumentType, reportReturnType]


def _about(
    context: Context, ref: Ref, prop: str, done: list[Operation], *, is_wish: bool = False
) -> list[Operation] | None:
    cursor = context.cursor
    original = ref
    if ref.pronoun in ("it", "them") and context.topic is not None and not done and not ref.noun:
        ref = context.topic
    context.topic = ref
    if prop:
        return _property(context, "make", ref, prop, Slots())
    if cursor.take(":|->|=|=>") or (
        cursor.sees(",|-|.|?") and cursor.word() != "." and _topic_only(context)
    ):
        cursor.take(",|-|?")
        return _topic(context, ref, done)
    if cursor.take("'s|is|are|was") or cursor.word(-1) == "is":
        said = _is_said(context, ref)
        if said is not None:
            return said
        cursor.at -= 1 if cursor.word(-1) in ("'s", "is", "are", "was") else 0
    before = cursor.at
    modal = cursor.take(_MODALS)
    if not modal and cursor.take("'s"):
        modal = True
    if (
        modal
        and cursor.word(-1) == "go"
        and cursor.word(-2) not in ("to", "")
        and _ends_clause(context)
    ):
        return [Delete(targets=ref)]
    if modal and cursor.sees(_OPINIONS) and _opinion(context):
        return []
    while cursor.word() in FILLERS or cursor.sees("be|being|to|now|all|both"):
        if cursor.sees("to the|to its|to my|to me|to left|to right|to be") and not cursor.sees(
            "to be"
        ):
            break
        if cursor.sees("over|right|straight|to a|to an|to half|to twice") and not cursor.take(
            "right now"
        ):
            break
        if quantities.number(_copy(context)) is not None and cursor.sees("to"):
            break
        cursor.at += 1
    verb_word = cursor.word()
    verb = cursor.match(_PARTICIPLES) if modal or is_wish or original.pronoun else None
    if verb in ("place", "make", "on", "off") and verb is not None:
        keeps = verb in ("place", "make")
        context.verb_word = verb_word
        if verb == "on" and not (cursor.is_done or cursor.sees(",|.|and|again|please")):
            cursor.at -= 1
            verb = "place"
        elif keeps:
            verb = verb if verb_word not in ("turn", "go") else ""
    elif verb is not None:
        context.verb_word = verb_word
        result = command(context, verb, done, ref)
        if result:
            return result
        cursor.at = before
        return None
    if verb in ("on", "off"):
        return [Lamp(targets=ref, is_on=verb == "on")]
    slots = Slots()
    from maquette.editing.grammar.cursor import words as _w

    turning = "rotate" if cursor.word(before - cursor.at) in _w("turn turns rotated turned") else ""
    slots.pattern["verb"] = "face" if verb == "face" else verb or turning
    slots.pattern["is_light"] = is_light(context, ref)
    complements(context, slots)
    if ref.relations and slots.relations and not (modal or is_wish or slots.relations[0][1]):
        slots.relations[:0] = [(r, False) for r in ref.relations]
        ref = replace(ref, relations=())
    result = operations(context, verb or ("place" if is_wish or modal else ""), ref, slots)
    if result:
        return result
    if (
        not modal
        and ref.relations
        and not ref.pronoun
        and not slots.found
        and _ends_clause(context)
    ):
        # "watering can on the bench, to the right of the blanket": no verb, so the place is what is asked for
        goals = ref.relations
        kept = tuple(r for r in goals if r.kind in ("supporting", "containing", "with"))
        wanted = tuple(r for r in goals if r not in kept)
        if wanted:
            return [Place(targets=replace(ref, relations=kept), relations=wanted)]
    cursor.at = before
    return _opinion_clause(context, ref)


def _copy(context: Context):
    from maquette.editing.grammar.cursor import Cursor

    cursor = Cursor(context.cursor.tokens, context.cursor.prompt)
    cursor.at = context.cursor.at + 1
    return cursor


def _ends_clause(context: Context) -> bool:
    return context.cursor.is_done or context.cursor.sees(".|,|;|!|?|and|then|please|so")


def _topic_only(context: Context) -> bool:
    """ "the red book, not the blue one: make it pink"; "… in the corner... make it smaller"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take(",|-|?")
    from maquette.editing.grammar.nouns import starts_clause

    result = starts_clause(context) or cursor.sees(
        "i mean|that is|it should|they should|that one|that"
    )
    if not result:
        slots = Slots()
        slots.pattern["verb"] = ""
        complements(context, slots)
        result = slots.found > 0 and not slots.relations
    cursor.at = start
    return result


def _topic(context: Context, ref: Ref, done: list[Operation]) -> list[Operation] | None:
    """What comes after "the mug: …"."""
    cursor = context.cursor
    context.topic = ref
    cursor.take("please")
    start = cursor.at
    slots = Slots()
    slots.pattern["verb"] = ""
    slots.pattern["is_light"] = is_light(context, ref)
    complements(context, slots)
    if slots.found and _ends_clause(context):
        result = operations(context, "", ref, slots)
        if result:
            return result
    cursor.at = start
    return clause(context, done)


def _is_said(context: Context, ref: Ref) -> list[Operation] | None:
    """ "this one's a bottle", "Object.001 is a suitcase, name it that", "the floor lamp is called X"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("now|from now on|hereby|henceforth|actually")
    if cursor.take("called|named|labelled|labeled|to be called|to be named|known as"):
        name = free_name(context)
        cursor.take("now|from now on|please")
        return [Rename(targets=ref, to=name)] if name else None
    cursor.at = start
    cursor.take("now|actually|really")
    if cursor.take("a|an"):
        if attribute_at(cursor) is not None or cursor.sees("bit|little|lot|touch|tad"):
            cursor.at = start
            return None
        word = cursor.word()
        noun = context.nouns.find(cursor)
        token = cursor.peek()
        if noun is not None:
            cursor.at += noun.length
            word = noun.phrase
        elif token is not None and token.kind == "word":
            cursor.at += 1
        else:
            cursor.at = start
            return None
        context.said_name = word
        if not (cursor.is_done or cursor.sees(",|.|and|;|so|!|-")):
            cursor.at = start
            return None
        return [Rename(targets=ref, to=word, is_label=True)]
    cursor.at = start
    return None


def _opinion(context: Context) -> bool:
    """ "looks tiny", "is too weak": a remark about the thing; what to do comes next."""
    cursor = context.cursor
    start = cursor.at
    cursor.take(
        "a bit too|way too|much too|far too|a little too|too|so|very|really|quite|rather|a bit|pretty|not|kind of|so damn"
    )
    is_too = cursor.at > start
    cursor.at += 1
    cursor.take("enough|for that|for this|for me|there|here")
    if cursor.sees(",|.|:|;|-|and|so|but|!") and (is_too or cursor.word(1) != ""):
        return True
    cursor.at = start
    return False


def _opinion_clause(context: Context, ref: Ref) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.take("looks|look|is|are|seems|seem|feels|'s") and _opinion(context):
        return []
    cursor.at = start
    if cursor.take(
        "has no business|have no business|does not belong|do not belong|is in the way|are in the way|does not fit|gets in the way"
    ):
        while not cursor.is_done and cursor.word() not in (".", ",", ";", ":"):
            cursor.at += 1
        return [] if not cursor.is_done else None
    if (
        cursor.sees(",|.|:|-|?")
        and not cursor.is_done
        and context.cursor.at + 1 < len(cursor.tokens)
    ):
        return []
    cursor.at = start
    return None


def _value_for(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "#1E90FF for the couch", "150 W in each of the ceiling lights", "a darker tone for the blanket would be nice"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("a|an|some|the|more")
    slots = Slots()
    slots.pattern["verb"] = ""
    from maquette.editing.grammar.slots import _light, _look, _size

    for reader in (_light, _look, _size):
        before = cursor.at
        if reader(context, slots) and cursor.at > before:
            break
        cursor.at = before
    else:
        cursor.at = start
        return None
    cursor.take("paint|color|colour|finish|look|power")
    if not cursor.take("for|in each of|in|on|to each of|from each of|in each"):
        cursor.at = start
        return None
    ref = noun_phrase(context)
    if ref is None:
        cursor.at = start
        return None
    cursor.take(
        "would be nice|please|would be great|would be better|would look nice|would be good|might be nice|if possible"
    )
    context.topic = ref
    if "temperature_k" in slots.lamp and not is_light(context, ref):
        slots.lamp.pop("temperature_k")
    return operations(context, "make", ref, slots) or None


def _bare_values(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "…, and plain green", "20 cm to the left": about what was talked of."""
    cursor = context.cursor
    start = cursor.at
    target = context.topic if context.topic is not None and not done else IT
    slots = Slots()
    slots.pattern["verb"] = ""
    slots.pattern["is_light"] = context.topic is not None and is_light(context, context.topic)
    complements(context, slots)
    has_context = (
        bool(done)
        or context.topic is not None
        or context.history.has_targets
        or context.nouns.vocabulary.num_selected
    )
    if cursor.at == start or not slots.found or not has_context:
        return None
    return operations(context, "move", target, slots) or None


__all__ = ["Length", "clause", "color_name", "free_name", "skip_polite", "skip_purpose"]
