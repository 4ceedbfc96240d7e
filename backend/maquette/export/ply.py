"""Binary PLY: the whole surface in world, with vertex colours."""

from pathlib import Path

import numpy as np

from maquette.export.meshes import srgb_bytes, world_meshes
from maquette.scene import Scene


def export_ply(scene: Scene, path: Path) -> None:
    """All visible objects merged; the world frame and units of the scene."""
    meshes = world_meshes(scene)
    vertices = np.concatenate([m.vertices for m in meshes] or [np.zeros((0, 3), np.float32)])
    offsets = np.cumsum([0, *(len(m.vertices) for m in meshes)])
    triangles = np.concatenate(
        [m.triangles + offset for m, offset in zip(meshes, offsets, strict=False)]
        or [np.zeros((0, 3), np.int32)]
    )
    colors = []
    for mesh in meshes:
        base = mesh.item.material.base_color if mesh.item.material else (0.8, 0.8, 0.8)
        plain = np.tile(srgb_bytes(np.array([base[:3]], float)), (len(mesh.vertices), 1))
        colors.append(plain if mesh.colors is None else mesh.colors)
    vertex = np.zeros(len(vertices), [("xyz", "<f4", 3), ("rgb", "u1", 3)])
    vertex["xyz"] = vertices
    if len(vertices):
        vertex["rgb"] = np.concatenate(colors)
    face = np.zeros(len(triangles), [("count", "u1"), ("corners", "<i4", 3)])
    face["count"], face["corners"] = 3, triangles
    header = "\n".join(
        [
            "ply",
            "format binary_little_endian 1.0",
            f"element vertex {len(vertex)}",
            *(f"property float {axis}" for axis in "xyz"),
            *(f"property uchar {name}" for name in ("red", "green", "blue")),
            f"element face {len(face)}",
            "property list uchar int vertex_indices",
            "end_header\n",
        ]
    )
    with path.open("wb") as file:
        file.write(header.encode())
        file.write(vertex.tobytes())
        file.write(face.tobytes())
