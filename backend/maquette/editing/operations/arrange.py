"""Several things into a line, circle, grid or stack, or onto one edge: the free layout nearest to where they are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from maquette.editing.boxes import (
    CONTACT,
    Array,
    Boxes,
    overlap,
    polygon_contains,
)
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.operations.layouts import Layout, centres, layouts
from maquette.editing.operations.pose import outermost, place
from maquette.editing.operations.stacking import hits, stack
from maquette.editing.plan import Arrange, Place, Ref, Relation
from maquette.editing.surfaces import Surface, surfaces_below, surfaces_on

_UP = np.array([0.0, 0.0, 1.0])
_MAX_TRIED = 150


def arrange(edit: Edit, operation: Arrange) -> None:
    keys = edit.find(operation.targets)
    edit.movable(keys)
    if operation.pattern in ("align", "distribute"):
        keys = outermost(edit, keys)
    if len(keys) == 1 and operation.pattern == "stack" and operation.reference is not None:
        relation = Relation(kind=operation.relation or "on", to=(operation.reference,))
        place(
            edit,
            Place(
                targets=Ref(words=operation.targets.words, ids=tuple(keys)), relations=(relation,)
            ),
        )
        return
    if operation.relation == "around" and operation.pattern in ("line", "row"):
        operation = replace(operation, pattern="circle")
    reference = _reference(edit, operation, keys)
    keys = [key for key in keys if key != reference]
    if len(keys) < 2 and not (reference and operation.pattern in ("line", "row", "align", "stack")):
        raise Cannot(
            f"It takes at least two things to arrange, and there is only {edit.view.names(keys)}."
        )
    if operation.pattern == "stack":
        stack(edit, keys, operation, reference)
    elif operation.pattern == "align":
        _align(edit, keys, operation, reference)
    else:
        _lay_out(edit, keys, operation, reference)
    edit.about(keys)
    what = {
        "stack": "Stacked",
        "align": "Aligned",
        "distribute": "Spaced evenly",
        "circle": "Set in a circle",
        "grid": "Set in a grid",
    }
    edit.messages.append(f"{what.get(operation.pattern, 'Lined up')} {edit.view.names(keys)}.")


def _reference(edit: Edit, operation: Arrange, keys: Sequence[str]) -> str | None:
    if operation.reference is None or operation.reference.pronoun == "viewer":
        return None
    edit.grounder.subject = tuple(keys)
    found = edit.grounder.fitting(operation.reference)
    edit.grounder.subject = ()
    edit.note(operation.reference, found)
    if len(found) == 1:
        return found[0]
    bases = [
        b for k in keys if k in edit.before.objects for b in edit.before.supports(k) if b in found
    ]
    if bases:
        return max(set(bases), key=bases.count)
    if all(edit.view.objects[k].kind in ("floor", "wall") for k in found):
        return found[0]
    raise edit.grounder.unclear(found, operation.reference)


# lines, circles, grids ----------------------------------------------------------------------------


def _lay_out(edit: Edit, keys: list[str], operation: Arrange, reference: str | None) -> None:
    groups = {key: [k for k in edit.group(key) if k == key or k not in keys] for key in keys}
    members = {k for group in groups.values() for k in group}
    surface = _surface(edit, keys, operation, reference)
    cheapest = sorted(
        layouts(edit, keys, operation, reference, surface), key=lambda layout: layout.cost
    )
    for layout in cheapest[:_MAX_TRIED]:
        moves = _fitted(edit, keys, groups, members, layout, surface)
        if moves is not None:
            edit.shift_each({k: moves[key] for key in moves for k in groups[key]})
            return
    raise Cannot(f"There is no room to arrange {edit.view.names(keys)} like that.")


def _surface(
    edit: Edit, keys: Sequence[str], operation: Arrange, reference: str | None
) -> Surface | None:
    view = edit.view
    if reference is not None and operation.relation in ("on", "in", "at_center", "at_edge"):
        return surfaces_on(view, reference)[0]
    members = set(keys)
    bases = [s for key in keys for s in surfaces_below(view, [key])[:1] if s.key not in members]
    if not bases:
        return None
    counts = {
        id(s): sum(s.key == other.key and abs(s.top - other.top) < CONTACT for other in bases)
        for s in bases
    }
    return max(bases, key=lambda s: counts[id(s)])


def _fitted(
    edit: Edit,
    keys: Sequence[str],
    groups: dict[str, list[str]],
    members: set[str],
    layout: Layout,
    surface: Surface | None,
) -> dict[str, Array] | None:
    moves: dict[str, Array] = {}
    pieces: list[Boxes] = []
    for key, spot in zip(keys, layout.places, strict=True):
        body = edit.view.body(key)
        rests = surface is not None and bool(edit.view.supports(key))
        z = surface.top - body.bottom if rests and surface is not None else 0.0
        offset = np.array([*(spot - body.box.centre[:2]), z])
        if (
            rests
            and surface is not None
            and not polygon_contains(surface.piece.footprint, spot, -0.001)
        ):
            return None
        if hits(edit, groups[key], offset, members):
            return None
        moved = Boxes.joined([edit.view.body(k).pieces for k in groups[key]]).transformed(
            np.eye(3), offset
        )
        if any(overlap(moved, other) > CONTACT for other in pieces):
            return None
        pieces.append(moved)
        moves[key] = offset
    return moves


# aligning -----------------------------------------------------------------------------------------


def _align(edit: Edit, keys: list[str], operation: Arrange, reference: str | None) -> None:
    """One coordinate made equal; along the other each keeps its place."""
    edge = operation.edge
    groups = {key: edit.group(key) for key in keys}
    members = {k for group in groups.values() for k in group}
    axes = _align_axes(edit, keys, operation)
    for number, axis in enumerate(axes):
        offsets = _align_offsets(edit, keys, axis, reference, is_center=edge in ("", "center"))
        is_free = not any(hits(edit, groups[k], offset, members) for k, offset in offsets.items())
        if not is_free and number < len(axes) - 1:
            continue
        for key, offset in offsets.items():
            if abs(float(axis[2])) > 0.5:
                edit.lifted.add(key)
            edit.slide(groups[key], offset)
        return


def _align_axes(edit: Edit, keys: list[str], operation: Arrange) -> list[Array]:
    """In which directions they are made to agree: the first that is free is taken."""
    right, away = edit.view.viewer
    named = {
        "right": right,
        "left": -right,
        "back": away,
        "front": -away,
        "top": _UP,
        "bottom": -_UP,
    }
    if operation.edge in named:
        return [named[operation.edge]]
    given = edit.view.direction(operation.along) if operation.along else None
    if given is not None:
        return [np.array([-given[1], given[0], 0.0])]
    now = centres(edit, keys)
    options = [right, away, np.array([1.0, 0, 0]), np.array([0, 1.0, 0])]
    return sorted(options, key=lambda axis: float(np.ptp(now @ axis[:2])))


def _align_offsets(
    edit: Edit, keys: list[str], axis: Array, reference: str | None, *, is_center: bool
) -> dict[str, Array]:
    def coordinate(key: str) -> float:
        box = edit.view.box(key)
        return float(box.centre @ axis) if is_center else box.extent(axis)[1]

    values = [coordinate(k) for k in keys]
    goal = float(np.median(values)) if is_center else max(values)
    if reference is not None:
        goal = coordinate(reference)
    return {key: axis * (goal - value) for key, value in zip(keys, values, strict=True)}
