"""Runs inside Blender (4.2 or newer): builds a scene and saves a .blend that is ready to work in.

Called as `blender -b --python THIS -- FOLDER PICTURES OUT` or, with bpy as a module, `python THIS -- …`. FOLDER holds
scene.json, the arrays and, in `packages`, what the extension builds scenes with; PICTURES is where the document's
pictures lie. The file is the scene's own, so here its settings are made to fit it, too.
"""

import os
import sys
from pathlib import Path

import bpy


def main():
    folder, pictures, out = map(Path, sys.argv[sys.argv.index("--") + 1 :][:3])
    sys.path.insert(0, str(folder / "packages"))
    from maquette_scene import BuildOptions, SceneFolder, build_scene

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = "Maquette"
    scene.unit_settings.system = "METRIC"
    # photos already hold their tones: a film-like view transform would dull them
    scene.view_settings.view_transform = "Standard"
    opened = SceneFolder.open(folder, pictures)
    build_scene(scene, opened, BuildOptions(name="Maquette"))
    if opened.document.cameras:
        look_through(scene, opened.document.view or opened.document.cameras[0].id)
    add_world(scene)
    show_textures()
    bpy.context.view_layer.update()
    bpy.ops.wm.save_as_mainfile(filepath=str(out), compress=True)
    sys.stdout.flush()
    os._exit(0)  # some builds crash while they shut down, after the file is safe


def look_through(scene, view):
    """Render what the photo shows, at its size."""
    camera = next(o for o in scene.objects if o.type == "CAMERA" and o["maquette_id"] == view)
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = camera["maquette_size"]
    # pixels that are not square: Blender keeps that with the render, not with the camera
    for background in camera.data.background_images:
        aspect = background.image.display_aspect
        scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = aspect


def add_world(scene):
    world = bpy.data.worlds.new("World")
    scene.world = world
    if bpy.app.version < (5, 0, 0):
        world.use_nodes = True  # from 5.0 nodes are always there
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
