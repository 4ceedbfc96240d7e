"""Angles, poses and facing: "45 degrees clockwise", "upside down", "so that it looks at the door"."""

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, Phrases, phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.slots import Facing, Slots
from maquette.editing.plan import Direction, Ref

_POSES = Phrases(
    {
        "on <its|their|the|one> <side|sides|back|backs|front|face> [on the floor]|onto <its|their> <side|back|front>"
        "|lying down|lie down|[down] flat [down] on <its|their> <side|back|front|face>|lying [on <its|their> side]"
        "|horizontal"
        "|horizontally|sideways on the floor|lie flat|lying flat": "lying",
        "upside down|on <its|their> <head|heads>|the other way up|top down|bottom up|head down|upside-down"
        "|wrong way up": "upside_down",
        "[back] upright [again]|[back] <the right way up|right side up>|[back] on <its|their> feet|back up again"
        "|[perfectly] vertical"
        "|up straight|back up": "upright",
    }
)  # fmt: skip
_SPINS = Phrases(
    {
        "[in an] <anticlockwise|anti clockwise|counter clockwise|counterclockwise> [direction]|against the clock": 1,
        "[in a] <clockwise|clock wise> [direction]|with the clock": -1,
    }
)
_AXES = Phrases(
    {
        "<about|around|on|along> [its|the] [own|vertical|z|up] <axis|center|centre>|<about|around> <itself"
        "|the vertical|z>": "up",
        "<about|around|on|along> [its|the] [own|local|world] <x|horizontal|sideways> [axis]": "sideways",
        "<about|around|on|along> [its|the] [own|local|world] <y|forward> [axis]": "forward",
    }
)  # fmt: skip
_HALF_TURNS = phrases(
    "[to] [point|face|look|facing|looking|pointing] [in] <the|its> <other|opposite> <way|direction> [around|round]"
    "|all the way <around|round>|the other way <around|round>|completely around|around completely|back to front"
)
_LOOK = "<face|faces|facing|look|looks|looking|point|points|pointing|aim|aimed|aims|gaze|stare|stares|staring>"
_FACE = phrases(
    f"[to|to be|be] {_LOOK} [straight|directly|right|over] [at|to|toward|towards|into|in the direction of]"
    "|<turned|turn|oriented|orient|directed|rotated> <to face|toward|towards|to|at>|<watch|watching>"
    "|[with] <its|their|the> <front|fronts|face> [turned|facing|pointing] <to|toward|towards|at|facing>"
    "|onto|toward|towards|to the direction of|in the direction of"
)  # fmt: skip
_AWAY = phrases(
    f"[to|to be|be] [{_LOOK[1:-1]}] away from|<turned|turn> away from"
    "|[to] [have|has|with|show|shows|turn|turned|turns] <its|their|the> <back|backs> [turned|facing] <to|toward"
    "|towards|on|against>"
)
_PARALLEL = phrases(
    "parallel <to|with>|aligned with|in the same direction as|[face|facing|look|looking|point"
    "|pointing] the same <way|direction>"
    " as"
)
_SIDES: Phrases[Direction] = Phrases(
    {
        "left|to the left|leftwards|the left": "left",
        "right|to the right|rightwards|the right": "right",
        "away [from <me|us|the camera|the viewer>]|backwards|to the back|the back": "away",
        "forward|forwards|to the front|the front": "toward",
    }
)


def pose(context: Context, slots: Slots) -> bool:
    """ "on its side", "upright"."""
    found = context.cursor.match(_POSES)
    if found is not None and (
        context.nouns.find(context.cursor) is not None or context.cursor.sees("of")
    ):
        return False  # "on the back wall"
    slots.pose = found or slots.pose
    return found is not None


def spin(context: Context, slots: Slots) -> bool:
    """Angles, clockwise and anticlockwise, axes, "the other way round"."""
    cursor = context.cursor
    start = cursor.at
    way = cursor.match(_SPINS)
    if way is not None:
        slots.spin = way
        return True
    axis = (
        cursor.match(_AXES) if slots.verb in ("rotate", "tip", "turn_around", "upend", "") else None
    )
    if axis is not None:
        slots.axis = axis
        return True
    cursor.take("a") if cursor.word(1) not in ("bit", "little") else None
    angle = quantities.angle(cursor)
    if angle is not None:
        slots.angle = angle
        slots.spin = cursor.match(_SPINS) or slots.spin
        if cursor.take("[turn|rotation|turns] <to the left|left|to its left|leftwards>"):
            slots.spin = 1
        elif cursor.take("[turn|rotation|turns] <to the right|right|to its right|rightwards>"):
            slots.spin = -1
        cursor.take("turn|rotation|turns|spin")
        return True
    cursor.at = start
    if cursor.take("a spin of|a turn of|a rotation of"):
        slots.angle = quantities.angle(cursor, bare=True)
        return slots.angle is not None
    cursor.take("so that it [now] <faces|points|looks>|to")
    if cursor.take(_HALF_TURNS):
        slots.angle = 180.0
        return True
    cursor.at = start
    return False


def facing(context: Context, slots: Slots) -> bool:
    """ "facing the door", "away from me", "its back to the bar", "parallel to the wall"."""
    cursor = context.cursor
    start = cursor.at
    turns = slots.verb in ("rotate", "face", "turn_around")
    found = Facing()
    if cursor.take(_PARALLEL):
        found.is_parallel = True
    else:
        away, toward = cursor.length_of(_AWAY), cursor.length_of(_FACE)
        word = cursor.word()
        if away and away >= toward:
            if word == "away" and not turns:
                return False
            found.is_away = True
            cursor.at += away
        elif toward and (
            turns or toward > 1 or word not in ("onto", "toward", "towards", "in", "to")
        ):
            if word in ("to", "in") and not turns and not cursor.sees(f"to [be] {_LOOK}"):
                return False
            cursor.at += toward
        elif turns and slots.angle is None and word in ("at", "to", "on", "into"):
            cursor.at += 1
        else:
            return False
    if not found.is_parallel and not found.is_away:
        cursor.take("exactly|directly|straight|right at")
        if slots.verb == "rotate" and _has_angle(cursor, slots):
            cursor.at = start
            return False  # "turned to the left by 35 degrees"
        found.direction = cursor.match(_SIDES)
        if found.direction is not None and not cursor.sees("wall|corner|side|of|door|one"):
            slots.facing = found
            return True
        found.direction = None
        if cursor.take("each other|one another|inward|inwards"):
            found.to = Ref(words="each other", pronoun="them", number="many")
            slots.facing = found
            return cursor.word(-1) not in ("inward", "inwards")
    found.to = noun_phrase(context)
    if found.to is None:
        cursor.at = start
        return False
    slots.facing = found
    return True


def _has_angle(cursor: Cursor, slots: Slots) -> bool:
    """Whether an angle stands beside "to the left"."""
    start = cursor.at
    if not cursor.take("[the] <left|right>"):
        return False
    found = slots.angle is not None or quantities.angle(cursor) is not None
    if not found and cursor.take("by"):
        found = quantities.number(cursor) is not None
    cursor.at = start
    return found
