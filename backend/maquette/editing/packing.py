"""Places close to what stands on a surface already: where the wide grid of spots finds none, or many things must fit.

In the surface's own axes; heights that clear the surface count as obstacles.
"""

from collections.abc import Iterator

import numpy as np

from maquette.editing.boxes import CONTACT, Array, Box, Boxes, turn
from maquette.editing.goals import Task
from maquette.editing.spots import Spot
from maquette.editing.surfaces import Surface, surfaces

_SPACE = 0.006  # between neighbours
_MAX_OBSTACLES = 12  # the nearest to where the thing should be; more lines than these are not tried


def packed_spots(task: Task) -> Iterator[Spot]:
    """Free spots flush with the surface's edges and what stands there, corner by corner."""
    for number, surface in enumerate(surfaces(task, on_contents=True)):
        for turned, angle in enumerate((0.0, 90.0)):
            for order, xy in enumerate(_free_places(task, surface, angle)):
                yield Spot(xy, surface.top, angle, 10.0 * number + 5.0 * turned + 0.01 * order, surface)  # fmt: skip


def _free_places(task: Task, surface: Surface, angle: float) -> list[Array]:
    piece = surface.piece
    flat = [k for k in range(3) if k != piece.vertical_axis]
    axes = piece.axes[:, flat] * np.array([[1.0], [1.0], [0.0]])
    middle, half = piece.centre @ axes, piece.half[flat]
    own = _half_along(task.body.box, turn(angle) if angle else np.eye(3), axes)
    low, high = _obstacles(task, surface, axes)
    lines = [
        np.unique(
            np.round(
                np.concatenate([
                    low[:, k] - own[k] - _SPACE, high[:, k] + own[k] + _SPACE,
                    [middle[k] - half[k] + own[k], middle[k], middle[k] + half[k] - own[k]],
                ]),
                6,
            )
        )
        for k in (0, 1)
    ]  # fmt: skip
    places = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 2)
    is_over = np.all(np.abs(places - middle) <= half, axis=1)
    overlaps = np.all(
        (places[:, None] + own > low + CONTACT) & (places[:, None] - own < high - CONTACT), axis=2
    )
    # whole on the surface first, then over its edge; row by row
    beyond = np.maximum(np.abs(places - middle) + own - half, 0.0).sum(axis=1).round(4)
    chosen = np.nonzero(is_over & ~overlaps.any(axis=1))[0]
    ranked = sorted(chosen, key=lambda i: (beyond[i], places[i, 1], places[i, 0]))
    return [axes[:2] @ places[i] for i in ranked]


def _half_along(box: Box, rotation: Array, axes: Array) -> Array:
    return np.abs(axes.T @ rotation @ box.axes) @ box.half


def _obstacles(task: Task, surface: Surface, axes: Array) -> tuple[Array, Array]:
    """Extents (N, 2) along the surface's axes of what is solid in the layer that the thing will take up."""
    boxes, owner = task.view.solids
    left_out = {*task.group, *task.later_moved, *task.free_of}
    height = task.body.box.top - task.body.bottom
    reach = np.linalg.norm(surface.piece.half) + np.linalg.norm(task.body.box.half)
    is_near = (
        (boxes.low[:, 2] < surface.top + height - CONTACT)
        & (boxes.high[:, 2] > surface.top + CONTACT)
        & (np.linalg.norm((boxes.centre - surface.piece.centre)[:, :2], axis=1)
           <= reach + np.linalg.norm(boxes.reach[:, :2], axis=1))
        & np.array([task.view.ids[int(o)] not in left_out for o in owner], bool)
    )  # fmt: skip
    near = np.nonzero(is_near)[0]
    distances = np.linalg.norm(boxes.centre[near, :2] - _wanted(task, surface), axis=1)
    near = near[np.argsort(distances, kind="stable")[:_MAX_OBSTACLES]]
    kept = Boxes(boxes.centre[near], boxes.axes[near], boxes.half[near])
    centre = kept.centre @ axes
    half = np.einsum("nkj,nj->nk", np.abs(np.einsum("ik,nij->nkj", axes, kept.axes)), kept.half)
    return centre - half, centre + half


def _wanted(task: Task, surface: Surface) -> Array:
    """About where on the surface: at the things that the goals name, else in its middle."""
    named = {o for g in task.goals for o in g.others if o != surface.key}
    centres = [task.view.box(o).centre[:2] for o in sorted(named) if not task.view.is_fixed(o)]
    return np.mean(centres, axis=0) if centres else surface.piece.centre[:2]
