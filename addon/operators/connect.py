"""Connect to a backend on another machine by its pairing text, and choose between those known."""

import bpy

from maquette_protocol.errors import MaquetteError

from .. import preferences, runtime
from .reports import report_error


class MAQUETTE_OT_connect(bpy.types.Operator):
    bl_idname = "maquette.connect"
    bl_label = "Connect to Backend"
    bl_description = "Use a backend on another computer, by the pairing text that it shows"
    bl_options = {"REGISTER"}

    text: bpy.props.StringProperty(
        name="Pairing Text",
        description="The line that `maquette serve --listen HOST:PORT --pair` shows",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not bpy.app.online_access:
            cls.poll_message_set(
                "Switch on Preferences > System > Network > Allow Online Access first"
            )
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        clipboard = context.window_manager.clipboard
        if clipboard.strip().startswith("maquette://"):
            self.text = clipboard.strip()
        return context.window_manager.invoke_props_dialog(
            self, width=420, title=self.bl_label, confirm_text="Connect"
        )

    def draw(self, _context: bpy.types.Context) -> None:
        column = self.layout.column()
        column.label(text="On the other computer run:  maquette serve --listen HOST:PORT --pair")
        column.label(text="Then paste the line that it shows:")
        column.prop(self, "text", text="")

    def execute(self, _context: bpy.types.Context) -> set[str]:
        try:
            runtime.session().pair(self.text)
        except MaquetteError as error:
            report_error(self, error)
            return {"CANCELLED"}
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_use_server(bpy.types.Operator):
    bl_idname = "maquette.use_server"
    bl_label = "Use Backend"
    bl_description = "Talk to this backend from now on"
    bl_options = {"INTERNAL"}

    server: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        preferences.choose_server(self.server)
        runtime.session().use_server(self.server)
        runtime.hurry()
        return {"FINISHED"}


CLASSES = (MAQUETTE_OT_connect, MAQUETTE_OT_use_server)
