"""What a thing can stand on: the tops of the solid pieces of other things, the inner bottoms of containers, floors."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from maquette.editing.boxes import CONTACT, Box, Boxes, polygon_contains, polygon_distance
from maquette.editing.goals import Task
from maquette.editing.grounding import Cannot
from maquette.editing.scene_view import SceneView

_PANS = frozenset(("pan", "plate", "tray", "dish", "saucer", "skillet", "griddle"))
_MIN_SUPPORT = 0.3  # a surface narrower than this part of the thing holds nothing


@dataclass(frozen=True)
class Surface:
    """Something to stand on: the top of one piece."""

    key: str
    piece: Box
    rank: float = 0.0  # lower is better

    @property
    def top(self) -> float:
        return self.piece.top


def surfaces_on(view: SceneView, key: str, side: str = "") -> list[Surface]:
    """The tops of a thing that can hold another: wide ones first, of equal ones the highest."""
    pieces = view.body(key).pieces
    if not len(pieces):
        raise Cannot(f"Nothing can stand on '{view.name(key)}'.")
    area = (
        4 * np.prod(np.delete(pieces.half, 2, axis=1), axis=1)
        if _is_upright(pieces)
        else np.prod(2 * pieces.reach[:, :2], axis=1)
    )
    widest = float(area.max())
    found = [
        Surface(key, pieces[i], rank=0.0 if area[i] >= 0.6 * widest else 1.0)
        for i in range(len(pieces))
        if area[i] >= 0.1 * widest and not _is_covered(pieces, i)
    ]
    found.sort(key=lambda s: (s.rank, -s.top))
    if side in ("top", "upper"):
        return [max(found, key=lambda s: s.top)]
    if side in ("bottom", "lower", "lowest"):
        return [min(found, key=lambda s: s.top)]
    if side == "middle" and found:
        ordered = sorted(found, key=lambda s: s.top)
        return [ordered[len(ordered) // 2]]
    return found


def _is_upright(pieces: Boxes) -> bool:
    return bool(np.all(np.abs(pieces.axes[:, 2, 2]) > 0.999))


def _is_covered(pieces: Boxes, index: int) -> bool:
    """Another piece of the same thing lies flat on it (a leg under the board)."""
    top, centre = pieces.high[index, 2], pieces.centre[index, :2]
    over = np.abs(pieces.low[:, 2] - top) <= CONTACT
    return any(
        j != index
        and polygon_contains(pieces[int(j)].footprint, centre)
        and pieces.reach[j, :2].prod() > 0.8 * pieces.reach[index, :2].prod()
        for j in np.nonzero(over)[0]
    )


def surfaces_in(view: SceneView, key: str, side: str = "") -> list[Surface]:
    """The inner surfaces of a container: those below its rim. Raises Cannot where it has none."""
    box = view.box(key)
    if view.objects[key].kind == "floor":
        return surfaces_on(view, key)
    pieces = view.body(key).pieces
    inner = [
        Surface(key, pieces[i])
        for i in range(len(pieces))
        if pieces.high[i, 2] < box.top - 0.02
        and 4 * pieces.reach[i, :2].prod() > 0.25 * 4 * box.half[:2].prod()
    ]
    if not inner and _PANS.intersection((view.objects[key].label or "").split()):
        return surfaces_on(view, key)  # a pan that is modelled as a slab
    if not inner:
        raise Cannot(f"'{view.name(key)}' has no room inside.")
    inner.sort(key=lambda s: s.top)
    if side in ("top", "upper"):
        inner = inner[-1:]
    elif side in ("bottom", "lower"):
        inner = inner[:1]
    return inner


def surfaces_below(view: SceneView, keys: Iterable[str]) -> list[Surface]:
    """What the things stand on: the very pieces."""
    found: list[Surface] = []
    for key in keys:
        body = view.body(key)
        for base in view.supports(key):
            for piece in view.body(base).pieces.items:
                is_under = abs(piece.top - body.bottom) <= 2 * CONTACT
                if is_under and polygon_distance(piece.footprint, body.box.footprint) <= 0:
                    found.append(Surface(base, piece))
    found.sort(key=lambda s: -float(s.piece.volume))
    return _once(found)


def _once(surfaces: Iterable[Surface]) -> list[Surface]:
    kept: list[Surface] = []
    for surface in surfaces:
        if not any(
            surface.key == k.key and np.allclose(surface.piece.centre, k.piece.centre) for k in kept
        ):
            kept.append(surface)
    return kept


def _floors(task: Task) -> list[Surface]:
    keys = task.view.floors
    return [Surface(key, piece, 2.0) for key in keys for piece in task.view.body(key).pieces.items]


def surfaces(task: Task, *, on_contents: bool = False) -> list[Surface]:
    """Where the thing may stand, best first; `on_contents`: on what is in a box already, too."""
    explicit = [
        g
        for g in task.goals
        if g.kind in ("on", "in", "at_center", "at_edge", "at_end")
        and g.others
        and not g.is_negated
    ]
    found: list[Surface] = []
    for goal in explicit:
        for other in goal.others:
            if task.view.objects[other].kind in ("wall", "ceiling"):
                continue
            side = goal.side if goal.kind in ("on", "in") else ""
            chosen = (
                surfaces_in(task.view, other, side)
                if goal.kind == "in"
                else surfaces_on(task.view, other, side)
            )
            found += _holding(task, chosen, other)
            if on_contents and goal.kind == "in":
                found += _contents(task, other)
    if explicit:
        return _once(found)
    others = [
        other
        for goal in task.goals
        if goal.kind not in ("far_from", "facing")
        for other in goal.others
    ]
    solid = [
        other
        for other in others
        if task.view.objects[other].kind not in ("wall", "ceiling", "floor")
    ]
    if any(goal.kind in ("under", "below") for goal in task.goals):
        return _once([*surfaces_below(task.view, solid), *_floors(task)])
    own = surfaces_below(task.view, [task.key])
    if not solid:
        return _once([*own, *_floors(task)])
    return _once([*surfaces_below(task.view, solid), *own, *_floors(task)])


def _contents(task: Task, key: str) -> list[Surface]:
    """The tops of what is in a box, below its rim, wide enough to hold the thing."""
    view, rim = task.view, task.view.box(key).top - 0.02
    narrow = float(np.delete(task.body.box.half, task.body.box.vertical_axis).min())
    return [
        surface
        for other in view.carried([key])
        if other not in task.group and len(view.body(other).pieces)
        for surface in surfaces_on(view, other)
        if surface.top < rim and _narrow(surface.piece) >= _MIN_SUPPORT * narrow
    ]


def _holding(task: Task, chosen: list[Surface], other: str) -> list[Surface]:
    """Those that are wide enough to hold the thing at all."""
    narrow = float(np.delete(task.body.box.half, task.body.box.vertical_axis).min())
    wide = [s for s in chosen if _narrow(s.piece) >= _MIN_SUPPORT * narrow]
    if not wide:
        raise Cannot(
            f"'{task.view.name(other)}' is too small to hold '{task.view.name(task.key)}'."
        )
    return wide


def _narrow(piece: Box) -> float:
    return float(np.delete(piece.half, piece.vertical_axis).min())
