"""What several test modules use: the extension's modules by name, scene folders made by hand, snapshots."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np

MODULE = "bl_ext.user_default.maquette"
CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
CUBE_TRIANGLES = np.array(
    [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ],
    np.int32,
)  # fmt: skip
LOOKING_DOWN_Y = [[1, 0, 0, 0.5], [0, 0, 1, -4], [0, -1, 0, 0.5], [0, 0, 0, 1]]


def part(name: str) -> Any:
    """A module of the installed extension: part("maquette_scene.build")."""
    return importlib.import_module(f"{MODULE}.{name}")


def write_scene(folder: Path, document: dict[str, Any], arrays: dict[str, np.ndarray]) -> Path:
    """A scene folder as other programs may write one."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    whole = {"format": "maquette-scene", "version": 1, "units": {"metric": True}, **document}
    (folder / "scene.json").write_text(json.dumps(whole), encoding="utf-8")
    save_file(arrays, folder / "arrays.safetensors")
    return folder


def cube_document(**more: Any) -> dict[str, Any]:
    """One cube as surface, no cameras."""
    surface = {"id": "s", "name": "Surface", "kind": "surface", "geometry": {"mesh": "s"}}
    return {"objects": [surface], **more}


def cube_arrays() -> dict[str, np.ndarray]:
    return {"s.vertices": CUBE, "s.triangles": CUBE_TRIANGLES}


def viewport() -> bpy.types.Area:
    return next(a for a in bpy.context.screen.areas if a.type == "VIEW_3D")


def in_viewport(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    area = viewport()
    region = next(r for r in area.regions if r.type == "WINDOW")
    with bpy.context.temp_override(area=area, region=region):
        return call(*arguments, **options)


def all_data() -> dict[str, list[str]]:
    """Names of all that is in the file, by kind."""
    kinds = (
        *("scenes", "collections", "objects", "meshes", "cameras", "lights", "pointclouds"),
        *("materials", "images", "textures", "node_groups", "worlds"),
    )
    return {kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in kinds}


def snapshot(scene: bpy.types.Scene) -> dict[str, Any]:
    """Every plain setting of the scene that a user may have made."""
    found: dict[str, Any] = {"camera": scene.camera, "world": scene.world}
    for group in ("render", "unit_settings", "view_settings", "display_settings", "tool_settings"):
        settings = getattr(scene, group)
        for prop in settings.bl_rna.properties:
            if prop.type in {"BOOLEAN", "INT", "FLOAT", "STRING", "ENUM"}:
                value = getattr(settings, prop.identifier)
                found[f"{group}.{prop.identifier}"] = str(
                    list(value) if getattr(prop, "is_array", False) else value
                )
    found["frames"] = (scene.frame_start, scene.frame_end, scene.frame_current)
    return found
