"""Materials and lights: read as the scene document has them, and written so that nothing else changes with them."""

from collections.abc import Sequence
from typing import Any

import bpy

Json = dict[str, Any]


POWER_ON = (
    "maquette_power_on"  # custom property of a lamp that was switched off: watts to come back to
)


class CannotLook(Exception):  # noqa: N818  (an answer to the user)
    """A material that cannot be changed; the sentence says why."""


# reading ------------------------------------------------------------------------------------------


def main_slot(item: bpy.types.Object) -> int:
    """The slot that most faces have; -1 without slots."""
    slots = item.material_slots
    if len(slots) < 2 or item.type != "MESH" or not len(item.data.polygons):
        return 0 if len(slots) else -1
    import numpy as np

    index = np.empty(len(item.data.polygons), np.int32)
    item.data.polygons.foreach_get("material_index", index)
    return min(int(np.bincount(index).argmax()), len(slots) - 1)


def read_material(material: bpy.types.Material) -> Json:
    """As in the scene document."""
    shader = _shader(material)
    if shader is None:
        return {
            "name": material.name,
            "base_color": list(material.diffuse_color),
            "metallic": material.metallic,
            "roughness": material.roughness,
        }
    socket, alpha = shader.inputs["Base Color"], shader.inputs["Alpha"].default_value
    strength = shader.inputs["Emission Strength"].default_value
    emission = shader.inputs["Emission Color"].default_value
    return {
        "name": material.name,
        "base_color": [*_color_of(socket), alpha],
        "metallic": shader.inputs["Metallic"].default_value,
        "roughness": shader.inputs["Roughness"].default_value,
        "emission": [value * strength for value in emission[:3]],
        "texture": "linked" if socket.is_linked else None,
    }


def read_light(light: bpy.types.Light) -> Json:
    """As in the scene document."""
    color = list(light.color)
    if getattr(light, "use_temperature", False):
        color = [a * b for a, b in zip(color, light.temperature_color, strict=True)]
    told: Json = {"type": light.type, "power": light.energy, "color": color}
    if POWER_ON in light:
        told["power_on"] = light[POWER_ON]
    return told


def _shader(material: bpy.types.Material) -> bpy.types.Node | None:
    """The Principled shader that the material's output shows."""
    if not _has_nodes(material):
        return None
    output = material.node_tree.get_output_node("ALL")
    links = output.inputs["Surface"].links if output is not None else ()
    node = links[0].from_node if links else None
    return node if node is not None and node.type == "BSDF_PRINCIPLED" else None


def _has_nodes(material: bpy.types.Material) -> bool:
    """From 5.0 a material always has; to ask warns."""
    return material.node_tree is not None and (bpy.app.version >= (5, 0, 0) or material.use_nodes)


_TINT = "Maquette Tint"  # label of the node by which a texture is multiplied


def _color_of(socket: bpy.types.NodeSocket) -> list[float]:
    """The color; of a texture what it is multiplied by."""
    if not socket.is_linked:
        return list(socket.default_value[:3])
    tint = _tint_of(socket)
    return list(tint.default_value[:3]) if tint is not None else [1.0, 1.0, 1.0]


def _tint_of(socket: bpy.types.NodeSocket) -> bpy.types.NodeSocket | None:
    """The input of our node that multiplies the texture."""
    node = socket.links[0].from_node if socket.is_linked else None
    if node is None or node.label != _TINT:
        return None
    return next(s for s in node.inputs if s.name == "B" and s.type == "RGBA")


# writing ------------------------------------------------------------------------------------------


