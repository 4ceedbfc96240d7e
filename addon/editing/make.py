"""New objects: copies, simple solids, lights, cameras, empties; linked where the user will look for them."""

from typing import Any

import bmesh
import bpy
from mathutils import Matrix, Vector

from . import lenses

Json = dict[str, Any]
_SEGMENTS = 32


def copy_of(source: bpy.types.Object, *, links_data: bool) -> bpy.types.Object:
    """A copy that stands still: without the original's animation and constraints. Linked nowhere."""
    made = source.copy()
    made.animation_data_clear()
    made.constraints.clear()
    if source.data is not None and not links_data and source.data.library is None:
        made.data = source.data.copy()
    made.lock_location = (False,) * 3
    return made


def new_object(item: Json) -> bpy.types.Object:
    """By what the document says that it is; linked nowhere."""
    name = item.get("name") or item["id"]
    if "world_from_camera" in item:
        camera = bpy.data.cameras.new(name)
        lenses.new_lens(camera, item)
        return bpy.data.objects.new(name, camera)
    if item.get("light"):
        light = bpy.data.lights.new(name, item["light"]["type"])
        light.energy, light.color = item["light"]["power"], item["light"]["color"][:3]
        return bpy.data.objects.new(name, light)
    if item.get("geometry"):
        return bpy.data.objects.new(name, _solid(name, item))
    made = bpy.data.objects.new(name, None)
    made.empty_display_size = 0.2
    return made


def link(
    item: bpy.types.Object, source: bpy.types.Object | None, context: bpy.types.Context
) -> None:
    """Beside the original, else where new things go."""
    scene = context.scene
    ours = {scene.collection, *scene.collection.children_recursive}
    places = (
        [c for c in source.users_collection if c in ours and c.library is None] if source else []
    )
    if not places:
        chosen = context.collection
        fits = chosen is not None and chosen in ours and chosen.library is None
        places = [chosen if fits else scene.collection]
    for place in places:
        place.objects.link(item)


def _solid(name: str, item: Json) -> bpy.types.Mesh:
    """A primitive that fills its bounds."""
    low, high = Vector(item["bounds"]["min"]), Vector(item["bounds"]["max"])
    mesh, made = bpy.data.meshes.new(name), bmesh.new()
    kind = item["geometry"].get("primitive") or "box"
    if kind == "sphere":
        bmesh.ops.create_uvsphere(made, u_segments=_SEGMENTS, v_segments=_SEGMENTS // 2, radius=0.5)
    elif kind in ("cylinder", "cone"):
        bmesh.ops.create_cone(
            made,
            cap_ends=True,
            segments=_SEGMENTS,
            radius1=0.5,
            radius2=0.5 if kind == "cylinder" else 0.0,
            depth=1.0,
        )
    elif kind == "plane":
        bmesh.ops.create_grid(made, x_segments=1, y_segments=1, size=0.5)
    else:
        bmesh.ops.create_cube(made, size=1.0)
    size = Matrix.Diagonal((*(high - low), 1.0))
    bmesh.ops.transform(made, matrix=Matrix.Translation((low + high) / 2) @ size, verts=made.verts)
    made.to_mesh(mesh)
    made.free()
    if kind in ("sphere", "cylinder", "cone"):
        for polygon in mesh.polygons:
            polygon.use_smooth = kind == "sphere" or len(polygon.vertices) <= 4
    return mesh
