"""How things lie to each other: the contract's words as predicates on solids, for finding and for checking."""

from dataclasses import dataclass

import numpy as np

from maquette.editing.boxes import (
    CONTACT,
    Array,
    Box,
    gap,
    overlap,
    polygon_contains,
    polygon_depth,
    polygon_distance,
)
from maquette.editing.scene_view import Body, SceneView, rests_on, stands_on

NEXT_TO, NEAR, WALL_CONTACT = 0.5, 1.0, 0.02
BESIDE_FARTHEST = 1.0  # left of, in front of: a gap of at most this
_CORNER = 1.3  # from the corner of the floor to the centre of what stands there
_UP = np.array([0.0, 0.0, 1.0])
REACH = {  # no farther apart than this, seen from above: the rest need not be looked at
    "on": 0.2, "in": 0.1, "under": 0.1, "above": 0.4, "next_to": 0.9, "near": 1.1, "at": 1.0, "against": 0.2,
    "touching": 0.1, "supporting": 0.1, "containing": 0.1, "attached_to": 0.2, "hanging_from": 0.2, "leaning_on": 0.1,
}  # fmt: skip
SIDES = ("left_of", "right_of", "in_front_of", "behind")


@dataclass(frozen=True)
class Placed:
    """A thing at a place, which need not be where the scene has it."""

    key: str
    body: Body
    front: Array | None = None

    @property
    def box(self) -> Box:
        return self.body.box


def placed(view: SceneView, key: str) -> Placed:
    return Placed(key, view.body(key), view.front(key))


def side_axes(view: SceneView, other: str, frame: str) -> tuple[Array, Array] | None:
    """Right and behind, as the words about `other` mean them in a frame."""
    if frame == "object":
        front = view.front(other)
        return None if front is None else (np.cross(front, _UP), -front)
    if frame == "world":
        return np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    return view.viewer


def side_direction(view: SceneView, kind: str, other: str, frame: str) -> Array | None:
    """Where left_of, right_of, in_front_of or behind of `other` is."""
    axes = side_axes(view, other, frame)
    if axes is None:
        return None
    right, away = axes
    return {"left_of": -right, "right_of": right, "in_front_of": -away, "behind": away}[kind]


def is_beside(a: Box, b: Box, direction: Array, farthest: float = np.inf) -> bool:
    """Within 45° of that side or within the other's width there, not over or in it."""
    across = np.cross(_UP, direction)
    offset = a.centre - b.centre
    forward, aside = float(offset @ direction), abs(float(offset @ across))
    low, high = b.extent(across)
    if forward <= 0 or aside > max(forward, (high - low) / 2):
        return False
    depth = b.extent(direction)
    if forward < 0.5 * (depth[1] - depth[0]) and polygon_depth(a.footprint, b.footprint) > CONTACT:
        return False
    return farthest == np.inf or polygon_distance(a.footprint, b.footprint) <= farthest


def is_inside(a: Body, b: Body) -> bool:
    """Its centre over the container, its underside between the container's bottom and rim, not on top of it."""
    held = b.box.bottom - CONTACT <= a.bottom < b.box.top - CONTACT
    return held and polygon_contains(b.box.footprint, a.box.centre[:2])


def is_under(a: Body, b: Body) -> bool:
    """Its centre below a piece of the other, its top below that piece."""
    high = np.nonzero(b.pieces.low[:, 2] >= a.box.top - CONTACT)[0]
    return any(polygon_contains(b.pieces[int(i)].footprint, a.box.centre[:2]) for i in high)


def is_above(a: Body, b: Body) -> bool:
    return a.box.bottom >= b.box.top - CONTACT and polygon_contains(
        b.box.footprint, a.box.centre[:2], 0.01
    )


def is_between(a: Box, first: Box, second: Box) -> bool:
    """Near the line that joins the two centres."""
    line = (second.centre - first.centre)[:2]
    length = float(np.linalg.norm(line))
    if length < 1e-6:
        return False
    offset = (a.centre - first.centre)[:2]
    t = float(offset @ line) / length**2
    aside = float(np.linalg.norm(offset - t * line))
    if not (0.1 < t < 0.9 and aside <= max(0.15, 0.2 * length)):
        return False
    return not any(polygon_contains(end.footprint, a.centre[:2], -0.001) for end in (first, second))


