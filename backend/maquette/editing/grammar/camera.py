"""The camera: move, pan, tilt, orbit, zoom, aim, frame, look through, from the top."""

from maquette.editing.grammar import quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.slots import Slots, complements
from maquette.editing.grammar.verbs import VERBS
from maquette.editing.plan import Camera, Direction, Operation, Ref

_CAMERA = "the camera|camera|the cam|cam|the view|the viewpoint|my view|the viewer|this camera|our view|the lens|the current camera|viewpoint|the current view"
_WAYS: Phrases[Direction] = Phrases(
    {
        "up|upward|upwards|higher": "up",
        "down|downward|downwards|lower": "down",
        "left|to the left|leftwards|to left": "left",
        "right|to the right|rightwards|to right": "right",
        "in|forward|forwards|closer|ahead|nearer|into the scene": "forward",
        "out|back|backward|backwards|away|further away|further back|out of the scene": "backward",
        "clockwise": "right",
        "anticlockwise": "left",
    }
)
LANGUAGE.update(f"{_CAMERA}".replace("|", " ").split())


def camera_clause(
    context: Context, done: list[Operation], verb: str | None = None
) -> list[Operation] | None:
    """An instruction for the camera; None where it is for a thing."""
    cursor = context.cursor
    start = cursor.at
    if verb is None:
        from maquette.editing.grammar.clauses import skip_polite

        skip_polite(context)
        if cursor.take(
            "top view|bird 's eye view|birds eye view|plan view|view from above|from above|from the top|top down view|a top view"
        ):
            return [Camera(action="top")]
        if cursor.take("show me|show|give me|look at|see|i want to see|view"):
            cursor.take(
                "the scene|the room|everything|it|this|a|the|the whole scene|the whole room"
            )
            if cursor.take(
                "from above|from the top|top view|from the ceiling|bird 's eye view|top down|view from above"
            ):
                return [Camera(action="top")]
        cursor.at = start
        if cursor.take(_CAMERA) and (
            cursor.take(":|should|must|needs to|has to|->")
            or cursor.sees_table(_WAYS)
            or cursor.peek() is not None
        ):
            cursor.take("be|go|move|look|point|come")
            return _moved(
                context, cursor.word(-1) if cursor.word(-1) in ("look", "point") else "move"
            )
        cursor.at = start
        word = cursor.word()
        verb = cursor.match(VERBS)
        if verb not in ("zoom", "pan", "orbit", "dolly", "frame", "view"):
            cursor.at = start
            return None
    else:
        word = cursor.word(-1)
    context.verb_word = context.verb_word if verb == "delete" else word
    if verb == "zoom":
        return _zoom(context)
    if verb == "frame":
        ref = noun_phrase(context)
        cursor.take("in the view|with the camera|in the picture|in the center|with the cam")
        return [Camera(action="frame", to=ref)] if ref is not None else None
    if verb == "view" or (verb in ("swap", "make") and cursor.sees("to|the view to")):
        return _view(context)
    explicit = cursor.take(_CAMERA)
    if verb in ("pan", "orbit", "dolly") or (verb == "tip" and explicit):
        if verb == "orbit" and not explicit and cursor.sees_table(VERBS):
            return None
        return _action(
            context, {"pan": "pan", "orbit": "orbit", "dolly": "move", "tip": "tilt"}[verb or "pan"]
        )
    if not explicit or cursor.sees("'s position"):
        cursor.at = cursor.at if not explicit else start
        return None
    return _moved(context, verb or "move")


def _amount(context: Context) -> tuple[Direction | None, float | None, bool]:
    """Direction, amount, and whether it is an angle; in any order."""
    cursor = context.cursor
    direction: Direction | None = None
    amount: float | None = None
    is_angle = False
    for _ in range(6):
        cursor.take(
            "by|a|about|around by|further|camera|the camera|bit|,|please|straight|another|for|horizontally|vertically"
        )
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
            continue
        break
    return direction, amount, is_angle


def _action(context: Context, action: str) -> list[Operation] | None:
    cursor = context.cursor
    direction, amount, _ = _amount(context)
    to: Ref | None = None
    if cursor.take("around|about|round|towards|toward|closer to|to|at|round about"):
        to = noun_phrase(context)
        if to is None:
            return None
        again = _amount(context)
        direction, amount = direction or again[0], amount if amount is not None else again[1]
    if action == "move" and direction is None and to is not None:
        direction = "toward"
    return [Camera(action=action, direction=direction, amount=amount, to=to)]  # pyright: ignore[reportArgumentType, reportReturnType]


