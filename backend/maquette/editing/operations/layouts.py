"""Where several things could go, to be in a row, on a circle or in a grid, with what each way costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from maquette.editing.boxes import Array, Box
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.ordering import measured
from maquette.editing.plan import Arrange
from maquette.editing.relations import side_direction, thin_axis
from maquette.editing.surfaces import Surface


@dataclass(frozen=True)
class Layout:
    """Where each thing's centre goes on the ground, and what it costs."""

    places: tuple[Array, ...]
    cost: float


def layouts(
    edit: Edit, keys: list[str], operation: Arrange, reference: str | None, surface: Surface | None
) -> Iterator[Layout]:
    """On circles, in grids, in rows; whether they are free is not looked at."""
    if operation.pattern == "circle":
        yield from _circles(edit, keys, operation, reference)
    elif operation.pattern == "grid":
        yield from _grids(edit, keys, operation, surface)
    else:
        yield from _lines(edit, keys, operation, reference, surface)


def centres(edit: Edit, keys: Sequence[str]) -> Array:
    """(N, 2) on the ground."""
    return np.array([edit.view.box(k).centre[:2] for k in keys])


def _moved(now: Array, places: Sequence[Array]) -> float:
    return float(np.linalg.norm(now - np.array(places), axis=1).sum())


def _circles(
    edit: Edit, keys: list[str], operation: Arrange, reference: str | None
) -> Iterator[Layout]:
    now = centres(edit, keys)
    middle = edit.view.box(reference).centre[:2] if reference is not None else now.mean(0)
    widest = max(
        float(np.linalg.norm(np.delete(edit.view.box(k).half, edit.view.box(k).vertical_axis)))
        for k in keys
    )
    inner = (
        float(np.linalg.norm(edit.view.box(reference).half[:2])) if reference is not None else 0.0
    )
    smallest = max(inner + widest + 0.1, widest / np.sin(np.pi / max(len(keys), 2)) + 0.05)
    radii = (
        (operation.radius,)
        if operation.radius is not None
        else tuple(smallest * f for f in (1.0, 0.85, 1.2, 1.5, 2.0))
    )
    angles = np.arctan2(now[:, 1] - middle[1], now[:, 0] - middle[0])
    order = list(np.argsort(angles))
    step = 2 * np.pi / len(keys)
    for radius in radii:
        for phase in np.linspace(0, step, 24, endpoint=False):
            for turn in range(len(keys)):
                places: list[Array] = [np.zeros(2)] * len(keys)
                for rank, index in enumerate(order):
                    angle = phase + (rank + turn) * step
                    places[index] = middle + radius * np.array([np.cos(angle), np.sin(angle)])
                yield Layout(tuple(places), _moved(now, places) + radius * 0.2)


