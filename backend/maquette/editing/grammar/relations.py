"""How things lie to each other: "on top of the shelf", "60 cm to the right of it", "in the far left corner"."""

from dataclasses import dataclass, replace

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import MATERIALS, ORDINALS, ROOMS, color_name
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases, words
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.plan import Ref, Relation, RelationKind


@dataclass(frozen=True)
class _Preposition:
    kind: RelationKind
    is_goal: bool = False  # "onto", "to": where something goes, never where it is


_P = _Preposition
_JUST = "[just|right|directly|immediately|straight|exactly]"
PREPOSITIONS: Phrases[_Preposition] = Phrases(
    {
        "[down|up|over|back|resting|sitting|right] on|[right|up|back|on] on top of|atop|upon|on top": _P("on"),
        "[down|up|over|back|right] <onto|on to> [the top of]|[on|over] to the top of": _P("on", True),
        "in [side]|inside [of]|within": _P("in"),
        "[back|down|right] <into|in to>": _P("in", True),
        "[down|right|in] <under|underneath|beneath|below>|under neath": _P("under"),
        f"[high] {_JUST} <above|over>": _P("above"),
        f"{_JUST} <next to|beside|alongside|by|adjacent to|next door to>|[at|by|to|on] the side of|close by"
        f"|beside of|along side"
        "|side by side with|side by side to": _P("next_to"),
        "[very|really|quite|right|as] <near|close to|near to|close as possible to|near as possible to|close to>"
        "|in the vicinity of"
        "|not far from|around the area of|in the neighbourhood of|in the neighborhood of": _P("near"),
        "far [away] from|away from": _P("far_from"),
        "[right] [up|flush|flat|back|hard] against|flush with": _P("against"),
        "[all] <around|round>|encircling|surrounding": _P("around"),
        f"{_JUST} <opposite [to|of]|across from>": _P("opposite"),
        f"{_JUST} [<to|on|at>] [the] left [hand] [side] of": _P("left_of"),
        f"{_JUST} [<to|on|at>] [the] right [hand] [side] of": _P("right_of"),
        f"{_JUST} <in front of|infront of|before>|in the front of": _P("in_front_of"),
        f"{_JUST} <behind|in back of|to the rear of|at the <rear|back> of>": _P("behind"),
        "<hanging|suspended|hung|down> from": _P("hanging_from"),
        "leaning <on|against>|propped [up] against": _P("leaning_on"),
        f"{_JUST} <onto|to|into> the [dead|exact|very] <middle|center|centre> of": _P("at_center", True),
        f"{_JUST} [bang] <in|at|on> the [dead|exact|very] <middle|center|centre> of|<centred"
        f"|centered> <on|in>|centrally on": _P(
            "at_center"
        ),
        "touching|in contact with": _P("touching"),
        "facing": _P("facing"),
        "at": _P("at"),
        "[over|back|across|up|out|through] to": _P("at", True),
        "in [the] <place|spot|position> of|at the <place|spot> of|instead of": _P("in_place_of"),
        "<attached|fixed|fastened> to|mounted on": _P("attached_to"),
        "[exactly|right|somewhere|half way|midway|squarely|centrally] [in] [the] [middle] [in] between": _P("between"),
    }
)  # fmt: skip
_EDGES = Phrases(
    {
        "left [hand]": "left", "right [hand]": "right", "front": "front", "back|far|rear": "back", "near": "front",
        "<far|back|rear> left|left <far|back>|top left": "back left",
        "<far|back|rear> right|right <far|back>|top right": "back right",
        "<front|near|bottom> left": "front left", "<front|near|bottom> right": "front right", "other|opposite": "other",
        "top|upper": "top", "bottom|lower": "bottom",
    }
)  # fmt: skip
_OWN_SIDES: Phrases[RelationKind] = Phrases(
    {
        "left [hand] [side]": "left_of",
        "right [hand] [side]": "right_of",
        "front [side]": "in_front_of",
        "back [side]|rear": "behind",
    }
)
_LEVELS: Phrases[str] = Phrases(
    {
        "top|upper|uppermost|topmost|highest": "top",
        "bottom|lower|lowest|lowermost": "bottom",
        "middle|center|centre": "middle",
    }
)
_BOARDS = phrases("shelf|board|level|tier|shelves|boards|compartment|row")
_WITH_BOARDS = words("shelf rack bookcase bookshelf shelves shelving")
_ROOM = phrases(f"<the|this|my> [whole] <{ROOMS}>")
_ADVERB = phrases(
    "just|right|directly|straight|exactly|immediately|anywhere|somewhere|close|down|up|over|back|neatly|safely|out"
    "|nicely|all the way"
)
_REMARKS = phrases(
    "<anywhere|somewhere> [that is] [free]|wherever <it fits|there is <room|space>|you like>|where <it fits"
    "|there is <room|space>>"
    "|if it fits|anywhere you like|if possible|as it was|where it was before"
)
_NO_RELATION = phrases(
    "in <a|one> [straight|neat|single|nice|tidy|2|two|3|three] <row|line|circle|ring|grid|stack|pile|queue|group"
    "|square>|in the direction"
    "|on <its|their> <side|sides|back|front|head>|by itself|in line|to face|at once|in order|in half|to <scale|size>"
)
_TOP = phrases("the <top|roof|surface|seat|lid|upper side|upper surface> of")
_STOOD = phrases(
    "[<now|currently|just>] <stands|stand|is|are|was|were|stood|sat|lay|rested|hung|sits|lies|rests|hangs|used to be"
    "|used to stand"
    "|had been|has been|'s> [standing|sitting|lying|hanging] [<now|before|currently|right now|at the moment|earlier>]"
)
words("edge corner side end where there room anywhere somewhere free same")


