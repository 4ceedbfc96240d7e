"""Clauses: one instruction each, in the forms that people use for it.

Imperatives ("put the mug on the desk"), wishes ("I want it on the desk"), statements ("the mug should be red", "the mug
goes on the desk"), fragments ("mug: red", "blue for the rug", "20 cm left").
"""

from dataclasses import replace
from typing import Any

from maquette.editing.grammar import lights, looks, quantities, sizes
from maquette.editing.grammar.build import is_light, operations, scaled
from maquette.editing.grammar.camera import camera_clause
from maquette.editing.grammar.commands import ARTICLES, THIN, command, resolved, target_of
from maquette.editing.grammar.complaints import by_amount
from maquette.editing.grammar.complements import complements
from maquette.editing.grammar.context import IT, Context
from maquette.editing.grammar.cursor import LANGUAGE, Phrases, phrases
from maquette.editing.grammar.frames import (
    FILLERS,
    GERUND,
    MODAL,
    NO_LIKING,
    NO_NEED,
    NO_WISH,
    ONLY_SEE,
    OPINION,
    POLITE,
    STATIVE,
    WISH,
    ends_clause,
)
from maquette.editing.grammar.nouns import attribute_at, noun_phrase, starts_clause
from maquette.editing.grammar.properties import property_clause
from maquette.editing.grammar.slots import Slots
from maquette.editing.grammar.special import add_clause, copies_of
from maquette.editing.grammar.states import free_name
from maquette.editing.grammar.verbs import INFLECTED, UNCHANGED, VERBS, Verb
from maquette.editing.plan import (
    Delete,
    Direction,
    Face,
    Material,
    Move,
    Operation,
    Place,
    Ref,
    Rename,
    Resize,
    Visibility,
)

_PASSIVE = frozenset(
    [
        "be",
        "is",
        "are",
        "was",
        "were",
        "being",
        "become",
        "becomes",
        "became",
        "get",
        "gets",
        "'s",
        "has",
        "have",
    ]
)
_SUBJECT_START = phrases(
    "[and|also|only|just|now|then|so] [<could|can|would|should|shall|what about|how about|as for|regarding"
    "|concerning|for"
    "|from now on|except for>]"
)
_ANOTHER = phrases(
    "another|a <third|fourth|fifth|sixth>|<one|two|three|four|five|some|a few> more|an <additional|extra>|a second|<two|three|four|five> <extra|additional|further|other> [more]"
)
_NO_BUSINESS = phrases(
    "<is|are|was|were> [looking|facing|pointing|turned] [in|to|into] the wrong <way|direction>|<has|have> no business|<does|do> not <belong|fit|look good|look right|go>|<is|are> in the way|gets in the way"
    "|<looks|feels> wrong"
)
_BACK_FROM: Phrases[Direction] = Phrases(
    {
        "[to the] left": "right",
        "[to the] right": "left",
        "high|up|high up": "down",
        "low|down|low down": "up",
        "forward|close|near|to the front|in front": "away",
        "back|backwards|far away|away": "toward",
    }
)
_WOULD_BE_NICE = phrases(
    "<would|might|could> <be|look> [much|even|a lot] <nice|nicer|better|great|good|cool|lovely|prettier|perfect|more practical>"
    " [there] [i <think|guess|suppose>]"
)
_NICE = phrases(
    "<would|might|could> <be|look> <nicer|prettier|cooler|more practical>|<is|are|would be|will be|should be> <enough|plenty|fine|sufficient|better|ok|okay>|<would|might|could> <be|look> <nice|great|better|good|cool|lovely|perfect>|please|if possible|would <do|be it>"
)
_BORDER = frozenset({".", ",", ";", ":", "!", "?"})


def clause(context: Context, done: list[Operation]) -> list[Operation] | None:
    """The operations of the clause at the cursor; None where it is none. An empty list: words without a request."""
    cursor = context.cursor
    start = cursor.at
    for reader in (_wish, _more, _camera, _imperative, _value_for, _subject, _bare_values):
        cursor.at = start
        result = reader(context, done)
        if result is not None:
            return result
    cursor.at = start
    return None


