"""What belongs to this computer, not to a scene."""

import tomllib
from pathlib import Path

import bpy


class MAQUETTE_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    program: bpy.props.StringProperty(
        name="Backend Program",
        description="A maquette command to start instead of the backend that Maquette sets up; "
        "takes effect when Blender starts",
        subtype="FILE_PATH",
    )

    server: bpy.props.StringProperty(options={"HIDDEN"})  # HOST:PORT; "": the one here

    def draw(self, context: bpy.types.Context) -> None:
        from .panels import draw_backend

        draw_backend(self.layout, context)
        column = self.layout.column()
        column.use_property_split = True
        column.prop(self, "program")


def program() -> str:
    """The chosen command, "" for the one of the environment."""
    own = _own()
    return bpy.path.abspath(own.program) if own is not None and own.program else ""


def server() -> str:
    """The chosen server on another machine, "" for the one here."""
    own = _own()
    return own.server if own is not None else ""


def choose_server(name: str) -> None:
    """Remember the choice for the next start."""
    own = _own()
    if own is not None and own.server != name:
        own.server = name
        bpy.context.preferences.is_dirty = True


def _own() -> "MAQUETTE_AP_preferences | None":
    addon = bpy.context.preferences.addons.get(__package__)
    return addon.preferences if addon is not None else None


def version() -> str:
    """This extension's version, as its manifest has it."""
    manifest = Path(__file__).parent / "blender_manifest.toml"
    return tomllib.loads(manifest.read_text("utf-8"))["version"]


CLASSES = (MAQUETTE_AP_preferences,)
