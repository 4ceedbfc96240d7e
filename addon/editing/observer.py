"""What of the open scene is new since the last prompt, in pieces that each take little time.

An object is described anew where its state (its place, its shape, its looks …) is not what it was; its mesh is sent
anew where Blender said that its geometry was updated, or its bounds or counts changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent

from maquette_protocol.edit_messages import MeshPart

from ..distances import IS_DISTANCE
from ..maquette_session.edits import MAX_PIECE_BYTES, MAX_PIECE_ITEMS, Look, Piece
from ..scenes import scene_collections
from . import geometry, lenses, looks
from .names import VIEWPORT, Ids, front_of, kind_of, label_of

Json = dict[str, Any]
PLACE_IN_PHOTO = "maquette_in_photo"  # custom property: 16 numbers, rows, metres
IN_PHOTO = "world_from_object_in_photo"  # what the document calls it
_PER_STEP = 48  # objects between two looks at the clock: about 4 ms
_ROWS = MAX_PIECE_BYTES // 12  # vertices or triangles of one message
_scene_uid = 0  # session_uid of the scene that is talked about
_changed: set[int] = set()  # session_uid of what had its geometry updated


@dataclass
class _Known:
    """An object as it was told."""

    state: tuple[Any, ...]
    mesh: str


@dataclass
class Observer:
    """Reads one scene, for one conversation."""

    ids: Ids = field(default_factory=Ids)
    num_changed: int = 0  # objects that were other than told, in the last reading
    expected: set[str] = field(default_factory=set)  # ids that an edit of ours has changed
    _known: dict[str, _Known] = field(default_factory=dict)
    _updated: set[int] = field(default_factory=set)  # session_uid, not yet told
    _read_meshes: set[tuple[str, int]] = field(default_factory=set)  # in this reading
    _slots: dict[tuple[int, str], int] = field(default_factory=dict)
    _cameras: dict[str, Json] = field(default_factory=dict)
    _meshes: dict[tuple[str, int], tuple[str, Any]] = field(default_factory=dict)
    _versions: int = 0
    _view: str = ""

    def unit(self) -> float:
        """Metres per Blender unit."""
        settings = _scene().unit_settings
        return settings.scale_length if settings.system != "NONE" else 1.0

    def look(self) -> Look:
        """See Reader."""
        scene, settings = _scene(), bpy.context.window_manager.maquette_edit
        layer = _layer()
        found = scene_collections(scene)
        selected = [o for o in layer.objects if o.select_get() and o.type != "CAMERA"]
        active = layer.objects.active
        selected.sort(key=lambda item: item != active)
        return Look(
            is_metric=all(c.get("maquette_metric", True) for c in found),
            view=self._view,
            selection=tuple(self.ids.id_of(item) for item in selected),
            scope=self._scope(settings.scope, layer, selected),
            num_applied=max(scene.maquette.num_edits - settings.first_edit, 0),
        )

    def _scope(
        self, scope: str, layer: bpy.types.ViewLayer, selected: list[bpy.types.Object]
    ) -> tuple[str, ...] | None:
        if scope == "all":
            return None
        if scope == "selection":
            cameras = [o for o in layer.objects if o.type == "CAMERA" and o.select_get()]
            return tuple(self.ids.id_of(item) for item in (*selected, *cameras))
        return tuple(self.ids.id_of(item) for item in _in_view(layer))

    def pieces(self, *, anew: bool) -> Iterator[Piece | None]:
        """See Reader."""
        if anew:
            self._known.clear()
            self._cameras.clear()
            self._meshes.clear()
        self.num_changed = 0
        _layer().update()  # places and visibility of what was added just now
        self._read_meshes.clear()
        self._updated |= _changed
        _changed.clear()
        objects, meshes = _Batch(), _Batch()
        seen: set[str] = set()
        uids = [item.session_uid for item in _layer().objects]
        for first in range(0, len(uids), _PER_STEP):
            # between two steps Blender may have freed any of them
            items = {item.session_uid: item for item in _layer().objects}
            for uid in uids[first : first + _PER_STEP]:
                if uid in items and IS_DISTANCE not in items[uid]:
                    seen.add(self._read(items[uid], objects, meshes))
            yield from meshes.full_pieces()
            if len(objects.objects) + len(objects.cameras) >= MAX_PIECE_ITEMS:
                yield objects.take()
            yield None
        self._read_viewport(objects)
        seen.add(VIEWPORT)
        objects.removed = [k for k in (*self._known, *self._cameras) if k not in seen]
        self._forget(objects.removed)
        yield from meshes.rest()
        yield objects.take()
        self.expected.clear()
        self._updated.clear()

    def _forget(self, keys: list[str]) -> None:
        for key in keys:
            self._known.pop(key, None)
            self._cameras.pop(key, None)
            self.num_changed += key not in self.expected

    def _read(self, item: bpy.types.Object, objects: "_Batch", meshes: "_Batch") -> str:
        """Tell an object where it is new; its id."""
        key = self.ids.id_of(item)
        if item.type == "CAMERA":
            self._read_camera(item, key, objects)
            return key
        mesh = self._mesh_of(item, meshes)
        material = self._material_of(item, mesh)
        state = _state(item, material, mesh)
        known = self._known.get(key)
        if known is None or known.state != state:
            self._known[key] = _Known(state, mesh)
            self.num_changed += key not in self.expected
            objects.objects.append(self._described(item, key, material, mesh))
        return key

    def _material_of(self, item: bpy.types.Object, mesh: str) -> bpy.types.Material | None:
        """Of most of its faces: counted once per shape."""
        if not item.material_slots:
            return None
        place = (item.session_uid, mesh)
        if place not in self._slots:
            self._slots[place] = looks.main_slot(item)
        slot = min(self._slots[place], len(item.material_slots) - 1)
        return item.material_slots[slot].material

    def _described(
        self, item: bpy.types.Object, key: str, material: bpy.types.Material | None, mesh: str
    ) -> Json:
        label, unit = label_of(item), self.unit()
        bounds = geometry.bounds_of(item)
        light = looks.read_light(item.data) if item.type == "LIGHT" else None
        if light is not None:
            bounds = ([-0.05] * 3, [0.05] * 3)
        told: Json = {
            "id": key,
            "name": item.name,
            "label": label,
            "kind": kind_of(item, label),
            "world_from_object": _scaled(item.matrix_world, unit),
            "bounds": {"min": bounds[0], "max": bounds[1]} if bounds is not None else None,
            "front": front_of(item, label),
            "geometry": {"mesh": mesh} if mesh else None,
            "material": looks.read_material(material) if material is not None else None,
            "light": light,
            "parent": self.ids.id_of(item.parent) if item.parent is not None else None,
            "visible": item.visible_get(),
            "locked": is_locked(item),
            "key": key,
        }
        place = item.get(PLACE_IN_PHOTO)
        if place is not None and len(place) == 16:
            told[IN_PHOTO] = [list(place[row * 4 : row * 4 + 4]) for row in range(4)]
        return told

    def _mesh_of(self, item: bpy.types.Object, meshes: "_Batch") -> str:
        """The name under which its shape was, or is now, told; "" without one."""
        is_solid = item.type in geometry.SOLID or geometry.is_instance(item)
        if not is_solid or not item.visible_get():
            return ""  # what is hidden is in nobody's way
        owner = item.data if geometry.shares_mesh(item) else item
        place = (type(owner).__name__, owner.session_uid)
        print_ = _fingerprint(item)
        known = self._meshes.get(place)
        uids = (
            {owner.session_uid} if item.data is None else {owner.session_uid, item.data.session_uid}
        )
        is_same = known is not None and known[1] == print_ and not uids & self._updated
        if known is not None and (is_same or place in self._read_meshes):
            return known[0]
        vertices, triangles = geometry.triangles_of(item, bpy.context.evaluated_depsgraph_get())
        self._versions += 1
        name = f"{place[1]}.{self._versions}" if len(triangles) else ""
        self._meshes[place] = (name, print_)
        self._read_meshes.add(place)
        if name:
            meshes.add_mesh(name, vertices, triangles)
        return name

    def _read_camera(self, item: bpy.types.Object, key: str, objects: "_Batch") -> None:
        told = lenses.read_camera(item, _scene(), key, self.unit())
        if self._cameras.get(key) != told:
            self._cameras[key] = told
            self.num_changed += key not in self.expected
            objects.cameras.append(told)

    def _read_viewport(self, objects: "_Batch") -> None:
        self._view = ""
        found = viewport()
        if found is None:
            camera = _scene().camera
            self._view = self.ids.id_of(camera) if camera is not None else ""
            return
        area, region = found
        space = area.spaces.active
        if space.region_3d.view_perspective == "CAMERA" and space.camera is not None:
            self._view = self.ids.id_of(space.camera)
            if self._view in self._cameras:
                return
        told = lenses.read_viewport(space, region, VIEWPORT, self.unit())
        self._view = VIEWPORT
        if self._cameras.get(VIEWPORT) != told:
            self._cameras[VIEWPORT] = told
            objects.cameras.append(told)

    def camera_as_told(self, key: str) -> Json | None:
        """As the backend knows it."""
        return self._cameras.get(key)

    def is_as_told(self, key: str, item: bpy.types.Object) -> bool:
        """Whether an object is still what the backend knows."""
        if item.type == "CAMERA":
            told = lenses.read_camera(item, _scene(), key, self.unit())
            return self._cameras.get(key) == told
        known = self._known.get(key)
        if known is None:
            return False
        return known.state == _state(item, self._material_of(item, known.mesh), known.mesh)


def _state(
    item: bpy.types.Object, material: bpy.types.Material | None, mesh: str
) -> tuple[Any, ...]:
    """What is told of an object, as it can be compared quickly."""
    parent = item.parent.session_uid if item.parent is not None else 0
    return (
        item.name,
        item.get("maquette_label"),
        tuple(value for row in item.matrix_world for value in row),
        parent,
        item.visible_get(),
        is_locked(item),
        mesh,
        _look_of(material),
        _light_of(item),
    )


def _look_of(material: bpy.types.Material | None) -> tuple[Any, ...]:
    if material is None:
        return ()
    told = looks.read_material(material)
    return tuple(tuple(v) if isinstance(v, list) else v for v in told.values())


def _light_of(item: bpy.types.Object) -> tuple[Any, ...]:
    if item.type != "LIGHT":
        return ()
    told = looks.read_light(item.data)
    return (told["type"], told["power"], told.get("power_on"), *told["color"])


def is_locked(item: bpy.types.Object) -> bool:
    """Its place is locked in the sidebar, or it cannot be selected."""
    return all(item.lock_location) or item.hide_select


def _fingerprint(item: bpy.types.Object) -> tuple[Any, ...]:
    """What tells another shape without reading it all: bounds and counts."""
    counts = (len(item.data.vertices), len(item.data.polygons)) if item.type == "MESH" else ()
    if geometry.is_instance(item):
        bounds = geometry.bounds_of(item)
        return (*(bounds[0] + bounds[1] if bounds else ()), item.instance_collection.session_uid)
    return (*counts, *(value for corner in item.bound_box for value in corner))


def _scaled(matrix: Any, unit: float) -> list[list[float]]:
    rows = [[value * unit for value in row] for row in matrix]
    rows[3] = [0.0, 0.0, 0.0, 1.0]
    return rows


class _Batch:
    """Collects what one message can hold."""

    def __init__(self) -> None:
        self.objects: list[Json] = []
        self.cameras: list[Json] = []
        self.removed: list[str] = []
        self._parts: list[MeshPart] = []
        self._vertices: list[Any] = []
        self._triangles: list[Any] = []
        self._rows = 0
        self._full: list[Piece] = []

    def add_mesh(self, name: str, vertices: Any, triangles: Any) -> None:
        """In as many parts as it needs."""
        at, is_first = [0, 0], True
        while is_first or at[0] < len(vertices) or at[1] < len(triangles):
            room = max(_ROWS - self._rows, 1024)
            some = vertices[at[0] : at[0] + room]
            corners = triangles[at[1] : at[1] + max(room - len(some), 0)]
            self._parts.append(
                MeshPart(
                    mesh=name,
                    num_vertices=len(some),
                    num_triangles=len(corners),
                    is_first=is_first,
                )
            )
            self._vertices.append(some)
            self._triangles.append(corners)
            self._rows += len(some) + len(corners)
            at = [at[0] + len(some), at[1] + len(corners)]
            is_first = False
            if self._rows >= _ROWS:
                self._close()

    def _close(self) -> None:
        piece = Piece(
            meshes=tuple(self._parts),
            arrays={
                "vertices": np.concatenate(self._vertices).astype(np.float32),
                "triangles": np.concatenate(self._triangles).astype(np.int32),
            },
        )
        self._full.append(piece)
        self._parts, self._vertices, self._triangles, self._rows = [], [], [], 0

    def full_pieces(self) -> Iterator[Piece]:
        """Messages that can hold no more."""
        full, self._full = self._full, []
        yield from full

    def rest(self) -> Iterator[Piece]:
        """All that is left of meshes."""
        if self._parts:
            self._close()
        yield from self.full_pieces()

    def take(self) -> Piece:
        """Objects, cameras and what is gone."""
        piece = Piece(
            objects=tuple(self.objects),
            cameras=tuple(self.cameras),
            removed=tuple(self.removed),
        )
        self.objects, self.cameras, self.removed = [], [], []
        return piece


# the open scene ------------------------------------------------------------------------------------


def talk_about(scene: bpy.types.Scene) -> None:
    """From now on this is the scene, whatever other windows show."""
    global _scene_uid
    _scene_uid = scene.session_uid


def is_talked_about(scene: bpy.types.Scene) -> bool:
    """Whether this is the scene."""
    return scene.session_uid == _scene_uid


def window() -> bpy.types.Window:
    """The one that the user is in, where it shows the scene; else the first that does."""
    chosen = bpy.context.window
    windows = list(bpy.context.window_manager.windows)
    if chosen is not None and is_talked_about(chosen.scene):
        return chosen
    return next((w for w in windows if is_talked_about(w.scene)), chosen or windows[0])


def _scene() -> bpy.types.Scene:
    return window().scene


def _layer() -> bpy.types.ViewLayer:
    return window().view_layer


def viewport() -> tuple[bpy.types.Area, bpy.types.Region] | None:
    """The largest 3D viewport of the window."""
    areas = [a for a in window().screen.areas if a.type == "VIEW_3D"]
    area = max(areas, key=lambda a: a.width * a.height, default=None)
    if area is None:
        return None
    return area, next(r for r in area.regions if r.type == "WINDOW")


def _in_view(layer: bpy.types.ViewLayer) -> Iterator[bpy.types.Object]:
    """Visible objects whose bounds' centre is within the viewport."""
    from bpy_extras.view3d_utils import location_3d_to_region_2d
    from mathutils import Vector

    found = viewport()
    if found is None:
        yield from layer.objects
        return
    area, region = found
    for item in layer.objects:
        if not item.visible_get():
            continue
        centre = item.matrix_world @ (sum((Vector(c) for c in item.bound_box), Vector()) / 8)
        at = location_3d_to_region_2d(region, area.spaces.active.region_3d, centre)
        if at is not None and 0 <= at.x <= region.width and 0 <= at.y <= region.height:
            yield item


@persistent
def _after_update(_scene: bpy.types.Scene, graph: bpy.types.Depsgraph) -> None:
    for update in graph.updates:
        if update.is_updated_geometry:
            _changed.add(update.id.original.session_uid)


def register() -> None:
    bpy.app.handlers.depsgraph_update_post.append(_after_update)


def unregister() -> None:
    bpy.app.handlers.depsgraph_update_post.remove(_after_update)
    _changed.clear()