def _zoom(context: Context) -> list[Operation] | None:
    cursor = context.cursor
    is_out = cursor.word(-1) == "out" or cursor.take("out")
    cursor.take("in|the camera|camera|the view")
    is_out = cursor.take("out") or is_out
    cursor.take("in|a bit|a little|slightly|more|further|closer|please")
    if cursor.take("on|to|onto|at|in on"):
        ref = noun_phrase(context)
        if ref is not None:
            return [Camera(action="frame", to=ref)]
        cursor.at -= 1
    percent = None
    by = cursor.take("by")
    percent = quantities.percent(cursor)
    factor = quantities.factor(cursor) if percent is None else 1 + percent
    if factor is None and by:
        factor = quantities.number(cursor)
    if factor is None:
        factor = 1.25
    if is_out:
        factor = 1 / factor if factor > 1 else factor
    return [Camera(action="zoom", amount=factor)]


def _view(context: Context) -> list[Operation] | None:
    cursor = context.cursor
    start = cursor.at
    cursor.take("to")
    cursor.take("the")
    if cursor.take("view to"):
        cursor.take("the")
    if cursor.take("top|bird 's eye|plan|top down") and cursor.take("view|camera|down view"):
        if not any("top" in name for name in context.nouns.vocabulary.cameras):
            return [Camera(action="top")]
        return [Camera(action="look_through", targets=Ref(words="top camera", noun="top"))]
    cursor.at = start
    cursor.take("to")
    cursor.take("the")
    token = cursor.peek()
    words: list[str] = []
    for camera in context.nouns.vocabulary.cameras:
        if token is not None and token.word == camera.lower():
            cursor.at += 1
            cursor.take("view|camera")
            return [
                Camera(
                    action="look_through",
                    targets=Ref(words=camera, noun=camera.lower(), ids=(camera,)),
                )
            ]
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
    return [Camera(action="look_through", targets=Ref(words=" ".join(words), noun=" ".join(words)))]


def _moved(context: Context, verb: str) -> list[Operation] | None:
    """The camera as the object of a common verb."""
    cursor = context.cursor
    if verb in ("face", "look", "point") or cursor.sees("look at|face|point at|looks at"):
        cursor.take("look|face|point|looks")
        cursor.take("straight|directly")
        direction, amount, is_angle = _amount(context)
        if direction is not None and amount is not None:
            action = "tilt" if direction in ("up", "down") else "pan"
            return [Camera(action=action, direction=direction, amount=amount)]
        cursor.take("at|to|towards|toward|on")
        ref = noun_phrase(context)
        return [Camera(action="aim", to=ref)] if ref is not None else None
    if verb in ("raise", "lower"):
        cursor.take("up|down")
        slots = Slots()
        if cursor.take("to"):
            length = quantities.length(cursor)
            return [Camera(action="height", amount=length.metres)] if length else None
        complements(context, slots)
        amount = slots.length.metres if slots.length else slots.number
        return [Camera(action="move", direction="up" if verb == "raise" else "down", amount=amount)]
    if cursor.take("around|about|round") and not cursor.sees("by"):
        to = noun_phrase(context)
        direction, amount, _ = _amount(context)
        return [Camera(action="orbit", to=to, direction=direction, amount=amount)]
    if cursor.take("closer to|nearer to|towards|toward"):
        to = noun_phrase(context)
        direction, amount, _ = _amount(context)
        return [Camera(action="move", direction="toward", amount=amount, to=to)] if to else None
    at = cursor.at
    direction, amount, is_angle = _amount(context)
    if cursor.take("closer to|nearer to|towards|toward"):
        to = noun_phrase(context)
        return [Camera(action="move", direction="toward", amount=amount, to=to)] if to else None
    if cursor.take("around|round"):
        to = noun_phrase(context)
        return [Camera(action="orbit", to=to, direction=direction, amount=amount)]
    if direction is None and amount is None:
        cursor.at = at
        return None
    if is_angle or verb == "rotate":
        action = "tilt" if direction in ("up", "down") else "pan"
        return [Camera(action=action, direction=direction or "left", amount=amount)]
    return [Camera(action="move", direction=direction, amount=amount)]
