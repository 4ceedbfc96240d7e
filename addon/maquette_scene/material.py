"""Principled materials. Without emission: photos hold their light already, and Blender's lights add to it."""

from pathlib import Path

import bpy

from maquette_protocol.document import Material

from .mesh import COLOR_NAME


def make_material(given: Material, texture: Path | None, *, pack: bool) -> bpy.types.Material:
    """The material with its texture; `pack` puts the picture into the .blend."""
    material, shader = _principled(given.name)
    shader.inputs["Base Color"].default_value = given.base_color
    shader.inputs["Alpha"].default_value = given.base_color[3]
    shader.inputs["Metallic"].default_value = given.metallic
    shader.inputs["Roughness"].default_value = given.roughness
    material.diffuse_color = given.base_color
    material.roughness = given.roughness
    if any(given.emission):
        shader.inputs["Emission Color"].default_value = (*given.emission, 1)
        shader.inputs["Emission Strength"].default_value = 1.0
    if texture is not None:
        node = material.node_tree.nodes.new("ShaderNodeTexImage")
        node.image = load_picture(texture, pack=pack)
        node.location = (-320, 280)
        material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
        material.node_tree.nodes.active = node  # what texture paint and the solid view show
    return material


def make_color_material(name: str) -> bpy.types.Material:
    """A material that shows the colors of vertices or points."""
    material, shader = _principled(name)
    node = material.node_tree.nodes.new("ShaderNodeAttribute")
    node.attribute_name = COLOR_NAME
    node.location = (-320, 280)
    material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 1.0
    return material


def load_picture(file: Path, *, pack: bool) -> bpy.types.Image:
    """The picture; its pixels are read when something shows them."""
    image = bpy.data.images.load(str(file))
    if pack:
        image.pack()
    return image


def _principled(name: str) -> tuple[bpy.types.Material, bpy.types.Node]:
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True  # from 5.0 nodes are always there
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    return material, shader
