"""The scene as edits see it: solid boxes, what stands on what, fronts, the viewer. An edit makes the next one.

Frames: world, Z up, scene units. Only what changed is computed anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from maquette.editing.boxes import (
    CONTACT,
    ROUNDING,
    Array,
    Box,
    Boxes,
    overlaps,
    polygon_contains,
    polygon_depth,
    polygon_distance,
)
from maquette.editing.pieces import piece_bounds
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import SceneCamera, SceneDocument, SceneObject

STRUCTURE = frozenset({"floor", "wall", "ceiling"})
_SAID = 0.25  # of a thing's height: as near to what it is said to rest on
_FOOT_OVERLAP = 0.001  # a foot must stand on more than a line


@dataclass(frozen=True)
class Body:
    """One thing: its bounds and what of it is solid."""

    box: Box
    pieces: Boxes

    @cached_property
    def bottom(self) -> float:
        """Of what is solid; of the bounds where nothing is."""
        return float(self.pieces.low[:, 2].min()) if len(self.pieces) else self.box.bottom

    @cached_property
    def feet(self) -> list[Box]:
        """The pieces that it stands on."""
        return [
            self.pieces[int(i)]
            for i in np.nonzero(self.pieces.low[:, 2] <= self.bottom + CONTACT)[0]
        ]

    def transformed(self, rotation: Array, shift: Array) -> "Body":
        return Body(self.box.transformed(rotation, shift), self.pieces.transformed(rotation, shift))

    def moved(self, shift: Array) -> "Body":
        return self.transformed(np.eye(3), shift)


Meshes = dict[str, tuple[Array, Array]]  # object-space piece bounds by mesh name


class SceneView:
    """A document with its geometry. `objects` keeps the document's order."""

    def __init__(
        self,
        document: SceneDocument,
        arrays: Arrays,
        *,
        _bodies: dict[str, Body] | None = None,
        _meshes: Meshes | None = None,
    ) -> None:
        self.document, self.arrays = document, arrays
        self.objects: dict[str, SceneObject] = {item.id: item for item in document.objects}
        self.cameras: dict[str, SceneCamera] = {camera.id: camera for camera in document.cameras}
        self._meshes: Meshes = {} if _meshes is None else _meshes
        self._bodies = _bodies or {}
        missing = [item for item in document.objects if item.id not in self._bodies]
        if missing:
            self._bodies = {**self._bodies, **self._bodies_of(missing)}
        self._supports: dict[str, tuple[str, ...]] = {}

    # making the next one ---------------------------------------------------------------------------

    def changed(
        self, items: Mapping[str, SceneObject | None], **document_changes: object
    ) -> "SceneView":
        """With objects replaced, added (at the end) or, where None, removed."""
        objects = tuple(
            items.get(item.id, item)
            for item in self.document.objects
            if items.get(item.id, item) is not None
        ) + tuple(
            item for key, item in items.items() if key not in self.objects and item is not None
        )
        document = replace(self.document, objects=objects, **document_changes)  # pyright: ignore[reportArgumentType]
        kept = {
            key: body
            for key, body in self._bodies.items()
            if key not in items or _same_shape(items[key], self.objects.get(key))
        }
        return SceneView(document, self.arrays, _bodies=kept, _meshes=self._meshes)

    def _bodies_of(self, items: list[SceneObject]) -> dict[str, Body]:
        rows: list[Array] = []
        lows: list[Array] = []
        highs: list[Array] = []
        counts: list[int] = []
        for item in items:
            low, high = _bounds(item)
            pieces = self._pieces_of(item)
            count = len(pieces[0])
            rows.append(np.repeat(np.array(item.world_from_object, float)[None], count + 1, 0))
            lows += [low[None], pieces[0]]
            highs += [high[None], pieces[1]]
            counts.append(count + 1)
        boxes = Boxes.of(np.concatenate(rows), np.concatenate(lows), np.concatenate(highs))
        found: dict[str, Body] = {}
        start = 0
        for item, count in zip(items, counts, strict=True):
            found[item.id] = Body(boxes[start], boxes.slice(start + 1, start + count))
            start += count
        return found

    def _pieces_of(self, item: SceneObject) -> tuple[Array, Array]:
        if item.geometry is None:
            return np.zeros((0, 3)), np.zeros((0, 3))
        mesh = item.geometry.mesh
        if mesh is not None and f"{mesh}.vertices" in self.arrays:
            if mesh not in self._meshes:
                self._meshes[mesh] = piece_bounds(
                    self.arrays[f"{mesh}.vertices"], self.arrays[f"{mesh}.triangles"]
                )
            pieces = self._meshes[mesh]
            if len(pieces[0]):
                return pieces
        low, high = _bounds(item)
        return low[None], high[None]

    # geometry --------------------------------------------------------------------------------------

    def body(self, key: str) -> Body:
        return self._bodies[key]

    def box(self, key: str) -> Box:
        return self._bodies[key].box

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.objects)

    @cached_property
    def solids(self) -> tuple[Boxes, NDArray[np.int_]]:
        """All solid pieces, and the index into `ids` of what each belongs to."""
        bodies = [self._bodies[key] for key in self.ids]
        owner = np.repeat(np.arange(len(bodies)), [len(b.pieces) for b in bodies])
        return Boxes.joined([b.pieces for b in bodies if len(b.pieces)]), owner

    def touching_boxes(self, low: Array, high: Array, slack: float = 0.0) -> list[str]:
        """What has a solid piece that meets an axis-aligned box grown by `slack`."""
        boxes, owner = self.solids
        meets = np.all(boxes.low < high + slack, axis=1) & np.all(boxes.high > low - slack, axis=1)
        return [self.ids[i] for i in np.unique(owner[meets])]

    def collisions(self, pieces: Boxes, leaving_out: Iterable[str] = ()) -> dict[str, float]:
        """What the pieces go into, and how deep (over the tolerance)."""
        boxes, owner = self.solids
        index, depths = overlaps(pieces, boxes)
        left_out = set(leaving_out)
        found: dict[str, float] = {}
        for i, depth in zip(index[depths > CONTACT], depths[depths > CONTACT], strict=True):
            key = self.ids[int(owner[i])]
            if key not in left_out:
                found[key] = max(found.get(key, 0.0), float(depth))
        return found

    def new_collisions(
        self, moved: Boxes, still: Boxes, leaving_out: Iterable[str] = ()
    ) -> dict[str, float]:
        """What moved pieces go into deeper than they did where they were (over the tolerance)."""
        found = self.collisions(moved, leaving_out)
        known = self.collisions(still, leaving_out) if found else {}
        return {key: depth for key, depth in found.items() if depth > known.get(key, 0.0) + CONTACT}

    def supports(self, key: str) -> tuple[str, ...]:
        """What a thing stands on."""
        if key not in self._supports:
            self._supports[key] = self.supports_of(self.body(key), leaving_out=(key,))
        return self._supports[key]

    def supports_of(self, body: Body, leaving_out: Iterable[str] = ()) -> tuple[str, ...]:
        """What a body stands on, wherever it may be."""
        if not len(body.pieces):
            return ()
        slack = CONTACT + 2 * ROUNDING
        low = np.array([*body.pieces.low[:, :2].min(0), body.bottom])
        high = np.array([*body.pieces.high[:, :2].max(0), body.bottom])
        left_out = set(leaving_out)
        return tuple(
            other
            for other in self.touching_boxes(low, high, slack)
            if other not in left_out and stands_on(body, self.body(other))
        )

    @cached_property
    def _on_top(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key in self.ids:
            for below in self.supports(key):
                found.setdefault(below, []).append(key)
        return found

    def standing_on(self, key: str) -> list[str]:
        """What stands directly on a thing."""
        body = self.body(key)
        if not len(body.pieces):
            return []
        if "_on_top" in self.__dict__:
            return self._on_top.get(key, [])
        low, high = body.pieces.low.min(0), body.pieces.high.max(0)
        near = self.touching_boxes(low, high, CONTACT + 2 * ROUNDING)
        return [other for other in near if other != key and key in self.supports(other)]

    def children(self, key: str) -> list[str]:
        return self._children.get(key, [])

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.document.objects:
            if item.parent is not None:
                found.setdefault(item.parent, []).append(item.id)
        return found

    @cached_property
    def _extents(self) -> tuple[Array, Array, dict[str, int]]:
        boxes = Boxes.joined([self._bodies[key].box.many for key in self.ids])
        return boxes.low, boxes.high, {key: i for i, key in enumerate(self.ids)}

    def within(self, keys: list[str], others: Iterable[str], reach: float) -> list[str]:
        """Those whose bounds come that near to the bounds of any other, seen from above."""
        low, high, index = self._extents
        mine = np.array([index[key] for key in keys])
        theirs = np.array([index[key] for key in others])
        apart = np.maximum(
            low[mine][:, None, :2] - high[theirs][None, :, :2],
            low[theirs][None, :, :2] - high[mine][:, None, :2],
        )
        near = np.all(apart <= reach, axis=2).any(axis=1)
        return [key for key, is_near in zip(keys, near, strict=True) if is_near]

    def carried(self, keys: Iterable[str]) -> list[str]:
        """What goes along when things move: children, and what stands on them. Without the things themselves."""
        moving = list(keys)
        first = set(moving)
        seen = set(moving)
        at = 0
        while at < len(moving):
            key = moving[at]
            at += 1
            for other in self.children(key):
                if other not in seen:
                    seen.add(other)
                    moving.append(other)
            if self.objects[key].kind in STRUCTURE:
                continue
            for other in self.standing_on(key):
                if other in seen or self.objects[other].kind in STRUCTURE:
                    continue
                if self._rests_mainly_on(other, seen):
                    seen.add(other)
                    moving.append(other)
            for other in self._said_on.get(key, ()):
                if other not in seen and self.is_said_to_rest(other, key):
                    seen.add(other)
                    moving.append(other)
        return [key for key in moving if key not in first]

    def _rests_mainly_on(self, key: str, bases: set[str]) -> bool:
        supports = self.supports(key)
        if all(base in bases for base in supports):
            return True
        return any(base in bases and self.rests_on(key, base) for base in supports) and not any(
            base not in bases and self.rests_on(key, base) for base in supports
        )

    def rests_on(self, key: str, base: str) -> bool:
        """The contract's 'on': touching from above, the centre of the footprint over that surface."""
        return rests_on(self.body(key), self.body(base))

    @cached_property
    def _said_on(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.document.objects:
            base = item.extra.get("rests_on")
            if isinstance(base, str):
                found.setdefault(base, []).append(item.id)
        return found

    def is_said_to_rest(self, key: str, base: str) -> bool:
        """The document says that it rests or hangs there, and it is still about there.

        Surfaces from photos meet by their unevenness only, not to 5 mm.
        """
        if base not in self.objects or self.objects[key].extra.get("rests_on") != base:
            return False
        box, below = self.box(key), self.box(base)
        slack = _SAID * (box.top - box.bottom)
        lowest = below.bottom
        if (
            self.objects[base].kind != "wall"
        ):  # things hang anywhere on walls, but stand above a foot
            lowest += _SAID * (below.top - below.bottom)
        return (
            min(lowest, below.top - slack) <= box.bottom <= below.top + slack
            and polygon_distance(box.footprint, below.footprint) <= slack
        )

    def front(self, key: str) -> Array | None:
        """Unit facing direction along the ground."""
        item = self.objects[key]
        if item.front is None:
            return None
        direction = np.array(item.world_from_object, float)[:3, :3] @ np.array(item.front, float)
        direction[2] = 0
        length = float(np.linalg.norm(direction))
        return direction / length if length > 1e-9 else None

    # the viewer ------------------------------------------------------------------------------------

    @cached_property
    def viewer(self) -> tuple[Array, Array]:
        """The viewer's right and away directions along the ground."""
        away = np.array([0.0, 1.0, 0.0])
        if self.document.view is not None:
            matrix = np.array(self.cameras[self.document.view].world_from_camera, float)
            is_steep = np.hypot(matrix[0, 2], matrix[1, 2]) < 1e-3
            away = -matrix[:3, 1].copy() if is_steep else matrix[:3, 2].copy()
            away[2] = 0
            length = np.linalg.norm(away)
            away = away / length if length > 1e-9 else np.array([0.0, 1.0, 0.0])
        return np.array([away[1], -away[0], 0.0]), away

    @cached_property
    def eye(self) -> Array:
        """Where the viewer stands; before the scene, where there is no view."""
        if self.document.view is not None:
            return np.array(self.cameras[self.document.view].world_from_camera, float)[:3, 3]
        if not self.objects:
            return np.array([0.0, -5.0, 1.6])
        low = np.min([self.box(key).many.low[0] for key in self.ids], axis=0)
        high = np.max([self.box(key).many.high[0] for key in self.ids], axis=0)
        reach = max(float((high - low)[:2].max()), 1.0)
        return np.array([(low[0] + high[0]) / 2, low[1] - reach, 1.6])

    def direction(self, name: str, frame: str = "viewer", key: str | None = None) -> Array | None:
        """A direction word as a world vector; None where the thing has no front to tell it by."""
        up = np.array([0.0, 0.0, 1.0])
        if name in ("up", "down"):
            return up if name == "up" else -up
        right, away = self.viewer
        if frame == "world":
            right, away = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
        if frame == "object" or name in ("forward", "backward"):
            front = self.front(key) if key is not None else None
            if front is None:
                if frame == "object":
                    return None
                return -away if name == "forward" else away
            right, away = np.cross(front, up), front
            named = {"left": -right, "right": right, "forward": front, "backward": -front,
                     "toward": front, "away": -front}  # fmt: skip
            return named[name]
        return {"left": -right, "right": right, "away": away, "toward": -away}[name]

    # the room --------------------------------------------------------------------------------------

    def of_kind(self, *kinds: str) -> list[str]:
        return [item.id for item in self.document.objects if item.kind in kinds]

    @cached_property
    def floors(self) -> list[str]:
        return self.of_kind("floor")

    def is_fixed(self, key: str) -> bool:
        return self.objects[key].kind in STRUCTURE

    def name(self, key: str) -> str:
        return self.objects[key].name or key

    def names(self, keys: Iterable[str]) -> str:
        """ "'A', 'B' and 'C'"."""
        shown = [f"'{self.name(key)}'" for key in keys]
        if len(shown) > 6:
            shown = [*shown[:5], f"{len(shown) - 5} more"]
        if len(shown) < 2:
            return "".join(shown) or "nothing"
        return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _bounds(item: SceneObject) -> tuple[Array, Array]:
    if item.bounds is None:
        return np.zeros(3), np.zeros(3)
    return np.array(item.bounds.min, float), np.array(item.bounds.max, float)


def _same_shape(new: SceneObject | None, old: SceneObject | None) -> bool:
    if new is None or old is None:
        return False
    return (
        new.world_from_object == old.world_from_object
        and new.bounds == old.bounds
        and new.geometry == old.geometry
    )


def stands_on(a: Body, b: Body) -> bool:
    """Whether the lowest pieces of `a` touch the top of a piece of `b` from above."""
    if not len(a.pieces) or not len(b.pieces):
        return False
    tops = np.nonzero(np.abs(b.pieces.high[:, 2] - a.bottom) <= CONTACT + ROUNDING)[0]
    return any(
        polygon_depth(foot.footprint, b.pieces[int(i)].footprint) > _FOOT_OVERLAP
        for i in tops
        for foot in a.feet
    )


def rests_on(a: Body, b: Body) -> bool:
    """`stands_on` with the centre of the footprint over that surface."""
    if not len(a.pieces) or not len(b.pieces):
        return False
    tops = np.nonzero(np.abs(b.pieces.high[:, 2] - a.bottom) <= CONTACT + ROUNDING)[0]
    return any(polygon_contains(b.pieces[int(i)].footprint, a.box.centre[:2], 0.001) for i in tops)
