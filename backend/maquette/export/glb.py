"""Binary glTF 2.0: meshes, materials with embedded textures, cameras, lights. Y up: one root node turns the scene.

Vertices keep the scene's own coordinates; the root's rotation maps Z up to Y up, so an importer that turns back (as
Blender does) shows the scene as it is. Cameras look along -z with y up: the flip is in their nodes.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from maquette.export.meshes import object_mesh
from maquette.scene import Scene
from maquette_protocol.document import Light, Material, SceneCamera, SceneObject

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV camera axes from glTF's
_LIGHT_TYPES = {"POINT": "point", "AREA": "point", "SUN": "directional", "SPOT": "spot"}
_LUMENS_PER_WATT = 683.0
_FLOAT, _UINT, _UBYTE = 5126, 5125, 5121


def export_glb(scene: Scene, path: Path) -> None:
    """Write the scene as one .glb file."""
    builder = _Builder()
    children = []
    for item in scene.document.objects:
        if item.visible:
            children.append(builder.add_object(scene, item))
    children += [builder.add_camera(camera) for camera in scene.document.cameras]
    half = 0.5**0.5
    root = builder.add(
        "nodes", {"name": "Z up", "rotation": [-half, 0, 0, half], "children": children}
    )
    builder.document["scenes"] = [{"nodes": [root]}]
    builder.write(path)


class _Builder:
    def __init__(self) -> None:
        self.document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "Maquette"},
            "scene": 0,
        }
        self._data = bytearray()
        self._textures: dict[Path, int] = {}

    def add(self, kind: str, value: dict[str, Any]) -> int:
        self.document.setdefault(kind, []).append(value)
        return len(self.document[kind]) - 1

    def add_bytes(self, data: bytes, **more: Any) -> int:
        self._data += b"\0" * (-len(self._data) % 4)
        view = {"buffer": 0, "byteOffset": len(self._data), "byteLength": len(data), **more}
        self._data += data
        return self.add("bufferViews", view)

    def add_array(self, array: np.ndarray, kind: str, component: int, target: int) -> int:
        view = self.add_bytes(np.ascontiguousarray(array).tobytes(), target=target)
        accessor = {
            "bufferView": view,
            "componentType": component,
            "count": len(array),
            "type": kind,
        }
        if kind == "VEC3" and component == _FLOAT:
            accessor["min"] = [float(v) for v in array.min(axis=0)]
            accessor["max"] = [float(v) for v in array.max(axis=0)]
        if component == _UBYTE:
            accessor["normalized"] = True
        return self.add("accessors", accessor)

    def add_object(self, scene: Scene, item: SceneObject) -> int:
        matrix = scene.world_from_object(item)
        node: dict[str, Any] = {"name": item.name, "matrix": matrix.T.ravel().tolist()}
        extras = {"id": item.id, "label": item.label, "kind": item.kind, "parent": item.parent}
        node["extras"] = {key: value for key, value in extras.items() if value is not None}
        vertices, triangles, colors, uvs = object_mesh(scene, item)
        if item.geometry is not None and len(triangles):
            attributes = {
                "POSITION": self.add_array(vertices.astype(np.float32), "VEC3", _FLOAT, 34962)
            }
            textured = item.material is not None and item.material.texture is not None
            if uvs is not None:
                down = np.stack([uvs[:, 0], 1 - uvs[:, 1]], axis=1).astype(np.float32)
                attributes["TEXCOORD_0"] = self.add_array(down, "VEC2", _FLOAT, 34962)
            if colors is not None and not textured:
                linear = (colors / 255.0) ** 2.2
                rgba = np.concatenate([linear, np.ones((len(colors), 1))], axis=1)
                values = np.rint(rgba * 255).astype(np.uint8)
                attributes["COLOR_0"] = self.add_array(values, "VEC4", _UBYTE, 34962)
            primitive: dict[str, Any] = {
                "attributes": attributes,
                "indices": self.add_array(
                    triangles.astype(np.uint32).ravel(), "SCALAR", _UINT, 34963
                ),
            }
            if item.material is not None:
                primitive["material"] = self.add_material(scene, item.material)
            node["mesh"] = self.add("meshes", {"name": item.name, "primitives": [primitive]})
        if item.light is not None:
            node["extensions"] = {"KHR_lights_punctual": {"light": self.add_light(item.light)}}
        return self.add("nodes", node)

    def add_texture(self, file: Path) -> int:
        """A picture once, however many materials show it."""
        if file not in self._textures:
            mime = "image/png" if file.suffix.lower() == ".png" else "image/jpeg"
            image = {"bufferView": self.add_bytes(file.read_bytes()), "mimeType": mime}
            self._textures[file] = self.add("textures", {"source": self.add("images", image)})
        return self._textures[file]

    def add_material(self, scene: Scene, material: Material) -> int:
        surface: dict[str, Any] = {
            "baseColorFactor": list(material.base_color),
            "metallicFactor": material.metallic,
            "roughnessFactor": material.roughness,
        }
        if material.texture is not None:
            file = scene.inside(material.texture, "material.texture")
            surface["baseColorTexture"] = {"index": self.add_texture(file)}
        value: dict[str, Any] = {
            "name": material.name,
            "pbrMetallicRoughness": surface,
            "emissiveFactor": [min(max(v, 0.0), 1.0) for v in material.emission],
            "doubleSided": True,
        }
        if material.base_color[3] < 1:
            value["alphaMode"] = "BLEND"
        return self.add("materials", value)

    def add_light(self, light: Light) -> int:
        used = self.document.setdefault("extensionsUsed", [])
        if "KHR_lights_punctual" not in used:
            used.append("KHR_lights_punctual")
        extension = self.document.setdefault("extensions", {})
        lights = extension.setdefault("KHR_lights_punctual", {"lights": []})["lights"]
        intensity = (
            light.power if light.type == "SUN" else light.power * _LUMENS_PER_WATT / (4 * np.pi)
        )
        lights.append(
            {
                "type": _LIGHT_TYPES[light.type],
                "color": list(light.color),
                "intensity": float(intensity),
            }
        )
        return len(lights) - 1

    def add_camera(self, camera: SceneCamera) -> int:
        K = np.array(camera.K)
        number = self.add(
            "cameras",
            {
                "name": camera.id,
                "type": "perspective",
                "perspective": {
                    "yfov": float(2 * np.arctan(camera.height / (2 * K[1, 1]))),
                    "aspectRatio": float(camera.width * K[1, 1] / (camera.height * K[0, 0])),
                    "znear": 0.01,
                },
            },
        )
        matrix = np.array(camera.world_from_camera) @ _FLIP
        node = {"name": camera.id, "camera": number, "matrix": matrix.T.ravel().tolist()}
        return self.add("nodes", {**node, "extras": {"image": camera.image}})

    def write(self, path: Path) -> None:
        self._data += b"\0" * (-len(self._data) % 4)
        if self._data:
            self.document["buffers"] = [{"byteLength": len(self._data)}]
        text = json.dumps(self.document, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
        if self._data:
            chunks += struct.pack("<II", len(self._data), 0x004E4942) + bytes(self._data)
        with path.open("wb") as file:
            file.write(struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)))
            file.write(chunks)
