"""The camera: move, pan, tilt, roll, orbit, zoom, aim, frame, look through, height, field of view, from the top."""

from typing import Any, cast

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import ORDINALS
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases, phrases
from maquette.editing.grammar.frames import ends_clause
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.verbs import VERBS, Verb
from maquette.editing.plan import Camera, Direction, Operation, Ref

_CAMERA = phrases(
    "[the|my|our|this|your] [current] <camera|cam|viewpoint|viewer|lens|point of view|camera view|vantage point>"
    "|<the|my|our> [current] view"
)
_WAYS: Phrases[Direction] = Phrases(
    {
        "up|upward|upwards|higher": "up",
        "down|downward|downwards|lower": "down",
        "[to|towards] [the|my] left|leftwards|anticlockwise|counterclockwise": "left",
        "[to|towards] [the|my] right|rightwards|clockwise": "right",
        "in|forward|forwards|closer|ahead|nearer|into the scene": "forward",
        "[further] <out|back|backward|backwards|away>|out of the scene": "backward",
    }
)
_TOP = phrases(
    "[a|the] <top|top down|plan|birds eye|bird 's eye> view [of <it|this|everything|the scene|the room"
    "|the whole scene>]"
    "|[a] [view] from <above|the top|the ceiling|overhead>|straight down"
)
_SHOW = phrases(
    "show me|show|give me|let me see|i want to see|see|view|look at|switch to|go to|change to"
    "|put the camera on"
)
_SCENE = phrases("the [whole|entire] <scene|room|thing>|everything|it|this|a|the view|the")
_AROUND = phrases("around|about|round")
_TOWARD = phrases("[in|up] <closer|nearer> to|towards|toward|closer|nearer|up to")
_LOOK = phrases(
    "[to] <look|looks|looking|face|faces|facing|point|points|pointing|aim> [straight|directly] [at|to"
    "|toward|towards|into|on]|at"
)
_NOISE = phrases(
    "by|a|about|around by|further|camera|the camera|,|please|straight|another|for|horizontally"
    "|vertically|some more"
)
_HEIGHT = phrases("[to|at] [a] height [of|to|at]|<up|down> to [a height of]|at")
_LENS = phrases("<field of view|fov|angle of view|viewing angle> [of|to|at|=|is]")


