"""Every command of ours in one menu, Window > Maquette: Blender's search (F3) finds what stands in menus."""

from typing import Any

import bpy

COMMANDS = (  # None separates
    *("maquette.import_photos", "maquette.add_photos", "maquette.paste_photos"),
    *("maquette.remove_photo", "maquette.clear_photos"),
    *("maquette.reconstruct", "maquette.cancel_import"),
    None,
    *("maquette.open_scene", "maquette.open_demo", "maquette.export_scene"),
    None,
    *("maquette.look_through_photo", "maquette.next_photo", "maquette.previous_photo"),
    *("maquette.leave_photo", "maquette.render_through_photo"),
    None,
    *("maquette.measure", "maquette.set_scale"),
    None,
    *("maquette.take_apart", "maquette.merge_things", "maquette.split_thing"),
    "maquette.label_thing",
    None,
    *("maquette.say", "maquette.apply_edit", "maquette.discard_edit"),
    None,
    *("maquette.set_up", "maquette.start_backend", "maquette.stop_backend"),
    *("maquette.reconnect", "maquette.connect", "maquette.remove_backend"),
    *("maquette.doctor", "maquette.copy_log"),
)


class MAQUETTE_MT_commands(bpy.types.Menu):
    bl_idname = "MAQUETTE_MT_commands"
    bl_label = "Maquette"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        for command in COMMANDS:
            if command is None:
                layout.separator()
            else:
                layout.operator(command)


def _menu(self: Any, _context: bpy.types.Context) -> None:
    self.layout.separator()
    self.layout.menu(MAQUETTE_MT_commands.bl_idname)


CLASSES = (MAQUETTE_MT_commands,)


def register() -> None:
    bpy.types.TOPBAR_MT_window.append(_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_window.remove(_menu)
