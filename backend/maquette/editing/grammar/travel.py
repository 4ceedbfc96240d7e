"""Lengths and directions: "40 cm to the right", "towards me", "closer to the couch", "by (0.3, 0.2, 0)"."""

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases, phrases
from maquette.editing.grammar.relations import landmark
from maquette.editing.grammar.slots import Slots, Travel
from maquette.editing.plan import Direction

_MORE = "[over|further|farther|more|straight|directly|out|slightly|a bit further|a little further]"
_VIEWER = "<me|us|you|here|[the] camera|[the] viewer|my side|our side>"
_SIDE = "[<to|toward|towards|on> [the|my|our|your]] [far] {0} [hand] [side]"
DIRECTIONS: Phrases[tuple[Direction, bool]] = Phrases(
    {
        f"{_MORE} {_SIDE.format('left')}|leftward|leftwards|leftways|a left|to the viewer 's left": ("left", False),
        f"{_MORE} {_SIDE.format('right')}|rightward|rightwards|a right|to the viewer 's right": ("right", False),
        "[further|higher|straight] up [higher]|[straight] upward|upwards|higher [up]|into the air|skyward"
        "|<toward|towards|to> the ceiling": ("up", False),
        "[further|lower|straight] down [lower]|downward|downwards|lower [down]|<toward|towards> the <floor|ground>": (
            "down", False,
        ),
        f"[further|farther|straight|out|back] away [from {_VIEWER}]|<further|farther> [away|back|off] from {_VIEWER}"
        f"|<further|farther> <away|off|back>|off from {_VIEWER}|away|in the direction away from {_VIEWER}": (
            "away", False,
        ),
        "[straight|further] back|[straight|further] backwards|[straight] backward|<to|towards|into> the back"
        "|rearwards|deeper"
        "|into the <background|distance>|further in": ("away", True),
        f"[further|straight|closer|nearer|more|out|over] <to|toward|towards> {_VIEWER}|[a bit] <closer"
        f"|nearer> [to {_VIEWER}]"
        f"|in <my|our> direction|my way|in the direction of {_VIEWER}": ("toward", False),
        "[straight|further] forward|[straight] forwards|<to|towards|into> the <front|foreground>|frontwards": (
            "toward", True,
        ),
    }
)  # fmt: skip
_OWN: Phrases[Direction] = Phrases(
    {
        "[<to|toward|towards|on> <its|his|her|their>] [own] left [side]": "left",
        "[<to|toward|towards|on> <its|his|her|their>] [own] right [side]": "right",
        "[forward|forwards|straight] [in] the <direction|way> [that] <it|he> [is] <facing|faces|pointing|points"
        "|looking|looks>"
        "|in its [own|facing] direction|to its front|where it faces|in the direction of its front"
        "|forward the way it faces": "forward",
        "to its [own] back|the way opposite to where it faces|backwards from where it faces"
        "|opposite to the direction it faces"
        "|behind itself": "backward",
    }
)
_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
_TOWARD = phrases(
    "[a bit|a little|slightly|much|out|over|back|further|more] <closer|nearer> [to|towards|toward]"
    "|[out|over|back|further|more|straight] <towards|toward>|[out] in the direction of"
)
_FROM = phrases(
    "[back|out|off] away from|[a bit|a little|slightly|much] <further|farther> [away|off|back] from|<off|out"
    "|back> from|more away from"
)
_OUTWARD = phrases("out|over|across|along")