def relation(context: Context, *, nested: bool = False) -> tuple[Relation, bool] | None:
    """The relation at the cursor, and whether its words can only be a goal ("onto")."""
    cursor = context.cursor
    start = cursor.at
    gap = quantities.length(cursor, needs_unit=True)
    at = cursor.at
    found = _any(context, gap is not None, nested=nested)
    if found is None:
        cursor.at = at
        found = _any(context, gap is not None, nested=nested) if cursor.take(_ADVERB) else None
    if found is None or (
        gap and found[0].kind in ("on", "in", "under", "at") and not found[0].side
    ):
        cursor.at = start
        return None
    if gap is not None and gap.metres is not None:
        found = (replace(found[0], distance=gap.metres), found[1])
    at = cursor.at
    cursor.take(",")
    if not cursor.take(_REMARKS):
        cursor.at = at
    return found


def _any(context: Context, gap: bool, *, nested: bool) -> tuple[Relation, bool] | None:
    cursor = context.cursor
    start = cursor.at
    for reader in (_corner, _bed_end, _edge, _own_side, _place_of, _shelf):
        found = reader(context, gap)
        if found is not None:
            return found
        cursor.at = start
    return _plain(context, nested=nested)


def _corner(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    """ "in the far left corner of the room", "into a corner"."""
    cursor = context.cursor
    is_goal = cursor.sees("into|to")
    if not cursor.take("in|into|to|at|on|inside"):
        return None
    cursor.take("the|a|any|one|that")
    side = cursor.match(_EDGES) or ""
    if not cursor.take("corner|corners"):
        return None
    side = _sides_after(cursor, side)
    return Relation(kind="in_corner", to=_of(context) or (), side=side), is_goal


def _sides_after(cursor: Cursor, side: str) -> str:
    """ "(into the corner) on the left at the back"."""
    if side:
        return side
    across = depth = ""
    for _ in range(2):
        if cursor.take("[<on|at|to> the] <left|right> [side]"):
            across = "left" if "left" in (cursor.word(-1), cursor.word(-2)) else "right"
        elif cursor.take("[<in|at> the] <back|rear|front>"):
            depth = "front" if cursor.word(-1) == "front" else "back"
        cursor.take(",|and") if cursor.word(1) in ("at", "in", "on") else None
    return f"{depth} {across}".strip()


def _of(context: Context) -> tuple[Ref, ...] | None:
    """ "of the table"; () for the room; None where nothing is said."""
    cursor = context.cursor
    at = cursor.at
    if cursor.take("of|in|on"):
        if cursor.take(_ROOM):
            return ()
        ref = noun_phrase(context, relations=False, conjoined=False)
        if ref is not None:
            return (ref,)
    cursor.at = at
    return None


def _edge(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    """ "at the left edge of the table", "on the far end of the shelf", "at the front of the desk"."""
    cursor = context.cursor
    start = cursor.at
    is_goal = cursor.sees("to|onto|toward|towards")
    if not cursor.take("at|on|to|onto|by|near|along|toward|towards"):
        return None
    cursor.take("the|an|a|one|its|very|each|every")
    side = cursor.match(_EDGES) or ""
    kind: RelationKind | None = None
    if cursor.take("edge|rim|border"):
        kind = "at_edge"
    elif cursor.take("end|ends") or (side in ("back", "front", "other") and cursor.take("side")):
        kind = "at_end"
    elif side == "front" and cursor.word(start - cursor.at) == "at" and cursor.sees("of"):
        kind = "at_edge"
    if kind is None:
        return None
    to = _of(context)
    if not to and kind != "at_edge":
        return None
    return Relation(kind=kind, to=to or (), side=side), is_goal


def _bed_end(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    """ "at the foot of the bed", "to the head of the table": before or behind it, by its own front."""
    cursor = context.cursor
    is_goal = cursor.sees("to")
    if not cursor.take("<at|to|by|near> the <foot|foot end|head|head end> of"):
        return None
    kind: RelationKind = "in_front_of" if "foot" in (cursor.word(-2), cursor.word(-3)) else "behind"
    owner = noun_phrase(context, relations=False, conjoined=False)
    return (
        (Relation(kind=kind, to=(owner,), frame="object"), is_goal) if owner is not None else None
    )


def _own_side(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    """ "on the bench's left", "to its right": "its left side" is by the thing's own front."""
    cursor = context.cursor
    if not cursor.take("on|to|at|onto") or (gap and cursor.sees("its|his|her")):
        return None
    own: Ref | None = None
    if cursor.take("its [own]|his|her|their"):
        own = Ref(words="it", pronoun="it")
    else:
        own = noun_phrase(context, relations=False, conjoined=False)
        if own is None or not cursor.take("'s"):
            return None
    is_own = cursor.take("own") or bool(own.pronoun)
    kind = cursor.match(_OWN_SIDES)
    if kind is None:
        return None
    is_own = is_own or cursor.word(-1) == "side"
    return Relation(kind=kind, to=(own,), frame="object" if is_own else "viewer"), False


def _place_of(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    """ "where the cake is", "to where the lamp stood", "at the vase's place"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("to|at|exactly|in|into|on|from")
    if cursor.take("where|<the|that> <spot|place|position> where|wherever"):
        ref = noun_phrase(context, relations=False, conjoined=False)
        if ref is not None and cursor.take(_STOOD):
            return Relation(kind="in_place_of", to=(ref,)), True
        return None
    cursor.at = start
    if cursor.take("<in|at|to|into|on> <its|their> [old] <place|spot|position|stead>"):
        return Relation(kind="in_place_of", to=(Ref(words="it", pronoun="it"),)), True
    if cursor.take("in|at|into|to|on"):
        ref = noun_phrase(context, relations=False, conjoined=False)
        if (
            ref is not None
            and cursor.take("'s")
            and cursor.take("[old] <place|spot|position|location>")
        ):
            return Relation(kind="in_place_of", to=(ref,)), True
    return None


def _shelf(context: Context, gap: bool) -> tuple[Relation, bool] | None:
    """ "on the upper shelf", "on the bookshelf's lowest board", "on the second board of the rack"."""
    cursor = context.cursor
    is_goal = cursor.sees("onto|to")
    if not cursor.take("on|onto|to|in|at|into"):
        return None
    inner = cursor.at
    owner = noun_phrase(context, relations=False, conjoined=False)
    if owner is None or not cursor.take("'s"):
        cursor.at, owner = inner, None
        cursor.take("the|its")
    side = _level(cursor)
    if not side or not cursor.sees(_BOARDS):
        return None
    noun = context.nouns.find(cursor)
    phrase = noun.phrase if noun is not None and noun.is_in_scene else ""
    many = bool(phrase) and context.nouns.count(phrase) > 1
    cursor.take(_BOARDS)
    if owner is None:
        owner = next(iter(_of(context) or ()), None)
    if owner is None and phrase and not many:
        owner = Ref(words=phrase, noun=phrase)
    if owner is None and not phrase:
        owner = context.nouns.only_one(_WITH_BOARDS)
    return (Relation(kind="on", to=(owner,), side=side), is_goal) if owner is not None else None


def _level(cursor: Cursor) -> str:
    named = cursor.match(_LEVELS)
    if named is not None:
        return named
    ordinal = cursor.match(ORDINALS)
    return "" if ordinal is None else f"{ordinal + 1}" if ordinal >= 0 else "top"


def _plain(context: Context, *, nested: bool) -> tuple[Relation, bool] | None:
    cursor = context.cursor
    start = cursor.at
    if cursor.sees(_NO_RELATION):
        return None
    if cursor.sees("<on|in|at> the same"):
        return None if cursor.word() == "in" and _is_color(context, 3) else _same(context)
    if cursor.word() == "by" and _is_amount(cursor):
        return None
    preposition = cursor.match(PREPOSITIONS)
    if preposition is None:
        return None
    if preposition.kind == "between":
        return _between(context, start)
    if preposition.kind == "in" and _is_color(context):
        cursor.at = start
        return None
    if preposition.kind in ("at_center", "in") and cursor.take(_ROOM):
        room = Ref(words="the room", noun="floor")
        return (
            (Relation(kind="at_center", to=(room,)), preposition.is_goal)
            if preposition.kind == "at_center"
            else None
        )
    cursor.take("each of")
    is_top = cursor.take(_TOP) if preposition.kind == "on" else False
    to = landmark(context, nested=nested)
    if to is not None and preposition.kind == "on" and not is_top:
        cursor.take("'s <top|roof|surface|seat|lid|upper side|upper surface>")
    if to is None or cursor.sees("'s <front|back|left|right>"):
        cursor.at = start
        return None
    if preposition.kind == "at" and context.nouns.is_kind(to.noun, "wall"):
        preposition = replace(preposition, kind="against")
    return Relation(kind=preposition.kind, to=(to,)), preposition.is_goal


def _is_amount(cursor: Cursor) -> bool:
    """ "by a third", "by 20": no neighbour."""
    at = cursor.at
    found = quantities.factor(cursor) is not None
    cursor.at = at + 1
    found = found or quantities.number(cursor) is not None
    cursor.at = at
    return found


def _is_color(context: Context, ahead: int = 0) -> bool:
    """ "in light blue", "in matt grey": no place."""
    cursor = context.cursor
    at = cursor.at
    cursor.at += ahead
    cursor.take("a|an|the same|some")
    while cursor.match(MATERIALS) is not None or cursor.take("nice|deep|rich|plain|simple|pure"):
        pass
    found = bool(color_name(cursor)) and not cursor.sees("one|ones|thing")
    found = found and context.nouns.find(cursor) is None
    cursor.at = at
    return found


def landmark(context: Context, *, nested: bool) -> Ref | None:
    """What the relation is to. "the wall behind it", where there are several walls, needs what follows to be known."""
    cursor = context.cursor
    start = cursor.at
    to = noun_phrase(context, relations=nested, conjoined=False)
    if (
        to is None
        or nested
        or to.number != "one"
        or to.attributes
        or to.order
        or to.relations
        or not to.noun
    ):
        return to
    if not context.nouns.is_kind(to.noun, "wall") or context.nouns.count(to.noun) < 2:
        return to
    cursor.at = start
    return noun_phrase(context, conjoined=False)


def _same(context: Context) -> tuple[Relation, bool] | None:
    """ "on the same surface": the one that the thing talked of is on."""
    cursor = context.cursor
    start = cursor.at
    cursor.at += 3
    noun = context.nouns.find(cursor)
    phrase = ""
    if noun is not None:
        cursor.at += noun.length
        phrase = noun.phrase
    elif not cursor.take("spot|place|thing|one|piece of furniture"):
        cursor.at = start
        return None
    thing = context.topic or Ref(words="it", pronoun="it")
    holder = Ref(words=phrase, noun=phrase, relations=(Relation(kind="supporting", to=(thing,)),))
    return Relation(kind="on", to=(holder,)), False


def _between(context: Context, start: int) -> tuple[Relation, bool] | None:
    cursor = context.cursor
    first = noun_phrase(context, relations=False, conjoined=False)
    if first is None:
        cursor.at = start
        return None
    if first.pronoun == "rest" and cursor.word(-1) == "two":
        first = replace(
            first, pronoun="other", number="one"
        )  # "between the other two": of its kind
    to = [replace(first, also=()), *first.also]
    at = cursor.at
    if cursor.take("and [also]"):
        second = noun_phrase(context, relations=False, conjoined=False)
        if second is None:
            cursor.at = at
        else:
            if not second.noun and not second.pronoun:
                second = replace(second, noun=first.noun)
            if not first.noun and not first.pronoun:
                to[0] = replace(to[0], noun=second.noun)
            to.append(second)
    return Relation(kind="between", to=tuple(to)), False
