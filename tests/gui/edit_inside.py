"""Runs inside the window Blender beside inside.py, for the tests of edits: a room, and what is said of it.

MAQUETTE_GUI names the folder: `edits.json` is written there several times a second; `room.json` has a room built,
`many.json` one of 2,000 objects.
"""

import json
import math
import os
import sys
import traceback
from pathlib import Path

import bpy
from mathutils import Matrix

FOLDER = Path(os.environ["MAQUETTE_GUI"])
MODULE = "bl_ext.user_default.maquette"
WOOD, CLOTH, WALL = (0.32, 0.14, 0.05), (0.10, 0.14, 0.28), (0.75, 0.72, 0.66)


def look(name, color, roughness=0.6):
    made = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        made.use_nodes = True
    shader = next(n for n in made.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*color, 1)
    shader.inputs["Roughness"].default_value = roughness
    made.diffuse_color = (*color, 1)
    return made


def boxes(name, parts, material, at=(0, 0, 0), turn=0.0):
    """A thing of boxes, each (low corner, high corner); its origin is where it stands."""
    corners, faces = [], []
    for low, high in parts:
        first = len(corners)
        corners += [
            (x, y, z)
            for z in (low[2], high[2])
            for y in (low[1], high[1])
            for x in (low[0], high[0])
        ]
        faces += [
            tuple(first + i for i in face)
            for face in (
                (0, 2, 3, 1),
                (4, 5, 7, 6),
                (0, 1, 5, 4),
                (2, 6, 7, 3),
                (0, 4, 6, 2),
                (1, 3, 7, 5),
            )
        ]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(corners, [], faces)
    mesh.materials.append(material)
    item = bpy.data.objects.new(name, mesh)
    item.matrix_world = Matrix.Translation(at) @ Matrix.Rotation(turn, 4, "Z")
    bpy.context.scene.collection.objects.link(item)
    return item


def table_parts(width, depth, height):
    x, y, leg, under = width / 2, depth / 2, 0.06, height - 0.04
    board = ((-x, -y, under), (x, y, height))
    places = [(sx * (x - leg), sy * (y - leg)) for sx in (-1, 1) for sy in (-1, 1)]
    half = leg / 2
    return [board, *(((a - half, b - half, 0), (a + half, b + half, under)) for a, b in places)]


