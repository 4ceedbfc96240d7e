"""See the scene as a photo does. The viewport gets a camera of its own; the scene's active camera stays what it is."""

from typing import ClassVar

import bpy

from ..scenes import current_collection, photo_cameras


class _LooksThrough:
    """From whichever editor it is called, the view that changes is a 3D viewport: this one, else the largest."""

    bl_options: ClassVar[set[str]] = {"REGISTER"}
    step = 0  # how many photos on from the present one

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        collection = current_collection(context)
        if collection is None or not photo_cameras(collection):
            cls.poll_message_set("Open or import a scene with cameras first")
            return False
        if _viewport(context) is None:
            cls.poll_message_set("Open a 3D viewport in this window first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        space = _viewport(context).spaces.active
        cameras = photo_cameras(current_collection(context))
        shown = space.camera if space.region_3d.view_perspective == "CAMERA" else None
        if self.step and shown in cameras:
            number = (cameras.index(shown) + self.step) % len(cameras)
        elif context.active_object in cameras:
            number = cameras.index(context.active_object)
        else:
            number = 0 if self.step >= 0 else len(cameras) - 1
        camera = cameras[number]
        space.use_local_camera = True
        space.camera = camera
        space.region_3d.view_perspective = "CAMERA"
        self.report({"INFO"}, ", ".join(describe(camera, number, len(cameras))))
        return {"FINISHED"}


class MAQUETTE_OT_look_through_photo(_LooksThrough, bpy.types.Operator):
    bl_idname = "maquette.look_through_photo"
    bl_label = "Look Through Photo"
    bl_description = (
        "See the scene from where the active camera's photo was taken, or the first photo"
    )


class MAQUETTE_OT_next_photo(_LooksThrough, bpy.types.Operator):
    bl_idname = "maquette.next_photo"
    bl_label = "Look Through Next Photo"
    bl_description = "See the scene from where the next photo was taken"
    step = 1


class MAQUETTE_OT_previous_photo(_LooksThrough, bpy.types.Operator):
    bl_idname = "maquette.previous_photo"
    bl_label = "Look Through Previous Photo"
    bl_description = "See the scene from where the photo before was taken"
    step = -1


class MAQUETTE_OT_leave_photo(bpy.types.Operator):
    bl_idname = "maquette.leave_photo"
    bl_label = "Leave Photo"
    bl_description = "Look around freely again, and give the viewport the scene's camera back"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        area = _viewport(context)
        if area is None or not area.spaces.active.use_local_camera:
            cls.poll_message_set("No viewport looks through a photo")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        space = _viewport(context).spaces.active
        space.region_3d.view_perspective = "PERSP"
        space.use_local_camera = False
        return {"FINISHED"}


class MAQUETTE_OT_render_through_photo(bpy.types.Operator):
    bl_idname = "maquette.render_through_photo"
    bl_label = "Render Through Photo"
    bl_description = "Make this photo's camera the scene's, and the render as large as the photo"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if _photo_in_view(context) is None:
            cls.poll_message_set("Look through a photo, or make its camera active, first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        camera = _photo_in_view(context)
        render = context.scene.render
        context.scene.camera = camera
        render.resolution_x, render.resolution_y = camera["maquette_size"]
        image = camera.data.background_images[0].image if camera.data.background_images else None
        aspect = image.display_aspect if image is not None else (1.0, 1.0)
        render.pixel_aspect_x, render.pixel_aspect_y = aspect
        self.report(
            {"INFO"}, f"Renders {render.resolution_x} x {render.resolution_y} through {camera.name}"
        )
        return {"FINISHED"}


def describe(camera: bpy.types.Object, number: int, count: int) -> list[str]:
    """For reports and panels: "s_17.jpg (1 of 29)", "Reprojection error 0.35 px"."""
    words = [f"{camera['maquette_photo'] or camera.name} ({number + 1} of {count})"]
    error = camera.get("maquette_reprojection_px")
    return words if error is None else [*words, f"Reprojection error {error:.2f} px"]


def _viewport(context: bpy.types.Context) -> bpy.types.Area | None:
    if context.area is not None and context.area.type == "VIEW_3D":
        return context.area
    screen = context.screen
    areas = [a for a in screen.areas if a.type == "VIEW_3D"] if screen is not None else []
    return max(areas, key=lambda area: area.width * area.height, default=None)


def _photo_in_view(context: bpy.types.Context) -> bpy.types.Object | None:
    area = _viewport(context)
    space = area.spaces.active if area is not None else None
    if space is not None and space.region_3d.view_perspective == "CAMERA":
        camera = space.camera
    else:
        camera = context.active_object
    is_photo = camera is not None and camera.type == "CAMERA" and "maquette_size" in camera
    return camera if is_photo else None


CLASSES = (
    MAQUETTE_OT_look_through_photo,
    MAQUETTE_OT_next_photo,
    MAQUETTE_OT_previous_photo,
    MAQUETTE_OT_leave_photo,
    MAQUETTE_OT_render_through_photo,
)
