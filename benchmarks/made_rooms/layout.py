"""Which things a generated scene holds, what they look like and where they stand; decided by a seed alone.

Two kinds: a `room` (furniture along two walls, things on it, on the floor and on the wall) and a `table` (a table top
full of small things). Things touch and hide one another. World: Z up, metres, the floor at 0, the back wall at +y, the
left wall at -x.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from made_rooms import shapes
from made_rooms.shapes import Mesh

COLORS = {
    "red": (0.72, 0.10, 0.08),
    "orange": (0.90, 0.45, 0.07),
    "yellow": (0.92, 0.80, 0.15),
    "green": (0.13, 0.48, 0.17),
    "blue": (0.13, 0.32, 0.80),
    "purple": (0.50, 0.20, 0.68),
    "pink": (0.92, 0.48, 0.62),
    "brown": (0.45, 0.27, 0.14),
    "white": (0.86, 0.85, 0.82),
    "grey": (0.45, 0.46, 0.47),
    "black": (0.12, 0.12, 0.13),
}  # fmt: skip sRGB
PATTERNS = ("noise", "cells", "waves", "checker", "bricks")
_ROOM = (3.4, 3.0)  # of the floor along x and y
_TRIES = 60


@dataclass(frozen=True)
class Shape:
    """A thing before it has a place: its mesh, the box it fills, how high things stand on it (None: nothing does)."""

    label: str
    mesh: Mesh
    size: tuple[float, float, float]
    top: float | None = None


@dataclass(frozen=True)
class Thing:
    """A thing in its place: `at` is its base's centre, turned by `yaw` radians about the vertical."""

    id: str
    kind: str
    shape: Shape
    at: tuple[float, float, float]
    yaw: float
    color: str
    pattern: str
    rests_on: str | None

    def vertices_world(self) -> np.ndarray:
        """(V, 3) metres."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return self.shape.mesh[0] @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) + np.array(self.at)

    def entry(self, index: int) -> dict[str, Any]:
        """What objects.json says of it."""
        points, local = self.vertices_world(), self.shape.mesh[0]
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        x, y, z = self.at
        low, high = points.min(0), points.max(0)
        return {
            "id": self.id,
            "index": index,
            "label": self.shape.label,
            "kind": self.kind,
            "color": self.color,
            "rests_on": self.rests_on,
            "world_from_object": [[c, -s, 0, x], [s, c, 0, y], [0, 0, 1, z], [0, 0, 0, 1]],
            "bounds": {"min": local.min(0).tolist(), "max": local.max(0).tolist()},
            "world_min": low.tolist(),
            "world_max": high.tolist(),
            "centre": ((low + high) / 2).tolist(),
        }

    def corners(self) -> np.ndarray:
        """(4, 2) of its footprint."""
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(self.shape.size[:2]) / 2
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return half @ np.array([[c, s], [-s, c]]) + np.array(self.at[:2])


@dataclass
class Layout:
    """The things of a scene and where its photos look."""

    kind: str
    things: list[Thing] = field(default_factory=list)
    focus: tuple[float, float, float] = (0, 0, 0)
    reach: float = 2.0  # metres from the focus to the cameras
    arc_deg: tuple[float, float] = (
        -60.0,
        60.0,
    )  # between which they stand; 0 is at -y, positive towards +x


def make_layout(seed: int) -> Layout:
    """The scene of a seed: even seeds are rooms, odd ones table tops."""
    draw = np.random.default_rng(seed)
    return _room(draw) if seed % 2 == 0 else _table_top(draw)


class _Builder:
    """Places things without overlap; colors are used up before one comes again."""

    def __init__(self, draw: np.random.Generator, kind: str) -> None:
        self.draw, self.layout = draw, Layout(kind)
        self._numbers: dict[str, int] = {}
        self._colors = self._endless_colors()

    def _endless_colors(self) -> Iterator[str]:
        while True:
            yield from self.draw.permutation(list(COLORS))

    def add(
        self,
        shape: Shape,
        at: tuple[float, float, float],
        yaw: float,
        on: str | None,
        kind: str = "object",
        color: str = "",
    ) -> Thing:
        """Put it there, whatever stands there."""
        number = self._numbers[shape.label] = self._numbers.get(shape.label, 0) + 1
        name = shape.label.replace(" ", "_")
        pattern = str(self.draw.choice(PATTERNS))
        thing = Thing(
            f"{name}_{number}", kind, shape, at, yaw, color or str(next(self._colors)), pattern, on
        )
        self.layout.things.append(thing)
        return thing

    def scatter(
        self,
        shape: Shape,
        area: tuple[float, float, float, float],
        z: float,
        on: str,
        beside: Thing | None = None,
    ) -> Thing | None:
        """Put it at a free place of the area (x from, x to, y from, y to), against `beside` on request.

        None where no place is free.
        """
        for attempt in range(_TRIES):
            yaw = float(self.draw.choice([0.0, self.draw.uniform(0, 2 * math.pi)]))
            x, y = self.draw.uniform(area[0], area[1]), self.draw.uniform(area[2], area[3])
            if beside is not None and attempt < _TRIES // 2:
                yaw = beside.yaw
                step = (beside.shape.size[0] + shape.size[0]) / 2 + 0.002
                side = float(self.draw.choice([-1.0, 1.0])) * step
                x, y = beside.at[0] + side * math.cos(yaw), beside.at[1] + side * math.sin(yaw)
            trial = Thing("", "object", shape, (float(x), float(y), z), yaw, "", "", on)
            corners = trial.corners()
            inside = (corners[:, 0] >= area[0]).all() and (corners[:, 0] <= area[1]).all()
            inside &= (corners[:, 1] >= area[2]).all() and (corners[:, 1] <= area[3]).all()
            if inside and not any(_overlap(trial, other) for other in self.layout.things):
                return self.add(shape, trial.at, yaw, on)
        return None

    def structure(self) -> None:
        """Floor, back wall and left wall: boards of 5 cm."""
        w, d = _ROOM
        parts = (
            ("floor", "floor", (w, d, 0.05), (0.0, 0.0, -0.05)),
            ("wall_back", "wall", (w, 0.05, 2.4), (0.0, d / 2 + 0.025, 0.0)),
            ("wall_left", "wall", (0.05, d, 2.4), (-w / 2 - 0.025, 0.0, 0.0)),
        )
        for name, kind, size, at in parts:
            color = str(
                self.draw.choice(
                    ["grey", "brown", "white"] if kind == "floor" else ["white", "grey", "yellow"]
                )
            )
            pattern = str(self.draw.choice(["noise", "bricks", "cells"]))
            shape = Shape(kind, shapes.box(*size), size)
            self.layout.things.append(Thing(name, kind, shape, at, 0.0, color, pattern, None))

    def pictures(self, count: int, low: float, span: tuple[float, float]) -> None:
        """Hang pictures on the back wall, side by side."""
        step = (span[1] - span[0]) / count
        for number in range(count):
            w, h = self.draw.uniform(0.35, min(0.6, 0.9 * step)), self.draw.uniform(0.35, 0.6)
            x = span[0] + (number + 0.5) * step
            shape = Shape("picture", shapes.frame(w, h, 0.03), (w, 0.03, h))
            self.add(
                shape, (x, _ROOM[1] / 2 - 0.015, low + self.draw.uniform(0, 0.2)), 0.0, "wall_back"
            )

    def fill(self, carrier: Thing, count: int) -> None:
        """Small things on top of a carrier: some against another, some on another."""
        assert carrier.shape.top is not None
        turned = abs(math.sin(carrier.yaw)) > 0.5
        w, d = carrier.shape.size[1::-1] if turned else carrier.shape.size[:2]
        x, y, z = carrier.at
        area = (x - w / 2, x + w / 2, y - d / 2, y + d / 2)
        last: Thing | None = None
        for label in self.draw.permutation(list(_SMALL))[:count]:
            shape = _SMALL[label](self.draw)
            if (
                last is not None
                and last.shape.top is not None
                and self.draw.random() < 0.5
                and max(shape.size[:2]) < 0.9 * min(last.shape.size[:2])
            ):
                last = self.add(
                    shape, (last.at[0], last.at[1], last.at[2] + last.shape.top), last.yaw, last.id
                )
                continue
            beside = last if last is not None and self.draw.random() < 0.35 else None
            last = self.scatter(shape, area, z + carrier.shape.top, carrier.id, beside) or last


def _overlap(first: Thing, second: Thing) -> bool:
    """Whether two footprints cross by over 1 mm at the same height (separating axes of two rectangles)."""
    if second.kind != "object":
        return False
    gap = max(first.at[2], second.at[2]) - min(
        first.at[2] + first.shape.size[2], second.at[2] + second.shape.size[2]
    )
    if gap > -0.001:
        return False
    a, b = first.corners(), second.corners()
    for yaw in (first.yaw, first.yaw + math.pi / 2, second.yaw, second.yaw + math.pi / 2):
        axis = np.array([math.cos(yaw), math.sin(yaw)])
        if (a @ axis).max() < (b @ axis).min() + 0.001 or (b @ axis).max() < (
            a @ axis
        ).min() + 0.001:
            return False
    return True


def _sized(
    label: str,
    maker: Callable[[float, float, float], Mesh],
    spans: tuple[tuple[float, float], ...],
    has_top: bool = False,
) -> Callable[[np.random.Generator], Shape]:
    """A maker of shapes of random width, depth and height."""

    def make(draw: np.random.Generator) -> Shape:
        width, depth, height = (float(draw.uniform(*span)) for span in spans)
        size = (width, depth, height)
        return Shape(label, maker(*size), size, size[2] if has_top else None)

    return make


def _round(
    label: str,
    maker: Callable[[float, float, np.random.Generator], Mesh],
    radius: tuple[float, float],
    height: tuple[float, float],
) -> Callable[[np.random.Generator], Shape]:
    """A maker of round shapes of random radius and height."""

    def make(draw: np.random.Generator) -> Shape:
        r, h = float(draw.uniform(*radius)), float(draw.uniform(*height))
        vertices, triangles = maker(r, h, draw)
        span = vertices.max(0) - vertices.min(0)
        middle = (vertices.max(0) + vertices.min(0)) / 2
        return Shape(
            label,
            (vertices - [middle[0], middle[1], 0], triangles),
            (float(span[0]), float(span[1]), float(span[2])),
        )

    return make


def _pile(draw: np.random.Generator) -> Shape:
    w, d, h = (float(draw.uniform(*span)) for span in ((0.15, 0.2), (0.2, 0.27), (0.07, 0.2)))
    return Shape("books", shapes.books(w, d, h, draw), (w + 0.02, d + 0.02, h), h)


_SMALL: dict[str, Callable[[np.random.Generator], Shape]] = {
    "box": _sized("box", shapes.box, ((0.12, 0.25), (0.1, 0.2), (0.08, 0.2)), has_top=True),
    "books": _pile,
    "mug": _round("mug", lambda r, h, _: shapes.cup(r, h, handle=True), (0.045, 0.06), (0.1, 0.13)),
    "pot": _round("pot", lambda r, h, _: shapes.cup(r, h, handle=False), (0.06, 0.09), (0.1, 0.16)),
    "bowl": _round("bowl", lambda r, h, _: shapes.bowl(r, h), (0.09, 0.14), (0.07, 0.11)),
    "bottle": _round("bottle", lambda r, h, _: shapes.bottle(r, h), (0.04, 0.055), (0.24, 0.32)),
    "vase": _round("vase", lambda r, h, draw: shapes.vase(r, h, draw.uniform(0.35, 0.6)), (0.07, 0.1), (0.2, 0.32)),
    "ball": _round("ball", lambda r, _, draw: shapes.lump((r, r, r), 0.0, draw), (0.06, 0.1), (0.1, 0.1)),
    "stone": _round("stone", lambda r, h, draw: shapes.lump((r, 0.8 * r, h / 2), 0.3, draw), (0.08, 0.12), (0.1, 0.18)),
    "house": _sized("house", shapes.house, ((0.14, 0.22), (0.14, 0.2), (0.16, 0.24))),
    "lamp": _round("lamp", lambda r, h, _: shapes.lamp(r, h), (0.09, 0.12), (0.32, 0.42)),
    "plant": _round("plant", lambda r, h, draw: shapes.plant(r, h, draw), (0.11, 0.15), (0.25, 0.36)),
    "tray": _sized("tray", shapes.box, ((0.2, 0.3), (0.15, 0.2), (0.02, 0.03))),
    "loaf": _round("loaf", lambda r, h, draw: shapes.lump((1.4 * r, r, h / 2), 0.08, draw), (0.07, 0.09), (0.1, 0.13)),
}  # fmt: skip
_FURNITURE: dict[str, Callable[[np.random.Generator], Shape]] = {
    "table": _sized("table", shapes.table, ((1.0, 1.3), (0.6, 0.75), (0.68, 0.76)), has_top=True),
    "cabinet": _sized(
        "cabinet", shapes.cabinet, ((0.5, 0.8), (0.4, 0.5), (0.6, 0.95)), has_top=True
    ),
    "bookcase": _sized(
        "bookcase", shapes.shelf, ((0.6, 0.8), (0.28, 0.34), (0.9, 1.4)), has_top=True
    ),
    "armchair": _sized("armchair", shapes.armchair, ((0.7, 0.85), (0.7, 0.8), (0.75, 0.9))),
}
_ON_FLOOR: dict[str, Callable[[np.random.Generator], Shape]] = {
    "chair": _sized("chair", shapes.chair, ((0.4, 0.48), (0.4, 0.48), (0.8, 0.95))),
    "crate": _sized("crate", shapes.box, ((0.35, 0.5), (0.3, 0.4), (0.25, 0.4)), has_top=True),
    "bin": _round("bin", lambda r, h, _: shapes.cup(r, h, handle=False), (0.14, 0.18), (0.3, 0.4)),
    "globe": _round("globe", lambda r, _, draw: shapes.lump((r, r, r), 0.0, draw), (0.14, 0.2), (0.1, 0.1)),
    "pouf": _round("pouf", lambda r, h, draw: shapes.lump((r, r, h / 2), 0.04, draw), (0.22, 0.28), (0.35, 0.42)),
    "bush": _round("bush", lambda r, h, draw: shapes.plant(r, h, draw), (0.22, 0.3), (0.6, 0.8)),
    "standing lamp": _round("standing lamp", lambda r, h, _: shapes.lamp(r, h), (0.2, 0.25), (1.2, 1.5)),
}  # fmt: skip


def _room(draw: np.random.Generator) -> Layout:
    """Furniture along both walls, three to five things on the floor, small things on what carries, pictures."""
    builder = _Builder(draw, "room")
    builder.structure()
    w, d = _ROOM
    carriers: list[Thing] = []
    x = -w / 2 + 0.55 + draw.uniform(0, 0.1)
    for label in ["table", *draw.permutation(["cabinet", "bookcase", "armchair"])]:
        shape = _FURNITURE[str(label)](draw)
        if x + shape.size[0] > w / 2:
            continue
        gap = draw.uniform(0.01, 0.05)
        thing = builder.add(
            shape, (x + shape.size[0] / 2, d / 2 - shape.size[1] / 2 - gap, 0.0), 0.0, "floor"
        )
        x += shape.size[0] + draw.choice([0.003, draw.uniform(0.05, 0.2)])
        carriers += [thing] if shape.top else []
    side = _FURNITURE[str(draw.choice(["cabinet", "bookcase", "armchair"]))](draw)
    y = draw.uniform(-0.5, 0.1)
    thing = builder.add(side, (-w / 2 + side.size[1] / 2 + 0.02, y, 0.0), math.pi / 2, "floor")
    carriers += [thing] if side.top else []
    area = (-w / 2 + 0.1, w / 2 - 0.3, -0.9, d / 2 - 0.1)
    last: Thing | None = None
    for label in draw.permutation(list(_ON_FLOOR))[: draw.integers(3, 6)]:
        beside = last if draw.random() < 0.3 else None
        placed = builder.scatter(_ON_FLOOR[str(label)](draw), area, 0.0, "floor", beside)
        if placed is not None and placed.shape.top:
            builder.fill(placed, 1)
        last = placed or last
    for thing in carriers:
        builder.fill(
            thing, int(draw.integers(4, 6) if thing.shape.label == "table" else draw.integers(1, 3))
        )
    builder.pictures(2, 1.35, (-0.9, 1.2))
    builder.layout.focus, builder.layout.reach = (-0.1, 0.5, 0.6), 2.5
    builder.layout.arc_deg = (-32.0, 72.0)
    return builder.layout


def _table_top(draw: np.random.Generator) -> Layout:
    """A table against the back wall with eleven to fourteen things on it, a picture above."""
    builder = _Builder(draw, "table")
    builder.structure()
    w, d, h = (
        float(draw.uniform(1.2, 1.4)),
        float(draw.uniform(0.75, 0.85)),
        float(draw.uniform(0.7, 0.76)),
    )
    shape = Shape("table", shapes.table(w, d, h), (w, d, h), h)
    place = (0.0, _ROOM[1] / 2 - d / 2 - 0.02, 0.0)
    builder.fill(builder.add(shape, place, 0.0, "floor"), int(draw.integers(11, 15)))
    builder.pictures(1, 1.35, (-0.4, 0.4))
    builder.layout.focus, builder.layout.reach = (0.0, place[1], h + 0.08), 1.35
    return builder.layout
