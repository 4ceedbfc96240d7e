"""The scene's objects as plain meshes in world: what every mesh format starts from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maquette.scene import Scene
from maquette.types import ByteArray, FloatArray, IntArray
from maquette_protocol.document import SceneObject

_BOX = np.array(
    [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float
)
_BOX_TRIANGLES = np.array(
    [
        [0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
        [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7],
    ],
    np.int32,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WorldMesh:
    """One object's mesh in world."""

    item: SceneObject
    vertices: FloatArray  # (V, 3) float32, world
    triangles: IntArray  # (T, 3) int32
    colors: ByteArray | None  # (V, 3) sRGB
    uvs: FloatArray | None  # (V, 2) v up
    texture: Path | None


def world_meshes(scene: Scene) -> list[WorldMesh]:
    """All visible objects with geometry."""
    found = []
    for item in scene.document.objects:
        if not item.visible or item.geometry is None:
            continue
        vertices, triangles, colors, uvs = object_mesh(scene, item)
        matrix = scene.world_from_object(item)
        world = vertices @ matrix[:3, :3].T + matrix[:3, 3]
        if np.linalg.det(matrix[:3, :3]) < 0:
            triangles = triangles[:, ::-1]
        texture = None
        if item.material is not None and item.material.texture is not None and uvs is not None:
            texture = scene.inside(item.material.texture, "material.texture")
        found.append(
            WorldMesh(
                item=item,
                vertices=world.astype(np.float32),
                triangles=triangles.astype(np.int32),
                colors=colors,
                uvs=uvs,
                texture=texture,
            )
        )
    return found


def object_mesh(
    scene: Scene, item: SceneObject
) -> tuple[FloatArray, IntArray, ByteArray | None, FloatArray | None]:
    """(vertices, triangles, colours, uvs) in object space; a primitive is drawn into its bounds as a box."""
    name = item.geometry.mesh if item.geometry else None
    if name is not None:
        colors = scene.arrays.get(f"{name}.colors")
        return (
            scene.arrays[f"{name}.vertices"].astype(np.float64),
            scene.arrays[f"{name}.triangles"],
            None if colors is None else srgb_bytes(colors),
            scene.arrays.get(f"{name}.uvs"),
        )
    if item.bounds is None:
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32), None, None
    low, high = np.array(item.bounds.min), np.array(item.bounds.max)
    return low + _BOX * (high - low), _BOX_TRIANGLES, None, None


def srgb_bytes(colors: np.ndarray) -> ByteArray:
    """(V, 3) uint8 sRGB from bytes (sRGB already) or floats (linear)."""
    rgb = colors[:, :3]
    if rgb.dtype == np.uint8:
        return rgb
    linear = np.clip(rgb.astype(float), 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(srgb * 255).astype(np.uint8)
