"""USD as text (.usd, .usda: textures beside it) and as one .usdz package; Z up, metres per unit 1."""

import io
import re
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np

from maquette.export.meshes import WorldMesh, world_meshes
from maquette.scene import Scene
from maquette_protocol.document import SceneCamera

_SENSOR_MM = 36.0
_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV camera axes from USD's


def export_usda(scene: Scene, path: Path) -> None:
    """Write a text stage, and its textures beside it."""
    names = {}
    for mesh in world_meshes(scene):
        if mesh.texture is not None:
            names[mesh.item.id] = f"{path.stem}_{_identifier(mesh.item.id)}{mesh.texture.suffix}"
            shutil.copyfile(mesh.texture, path.with_name(names[mesh.item.id]))
    path.write_text(_stage(scene, names), encoding="utf-8")


def export_usdz(scene: Scene, path: Path) -> None:
    """Write one package: an uncompressed zip whose files start at multiples of 64 bytes."""
    names, files = {}, []
    for mesh in world_meshes(scene):
        if mesh.texture is not None:
            names[mesh.item.id] = f"{_identifier(mesh.item.id)}{mesh.texture.suffix}"
            files.append((names[mesh.item.id], mesh.texture.read_bytes()))
    files.insert(0, ("scene.usda", _stage(scene, names).encode()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            start = archive.fp.tell() if archive.fp else 0
            header = 30 + len(name.encode())
            padding = -(start + header + 4) % 64
            info.extra = struct.pack("<HH", 0x1986, padding) + b"\0" * padding
            archive.writestr(info, data)


def _identifier(text: str) -> str:
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return name if name and not name[0].isdigit() else f"_{name}"


def _stage(scene: Scene, textures: dict[str, str]) -> str:
    out = io.StringIO()
    out.write(
        '#usda 1.0\n(\n    defaultPrim = "Scene"\n    metersPerUnit = 1\n    upAxis = "Z"\n)\n\n'
    )
    out.write('def Xform "Scene"\n{\n')
    for mesh in world_meshes(scene):
        _write_mesh(out, mesh, textures.get(mesh.item.id))
    for camera in scene.document.cameras:
        _write_camera(out, camera)
    out.write("}\n")
    return out.getvalue()


def _write_mesh(out: io.StringIO, mesh: WorldMesh, texture: str | None) -> None:
    name = _identifier(mesh.item.id)
    material = f"/Scene/{name}_material"
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    out.write(f'    def Mesh "{name}" (prepend apiSchemas = ["MaterialBindingAPI"])\n    {{\n')
    out.write(f"        rel material:binding = <{material}>\n")
    out.write("        bool doubleSided = true\n")
    out.write('        uniform token subdivisionScheme = "none"\n')
    out.write(f"        float3[] extent = [{_tuple(low)}, {_tuple(high)}]\n")
    out.write(f"        int[] faceVertexCounts = [{', '.join(['3'] * len(mesh.triangles))}]\n")
    corners = ", ".join(map(str, mesh.triangles.ravel().tolist()))
    out.write(f"        int[] faceVertexIndices = [{corners}]\n")
    out.write(f"        point3f[] points = [{_tuples(mesh.vertices)}]\n")
    if mesh.uvs is not None:
        out.write(f"        texCoord2f[] primvars:st = [{_tuples(mesh.uvs)}] (\n")
        out.write('            interpolation = "vertex"\n        )\n')
    out.write("    }\n")
    _write_material(out, name, mesh, texture)


def _write_material(out: io.StringIO, name: str, mesh: WorldMesh, texture: str | None) -> None:
    base = f"/Scene/{name}_material"
    given = mesh.item.material
    color = given.base_color if given else (0.8, 0.8, 0.8, 1.0)
    out.write(f'    def Material "{name}_material"\n    {{\n')
    out.write(f"        token outputs:surface.connect = <{base}/surface.outputs:surface>\n")
    out.write('        def Shader "surface"\n        {\n')
    out.write('            uniform token info:id = "UsdPreviewSurface"\n')
    if texture is not None:
        out.write(f"            color3f inputs:diffuseColor.connect = <{base}/image.outputs:rgb>\n")
    else:
        out.write(f"            color3f inputs:diffuseColor = {_tuple(np.array(color[:3]))}\n")
    out.write(f"            float inputs:opacity = {color[3]:g}\n")
    out.write(f"            float inputs:roughness = {given.roughness if given else 0.5:g}\n")
    out.write(f"            float inputs:metallic = {given.metallic if given else 0:g}\n")
    out.write("            token outputs:surface\n        }\n")
    if texture is not None:
        out.write('        def Shader "image"\n        {\n')
        out.write('            uniform token info:id = "UsdUVTexture"\n')
        out.write(f"            asset inputs:file = @{texture}@\n")
        out.write(f"            float2 inputs:st.connect = <{base}/st.outputs:result>\n")
        out.write("            float3 outputs:rgb\n        }\n")
        out.write('        def Shader "st"\n        {\n')
        out.write('            uniform token info:id = "UsdPrimvarReader_float2"\n')
        out.write('            string inputs:varname = "st"\n')
        out.write("            float2 outputs:result\n        }\n")
    out.write("    }\n")


def _write_camera(out: io.StringIO, camera: SceneCamera) -> None:
    K = np.array(camera.K)
    width_mm = _SENSOR_MM
    height_mm = _SENSOR_MM * camera.height / camera.width * K[0, 0] / K[1, 1]
    focal_mm = K[0, 0] / camera.width * _SENSOR_MM
    shift_x = (camera.width / 2 - K[0, 2]) / camera.width * width_mm
    shift_y = (K[1, 2] - camera.height / 2) / camera.height * height_mm
    matrix = (np.array(camera.world_from_camera) @ _FLIP).T
    rows = ", ".join(f"({', '.join(f'{v:.9g}' for v in row)})" for row in matrix)
    out.write(f'    def Camera "{_identifier(camera.id)}"\n    {{\n')
    # apertures and focal length are in tenths of a stage unit: 1 mm is 0.01 of them at metres
    out.write(f"        float focalLength = {focal_mm / 100:.8g}\n")
    out.write(f"        float horizontalAperture = {width_mm / 100:.8g}\n")
    out.write(f"        float verticalAperture = {height_mm / 100:.8g}\n")
    out.write(f"        float horizontalApertureOffset = {shift_x / 100:.8g}\n")
    out.write(f"        float verticalApertureOffset = {shift_y / 100:.8g}\n")
    out.write(f"        matrix4d xformOp:transform = ( {rows} )\n")
    out.write('        uniform token[] xformOpOrder = ["xformOp:transform"]\n    }\n')


def _tuple(values: np.ndarray) -> str:
    return f"({', '.join(f'{v:.7g}' for v in values)})"


def _tuples(rows: np.ndarray) -> str:
    return ", ".join(f"({', '.join(f'{v:.7g}' for v in row)})" for row in rows.tolist())
