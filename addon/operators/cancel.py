"""Stop an import: by its button, or by Esc while the mouse is over the panel."""

import bpy

from .. import runtime
from ..maquette_session import ImportJob

CATEGORY = "Maquette"
_keymaps: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


class MAQUETTE_OT_cancel_import(bpy.types.Operator):
    bl_idname = "maquette.cancel_import"
    bl_label = "Cancel Import"
    bl_description = "Stop the import; the same photos go on later where it stopped"
    bl_options = {"REGISTER"}

    job: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if _under_way(context) is None:
            cls.poll_message_set("No import is under way")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "ESC" and not _is_over_panel(context):
            return {"PASS_THROUGH"}
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        job = runtime.session().imports.jobs.get(self.job) or _under_way(context)
        if job is None:
            return {"CANCELLED"}
        runtime.session().imports.cancel(job.job)
        self.report({"INFO"}, f"Stopping the import of {job.request.title}")
        return {"FINISHED"}


def _under_way(context: bpy.types.Context) -> ImportJob | None:
    """This scene's import, else the oldest of any."""
    own = [job for job in runtime.imports_of(context.scene) if not job.has_ended]
    return own[0] if own else runtime.session().imports.running


def _is_over_panel(context: bpy.types.Context) -> bool:
    region = context.region
    return (
        region is not None
        and region.type == "UI"
        and getattr(region, "active_panel_category", "") == CATEGORY
    )


CLASSES = (MAQUETTE_OT_cancel_import,)


def register() -> None:
    config = bpy.context.window_manager.keyconfigs.addon
    if config is None:  # in the background there are no keys
        return
    keymap = config.keymaps.new(name="3D View Generic", space_type="VIEW_3D")
    item = keymap.keymap_items.new(MAQUETTE_OT_cancel_import.bl_idname, "ESC", "PRESS")
    _keymaps.append((keymap, item))


def unregister() -> None:
    for keymap, item in _keymaps:
        keymap.keymap_items.remove(item)
    _keymaps.clear()