def chair_parts():
    seat = ((-0.22, -0.22, 0.42), (0.22, 0.22, 0.46))
    back = ((-0.22, 0.18, 0.46), (0.22, 0.22, 0.9))
    legs = [
        ((sx * 0.19 - 0.02, sy * 0.19 - 0.02, 0), (sx * 0.19 + 0.02, sy * 0.19 + 0.02, 0.42))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return [seat, back, *legs]


def build_room():
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    boxes("Floor", [((-3, -2.5, -0.05), (3, 2.5, 0))], look("Parquet", (0.45, 0.32, 0.2)))
    boxes("Wall", [((-3, 2.5, 0), (3, 2.55, 2.4))], look("Plaster", WALL))
    boxes("Desk", table_parts(1.6, 0.8, 0.74), look("Oak", WOOD), at=(0, 1.7, 0))
    boxes("Chair", chair_parts(), look("Blue Cloth", CLOTH), at=(0, 0.8, 0), turn=math.pi)
    boxes(
        "Chair.001", chair_parts(), look("Green Cloth", (0.06, 0.25, 0.09)), at=(-2, 0, 0), turn=0.4
    )
    screen = [((-0.3, -0.02, 0.12), (0.3, 0.02, 0.5)), ((-0.03, -0.02, 0), (0.03, 0.03, 0.12)),
              ((-0.14, -0.1, 0), (0.14, 0.1, 0.015))]  # fmt: skip
    boxes("Screen", screen, look("Black Plastic", (0.02, 0.02, 0.02), 0.3), at=(0.1, 1.85, 0.74))
    boxes(
        "Mug",
        [((-0.04, -0.04, 0), (0.04, 0.04, 0.1))],
        look("White", (0.9, 0.9, 0.9)),
        at=(0.5, 1.5, 0.74),
    )
    lamp = [((-0.09, -0.09, 0), (0.09, 0.09, 0.02)), ((-0.015, -0.015, 0.02), (0.015, 0.015, 0.34)),
            ((-0.11, -0.11, 0.3), (0.11, 0.11, 0.46))]  # fmt: skip
    boxes("Lamp", lamp, look("Yellow Shade", (0.8, 0.5, 0.08)), at=(1.9, 0.3, 0))
    boxes("Shelf", [((-0.5, -0.15, z), (0.5, 0.15, z + 0.03)) for z in (0.05, 0.55, 1.05, 1.55)]
          + [((-0.53, -0.15, 0), (-0.5, 0.15, 1.6)), ((0.5, -0.15, 0), (0.53, 0.15, 1.6))],
          look("White Wood", (0.7, 0.68, 0.64)), at=(-2.2, 2.33, 0))  # fmt: skip
    bpy.context.scene.unit_settings.system = "METRIC"
    area = next(
        a for a in bpy.context.window_manager.windows[0].screen.areas if a.type == "VIEW_3D"
    )
    space = area.spaces.active
    space.shading.type, space.shading.light, space.shading.color_type = (
        "SOLID",
        "STUDIO",
        "MATERIAL",
    )
    space.shading.show_shadows = True
    space.overlay.show_floor = space.overlay.show_axis_x = space.overlay.show_axis_y = False
    space.overlay.show_cursor = False
    eye = Matrix.Translation((0.45, -2.9, 2.0)) @ Matrix.Rotation(math.radians(73), 4, "X")
    space.region_3d.view_perspective = "PERSP"
    space.region_3d.view_matrix = eye.inverted()
    space.lens = 28
    area.tag_redraw()
    bpy.ops.ed.undo_push(message="Room")


def look_in():
    """From where the first photo was taken, with nothing but the scene."""
    window = bpy.context.window_manager.windows[0]
    area = next(a for a in window.screen.areas if a.type == "VIEW_3D")
    space = area.spaces.active
    camera = next(o for o in window.scene.objects if o.type == "CAMERA")
    space.show_object_viewport_camera = False
    overlay = space.overlay
    overlay.show_floor = overlay.show_axis_x = overlay.show_axis_y = overlay.show_cursor = False
    overlay.show_outline_selected = True
    space.region_3d.view_perspective = "PERSP"
    space.region_3d.view_matrix = camera.matrix_world.inverted()
    space.lens = camera.data.lens * 1.3
    area.tag_redraw()


def build_many():
    """2,000 objects: the room, and crates that share ten meshes."""
    build_room()
    wood = look("Crate Wood", (0.4, 0.25, 0.1))
    meshes = [boxes(f"Kind{n}", [((-0.2, -0.2, 0), (0.2, 0.2, 0.2 + n / 50))], wood, at=(-9.5 + n, -30, 0)).data
              for n in range(10)]  # fmt: skip
    boxes("Ground", [((-40, -40, -0.1), (40, 40, -0.05))], wood)
    for number in range(2000 - len(bpy.context.scene.objects)):
        item = bpy.data.objects.new(f"Crate.{number:04d}", meshes[number % 10])
        item.location = (number % 40 - 20, 4 + number // 40, -0.05)
        bpy.context.scene.collection.objects.link(item)
    bpy.ops.ed.undo_push(message="Many")


def things():
    return {
        item.name: {
            "at": [round(v, 4) for v in item.matrix_world.translation],
            "color": color_of(item),
            "visible": item.visible_get(),
        }
        for item in bpy.context.window_manager.windows[0].scene.objects
    }


def color_of(item):
    if not item.material_slots or item.material_slots[0].material is None:
        return None
    return [round(v, 3) for v in item.material_slots[0].material.diffuse_color[:3]]


def write_edits():
    try:
        actions = (
            ("room", build_room),
            ("many", build_many),
            ("look", look_in),
        )
        for name, build in actions:
            if (FOLDER / f"{name}.json").exists():
                build()
                (FOLDER / f"{name}.json").unlink()
        runtime = sys.modules.get(f"{MODULE}.runtime")
        if runtime is not None:
            (FOLDER / "edits.new").write_text(json.dumps(told(runtime.session().edits)), "utf-8")
            (FOLDER / "edits.new").replace(FOLDER / "edits.json")
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(4)
    return 0.1


def told(edits):
    reply = edits.reply
    wm = bpy.context.window_manager
    return {
        "phase": edits.phase,
        "problem": edits.problem,
        "text": edits.text,
        "prompt": wm.maquette_edit.prompt,
        "status": reply.status if reply is not None else "",
        "message": reply.message if reply is not None else "",
        "proposal": edits.proposal.message if edits.proposal is not None else "",
        "parts": [[p.words, p.is_on] for p in wm.maquette_edit.parts],
        "ghosts": len(sys.modules[f"{MODULE}.editing.ghosts"].shown),
        "things": things() if len(bpy.data.objects) < 100 else {},
        "objects": len(wm.windows[0].scene.objects),
        "slices": [s for s in runtime_slices() if s[1] > 0.004],
        "selected": [
            o.name
            for o in wm.windows[0].scene.objects
            if o.select_get(view_layer=wm.windows[0].view_layer)
        ],
        "num_edits": wm.windows[0].scene.maquette.num_edits,
    }


def runtime_slices():
    return list(sys.modules[f"{MODULE}.runtime"].slices)


bpy.app.timers.register(write_edits, first_interval=1.0, persistent=True)
