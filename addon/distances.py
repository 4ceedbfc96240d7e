"""Distances in the scene: two points to measure between, found in whatever the user has selected."""

import bmesh
import bpy
from mathutils import Matrix, Vector

IS_DISTANCE = "maquette_distance"  # custom property of a measured line
Pair = tuple[Vector, Vector]


def chosen_points(context: bpy.types.Context) -> Pair | None:
    """Two points in world: two selected vertices in Edit Mode, a measured line, or two selected objects."""
    active = context.active_object
    if active is not None and active.mode == "EDIT" and active.type == "MESH":
        return _selected_vertices(active)
    if active is not None and IS_DISTANCE in active and active.select_get():
        first, second = (active.matrix_world @ v.co for v in active.data.vertices[:2])
        return first, second
    selected = context.selected_objects
    if len(selected) == 2:
        return tuple(o.matrix_world.translation.copy() for o in selected)
    return None


def make_line(first: Vector, second: Vector, words: str) -> bpy.types.Object:
    """A measured line as an object, linked nowhere; its name is what was measured."""
    middle = (first + second) / 2  # where its name is shown
    mesh = bpy.data.meshes.new(words)
    mesh.from_pydata([first - middle, second - middle], [(0, 1)], [])
    line = bpy.data.objects.new(words, mesh)
    line.location = middle
    line[IS_DISTANCE] = True
    line.show_name = line.show_in_front = True
    line.hide_render = True
    return line


def scale_scene(collection: bpy.types.Collection, factor: float) -> int:
    """Scale all that belongs to a scene of ours about the world's origin; the number of objects that changed.

    Geometry is scaled itself, so objects keep a scale of 1; cameras move, and see as far as they did.
    """
    ours = set(collection.all_objects)
    meshes = {o.data for o in ours if o.type == "MESH"}
    for mesh in meshes:
        mesh.transform(Matrix.Scale(factor, 4))
        mesh.update()
    for camera in {o.data for o in ours if o.type == "CAMERA"}:
        camera.clip_start *= factor
        camera.clip_end *= factor
        camera.display_size *= factor
    for item in ours:
        # a child follows: its own offset and what ties it to its parent are lengths, too
        item.location *= factor
        item.matrix_parent_inverse.translation *= factor
        _scale_points(item, factor)
    collection["maquette_scale"] = collection.get("maquette_scale", 1.0) * factor
    return len(ours)


def _scale_points(item: bpy.types.Object, factor: float) -> None:
    for modifier in item.modifiers:
        if modifier.type == "NODES" and modifier.node_group is not None:
            for node in modifier.node_group.nodes:
                if node.bl_idname == "GeometryNodeMeshToPoints":
                    node.inputs["Radius"].default_value *= factor


def _selected_vertices(edited: bpy.types.Object) -> Pair | None:
    mesh = bmesh.from_edit_mesh(edited.data)
    if mesh.select_history and len(mesh.select_history) == 2:
        pair = [v for v in mesh.select_history if isinstance(v, bmesh.types.BMVert)]
    elif edited.data.total_vert_sel == 2:
        pair = [v for v in mesh.verts if v.select]
    else:
        return None
    if len(pair) != 2:
        return None
    return tuple(edited.matrix_world @ vertex.co for vertex in pair)
