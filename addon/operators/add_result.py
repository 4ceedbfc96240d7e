"""A finished import into the scene that waits for it, or by hand into the one that is open."""

import bpy

from maquette_protocol.errors import InputError

from .. import runtime
from ..maquette_scene import Build, BuiltScene, Step
from ..scenes import surfaces
from .open_scene import ScenePlacement
from .reports import report_error


class MAQUETTE_OT_take_result(bpy.types.Operator):
    bl_idname = "maquette.take_result"
    bl_label = "Add to Scene"
    bl_description = "Bring this finished import into the scene that is open"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            runtime.take(context.scene, self.job)
        except InputError as error:
            report_error(self, error)
            return {"CANCELLED"}
        return {"FINISHED"}


class MAQUETTE_OT_forget_result(bpy.types.Operator):
    bl_idname = "maquette.forget_result"
    bl_label = "Delete Result"
    bl_description = "Delete this finished import from the disk; scenes that have it keep it"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().imports.forget(self.job)
        return {"FINISHED"}


class MAQUETTE_OT_add_result(ScenePlacement, bpy.types.Operator):
    bl_idname = "maquette.add_result"
    bl_label = "Photos as 3D Scene"
    bl_description = "Bring the finished import into this scene"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    job: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    _words = "Opening"  # of the step that is done next

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        answer = self.run_in_slices(context)
        if answer == {"CANCELLED"}:
            self._kept("It could not be added to the scene.")
        return answer

    def begin(self, context: bpy.types.Context) -> Build:
        job = runtime.session().imports.jobs.get(self.job)
        if job is not None and job.folder:
            self.filepath = job.folder
        return super().begin(context)

    def go_on(self, build: Build) -> Step:
        with runtime.measured(f"build: {self._words}"):
            step = super().go_on(build)
        self._words = step.words
        return step

    def show(self, context: bpy.types.Context, built: BuiltScene) -> set[str]:
        with runtime.measured("build: select"):
            answer = super().show(context, built)
        job = runtime.session().imports.jobs.get(self.job)
        if job is not None and job.request.replaces:
            _hide_surfaces(job.request.replaces)
        if job is not None:
            job.close("built", f"{built.collection}: {built.words}")
            runtime.forget_place(self.job)
        return answer

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        answer = super().modal(context, event)
        if answer == {"CANCELLED"}:
            self._kept("It could not be added to the scene.")
        return answer

    def cancel(self, context: bpy.types.Context) -> None:
        super().cancel(context)
        self._kept("Another file was opened meanwhile.")

    def _kept(self, reason: str) -> None:
        job = runtime.session().imports.jobs.get(self.job)
        if job is not None and job.phase == "building":
            job.close("kept", f"{reason} It is kept: see Results.")
            runtime.forget_place(self.job)


def _hide_surfaces(uid: int) -> None:
    """What was taken apart would hide its parts."""
    for collection in bpy.data.collections:
        if collection.session_uid == uid:
            for item in surfaces(collection):
                item.hide_render = True
                if item.name in bpy.context.view_layer.objects:
                    item.hide_set(True)


CLASSES = (MAQUETTE_OT_take_result, MAQUETTE_OT_forget_result, MAQUETTE_OT_add_result)
