"""A proposal carried out on Blender's data, or the reason why it cannot be; nothing is changed in part.

`refusal` is asked before anything is shown or changed. World matrices of the proposal are in metres; `unit` is metres
per Blender unit. Objects that the proposal does not name stay as they are, also where they share data with those named.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import bpy
from mathutils import Matrix

from maquette_protocol.edit_messages import Change, EditReply

from . import lenses, looks, make
from .names import VIEWPORT, Ids
from .observer import IN_PHOTO, PLACE_IN_PHOTO, Observer, viewport, window

_PLACES = frozenset({"world_from_object", "world_from_camera"})
_SHEAR = 1e-3  # relative: what rotation and scale cannot hold
_LOOKS = frozenset({"material"})


@dataclass
class Carried:
    """What became of a proposal."""

    created: dict[str, int] = field(default_factory=dict)  # id → session_uid
    notes: list[str] = field(default_factory=list)  # what the user should know besides


class Cannot(Exception):  # noqa: N818  (an answer to the user)
    """The proposal cannot be carried out; the sentence says why."""


def refusal(reply: EditReply, observer: Observer) -> str:
    """Why Blender's data does not allow it, "" where it does."""
    layer = window().view_layer
    found = observer.ids.find_all({change.id for change in reply.changes}, layer)
    try:
        for change in reply.changes:
            if change.action == "create" or change.id == VIEWPORT:
                continue
            item = found.get(change.id)
            if item is None:
                return f"'{change.id}' is no longer in the scene."
            _check(item, change, observer)
        _check_matrices(reply.changes, found, observer.unit())
    except (Cannot, looks.CannotLook) as reason:
        return str(reason)
    return ""


def _check(item: bpy.types.Object, change: Change, observer: Observer) -> None:
    """Raises Cannot, CannotLook."""
    if item.library is not None:
        path = bpy.path.basename(item.library.filepath)
        raise Cannot(
            f"'{item.name}' is linked from {path} and cannot be changed here; "
            "make it local or a library override first."
        )
    if change.action == "delete":
        return
    changed = set(change.fields)
    if changed & _PLACES and observer.ids.id_of(item) == change.id:
        _check_place(item)
    if changed & _LOOKS and change.item.get("material"):
        _check_look(item, change.item["material"])
    if "light" in changed and item.data.library is not None and item.data.users > 1:
        return  # it gets a copy of its own
    if "visible" in changed and change.item.get("visible"):
        _check_shown(item)


def _check_place(item: bpy.types.Object) -> None:
    held = [c.name for c in item.constraints if not c.mute and c.influence > 0]
    if held and not _moves_freely(item):
        raise Cannot(
            f"'{item.name}' is held by its constraint '{held[0]}'; switch that off or apply it first."
        )
    animated = _animated_place(item)
    if animated:
        raise Cannot(
            f"'{item.name}' is {animated}, which would move it back; change the animation instead."
        )
    if item.rigid_body is not None and item.rigid_body.type == "ACTIVE":
        return  # only its start moves, as when it is moved by hand
    if item.parent is not None and abs(item.parent.matrix_world.determinant()) < 1e-12:
        raise Cannot(f"The parent of '{item.name}', '{item.parent.name}', has no size.")


def _moves_freely(item: bpy.types.Object) -> bool:
    """Whether its place is its own in spite of constraints: tried, and put back."""
    layer = window().view_layer
    before, world = item.matrix_basis.copy(), item.matrix_world.copy()
    wanted = Matrix.Translation((0.37, 0.21, 0.13)) @ world
    item.matrix_world = wanted
    layer.update()
    is_free = _differs(item.matrix_world, wanted) < _SHEAR
    item.matrix_basis = before
    layer.update()
    return is_free


def _animated_place(item: bpy.types.Object) -> str:
    data = item.animation_data
    if data is None:
        return ""
    paths = ("location", "rotation", "scale", "delta_", "matrix")
    if any(d.data_path.startswith(paths) for d in data.drivers):
        return "moved by a driver"
    if data.action is not None and any(
        curve.data_path.startswith(paths) for curve in _curves(data)
    ):
        return "animated"
    return ""


