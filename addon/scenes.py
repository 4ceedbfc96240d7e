"""Which collections in Blender are scenes of ours, and what is in them. Cheap: also asked at every redraw."""

from pathlib import Path

import bpy

LOOKS_LIKE_OURS = (
    "maquette_scene"  # custom property of the collection: the folder that it came from
)


def scene_collections(scene: bpy.types.Scene) -> list[bpy.types.Collection]:
    """All scenes of ours in a Blender scene, the newest last."""
    return [c for c in scene.collection.children_recursive if LOOKS_LIKE_OURS in c]


def current_collection(context: bpy.types.Context) -> bpy.types.Collection | None:
    """The scene of ours that holds the active object, else the newest one; None where there is none."""
    found = scene_collections(context.scene)
    active = context.active_object
    if active is not None:
        for collection in found:
            if active.name in collection.all_objects:
                return collection
    return found[-1] if found else None


def photo_cameras(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """The cameras of a scene in the order of the photos."""
    cameras = [o for o in collection.all_objects if o.type == "CAMERA" and "maquette_photo" in o]
    return sorted(cameras, key=_number)


def surfaces(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """The meshes of a scene, distances and points left out."""
    return [o for o in collection.all_objects if o.type == "MESH" and "maquette_kind" in o]


def folder_of(collection: bpy.types.Collection) -> Path:
    """The scene folder that it came from; it may be gone."""
    return Path(collection[LOOKS_LIKE_OURS])


def _number(camera: bpy.types.Object) -> tuple[int, str]:
    digits = "".join(c for c in str(camera.get("maquette_id", "")) if c.isdigit())
    return int(digits) if digits else 0, camera.name
