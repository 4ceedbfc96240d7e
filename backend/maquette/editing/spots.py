"""Proposed places: each relation says where on a surface a thing could go, and how well that would suit it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from maquette.editing import relations
from maquette.editing.boxes import (
    CONTACT,
    Array,
    Box,
    edges_of,
    polygon_contains,
    polygon_distance,
    turn,
)
from maquette.editing.goals import Goal, Task
from maquette.editing.grounding import Cannot
from maquette.editing.relations import SIDES
from maquette.editing.surfaces import Surface, surfaces, surfaces_below

_TOUCH = 0.002
_GAPS = (0.06, 0.12, 0.2, 0.3, 0.42)
_SIDE_GAPS = (0.06, 0.12, 0.2, 0.35, 0.55, 0.8)
_TIGHT = 0.015  # the gap where there is no room for more
_ASIDE = (0.0, 0.25, -0.25, 0.5, -0.5)
_ALONG = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8, 0.15, 0.85)
_BESIDE_KINDS = (
    "next_to",
    "near",
    "at",
    "opposite",
    "touching",
    "around",
    "leaning_on",
    "attached_to",
    "with",
    "facing",
)


@dataclass(frozen=True)
class Spot:
    """A proposed place: the centre of the footprint, the underside, and a turn about the vertical."""

    xy: Array
    z: float
    angle_deg: float
    score: float
    surface: Surface | None


def spots(task: Task) -> Iterator[Spot]:
    """Proposals of all goals on all surfaces, with scores."""
    special = [
        g for g in task.goals if g.kind not in ("on", "in", "touching") or _is_hanging(task, g)
    ]
    for goal in special:
        if goal.kind == "in_place_of":
            yield from _at_place_of(task, goal)
            return
        if _is_hanging(task, goal):
            yield from _hanging(task, goal)
            return
    here = task.body.box.centre[:2]
    footprints = _Footprints(task)
    chosen = surfaces(task)
    for number, surface in enumerate(chosen):
        base = 3.0 * number if not surface.rank else 3.0 * number + surface.rank
        proposals: list[tuple[Array, float, float]] = []
        for goal in special:
            if goal.others or goal.kind in ("in_corner", "against", "at_edge", "at_center"):
                proposals += list(_proposals(task, goal, surface))
        if not proposals:
            proposals = list(_grid(task, surface))
        elif all(g.kind in ("far_from", "facing") and g.distance is None for g in special):
            proposals += list(_grid(task, surface))
        for xy, proposed_deg, cost in proposals:
            angle = _aimed(task, xy, proposed_deg)
            distance = float(np.linalg.norm(xy - here))
            yield Spot(
                xy,
                surface.top,
                angle,
                base + cost + 0.05 * min(distance, 10) + footprints.overhang(xy, angle, surface),
                surface,
            )


def _aimed(task: Task, xy: Array, angle: float) -> float:
    """The turn that lets the front look at what it is to face from there; `angle` where nothing is said of that."""
    for goal in task.goals:
        if goal.kind == "facing" and goal.others and task.view.front(task.key) is not None:
            aim = np.mean([task.view.box(o).centre[:2] for o in goal.others], axis=0) - xy
            return _facing_angle(task, aim) + (180.0 if goal.is_negated else 0.0)
    return angle


class _Footprints:
    """The thing's footprint about its centre, at each angle, and how much of it is over a surface."""

    def __init__(self, task: Task) -> None:
        self._body = task.body.box
        self._known: dict[float, Array] = {}

    def overhang(self, xy: Array, angle: float, surface: Surface) -> float:
        """0 where the whole footprint is over the surface, 1.5 where no corner is."""
        if angle not in self._known:
            rotation = turn(angle) if angle else np.eye(3)
            centre = self._body.centre
            turned = self._body.transformed(rotation, centre - rotation @ centre)
            self._known[angle] = turned.footprint - centre[:2]
        corners = self._known[angle] + xy
        polygon = surface.piece.footprint
        edges = edges_of(polygon)
        relative = corners[:, None] - polygon
        cross = edges[:, 0] * relative[..., 1] - edges[:, 1] * relative[..., 0]
        inside = np.all(cross >= -0.003 * np.hypot(edges[:, 0], edges[:, 1]), axis=1)
        return 1.5 * float(np.mean(~inside))


