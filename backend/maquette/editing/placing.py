"""Where a thing can go so that relations hold: spots on real surfaces, the best free one first. Deterministic.

Each relation proposes spots and says whether a spot satisfies it; a spot counts when all agree, nothing new is
penetrated, and it stands.
"""

import numpy as np

from maquette.editing import relations
from maquette.editing.boxes import CONTACT, Array, Box, gap, polygon_contains, turn
from maquette.editing.goals import Goal, Task
from maquette.editing.grounding import Cannot
from maquette.editing.packing import packed_spots
from maquette.editing.relations import SIDES, Placed
from maquette.editing.scene_view import Body, rests_on
from maquette.editing.spots import Spot, spots
from maquette.editing.wording import relation

_MAX_TRIED = 260  # spots that satisfy the goals, of each kind of proposal
_APART = 0.1  # another spot is at least so far from the ones before, or half the width of the thing
_FLAT = 0.03  # a rug: stepped onto


def solve(task: Task, candidate: int = 0) -> tuple[Array, Array]:
    """Rotation and shift of the group that satisfy all goals; `candidate`: the next best ones. Raises Cannot."""
    unmet = ""
    found: list[Array] = []
    apart = max(_APART, float(np.delete(task.body.box.half, task.body.box.vertical_axis).max()))
    # close to others only where no roomy spot is left
    for propose in (packed_spots,) if task.is_packed else (spots, packed_spots):
        tried = 0
        for spot in sorted(propose(task), key=lambda s: s.score):
            if tried >= _MAX_TRIED:
                break
            rotation, shift = _motion(task, spot)
            body = task.body.transformed(rotation, shift)
            if not _satisfies(task, body, rotation, spot):
                unmet = unmet or "room"
                continue
            tried += 1
            blocked, lift = _blocked(task, rotation, shift, spot)
            if blocked:
                unmet = blocked
                continue
            if any(float(np.linalg.norm(spot.xy - other)) < apart for other in found):
                continue
            if len(found) == candidate:
                return rotation, shift + np.array([0, 0, lift])
            found.append(spot.xy)
    raise Cannot(_no_room(task, unmet))


def _no_room(task: Task, blocked: str) -> str:
    view, name = task.view, task.view.name(task.key)
    goals = [g for g in task.goals if all(o in view.objects for o in g.others)]
    words = " and ".join(relation(view, g.kind, g.others, g.frame) for g in goals) or "there"
    if blocked in [view.name(o) for g in goals if g.kind == "in" for o in g.others]:
        return f"'{name}' is too big to fit {words}."
    if blocked and blocked != "room":
        return f"There is no room for '{name}' {words}: '{blocked}' is in the way."
    return f"There is no room for '{name}' {words}."


def _motion(task: Task, spot: Spot) -> tuple[Array, Array]:
    rotation = turn(spot.angle_deg) if spot.angle_deg else np.eye(3)
    centre = task.body.box.centre
    turned = task.body.transformed(rotation, centre - rotation @ centre)
    offset = np.array([*(spot.xy - centre[:2]), spot.z - turned.bottom])
    return rotation, centre - rotation @ centre + offset


def _blocked(task: Task, rotation: Array, shift: Array, spot: Spot) -> tuple[str, float]:
    """The name of what is in the way ("" if nothing), and how far to lift onto a rug."""
    moved = task.pieces.transformed(rotation, shift)
    left_out = {*task.group, *task.later_moved, *task.free_of}
    hits = _new(task, task.view.collisions(moved, left_out))
    if not hits:
        return "", 0.0
    view = task.view
    can_step = spot.surface is not None and not any(g.kind in ("on", "in") for g in task.goals)
    flat = [
        k
        for k in hits
        if view.box(k).top - spot.z <= _FLAT
        and view.box(k).half[view.box(k).vertical_axis] * 2 <= _FLAT
    ]
    if can_step and len(flat) == len(hits):
        lift = max(view.box(k).top for k in flat) - spot.z
        lifted = task.body.transformed(rotation, shift + np.array([0, 0, lift]))
        again = _new(
            task, view.collisions(moved.transformed(np.eye(3), np.array([0, 0, lift])), left_out)
        )
        if not again and any(rests_on(lifted, view.body(k)) for k in flat):
            return "", lift
    return view.name(max(hits, key=lambda k: hits[k])), 0.0


def _new(task: Task, hits: dict[str, float]) -> dict[str, float]:
    return {k: d for k, d in hits.items() if d > task.known.get(k, 0.0) + CONTACT}


def _satisfies(task: Task, body: Body, rotation: Array, spot: Spot) -> bool:
    front = task.view.front(task.key)
    thing = Placed(task.key, body, None if front is None else rotation @ front)
    if spot.surface is not None and not polygon_contains(
        spot.surface.piece.footprint, body.box.centre[:2], 0.0005
    ):
        return False
    return all(_meets(task, goal, thing, spot) != goal.is_negated for goal in task.goals)


def _meets(task: Task, goal: Goal, thing: Placed, spot: Spot) -> bool:
    view = task.view
    if not goal.others:
        return True
    if goal.kind in SIDES:
        return _meets_side(task, goal, thing)
    if goal.kind in ("on", "at_center", "at_edge", "at_end") and goal.others:
        if spot.surface is None:
            return True
        return spot.surface.key in goal.others
    if goal.kind == "in":
        return any(
            spot.surface is not None
            and (spot.surface.key == o or spot.surface.key in view.carried([o]))
            and (
                relations.is_inside(thing.body, view.body(o))
                or not relations.has_inside(view.body(o))
            )
            for o in goal.others
        )
    if goal.kind == "between":
        return relations.is_between(thing.box, view.box(goal.others[0]), view.box(goal.others[1]))
    if goal.kind in ("next_to", "near", "at", "with", "around"):
        return any(_is_near(goal, thing, view.box(o)) for o in goal.others)
    if goal.kind == "under":
        return any(relations.is_under(thing.body, view.body(o)) for o in goal.others)
    if goal.kind in ("against", "leaning_on", "attached_to"):
        return any(relations.is_against(thing, view.box(o)) for o in goal.others)
    if goal.kind == "far_from":
        gaps = [gap(thing.box, view.box(o)) for o in goal.others]
        if goal.distance is not None:
            return abs(min(gaps) - goal.distance) <= 0.01
        return min(gaps) > 1.0
    return True


def _is_near(goal: Goal, thing: Placed, box: Box) -> bool:
    between = gap(thing.box, box)
    if goal.distance is not None:
        return abs(between - goal.distance) <= 0.01
    return 0.0008 < between <= 0.5


def _meets_side(task: Task, goal: Goal, thing: Placed) -> bool:
    others = goal.others if len(goal.others) == 1 else goal.others[:]
    for other in others:
        direction = relations.side_direction(task.view, goal.kind, other, goal.frame)
        if direction is None:
            raise Cannot(f"'{task.view.name(other)}' has no front that would tell its sides.")
        farthest = max(relations.BESIDE_FARTHEST, (goal.distance or 0) + 0.02)
        if not relations.is_beside(thing.box, task.view.box(other), direction, farthest):
            return False
    return True
