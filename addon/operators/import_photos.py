"""Begin an import: from the panel's list, from File > Import, or by dropping photos into a viewport."""

from typing import Any

import bpy

from maquette_protocol.errors import MaquetteError

from .. import runtime
from ..engines import fitting
from ..properties import ENDINGS
from ..request import read_request
from .photos import _PhotoFiles, add_to_list
from .reports import report_error


class MAQUETTE_OT_reconstruct(bpy.types.Operator):
    bl_idname = "maquette.reconstruct"
    bl_label = "Reconstruct Scene"
    bl_description = "Build cameras and a textured mesh from the photos in the list"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.maquette.photos:
            cls.poll_message_set("Add photos first, by button or by dropping them here")
            return False
        return backend_can_work(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return begin_import(self, context)


class MAQUETTE_OT_import_photos(_PhotoFiles, bpy.types.Operator):
    bl_idname = "maquette.import_photos"
    bl_label = "Photos as 3D Scene"
    bl_description = "Build cameras and a textured mesh from photos or a video"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return backend_can_work(cls)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if self.directory and self.files:  # dropped
            settings = context.scene.maquette
            settings.engine = fitting(settings.engine, self.chosen(), runtime.ready_engines() or ())
            return context.window_manager.invoke_props_dialog(
                self, title=self.bl_label, confirm_text="Import"
            )
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        chosen = self.chosen()
        if chosen:
            context.scene.maquette.photos.clear()
        if add_to_list(self, context, chosen) == {"CANCELLED"}:
            return {"CANCELLED"}
        return begin_import(self, context)

    def draw(self, context: bpy.types.Context) -> None:
        from ..panels import draw_options

        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        draw_options(layout, context.scene.maquette, self.chosen())
        layout.separator()
        layout.label(text=f"{len(self.chosen())} photos" if self.files else "")


class MAQUETTE_FH_photos(bpy.types.FileHandler):
    bl_idname = "MAQUETTE_FH_photos"
    bl_label = "Photos as 3D Scene"
    bl_import_operator = "maquette.import_photos"
    bl_file_extensions = ";".join(ENDINGS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


def backend_can_work(operator: type[bpy.types.Operator]) -> bool:
    """Whether an import would be taken: now, or as soon as the backend has started."""
    session = runtime.session()
    if session.is_ready or session.program is not None:
        return True
    operator.poll_message_set(
        "Set up the backend first, or connect to one: see the Maquette tab of the sidebar"
    )
    return False


def begin_import(operator: bpy.types.Operator, context: bpy.types.Context) -> set[str]:
    """Hand the panel's photos and settings over to the backend."""
    try:
        request = read_request(context.scene)
    except MaquetteError as error:
        report_error(operator, error)
        return {"CANCELLED"}
    runtime.submit(context.scene, request)
    operator.report({"INFO"}, f"Importing {request.title}")
    return {"FINISHED"}


def _menu(self: Any, _context: bpy.types.Context) -> None:
    self.layout.operator(MAQUETTE_OT_import_photos.bl_idname)


CLASSES = (MAQUETTE_OT_reconstruct, MAQUETTE_OT_import_photos, MAQUETTE_FH_photos)


def register() -> None:
    bpy.types.TOPBAR_MT_file_import.append(_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_import.remove(_menu)
