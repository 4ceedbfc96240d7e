"""What the tests of edits use: a room to talk about, prompts typed and waited for, all that an edit may change."""

import math
import time
from collections.abc import Callable
from typing import Any

import bpy
from mathutils import Matrix
from support_blender import part

PATIENCE_S = 60.0


def edits() -> Any:
    return part("runtime").session().edits


def wait(is_there: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> None:
    """Blender's timers do not tick in background: tick here."""
    end = time.monotonic() + patience_s
    while not is_there():
        assert time.monotonic() < end, f"not within {patience_s} s: {what}"
        part("runtime").tick()
        time.sleep(0.002)


def say(text: str) -> Any:
    """Type a prompt and wait for what comes."""
    part("conversation").settings().prompt = text
    return answered()


def answered() -> Any:
    wait(lambda: not edits().is_busy, "an answer")
    part("runtime").tick()
    assert not edits().problem, edits().problem
    return edits().reply


def apply(**options: Any) -> set[str]:
    return bpy.ops.maquette.apply_edit("EXEC_DEFAULT", True, **options)


def change(text: str) -> None:
    """Say it and apply it."""
    reply = say(text)
    assert reply.status == "proposed", reply.message
    assert apply() == {"FINISHED"}
    bpy.context.view_layer.update()


def box(
    name: str,
    at: tuple[float, float, float],
    size: float | tuple[float, float, float] = 0.5,
    mesh: bpy.types.Mesh | None = None,
) -> bpy.types.Object:
    """A box that stands at a place."""
    if mesh is None:
        mesh = bpy.data.meshes.new(name)
        sx, sy, sz = (size,) * 3 if isinstance(size, float) else size
        corners = [
            (x * sx, y * sy, z * sz) for z in (0, 1) for y in (-0.5, 0.5) for x in (-0.5, 0.5)
        ]
        faces = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
        mesh.from_pydata(corners, [], faces)
    item = bpy.data.objects.new(name, mesh)
    item.location = at
    bpy.context.scene.collection.objects.link(item)
    return item


def material(name: str, color: tuple[float, float, float], *users: bpy.types.Object) -> Any:
    made = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        made.use_nodes = True
    made.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*color, 1)
    for user in users:
        user.data.materials.append(made)
    return made


def color_of(item: bpy.types.Object) -> tuple[float, ...]:
    shader = item.material_slots[0].material.node_tree.nodes["Principled BSDF"]
    return tuple(round(v, 3) for v in shader.inputs["Base Color"].default_value[:3])


def is_red(item: bpy.types.Object) -> bool:
    red, green, blue = color_of(item)
    return red > 0.3 and green < 0.1 and blue < 0.1


def room() -> dict[str, bpy.types.Object]:
    """A floor, a table, a mug, a chair, a lamp; seen from -Y, so that left is -X."""
    bpy.context.scene.unit_settings.system = "METRIC"
    floor = box("Floor", (0, 0, -0.1), (8.0, 8.0, 0.1))
    made = {
        "floor": floor,
        "table": box("Table", (0, 0, 0), (1.4, 0.8, 0.7)),
        "mug": box("Mug", (0.3, 0, 0.7), 0.1),
        "chair": box("Chair", (-2, 0, 0), 0.5),
        "lamp": box("Lamp", (2, 0, 0), 0.3),
    }
    for item in made.values():
        material(item.name, (0.5, 0.5, 0.5), item)
    look_from_the_front()
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="Room")
    return made


def look_from_the_front() -> None:
    area = next(a for a in bpy.context.screen.areas if a.type == "VIEW_3D")
    view = area.spaces.active.region_3d
    view.view_perspective = "PERSP"
    view.view_matrix = (
        Matrix.Translation((0, -8, 1.5)) @ Matrix.Rotation(math.pi / 2, 4, "X")
    ).inverted()


def place(name: str) -> tuple[float, ...]:
    bpy.context.view_layer.update()
    return tuple(round(v, 4) for v in bpy.data.objects[name].matrix_world.translation)


def everything() -> dict[str, Any]:
    """All that an edit may change, exactly: places, meshes, looks, visibility, names, links."""
    bpy.context.view_layer.update()
    found: dict[str, Any] = {}
    for item in bpy.data.objects:
        found[item.name] = {
            "world": [list(row) for row in item.matrix_world],
            "basis": [list(row) for row in item.matrix_basis],
            "inverse": [list(row) for row in item.matrix_parent_inverse],
            "parent": item.parent.name if item.parent else None,
            "data": item.data.name if item.data else None,
            "users": item.data.users if item.data else 0,
            "slots": [
                (s.link, s.material.name if s.material else None) for s in item.material_slots
            ],
            "seen": (item.visible_get(), item.hide_viewport, item.hide_render, item.hide_get()),
            "selected": item.select_get(),
            "locks": list(item.lock_location),
            "collections": sorted(c.name for c in item.users_collection),
            "label": item.get("maquette_label"),
            "constraints": [c.name for c in item.constraints],
        }
    meshes = {m.name: [tuple(v.co) for v in m.vertices] for m in bpy.data.meshes}
    looks: dict[str, Any] = {}
    for item in bpy.data.materials:
        nodes = item.node_tree.nodes if item.node_tree else ()
        looks[item.name] = {
            "color": list(item.diffuse_color),
            "nodes": {
                node.name: [
                    str(
                        list(s.default_value)
                        if hasattr(s.default_value, "__len__")
                        else s.default_value
                    )
                    for s in node.inputs
                    if hasattr(s, "default_value")
                ]
                for node in nodes
            },
            "links": sorted(
                f"{link.from_node.name} {link.to_socket.name}"
                for link in (item.node_tree.links if item.node_tree else ())
            ),
        }
    lights = {light.name: (light.energy, tuple(light.color)) for light in bpy.data.lights}
    cameras = {camera.name: (camera.lens, camera.shift_x) for camera in bpy.data.cameras}
    return {
        "objects": found,
        "meshes": meshes,
        "materials": looks,
        "lights": lights,
        "cameras": cameras,
        "collections": sorted(c.name for c in bpy.data.collections),
        "edits": bpy.context.scene.maquette.num_edits,
    }