def travel(context: Context, slots: Slots) -> bool:
    """An amount, a way, or both."""
    cursor = context.cursor
    start = cursor.at
    if _offset(context, slots):
        return True
    cursor.at = start
    cursor.take("by|a distance of|for|another|exactly|only|just")
    length = quantities.length(cursor)
    if length is not None and cursor.take("of|more|times|each"):
        if not (length.has_unit and cursor.word(-1) == "more"):
            cursor.at = start
            return False
    elif length is None:
        cursor.at = start
    elif slots.relations and length.has_unit and _from_it(context):
        slots.travels.append(Travel(direction="away", length=length))
        return True
    way = direction(context)
    if slots.verb == "rotate" and way is not None and way.direction in ("left", "right"):
        return _turned(slots, way, length)
    if way is None:
        if length is None or (not length.has_unit and slots.length is not None):
            cursor.at = start
            return False
        if slots.travels and slots.travels[-1].length is None:
            slots.travels[-1].length = length
        else:
            slots.length = length
        return True
    if slots.verb == "rotate" and way.is_weak and length is None:
        return True  # "turn it back by 20 degrees"
    way.length = length
    if length is None and slots.length is not None and not slots.travels:
        way.length = slots.length
    slots.travels.append(way)
    return True


def _from_it(context: Context) -> bool:
    """ "(left of the table,) 10 cm from it"."""
    return context.cursor.take("[away|apart|distance|of distance|distant|off] from <it|them>")


def _turned(slots: Slots, way: Travel, length: quantities.Length | None) -> bool:
    """ "turn it 30 to the left", "turn it a bit left"."""
    if length is not None and length.is_bit:
        slots.angle = 15.0 * length.amount
    elif length is not None:
        if length.has_unit:
            return False
        slots.angle = length.amount
    slots.spin = 1 if way.direction == "left" else -1
    return True


def _offset(context: Context, slots: Slots) -> bool:
    """ "by (0.3, 0.2, 0)", "0.3 m along the +Y axis", "along x by 2"."""
    cursor = context.cursor
    cursor.take("by|a vector|the vector|offset|to")
    if cursor.word() in ("(", "["):
        offset = quantities.vector(cursor)
        if offset is not None:
            slots.travels.append(Travel(offset=offset, frame="world"))
        return offset is not None
    length = quantities.length(cursor)
    if not cursor.take("along|in|on|down|up|in the direction of"):
        return False
    cursor.take("the|its")
    cursor.take("positive|world|global")
    sign = -1.0 if cursor.take("negative|-|minus") else 1.0
    cursor.take("+|plus|and")
    axis = _AXES.get(cursor.word())
    if axis is None:
        return False
    cursor.at += 1
    cursor.take("axis|direction|axes")
    length = length or quantities.length(cursor) or slots.length
    if length is None or length.metres is None:
        return False
    x, y, z = (sign * length.metres * part + 0.0 for part in axis)
    slots.travels.append(Travel(offset=(x, y, z), frame="world"))
    slots.length = None
    return True


def direction(context: Context) -> Travel | None:
    """The way at the cursor."""
    cursor = context.cursor
    start = cursor.at
    own_length, plain_length = cursor.length_of(_OWN), cursor.length_of(DIRECTIONS)
    if own_length > plain_length:
        own = cursor.match(_OWN)
        return Travel(direction=own, frame="object")
    to_thing = _to_a_thing(context)
    if to_thing is not None:
        return to_thing
    found = cursor.match(DIRECTIONS)
    if found is not None:
        is_place = found[0] in ("left", "right") and cursor.sees("of|hand|'s|corner|edge|end|wall")
        if is_place or (
            cursor.word(-1) in ("closer", "nearer", "away", "off")
            and cursor.sees("to|from|together")
        ):
            cursor.at = start
            return None
        if cursor.match(_OWN) is not None:
            return Travel(direction="forward", frame="object")
        return Travel(direction=found[0], is_weak=found[1])
    if cursor.take(_OUTWARD):
        after = direction(context)
        if after is not None:
            return after
        cursor.at = start
    return None


def _to_a_thing(context: Context) -> Travel | None:
    """ "towards the couch", "closer to the bed", "away from the workbench"."""
    cursor = context.cursor
    start = cursor.at
    way: Direction = "toward"
    if not cursor.take(_TOWARD):
        way = "away"
        if not cursor.take(_FROM):
            return None
    ref = landmark(context, nested=False)
    if ref is None or cursor.sees("'s left|'s right|side"):
        cursor.at = start
        return None
    return Travel(direction=way, to=None if ref.pronoun == "viewer" else ref)
