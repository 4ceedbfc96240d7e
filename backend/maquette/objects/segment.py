"""From a reconstructed scene to a scene made of things; the stages in their order."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from maquette.objects.appearance import photo_colors
from maquette.objects.completion import Sheet, make_sheet
from maquette.objects.document import Thing, extended_atlas, scene_object, sheet_uvs
from maquette.objects.flat import find_flat_things
from maquette.objects.fringe import with_fringes
from maquette.objects.options import SegmentOptions
from maquette.objects.partition import Partition, partition
from maquette.objects.resting import find_supports_of_parts, with_thin_carriers
from maquette.objects.separation import make_piece
from maquette.objects.sight import trust_of_faces
from maquette.objects.skin import FaceGraph, Skin, face_graph, make_skin, pixel_size
from maquette.objects.structure import Plane, find_planes, plane_faces, smooth_normals
from maquette.objects.supports import Support, find_supports
from maquette.progress import Progress
from maquette.scene import Scene
from maquette.types import BoolArray, ByteArray, Camera, FloatArray, IntArray
from maquette_protocol.document import Kind, SceneObject
from maquette_protocol.errors import InputError

_FILLET = 8.0  # units
_ATLAS = "textures/objects.jpg"


def segment_to(
    path: Path, out: Path, options: SegmentOptions, progress: Progress
) -> dict[str, object]:
    """Take the scene at `path` apart into the folder `out`; returns a summary.

    Raises InputError where it has no reconstructed surface, StorageError, Cancelled.
    """
    scene = Scene.open(path)
    _surface_of(scene)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=_existing(out)) as work:
        folder = Path(work) / "scene"
        shutil.copytree(scene.folder, folder, ignore=shutil.ignore_patterns("report.html"))
        parts = segment_scene(replace(scene, folder=folder), options, progress)
        parts.save(out)
    kinds = [item.kind for item in parts.document.objects]
    return {
        "scene": str(out),
        "objects": kinds.count("object"),
        "walls": kinds.count("wall"),
        "floor": "floor" in kinds,
        "seconds": {key: round(value, 2) for key, value in progress.seconds.items()},
        "warnings": [],
    }


def _existing(out: Path) -> Path:
    """The folder of `out`, made where it is missing."""
    parent = out.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    return parent


def segment_scene(scene: Scene, options: SegmentOptions, progress: Progress) -> Scene:
    """The scene with its one surface taken apart; its folder's texture is replaced.

    Raises InputError where the scene has no reconstructed surface, Cancelled.
    """
    surface = _surface_of(scene)
    with progress.stage("Finding floor and walls", "structure", 0.0, 0.4):
        skin = _skin_of(scene, surface)
        graph = face_graph(skin)
        progress.update(0.5, "planes")
        normals = smooth_normals(graph, 3)
        planes = find_planes(graph, normals, skin.unit)
        is_free = np.ones(len(graph.centre), bool)
        for plane in planes:
            is_free &= ~plane_faces(plane, graph, normals)
        supports = find_supports(
            graph, normals, is_free & ~_at_floor(graph, planes, skin), skin.unit
        )
    with progress.stage("Finding things", "objects", 0.4, 0.75):
        trust = trust_of_faces(skin, graph, normals, cameras_of(scene), progress)
        progress.update(0.7, "parts")
        found = partition(skin, graph, normals, planes, supports, trust)
        texture = _texture_of(scene, surface)
        flat = find_flat_things(skin, graph, normals, texture, planes, supports, found)
        found = flat.partition
        carried = find_supports_of_parts(graph, planes, supports, found, skin.unit)
        carried = with_thin_carriers(graph, found, carried, flat.lies_on, skin.unit)
        found = with_fringes(graph, found, carried, skin.unit)
    with progress.stage("Completing surfaces", "completion", 0.75, 1.0):
        return _written(
            scene, surface, skin, graph, texture, planes, supports, found, carried, trust, options
        )


def _at_floor(graph: FaceGraph, planes: list[Plane], skin: Skin) -> BoolArray:
    """(T,) faces so low that a level patch of them is the floor's own edge."""
    low = np.zeros(len(graph.centre), bool)
    for plane in planes:
        if plane.kind == "floor":
            low |= plane.distance(graph.centre) < _FILLET * skin.unit
    return low


def cameras_of(scene: Scene) -> tuple[Camera, ...]:
    """The scene's cameras as the kernels take them."""
    return tuple(
        Camera(
            name=camera.id,
            width=camera.width,
            height=camera.height,
            K=np.array(camera.K),
            world_from_camera=np.array(camera.world_from_camera),
        )
        for camera in scene.document.cameras
    )


def _surface_of(scene: Scene) -> SceneObject:
    """The one skin of a reconstruction."""
    for item in scene.document.objects:
        mesh = item.geometry.mesh if item.geometry else None
        if item.kind == "surface" and mesh and f"{mesh}.uvs" in scene.arrays:
            return item
    raise InputError(
        "The scene has no reconstructed surface to take apart.",
        hint="Name a scene that `maquette reconstruct` wrote.",
    )


def _skin_of(scene: Scene, surface: SceneObject) -> Skin:
    name = surface.geometry.mesh if surface.geometry else ""
    matrix = scene.world_from_object(surface)
    vertices = scene.arrays[f"{name}.vertices"] @ matrix[:3, :3].T + matrix[:3, 3]
    return make_skin(
        vertices,
        scene.arrays[f"{name}.triangles"],
        scene.arrays[f"{name}.uvs"],
        scene.arrays[f"{name}.colors"].astype(np.float32),
        scene.arrays[f"{name}.seen"],
        pixel_size(vertices, cameras_of(scene)),
    )


