"""Clauses that begin with what they are about: "the mug should be red", "stool: 20 cm left", "both menus can go"."""

from dataclasses import replace

from maquette.editing.grammar import quantities, sizes
from maquette.editing.grammar.build import VERB_FACTORS, is_light, operations, scaled
from maquette.editing.grammar.commands import THIN, command
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, phrases
from maquette.editing.grammar.descriptions import starts_clause
from maquette.editing.grammar.frames import (
    FILLERS,
    MODAL,
    OPINION,
    SHINE,
    STATIVE,
    ends_clause,
)
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.openers import skip_polite
from maquette.editing.grammar.properties import property_clause
from maquette.editing.grammar.remarks import is_named_so, is_remark, too_far
from maquette.editing.grammar.slots import Slots
from maquette.editing.grammar.targets import ARTICLES, resolved, target_of
from maquette.editing.grammar.verbs import INFLECTED, UNCHANGED, Verb
from maquette.editing.plan import (
    Face,
    Operation,
    Place,
    Ref,
    Relation,
    Resize,
    Visibility,
)

_PASSIVE = frozenset(
    [
        "be", "is", "are", "was", "were", "being", "become", "becomes", "became", "get", "gets", "'s", "has",
        "have",
    ]
)  # fmt: skip
_SUBJECT_START = phrases(
    "[and|also|only|just|now|then|so] [<could|can|would|should|shall|what about|how about|as for|regarding"
    "|concerning|for"
    "|from now on|except for>]"
)
_NO_BUSINESS = phrases(
    "<is|are|was|were> [looking|facing|pointing|turned] [in|to|into] the wrong <way|direction>"
    "|<has|have> no business|<does|do> not <belong|fit|look good|look right|go>|<is|are> in the way|gets in the way"
    "|<looks|feels> wrong"
)
_WOULD_BE_NICE = phrases(
    "<would|might|could> <be|look> [much|even|a lot] <nice|nicer|better|great|good|cool|lovely"
    "|prettier|perfect|more practical>"
    " [there] [i <think|guess|suppose>]"
)
_BORDER = frozenset({".", ",", ";", ":", "!", "?"})


def statement(context: Context, done: list[Operation]) -> list[Operation] | None:
    """Clauses that begin with what they are about: "the bin should be red", "stool: 20 cm left"."""
    cursor = context.cursor
    skip_polite(context)
    cursor.take(_SUBJECT_START)
    if cursor.take("neither of|none of|not"):
        others = noun_phrase(context)
        context.topic_noun = context.topic_noun or (others.noun if others else "")
        cursor.take(",|but")
        cursor.take("just|only|but")
    axis = _leading_comparative(context)
    is_only = cursor.word(-1) in ("only", "just") or cursor.word() in ("only", "just")
    ref, prop = target_of(context, "make")
    if ref is None:
        return None
    context.topic_noun = context.topic_noun or ref.noun
    if axis is not None:
        return _compared(context, ref, axis)
    found = said_of(context, ref, prop, done)
    if is_only and found and isinstance(found[0], Visibility) and found[0].is_visible:
        return [replace(found[0], is_isolate=True)]  # "only the sofa should be visible"
    return found


def _leading_comparative(context: Context) -> tuple[str, int] | None:
    """ "shorter pen: only 10 cm"."""
    cursor = context.cursor
    start = cursor.at
    found = cursor.match(sizes.COMPARATIVES)
    if found is None or context.nouns.find(cursor) is None:
        cursor.at = start
        return None
    return found


def _compared(context: Context, ref: Ref, axis: tuple[str, int]) -> list[Operation]:
    cursor = context.cursor
    cursor.take(":|,|→|-")
    cursor.take("only|just|please|now|should be|to")
    length = quantities.length(cursor, needs_unit=True)
    if length is not None and length.metres is not None:
        longest = axis == ("height", -1)  # the height of a pen that lies is not what makes it short
        if longest or axis[0] in ("size", "length"):
            return [Resize(targets=ref, axis="size", length=length.metres)]
        return [
            Resize(
                targets=ref, axis="height" if axis[0] == "height" else "width", length=length.metres
            )
        ]
    percent = quantities.percent(cursor)
    return [scaled(ref, percent if percent is not None else 1.25 ** axis[1], axis[0])]


