"""Move, place, rotate, face, swap: where things are and how they stand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from maquette.editing.boxes import Array, Boxes, gap, turn
from maquette.editing.edit import Edit
from maquette.editing.goals import Goal, Task, goals_of
from maquette.editing.grounding import Cannot, Unclear
from maquette.editing.placing import solve
from maquette.editing.plan import Face, Move, Place, Ref, Rotate, Swap
from maquette.editing.relations import thin_axis
from maquette.editing.scene_view import SceneView
from maquette.editing.wording import length, relation

_UP = np.array([0.0, 0.0, 1.0])
_SPOKEN = {
    "left": "to the left", "right": "to the right", "up": "up", "down": "down", "away": "away", "toward": "closer",
    "forward": "forward", "backward": "backward",
}  # fmt: skip


def a_bit(edit: Edit, key: str) -> float:
    """A quarter of the largest side, at least 0.1."""
    return max(0.1, 0.25 * float(edit.view.box(key).size.max()))


def outermost(edit: Edit, keys: Sequence[str]) -> list[str]:
    """Without those that go along with others of them anyway."""
    carried = {other for key in keys for other in edit.view.carried([key])}
    return [key for key in keys if key not in carried] or list(keys)


def move(edit: Edit, operation: Move) -> None:
    """By an amount; slides on what it stands on."""
    keys = edit.find(operation.targets)
    edit.movable(keys)
    goal = None
    if operation.to is not None and operation.to.pronoun != "viewer":
        edit.grounder.subject = tuple(keys)
        goal = _moved_toward(edit, operation.to, keys[0])
        edit.grounder.subject = ()
    offsets: list[tuple[list[str], Array]] = []
    moving: set[str] = set()
    for key in outermost(edit, keys):
        group = [k for k in edit.group(key) if k not in moving]
        moving.update(group)
        offsets.append((group, _offset(edit, operation, key, goal)))
    if operation.is_lift or operation.direction == "up":
        edit.lifted.update(k for group, _ in offsets for k in group)
    # all leave before any arrives, so that neighbours do not hold each other up
    for group, offset in sorted(
        offsets, key=lambda entry: -float(edit.view.box(entry[0][0]).centre @ entry[1])
    ):
        if edit.is_single and len(offsets) == 1:
            _slide_alone(edit, group, offset)
        else:
            edit.slide(group, offset)
    edit.about(keys)
    distance = length(edit.view, float(np.linalg.norm(offsets[0][1])))
    way = _SPOKEN.get(operation.direction or "", "")
    if goal is not None:
        way = f"{'towards' if operation.direction != 'away' else 'away from'} {edit.view.names([goal])}"
    edit.messages.append(f"Moved {edit.view.names(keys)} {distance} {way}".rstrip() + ".")


def _moved_toward(edit: Edit, ref: Ref, key: str) -> str:
    """What a thing moves towards or away from: of walls that the words do not tell apart, its nearest."""
    found = edit.grounder.fitting(ref)
    if ref.number == "many":
        return found[0]
    are_walls = all(edit.grounder.view.objects[other].kind == "wall" for other in found)
    if len(found) > 1 and are_walls and ref.order is None and not ref.attributes:
        return min(found, key=lambda other: gap(edit.view.box(key), edit.view.box(other)))
    return edit.grounder.one(ref)


_PARTS = 16  # in how many steps the free way is looked for at first


def _slide_alone(edit: Edit, group: list[str], offset: Array) -> None:
    """All the way; else the reason, and how far it could go. Raises Cannot."""
    before = edit.view
    reason = _slid(edit, before, group, offset)
    if not reason:
        return
    # in parts of the way, so that nothing thin is jumped over; then finer
    free, step = 0.0, 1.0 / _PARTS
    while step > 1e-3:
        if free + step < 1.0 and not _slid(edit, before, group, offset * (free + step)):
            free += step
        else:
            step /= 2
    way = np.floor(100 * free * float(np.linalg.norm(offset))) / 100
    raise Cannot(f"{reason} It can go {length(before, way)} that way." if way > 0.01 else reason)


def _slid(edit: Edit, before: SceneView, group: list[str], offset: Array) -> str:
    """Why it cannot be there; nothing where it can, and then it is."""
    edit.view = edit.grounder.live = before
    try:
        edit.slide(group, offset)
    except Cannot as reason:
        return str(reason)
    pieces, still = (Boxes.joined([v.body(k).pieces for k in group]) for v in (edit.view, before))
    for other, depth in edit.view.new_collisions(pieces, still, group).items():
        there, deep = edit.view.name(other), length(before, depth)
        return f"'{edit.view.name(group[0])}' would be {deep} inside '{there}'; nothing is moved."
    return ""


def _offset(edit: Edit, operation: Move, key: str, goal: str | None) -> Array:
    view = edit.view
    if operation.offset is not None:
        x, y, z = operation.offset
        if operation.frame == "viewer":
            right, away = view.viewer
            return x * right + y * away + z * _UP
        if operation.frame == "object":
            right, away = (
                view.direction("right", "object", key),
                view.direction("forward", "object", key),
            )
            if right is None or away is None:
                raise Cannot(f"'{view.name(key)}' has no front that would tell its sides.")
            return x * right + y * away + z * _UP
        return np.array([x, y, z], float)
    distance = operation.distance if operation.distance is not None else a_bit(edit, key)
    if goal is not None:
        line = (view.box(goal).centre - view.box(key).centre) * np.array([1.0, 1.0, 0.0])
        if view.objects[goal].kind == "wall":
            axis = thin_axis(view.box(goal))
            line = axis * float(line @ axis)
        far = float(np.linalg.norm(line))
        if far < 1e-6:
            raise Cannot(f"'{view.name(key)}' is there already.")
        return line / far * (-distance if operation.direction == "away" else distance)
    direction = view.direction(operation.direction or "right", operation.frame, key)
    if operation.direction in ("forward", "backward") and view.front(key) is None:
        direction = view.direction("toward" if operation.direction == "forward" else "away")
    if direction is None:
        raise Cannot(f"'{view.name(key)}' has no front that would tell its sides.")
    return direction * distance


def place(edit: Edit, operation: Place) -> None:
    """To where relations hold; one after the other where there are several."""
    edit.grounder.subject = ()
    try:
        keys = edit.find(operation.targets)
    except Unclear:
        # which one is no question where the place isn't there
        for ref in (ref for wanted in operation.relations for ref in wanted.to):
            if not ref.pronoun:
                edit.grounder.fitting(ref)
        raise
    edit.movable(keys)
    away = _by_so_much(edit, operation, keys)
    if away is not None:
        move(edit, away)
        return
    goals = goals_of(edit, operation.relations, keys)
    if operation.is_upright:
        for key in keys:
            _pose(edit, key, "upright")
    _place_all(edit, operation, outermost(edit, keys), goals)
    edit.about(keys)
    are_there = all(o in edit.view.objects for g in goals for o in g.others)
    named = edit.view if are_there else edit.before
    where = " and ".join(relation(named, g.kind, g.others, g.frame) for g in goals)
    edit.messages.append(f"Placed {edit.view.names(keys)} {where}.")


def _by_so_much(edit: Edit, operation: Place, keys: Sequence[str]) -> Move | None:
    """ "20 cm away from it" of what is farther off than that: by 20 cm, for away is never nearer."""
    if len(operation.relations) != 1 or operation.relations[0].kind != "far_from":
        return None
    wanted = operation.relations[0]
    if wanted.distance is None or len(wanted.to) != 1:
        return None
    by = Move(
        targets=Ref(words=operation.targets.words, ids=tuple(keys), number="many"),
        direction="away",
        distance=wanted.distance,
    )
    if wanted.to[0].pronoun == "viewer":
        return by
    others = edit.grounder.fitting(wanted.to[0])
    nearest = min(gap(edit.view.box(k), edit.view.box(o)) for k in keys for o in others)
    return replace(by, to=wanted.to[0]) if nearest >= wanted.distance else None


def _place_all(edit: Edit, operation: Place, keys: list[str], goals: list[Goal]) -> None:
    """One after the other; close together, the largest first, where they do not fit so."""
    before, lifted = edit.view, set(edit.lifted)
    try:
        for key in keys:
            _place_one(edit, operation, key, goals)
    except Cannot:
        if len(keys) < 2 or operation.candidate:
            raise
        edit.view = edit.grounder.live = before
        edit.lifted = lifted
        for key in sorted(keys, key=lambda k: -before.box(k).volume):
            _place_one(edit, operation, key, goals, is_packed=True)


def _place_one(
    edit: Edit, operation: Place, key: str, goals: list[Goal], *, is_packed: bool = False
) -> None:
    group = edit.group(key)
    if any(other in group for goal in goals for other in goal.others):
        raise Cannot(f"{edit.view.names([key])} cannot be placed relative to what stands on it.")
    task = Task(
        edit.view,
        key,
        group,
        goals,
        later_moved=edit.later_moved - set(group),
        before=edit.before,
        is_packed=is_packed,
    )
    rotation, shift = solve(task, operation.candidate)
    edit.transform(group, rotation, shift)
    kinds = {edit.view.objects[o].kind for g in goals for o in g.others if o in edit.view.objects}
    is_hung = bool(kinds) and kinds <= {"wall", "ceiling"} and not edit.view.supports(key)
    is_above = any(g.kind in ("above", "hanging_from", "attached_to") for g in goals)
    if is_above or is_hung or not edit.before.objects.get(key):
        edit.lifted.update(group)
    _face_goal(edit, key, operation)


def _face_goal(edit: Edit, key: str, operation: Place) -> None:
    for wanted in operation.relations:
        if wanted.kind == "facing" and wanted.to:
            _turn_to(edit, key, wanted.to[0], is_away=wanted.is_negated)


def rotate(edit: Edit, operation: Rotate) -> None:
    """In place, with what stands on it."""
    keys = edit.find(operation.targets)
    edit.movable(keys)
    for key in outermost(edit, keys):
        if operation.pose:
            _pose(edit, key, operation.pose)
        elif operation.axis == "up":
            spin(edit, key, operation.angle_deg)
        else:
            front = edit.view.front(key)
            front = -edit.view.viewer[1] if front is None else front
            side = np.cross(_UP, front)
            _tip(
                edit,
                key,
                turn(operation.angle_deg, side if operation.axis == "sideways" else front),
            )
    edit.about(keys)
    what = {"lying": "Laid down", "upright": "Stood up", "upside_down": "Turned over"}.get(
        operation.pose
    )
    if what:
        edit.messages.append(f"{what} {edit.view.names(keys)}.")
    else:
        way = "counter-clockwise" if operation.angle_deg >= 0 else "clockwise"
        edit.messages.append(
            f"Turned {edit.view.names(keys)} by {abs(operation.angle_deg):g}° {way}."
        )


def spin(edit: Edit, key: str, angle_deg: float) -> None:
    """About the vertical through the centre."""
    group = edit.group(key)
    rotation = turn(angle_deg)
    centre = edit.view.box(key).centre
    before = edit.view
    edit.transform(group, rotation, centre - rotation @ centre)
    if edit.is_single and before is edit.before:
        _check_turned(edit, before, group)


def _check_turned(edit: Edit, before: SceneView, group: list[str]) -> None:
    """Where it has no room to turn, the reason, and from where it would have. Raises Cannot."""
    pieces, still = (Boxes.joined([v.body(k).pieces for k in group]) for v in (edit.view, before))

    def hits(shift: Array) -> dict[str, float]:
        moved = pieces.transformed(np.eye(3), shift)
        return edit.view.new_collisions(moved, still, group)

    there = hits(np.zeros(3))
    if not there:
        return
    worst = max(there, key=lambda k: there[k])
    deep, name = length(before, there[worst]), edit.view.name(worst)
    reason = f"'{edit.view.name(group[0])}' would be {deep} inside '{name}'; nothing is changed."
    for far in np.arange(0.02, 0.62, 0.02):
        for word in ("left", "right", "away", "toward"):
            direction = before.direction(word)
            if direction is not None and not hits(direction * far):
                way = {"away": "away from you", "toward": "towards you"}.get(word, f"to the {word}")
                raise Cannot(f"{reason} It has room to turn {length(before, far)} further {way}.")
    raise Cannot(reason)


def _pose(edit: Edit, key: str, pose: str) -> None:
    box = edit.view.box(key)
    matrix = np.array(edit.view.objects[key].world_from_object, float)
    up = matrix[:3, 2] / max(float(np.linalg.norm(matrix[:3, 2])), 1e-9)
    if pose == "upside_down":
        front = edit.view.front(key)
        _tip(edit, key, turn(180, front if front is not None else edit.view.viewer[1]))
        return
    leans = float(np.degrees(np.arccos(np.clip(up[2], -1, 1))))
    if pose == "upright":
        if leans < 0.5:
            return
        axis = np.cross(up, _UP)
        _tip(
            edit,
            key,
            turn(leans, axis if float(np.linalg.norm(axis)) > 1e-9 else np.array([1.0, 0, 0])),
        )
        return
    if leans > 80:
        return
    flat = [k for k in range(3) if k != box.vertical_axis]
    # over its narrower side, so that the broad one comes to lie below
    axis = box.axes[:, max(flat, key=lambda k: box.half[k])]
    _tip(edit, key, turn(90, axis), turn(-90, axis))


def _tip(edit: Edit, key: str, *rotations: Array) -> None:
    """Turn about a horizontal axis, the way that has room, and stand it on what it stood on; nothing is taken along."""
    on_top = [k for k in edit.view.carried([key]) if edit.view.objects[k].parent != key]
    if on_top:
        raise Cannot(f"{edit.view.names(on_top)} would fall off '{edit.view.name(key)}'.")
    group = edit.group(key)
    body = edit.view.body(key)
    centre = body.box.centre
    ways: list[tuple[float, Array, Array]] = []
    for rotation in rotations:
        shift = centre - rotation @ centre
        if edit.view.supports(key):
            shift = shift + np.array([0, 0, body.bottom - body.transformed(rotation, shift).bottom])
        aside = _free_shift(edit, group, rotation, shift)
        far = np.inf if aside is None else float(np.linalg.norm(aside))
        ways.append((far, rotation, shift if aside is None else shift + aside))
    _, rotation, shift = min(ways, key=lambda way: way[0])
    edit.transform(group, rotation, shift)


def _free_shift(edit: Edit, group: list[str], rotation: Array, shift: Array) -> Array | None:
    """The smallest slide that frees a thing that was tipped over, still on its support; None where there is none."""
    still = Boxes.joined([edit.view.body(key).pieces for key in group])
    pieces = still.transformed(rotation, shift)
    if not edit.view.new_collisions(pieces, still, group):
        return np.zeros(3)
    body = edit.view.body(group[0]).transformed(rotation, shift)
    bases = set(edit.view.supports(group[0]))
    for radius in np.arange(0.02, max(0.6, float(body.box.size.max())), 0.04):
        for angle in range(0, 360, 30):
            offset = radius * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle)), 0.0])
            moved = pieces.transformed(np.eye(3), offset)
            if edit.view.new_collisions(moved, still, group):
                continue
            if bases.intersection(edit.view.supports_of(body.moved(offset), group)):
                return offset
    return None


_EACH_OTHER = ("each other", "one another")


def face(edit: Edit, operation: Face) -> None:
    """Turn the front to something, in place."""
    keys = edit.find(operation.targets)
    edit.movable(keys)
    for key in outermost(edit, keys):
        edit.grounder.subject = (key,)
        if operation.to is not None and operation.to.words in _EACH_OTHER:
            others = tuple(other for other in keys if other != key)
            _turn_to(
                edit,
                key,
                Ref(words="each other", ids=others, number="many"),
                is_away=operation.is_away,
            )
            continue
        if operation.to is not None and not operation.parallel_to:
            _turn_to(edit, key, operation.to, is_away=operation.is_away)
            continue
        if operation.to is not None:
            wanted = edit.view.front(edit.grounder.one(operation.to))
        else:
            wanted = edit.view.direction(operation.direction or "toward")
        if wanted is None:
            raise Cannot("It has no front to go by.")
        _turn_front(edit, key, -wanted if operation.is_away else wanted)
    edit.grounder.subject = ()
    edit.about(keys)
    where = (
        "the viewer"
        if operation.to is not None and operation.to.pronoun == "viewer"
        else operation.to.words
        if operation.to
        else operation.direction
    )
    edit.messages.append(
        f"Turned {edit.view.names(keys)} {'away from' if operation.is_away else 'to face'} {where}."
    )


def _turn_to(edit: Edit, key: str, ref: Ref, *, is_away: bool) -> None:
    centre = edit.view.box(key).centre
    if ref.pronoun == "viewer":
        aim = edit.view.eye - centre
    else:
        found = [k for k in edit.grounder.resolve(ref) if k != key]
        if not found:
            raise Cannot("A thing cannot face itself.")
        if len(found) > 1 and ref.number == "one":
            raise edit.grounder.unclear(found, ref)
        edit.note(ref, found)
        if len(found) > 1 and ref.words.lower().startswith("their "):  # each its own
            found = [min(found, key=lambda k: gap(edit.view.box(k), edit.view.box(key)))]
        aim = np.mean([edit.view.box(k).centre for k in found], axis=0) - centre
        if len(found) == 1 and edit.view.objects[found[0]].kind == "wall":
            axis = thin_axis(edit.view.box(found[0]))
            aim = axis * np.sign(float(aim @ axis))
    _turn_front(edit, key, -aim if is_away else aim)


def _turn_front(edit: Edit, key: str, direction: Array) -> None:
    front = edit.view.front(key)
    if front is None:
        raise Cannot(f"'{edit.view.name(key)}' has no front that could face anything.")
    if float(np.hypot(direction[0], direction[1])) < 1e-6:
        raise Cannot(f"'{edit.view.name(key)}' is right there already.")
    spin(
        edit,
        key,
        float(np.degrees(np.arctan2(direction[1], direction[0]) - np.arctan2(front[1], front[0]))),
    )


def swap(edit: Edit, operation: Swap) -> None:
    """Two things trade the centres of their footprints and what they stand on."""
    first, second = edit.find(operation.first), edit.find(operation.second)
    if first == second and len(first) == 2:
        first, second = first[:1], first[1:]
    if len(first) != 1 or len(second) != 1:
        raise Cannot("Only two single things can trade places.")
    a, b = first[0], second[0]
    if a == b:
        raise Cannot(f"'{edit.view.name(a)}' is already where it is.")
    group_a, group_b = edit.group(a), edit.group(b)
    if b in group_a or a in group_b:
        _trade_stacked(edit, a, b)
    else:
        body_a, body_b = edit.view.body(a), edit.view.body(b)
        to_b, to_a = _over(body_a, body_b), _over(body_b, body_a)
        edit.shift(group_a, to_b)
        edit.shift(group_b, to_a)
    edit.about([a, b])
    edit.messages.append(f"Swapped '{edit.view.name(a)}' and '{edit.view.name(b)}'.")


def _over(body: object, place: object) -> Array:
    from maquette.editing.scene_view import Body

    assert isinstance(body, Body)
    assert isinstance(place, Body)
    offset = place.box.centre - body.box.centre
    offset[2] = place.bottom - body.bottom
    return offset


def _trade_stacked(edit: Edit, a: str, b: str) -> None:
    """One stands on the other: turn the pile round."""
    low, high = (a, b) if b in edit.view.carried([a]) else (b, a)
    body_low, body_high = edit.view.body(low), edit.view.body(high)
    down = body_low.box.centre - body_high.box.centre
    down[2] = body_low.bottom - body_high.bottom
    edit.shift([high], down)
    top = edit.view.box(high).top
    edit.shift(
        [low], np.array([*(body_high.box.centre - body_low.box.centre)[:2], top - body_low.bottom])
    )