def _texture_of(scene: Scene, surface: SceneObject) -> ByteArray:
    name = surface.material.texture if surface.material else None
    if name is None:
        return np.full((4, 4, 3), 200, np.uint8)
    path = scene.inside(name, "material.texture")
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError(f"The scene's texture {name} cannot be read.", hint="Reconstruct it anew.")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _written(
    scene: Scene,
    surface: SceneObject,
    skin: Skin,
    graph: FaceGraph,
    texture: ByteArray,
    planes: list[Plane],
    supports: list[Support],
    found: Partition,
    carried: list[int | None],
    trust: FloatArray,
    options: SegmentOptions,
) -> Scene:
    order = np.argsort(found.part, kind="stable")
    starts = np.searchsorted(found.part[order], np.arange(found.count + 1))
    ids = _ids(planes, found)
    colors = photo_colors(graph.color, graph.area * trust**2, found.part, found.count)
    things = []
    for number in range(found.count):
        faces = order[starts[number] : starts[number + 1]]
        sheets: list[Sheet] = []
        if options.complete:
            sheets = _sheets(skin, graph, texture, planes, supports, found, number, faces)
        carrier = carried[number]
        kind: Kind = planes[number].kind if number < found.num_planes else "object"
        things.append(
            Thing(
                id=ids[number],
                name=ids[number].replace("_", " ").title(),
                kind=kind,
                piece=make_piece(skin, faces),
                sheets=tuple(sheets),
                rests_on=None if carrier is None else ids[carrier],
                confidence=None
                if number < found.num_planes
                else float(np.average(trust[faces], weights=graph.area[faces])),
                color=(colors[number, 0], colors[number, 1], colors[number, 2]),
            )
        )
    return _scene_of(scene, surface, things, texture)


def _ids(planes: list[Plane], found: Partition) -> list[str]:
    ids, counts = [], {"floor": 0, "wall": 0, "ceiling": 0, "object": 0}
    for number in range(found.count):
        kind = planes[number].kind if number < found.num_planes else "object"
        counts[kind] += 1
        ids.append(f"{kind}_{counts[kind]}" if kind in ("wall", "object") else kind)
    return ids


def _sheets(
    skin: Skin,
    graph: FaceGraph,
    texture: ByteArray,
    planes: list[Plane],
    supports: list[Support],
    found: Partition,
    number: int,
    faces: IntArray,
) -> list[Sheet]:
    """What is missing of a part's surfaces: of the whole plane, or of each support that is the part's."""
    made = []
    if number < found.num_planes:
        plane = planes[number]
        own = faces[np.abs(plane.distance(graph.centre[faces])) < 2 * plane.reach]
        outline = _room_outline(graph.centre[own], plane, planes)
        made.append(make_sheet(skin, texture, own, plane.normal, plane.offset, outline))
    else:
        up = np.array([0.0, 0.0, 1.0])
        for support in supports:
            own = support.faces[found.part[support.faces] == number]
            if len(own) > 0.5 * len(support.faces):
                outline = graph.centre[own]
                made.append(make_sheet(skin, texture, own, up, support.height, outline))
    return [sheet for sheet in made if sheet is not None]


def _room_outline(points: FloatArray, plane: Plane, planes: list[Plane]) -> FloatArray:
    """(n, 3) points of a plane of the room, continued to the planes that it meets."""
    reach = [points]
    for other in planes:
        across = other.normal - (other.normal @ plane.normal) * plane.normal
        size = float(np.linalg.norm(across))
        if other is plane or size < 0.5:
            continue
        distance = other.distance(points)
        near = distance < np.percentile(distance, 50)
        reach.append(points[near] - (distance[near] / size**2)[:, None] * across)
    return np.vstack(reach)


def _scene_of(scene: Scene, surface: SceneObject, things: list[Thing], texture: ByteArray) -> Scene:
    """The new document, its arrays and the atlas, in the old scene's folder."""
    sheets = [sheet for thing in things for sheet in thing.sheets]
    atlas, corners, scale = extended_atlas(texture, sheets)
    old = (texture.shape[0], texture.shape[1])
    new = (atlas.shape[0], atlas.shape[1])
    name = surface.geometry.mesh if surface.geometry else ""
    arrays = {k: v for k, v in scene.arrays.items() if not k.startswith(f"{name}.")}
    objects = [item for item in scene.document.objects if item.id != surface.id]
    at = 0
    for thing in things:
        uvs = [
            sheet_uvs(sheet, corner, scale, new)
            for sheet, corner in zip(
                thing.sheets, corners[at : at + len(thing.sheets)], strict=True
            )
        ]
        at += len(thing.sheets)
        item, own = scene_object(thing, uvs, old, new, _ATLAS)
        objects.append(item)
        arrays.update(own)
    document = replace(scene.document, objects=tuple(objects), selection=())
    if surface.material and surface.material.texture:
        scene.inside(surface.material.texture, "material.texture").unlink(missing_ok=True)
    _write_atlas(scene.folder, atlas)
    return Scene(document=document, arrays=arrays, folder=scene.folder)


def _write_atlas(folder: Path, atlas: ByteArray) -> None:
    data = cv2.imencode(
        ".jpg", cv2.cvtColor(atlas, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 93]
    )
    target = folder / _ATLAS
    target.parent.mkdir(exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_bytes(data[1].tobytes())
    partial.replace(target)
