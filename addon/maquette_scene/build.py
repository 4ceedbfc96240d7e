"""A scene folder becomes one collection, in steps that hold the main thread for a few milliseconds each.

Numpy's part runs in a thread, Blender's part in small pieces; only creating the mesh takes what it takes. Nothing is
in the user's scene before all is there: the collection is linked last. Units, world, render settings and the active
camera stay as they are.
"""

import json
import threading
import uuid
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from maquette_protocol.document import Light, Material, SceneObject
from maquette_protocol.errors import Cancelled, InputError

from .arrays import MeshArrays, mesh_arrays
from .camera import make_camera
from .folder import SceneFolder
from .material import make_color_material, make_material
from .mesh import make_mesh
from .points import make_points
from .watch import Watch

MESH, OBJECTS, LIGHTS, CAMERAS, POINTS = "Mesh", "Objects", "Lights", "Cameras", "Points"
_BUDGET = "Mesh Budget"  # the modifier's name
_IN_THE_WORKS = "maquette_in_the_works"


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """What of the scene comes into Blender; nothing of it needs the backend."""

    name: str = ""  # of the collection; the folder's own where empty
    with_mesh: bool = True
    with_cameras: bool = True
    with_points: bool = False
    min_seen: float = 0.0  # triangles with a vertex below this are left out
    max_triangles: int = 0  # 0: all; else a Decimate modifier brings the surface down to so many
    pack: bool = True  # pictures into the .blend; else they stay in the scene folder


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where the build is: `share` of 0..1, and words for the status bar."""

    share: float
    words: str


@dataclass(frozen=True, kw_only=True)
class BuiltScene:
    """What came into Blender. Names, no references: an undo makes those invalid."""

    collection: str
    num_triangles: int = 0
    num_hidden: int = 0
    num_cameras: int = 0
    num_points: int = 0
    missing: tuple[str, ...] = ()  # pictures that are not where the document says

    @property
    def words(self) -> str:
        """For a report: "84,210 triangles, 12 cameras"."""
        counts = (
            (self.num_triangles, "triangles"),
            (self.num_cameras, "cameras"),
            (self.num_points, "points"),
        )
        return ", ".join(f"{count:,} {what}" for count, what in counts if count)


Build = Generator[Step, None, BuiltScene]


def build_scene(scene: bpy.types.Scene, folder: SceneFolder, options: BuildOptions) -> BuiltScene:
    """All at once, for who can wait."""
    steps = build_steps(scene, folder, options)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def build_steps(scene: bpy.types.Scene, folder: SceneFolder, options: BuildOptions) -> Build:
    """Build `folder` into `scene`, a step at each `next`; closing the generator leaves nothing behind.

    Raises MaquetteError; InputError where the scene was deleted or another file opened meanwhile.
    """
    uid, scene_name = scene.session_uid, scene.name
    prepared = yield from _prepare(folder, options)
    with Watch() as watch:
        while True:
            token = uuid.uuid4().hex
            try:
                built = yield from _create(uid, scene_name, folder, options, prepared, token, watch)
            except BaseException:
                _remove(token)
                raise
            if built is not None:
                return built
            _remove(
                token
            )  # an undo came in between: what it left of ours goes, and all is made anew
            watch.changed = False


@dataclass(kw_only=True)
class _Prepared:
    meshes: dict[str, MeshArrays] = field(default_factory=dict)
    pictures: dict[str, Path | None] = field(default_factory=dict)  # None: not there
    low: Any = None  # (3,) of the whole scene, world
    high: Any = None
    error: BaseException | None = None
    stop: bool = False


def _prepare(folder: SceneFolder, options: BuildOptions) -> Generator[Step, None, _Prepared]:
    prepared = _Prepared()
    thread = threading.Thread(target=_lay_out, args=(folder, options, prepared), daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.002)
            yield Step(share=0.1, words="Reading the scene")
    finally:
        prepared.stop = True
    if prepared.error is not None:
        raise prepared.error
    return prepared


def _lay_out(folder: SceneFolder, options: BuildOptions, prepared: _Prepared) -> None:
    """In a thread: numpy lets go of the interpreter while it works."""
    places = [np.array(c.world_from_camera)[:3, 3] for c in folder.document.cameras]
    try:
        prepared.pictures = {name: folder.picture(name) for name in _picture_names(folder)}
        for item in folder.document.objects:
            if prepared.stop:
                raise Cancelled()
            if item.kind == "surface" and not options.with_mesh:
                continue
            arrays = mesh_arrays(item, folder.arrays, options.min_seen)
            if arrays is None:
                continue
            prepared.meshes[item.id] = arrays
            if len(arrays.vertices):
                matrix = np.array(item.world_from_object)
                ends = np.stack([arrays.vertices.min(axis=0), arrays.vertices.max(axis=0)])
                places += list(ends @ matrix[:3, :3].T + matrix[:3, 3])
    except Exception as error:  # border of the thread: raised again in the main one
        prepared.error = error
    prepared.low = np.min(places, axis=0) if places else np.zeros(3)
    prepared.high = np.max(places, axis=0) if places else np.ones(3)


def _picture_names(folder: SceneFolder) -> list[str]:
    materials = [item.material for item in folder.document.objects if item.material is not None]
    names = [m.texture for m in materials] + [c.image for c in folder.document.cameras]
    return [name for name in names if name is not None]


def _create(
    uid: int,
    scene_name: str,
    folder: SceneFolder,
    options: BuildOptions,
    prepared: _Prepared,
    token: str,
    watch: Watch,
) -> Generator[Step, None, BuiltScene | None]:
    """The Blender part; None where Blender's data was exchanged during a step."""
    scene = next((s for s in bpy.data.scenes if s.session_uid == uid), None)
    if watch.another_file or scene is None:
        raise InputError(
            f"The scene {scene_name!r}, where the result belongs, is no longer there.",
            hint="Open the result in another scene: File > Import > Maquette Scene.",
        )
    maker = _Maker(scene, folder, options, prepared, token)
    document = folder.document
    total = 1 + len(prepared.meshes) + len(document.cameras)
    done = 0
    with_lamps = [i for i in document.objects if i.id in prepared.meshes or i.light is not None]
    for item in with_lamps:
        yield Step(share=0.2 + 0.8 * done / total, words=f"Creating {item.name}")
        if watch.changed:
            return None
        maker.add_object(item)
        done += 1
    for camera in document.cameras if options.with_cameras else ():
        yield Step(share=0.2 + 0.8 * done / total, words="Placing the cameras")
        if watch.changed:
            return None
        maker.add_camera(camera)
        done += 1
    yield Step(share=0.99, words="Showing the scene")
    if watch.changed:
        return None
    if options.with_points:
        maker.add_points()
    return maker.finish()