def skip_polite(context: Context) -> bool:
    """ "could you please"; whether what follows may be a gerund ("how about putting")."""
    cursor = context.cursor
    gerund = False
    while True:
        before = cursor.at
        if cursor.take(POLITE):
            gerund = cursor.word(-1) in ("of", "about", "mind")
        if cursor.sees(GERUND):
            length = cursor.length_of(GERUND)
            token = cursor.peek(length)
            if token is not None and token.word.endswith("ing"):
                cursor.at += length
                gerund = True
        cursor.take("that") if cursor.at > before and cursor.word(1) in ARTICLES else None
        while cursor.word() in FILLERS and not _fills_a_role(context):
            cursor.at += 1
        if cursor.at == before:
            return gerund


def _fills_a_role(context: Context) -> bool:
    """ "right wall", "first stool", "over there" are no fillers."""
    cursor = context.cursor
    if cursor.word() in ("only", "just") and cursor.word(1) in ("the", "those", "this"):
        return False
    if cursor.word() == "first" and cursor.word(1) in ARTICLES | {"of"}:
        return False
    if cursor.word() == "first":
        return context.nouns.find_at(cursor, 1) is not None
    return cursor.word() in ("right", "straight", "only", "here", "there") and (
        cursor.word(1) not in ("", ",", "show")
    )


# Imperatives --------------------------------------------------------------------------------------------


def _imperative(context: Context, done: list[Operation]) -> list[Operation] | None:

    gerund = skip_polite(context)
    verb = _verb(context, gerund=gerund)
    if verb is None:
        return None
    context.verb = verb.kind
    result = command(context, verb, done)
    context.verb = ""
    if result:
        context.last_verb = verb.kind
    return result


def _verb(context: Context, *, gerund: bool) -> Verb | None:
    """The verb at the cursor, unless the word is a thing here ("plant 30 cm left")."""
    cursor = context.cursor
    start = cursor.at
    noun = context.nouns.find(cursor)
    verb = cursor.match(VERBS)
    if verb is None and gerund:
        verb = cursor.match(INFLECTED)
        verb = verb if verb is not None and verb.form == "ing" else None
    if verb is None:
        cursor.at = start
        return None
    length = cursor.at - start
    if noun is not None and noun.is_in_scene and noun.length >= length:
        following = cursor.word(noun.length - length)
        ahead = noun.length - length
        is_object = following in ARTICLES or context.nouns.find_at(cursor, ahead) is not None
        if not is_object:
            cursor.at = start
            return None
    return verb


def _camera(context: Context, done: list[Operation]) -> list[Operation] | None:
    skip_polite(context)
    return camera_clause(context)


# Wishes -------------------------------------------------------------------------------------------------


def _wish(context: Context, done: list[Operation]) -> list[Operation] | None:
    cursor = context.cursor
    while not cursor.sees(ONLY_SEE) and cursor.word() in FILLERS and not _fills_a_role(context):
        cursor.at += 1
    if cursor.take(ONLY_SEE):
        ref = noun_phrase(context)
        context.topic = ref
        return (
            [Visibility(targets=ref, is_visible=True, is_isolate=True)] if ref is not None else None
        )
    if cursor.take(NO_LIKING):
        ref = noun_phrase(context, conjoined=False)
        context.topic = ref
        return [] if ref is not None else None  # what to do about it may follow
    for table, operation in ((NO_WISH, Visibility), (NO_NEED, Delete)):
        if cursor.take(table):
            says_more = cursor.word(-1) == "more"
            ref = noun_phrase(context)
            if ref is None:
                return None
            if cursor.take("to be <visible|seen|shown|there to see>|visible|shown"):
                operation = Visibility
            cursor.take(
                "anymore|any more|any longer|for now|right now|at the moment|now|here|in this room|please"
            )
            if says_more and ref.number == "one":
                ref = replace(ref, number="many")
            context.topic = ref
            return [
                Visibility(targets=ref, is_visible=False)
                if operation is Visibility
                else Delete(targets=ref)
            ]
    if not cursor.take(WISH):
        return None
    start = cursor.at
    if cursor.word(-1) == "see":
        ref = noun_phrase(context)
        if ref is not None and cursor.take("again"):
            context.topic = ref
            return [Visibility(targets=ref, is_visible=True)]
        cursor.at = start
    if cursor.word(-1) != "see" and not cursor.sees("to|you to"):
        added = add_clause(context, None, None)
        if added is not None:
            return added
        cursor.at = start
    valued = _value_for(context, done)
    if valued is not None:
        return valued
    cursor.at = start
    colored = _colored(context)
    if colored is not None:
        return colored
    cursor.at = start
    return _wished(context, done)


