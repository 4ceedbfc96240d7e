"""Wavefront OBJ with its material file and textures beside it; Z up as the scene, as the file says."""

import shutil
from pathlib import Path

import numpy as np

from maquette.export.meshes import world_meshes
from maquette.scene import Scene


def export_obj(scene: Scene, path: Path) -> None:
    """One group per object. Importers that assume Y up must be told that Z is up (Blender: Up Axis Z)."""
    material_file = path.with_suffix(".mtl")
    lines, materials = ["# Z up", f"mtllib {material_file.name}"], []
    first_vertex, first_uv = 1, 1
    for number, mesh in enumerate(world_meshes(scene)):
        material = mesh.item.material
        lines += [f"o {mesh.item.name.replace(' ', '_')}", f"usemtl m{number}"]
        materials.append(f"newmtl m{number}")
        color = material.base_color if material else (0.8, 0.8, 0.8, 1.0)
        materials.append(f"Kd {color[0]:.5f} {color[1]:.5f} {color[2]:.5f}")
        materials.append(f"d {color[3]:.5f}")
        if mesh.texture is not None:
            picture = path.with_name(f"{path.stem}_{mesh.item.id}{mesh.texture.suffix}")
            shutil.copyfile(mesh.texture, picture)
            materials.append(f"map_Kd {picture.name}")
        lines += _rows("v", mesh.vertices)
        corners = mesh.triangles + first_vertex
        if mesh.uvs is not None:
            lines += _rows("vt", mesh.uvs)
            uv = mesh.triangles + first_uv
            first_uv += len(mesh.uvs)
            both = np.stack([corners, uv], axis=2)
            lines += [f"f {a[0]}/{a[1]} {b[0]}/{b[1]} {c[0]}/{c[1]}" for a, b, c in both.tolist()]
        else:
            lines += [f"f {a} {b} {c}" for a, b, c in corners.tolist()]
        first_vertex += len(mesh.vertices)
    material_file.write_text("\n".join(materials) + "\n", encoding="utf-8")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _rows(key: str, values: np.ndarray) -> list[str]:
    return [f"{key} " + " ".join(f"{v:.6g}" for v in row) for row in values.tolist()]
