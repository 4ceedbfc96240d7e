"""A scene while one prompt changes it: the state before, the state now, and what was touched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from maquette.editing.boxes import CONTACT, Array, polygon_contains
from maquette.editing.grounding import Accept, Cannot, Grounder
from maquette.editing.plan import Ref
from maquette.editing.relations import is_inside
from maquette.editing.scene_view import Body, SceneView, rests_on, stands_on
from maquette_protocol.document import SceneCamera, SceneObject

STEP_UP, STEP_DOWN = 0.03, 0.05  # onto a rug and off it is still sliding


@dataclass
class Answer:
    """To a question."""

    text: str
    value: Any = None
    ids: tuple[str, ...] = ()


@dataclass
class Edit:
    """What operations work on."""

    before: SceneView
    grounder: Grounder
    scope: frozenset[str] | None = None  # what operations may be about; None: all
    view: SceneView = field(init=False)
    lifted: set[str] = field(default_factory=set)  # need not rest on anything after
    messages: list[str] = field(default_factory=list)
    grounded: list[dict[str, Any]] = field(default_factory=list)
    answer: Answer | None = None
    later_moved: set[str] = field(default_factory=set)  # a spot may still be taken by these
    is_single: bool = True  # no other operation of the prompt can make room

    def __post_init__(self) -> None:
        self.view = self.before
        self.grounder.live = self.before

    # grounding -------------------------------------------------------------------------------------

    def find(self, ref: Ref, *, accept: Accept | None = None) -> list[str]:
        """The ids meant that are still there. Raises Unclear, Cannot."""
        preferred = self._accept_in_scope(accept)
        found = [
            key for key in self.grounder.resolve(ref, accept=preferred) if key in self.view.objects
        ]
        outside = [key for key in found if not self._is_in_scope(key)]
        if outside:
            raise Cannot(f"{self.view.names(outside)} is outside of what may be changed now.")
        if not found:
            raise Cannot(f"“{ref.words or 'That'}” is no longer there.")
        self.note(ref, found)
        return found

    def _is_in_scope(self, key: str) -> bool:
        """What this prompt has made is."""
        return self.scope is None or key in self.scope or key not in self.before.objects

    def _accept_in_scope(self, accept: Accept | None) -> Accept | None:
        if self.scope is None:
            return accept
        return lambda key: self._is_in_scope(key) and (accept is None or accept(key))

    def note(self, ref: Ref, keys: Sequence[str]) -> None:
        """Remember for the reply's plan."""
        if self.grounded:
            found = self.grounded[-1].setdefault("grounded", {})
            known = found.setdefault(ref.words or ref.noun or "it", [])
            known += [key for key in keys if key not in known]

    def about(self, keys: Sequence[str]) -> None:
        """From now on "it" means these."""
        self.grounder.focus.things = tuple(keys)
        self.grounder.focus.is_fresh = True

    def movable(self, keys: Iterable[str]) -> None:
        """Raises Cannot where something is locked or part of the room."""
        for key in keys:
            item = self.view.objects[key]
            if self.view.is_fixed(key):
                raise Cannot(f"'{self.view.name(key)}' is part of the room and cannot be moved.")
            if item.locked:
                raise Cannot(f"'{self.view.name(key)}' is locked; unlock it first.")

    def group(self, key: str) -> list[str]:
        """A thing and all that goes along with it. Raises Cannot."""
        self.movable([key])
        carried = self.view.carried([key])
        for other in carried:
            if self.view.objects[other].locked:
                raise Cannot(
                    f"'{self.view.name(other)}' would have to go along and is locked; unlock it first."
                )
        return [key, *carried]

    # changing --------------------------------------------------------------------------------------

    def put(self, items: dict[str, SceneObject | None], **document_changes: object) -> None:
        self.view = self.view.changed(items, **document_changes)
        self.grounder.live = self.view

    def set(self, key: str, **changes: object) -> None:
        self.put({key: replace(self.view.objects[key], **changes)})  # pyright: ignore[reportArgumentType]

    def transform(self, keys: Iterable[str], rotation: Array, shift: Array) -> None:
        """p → rotation @ p + shift, for each thing."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = rotation, shift
        self.put({key: with_matrix(self.view.objects[key], matrix) for key in keys})

    def shift(self, keys: Iterable[str], offset: Array) -> None:
        self.transform(keys, np.eye(3), offset)

    def shift_each(self, offsets: Mapping[str, Array]) -> None:
        """Many things at once, each by its own offset."""
        items: dict[str, SceneObject | None] = {}
        for key, offset in offsets.items():
            matrix = np.eye(4)
            matrix[:3, 3] = offset
            items[key] = with_matrix(self.view.objects[key], matrix)
        self.put(items)

    def set_camera(self, camera: SceneCamera, **document_changes: object) -> None:
        cameras = tuple(camera if c.id == camera.id else c for c in self.view.document.cameras)
        self.put({}, cameras=cameras, **document_changes)

    def new_id(self, base: str) -> str:
        """Like "stool_2", not taken."""
        stem = base.rstrip("0123456789").rstrip("_.") or base
        taken = self.view.objects.keys() | self.before.objects.keys() | self.view.cameras.keys()
        number = 2
        while f"{stem}_{number}" in taken:
            number += 1
        return f"{stem}_{number}"

    def new_name(self, base: str) -> str:
        """Like "Stool.001", not taken."""
        stem = base.rsplit(".", 1)[0] if base.rsplit(".", 1)[-1].isdigit() else base
        taken = {item.name for item in self.view.objects.values()}
        number = 1
        while f"{stem}.{number:03d}" in taken:
            number += 1
        return f"{stem}.{number:03d}"

    # standing --------------------------------------------------------------------------------------

    def standing_height(self, body: Body, still: Body, leaving_out: Iterable[str]) -> float | None:
        """How far a body moved from `still` must step up or down to stand; None where nothing is below."""
        left_out = set(leaving_out)
        heights: set[float] = set()
        low = np.array([*body.pieces.low[:, :2].min(0), body.bottom - STEP_DOWN])
        high = np.array([*body.pieces.high[:, :2].max(0), body.bottom + STEP_UP])
        near = [key for key in self.view.touching_boxes(low, high, 0.001) if key not in left_out]
        for key in near:
            tops = self.view.body(key).pieces.high[:, 2]
            heights.update(
                float(t - body.bottom) for t in tops if -STEP_DOWN <= t - body.bottom <= STEP_UP
            )
        options = sorted(heights | {0.0}, key=lambda h: (abs(h) > CONTACT, abs(h)))
        partly: float | None = None  # on the edge of a rug
        fallback: tuple[int, float] | None = None  # with the fewest things in the way
        for height in options:
            stepped = body.moved(np.array([0, 0, height]))
            standing = [key for key in near if stands_on(stepped, self.view.body(key))]
            in_the_way = (
                self.view.new_collisions(stepped.pieces, still.pieces, left_out) if standing else {}
            )
            if not any(_is_over(stepped, self.view.body(key)) for key in standing):
                if standing and height > 0 and not in_the_way and partly is None:
                    partly = height
                continue
            if not in_the_way:
                return height
            if fallback is None or len(in_the_way) < fallback[0]:
                fallback = len(in_the_way), height
        if partly is not None and fallback is not None:
            return partly
        return None if fallback is None else fallback[1]

    def slide(self, keys: list[str], offset: Array) -> None:
        """Move a thing with what goes along (`keys`, the thing first); it keeps standing. Raises Cannot."""
        key = keys[0]
        still = self.view.body(key)
        body = still.moved(offset)
        step = 0.0
        if self.view.supports(key) and abs(float(offset[2])) < 1e-9:
            found = self.standing_height(body, still, keys)
            leaves = found is None and not self._overhangs(key, body, keys)
            if leaves or self._climbs_out(key, body):
                below = self.view.names(self.view.supports(key)[:1])
                raise Cannot(f"'{self.view.name(key)}' would leave {below}; nothing is moved.")
            step = 0.0 if found is None or abs(found) <= CONTACT else found
        self.shift(keys, offset + np.array([0, 0, step]))

    def _climbs_out(self, key: str, body: Body) -> bool:
        """It was in a box, and would slide through its wall."""
        here = self.view.body(key)
        boxes = [self.view.body(base) for base in self.view.supports(key)]
        return any(
            is_inside(here, b) and not is_inside(body, b) for b in boxes if len(b.pieces) > 1
        )

    def _overhangs(self, key: str, body: Body, leaving_out: Iterable[str]) -> bool:
        """It stood on an edge before, and still does."""
        was_over = any(self.view.rests_on(key, base) for base in self.view.supports(key))
        return not was_over and bool(self.view.supports_of(body, leaving_out))


def _is_over(body: Body, base: Body) -> bool:
    return rests_on(body, base) or any(
        polygon_contains(base.pieces[i].footprint, foot.centre[:2], 0.001)
        and len(body.feet) > 1
        and abs(base.pieces[i].top - body.bottom) <= CONTACT
        for foot in body.feet
        for i in range(len(base.pieces))
    )


def with_matrix(item: SceneObject, matrix: Array) -> SceneObject:
    """Moved by a world transform."""
    new = matrix @ np.array(item.world_from_object, float)
    return replace(item, world_from_object=tuple(tuple(float(v) for v in row) for row in new))
