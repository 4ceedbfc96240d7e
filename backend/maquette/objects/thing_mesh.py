"""The mesh of a thing of a scene made of things, taken out in world and put back in its own upright frame."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from maquette.objects.separation import Piece, make_piece, upright_frame
from maquette.objects.skin import Skin
from maquette.scene import Scene
from maquette.types import BoolArray, FloatArray, IntArray
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import Bounds, Geometry, SceneObject
from maquette_protocol.errors import InputError

_SAME = 0.05  # units: corners so near are one place; things keep theirs as float32 in frames of their own


@dataclass(frozen=True, kw_only=True)
class ThingMesh:
    """Faces with their corners' attributes."""

    vertices: FloatArray  # (V, 3) float64, world
    triangles: IntArray  # (T, 3) int32
    uvs: FloatArray  # (V, 2) float32
    colors: FloatArray  # (V, 3) sRGB 0..255
    seen: FloatArray  # (V,) 0..1

    def skin(self, unit: float) -> Skin:
        """The mesh as a skin: corners of one place know each other. unit: see skin.pixel_size."""
        places = np.rint(self.vertices / (_SAME * unit)).astype(np.int64)
        weld = np.unique(places, axis=0, return_inverse=True)[1]
        return Skin(
            vertices=self.vertices,
            triangles=self.triangles,
            uvs=self.uvs,
            colors=self.colors,
            seen=self.seen,
            weld=weld.ravel().astype(np.int32),
            unit=unit,
        )


def find_thing(scene: Scene, name: str) -> SceneObject:
    """The object with that id or, where only one bears it, that name. Raises InputError."""
    objects = scene.document.objects
    found = [item for item in objects if item.id == name]
    found = found or [item for item in objects if item.name == name]
    if len(found) == 1 and found[0].geometry is not None and found[0].geometry.mesh is not None:
        return found[0]
    some = ", ".join(item.id for item in objects[:12])
    if len(found) == 1:
        raise InputError(f"{name!r} has no mesh of its own.", hint=f"Choose from: {some}…")
    trouble = "There is no object" if not found else "Several objects are called"
    raise InputError(f"{trouble} {name!r}.", hint=f"Name it by its id: {some}…")


def mesh_of(scene: Scene, item: SceneObject) -> ThingMesh:
    """The object's mesh. Raises InputError where it lacks what a thing's mesh has."""
    name = item.geometry.mesh if item.geometry else None
    arrays = {key: scene.arrays.get(f"{name}.{key}") for key in ("uvs", "colors", "seen")}
    if any(value is None for value in arrays.values()):
        raise InputError(f"{item.name} was not made of photos.", hint="Take the scene apart first.")
    matrix = scene.world_from_object(item)
    vertices = scene.arrays[f"{name}.vertices"].astype(np.float64)
    return ThingMesh(
        vertices=vertices @ matrix[:3, :3].T + matrix[:3, 3],
        triangles=scene.arrays[f"{name}.triangles"],
        uvs=scene.arrays[f"{name}.uvs"],
        colors=scene.arrays[f"{name}.colors"].astype(np.float32),
        seen=scene.arrays[f"{name}.seen"],
    )


def joined(meshes: list[ThingMesh]) -> ThingMesh:
    """One mesh of all faces, in the order given."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return ThingMesh(
        vertices=np.vstack([mesh.vertices for mesh in meshes]),
        triangles=np.vstack(
            [mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)]
        ).astype(np.int32),
        uvs=np.vstack([mesh.uvs for mesh in meshes]),
        colors=np.vstack([mesh.colors for mesh in meshes]),
        seen=np.concatenate([mesh.seen for mesh in meshes]),
    )


def is_sheet(skin: Skin) -> BoolArray:
    """(T,) faces of connected pieces of which no photo shows anything: completed surfaces."""
    corners = skin.faces_welded()
    a, b = np.repeat(corners[:, 0], 2), corners[:, 1:].ravel()
    count = int(corners.max()) + 1 if len(corners) else 0
    piece = connected_components(coo_matrix((np.ones(len(a)), (a, b)), (count, count)))[1]
    most = np.zeros(int(piece.max()) + 1 if count else 0)
    np.maximum.at(most, piece[corners], skin.seen[skin.triangles])
    return most[piece[corners[:, 0]]] == 0


def part_of(skin: Skin, faces: IntArray, sheets: IntArray) -> ThingMesh:
    """Some faces as a mesh of their own: new flat openings of `faces` are closed, `sheets` are left as they are."""
    closed = _in_world(make_piece(skin, faces))
    if len(sheets) == 0:
        return closed
    used, triangles = np.unique(skin.triangles[sheets], return_inverse=True)
    flat = ThingMesh(
        vertices=skin.vertices[used],
        triangles=triangles.reshape(-1, 3).astype(np.int32),
        uvs=skin.uvs[used],
        colors=skin.colors[used],
        seen=skin.seen[used],
    )
    return joined([closed, flat])


def _in_world(piece: Piece) -> ThingMesh:
    frame = piece.world_from_object
    return ThingMesh(
        vertices=piece.vertices @ frame[:3, :3].T + frame[:3, 3],
        triangles=piece.triangles,
        uvs=piece.uvs,
        colors=piece.colors,
        seen=piece.seen,
    )


def as_object(item: SceneObject, mesh: ThingMesh) -> tuple[SceneObject, Arrays]:
    """The object with this mesh in a new upright frame, and its arrays under the object's id."""
    frame = upright_frame(mesh.vertices)
    local = ((mesh.vertices - frame[:3, 3]) @ frame[:3, :3]).astype(np.float32)
    low, high = local.min(axis=0), local.max(axis=0)
    new = replace(
        item,
        world_from_object=tuple(tuple(float(x) for x in row) for row in frame),
        bounds=Bounds(min=tuple(map(float, low)), max=tuple(map(float, high))),
        geometry=Geometry(mesh=item.id),
    )
    arrays = {
        f"{item.id}.vertices": local,
        f"{item.id}.triangles": mesh.triangles.astype(np.int32),
        f"{item.id}.uvs": mesh.uvs.astype(np.float32),
        f"{item.id}.colors": np.clip(np.rint(mesh.colors), 0, 255).astype(np.uint8),
        f"{item.id}.seen": mesh.seen.astype(np.float32),
    }
    return new, arrays