def _proposals(task: Task, goal: Goal, surface: Surface) -> Iterator[tuple[Array, float, float]]:
    if goal.kind in SIDES:
        yield from _beside(task, goal)
    elif goal.kind in _BESIDE_KINDS or (goal.kind == "far_from" and goal.distance is not None):
        yield from _around(task, goal)
    elif goal.kind == "between":
        yield from _between(task, goal)
    elif goal.kind == "under":
        yield from _under(task, goal, surface)
    elif goal.kind == "at_center":
        yield from _centered(task, goal, surface)
    elif goal.kind == "against":
        yield from _against(task, goal, surface)
    elif goal.kind == "in_corner":
        yield from _corner(task, goal, surface)
    elif goal.kind in ("at_edge", "at_end"):
        yield from _edge(task, goal, surface)
    elif goal.kind == "far_from":
        boxes = [task.view.box(o) for o in goal.others]
        for xy, angle, _ in _grid(task, surface):
            yield xy, angle, -0.3 * min(float(np.linalg.norm(xy - b.centre[:2])) for b in boxes)


def _half(task: Task, direction: Array, angle: float = 0.0) -> float:
    box = task.body.box
    axes = (turn(angle) if angle else np.eye(3)) @ box.axes
    return float(np.abs(axes.T @ direction) @ box.half)


def _beside(task: Task, goal: Goal) -> Iterator[tuple[Array, float, float]]:
    for other in goal.others:
        direction = relations.side_direction(task.view, goal.kind, other, goal.frame)
        if direction is None:
            raise Cannot(f"'{task.view.name(other)}' has no front that would tell its sides.")
        box = task.view.box(other)
        across = np.cross(np.array([0, 0, 1.0]), direction)
        high = box.extent(direction)[1] - float(box.centre @ direction)
        width = (box.extent(across)[1] - box.extent(across)[0]) / 2
        gaps = (*_SIDE_GAPS, _TIGHT) if goal.distance is None else (goal.distance,)
        asides = _ASIDE if goal.distance is None else (0.0,)
        for space in gaps:
            for aside in asides:
                forward = high + _half(task, direction) + space
                lateral = aside * 2 * max(min(width, 1.0), 0.1)
                point = box.centre + forward * direction + lateral * across
                tight = 1.0 if space <= _TIGHT and goal.distance is None else space
                cost = tight + 0.6 * abs(lateral)
                yield point[:2], 0.0, cost
        if (
            goal.distance is None and high > 0.4
        ):  # long things: beside them also where they are narrow
            for aside in (0.75, -0.75, 0.9, -0.9):
                point = (
                    box.centre
                    + (high + _half(task, direction) + 0.1) * direction
                    + aside * width * across
                )
                yield point[:2], 0.0, 0.5 + abs(aside)


def _around(task: Task, goal: Goal) -> Iterator[tuple[Array, float, float]]:
    here = task.body.box.centre[:2]
    for other in goal.others:
        box = task.view.box(other)
        gaps = (*_GAPS, _TIGHT) if goal.distance is None else (goal.distance,)
        flat = [k for k in range(3) if abs(box.axes[2, k]) < 0.5]
        toward = here - box.centre[:2]
        for k in flat:
            for sign in (1.0, -1.0):
                direction = sign * box.axes[:, k] * np.array([1.0, 1.0, 0.0])
                direction /= np.linalg.norm(direction)
                across = np.array([-direction[1], direction[0], 0.0])
                width = sum(abs(float(box.axes[:, j] @ across)) * box.half[j] for j in range(3))
                high = box.extent(direction)[1] - float(box.centre @ direction)
                side_cost = 0.0 if float(toward @ direction[:2]) > 0 else 0.1
                angle = _facing_angle(task, -direction) if goal.kind == "at" else 0.0
                for space in gaps:
                    for aside in (0.0, 0.5, -0.5, 0.85, -0.85):
                        point = (
                            box.centre
                            + (high + _half(task, direction, angle) + space) * direction
                            + aside * width * across
                        )
                        tight = 1.0 if space <= _TIGHT and goal.distance is None else space
                        yield point[:2], angle, tight + 0.15 * abs(aside) + side_cost