def is_against(a: Placed, b: Box, *, checks_front: bool = True) -> bool:
    """A side or the back touching, flush, not through."""
    if polygon_distance(a.box.footprint, b.footprint) > WALL_CONTACT:
        return False
    if a.box.bottom > b.top or a.box.top < b.bottom:
        return False
    if not checks_front:
        return True
    normal = thin_axis(b)
    flat = [axis for axis in a.box.axes.T if abs(axis[2]) < 0.5]
    if max((abs(float(axis @ normal)) for axis in flat), default=0.0) < np.cos(np.radians(3)):
        return False
    to_wall = normal * np.sign(float((b.centre - a.box.centre) @ normal))
    return a.front is None or float(a.front @ to_wall) <= 0.7


def thin_axis(box: Box) -> Array:
    """The horizontal direction in which a wall is thin."""
    flat = [k for k in range(3) if abs(box.axes[2, k]) < 0.5] or [0]
    axis = box.axes[:, min(flat, key=lambda k: box.half[k])] * np.array([1.0, 1.0, 0.0])
    return axis / np.linalg.norm(axis)


def is_facing(front: Array | None, a: Box, b: Box, tolerance_deg: float = 35.0) -> bool:
    if front is None:
        return False
    aim = (b.centre - a.centre)[:2]
    length = float(np.linalg.norm(aim))
    return length > 1e-6 and float(front[:2] @ aim) / length >= np.cos(np.radians(tolerance_deg))


def is_at(a: Placed, b: Box) -> bool:
    """As a chair is at a table: beside it, and facing it where it has a front."""
    if polygon_distance(a.box.footprint, b.footprint) > 0.8:
        return False
    return a.front is None or is_facing(a.front, a.box, b, 60.0)


def is_hung(view: SceneView, a: Placed, other: str) -> bool:
    """On a wall (touching it, standing on nothing) or from a ceiling or another thing above."""
    kind, box = view.objects[other].kind, view.box(other)
    if kind == "wall":
        touches = polygon_distance(a.box.footprint, box.footprint) <= 0.05
        return touches and a.box.bottom > view_floor(view) + 0.1 and not view.supports(a.key)
    return (
        polygon_contains(box.footprint, a.box.centre[:2])
        and -0.05 <= box.bottom - a.box.top <= 0.15
    )


def view_floor(view: SceneView) -> float:
    """Height of the lowest floor."""
    return min((view.box(key).top for key in view.floors), default=0.0)


def holds(
    view: SceneView,
    kind: str,
    a: Placed,
    others: list[str],
    frame: str = "viewer",
    *,
    is_loose: bool = False,
) -> bool:
    """Whether a thing lies so to the others. Loose: as people point at things, not as they place them."""
    if not others:
        return _holds_alone(view, kind, a)
    if kind == "between":
        carries = a.key in view.objects and any(
            other in view.standing_on(a.key) for other in others
        )
        return (
            len(others) >= 2
            and not carries  # the counter that both stand on is not between them
            and is_between(a.box, view.box(others[0]), view.box(others[1]))
        )
    return any(
        _holds(view, kind, a, other, frame, is_loose=is_loose) for other in others if other != a.key
    )


def _holds(
    view: SceneView, kind: str, a: Placed, other: str, frame: str, *, is_loose: bool
) -> bool:
    b = view.body(other)
    if kind in SIDES:
        direction = side_direction(view, kind, other, frame)
        if direction is None:
            return False
        if a.key in view.objects and view.objects[a.key].kind == "wall":
            return ray_meets(b.box.centre[:2], direction[:2], a.box.footprint)
        if is_loose:
            forward = float((a.box.centre - b.box.centre) @ direction)
            return forward > 0.02
        return is_beside(a.box, b.box, direction)
    if kind == "on":
        if _is_said(view, a, other):
            return True
        is_wall = view.objects[other].kind == "wall"
        if is_wall:
            return is_hung(view, a, other)
        if view.objects[other].kind == "ceiling":
            return is_hung(view, a, other)
        return (
            rests_on(a.body, b)
            or (stands_on(a.body, b) and not is_loose)
            or (is_loose and _on_pile(view, a, other))
        )
    if kind in ("supporting", "containing", "with"):
        return _carries(view, kind, a, other)
    simple = {
        "in": lambda: (
            (is_inside(a.body, b) and not is_under_all(a.body, b))
            or (is_loose and rests_on(a.body, b) and not has_inside(b))
        ),
        "under": lambda: is_under(a.body, b),
        "below": lambda: (
            a.box.top <= b.box.bottom + CONTACT
            and polygon_distance(a.box.footprint, b.box.footprint) <= 0.3
        ),
        "above": lambda: is_above(a.body, b) or (is_loose and _is_over(a.box, b.box)),
        "next_to": lambda: 0 <= gap(a.box, b.box) <= (NEXT_TO * (1.6 if is_loose else 1)),
        "near": lambda: gap(a.box, b.box) <= NEAR,
        "far_from": lambda: gap(a.box, b.box) > 1.5,
        "against": lambda: is_against(a, b.box, checks_front=not is_loose),
        "leaning_on": lambda: gap(a.box, b.box) <= 0.05,
        "touching": lambda: gap(a.box, b.box) <= WALL_CONTACT,
        "attached_to": lambda: is_hung(view, a, other) or gap(a.box, b.box) <= WALL_CONTACT,
        "hanging_from": lambda: is_hung(view, a, other),
        "around": lambda: gap(a.box, b.box) <= NEAR,
        "at": lambda: is_at(a, b.box),
        "facing": lambda: is_facing(a.front, a.box, b.box),
        "at_center": lambda: float(np.linalg.norm((a.box.centre - b.box.centre)[:2])) <= 0.1,
        "opposite": lambda: gap(a.box, b.box) <= 2.5,
        "at_edge": lambda: rests_on(a.body, b),
        "at_end": lambda: rests_on(a.body, b),
    }
    test = simple.get(kind)
    return bool(test()) if test else False


