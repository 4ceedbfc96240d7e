"""Meshes as the backend needs them: evaluated, in object space, as triangles; instances of collections as boxes."""

from collections.abc import Iterator

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix, Vector

Vertices = npt.NDArray[np.float32]
Triangles = npt.NDArray[np.int32]
SOLID = frozenset({"MESH", "CURVE", "SURFACE", "META", "FONT"})
_BOX = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4],
     [1, 5, 7], [1, 7, 3]], np.int32,
)  # fmt: skip
_MOST_INSTANCED = 500  # objects of a collection that is shown as an instance


def is_instance(item: bpy.types.Object) -> bool:
    """Whether it shows a collection."""
    return (
        item.type == "EMPTY"
        and item.instance_type == "COLLECTION"
        and item.instance_collection is not None
    )


def shares_mesh(item: bpy.types.Object) -> bool:
    """Whether its shape is that of its mesh alone, so that all users of the mesh have the same."""
    return item.type == "MESH" and not item.modifiers and item.data.shape_keys is None


def bounds_of(item: bpy.types.Object) -> tuple[list[float], list[float]] | None:
    """Lowest and highest corner in object space; None where it has no extent."""
    if is_instance(item):
        corners = np.array([c for box in instanced_boxes(item) for c in box])
    elif item.type in SOLID or item.type in {"POINTCLOUD", "VOLUME", "CURVES"}:
        corners = np.array(item.bound_box)
    else:
        return None
    if not len(corners):
        return None
    return corners.min(0).tolist(), corners.max(0).tolist()


def triangles_of(item: bpy.types.Object, graph: bpy.types.Depsgraph) -> tuple[Vertices, Triangles]:
    """The evaluated shape. (V, 3) float32, (T, 3) int32; both may be empty."""
    if is_instance(item):
        return _boxes(instanced_boxes(item))
    evaluated = item.evaluated_get(graph)
    mesh = evaluated.to_mesh()
    if mesh is None:
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    try:
        vertices = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", vertices)
        mesh.calc_loop_triangles()
        triangles = np.empty(len(mesh.loop_triangles) * 3, np.int32)
        mesh.loop_triangles.foreach_get("vertices", triangles)
    finally:
        evaluated.to_mesh_clear()
    return vertices.reshape(-1, 3), triangles.reshape(-1, 3)


def instanced_boxes(item: bpy.types.Object) -> list[list[Vector]]:
    """Corners of the bounds of each thing in the collection that an empty shows, in the empty's space."""
    collection = item.instance_collection
    return list(_boxes_in(collection, Matrix.Translation(-collection.instance_offset), 0))[
        :_MOST_INSTANCED
    ]


def _boxes_in(collection: bpy.types.Collection, into: Matrix, depth: int) -> Iterator[list[Vector]]:
    for item in collection.all_objects:
        matrix = into @ item.matrix_world
        if is_instance(item) and depth < 4:
            inner = item.instance_collection
            offset = Matrix.Translation(-inner.instance_offset)
            yield from _boxes_in(inner, matrix @ offset, depth + 1)
        elif item.type in SOLID:
            yield [matrix @ Vector(corner) for corner in item.bound_box]


def _boxes(boxes: list[list[Vector]]) -> tuple[Vertices, Triangles]:
    if not boxes:
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    corners = np.array(boxes, np.float32)
    low, high = corners.min(1), corners.max(1)
    unit = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
    vertices = low[:, None] + unit[None] * (high - low)[:, None]
    triangles = _BOX[None] + 8 * np.arange(len(boxes), dtype=np.int32)[:, None, None]
    return vertices.reshape(-1, 3), triangles.reshape(-1, 3).astype(np.int32)