def _facing_angle(task: Task, direction: Array) -> float:
    front = task.view.front(task.key)
    if front is None:
        return 0.0
    return float(
        np.degrees(np.arctan2(direction[1], direction[0]) - np.arctan2(front[1], front[0]))
    )


def _between(task: Task, goal: Goal) -> Iterator[tuple[Array, float, float]]:
    first, second = (task.view.box(o).centre[:2] for o in goal.others[:2])
    line = second - first
    length = float(np.linalg.norm(line))
    across = np.array([-line[1], line[0]]) / max(length, 1e-9)
    for t in _ALONG:
        for aside in (0.0, 0.05, -0.05, 0.1, -0.1, 0.14, -0.14):
            yield first + t * line + aside * across, 0.0, 3 * abs(t - 0.5) + 2 * abs(aside)


def _under(task: Task, goal: Goal, surface: Surface) -> Iterator[tuple[Array, float, float]]:
    height = task.body.box.top - task.body.bottom
    for other in goal.others:
        roofs = [
            p
            for p in task.view.body(other).pieces.items
            if p.bottom >= surface.top + height - CONTACT
        ]
        for roof in roofs:
            box = task.view.box(other)
            for x in np.linspace(-0.8, 0.8, 9):
                for y in np.linspace(-0.8, 0.8, 9):
                    flat = [k for k in range(3) if k != roof.vertical_axis]
                    point = (
                        roof.centre
                        + x * roof.half[flat[0]] * roof.axes[:, flat[0]]
                        + y * roof.half[flat[1]] * roof.axes[:, flat[1]]
                    )
                    cost = float(np.linalg.norm(point[:2] - box.centre[:2]))
                    yield point[:2], 0.0, cost


def _centered(task: Task, goal: Goal, surface: Surface) -> Iterator[tuple[Array, float, float]]:
    centre = (
        surface.piece.centre[:2]
        if goal.others
        else np.mean(
            [task.view.box(f).centre[:2] for f in task.view.floors or [surface.key]], axis=0
        )
    )
    if goal.others:
        centre = task.view.box(goal.others[0]).centre[:2]
    for radius in (0.0, 0.02, 0.04, 0.06, 0.08):
        for angle in range(0, 360, 45):
            yield (
                centre + radius * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]),
                0.0,
                5 * radius,
            )
            if not radius:
                break


def _walls(task: Task, goal: Goal) -> list[str]:
    walls = [o for o in goal.others] or task.view.of_kind("wall")
    return sorted(
        walls, key=lambda w: polygon_distance(task.view.box(w).footprint, task.body.box.footprint)
    )


def _wall_pose(task: Task, wall: Box, toward: Array) -> tuple[float, Array]:
    """How to turn so that a side or the back is flush with the wall, and the direction into the wall."""
    axis = relations.thin_axis(wall)
    inward = axis * np.sign(float((wall.centre - toward) @ axis) or 1.0)
    front = task.view.front(task.key)
    box = task.body.box
    flat = [box.axes[:, k] for k in range(3) if abs(box.axes[2, k]) < 0.5]
    is_flush = max((abs(float(a @ inward)) for a in flat), default=1.0) > np.cos(np.radians(1.0))
    if front is not None and (float(front @ inward) > 0.7 or not is_flush):
        return _facing_angle(task, -inward), inward
    if is_flush:
        return 0.0, inward
    angles = [
        float(np.degrees(np.arctan2(inward[1], inward[0]) - np.arctan2(a[1], a[0]))) for a in flat
    ]
    return min(((a + 45) % 90 - 45 for a in angles), key=abs), inward