def said_of(
    context: Context, ref: Ref, prop: str, done: list[Operation], *, is_wish: bool = False
) -> list[Operation] | None:
    """What is said of `ref`."""
    cursor = context.cursor
    is_pronoun = bool(ref.pronoun)
    ref = resolved(context, ref, done)
    context.topic = ref
    if prop:
        return property_clause(context, ref, prop, Slots(verb="make"))
    if cursor.take(":|→|=") or (cursor.sees(",|-|?") and _topic_only(context)):
        cursor.take(",|-|?")
        return _topic(context, ref, done)
    said = is_named_so(context, ref)
    if said is not None:
        return said
    gone_too_far = too_far(context, ref)
    if gone_too_far is not None:
        return gone_too_far
    if cursor.sees("it|they|he|she") and not is_pronoun and _modal_after_comma(context):
        cursor.at += 1  # "the bench it should be blue"
    if cursor.sees(",") and _modal_after_comma(context):
        cursor.take(",")
    before = cursor.at
    if cursor.take(
        "is|are|was|were|'s|looks|look|seems|feels|looks like it is|seem"
    ) and cursor.sees(OPINION):
        at = cursor.at
        cursor.take(OPINION)
        context.complaint = (ref, cursor.text(at))
        says_for = cursor.word(-2) == "for" or cursor.sees("for <this|that|the|my|a|these|such>")
        if says_for:  # "too big for that corner"
            while not cursor.is_done and cursor.word() not in _BORDER | {"so", "and"}:
                cursor.at += 1
        context.is_about_room = cursor.take("in <here|the room|this room>")
        return []
    cursor.at = before
    if is_remark(context):
        return []
    cursor.at = before
    if cursor.take(_NO_BUSINESS):
        while not cursor.is_done and cursor.word() not in _BORDER:
            cursor.at += 1
        return [] if not cursor.is_done else None
    if ref.relations and not ref.pronoun and cursor.take(_WOULD_BE_NICE) and ends_clause(cursor):
        return [Place(targets=replace(ref, relations=()), relations=ref.relations)]
    cursor.at = before
    has_modal = cursor.take(MODAL)
    if has_modal and cursor.word(-1) in ("go", "goes") and ends_clause(context.cursor):
        rest = Slots(is_gone=True)
        complements(context, rest)
        return operations(context, ref, rest)
    if has_modal and cursor.take(OPINION) and ends_clause(context.cursor):
        return []
    result = _stated(
        context, ref, done, has_modal=has_modal, is_wish=is_wish, is_pronoun=is_pronoun
    )
    if result is not None:
        return result
    cursor.at = before
    if cursor.sees(",|.|:|-|?") and cursor.at + 1 < len(cursor.tokens):
        return []
    return None


def _modal_after_comma(context: Context) -> bool:
    """ "the chair at the front, on the left, should be red"."""
    cursor = context.cursor
    cursor.at += 1
    found = cursor.sees(MODAL) and not cursor.sees(
        "can you|could you|would you|will you|can we|could we"
    )
    cursor.at -= 1
    return found


def _stated(
    context: Context,
    ref: Ref,
    done: list[Operation],
    *,
    has_modal: bool,
    is_wish: bool,
    is_pronoun: bool,
) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    last = cursor.word(-1) if has_modal else ""
    while not _starts_complement(context) and cursor.word() in FILLERS:
        cursor.at += 1
    if is_wish:
        cursor.take("to [be]|be")
    slots = Slots(is_light=is_light(context, ref), is_thin=ref.noun in THIN)
    if last in ("turn", "turns") or (last == "go" and cursor.sees("around")):
        slots.verb = "rotate"
    stative = cursor.at
    if cursor.take(SHINE):
        lit = noun_phrase(context)
        return [Face(targets=ref, to=lit)] if lit is not None else None
    if cursor.take(STATIVE):
        slots.verb = (
            "hang"
            if any(t.word.startswith("hang") for t in cursor.tokens[stative : cursor.at])
            else ""
        )
        has_modal = True
    elif not has_modal and cursor.sees("off [of]|from|out of"):
        result = command(context, Verb("move", "take"), done, ref)
        if result:
            return result
        cursor.at = stative
    elif has_modal or is_wish or is_pronoun or _in_third_person(context, ref):
        verb = _verb_after(context, last)
        if verb is not None:
            result = command(context, verb, done, ref)
            if result:
                context.last_verb = verb.kind
                return result
            cursor.at = stative
    repeats = not has_modal and not is_wish and bool(done) and context.last_verb
    if repeats:
        slots.verb = (
            context.last_verb
            if context.last_verb in ("move", "place", "hang", "rotate", "make")
            else ""
        )
    complements(context, slots)
    if ref.relations and not (has_modal or slots.relations) and _only_away(slots):
        # "stool in front of the window, half a metre away"
        slots.relations = [(r, True) for r in ref.relations]
        ref = replace(ref, relations=())
    if ref.relations and slots.relations and not (has_modal or is_wish or slots.relations[0][1]):
        slots.relations[:0] = [(r, False) for r in ref.relations]
        ref = replace(ref, relations=())
    if repeats:
        _as_before(slots, done)
    if not slots.verb and (has_modal or is_wish):
        is_size = slots.factor is not None and not (slots.relations or slots.travels)
        slots.verb = "make" if is_size else "place"
    result = operations(context, ref, slots)
    is_fact = last in ("is", "are", "was", "were", "'s") and not cursor.is_done
    if (
        is_fact
        and result
        and all(isinstance(op, Resize) and op.length is not None for op in result)
    ):
        return []  # "the tv is 2 m wide, …"
    if result:
        context.last_verb = slots.verb or context.last_verb
        return result
    told = ref.relations and not ref.pronoun and slots.found <= 0 and ends_clause(context.cursor)
    if told and not has_modal:
        # "watering can on the bench, to the right of the blanket": no verb, so the place is what is asked for
        kept = tuple(r for r in ref.relations if r.kind in ("supporting", "containing", "with"))
        wanted = tuple(r for r in ref.relations if r not in kept)
        if wanted and wanted[0].kind == "facing":
            return [Face(targets=replace(ref, relations=kept), to=wanted[0].to[0])]
        if wanted:
            return [Place(targets=replace(ref, relations=kept), relations=wanted)]
    cursor.at = start
    return None