def _curves(data: bpy.types.AnimData) -> Iterable[bpy.types.FCurve]:
    """Of its action: before 4.4 all, since then those of its slot."""
    action = data.action
    if not hasattr(action, "layers"):
        return list(action.fcurves)
    slot = getattr(data, "action_slot", None)
    found: list[bpy.types.FCurve] = []
    for strip in (s for layer in action.layers for s in layer.strips):
        bag = strip.channelbag(slot) if slot is not None else None
        found += list(bag.fcurves) if bag is not None else []
    return found


def _check_look(item: bpy.types.Object, wanted: dict[str, Any]) -> None:
    if item.type == "EMPTY":
        what = (
            f"an instance of the collection '{item.instance_collection.name}': change what is in that"
            if item.instance_collection is not None
            else "an empty and has no material"
        )
        raise Cannot(f"'{item.name}' is {what}.")
    if not hasattr(item.data, "materials"):
        raise Cannot(f"'{item.name}' takes no material.")
    slot = looks.main_slot(item)
    material = item.material_slots[slot].material if slot >= 0 else None
    if material is not None:
        looks.check(material, wanted)
    elif slot < 0 and item.data.library is not None:
        raise Cannot(f"The mesh of '{item.name}' is linked and has no material slot.")


def _check_shown(item: bpy.types.Object) -> None:
    layer = window().view_layer
    hidden = [c.name for c in item.users_collection if _is_hidden(layer.layer_collection, c)]
    if hidden and len(hidden) == len(item.users_collection):
        raise Cannot(f"'{item.name}' is in the collection '{hidden[0]}', which is hidden.")


def _is_hidden(
    layer: bpy.types.LayerCollection, collection: bpy.types.Collection, above: bool = False
) -> bool:
    """Whether it, or a collection around it, is hidden or excluded."""
    hidden = above or layer.exclude or layer.hide_viewport or layer.collection.hide_viewport
    if layer.collection == collection:
        return hidden
    return any(_is_hidden(child, collection, hidden) for child in layer.children)


# matrices -----------------------------------------------------------------------------------------


def _world(change: Change, unit: float) -> Matrix | None:
    """Where the proposal has it, as Blender has matrices."""
    if change.item is None:
        return None
    if "world_from_camera" in change.item:
        return lenses.blender_matrix(change.item["world_from_camera"], unit)
    matrix = Matrix(change.item["world_from_object"])
    for row in range(3):
        for column in range(4):
            matrix[row][column] /= unit
    return matrix


def _is_moved(change: Change) -> bool:
    return change.action == "create" or bool(_PLACES & set(change.fields))


def _check_matrices(
    changes: tuple[Change, ...], found: dict[str, bpy.types.Object], unit: float
) -> None:
    """Each new place can be held by location, rotation and scale below its parent. Raises Cannot."""
    worlds = {c.id: _world(c, unit) for c in changes if c.item is not None and _is_moved(c)}
    by_item = {found[key]: world for key, world in worlds.items() if key in found}
    for item, world in by_item.items():
        if world is None or item.parent is None or item.parent_type != "OBJECT":
            continue
        parent = by_item.get(item.parent) or item.parent.matrix_world
        local = (parent @ item.matrix_parent_inverse).inverted_safe() @ world
        if _differs(Matrix.LocRotScale(*local.decompose()), local) > _SHEAR:
            raise Cannot(
                f"'{item.name}' would be sheared, as its parent '{item.parent.name}' is scaled unevenly; "
                "apply the parent's scale first (Ctrl A)."
            )


def _differs(a: Matrix, b: Matrix) -> float:
    """The largest difference, relative to how large the second is."""
    size = max(max(abs(v) for row in b for v in row), 1e-9)
    return max(abs(a[r][c] - b[r][c]) for r in range(4) for c in range(4)) / size


# carrying out -------------------------------------------------------------------------------------


