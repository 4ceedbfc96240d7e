"""Runs inside Blender (4.2 or newer): builds the scene that request.json describes and saves a .blend.

Called as `blender -b --python THIS -- FOLDER OUT` or, with bpy as a module, `python THIS -- FOLDER OUT`. Uses
bpy, numpy and the standard library only.
"""

import json
import os
import sys
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

SENSOR_MM = 36.0


def main():
    folder, out = map(Path, sys.argv[sys.argv.index("--") + 1 :][:2])
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = "Maquette"
    scene.unit_settings.system = "METRIC"
    # photos already hold their tones: a film-like view transform would dull them
    scene.view_settings.view_transform = "Standard"
    root = collection("Maquette", scene.collection)
    surfaces, objects = collection("Surface", root), collection("Objects", root)
    lights, cameras = collection("Lights", root), collection("Cameras", root)
    made = {}
    for item in request["objects"]:
        target = surfaces if item["kind"] == "surface" else objects
        if item["light"] is not None:
            target = lights
        made[item["id"]] = add_object(item, folder, target)
    for item in request["objects"]:
        if item["parent"] is not None:
            child, parent = made[item["id"]], made[item["parent"]]
            child.parent = parent
            child.matrix_parent_inverse = parent.matrix_world.inverted()
    for item in request["cameras"]:
        made[item["id"]] = add_camera(item, cameras)
    if request["cameras"]:
        view = request["view"] or request["cameras"][0]["id"]
        scene.camera = made[view]
        chosen = next(c for c in request["cameras"] if c["id"] == view)
        scene.render.resolution_x, scene.render.resolution_y = chosen["width"], chosen["height"]
        K = chosen["K"]
        # pixels that are not square: Blender keeps that with the render, not with the camera
        scene.render.pixel_aspect_x = max(1.0, K[1][1] / K[0][0])
        scene.render.pixel_aspect_y = max(1.0, K[0][0] / K[1][1])
    add_world(scene)
    show_textures()
    bpy.context.view_layer.update()
    bpy.ops.file.pack_all()
    bpy.ops.wm.save_as_mainfile(filepath=str(out), compress=True)
    sys.stdout.flush()
    os._exit(0)  # some builds crash while they shut down, after the file is safe


def collection(name, parent):
    made = bpy.data.collections.new(name)
    parent.children.link(made)
    return made


def add_object(item, folder, target):
    data = None
    if item["light"] is not None:
        data = add_light(item)
    elif "arrays" in item:
        data = add_mesh(item, folder)
    made = bpy.data.objects.new(item["name"], data)
    target.objects.link(made)
    made.matrix_world = Matrix(item["world_from_object"])
    made["maquette_id"] = item["id"]
    made["maquette_kind"] = item["kind"]
    if item["label"] is not None:
        made["maquette_label"] = item["label"]
    made.hide_set(not item["visible"])
    made.hide_render = not item["visible"]
    return made


def add_mesh(item, folder):
    stem = item["arrays"]

    def load(name):
        file = folder / f"{stem}.{name}.npy"
        return np.load(file) if file.exists() else None

    vertices, triangles = load("vertices"), load("triangles")
    mesh = bpy.data.meshes.new(item["name"])
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.ravel())
    mesh.loops.add(3 * len(triangles))
    mesh.loops.foreach_set("vertex_index", triangles.ravel())
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * len(triangles), 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    uvs, colors, seen = load("uvs"), load("colors"), load("seen")
    if uvs is not None:
        layer = mesh.uv_layers.new(name="UVMap")
        layer.data.foreach_set("uv", uvs[triangles.ravel()].ravel())
    if colors is not None:
        layer = mesh.color_attributes.new("Color", "BYTE_COLOR", "POINT")
        rgba = np.ones((len(colors), 4), np.float32)
        rgba[:, :3] = colors[:, :3] / 255.0
        layer.data.foreach_set("color_srgb", rgba.ravel())
    if seen is not None:
        layer = mesh.attributes.new("seen", "FLOAT", "POINT")
        layer.data.foreach_set("value", seen.ravel())
    mesh.validate()
    if item["material"] is not None:
        mesh.materials.append(add_material(item["material"]))
    return mesh


def add_material(given):
    material = bpy.data.materials.new(given["name"])
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = given["base_color"]
    shader.inputs["Alpha"].default_value = given["base_color"][3]
    shader.inputs["Metallic"].default_value = given["metallic"]
    shader.inputs["Roughness"].default_value = given["roughness"]
    material.diffuse_color = given["base_color"]
    if any(given["emission"]):
        shader.inputs["Emission Color"].default_value = (*given["emission"], 1)
        shader.inputs["Emission Strength"].default_value = 1.0
    if given["texture"] is not None:
        image = nodes.new("ShaderNodeTexImage")
        image.image = bpy.data.images.load(given["texture"])
        image.location = (-360, 240)
        links.new(image.outputs["Color"], shader.inputs["Base Color"])
        # the light that shone on the photos is in them: show it without lighting it twice
        links.new(image.outputs["Color"], shader.inputs["Emission Color"])
        shader.inputs["Emission Strength"].default_value = 0.0
        nodes.active = image
    return material


def add_light(item):
    given = item["light"]
    light = bpy.data.lights.new(item["name"], given["type"])
    light.energy, light.color = given["power"], given["color"]
    return light


def add_camera(item, target):
    data = bpy.data.cameras.new(item["id"])
    K, width, height = item["K"], item["width"], item["height"]
    # Blender measures sensor and shift along the longer side, counted in square pixels
    aspect_x = max(1.0, K[1][1] / K[0][0])
    aspect_y = max(1.0, K[0][0] / K[1][1])
    wide, high = width * aspect_x, height * aspect_y
    longer = max(wide, high)
    data.sensor_fit = "HORIZONTAL" if wide >= high else "VERTICAL"
    data.sensor_width = data.sensor_height = SENSOR_MM
    data.lens = K[0][0] * aspect_x / longer * SENSOR_MM
    data.shift_x = (width / 2 - K[0][2]) * aspect_x / longer
    data.shift_y = (K[1][2] - height / 2) * aspect_y / longer
    data.clip_start, data.clip_end = 0.01, 1000.0
    data.display_size = 0.15
    if item["image"] is not None:
        image = bpy.data.images.load(item["image"])
        background = data.background_images.new()
        background.image = image
        background.alpha = 0.5
        background.frame_method = "STRETCH"
        data.show_background_images = True
    name = Path(item["image"]).stem if item["image"] else item["id"]
    made = bpy.data.objects.new(name, data)
    target.objects.link(made)
    flip = Matrix.Diagonal((1, -1, -1, 1))  # Blender's cameras look along -z, y up
    made.matrix_world = Matrix(item["world_from_camera"]) @ flip
    made["maquette_id"] = item["id"]
    return made


def add_world(scene):
    world = bpy.data.worlds.new("World")
    scene.world = world
    world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (1, 1, 1, 1)
    background.inputs["Strength"].default_value = 1.0


def show_textures():
    """Open on the textured scene, not on grey clay."""
    for screen in bpy.data.screens:
        for area in screen.areas:
            if area.type == "VIEW_3D":
                area.spaces[0].shading.type = "SOLID"
                area.spaces[0].shading.color_type = "TEXTURE"


if __name__ == "__main__":
    main()