def _grids(
    edit: Edit, keys: list[str], operation: Arrange, surface: Surface | None
) -> Iterator[Layout]:
    count = len(keys)
    columns = operation.columns or (
        -(-count // operation.rows) if operation.rows else int(np.ceil(np.sqrt(count)))
    )
    rows = operation.rows or -(-count // columns)
    if rows * columns < count:
        raise Cannot(f"{count} things do not fit into {rows} by {columns}.")
    now = centres(edit, keys)
    right, away = (v[:2] for v in edit.view.viewer)
    for first, second in ((right, away), (np.array([1.0, 0]), np.array([0, 1.0]))):
        for space in (operation.spacing,) if operation.spacing is not None else (0.1, 0.05, 0.2):
            width = max(_width(edit, k, first) for k in keys) + space
            depth = max(_width(edit, k, second) for k in keys) + space
            offsets = [
                (c - (columns - 1) / 2) * width * first + ((rows - 1) / 2 - r) * depth * second
                for r in range(rows) for c in range(columns)
            ][:count]  # fmt: skip
            for middle in _middles(now.mean(0), surface):
                places = _assigned(now, [middle + o for o in offsets])
                yield Layout(tuple(places), _moved(now, places))


def _assigned(now: Array, places: list[Array]) -> list[Array]:
    """Each thing to the nearest place that is left."""
    left = list(range(len(places)))
    chosen: list[Array] = []
    for here in now:
        best = min(left, key=lambda i: float(np.linalg.norm(places[i] - here)))
        left.remove(best)
        chosen.append(places[best])
    return chosen


def _width(edit: Edit, key: str, direction: Array) -> float:
    low, high = edit.view.box(key).extent(np.array([direction[0], direction[1], 0.0]))
    return high - low


def _middles(here: Array, surface: Surface | None) -> Iterator[Array]:
    yield here
    for radius in (0.15, 0.3, 0.6, 1.0, 1.5, 2.2):
        for angle in range(0, 360, 30):
            yield here + radius * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    if surface is not None:
        yield surface.piece.centre[:2]


def _lines(
    edit: Edit, keys: list[str], operation: Arrange, reference: str | None, surface: Surface | None
) -> Iterator[Layout]:
    now = centres(edit, keys)
    if reference is not None and edit.view.objects[reference].kind == "wall":
        yield from _along_wall(edit, keys, operation, edit.view.box(reference), now)
        return
    anchor = (
        reference
        if reference is not None
        and operation.relation is None
        and operation.pattern != "distribute"
        else None
    )
    directions = _directions(edit, operation, now, reference, anchor)
    for number, direction in enumerate(directions):
        order = _in_order(edit, keys, operation, direction)
        for space, weight in _spaces(edit, keys, operation, direction, now):
            steps = _steps(edit, keys, order, direction, space)
            for middle in _line_middles(
                edit, operation, reference, anchor, now, surface, steps, direction
            ):
                places: list[Array] = [np.zeros(2)] * len(keys)
                for index, along in zip(
                    order, steps - steps.mean() if anchor is None else steps, strict=True
                ):
                    places[index] = middle + along * direction
                yield Layout(tuple(places), _moved(now, places) + 0.3 * number + weight)


def _along_wall(
    edit: Edit, keys: list[str], operation: Arrange, wall: Box, now: Array
) -> Iterator[Layout]:
    """Rows before a wall, the deepest thing touching it, from where the things are to either side."""
    normal = thin_axis(wall)
    normal *= np.sign(float((now.mean(0) - wall.centre[:2]) @ normal[:2])) or 1.0
    along = np.array([-normal[1], normal[0]])
    if float(along @ edit.view.viewer[0][:2]) < 0:
        along = -along
    deepest = max(_width(edit, key, normal[:2]) for key in keys)
    face = wall.extent(normal)[1] + deepest / 2 + 0.005
    order = _in_order(edit, keys, operation, along)
    for space, weight in _spaces(edit, keys, operation, along, now):
        steps = _steps(edit, keys, order, along, space)
        low, high = wall.extent(np.array([*along, 0.0]))
        for middle in (float(now.mean(0) @ along) + np.arange(-40, 41) * 0.1).tolist():
            if middle + steps[0] - steps.mean() < low or middle + steps[-1] - steps.mean() > high:
                continue
            places: list[Array] = [np.zeros(2)] * len(keys)
            for index, step in zip(order, steps - steps.mean(), strict=True):
                places[index] = face * normal[:2] + (middle + step) * along
            yield Layout(tuple(places), _moved(now, places) + weight)


def _directions(
    edit: Edit, operation: Arrange, now: Array, reference: str | None, anchor: str | None
) -> list[Array]:
    right, away = (v[:2] for v in edit.view.viewer)
    if operation.along is not None:
        d = edit.view.direction(operation.along)
        return [d[:2]] if d is not None and abs(float(d[2])) < 0.5 else [right]
    points = now if anchor is None else np.vstack([now, edit.view.box(anchor).centre[:2]])
    offsets = points - points.mean(0)
    main = (
        np.linalg.svd(offsets)[2][0]
        if len(points) > 1 and float(np.abs(offsets).max()) > 0.02
        else right
    )
    if float(main @ right) < -1e-6 or (abs(float(main @ right)) < 1e-6 and float(main @ away) < 0):
        main = -main
    found = [right] if operation.sort is not None else []
    found += [main, right, away, np.array([1.0, 0.0]), np.array([0.0, 1.0])]
    if reference is not None and operation.relation in ("in_front_of", "behind"):
        found.insert(0, right)
    return found


def _in_order(edit: Edit, keys: Sequence[str], operation: Arrange, direction: Array) -> list[int]:
    if operation.sort is not None:
        values = [measured(edit.view, k, operation.sort.measure) for k in keys]
        return sorted(
            range(len(keys)),
            key=lambda i: (
                -values[i] if operation.sort and operation.sort.is_descending else values[i]
            ),
        )
    now = centres(edit, keys)
    return sorted(range(len(keys)), key=lambda i: float(now[i] @ direction))


def _spaces(
    edit: Edit, keys: Sequence[str], operation: Arrange, direction: Array, now: Array
) -> list[tuple[float, float]]:
    """Gaps to try between neighbours, with what each costs."""
    if operation.spacing is not None:
        return [(operation.spacing, 0.0)]
    along = now @ direction
    total = sum(_width(edit, k, direction) for k in keys)
    first, last = keys[int(np.argmin(along))], keys[int(np.argmax(along))]
    span = (
        float(np.ptp(along)) + (_width(edit, first, direction) + _width(edit, last, direction)) / 2
    )
    current = (span - total) / max(len(keys) - 1, 1)
    typical = max(0.04, 0.25 * total / len(keys))
    if operation.pattern == "distribute":
        return (
            [(current, 0.0), (typical, 1.0), (2 * typical, 1.0), (0.03, 2.0)]
            if current > 0.02
            else [(typical, 0.0), (0.03, 1.0)]
        )
    return (
        [(current, 0.0), (typical, 0.1), (0.03, 0.3)]
        if 0.02 < current < 6 * typical
        else [(typical, 0.0), (0.03, 0.3), (2 * typical, 0.3)]
    )


def _steps(
    edit: Edit, keys: Sequence[str], order: Sequence[int], direction: Array, space: float
) -> Array:
    """Centres along the line with equal gaps."""
    places: list[float] = []
    at = 0.0
    for rank, index in enumerate(order):
        half = _width(edit, keys[index], direction) / 2
        at += half + (space if rank else 0.0)
        places.append(at)
        at += half
    return np.array(places)


def _line_middles(
    edit: Edit, operation: Arrange, reference: str | None, anchor: str | None, now: Array,
    surface: Surface | None, steps: Array, direction: Array,
) -> Iterator[Array]:  # fmt: skip
    if anchor is not None:
        box = edit.view.box(anchor)
        d = np.array([direction[0], direction[1], 0.0])
        half = (box.extent(d)[1] - box.extent(d)[0]) / 2
        for space in (0.1, 0.2, 0.4, 0.7, 1.0):
            yield box.centre[:2] + (half + space) * direction
            yield box.centre[:2] - (half + space + float(steps[-1]) + float(steps[0])) * direction
        return
    if reference is not None and operation.relation in (
        "left_of",
        "right_of",
        "in_front_of",
        "behind",
        "next_to",
        "near",
    ):
        box = edit.view.box(reference)
        kinds = (
            [operation.relation]
            if operation.relation not in ("next_to", "near")
            else ["in_front_of", "left_of", "right_of", "behind"]
        )
        for kind in kinds:
            way = side_direction(edit.view, kind, reference, "viewer")
            if way is None:
                continue
            for space in (0.2, 0.35, 0.5, 0.7):
                reach = box.extent(way)[1] - float(box.centre @ way)
                deep = float(np.ptp(steps)) / 2 * abs(float(way[:2] @ direction))
                yield box.centre[:2] + (reach + space + 0.15 + deep) * way[:2]
        return
    if operation.pattern == "distribute":
        along = now @ direction
        ends = now[[int(np.argmin(along)), int(np.argmax(along))]]
        yield ends.mean(0)
    if surface is not None and reference is not None and operation.relation in ("on", "at_center"):
        yield surface.piece.centre[:2]
        flat = [k for k in range(3) if k != surface.piece.vertical_axis]
        for x in (0.0, -0.25, 0.25, -0.5, 0.5, -0.7, 0.7):
            for y in (0.0, -0.3, 0.3, -0.6, 0.6):
                sides = x * surface.piece.half[flat[0]], y * surface.piece.half[flat[1]]
                offset = sum(
                    s * surface.piece.axes[:2, k] for s, k in zip(sides, flat, strict=True)
                )
                yield surface.piece.centre[:2] + offset
    yield from _middles(now.mean(0), surface)