def carry_out(
    context: bpy.types.Context, reply: EditReply, observer: Observer, *, links_copies: bool
) -> Carried:
    """Raises Cannot before anything is changed."""
    reason = refusal(reply, observer)
    if reason:
        raise Cannot(reason)
    return _Work(context, reply, observer, links_copies).run()


class _Work:
    """One proposal being carried out."""

    def __init__(
        self,
        context: bpy.types.Context,
        reply: EditReply,
        observer: Observer,
        links_copies: bool,
    ) -> None:
        self.context, self.reply, self.observer = context, reply, observer
        self.links_copies = links_copies
        self.layer = window().view_layer
        self.unit = observer.unit()
        self.items = observer.ids.find_all(self._named(), self.layer)
        self.done = Carried()

    def _named(self) -> set[str]:
        keys = {change.id for change in self.reply.changes}
        keys |= {change.source for change in self.reply.changes}
        keys |= {str(c.item.get("parent")) for c in self.reply.changes if c.item is not None}
        return keys | set(self.reply.selection) | {self.reply.view}

    def run(self) -> Carried:
        """All of it."""
        changes = self.reply.changes
        for change in changes:
            if change.action == "create":
                self._create(change)
        for change in changes:
            if change.action == "change" and change.id == VIEWPORT:
                self._look(change)
            elif change.item is not None:
                self._parent(change)
        self._place(changes)
        self._paint(changes)
        for change in changes:
            item = self.items.get(change.id)
            if item is not None and change.action == "change":
                self._set_rest(item, change)
        self._delete([c.id for c in changes if c.action == "delete"])
        self._select()
        self.layer.update()
        return self.done

    def _create(self, change: Change) -> None:
        source = self.items.get(change.source)
        if source is not None:
            item = make.copy_of(source, links_data=self.links_copies)
        else:
            item = make.new_object(change.item)
        item.name = change.item.get("name") or change.id
        make.link(item, source, self.context)
        self.observer.ids.assign(change.id, item)
        self.items[change.id] = item
        self.done.created[change.id] = item.session_uid
        if change.item.get("label"):
            item["maquette_label"] = change.item["label"]

    def _parent(self, change: Change) -> None:
        if change.action == "change" and "parent" not in change.fields:
            return
        item, key = self.items[change.id], change.item.get("parent")
        parent = self.items.get(key) if key else None
        if item.parent == parent:
            return
        world = item.matrix_world.copy()
        item.parent, item.parent_type = parent, "OBJECT"
        item.matrix_parent_inverse.identity()
        item.matrix_world = world

    def _place(self, changes: tuple[Change, ...]) -> None:
        """Parents first, as a child's place is kept relative to its parent's."""
        wanted = {
            self.items[c.id]: _world(c, self.unit)
            for c in changes
            if c.item is not None and c.id in self.items
            and (_is_moved(c) or "parent" in c.fields)
        }  # fmt: skip
        while wanted:
            level = [item for item in wanted if not _has_ancestor(item, wanted)]
            self.layer.update()
            for item in level:
                item.matrix_world = wanted.pop(item)
        self.layer.update()
        for change in changes:
            if "K" in change.fields and change.id in self.items:
                self._zoom(self.items[change.id], change)

    def _zoom(self, item: bpy.types.Object, change: Change) -> None:
        told = self.observer.camera_as_told(change.id)
        if told is not None:
            if item.data.users > 1 or item.data.library is not None:
                item.data = item.data.copy()
            lenses.write_lens(item.data, change.item, told)

    def _paint(self, changes: tuple[Change, ...]) -> None:
        wanted = [
            (self.items[c.id], c.item["material"])
            for c in changes
            if c.item is not None and c.item.get("material") and c.id in self.items
            and ("material" in c.fields or (c.action == "create" and self._is_repainted(c)))
        ]  # fmt: skip
        painter = looks.Painter([item for item, _ in wanted])
        for item, material in wanted:
            painter.paint(item, material)
            if len(item.material_slots) > 1:
                slot = item.material_slots[looks.main_slot(item)].material
                self.done.notes.append(
                    f"'{item.name}' has {len(item.material_slots)} materials; '{slot.name}' was changed."
                )

    def _is_repainted(self, change: Change) -> bool:
        """A new thing has its own look already where it is a copy, unless it was also changed."""
        source = self.items.get(change.source)
        if source is None or not source.material_slots:
            return True
        material = source.material_slots[looks.main_slot(source)].material
        return material is None or looks.differs(material, change.item["material"])

    def _set_rest(self, item: bpy.types.Object, change: Change) -> None:
        wanted = change.item
        if "light" in change.fields and wanted.get("light"):
            looks.write_light(item, wanted["light"])
        if "world_from_object" in change.fields:
            _remember_photo(item, wanted)
        if "visible" in change.fields:
            item.hide_set(not wanted["visible"])
            item.hide_render = not wanted["visible"]
            if wanted["visible"]:
                item.hide_viewport = False
        if "name" in change.fields:
            item.name = wanted["name"]
        if "label" in change.fields:
            item["maquette_label"] = wanted["label"] or ""
        if "locked" in change.fields:
            item.lock_location = (wanted["locked"],) * 3
            item.lock_rotation = (wanted["locked"],) * 3
            item.lock_scale = (wanted["locked"],) * 3
            if not wanted["locked"]:
                item.hide_select = False

    def _delete(self, keys: list[str]) -> None:
        going = [self.items[key] for key in keys if key in self.items]
        for item in going:
            for child in list(item.children):
                if child not in going:
                    world = child.matrix_world.copy()
                    child.parent = None
                    child.matrix_world = world
        scene = window().scene
        ours = {scene.collection, *scene.collection.children_recursive}
        for item in going:
            data = item.data
            for collection in item.users_collection:
                if collection in ours:
                    collection.objects.unlink(item)
            if not item.users_collection:
                bpy.data.objects.remove(item)
                if data is not None and data.users == 0:
                    bpy.data.batch_remove([data])
        for key in keys:
            self.items.pop(key, None)

    def _select(self) -> None:
        if not self.reply.selects:
            return
        for item in self.layer.objects:
            item.select_set(False)
        chosen = [self.items[key] for key in self.reply.selection if key in self.items]
        for item in chosen:
            item.select_set(True)
        if chosen:
            self.layer.objects.active = chosen[0]

    def _look(self, change: Change) -> None:
        """The user's view is no object: it moves at once, and undo leaves it."""
        found = viewport()
        if found is None:
            return
        space = found[0].spaces.active
        if "world_from_camera" in change.fields:
            matrix = lenses.blender_matrix(change.item["world_from_camera"], self.unit)
            space.region_3d.view_matrix = matrix.inverted_safe()
        told = self.observer.camera_as_told(VIEWPORT)
        if "K" in change.fields and told is not None:
            space.lens *= change.item["K"][0][0] / told["K"][0][0]


def _remember_photo(item: bpy.types.Object, wanted: dict[str, Any]) -> None:
    """Where a thing was in the photos, for "put it back where it was in the photo"."""
    place = wanted.get(IN_PHOTO)
    if place is not None:
        item[PLACE_IN_PHOTO] = [float(value) for row in place for value in row]
    elif PLACE_IN_PHOTO in item:
        del item[PLACE_IN_PHOTO]


def look_through(reply: EditReply, ids: Ids) -> None:
    """Have the viewport see through the camera that the proposal chose."""
    found = viewport()
    camera = ids.find(reply.view, window().view_layer) if reply.view else None
    if found is None or camera is None or camera.type != "CAMERA":
        return
    space = found[0].spaces.active
    space.use_local_camera = True
    space.camera = camera
    space.region_3d.view_perspective = "CAMERA"


def _has_ancestor(item: bpy.types.Object, others: dict[bpy.types.Object, Any]) -> bool:
    parent = item.parent
    while parent is not None:
        if parent in others:
            return True
        parent = parent.parent
    return False