def _against(task: Task, goal: Goal, surface: Surface) -> Iterator[tuple[Array, float, float]]:
    room = np.array([*surface.piece.centre[:2], 0.0])
    for number, key in enumerate(_walls(task, goal)):
        wall = task.view.box(key)
        is_wall = task.view.objects[key].kind == "wall"
        angle, inward = _wall_pose(task, wall, room if is_wall else task.body.box.centre)
        along = np.array([-inward[1], inward[0], 0.0])
        near = wall.extent(inward)[0] - _half(task, inward, angle) - _TOUCH
        low, high = wall.extent(along)
        margin = _half(task, along, angle)
        here = float(task.body.box.centre @ along)
        places = [here, *np.linspace(low + margin, high - margin, 25)]
        for place in places:
            if not low + 0.5 * margin <= place <= high - 0.5 * margin and place != here:
                continue
            point = near * inward + place * along
            yield point[:2], angle, 0.8 * number + 0.3 * abs(place - here)


def _corner(task: Task, goal: Goal, surface: Surface) -> Iterator[tuple[Array, float, float]]:
    """Corners of two walls; `side` names which, as the viewer sees it."""
    view = task.view
    walls = [o for o in goal.others if view.objects[o].kind == "wall"] or view.of_kind("wall")
    right, away = view.viewer
    corners: list[tuple[float, Array, Array, Array]] = []
    middle = np.array([*surface.piece.centre[:2], 0.0])
    pairs = [(p, q) for i, p in enumerate(walls) for q in walls[i + 1 :]]
    for p, q in pairs:
        first, second = view.box(p), view.box(q)
        a, b = relations.thin_axis(first), relations.thin_axis(second)
        if abs(float(a @ b)) > 0.3 or polygon_distance(first.footprint, second.footprint) > 0.3:
            continue
        a, b = (
            axis * np.sign(float((w.centre - middle) @ axis) or 1.0)
            for axis, w in ((a, first), (b, second))
        )
        corner = first.extent(a)[0] * a + second.extent(b)[0] * b
        offset = corner - middle
        score = 0.0
        wanted = {"left": -right, "right": right, "back": away, "front": -away}
        for word in goal.side.split():
            if word in wanted:
                score -= 3 * float(offset @ wanted[word]) / max(float(np.linalg.norm(offset)), 1e-6)
        corners.append((score, a, b, corner))
    if not corners:
        raise Cannot("There is no corner of two walls here.")
    best = min(c[0] for c in corners)
    for score, a, b, corner in corners:
        if goal.side and score > best + 0.6:
            continue
        for space in product((0.02, 0.003, 0.1, 0.2, 0.28), repeat=2):
            point = corner - (_half(task, a) + space[0]) * a - (_half(task, b) + space[1]) * b
            yield point[:2], 0.0, score - best + sum(space)


def _edge(task: Task, goal: Goal, surface: Surface) -> Iterator[tuple[Array, float, float]]:
    right, away = task.view.viewer
    wanted = {
        "left": -right,
        "right": right,
        "back": away,
        "front": -away,
        "far": away,
        "near": -away,
    }
    words = [w for w in goal.side.split() if w in wanted]
    piece = surface.piece
    directions = [wanted[w] for w in words]
    if not directions:
        flat = [k for k in range(3) if k != piece.vertical_axis]
        longest = max(flat, key=lambda k: piece.half[k])
        axes = [longest] if goal.kind == "at_end" else flat
        options = [s * piece.axes[:, k] for k in axes for s in (1.0, -1.0)]
    else:
        options = [sum(directions[1:], directions[0])]
    for direction in options:
        direction = direction / np.linalg.norm(direction)
        across = np.array([-direction[1], direction[0], 0.0])
        for inset in (0.02, 0.06, 0.12):
            reach = piece.extent(direction)[1] - _half(task, direction) - inset
            for aside in (0.0, 0.3, -0.3, 0.6, -0.6):
                width = (piece.extent(across)[1] - piece.extent(across)[0]) / 2
                point = reach * direction + (float(piece.centre @ across) + aside * width) * across
                yield point[:2], 0.0, inset + 0.2 * abs(aside)


