"""Export a scene of ours through Blender's own exporters: its collection, whatever is selected."""

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy_extras.io_utils import ExportHelper

from ..scenes import current_collection


def _gltf(path: str, collection: str) -> None:
    bpy.ops.export_scene.gltf(filepath=path, collection=collection, export_cameras=True)


def _obj(path: str, collection: str) -> None:
    bpy.ops.wm.obj_export(
        filepath=path, collection=collection, forward_axis="Y", up_axis="Z", path_mode="COPY"
    )


def _ply(path: str, collection: str) -> None:
    bpy.ops.wm.ply_export(
        filepath=path, collection=collection, forward_axis="Y", up_axis="Z", export_colors="SRGB"
    )


def _stl(path: str, collection: str) -> None:
    bpy.ops.wm.stl_export(filepath=path, collection=collection, forward_axis="Y", up_axis="Z")


def _usd(path: str, collection: str) -> None:
    bpy.ops.wm.usd_export(filepath=path, collection=collection)


def _blend(path: str, collection: str) -> None:
    bpy.data.libraries.write(path, {bpy.data.collections[collection]}, compress=True)


_EXPORTERS = {
    "GLB": (".glb", "glTF Binary", "One file for most programs, with texture and cameras", _gltf),
    "USDZ": (".usdz", "USD Zip", "One file for Apple devices and film tools", _usd),
    "USDC": (".usdc", "USD", "For film tools; the texture lies beside it", _usd),
    "OBJ": (".obj", "Wavefront", "Surface, and its texture beside it", _obj),
    "PLY": (".ply", "Stanford", "Surface with a color per vertex", _ply),
    "STL": (".stl", "STL", "The shape alone, for printing", _stl),
    "BLEND": (".blend", "Blender Library", "The collection, to append or link elsewhere", _blend),
}


_FORMATS = [
    (key, f"{name} ({suffix})", words) for key, (suffix, name, words, _) in _EXPORTERS.items()
]


class MAQUETTE_OT_export_scene(ExportHelper, bpy.types.Operator):
    bl_idname = "maquette.export_scene"
    bl_label = "Export Maquette Scene"
    bl_description = (
        "Write the scene as a file for another program, through Blender's own exporters"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "PRESET"}

    filename_ext = ".glb"
    filter_glob: bpy.props.StringProperty(
        default=";".join(f"*{suffix}" for suffix, *_ in _EXPORTERS.values()), options={"HIDDEN"}
    )
    format: bpy.props.EnumProperty(
        name="Format", description="Which kind of file to write", items=_FORMATS, default="GLB"
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if current_collection(context) is None:
            cls.poll_message_set("Open or import a scene first")
            return False
        return True

    def check(self, _context: bpy.types.Context) -> bool:
        """The file name follows the format chosen in the file browser."""
        right = str(Path(self.filepath).with_suffix(_EXPORTERS[self.format][0]))
        changed = right != self.filepath
        self.filepath = right
        return changed

    def execute(self, context: bpy.types.Context) -> set[str]:
        suffix, name, _, export = _EXPORTERS[self.format]
        path = str(Path(bpy.path.abspath(self.filepath)).with_suffix(suffix))
        collection = current_collection(context).name
        if context.mode != "OBJECT" and bpy.ops.object.mode_set.poll():
            bpy.ops.object.mode_set(mode="OBJECT")
        try:
            export(path, collection)
        except AttributeError:
            self.report({"ERROR"}, f"This Blender was built without {name}; choose another format")
            return {"CANCELLED"}
        except (RuntimeError, OSError) as error:
            self.report({"ERROR"}, f"{path} was not written: {error}")
            return {"CANCELLED"}
        self.report({"INFO"}, f"{collection} written to {path}")
        return {"FINISHED"}

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.use_property_split = True
        self.layout.prop(self, "format")


def _menu(self: Any, _context: bpy.types.Context) -> None:
    self.layout.operator(MAQUETTE_OT_export_scene.bl_idname, text="Maquette Scene")


CLASSES = (MAQUETTE_OT_export_scene,)


def register() -> None:
    bpy.types.TOPBAR_MT_file_export.append(_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_export.remove(_menu)
