"""Open a saved scene; the same for a finished job's result and for the demo scene. One undo step, adjustable after."""

import time
from pathlib import Path
from typing import Any

import bpy

from maquette_protocol.errors import MaquetteError

from ..maquette_scene import Build, BuildOptions, BuiltScene, SceneFolder, Step, build_steps
from .reports import report_error

_SLICE_S = 0.008  # how long one timer tick may build
DEMO = Path(__file__).parents[1] / "demo"


class ScenePlacement:
    """What the operators share that bring a scene folder into Blender.

    Invoked with a path, the scene is built in slices and Blender stays fluid; executed (by a script, by the file
    browser, from the redo panel) it is built at once.
    """

    filepath: bpy.props.StringProperty(
        name="Scene",
        description="The scene folder, or the scene.json in it",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )
    title: bpy.props.StringProperty(
        name="Name",
        description="Name of the new collection; empty takes the folder's name",
        options={"SKIP_SAVE"},
    )
    with_mesh: bpy.props.BoolProperty(
        name="Mesh", description="Create the textured surface", default=True
    )
    with_cameras: bpy.props.BoolProperty(
        name="Cameras",
        description="Create a camera for each photo, with the photo behind it",
        default=True,
    )
    with_points: bpy.props.BoolProperty(
        name="Points", description="Create the points that the cameras were found by", default=False
    )
    min_seen: bpy.props.FloatProperty(
        name="Seen at Least",
        description="Leave out surface that the photos show less surely than this; 0 keeps what was filled in",
        min=0.0,
        max=1.0,
        default=0.0,
        subtype="FACTOR",
    )
    max_triangles: bpy.props.IntProperty(
        name="Mesh Budget",
        description="Most triangles that the surface may have, by a Decimate modifier; 0 keeps all",
        min=0,
        soft_max=2_000_000,
        step=10_000,
        default=0,
    )
    pack: bpy.props.BoolProperty(
        name="Pack Pictures",
        description="Keep texture and photos in the .blend file; otherwise they stay in the scene folder",
        default=True,
    )

    _build: Build | None = None
    _timer: bpy.types.Timer | None = None

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            steps = self.begin(context)
            while True:
                next(steps)
        except StopIteration as end:
            return self.show(context, end.value)
        except MaquetteError as error:
            report_error(self, error)
            return {"CANCELLED"}

    def run_in_slices(self, context: bpy.types.Context) -> set[str]:
        try:
            self._build = self.begin(context)
        except MaquetteError as error:
            report_error(self, error)
            return {"CANCELLED"}
        window_manager = context.window_manager
        self._timer = window_manager.event_timer_add(0.01, window=context.window)
        window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type != "TIMER" or self._build is None:
            return {"PASS_THROUGH"}
        until = time.perf_counter() + _SLICE_S
        try:
            while time.perf_counter() < until:
                step = self.go_on(self._build)
            context.workspace.status_text_set(f"Maquette: {step.words} ({step.share:.0%})")
            return {"PASS_THROUGH"}
        except StopIteration as end:
            self._end(context)
            return self.show(context, end.value)
        except MaquetteError as error:
            self._end(context)
            report_error(self, error)
            return {"CANCELLED"}

    def go_on(self, build: Build) -> Step:
        return next(build)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself: the window is closed, or another file opened."""
        if self._build is not None:
            self._build.close()
        self._end(context)

    def begin(self, context: bpy.types.Context) -> Build:
        folder = SceneFolder.open(Path(bpy.path.abspath(self.filepath)))
        options = BuildOptions(
            name=self.title,
            with_mesh=self.with_mesh,
            with_cameras=self.with_cameras,
            with_points=self.with_points,
            min_seen=self.min_seen,
            max_triangles=self.max_triangles,
            pack=self.pack,
        )
        return build_steps(context.scene, folder, options)

    def show(self, context: bpy.types.Context, built: BuiltScene) -> set[str]:
        """Select what is new, say what it is."""
        # in Edit Mode the undo step would hold the edited mesh alone
        if context.mode != "OBJECT" and bpy.ops.object.mode_set.poll():
            bpy.ops.object.mode_set(mode="OBJECT")
        _select(context, bpy.data.collections[built.collection])
        for name in built.missing:
            self.report({"WARNING"}, f"{name} is not in the scene folder and was left out")
        self.report({"INFO"}, f"{built.collection}: {built.words}")
        return {"FINISHED"}

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(heading="Create", align=True)
        for name in ("with_mesh", "with_cameras", "with_points"):
            column.prop(self, name)
        for name in ("min_seen", "max_triangles", "pack"):
            layout.prop(self, name)

    def _end(self, context: bpy.types.Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
        self._build = self._timer = None
        if context.workspace is not None:
            context.workspace.status_text_set(None)


class MAQUETTE_OT_open_scene(ScenePlacement, bpy.types.Operator):
    bl_idname = "maquette.open_scene"
    bl_label = "Open Maquette Scene"
    bl_description = (
        "Bring a saved scene into this file: surface, cameras with their photos, points"
    )
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    filter_glob: bpy.props.StringProperty(default="scene.json", options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if self.filepath:
            return self.run_in_slices(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class MAQUETTE_OT_open_demo(ScenePlacement, bpy.types.Operator):
    bl_idname = "maquette.open_demo"
    bl_label = "Open Demo Scene"
    bl_description = "Bring in the example that comes with Maquette; needs no backend"
    bl_options = {"REGISTER", "UNDO"}

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return self.run_in_slices(context)

    def begin(self, context: bpy.types.Context) -> Build:
        self.filepath = str(DEMO)
        self.title = self.title or "Maquette Demo"
        return super().begin(context)


def _select(context: bpy.types.Context, collection: bpy.types.Collection) -> None:
    for selected in context.selected_objects:
        selected.select_set(False)
    view_layer = context.view_layer
    shown = [o for o in collection.all_objects if o.name in view_layer.objects]
    meshes = [o for o in shown if o.type == "MESH"]
    for made in meshes:
        made.select_set(True)
    if shown:
        view_layer.objects.active = (meshes or shown)[0]


def _menu(self: Any, _context: bpy.types.Context) -> None:
    self.layout.operator(MAQUETTE_OT_open_scene.bl_idname, text="Maquette Scene (scene.json)")


CLASSES = (MAQUETTE_OT_open_scene, MAQUETTE_OT_open_demo)


def register() -> None:
    bpy.types.TOPBAR_MT_file_import.append(_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_import.remove(_menu)
