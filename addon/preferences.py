"""What belongs to this computer, not to a scene."""

import tomllib
from pathlib import Path

import bpy


def _model_chosen(_preferences: "MAQUETTE_AP_preferences", _context: bpy.types.Context) -> None:
    from . import runtime

    runtime.session().serve_options = serve_options()


class MAQUETTE_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    program: bpy.props.StringProperty(
        name="Backend Program",
        description="A maquette command to start instead of the backend that Maquette sets up; "
        "takes effect when Blender starts",
        subtype="FILE_PATH",
    )

    language_model: bpy.props.StringProperty(
        name="Language Model",
        description="A folder with an instruct model, or its name in the hub's cache or in the model server; it reads "
        "prompts that the grammar does not understand. Takes effect when the backend is started",
        update=_model_chosen,
    )
    model_server: bpy.props.StringProperty(
        name="Model Server",
        description="Address of a llama.cpp, Ollama or other OpenAI-compatible server on this computer that has the "
        "model, as in http://127.0.0.1:11434. Takes effect when the backend is started",
        update=_model_chosen,
    )
    server: bpy.props.StringProperty(options={"HIDDEN"})  # HOST:PORT; "": the one here

    def draw(self, context: bpy.types.Context) -> None:
        from .panels import draw_backend

        draw_backend(self.layout, context)
        column = self.layout.column()
        column.use_property_split = True
        column.prop(self, "program")
        column.prop(self, "language_model", placeholder="None")
        column.prop(self, "model_server", placeholder="None")


def serve_options() -> tuple[str, ...]:
    """Of a backend that is started here."""
    own = _own()
    if own is None:
        return ()
    named = (("--planner-model", own.language_model), ("--planner-server", own.model_server))
    return tuple(part for option, value in named if value.strip() for part in (option, value))


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