class _Maker:
    """Holds Blender data: lives between two looks at the watch, never longer than they allow."""

    def __init__(
        self,
        scene: bpy.types.Scene,
        folder: SceneFolder,
        options: BuildOptions,
        prepared: _Prepared,
        token: str,
    ) -> None:
        self.scene, self.folder, self.options, self.prepared = scene, folder, options, prepared
        self.token = token
        self.reach = float(np.linalg.norm(prepared.high - prepared.low)) or 1.0
        self.root = self._collection(options.name or _own_name(folder))
        self.parts: dict[str, bpy.types.Collection] = {}
        self.objects: dict[str, bpy.types.Object] = {}
        self.materials: list[tuple[Material, bpy.types.Material]] = []
        self.missing: list[str] = []
        self.num_cameras = self.num_points = 0

    def add_object(self, item: SceneObject) -> None:
        arrays = self.prepared.meshes.get(item.id)
        if item.light is not None:
            data, part = _lamp(item.name, item.light), LIGHTS
        else:
            assert arrays is not None
            data = make_mesh(item.name, arrays)
            data.materials.append(self._material(item, arrays))
            part = MESH if item.kind == "surface" else OBJECTS
        made = bpy.data.objects.new(item.name, data)
        made.matrix_world = Matrix(item.world_from_object)
        made["maquette_id"] = item.id
        made["maquette_kind"] = item.kind
        if item.label is not None:
            made["maquette_label"] = item.label
        made.hide_viewport = made.hide_render = not item.visible
        if item.kind == "surface" and arrays is not None:
            self._keep_budget(made, len(arrays.triangles))
        self._link(made, part)
        self.objects[item.id] = made

    def add_camera(self, camera: Any) -> None:
        photo = self._picture(camera.image)
        made = make_camera(camera, photo, reach=self.reach, pack=self.options.pack)
        self._link(made, CAMERAS)
        self.num_cameras += 1

    def add_points(self) -> None:
        xyz = self.folder.arrays.get("points.positions")
        if xyz is None or xyz.ndim != 2 or xyz.shape[1] != 3 or not len(xyz):
            return
        colors = self.folder.arrays.get("points.colors")
        if colors is not None and colors.shape != xyz.shape:
            colors = None
        made = make_points(POINTS, xyz, colors, radius=self.reach / 1500)
        made["maquette_id"] = "points"
        self._link(made, POINTS)
        self.num_points = len(xyz)

    def finish(self) -> BuiltScene:
        """Tie children to parents, write the provenance down, show all."""
        for item in self.folder.document.objects:
            child, parent = self.objects.get(item.id), self.objects.get(item.parent or "")
            if child is not None and parent is not None:
                child.parent = parent
                child.matrix_parent_inverse = parent.matrix_world.inverted()
        keep_provenance(self.root, self.folder, self.options)
        for part in (self.root, *self.root.children):
            del part[_IN_THE_WORKS]
        self.scene.collection.children.link(self.root)
        meshes = self.prepared.meshes.values()
        return BuiltScene(
            collection=self.root.name,
            num_triangles=sum(len(m.triangles) for m in meshes),
            num_hidden=sum(m.num_hidden for m in meshes),
            num_cameras=self.num_cameras,
            num_points=self.num_points,
            missing=tuple(self.missing),
        )

    def _collection(self, name: str) -> bpy.types.Collection:
        made = bpy.data.collections.new(name)
        made[_IN_THE_WORKS] = self.token
        return made

    def _link(self, made: bpy.types.Object, part: str) -> None:
        if part not in self.parts:
            self.parts[part] = self._collection(part)
            self.root.children.link(self.parts[part])
        self.parts[part].objects.link(made)

    def _material(self, item: SceneObject, arrays: MeshArrays) -> bpy.types.Material | None:
        given = item.material
        if given is None:
            return make_color_material(item.name) if arrays.colors is not None else None
        for known, made in self.materials:
            if known == given:
                return made  # a room's things may share one picture, which is large
        made = make_material(given, self._picture(given.texture), pack=self.options.pack)
        self.materials.append((given, made))
        return made

    def _picture(self, name: str | None) -> Path | None:
        file = self.prepared.pictures[name] if name is not None else None
        if name is not None and file is None:
            self.missing.append(name)
        return file

    def _keep_budget(self, made: bpy.types.Object, num_triangles: int) -> None:
        budget = self.options.max_triangles
        if 0 < budget < num_triangles:
            modifier = made.modifiers.new(_BUDGET, "DECIMATE")
            modifier.ratio = budget / num_triangles
            modifier.use_collapse_triangulate = True