def is_under_all(a: Body, b: Body) -> bool:
    """Below every wide piece (under a table), so not in it."""
    wide = [p for p in b.pieces.items if polygon_contains(p.footprint, a.box.centre[:2])]
    return (
        bool(wide)
        and all(p.bottom >= a.box.top - CONTACT for p in wide)
        and not any(rests_on(a, Body(p, p.many)) for p in wide)
    )


def has_inside(b: Body) -> bool:
    """A piece of it lies below its rim: a box of one piece holds nothing, "in the rack" is on it."""
    return bool(np.any(b.pieces.high[:, 2] < b.box.top - WALL_CONTACT))


def _is_over(a: Box, b: Box) -> bool:
    return a.bottom >= b.top - 0.05 and polygon_distance(a.footprint, b.footprint) <= 0.3


def _is_said(view: SceneView, a: Placed, other: str) -> bool:
    """The document says that it rests there, and this is its place, not one that it might get."""
    return (
        a.key in view.objects and a.body is view.body(a.key) and view.is_said_to_rest(a.key, other)
    )


def _on_pile(view: SceneView, a: Placed, other: str) -> bool:
    """On something that stands on it: the pen on the notebook is on the table, too."""
    seen: set[str] = set()
    todo = list(view.supports(a.key)) if a.key in view.objects else []
    while todo:
        below = todo.pop()
        if below in seen or view.is_fixed(below):
            continue
        seen.add(below)
        if view.rests_on(below, other):
            small = view.box(below).volume < view.box(other).volume
            return small and not view.is_fixed(other)
        todo.extend(view.supports(below))
    return False


def _carries(view: SceneView, kind: str, a: Placed, other: str) -> bool:
    thing = placed(view, other)
    on = rests_on(thing.body, a.body) or view.is_said_to_rest(other, a.key)
    if kind == "supporting":
        return on
    inside = is_inside(thing.body, a.body)
    if kind == "containing":
        return inside
    return on or inside or view.objects[other].parent == a.key


def _holds_alone(view: SceneView, kind: str, a: Placed) -> bool:
    if kind == "in_corner":
        corners = [p for key in view.floors for p in view.box(key).footprint]
        return any(float(np.linalg.norm(a.box.centre[:2] - p)) <= _CORNER for p in corners)
    if kind in ("against", "leaning_on", "attached_to"):
        return any(
            polygon_distance(a.box.footprint, view.box(w).footprint) <= 0.05
            for w in view.of_kind("wall")
        )
    if kind == "hanging_from":
        return not view.supports(a.key) and a.box.bottom > view_floor(view) + 0.5
    if kind == "on":
        return bool(view.supports(a.key))
    if kind == "supporting":
        return bool(view.standing_on(a.key))
    if kind == "containing":
        return any(is_inside(view.body(k), a.body) for k in view.standing_on(a.key))
    return True


def ray_meets(origin: Array, direction: Array, polygon: Array) -> bool:
    """Whether a ray on the ground goes through a convex polygon."""
    relative = polygon - origin
    side = direction[0] * relative[:, 1] - direction[1] * relative[:, 0]
    return bool(side.min() <= 0 <= side.max() and (relative @ direction).max() > 0)


def max_overlap(a: Body, b: Body) -> float:
    return overlap(a.pieces, b.pieces)
