"""Sparse points as an object: a mesh of vertices, shown as small balls by geometry nodes (alike in all Blenders)."""

import bpy
import numpy as np
import numpy.typing as npt

from .arrays import srgb_rgba
from .material import make_color_material
from .mesh import COLOR_NAME


def make_points(
    name: str, xyz: npt.NDArray[np.float32], colors: npt.NDArray[np.uint8] | None, radius: float
) -> bpy.types.Object:
    """(N, 3) world places with (N, 3) sRGB bytes as an object, linked nowhere."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(xyz))
    places = np.ascontiguousarray(xyz, np.float32)
    mesh.attributes["position"].data.foreach_set("vector", places.ravel())
    if colors is not None:
        layer = mesh.color_attributes.new(COLOR_NAME, "BYTE_COLOR", "POINT")
        layer.data.foreach_set("color_srgb", srgb_rgba(colors).ravel())
    mesh.update()
    made = bpy.data.objects.new(name, mesh)
    modifier = made.modifiers.new("Points", "NODES")
    modifier.node_group = _ball_nodes(make_color_material(name), radius)
    return made


def _ball_nodes(material: bpy.types.Material, radius: float) -> bpy.types.NodeTree:
    tree = bpy.data.node_groups.new("Maquette Points", "GeometryNodeTree")
    interface = tree.interface
    interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    given = tree.nodes.new("NodeGroupInput")
    balls = tree.nodes.new("GeometryNodeMeshToPoints")
    colored = tree.nodes.new("GeometryNodeSetMaterial")
    shown = tree.nodes.new("NodeGroupOutput")
    for number, node in enumerate((given, balls, colored, shown)):
        node.location = (200 * number, 0)
    balls.inputs["Radius"].default_value = radius
    colored.inputs["Material"].default_value = material
    tree.links.new(given.outputs[0], balls.inputs["Mesh"])
    tree.links.new(balls.outputs[0], colored.inputs["Geometry"])
    tree.links.new(colored.outputs[0], shown.inputs[0])
    return tree