def camera_clause(context: Context) -> list[Operation] | None:
    """A clause that begins with the camera or a view: "camera up 20 cm", "top view", "field of view 60"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_TOP):
        return [Camera(action="top")]
    if cursor.take(_SHOW):
        cursor.take(_SCENE)
        if cursor.take(_TOP):
            return [Camera(action="top")]
        cursor.at = start
        if cursor.take("show me|show|give me|let me see|i want to see") and cursor.take(
            "the view <from|of|through>"
        ):
            return _through(context)
        cursor.at = start
    cursor.take("set|change|make|use|the|a")
    cursor.take("the|a")
    if cursor.take(_LENS):
        return _field_of_view(context)
    cursor.at = start
    if cursor.take("<get|step|go|come|walk|back> [a bit|a little|slightly]"):
        if cursor.word(-1) != "back" and not cursor.sees("back|closer|nearer|forward|in|away"):
            cursor.at = start
        elif context.nouns.find(cursor) is None:
            moved = _step(context)
            if moved is not None:
                return moved
    cursor.at = start
    if cursor.take(_CAMERA):
        if cursor.take("'s"):
            return _property(context)
        cursor.take(":|should|must|needs to|has to|→|can|could|to")
        cursor.take("be|go|move|come|<set|placed|put> [to]")
        return _moved(context, "move")
    if cursor.take("tilt|roll") and (cursor.sees(_WAYS) or quantities.angle(cursor) is not None):
        cursor.at = start + 1
        return _turned(context, cursor.word(-1))
    cursor.at = start
    return None


def camera_command(context: Context, verb: Verb) -> list[Operation] | None:
    """An instruction whose verb has been read; None where it is for a thing."""
    cursor = context.cursor
    if verb.kind == "zoom":
        return _zoom(context, verb)
    if verb.kind == "frame":
        ref = noun_phrase(context)
        cursor.take(
            "<in|for|with|within> <the|my> <camera|cam|shot|frame|viewport|image|lens>"
            "|in the view|with the camera|in the picture|in the <center|centre>|with the cam"
        )
        return [Camera(action="frame", to=ref)] if ref is not None else None
    if (
        verb.kind == "view"
        or verb.base in ("use", "activate")
        or (verb.base.split()[0] in ("switch", "change", "go") and cursor.sees("to"))
    ):
        return _through(context)
    if verb.kind == "show":
        cursor.take("me")
        cursor.take(_SCENE)
        return [Camera(action="top")] if cursor.take(_TOP) else None
    start = cursor.at
    explicit = cursor.take(_CAMERA)
    if verb.kind == "orbit" and not explicit and cursor.sees(VERBS):
        return None
    if verb.kind in ("pan", "orbit", "dolly"):
        return _action(context, {"pan": "pan", "orbit": "orbit", "dolly": "move"}[verb.kind])
    if not explicit:
        named = (
            cursor.take("[the] camera <height|position> [of|to]")
            if cursor.sees("the camera height|camera height")
            else False
        )
        return _height(context) if named else None
    if cursor.take("'s"):
        return _property(context)
    if cursor.take("height [to|at|of]"):
        return _height(context)
    if verb.base in ("tilt", "tip", "roll", "lean"):
        return _turned(context, "roll" if verb.base == "roll" else "tilt")
    if verb.kind in ("delete", "hide", "duplicate", "rename", "select", "paint"):
        cursor.at = start
        return None
    return _moved(context, verb.kind)


def _amount(context: Context) -> tuple[Direction | None, float | None, bool]:
    """Direction, amount (None: a bit), and whether it is an angle; in any order."""
    cursor = context.cursor
    direction: Direction | None = None
    amount: float | None = None
    is_angle = False
    for _ in range(6):
        angle = quantities.angle(cursor)
        if angle is not None:
            amount, is_angle = angle, True
            continue
        length = quantities.length(cursor)
        if length is not None:
            amount = length.metres if length.metres is not None else amount
            continue
        found = cursor.match(_WAYS)
        if found is not None:
            direction = found
        elif not cursor.take(_NOISE):
            break
    return direction, amount, is_angle


def _operation(action: str, **values: Any) -> list[Operation]:
    return [Camera(action=cast(Any, action), **values)]


def _action(context: Context, action: str) -> list[Operation] | None:
    """ "pan left 20 degrees", "orbit 45 degrees around the table", "dolly in by 50 cm"."""
    cursor = context.cursor
    direction, amount, _ = _amount(context)
    to: Ref | None = None
    if cursor.take(_AROUND) or cursor.take(_TOWARD) or cursor.take("to|at"):
        to = noun_phrase(context)
        if to is None:
            return None
        again = _amount(context)
        direction, amount = direction or again[0], amount if amount is not None else again[1]
    elif action == "orbit" and direction is None and amount is None:
        to = noun_phrase(context)
        if to is None:
            return None
        direction, amount, _ = _amount(context)
    if action == "move" and direction is None and to is not None:
        direction = "toward"
    return _operation(action, direction=direction, amount=amount, to=to)


def _zoom(context: Context, verb: Verb) -> list[Operation] | None:
    cursor = context.cursor
    is_out = verb.base.endswith("out") or cursor.take("out")
    cursor.take("[in] [the <camera|view>|camera]")
    is_out = cursor.take("out") or is_out
    cursor.take(
        "in|[just] a [little|tiny] bit [more]|a little [more]|slightly|more|further|closer|please|by a bit"
    )
    if cursor.take("[in|closer|out] <on|to|onto|at>"):
        at = cursor.at
        ref = noun_phrase(context)
        if ref is not None:
            return _operation("frame", to=ref)
        cursor.at = at - 1
    by = cursor.take("by|to")
    percent = quantities.percent(cursor)
    factor = quantities.factor(cursor) if percent is None else 1 + percent
    if factor is None and by:
        factor = quantities.number(cursor)
    factor = factor or 1.25
    return _operation("zoom", amount=1 / factor if is_out and factor > 1 else factor)


def _through(context: Context) -> list[Operation] | None:
    """ "switch to the front camera view", "use camera 2", "go to the second camera"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("[to] [the] [view <to|from|of|through>]")
    cursor.take("the")
    names = context.nouns.vocabulary.cameras
    if cursor.take(_TOP) and not any("top" in name.lower() for name in names):
        return _operation("top")
    cursor.at = start
    cursor.take("[to|from|through] [the] [view <to|from|of|through>]")
    cursor.take("the")
    token = cursor.peek()
    for name in names:
        if token is not None and token.word in (name.lower(), name.lower().replace("_", " ")):
            cursor.at += 1
            cursor.take("view|camera")
            return _operation(
                "look_through", targets=Ref(words=name, noun=name.lower(), ids=(name,))
            )
    at = cursor.at
    ordinal = cursor.match(ORDINALS)
    if ordinal is not None and cursor.take("camera|cam|view|viewpoint") and names:
        name = names[ordinal] if -1 <= ordinal < len(names) else ""
        if name:
            return _operation(
                "look_through", targets=Ref(words=name, noun=name.lower(), ids=(name,))
            )
    cursor.at = at
    words: list[str] = []
    while len(words) < 3 and not cursor.is_done and not cursor.sees("camera|view|cam|viewpoint"):
        words.append(cursor.word())
        cursor.at += 1
    if not cursor.take("camera view|camera|view|cam|viewpoint"):
        cursor.at = start
        return None
    token = cursor.peek()
    if (
        not words
        and token is not None
        and token.kind in ("number", "word")
        and not cursor.sees("please|now|and|then")
    ):
        words.append(token.word)
        cursor.at += 1
    return _operation("look_through", targets=Ref(words=" ".join(words), noun=" ".join(words)))