def _colored(context: Context) -> list[Operation] | None:
    """ "gimme a blue melon", where there is a melon."""
    cursor = context.cursor
    ref = noun_phrase(context, relations=False, conjoined=False)
    if (
        ref is None
        or ref.number != "any"
        or not context.nouns.count(ref.noun)
        or not 1 <= len(ref.attributes) <= 2
    ):
        return None
    color = ref.attributes[-1]
    finishes = [_FINISHES.get(attribute.value) for attribute in ref.attributes[:-1]]
    while cursor.word() in FILLERS:
        cursor.at += 1
    if (
        color.kind != "color"
        or color.value in ("light", "dark", "different")
        or not ends_clause(cursor)
        or None in finishes
    ):
        return None
    context.topic = replace(ref, number="one", attributes=())
    made = Material(
        targets=context.topic, color=looks.color_of(color.value), color_name=color.value
    )
    return [replace(made, **finish) for finish in finishes if finish] or [made]


_FINISHES: dict[str, dict[str, Any]] = {
    "matte": {"roughness": 0.9}, "shiny": {"roughness": 0.1}, "metal": {"metallic": 1.0},
}  # fmt: skip


def _wished(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "… the ball in the basket": where it shall be; "… the ball in the basket to be red": which it is."""
    cursor = context.cursor
    start = cursor.at
    ref, prop = target_of(context, "make")
    if ref is None:
        return None
    if ref.relations and not ref.pronoun and ends_clause(context.cursor):
        cursor.at = start
        ref, prop = target_of(context, "place")
        if ref is None:
            return None
    return _about(context, ref, prop, done, is_wish=True)


def _more(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "another green thing like that one"."""
    cursor = context.cursor
    cursor.take("and|also|then|maybe|please")
    at = cursor.at
    counted = quantities.number(cursor) is not None
    more = counted and cursor.sees("more|extra|additional|further")
    copied = counted and cursor.sees("<copies|clones|duplicates> of")
    cursor.at = at
    if copied:
        return copies_of(context, Verb("add", "add"))
    return add_clause(context, None, None) if more or cursor.sees(_ANOTHER) else None


# Statements ---------------------------------------------------------------------------------------------


def _subject(context: Context, done: list[Operation]) -> list[Operation] | None:
    """Clauses that begin with what they are about: "the bin should be red", "stool: 20 cm left", "both menus can go"."""
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
    found = _about(context, ref, prop, done)
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


def _about(
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
    said = _is_said(context, ref)
    if said is not None:
        return said
    too_far = _too_far(context, ref)
    if too_far is not None:
        return too_far
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
    if _is_remark(context):
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


def _is_remark(context: Context) -> bool:
    """ "the bin looks lost there, …": how it seems, and then what to do."""
    cursor = context.cursor
    if not cursor.take("looks|look|seems|seem|feels|feel"):
        return False
    cursor.take("a bit|a little|rather|quite|really|so|very|pretty|kind of|too|way too")
    token = cursor.peek()
    if (
        token is None
        or token.kind != "word"
        or token.word in ("at", "to", "toward", "towards", "like")
    ):
        return False
    if attribute_at(cursor) is None:
        cursor.at += 1
    cursor.take("there|here|like that|like this|to me|for me|in there|in here|now")
    return cursor.sees(",|.|!|;|:|-|so") and cursor.at + 1 < len(cursor.tokens)


def _modal_after_comma(context: Context) -> bool:
    """ "the chair at the front, on the left, should be red"."""
    cursor = context.cursor
    cursor.at += 1
    found = cursor.sees(MODAL) and not cursor.sees(
        "can you|could you|would you|will you|can we|could we"
    )
    cursor.at -= 1
    return found


def _too_far(context: Context, ref: Ref) -> list[Operation] | None:
    """ "this is 50 cm too far left": back by that."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take("is|are|stands|hangs|sits|'s"):
        length = quantities.length(cursor, needs_unit=True)
        if length is not None and cursor.take("too <far|much>|too"):
            way = cursor.match(_BACK_FROM)
            if way is not None:
                cursor.take("[,|.] [please] [so] <fix|correct|change|adjust> <that|it|this>")
                lifts = way in ("up", "down")
                return [Move(targets=ref, direction=way, distance=length.metres, is_lift=lifts)]
    cursor.at = start
    return None


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
        slots.verb = "place"
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
    cursor = context.cursor
    cursor.take("please")
    start = cursor.at
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


def _is_said(context: Context, ref: Ref) -> list[Operation] | None:
    """ "this one's a bottle", "Object.001 is a suitcase, name it that", "the floor lamp is called X"."""
    cursor = context.cursor
    start = cursor.at
    if not cursor.take(
        "<'s|is|are|was|shall be|should be|will be> [now|from now on|hereby|henceforth|actually"
        "|really]"
    ):
        return None
    if cursor.take("called|named|labelled|labeled|to be <called|named>|known as"):
        name = free_name(context)
        cursor.take("now|from now on|please")
        return [Rename(targets=ref, to=name)] if name else None
    if (
        cursor.take("a|an")
        and attribute_at(cursor) is None
        and not cursor.sees("bit|little|lot|touch|tad|shade")
    ):
        noun = context.nouns.find(cursor)
        token = cursor.peek()
        if noun is not None:
            cursor.at += noun.length
            context.said_name = noun.phrase
        elif token is not None and token.kind == "word":
            cursor.at += 1
            context.said_name = token.word
        if context.said_name and ends_clause(context.cursor):
            return [Rename(targets=ref, to=context.said_name, is_label=True)]
    cursor.at = start
    context.said_name = ""
    return None


# Fragments ----------------------------------------------------------------------------------------------


def _value_for(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "#1E90FF for the couch", "150 W in each of the lights", "a darker tone for the blanket would be nice"."""
    cursor = context.cursor
    start = cursor.at
    skip_polite(context)
    cursor.take("<use|apply|put|have> [the|a] [<color|colour|material|finish>]")
    cursor.take("a|an|some|the|more")
    slots = Slots()
    at = cursor.at
    found = context.nouns.find(cursor)
    if found is not None and context.nouns.count(found.phrase):
        cursor.at = start  # where there is one, "pumpkin on the floor" is no color of the floor
        return None
    for reader in (lights.light, looks.look, sizes.size, _spin):
        cursor.at = at
        if reader(context, slots) and cursor.at > at:
            break
    else:
        cursor.at = start
        return None
    cursor.take("paint|color|colour|finish|look|power")
    if not cursor.take("for|[in|to|from] each of|in|on|in each|as the color of|with|,"):
        cursor.at = start
        return None
    ref = noun_phrase(context)
    if ref is None:
        cursor.at = start
        return None
    cursor.take(_NICE)
    while cursor.word() in FILLERS:
        cursor.at += 1
    if not ends_clause(context.cursor):
        cursor.at = start
        return None
    context.topic = ref
    if not is_light(context, ref):
        slots.lamp.pop("temperature_k", None)
    slots.verb = "make"
    return operations(context, ref, slots) or None


def _spin(context: Context, slots: Slots) -> bool:
    """ "a 90 degree right turn with the couch"."""
    cursor = context.cursor
    angle = quantities.angle(cursor)
    if angle is None:
        return False
    if cursor.take("left|counterclockwise|anticlockwise"):
        slots.spin = 1
    elif cursor.take("right|clockwise"):
        slots.spin = -1
    cursor.take("turn|rotation|spin")
    slots.angle = angle
    return True


def _bare_values(context: Context, done: list[Operation]) -> list[Operation] | None:
    """ "…, and plain green", "20 cm to the left": about what was talked of."""
    cursor = context.cursor
    start = cursor.at
    skip_polite(context)
    adjusted = by_amount(context)
    if adjusted is not None:
        return adjusted
    target = context.topic if context.topic is not None and not done else IT
    slots = Slots(is_light=context.topic is not None and is_light(context, context.topic))
    complements(context, slots)
    known = (
        done
        or context.topic is not None
        or context.history.has_targets
        or context.nouns.vocabulary.num_selected
    )
    if cursor.at == start or slots.found <= 0 or not known:
        return None
    if cursor.take("with|for"):
        ref = noun_phrase(context)
        if ref is None:
            return None
        target = context.topic = ref
    cursor.take(_NICE)
    if (slots.factor or slots.percent) and not (slots.travels or slots.length or done):
        slots.verb = slots.verb or "make"
    slots.verb = slots.verb or (
        context.last_verb if done and context.last_verb == "rotate" else "move"
    )
    return operations(context, target, slots) or None
