"""Measure between two points, and tell the scene how long a distance is."""

from typing import ClassVar

import bpy
from bpy_extras import view3d_utils
from mathutils import Vector

from ..distances import IS_DISTANCE, chosen_points, make_line, scale_scene
from ..scenes import current_collection

_DISTANCES = "Distances"


class MAQUETTE_OT_measure(bpy.types.Operator):
    bl_idname = "maquette.measure"
    bl_label = "Measure Distance"
    bl_description = (
        "Click two points on the surface; the line between them keeps its length as its name"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    start: bpy.props.FloatVectorProperty(
        name="From", subtype="XYZ", unit="LENGTH", size=3, precision=3
    )
    end: bpy.props.FloatVectorProperty(name="To", subtype="XYZ", unit="LENGTH", size=3, precision=3)

    _first: Vector | None = None

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        pair = chosen_points(context)
        if pair is not None:
            self.start, self.end = pair
            return self.execute(context)
        if context.area is None or context.area.type != "VIEW_3D":
            self.report(
                {"ERROR"}, "Select two objects or two vertices, or measure in the 3D viewport"
            )
            return {"CANCELLED"}
        self._first = None
        context.window.cursor_modal_set("CROSSHAIR")
        context.workspace.status_text_set("Click the first point; Esc cancels")
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "ESC":
            return self._end(context, {"CANCELLED"})
        if event.type != "LEFTMOUSE" or event.value != "PRESS":
            return {"PASS_THROUGH"}  # the view can be turned between the clicks
        point = _point_under_mouse(context, event)
        if point is None:
            context.workspace.status_text_set("There is no surface; click on one. Esc cancels")
        elif self._first is None:
            self._first = point
            context.workspace.status_text_set("Click the second point; Esc cancels")
        else:
            self.start, self.end = self._first, point
            return self._end(context, self.execute(context))
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        self._end(context, {"CANCELLED"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        first, second = Vector(self.start), Vector(self.end)
        length = (second - first).length
        if length == 0:
            self.report({"ERROR"}, "Both points are the same; choose two places")
            return {"CANCELLED"}
        if context.mode != "OBJECT" and bpy.ops.object.mode_set.poll():
            bpy.ops.object.mode_set(mode="OBJECT")
        words = length_words(context, length)
        line = make_line(first, second, words)
        _distances(context).objects.link(line)
        for selected in context.selected_objects:
            selected.select_set(False)
        line.select_set(True)
        context.view_layer.objects.active = line
        self.report({"INFO"}, f"{words}{'' if _is_metric(context) else ' (scale not set)'}")
        return {"FINISHED"}

    def _end(self, context: bpy.types.Context, answer: set[str]) -> set[str]:
        context.window.cursor_modal_restore()
        context.workspace.status_text_set(None)
        return answer


class MAQUETTE_OT_set_scale(bpy.types.Operator):
    bl_idname = "maquette.set_scale"
    bl_label = "Set Scale"
    bl_description = (
        "Say how long the measured line, or the distance between two selected things, is"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    length: bpy.props.FloatProperty(
        name="This Distance Is",
        description="The true length; surface, cameras and points are scaled to fit",
        unit="LENGTH",
        min=1e-6,
        soft_max=100.0,
        precision=3,
        default=1.0,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if current_collection(context) is None:
            cls.poll_message_set("Open or import a scene first")
            return False
        if context.mode != "EDIT_MESH" and chosen_points(context) is None:
            cls.poll_message_set("Measure a distance, or select two objects or two vertices, first")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        pair = chosen_points(context)
        if pair is not None and not self.properties.is_property_set("length"):
            self.length = max((pair[1] - pair[0]).length, 1e-6)
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> set[str]:
        pair = chosen_points(context)
        now = (pair[1] - pair[0]).length if pair is not None else 0.0
        if now == 0:
            self.report(
                {"ERROR"},
                "Select two vertices, two objects or a measured line, apart from each other",
            )
            return {"CANCELLED"}
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        collection = current_collection(context)
        factor = self.length / now
        count = scale_scene(collection, factor)
        collection["maquette_metric"] = True
        for line in collection.all_objects:
            if IS_DISTANCE in line:
                first, second = (line.matrix_world @ v.co for v in line.data.vertices[:2])
                line.name = length_words(context, (second - first).length)
        self.report({"INFO"}, f"{collection.name}: {count} objects scaled by {factor:.4g}")
        return {"FINISHED"}


def length_words(context: bpy.types.Context, length: float) -> str:
    """The length as the user's units have it: "1.23 m"."""
    units = context.scene.unit_settings
    system = units.system if units.system != "NONE" else "METRIC"
    return bpy.utils.units.to_string(
        system, "LENGTH", length * units.scale_length, precision=4, split_unit=False
    )


def _is_metric(context: bpy.types.Context) -> bool:
    collection = current_collection(context)
    return collection is None or bool(collection.get("maquette_metric"))


def _distances(context: bpy.types.Context) -> bpy.types.Collection:
    """Where measured lines go: into the scene of ours, so that scaling it scales them."""
    parent = current_collection(context) or context.scene.collection
    for child in parent.children:
        if child.name.split(".")[0] == _DISTANCES:
            return child
    made = bpy.data.collections.new(_DISTANCES)
    parent.children.link(made)
    return made


def _point_under_mouse(context: bpy.types.Context, event: bpy.types.Event) -> Vector | None:
    region = next((r for r in context.area.regions if r.type == "WINDOW"), None)
    if region is None:
        return None
    mouse = (event.mouse_x - region.x, event.mouse_y - region.y)
    view = context.space_data.region_3d
    origin = view3d_utils.region_2d_to_origin_3d(region, view, mouse)
    direction = view3d_utils.region_2d_to_vector_3d(region, view, mouse)
    hit, place, *_ = context.scene.ray_cast(context.evaluated_depsgraph_get(), origin, direction)
    return place if hit else None


CLASSES = (MAQUETTE_OT_measure, MAQUETTE_OT_set_scale)
