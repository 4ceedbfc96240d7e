"""Several things into one tower that stands firm."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from maquette.editing.boxes import (
    CONTACT,
    Array,
    Boxes,
    convex_hull,
    overlap,
    polygon_contains,
    polygon_depth,
)
from maquette.editing.edit import Edit
from maquette.editing.goals import Goal, Task
from maquette.editing.grounding import Cannot
from maquette.editing.operations.pose import place
from maquette.editing.packing import packed_spots
from maquette.editing.plan import Arrange, Place, Ref, Relation
from maquette.editing.scene_view import Body, rests_on
from maquette.editing.surfaces import Surface, surfaces_below, surfaces_on


def stack(edit: Edit, keys: list[str], operation: Arrange, reference: str | None) -> None:
    """One tower, the widest at the bottom unless said; where one of them stands."""
    view = edit.view
    if operation.sort is not None:
        ordered = [key for _, key in edit.grounder.sorted(keys, operation.sort)]
        if set(ordered) != set(keys):
            ordered = keys
    else:
        # of equals what carries something goes on top
        carries = {key: bool(set(view.carried([key])) - set(keys)) for key in keys}
        ordered = sorted(keys, key=lambda k: (-round(_area(edit, k), 4), carries[k]))
    groups = {key: [k for k in edit.group(key) if k == key or k not in keys] for key in ordered}
    for key in ordered:
        if any(k in groups[o] for o in ordered if o != key for k in groups[key]):
            groups[key] = [key]
    base = ordered[0]
    if reference is not None and operation.relation not in (
        None,
        "on",
        "in",
        "at_center",
        "at_edge",
    ):
        where = Relation(
            kind=operation.relation, to=(Ref(words=edit.view.name(reference), ids=(reference,)),)
        )
        place(edit, Place(targets=Ref(words=edit.view.name(base), ids=(base,)), relations=(where,)))
        edit.messages.pop()
        reference = None
    spots = _tower_spots(edit, ordered, reference)
    members = {k for group in groups.values() for k in group}
    tower = _tower(edit, ordered)
    for xy, z in spots if tower is not None else ():
        first = edit.view.body(base)
        to_spot = np.array([*(xy - first.box.centre[:2]), z - first.bottom])
        moves = {key: offset + to_spot for key, offset in (tower or {}).items()}
        if _is_free(edit, groups, moves, members):
            edit.shift_each({k: moves[key] for key in moves for k in groups[key]})
            return
    raise Cannot(
        f"{view.names(ordered)} cannot be stacked: there is no room, or one would not stand."
    )


def _is_free(
    edit: Edit, groups: dict[str, list[str]], moves: dict[str, Array], members: set[str]
) -> bool:
    """Whether the whole tower, tested at once, goes into nothing else."""
    parts = [(edit.view.body(k).pieces, moves[key]) for key in moves for k in groups[key]]
    moved = Boxes.joined([pieces.transformed(np.eye(3), offset) for pieces, offset in parts])
    return not edit.view.new_collisions(
        moved, Boxes.joined([pieces for pieces, _ in parts]), members
    )


def _area(edit: Edit, key: str) -> float:
    box = edit.view.box(key)
    return float(np.prod(np.delete(box.size, box.vertical_axis)))


def _tower_spots(
    edit: Edit, ordered: Sequence[str], reference: str | None
) -> list[tuple[Array, float]]:
    view = edit.view
    spots: list[tuple[Array, float]] = []
    if reference is not None:
        task = Task(view, ordered[0], [ordered[0]], [])
        for surface in surfaces_on(view, reference):
            spots += _around_surface(surface, surface.piece.centre[:2])
        on = replace(task, goals=[Goal("on", (reference,))], free_of=set(ordered))
        return spots + [(spot.xy, spot.z) for spot in packed_spots(on) if not spot.angle_deg]
    members = set(ordered)
    for key in ordered:
        if not set(view.supports(key)) & members:
            spots.append((view.box(key).centre[:2].copy(), view.body(key).bottom))
    for key in ordered:
        for surface in surfaces_below(view, [key]):
            if surface.key not in members:
                spots += _around_surface(surface, view.box(key).centre[:2])
                break
    return spots


def _around_surface(surface: Surface, here: Array) -> list[tuple[Array, float]]:
    found = [(surface.piece.centre[:2].copy(), surface.top)]
    for radius in (0.15, 0.3, 0.5, 0.8):
        for angle in range(0, 360, 45):
            found.append(
                (
                    here
                    + radius * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]),
                    surface.top,
                )
            )
    return [spot for spot in found if polygon_contains(surface.piece.footprint, spot[0])]


def _tower(edit: Edit, ordered: Sequence[str]) -> dict[str, Array] | None:
    """How far each goes where the lowest stays; None where one of them does not stand on the one below."""
    moves = {ordered[0]: np.zeros(3)}
    for low, high in pairwise(ordered):
        below, body = edit.view.body(low).moved(moves[low]), edit.view.body(high)
        for middle, top in _levels(edit, low):
            place = np.array([*(middle + moves[low][:2]), top + moves[low][2]])
            offset = place - np.array([*body.box.centre[:2], body.bottom])
            moved = body.moved(offset)
            if _is_firm(moved, below) and overlap(moved.pieces, below.pieces) <= CONTACT:
                moves[high] = offset
                break
        else:
            return None
    return moves


def _is_firm(body: Body, base: Body) -> bool:
    """Its middle is over the area between the places where it touches the base from above."""
    if len(body.feet) == 1 and rests_on(body, base):
        return True
    corners: list[Array] = []
    for foot in body.feet:
        for piece in base.pieces.items:
            if (
                abs(piece.top - body.bottom) > CONTACT
                or polygon_depth(foot.footprint, piece.footprint) < 0.001
            ):
                continue
            low = np.maximum(foot.footprint.min(axis=0), piece.footprint.min(axis=0))
            high = np.minimum(foot.footprint.max(axis=0), piece.footprint.max(axis=0))
            corners += [low, high, np.array([low[0], high[1]]), np.array([high[0], low[1]])]
    if not corners:
        return False
    return polygon_contains(convex_hull(np.array(corners)), body.box.centre[:2], 0.001)


def _levels(edit: Edit, key: str) -> list[tuple[Array, float]]:
    """Where something can stand on a thing: its surfaces, and the rim of what is open."""
    box = edit.view.box(key)
    surfaces = surfaces_on(edit.view, key) if len(edit.view.body(key).pieces) else []
    return [*((s.piece.centre[:2], s.top) for s in surfaces), (box.centre[:2], box.top)]


def hits(edit: Edit, group: Iterable[str], offset: Array, leaving_out: Iterable[str]) -> bool:
    pieces = Boxes.joined([edit.view.body(k).pieces for k in group])
    moved = pieces.transformed(np.eye(3), offset)
    return bool(edit.view.new_collisions(moved, pieces, leaving_out))