def _only_away(slots: Slots) -> bool:
    ways = slots.travels
    return (
        len(ways) == 1 and ways[0].direction == "away" and ways[0].to is None and slots.found == 1
    )


def _in_third_person(context: Context, ref: Ref) -> bool:
    """ "the tallest book moves onto the desk", "the pumpkin and the melon swap places"."""
    cursor = context.cursor
    start = cursor.at
    verb = cursor.match(INFLECTED)
    cursor.at = start
    if verb is None or verb.kind in ("make", "on", "select", "add", "apply", "show"):
        return False
    return verb.form == "s" or (
        verb.form == "base" and bool(ref.also or ref.number == "many") and verb.kind == "swap"
    )


def _starts_complement(context: Context) -> bool:
    """Words that are fillers elsewhere: "over", "right", "straight" here begin where it goes."""
    return context.cursor.sees("right|straight|here|there|like|instead of")


def _verb_after(context: Context, modal: str) -> Verb | None:
    """The verb of "should be moved", "needs to move", "needs painting"; adjectives are none ("should be clear")."""
    cursor = context.cursor
    start = cursor.at
    verb = cursor.match(INFLECTED)
    if verb is None:
        return None
    if cursor.at - start > 1 and (
        cursor.word() in ARTICLES or context.nouns.find(cursor) is not None
    ):
        length, alone = INFLECTED.longest(cursor.tokens[: start + 1], start)
        if alone is not None and cursor.word(-1) in (
            "on",
            "in",
            "off",
            "over",
            "out",
            "down",
            "up",
        ):
            verb, cursor.at = alone, start + length  # "be put on the floor"
    passive = modal in _PASSIVE
    fits = verb.form in ("past", "ing") or verb.base.split()[0] in UNCHANGED if passive else True
    word = cursor.word(start - cursor.at)
    if word in ("left", "light", "right", "clear", "finish", "set") and (
        passive or word == "light"
    ):
        fits = fits and word == "set"
    if verb.kind in VERB_FACTORS and not ends_clause(cursor):
        fits = False  # "should be double the size"
    if verb.kind in ("make", "apply") and verb.form == "base" and not passive:
        fits = verb.base not in ("have", "try", "use")
    if not fits:
        cursor.at = start
        return None
    if verb.kind in ("on", "off") and cursor.at - start == 1:
        return verb
    return verb


def _as_before(slots: Slots, done: list[Operation]) -> None:
    """ "put the mouse to the right of the keyboard and the phone to the left": of the same thing."""
    last = done[-1]
    if not isinstance(last, Place) or slots.relations or not slots.travels:
        return
    side = {"left": "left_of", "right": "right_of"}.get(slots.travels[0].direction or "")
    beside = next((r for r in last.relations if r.kind in ("left_of", "right_of")), None)
    if side and beside is not None and slots.travels[0].length is None:
        slots.relations = [
            (replace(beside, kind="left_of" if side == "left_of" else "right_of"), True)
        ]
        slots.travels = []


def _topic_only(context: Context) -> bool:
    """ "the red book, not the blue one: make it pink"; "… in the corner... make it smaller"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take(",|-|?")
    result = starts_clause(context) or cursor.sees(
        "i mean|that is|it should|they should|that one|that|could you|can you"
    )
    if not result:
        slots = Slots()
        complements(context, slots)
        result = slots.found > 0 and not slots.relations
    cursor.at = start
    return result


def _topic(context: Context, ref: Ref, done: list[Operation]) -> list[Operation] | None:
    """What comes after "the mug: …"."""
    from maquette.editing.grammar.clauses import clause  # the two need each other

    cursor = context.cursor
    is_arrow = cursor.word(-1) == "→"
    cursor.take("please")
    start = cursor.at
    goal = noun_phrase(context, relations=False, conjoined=False) if is_arrow else None
    if goal is not None and context.nouns.count(goal.noun) and goal.noun and ends_clause(cursor):
        return [Place(targets=ref, relations=(Relation(kind="at", to=(goal,)),))]  # "mug → table"
    cursor.at = start
    slots = Slots(is_light=is_light(context, ref), is_thin=ref.noun in THIN)
    complements(context, slots)
    if slots.found > 0 and ends_clause(context.cursor):
        result = operations(context, ref, slots)
        if result:
            return result
    cursor.at = start
    token = cursor.peek()
    is_unknown = token is not None and token.kind == "word" and token.word not in LANGUAGE
    if is_unknown and cursor.word(1) in _BORDER and cursor.peek(2) is not None:
        cursor.at += 1  # "the gnome = creepy, lose it"
        return []
    return clause(context, done)
