"""Scale and resize: standing where it stood; what is on it goes up or down with its top."""

from dataclasses import replace

import numpy as np

from maquette.editing.boxes import Array, Box, polygon_distance
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.ordering import size_axis
from maquette.editing.plan import Resize, Scale
from maquette.editing.relations import WALL_CONTACT, thin_axis
from maquette.editing.wording import joined
from maquette.editing.wording import length as spoken_length

_SMALLEST, _LARGEST = 0.001, 1000.0


def scale(edit: Edit, operation: Scale) -> None:
    """By factors."""
    keys = edit.find(operation.targets)
    edit.movable(keys)
    factor = operation.factor if operation.factor is not None else 1.25
    for key in keys:
        factors = np.ones(3) * factor
        if operation.axis:
            factors = np.ones(3)
            factors[_axis(edit, key, operation.axis)] = factor
        stretch(edit, key, factors)
    edit.about(keys)
    what = f"the {operation.axis} of " if operation.axis else ""
    edit.messages.append(f"Scaled {what}{edit.view.names(keys)} to {factor * 100:.3g} %.")


def resize(edit: Edit, operation: Resize) -> None:
    """To, or by, a length."""
    keys = edit.find(operation.targets)
    edit.movable(keys)
    edit.grounder.subject = tuple(keys)  # "as tall as the other one"
    like = edit.grounder.one(operation.like) if operation.like is not None else None
    edit.grounder.subject = ()
    for key in keys:
        axis = _axis(edit, key, operation.axis)
        now = float(edit.view.box(key).size[axis])
        length = operation.length
        if like is not None:
            length = float(edit.view.box(like).size[_axis(edit, like, operation.axis)])
        if length is None:
            length = now + (operation.change or 0.0)
        if now < 1e-9:
            raise Cannot(f"'{edit.view.name(key)}' has no {operation.axis} to go by.")
        if length <= 0:
            raise Cannot(f"'{edit.view.name(key)}' is only {now:.3g} m in {operation.axis}.")
        factors = np.ones(3)
        is_long = now >= 3 * float(
            np.sort(edit.view.box(key).size)[1]
        )  # a pen is made shorter, not thinner
        if operation.keeps_proportions or (operation.axis == "size" and not is_long):
            factors *= length / now
        else:
            factors[axis] = length / now
        stretch(edit, key, factors)
    edit.about(keys)
    word = "size" if operation.axis == "size" else operation.axis
    now = [float(edit.view.box(key).size[_axis(edit, key, operation.axis)]) for key in keys]
    each = joined(list(dict.fromkeys(spoken_length(edit.view, value) for value in now)), "and")
    edit.messages.append(f"Set the {word} of {edit.view.names(keys)} to {each}.")


def _axis(edit: Edit, key: str, word: str) -> int:
    if word == "size":
        return int(np.argmax(edit.view.box(key).size))
    return size_axis(edit.view, key, word)


def stretch(edit: Edit, key: str, factors: Array) -> None:
    """Along its own axes, keeping the centre of the footprint and the underside; never into its wall."""
    view = edit.view
    item = view.objects[key]
    if item.bounds is None:
        raise Cannot(f"'{view.name(key)}' has no size.")
    size = view.box(key).size * factors
    if not np.all(factors > 0) or size.max() > _LARGEST or size.max() < _SMALLEST:
        raise Cannot(f"'{view.name(key)}' cannot be {size.max():.3g} m large.")
    carried = edit.group(key)[1:]
    before = view.body(key)
    matrix = np.array(item.world_from_object, float)
    matrix[:3, :3] = matrix[:3, :3] * factors
    edit.put({key: replace(item, world_from_object=tuple(map(tuple, matrix.tolist())))})
    after = edit.view.body(key)
    stands = bool(view.supports(key)) or not len(before.pieces)
    shift = before.box.centre - after.box.centre
    # what hangs on a wall or from the ceiling keeps its middle or its top
    shift[2] = before.bottom - after.bottom if stands or not _hangs(edit, key) else shift[2]
    edit.shift([key], shift)
    for other in carried:
        _carry(edit, key, other, before.box.centre, before.box.top, factors)
    edit.shift([key, *carried], _clear_of_walls(edit, key, before.box))


def _clear_of_walls(edit: Edit, key: str, before: Box) -> Array:
    """How far to move what grew against a wall, so that it is as far from the wall as it was."""
    shift = np.zeros(3)
    for other in edit.view.ids:
        wall = edit.view.box(other)
        if (
            edit.view.objects[other].kind != "wall"
            or polygon_distance(before.footprint, wall.footprint) > WALL_CONTACT
        ):
            continue
        normal = thin_axis(wall)
        normal *= np.sign(float((before.centre - wall.centre) @ normal))
        was, now = (box.extent(normal)[0] for box in (before, edit.view.box(key)))
        shift += normal * max(was - now, 0.0)
    return shift


def _hangs(edit: Edit, key: str) -> bool:
    return (
        bool(len(edit.view.body(key).pieces)) and not edit.before.supports(key)
        if key in edit.before.objects
        else False
    )


def _carry(edit: Edit, base: str, key: str, centre: Array, top: float, factors: Array) -> None:
    """What stands on a stretched thing stays over the same part of it."""
    box = edit.view.box(base)
    here = edit.view.box(key).centre - centre
    local = box.axes.T @ here
    offset = box.axes @ (local * factors) - here
    offset[2] = box.top - top if edit.view.body(key).bottom >= top - 0.01 else offset[2]
    if edit.view.body(key).bottom < top - 0.01 and edit.view.objects[key].parent != base:
        offset[2] = 0.0
    edit.shift([key], offset)
    if edit.view.body(key).bottom < top - 0.01 and edit.view.body(key).pieces is not None:
        _settle(edit, key)


def _settle(edit: Edit, key: str) -> None:
    if key in edit.before.objects and edit.before.supports(key) and not edit.view.supports(key):
        body = edit.view.body(key)
        height = edit.standing_height(body, body, [key])
        if height is not None:
            edit.shift([key], np.array([0, 0, height]))
