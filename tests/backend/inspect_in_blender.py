"""Runs in Blender's Python: opens files as a user would and prints what is in them as JSON.

Called as `python inspect_in_blender.py REQUEST.json`; the request names files, and world points to be projected.
"""

import contextlib
import json
import os
import sys
from pathlib import Path

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

IMPORTERS = {
    ".glb": lambda file: bpy.ops.import_scene.gltf(filepath=file),
    ".usda": lambda file: bpy.ops.wm.usd_import(filepath=file),
    ".usdz": lambda file: bpy.ops.wm.usd_import(filepath=file),
    ".obj": lambda file: bpy.ops.wm.obj_import(filepath=file, forward_axis="Y", up_axis="Z"),
    ".ply": lambda file: bpy.ops.wm.ply_import(filepath=file),
    ".blend": lambda file: bpy.ops.wm.open_mainfile(filepath=file),
}


def main():
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer = {}
    with contextlib.redirect_stdout(sys.stderr):
        for file in request["files"]:
            bpy.ops.wm.read_factory_settings(use_empty=True)
            IMPORTERS[Path(file).suffix](file)
            bpy.context.view_layer.update()
            answer[Path(file).name] = describe(request["points"], request["size"])
    Path(request["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)  # some builds crash while they shut down


def describe(points, size):
    scene = bpy.context.scene
    resolution = [scene.render.resolution_x, scene.render.resolution_y]
    scene.render.resolution_x, scene.render.resolution_y = size  # else 16:9 counts
    objects = list(scene.objects)
    return {
        "meshes": [mesh(item) for item in objects if item.type == "MESH"],
        "cameras": {
            item.name: camera(scene, item, points) for item in objects if item.type == "CAMERA"
        },
        "images": {
            image.name: {"packed": image.packed_file is not None, "size": list(image.size)}
            for image in bpy.data.images
            if image.source == "FILE"
        },
        "scene_camera": scene.camera.name if scene.camera else None,
        "resolution": resolution,
        "view_transform": scene.view_settings.view_transform,
    }


def mesh(item):
    data = item.data
    places = np.empty(3 * len(data.vertices), np.float32)
    data.vertices.foreach_get("co", places)
    matrix = np.array(item.matrix_world)
    world = places.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]
    pictures = [
        node.image.name
        for material in data.materials
        if material and material.use_nodes
        for node in material.node_tree.nodes
        if node.type == "TEX_IMAGE" and node.image
    ]
    return {
        "name": item.name,
        "id": item.get("maquette_id"),
        "vertices": len(data.vertices),
        "faces": len(data.polygons),
        "low": world.min(axis=0).tolist(),
        "high": world.max(axis=0).tolist(),
        "uvs": len(data.uv_layers),
        "attributes": [layer.name for layer in data.attributes],
        "pictures": pictures,
    }


def camera(scene, item, points):
    backgrounds = [b.image.name for b in item.data.background_images if b.image]
    scene.camera, before = item, scene.camera
    # as a fraction of the picture, from the lower left corner
    places = [list(world_to_camera_view(scene, item, Vector(point)))[:2] for point in points]
    scene.camera = before
    return {
        "id": item.get("maquette_id"),
        "lens": item.data.lens,
        "shift": [item.data.shift_x, item.data.shift_y],
        "backgrounds": backgrounds,
        "projected": places,
        "matrix_world": [list(row) for row in item.matrix_world],
    }


if __name__ == "__main__":
    main()
