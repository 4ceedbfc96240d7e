"""Things changed by hand: split by strokes, merged, renamed. The scene folder's pictures stay as they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.spatial import KDTree

from maquette.objects.options import SegmentOptions
from maquette.objects.selection import select
from maquette.objects.skin import Skin, face_graph, pixel_size
from maquette.objects.strokes import Stroke, faces_under, strokes_from_json
from maquette.objects.thing_mesh import (
    ThingMesh,
    as_object,
    find_thing,
    is_sheet,
    joined,
    mesh_of,
    part_of,
)
from maquette.progress import Progress
from maquette.scene import Scene
from maquette.types import BoolArray, Camera, FloatArray, IntArray
from maquette_protocol.document import SceneCamera, SceneObject
from maquette_protocol.errors import InputError

_ROOM = ("floor", "wall", "ceiling")
_ATOP = 0.25  # of the other part's height: a part that begins above that stands on it


def change_to(
    path: Path, out: Path, options: SegmentOptions, progress: Progress
) -> dict[str, object]:
    """Change the things of the scene at `path` into the folder `out`; returns a summary.

    Raises InputError where a change cannot be made: then none is. StorageError, Cancelled.
    """
    scene = Scene.open(path)
    made: list[str] = []
    if options.detector or options.masker:
        scene = _named(scene, options, progress)
    with progress.stage("Changing things", "by_hand", 0.9, 1.0):
        for text in options.split:
            progress.update(len(made) / len(options.split), "splitting")
            scene, name = split(scene, strokes_from_json(text))
            made.append(name)
        for names in options.merge:
            scene = merge(scene, names)
        for pair in options.relabel:
            if len(pair) != 2:
                raise InputError("A label is given as id and label.", hint="Write id=label.")
            scene = relabel(scene, *pair)
        scene.save(out)
    kinds = [item.kind for item in scene.document.objects]
    return {
        "scene": str(out),
        "objects": kinds.count("object"),
        "walls": kinds.count("wall"),
        "floor": "floor" in kinds,
        "new": made,
        "seconds": {key: round(value, 2) for key, value in progress.seconds.items()},
        "warnings": [],
    }


def _named(scene: Scene, options: SegmentOptions, progress: Progress) -> Scene:
    from maquette.models.extras import require_vision
    from maquette.objects.naming import WORDS, name_things

    if options.detector is None or options.masker is None:
        raise InputError("Naming takes two models.", hint="Say both --detector and --masker.")
    require_vision()
    from maquette.models.vision import Detector, Masker

    with progress.stage("Naming things", "naming", 0.0, 0.9):
        detector, masker = Detector(options.detector), Masker(options.masker)
        return name_things(scene, detector, masker, options.words or WORDS, progress)


def relabel(scene: Scene, name: str, label: str) -> Scene:
    """The scene with another label, and name, on one thing. Raises InputError."""
    item = find_thing(scene, name)
    label = " ".join(label.split())
    if not label or len(label) > 80 or not label.isprintable():
        raise InputError("A label has between 1 and 80 letters.", hint="Write id=label.")
    extra = {key: value for key, value in item.extra.items() if key != "label_confidence"}
    new = replace(item, label=label, name=label[:1].upper() + label[1:], extra=extra)
    return _with(scene, {item.id: new}, {})


def merge(scene: Scene, names: tuple[str, ...]) -> Scene:
    """The scene with several things as one: the first, which keeps its id, name and label. Raises InputError."""
    items = list({item.id: item for item in (find_thing(scene, name) for name in names)}.values())
    if len(items) < 2:
        raise InputError("Merging takes two things or more.", hint="Write them as one,other.")
    kept, gone = items[0], {item.id for item in items[1:]}
    room = [item.name for item in items[1:] if item.kind in _ROOM]
    if room and kept.kind not in _ROOM:
        raise InputError(
            f"{room[0]} is not part of a thing.",
            hint=f"To make the thing part of it, name {room[0]} first.",
        )
    new, arrays = as_object(kept, joined([mesh_of(scene, item) for item in items]))
    stated = [str(item.extra["rests_on"]) for item in items if item.extra.get("rests_on")]
    carriers = set(stated) - gone - {kept.id}
    if kept.extra.get("rests_on") in gone:
        # what the first stood on is now of it: it stands on what that stood on
        rest = {"rests_on": sorted(carriers)[0]} if carriers else {}
        new = replace(new, extra={k: v for k, v in new.extra.items() if k != "rests_on"} | rest)
    scene = _without(scene, gone)
    scene = _with(scene, {kept.id: new}, arrays)
    moved = {
        item.id: replace(item, extra=item.extra | {"rests_on": kept.id})
        for item in scene.document.objects
        if item.extra.get("rests_on") in gone and item.id != kept.id
    }
    parents = {
        item.id: replace(moved.get(item.id, item), parent=kept.id)
        for item in scene.document.objects
        if item.parent in gone and item.id != kept.id
    }
    return _with(scene, moved | parents, {})


def split(scene: Scene, strokes: tuple[Stroke, ...]) -> tuple[Scene, str]:
    """(the scene with what the strokes mean as one thing, its id).

    It is taken of the things that strokes touch. What is left of them keeps their ids and what was completed; a
    thing of which nothing would be left is joined by the rest, and the largest such gives id and name.
    Raises InputError where strokes touch nothing, or would change nothing.
    """
    items = [i for i in scene.document.objects if i.geometry is not None and i.geometry.mesh]
    items = [i for i in items if f"{i.geometry.mesh if i.geometry else ''}.uvs" in scene.arrays]
    if not items:
        raise InputError("The scene has nothing to split.", hint="Take it apart first.")
    meshes = [mesh_of(scene, item) for item in items]
    skin = joined(meshes).skin(_unit(scene, meshes))
    owner = np.repeat(np.arange(len(items)), [len(mesh.triangles) for mesh in meshes])
    this, other = faces_under(strokes, skin, face_graph(skin), scene.document.cameras)
    for marked, sort, value in ((this, "belongs", "true"), (other, "does not belong", "false")):
        if not marked.any():
            raise InputError(
                f"No stroke says what {sort} to the part.",
                hint=f'Draw one with "is_this": {value}.',
            )
    touched = np.unique(owner[this | other])
    own = np.flatnonzero(np.isin(owner, touched))
    local = joined([meshes[n] for n in touched]).skin(skin.unit)
    sheets, owners = is_sheet(local), owner[own]
    chosen = select(face_graph(local), skin.unit, this[own] & ~sheets, other[own] & ~sheets)
    chosen &= ~sheets
    taken = np.bincount(owners[chosen], minlength=len(items))
    whole = [int(n) for n in touched if taken[n] == (~sheets & (owners == n)).sum()]
    whole.sort(key=lambda n: -taken[n])
    part = chosen & ~np.isin(owners, whole)
    names = [items[n].id for n in whole]
    if part.any():
        source = items[int(np.bincount(owners[part]).argmax())]
        scene, name = _part_taken(scene, items, local, owners, part, sheets, source)
        names.append(name)
    elif len(whole) < 2:
        raise InputError(
            "The strokes mean a thing as it is.",
            hint="Mark what else belongs to it, or what does not.",
        )
    return (merge(scene, tuple(names)) if len(names) > 1 else scene), names[0]


def _part_taken(
    scene: Scene,
    items: list[SceneObject],
    skin: Skin,
    owners: IntArray,
    part: BoolArray,
    sheets: BoolArray,
    source: SceneObject,
) -> tuple[Scene, str]:
    """(the scene with the faces `part` as a new thing, its id). owners: (T,) number of each face's item"""
    objects, arrays = {}, {}
    for n in np.unique(owners[part]):
        rest = (owners == n) & ~part
        kept = part_of(skin, np.flatnonzero(rest & ~sheets), np.flatnonzero(rest & sheets))
        objects[items[n].id], made = as_object(items[n], kept)
        arrays.update(made)
    mesh = part_of(skin, np.flatnonzero(part), np.zeros(0, int))
    new, made = as_object(_new_thing(scene, source), mesh)
    scene = _with(scene, objects, arrays | made)
    scene = replace(scene, document=replace(scene.document, objects=(*scene.document.objects, new)))
    return _with_carriers(scene, source.id, new.id), new.id


