"""Things put right by hand: two are one, one is two, or it is something else."""

from typing import Any

import bpy
from mathutils import Matrix, Vector

from ..scenes import current_collection, surfaces

_LONGEST = 80  # letters of a label


def _things(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The selected meshes of a scene of ours, the active one first."""
    chosen = [o for o in context.selected_objects if o.type == "MESH" and "maquette_kind" in o]
    return sorted(chosen, key=lambda o: (o != context.active_object, o.name))


class MAQUETTE_OT_merge_things(bpy.types.Operator):
    bl_idname = "maquette.merge_things"
    bl_label = "Merge"
    bl_description = "Make one thing of the selected ones; the active one gives it name and label"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave the mode you are in first")
            return False
        if len(_things(context)) < 2:
            cls.poll_message_set("Select two things or more of a scene")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        things = _things(context)
        kept, count = things[0], len(things)
        children = [c for o in things[1:] for c in o.children if c not in things]
        places = [c.matrix_world.copy() for c in children]
        for child, place in zip(children, places, strict=True):
            child.parent = kept
            child.matrix_world = place
        with context.temp_override(
            active_object=kept,
            object=kept,
            selected_objects=things,
            selected_editable_objects=things,
        ):
            bpy.ops.object.join()
        self.report({"INFO"}, f"{count} things are {kept.name} now")
        return {"FINISHED"}


class MAQUETTE_OT_split_thing(bpy.types.Operator):
    bl_idname = "maquette.split_thing"
    bl_label = "Split"
    bl_description = "Make a thing of its own of the selected faces"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        item = context.active_object
        if item is None or context.mode != "EDIT_MESH" or "maquette_kind" not in item:
            cls.poll_message_set("Select faces of a thing in Edit Mode first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        item = context.active_object
        item.update_from_editmode()
        chosen = item.data.count_selected_items()[2]
        if chosen in (0, len(item.data.polygons)):
            self.report({"ERROR"}, "Select some of the faces, not all of them")
            return {"CANCELLED"}
        before = set(bpy.data.objects)
        with context.temp_override(edit_object=item, selected_objects=[item]):
            bpy.ops.mesh.separate(type="SELECTED")
        bpy.ops.object.mode_set(mode="OBJECT")
        part = next(o for o in bpy.data.objects if o not in before)
        part["maquette_id"] = _free_id(context)
        part["maquette_kind"] = "object"
        if "maquette_label" in part:
            del part["maquette_label"]
        _move_origin_to_base(part)
        for other in context.selected_objects:
            other.select_set(other == part)
        part.select_set(True)
        context.view_layer.objects.active = part
        self.report({"INFO"}, f"{chosen:,} faces of {item.name} are {part.name} now")
        return {"FINISHED"}


class MAQUETTE_OT_label_thing(bpy.types.Operator):
    bl_idname = "maquette.label_thing"
    bl_label = "Label…"
    bl_description = "Say what the active thing is, so that words find it"
    bl_options = {"REGISTER", "UNDO"}

    label: bpy.props.StringProperty(name="Label", maxlen=_LONGEST, description="What it is: chair")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        item = context.active_object
        if item is None or "maquette_kind" not in item:
            cls.poll_message_set("Select a thing of a scene first")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.label = str(context.active_object.get("maquette_label", ""))
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> set[str]:
        label = " ".join(self.label.split())
        if not label:
            self.report({"ERROR"}, "Write what it is")
            return {"CANCELLED"}
        item = context.active_object
        item["maquette_label"] = label
        item.name = label[:1].upper() + label[1:]
        self.report({"INFO"}, f"It is {item.name} now")
        return {"FINISHED"}


def _free_id(context: bpy.types.Context) -> str:
    collection = current_collection(context)
    taken = {o.get("maquette_id") for o in surfaces(collection)} if collection else set()
    return next(name for n in range(1, len(taken) + 2) if (name := f"object_{n}") not in taken)


def _move_origin_to_base(item: Any) -> None:
    """The origin to the middle of the lowest end, in world; the mesh stays where it is."""
    corners = [item.matrix_world @ Vector(corner) for corner in item.bound_box]
    low = [min(c[axis] for c in corners) for axis in range(3)]
    high = [max(c[axis] for c in corners) for axis in range(3)]
    base = Vector(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]))
    shift = item.matrix_world.inverted() @ base
    item.data.transform(Matrix.Translation(-shift))
    item.matrix_world.translation = base


CLASSES = (MAQUETTE_OT_merge_things, MAQUETTE_OT_split_thing, MAQUETTE_OT_label_thing)