def _grid(task: Task, surface: Surface) -> Iterator[tuple[Array, float, float]]:
    """Spots all over a surface; the middle and what is near first."""
    piece = surface.piece
    flat = [k for k in range(3) if k != piece.vertical_axis]
    half = piece.half[flat]
    own = np.array([_half(task, piece.axes[:, k]) for k in flat])
    free = np.maximum(half - own - 0.01, 0.0)
    counts = [int(min(max(np.ceil(2 * f / 0.06), 1), 15)) | 1 for f in free]
    reach = float(np.linalg.norm(half)) + 1e-6
    for x in np.linspace(-free[0], free[0], counts[0]) if free[0] > 0 else (0.0,):
        for y in np.linspace(-free[1], free[1], counts[1]) if free[1] > 0 else (0.0,):
            point = piece.centre + x * piece.axes[:, flat[0]] + y * piece.axes[:, flat[1]]
            yield point[:2], 0.0, 0.8 * float(np.hypot(x, y)) / reach
            yield (
                point[:2],
                90.0,
                2.0 + 0.8 * float(np.hypot(x, y)) / reach,
            )  # turned, where it doesn't fit as it is
    for x in np.linspace(-0.85, 0.85, 7) * half[0]:  # over the edge, where the middle is taken
        for y in np.linspace(-0.85, 0.85, 7) * half[1]:
            if abs(x) > free[0] or abs(y) > free[1]:
                point = piece.centre + x * piece.axes[:, flat[0]] + y * piece.axes[:, flat[1]]
                yield point[:2], 0.0, 1.0
    here = task.body.box.centre[:2]
    if polygon_contains(piece.footprint, here, -float(own.min()) * 0.5):
        yield here.copy(), 0.0, 0.3


def _is_hanging(task: Task, goal: Goal) -> bool:
    if goal.kind in ("above", "hanging_from", "attached_to", "below"):
        return True
    kinds = {task.view.objects[o].kind for o in goal.others}
    if goal.kind == "on" and kinds and kinds <= {"wall", "ceiling"}:
        return True
    return (
        goal.kind == "against"
        and not task.view.supports(task.key)
        and kinds <= {"wall"}
        and task.body.bottom > relations.view_floor(task.view) + 0.05
    )


def _at_place_of(task: Task, goal: Goal) -> Iterator[Spot]:
    for other in goal.others:
        view = task.view if other in task.view.objects or task.before is None else task.before
        body = view.body(other)
        surface = next(iter(surfaces_below(view, [other])), None)
        for radius in (0.0, 0.03):
            for angle in (0, 90, 180, 270):
                xy = body.box.centre[:2] + radius * np.array(
                    [np.cos(np.radians(angle)), np.sin(np.radians(angle))]
                )
                yield Spot(xy, body.bottom, 0.0, radius, surface)


def _hanging(task: Task, goal: Goal) -> Iterator[Spot]:
    """On a wall, from a ceiling, or above something: standing on nothing."""
    view, body = task.view, task.body
    kinds = {view.objects[o].kind for o in goal.others}
    others = goal.others or tuple(
        view.of_kind("ceiling" if goal.kind == "hanging_from" else "wall")
    )
    if not others:
        raise Cannot("There is nothing here to hang it from.")
    is_wall = kinds == {"wall"} or (not goal.others and goal.kind != "hanging_from")
    if is_wall:
        floor = Surface(others[0], _room(task))
        for xy, angle, cost in _against(task, Goal("against", others), floor):
            for lift in (0.0, 0.3, -0.3, 0.6, 1.0, 1.4):
                yield Spot(xy, body.bottom + lift, angle, cost + abs(lift), None)
        return
    height = body.box.top - body.bottom
    for other in others:
        box = view.box(other)
        for radius in (0.0, 0.05, 0.1):
            for angle in range(0, 360, 60):
                xy = box.centre[:2] + radius * np.array(
                    [np.cos(np.radians(angle)), np.sin(np.radians(angle))]
                )
                if view.objects[other].kind == "ceiling":
                    xy = body.box.centre[:2] + (xy - box.centre[:2])
                if goal.kind in ("above",):
                    lowest = box.top + (goal.distance if goal.distance is not None else 0.3)
                    z = max(body.bottom, lowest) if goal.distance is None else lowest
                else:
                    z = box.bottom - height - (goal.distance or 0.0)
                yield Spot(xy, z, 0.0, radius, None)
                if not radius:
                    break


def _room(task: Task) -> Box:
    floors = task.view.floors
    return task.view.box(floors[0]) if floors else task.body.box