def _unit(scene: Scene, meshes: list[ThingMesh]) -> float:
    """See skin.pixel_size."""
    vertices = np.vstack([mesh.vertices for mesh in meshes])
    return pixel_size(vertices, tuple(map(_camera, scene.document.cameras)))


def _new_thing(scene: Scene, source: SceneObject) -> SceneObject:
    taken = {item.id for item in scene.document.objects}
    number = next(n for n in range(1, len(taken) + 2) if f"object_{n}" not in taken)
    extra = {k: v for k, v in source.extra.items() if k not in ("rests_on", "confidence")}
    return SceneObject(
        id=f"object_{number}",
        name=f"Object {number}",
        kind="object",
        material=source.material,
        extra={k: v for k, v in extra.items() if k != "label_confidence"},
    )


def _with_carriers(scene: Scene, source: str, part: str) -> Scene:
    """What stood on the thing stands on the nearer of its two parts, one of which may stand on the other."""
    of = {item.id: item for item in scene.document.objects}
    low, high = {}, {}
    trees = {}
    for name in (source, part):
        points = mesh_of(scene, of[name]).vertices
        low[name], high[name] = points[:, 2].min(), points[:, 2].max()
        trees[name] = KDTree(points[:: max(1, len(points) // 5000)])
    changed = {}
    carrier = of[source].extra.get("rests_on")
    is_room = of[source].kind in _ROOM
    if is_room or low[part] > low[source] + _ATOP * (high[source] - low[source]):
        changed[part] = source
    elif low[source] > low[part] + _ATOP * (high[part] - low[part]):
        changed[part], changed[source] = carrier, part
    else:
        changed[part] = carrier
    for item in scene.document.objects:
        if item.extra.get("rests_on") == source and item.id != part and not is_room:
            base = _base(scene, item)
            changed[item.id] = min(
                (source, part), key=lambda name: float(trees[name].query(base)[0])
            )
    objects = {}
    for name, on in changed.items():
        extra = {k: v for k, v in of[name].extra.items() if k != "rests_on"}
        objects[name] = replace(of[name], extra=extra | ({"rests_on": on} if on else {}))
    return _with(scene, objects, {})


def _base(scene: Scene, item: SceneObject) -> FloatArray:
    """(3,) the centre of a thing's base, world."""
    points = mesh_of(scene, item).vertices
    return np.append(points[:, :2].mean(axis=0), points[:, 2].min())


def _camera(camera: SceneCamera) -> Camera:
    return Camera(
        name=camera.id,
        width=camera.width,
        height=camera.height,
        K=np.array(camera.K),
        world_from_camera=np.array(camera.world_from_camera),
    )


def _with(scene: Scene, objects: dict[str, SceneObject], arrays: dict[str, FloatArray]) -> Scene:
    """The scene with some objects and arrays replaced."""
    new = tuple(objects.get(item.id, item) for item in scene.document.objects)
    return replace(
        scene, document=replace(scene.document, objects=new), arrays=scene.arrays | arrays
    )


def _without(scene: Scene, gone: set[str]) -> Scene:
    """The scene without some objects, their arrays, and their place in the selection."""
    meshes = {
        item.geometry.mesh
        for item in scene.document.objects
        if item.id in gone and item.geometry is not None
    }
    document = replace(
        scene.document,
        objects=tuple(item for item in scene.document.objects if item.id not in gone),
        selection=tuple(name for name in scene.document.selection if name not in gone),
    )
    arrays = {k: v for k, v in scene.arrays.items() if k.rsplit(".", 1)[0] not in meshes}
    return replace(scene, document=document, arrays=arrays)
