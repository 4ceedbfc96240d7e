"""The panel of a built scene: it works with no backend at all."""

import bpy

from .operators.look_through import describe
from .scenes import current_collection, photo_cameras, surfaces


class _Panel:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Maquette"


class MAQUETTE_PT_scene(_Panel, bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_scene"
    bl_label = "Scene"
    bl_order = 10

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        row = layout.row(align=True)
        row.operator("maquette.open_scene", text="Open…", icon="FILE_FOLDER")
        row.operator("maquette.open_demo", text="Demo", icon="MONKEY")
        collection = current_collection(context)
        if collection is None:
            return
        layout.label(text=collection.name, icon="OUTLINER_COLLECTION")
        if collection.get("maquette_trust") == "unsure":
            layout.label(text="Cameras are unsure; see Provenance", icon="ERROR")
        _draw_photos(layout, context, collection)
        _draw_look(layout, context.space_data.shading)
        layout.operator("maquette.take_apart", icon="MOD_EXPLODE")
        if any(o.get("maquette_kind") == "object" for o in surfaces(collection)):
            _draw_by_hand(layout)
        column = layout.column(align=True)
        column.operator_context = "INVOKE_DEFAULT"
        column.operator("maquette.measure", icon="DRIVER_DISTANCE")
        column.operator("maquette.set_scale", text="Set Scale…", icon="FULLSCREEN_ENTER")
        layout.operator("maquette.export_scene", text="Export…", icon="EXPORT")


class MAQUETTE_PT_provenance(_Panel, bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_provenance"
    bl_label = "Provenance"
    bl_parent_id = "MAQUETTE_PT_scene"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return current_collection(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        collection = current_collection(context)
        column = self.layout.column(align=True)
        column.label(text=f"{len(collection.get('maquette_photos', ()))} photos")
        made_by = [str(collection.get(f"maquette_{key}", "")) for key in ("engine", "version")]
        column.label(text=f"Engine {' '.join(filter(None, made_by))}")
        column.label(text=f"Cameras {collection.get('maquette_trust', 'not judged')}")
        is_metric = collection.get("maquette_metric")
        column.label(
            text="Lengths are metric" if is_metric else "Scale not set: lengths are guessed"
        )
        column.label(text=str(collection["maquette_scene"]), icon="FILE_FOLDER")


def _draw_photos(
    layout: bpy.types.UILayout, context: bpy.types.Context, collection: bpy.types.Collection
) -> None:
    cameras = photo_cameras(collection)
    if not cameras:
        return
    space = context.space_data
    in_view = space.region_3d.view_perspective == "CAMERA" and space.camera in cameras
    row = layout.row(align=True)
    row.operator("maquette.previous_photo", text="", icon="TRIA_LEFT")
    row.operator("maquette.look_through_photo", text="Look Through Photo", icon="CAMERA_DATA")
    row.operator("maquette.next_photo", text="", icon="TRIA_RIGHT")
    if not in_view:
        return
    column = layout.column(align=True)
    for words in describe(space.camera, cameras.index(space.camera), len(cameras)):
        column.label(text=words)
    backgrounds = space.camera.data.background_images
    if backgrounds:
        column.prop(backgrounds[0], "alpha", text="Photo Opacity", slider=True)
        column.row().prop(backgrounds[0], "display_depth", expand=True)
    row = layout.row(align=True)
    row.operator("maquette.leave_photo", icon="LOOP_BACK")
    row.operator("maquette.render_through_photo", text="Render Through", icon="RENDER_STILL")


def _draw_by_hand(layout: bpy.types.UILayout) -> None:
    """What was taken apart, put right: which things are one, and what they are."""
    row = layout.row(align=True)
    row.operator("maquette.merge_things")
    row.operator("maquette.split_thing")
    row.operator("maquette.label_thing")


def _draw_look(layout: bpy.types.UILayout, shading: bpy.types.View3DShading) -> None:
    """Blender's solid view is grey at first: this viewport's own switch, where it is seen."""
    if shading.type == "SOLID":
        row = layout.row(align=True)
        row.prop_enum(shading, "color_type", "MATERIAL", text="Plain")
        row.prop_enum(shading, "color_type", "TEXTURE", text="Textured")


CLASSES = (MAQUETTE_PT_scene, MAQUETTE_PT_provenance)