def _height(context: Context) -> list[Operation] | None:
    length = quantities.length(context.cursor)
    if length is None or length.metres is None:
        return None
    context.cursor.take("high|height|above the <floor|ground>|off the <floor|ground>")
    return _operation("height", amount=length.metres)


def _field_of_view(context: Context) -> list[Operation] | None:
    angle = quantities.angle(context.cursor, bare=True)
    return _operation("field_of_view", amount=angle) if angle is not None else None


def _property(context: Context) -> list[Operation] | None:
    """ "the camera's height to 1.6 m"."""
    cursor = context.cursor
    if cursor.take("height [to|at|of|should be|is]"):
        return _height(context)
    if cursor.take(_LENS):
        return _field_of_view(context)
    return None


def _step(context: Context) -> list[Operation] | None:
    """ "get closer to the sofa", "step back a little": the viewer is the camera."""
    cursor = context.cursor
    if cursor.word(-1) == "back":
        cursor.at -= 1
    if cursor.take(_TOWARD):
        to = noun_phrase(context)
        if to is None and not cursor.is_done:
            return None
        amount = _amount(context)[1]
        return _operation("move", direction="toward" if to else "forward", amount=amount, to=to)
    direction, amount, _ = _amount(context)
    if direction not in ("forward", "backward") or not (
        cursor.is_done or cursor.sees(",|.|and|please|!")
    ):
        return None
    return _ways(context, direction, amount)


def _ways(context: Context, direction: Direction | None, amount: float | None) -> list[Operation]:
    """ "one metre back and a bit up": a move for each way."""
    cursor = context.cursor
    result = _operation("move", direction=direction, amount=amount)
    at = cursor.at
    while cursor.take(", and|and|,"):
        way, far, is_angle = _amount(context)
        if way is None or is_angle or not ends_clause(cursor):
            cursor.at = at
            break
        result += _operation("move", direction=way, amount=far)
        at = cursor.at
    return result


def _turned(context: Context, kind: str) -> list[Operation] | None:
    direction, amount, _ = _amount(context)
    if direction is None and amount is None:
        return None
    return _operation(kind, direction=direction, amount=amount)


def _moved(context: Context, verb: str) -> list[Operation] | None:
    """The camera as the object of a common verb."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_LOOK) or verb == "face":
        direction, amount, _ = _amount(context)
        if direction is not None:
            return _operation(
                "tilt" if direction in ("up", "down") else "pan", direction=direction, amount=amount
            )
        cursor.take("at|to|towards|toward|on")
        ref = noun_phrase(context)
        return _operation("aim", to=ref) if ref is not None else None
    if cursor.take("zoom") or cursor.take("pan|tilt|roll|orbit"):
        word = cursor.word(-1)
        if word == "zoom":
            return _zoom(context, Verb("zoom", "zoom"))
        return _action(context, "orbit") if word == "orbit" else _turned(context, word)
    if verb in ("raise", "lower"):
        if cursor.take("[up|down] to"):
            return _height(context)
        cursor.take("up|down")
        _, amount, _ = _amount(context)
        return _operation("move", direction="up" if verb == "raise" else "down", amount=amount)
    if cursor.take(_AROUND) and not cursor.sees("by"):
        to = noun_phrase(context)
        direction, amount, _ = _amount(context)
        if to is None and amount is None:
            amount = 180.0
        return _operation(
            "orbit" if to is not None else "pan", to=to, direction=direction, amount=amount
        )
    direction, amount, is_angle = _amount(context)
    if direction == "forward" and cursor.sees("to"):
        direction = None
        cursor.at -= 1
    if cursor.take(_TOWARD) or cursor.take("to"):
        to = noun_phrase(context)
        if to is None:
            return None
        amount = _amount(context)[1] if amount is None else amount
        return _operation("move", direction="toward", amount=amount, to=to)
    if cursor.take(_AROUND):
        return _operation("orbit", to=noun_phrase(context), direction=direction, amount=amount)
    if direction is None and amount is None:
        cursor.at = start
        return _height(context) if cursor.take(_HEIGHT) else None
    if is_angle or verb in ("rotate", "turn_around"):
        kind = "tilt" if direction in ("up", "down") else "pan"
        return _operation(kind, direction=direction or "left", amount=amount)
    return _ways(context, direction, amount)