class Painter:
    """Gives materials to objects, so that no other object changes; objects that get the same share it."""

    def __init__(self, targets: list[bpy.types.Object]) -> None:
        self._targets = set(targets)
        self._made: dict[tuple[Any, ...], bpy.types.Material] = {}

    def paint(self, item: bpy.types.Object, wanted: Json) -> None:
        """Raises CannotLook."""
        slot = main_slot(item)
        old = item.material_slots[slot].material if slot >= 0 else None
        if old is not None:
            check(old, wanted)
        key = (old.session_uid if old is not None else 0, _key(wanted))
        material = self._made.get(key)
        if material is None:
            material = self._material(item, old, wanted)
            self._made[key] = material
        self._assign(item, slot, material)

    def _material(
        self, item: bpy.types.Object, old: bpy.types.Material | None, wanted: Json
    ) -> bpy.types.Material:
        if old is None:
            material = bpy.data.materials.new(wanted.get("name") or f"{item.name} Material")
            if bpy.app.version < (5, 0, 0):
                material.use_nodes = True
        elif self._is_its_own(old):
            material = old
        else:
            material = old.copy()
        _write(material, wanted)
        return material

    def _is_its_own(self, material: bpy.types.Material) -> bool:
        """Nobody else would change with it."""
        if material.library is not None or material.use_fake_user:
            return False
        users = bpy.data.user_map(subset={material})[material]
        objects = {user for user in users if isinstance(user, bpy.types.Object)}
        meshes = users - objects
        for mesh in meshes:
            if not hasattr(mesh, "materials"):
                return False
            objects |= {o for o in bpy.data.user_map(subset={mesh})[mesh]}
        return len(objects) == 1 and objects <= self._targets

    def _assign(self, item: bpy.types.Object, slot: int, material: bpy.types.Material) -> None:
        is_shared = item.data.users > 1 or item.data.library is not None
        if slot < 0:
            if not is_shared:
                item.data.materials.append(material)
                return
            if item.data.library is not None:
                raise CannotLook(f"'{item.name}' has no material slot, and its mesh is linked.")
            # a slot is the mesh's; what fills it can be the object's alone
            item.data.materials.append(None)
            slot = len(item.material_slots) - 1
        chosen = item.material_slots[slot]
        if chosen.material == material:
            return
        if is_shared and chosen.link == "DATA":
            chosen.link = "OBJECT"
        chosen.material = material


def write_light(item: bpy.types.Object, wanted: Json) -> None:
    """Power and color of this lamp alone, also where others share its data."""
    if item.data.users > 1 or item.data.library is not None:
        item.data = item.data.copy()
    light, before = item.data, read_light(item.data)
    light.energy = float(wanted["power"])
    if "power_on" in wanted:
        light[POWER_ON] = float(wanted["power_on"])
    if not _differ(wanted["color"], before["color"]):
        return
    kelvin = wanted.get("temperature_k")
    if hasattr(light, "use_temperature"):
        light.use_temperature = kelvin is not None
    if kelvin is not None and hasattr(light, "temperature"):
        light.temperature, light.color = float(kelvin), (1.0, 1.0, 1.0)
    else:
        light.color = wanted["color"][:3]


def differs(material: bpy.types.Material, wanted: Json) -> bool:
    """Whether it looks other than the document has it."""
    now = read_material(material)
    return any(
        _differ(_numbers(now.get(name)), _numbers(wanted.get(name)))
        for name in ("base_color", "metallic", "roughness", "emission")
    ) or bool(now.get("texture")) != bool(wanted.get("texture"))


def _numbers(value: Any) -> list[float]:
    return [float(v) for v in value] if isinstance(value, list | tuple) else [float(value or 0.0)]


def check(material: bpy.types.Material, wanted: Json) -> None:
    """Raises CannotLook where the material is not one that can be changed so."""
    if _shader(material) is None and _has_nodes(material) and _has_surface(material):
        raise CannotLook(
            f"The material '{material.name}' has a shader that is not Principled; change it by hand."
        )


def _has_surface(material: bpy.types.Material) -> bool:
    output = material.node_tree.get_output_node("ALL") if material.node_tree else None
    return output is not None and bool(output.inputs["Surface"].links)


