"""The backend: set up, repair, remove, start, stop, connect, check, and its log."""

import bpy

from .. import runtime
from ..maquette_session import DISK_MB, DOWNLOAD_MB


class MAQUETTE_OT_set_up(bpy.types.Operator):
    bl_idname = "maquette.set_up"
    bl_label = "Set Up Backend"
    bl_description = "Install what reconstructs photos, into a Python environment of its own"
    bl_options = {"REGISTER"}

    is_repair: bpy.props.BoolProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def description(
        cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        return "Install the backend again" if properties.is_repair else cls.bl_description

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return may_go_online(cls) and not_at_work(cls)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(
            self,
            width=380,
            title="Repair Backend" if self.is_repair else self.bl_label,
            confirm_text="Repair" if self.is_repair else "Set Up",
        )

    def draw(self, _context: bpy.types.Context) -> None:
        folder = runtime.session().environment.folder
        column = self.layout.column(align=True)
        column.label(text=f"Download: about {DOWNLOAD_MB} MB", icon="IMPORT")
        column.label(text=f"On the disk: about {DISK_MB} MB", icon="DISK_DRIVE")
        column.label(text="Takes a few minutes; Blender can be used meanwhile", icon="TIME")
        column.label(text=f"Into {folder}", icon="FILE_FOLDER")

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().set_up(is_repair=self.is_repair)
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_stop_set_up(bpy.types.Operator):
    bl_idname = "maquette.stop_set_up"
    bl_label = "Stop Set-Up"
    bl_description = "Stop; what was loaded is used when you set up again"
    bl_options = {"INTERNAL"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().stop_set_up()
        return {"FINISHED"}


class MAQUETTE_OT_remove_backend(bpy.types.Operator):
    bl_idname = "maquette.remove_backend"
    bl_label = "Remove Backend"
    bl_description = "Stop the backend and delete its environment; scenes and results stay"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not runtime.session().environment.folder.exists():
            cls.poll_message_set("Maquette has set up no backend on this computer")
            return False
        return not_at_work(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().remove()
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_start_backend(bpy.types.Operator):
    bl_idname = "maquette.start_backend"
    bl_label = "Start Backend"
    bl_description = "Start the backend on this computer; it goes on when Blender is closed"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if runtime.session().program is None:
            cls.poll_message_set("Set up the backend first")
            return False
        return not_at_work(cls)

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().start()
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_stop_backend(bpy.types.Operator):
    bl_idname = "maquette.stop_backend"
    bl_label = "Stop Backend"
    bl_description = "End the backend; imports under way go on at its next start"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not runtime.session().is_ready:
            cls.poll_message_set("No backend is connected")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().stop_backend()
        return {"FINISHED"}


class MAQUETTE_OT_reconnect(bpy.types.Operator):
    bl_idname = "maquette.reconnect"
    bl_label = "Reconnect"
    bl_description = "Look for the backend again"
    bl_options = {"REGISTER"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().reconnect()
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_doctor(bpy.types.Operator):
    bl_idname = "maquette.doctor"
    bl_label = "Doctor"
    bl_description = "Check this extension and the backend, and say what to do"
    bl_options = {"REGISTER"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().ask_doctor()
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_copy_log(bpy.types.Operator):
    bl_idname = "maquette.copy_log"
    bl_label = "Copy Log"
    bl_description = "Put the newest log into the clipboard, fit for a bug report"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        text = runtime.session().whole_log()
        context.window_manager.clipboard = text
        self.report({"INFO"}, f"Copied {len(text.splitlines())} lines")
        return {"FINISHED"}


def may_go_online(operator: type[bpy.types.Operator]) -> bool:
    """Whether Blender's user allows the network."""
    if bpy.app.online_access:
        return True
    operator.poll_message_set(
        "Switch on Preferences > System > Network > Allow Online Access first"
    )
    return False


def not_at_work(operator: type[bpy.types.Operator]) -> bool:
    """Whether no set-up or removal runs."""
    if runtime.session().work is None:
        return True
    operator.poll_message_set("The backend is being set up")
    return False


CLASSES = (
    MAQUETTE_OT_set_up,
    MAQUETTE_OT_stop_set_up,
    MAQUETTE_OT_remove_backend,
    MAQUETTE_OT_start_backend,
    MAQUETTE_OT_stop_backend,
    MAQUETTE_OT_reconnect,
    MAQUETTE_OT_doctor,
    MAQUETTE_OT_copy_log,
)