def keep_provenance(root: bpy.types.Collection, folder: SceneFolder, options: BuildOptions) -> None:
    """Custom properties on the collection: where the scene came from and how it was made."""
    made_by = folder.document.extra.get("reconstruction", {})
    made_by = made_by if isinstance(made_by, dict) else {}
    root["maquette_scene"] = str(folder.path)
    root["maquette_metric"] = folder.document.is_metric
    root["maquette_photos"] = [c.image or c.id for c in folder.document.cameras]
    root["maquette_min_seen"] = options.min_seen
    root["maquette_max_triangles"] = options.max_triangles
    for key in ("engine", "version", "trust"):
        if isinstance(made_by.get(key), str):
            root[f"maquette_{key}"] = made_by[key]
    for key in ("options", "reasons", "warnings"):
        if made_by.get(key):
            root[f"maquette_{key}"] = json.dumps(made_by[key], ensure_ascii=False)


def _own_name(folder: SceneFolder) -> str:
    title = folder.document.extra.get("title")
    return title if isinstance(title, str) and title else folder.path.name or "Maquette"


def _lamp(name: str, given: Light) -> bpy.types.Light:
    light = bpy.data.lights.new(name, given.type)
    light.energy, light.color = given.power, given.color
    return light


def _remove(token: str) -> None:
    """Take away what an unfinished build made, as far as Blender still has it."""
    ours = [c for c in bpy.data.collections if c.get(_IN_THE_WORKS) == token]
    objects = [made for collection in ours for made in collection.objects]
    used = [data for made in objects for data in _used_by(made)]
    bpy.data.batch_remove([*objects, *ours])
    while unused := [data for data in dict.fromkeys(used) if data.users == 0]:
        bpy.data.batch_remove(unused)
        used = [data for data in used if data not in unused]


def _used_by(made: bpy.types.Object) -> list[bpy.types.ID]:
    """What goes with an object of ours: its data, materials, nodes and pictures."""
    found: list[bpy.types.ID] = [made.data]
    if made.type == "CAMERA":
        found += [b.image for b in made.data.background_images if b.image]
    if made.type == "MESH":
        trees = [m.node_group for m in made.modifiers if m.type == "NODES" and m.node_group]
        materials = [m for m in made.data.materials if m]
        materials += [
            n.inputs["Material"].default_value
            for t in trees
            for n in t.nodes
            if n.bl_idname == "GeometryNodeSetMaterial"
        ]
        nodes = [node for material in materials for node in material.node_tree.nodes]
        images = [n.image for n in nodes if n.bl_idname == "ShaderNodeTexImage" and n.image]
        found += [*trees, *materials, *images]
    return found