def _key(wanted: Json) -> tuple[Any, ...]:
    return tuple(sorted((k, tuple(v) if isinstance(v, list) else v) for k, v in wanted.items()
                        if not isinstance(v, dict)))  # fmt: skip


def _write(material: bpy.types.Material, wanted: Json) -> None:
    color = [float(v) for v in wanted.get("base_color", (0.8, 0.8, 0.8, 1.0))]
    before = read_material(material)
    if wanted.get("name") and wanted["name"] != before["name"]:
        material.name = wanted["name"]
    material.diffuse_color = color
    material.metallic = float(wanted.get("metallic", 0.0))
    material.roughness = float(wanted.get("roughness", 0.5))
    shader = _shader(material)
    if shader is None:
        shader = _new_shader(material)
    _write_color(material, shader, color, keeps_texture=bool(wanted.get("texture")))
    _set(shader, "Metallic", material.metallic)
    _set(shader, "Roughness", material.roughness)
    if not shader.inputs["Alpha"].is_linked:
        shader.inputs["Alpha"].default_value = color[3]
    if color[3] < 1.0 and hasattr(material, "surface_render_method"):
        material.surface_render_method = "BLENDED"
    emission = [float(v) for v in wanted.get("emission", (0.0, 0.0, 0.0))]
    if _differ(emission, before.get("emission", (0.0, 0.0, 0.0))):
        peak = max(emission)
        shader.inputs["Emission Strength"].default_value = peak
        hue = [v / peak for v in emission] if peak > 0 else [1.0, 1.0, 1.0]
        _set(shader, "Emission Color", (*hue, 1.0))


def _set(shader: bpy.types.Node, name: str, value: Any) -> None:
    """A value that a texture decides stays the texture's, unless it changes."""
    socket = shader.inputs[name]
    if not socket.is_linked:
        socket.default_value = value


def _new_shader(material: bpy.types.Material) -> bpy.types.Node:
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    output = tree.get_output_node("ALL") or tree.nodes.new("ShaderNodeOutputMaterial")
    shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
    tree.links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    return shader


def _write_color(
    material: bpy.types.Material, shader: bpy.types.Node, color: list[float], *, keeps_texture: bool
) -> None:
    """A new color replaces a texture; where the texture stays, it is multiplied."""
    socket, tree = shader.inputs["Base Color"], material.node_tree
    if not socket.is_linked:
        socket.default_value = (*color[:3], 1.0)
    elif not keeps_texture:
        _unlink_texture(tree, socket)
        socket.default_value = (*color[:3], 1.0)
    elif _differ(color, _color_of(socket)):
        tint = _tint_of(socket) or _new_tint(tree, socket)
        tint.default_value = (*color[:3], 1.0)


def _unlink_texture(tree: bpy.types.NodeTree, socket: bpy.types.NodeSocket) -> None:
    """The picture goes, too, where nothing else shows it: the solid view would go on showing it."""
    node = socket.links[0].from_node
    tree.links.remove(socket.links[0])
    while node is not None and (node.type == "TEX_IMAGE" or node.label == _TINT):
        if any(output.links for output in node.outputs):
            return
        before = [link.from_node for i in node.inputs for link in i.links if node.label == _TINT]
        tree.nodes.remove(node)
        node = before[0] if before else None


def _new_tint(tree: bpy.types.NodeTree, socket: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    source = socket.links[0].from_socket
    node = tree.nodes.new("ShaderNodeMix")
    node.data_type, node.blend_type, node.label = "RGBA", "MULTIPLY", _TINT
    node.inputs["Factor"].default_value = 1.0
    a, b = (next(s for s in node.inputs if s.name == n and s.type == "RGBA") for n in "AB")
    tree.links.new(source, a)
    tree.links.new(next(s for s in node.outputs if s.type == "RGBA"), socket)
    return b


def _differ(a: Sequence[float], b: Sequence[float]) -> bool:
    return any(abs(x - y) > 1e-5 for x, y in zip(a, b, strict=False))
