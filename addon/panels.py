"""The Maquette tab of the sidebar. Drawing reads what is known and changes nothing."""

from typing import Any

import bpy
import bpy.utils.previews

from . import runtime
from .engines import remark
from .maquette_session import ImportJob, Status
from .operators.cancel import CATEGORY
from .properties import photo_paths

# state → icon; action → operator and what its button says
_ICONS = {
    "off": "UNLINKED",
    "setting up": "IMPORT",
    "starting": "SORTTIME",
    "ready": "CHECKMARK",
    "busy": "RENDER_ANIMATION",
    "lost": "ERROR",
}
_ACTIONS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "set up": ("maquette.set_up", "Set Up Backend…", "IMPORT", {}),
    "stop set-up": ("maquette.stop_set_up", "Stop", "X", {}),
    "start": ("maquette.start_backend", "Start Backend", "PLAY", {}),
    "repair": ("maquette.set_up", "Repair Backend…", "TOOL_SETTINGS", {"is_repair": True}),
    "reconnect": ("maquette.reconnect", "Reconnect", "FILE_REFRESH", {}),
    "connect": ("maquette.connect", "Connect…", "LINKED", {}),
}
_CHECK_ICONS = {"ok": "CHECKMARK", "note": "INFO", "missing": "ERROR"}
_previews: Any = None


class MAQUETTE_UL_photos(bpy.types.UIList):
    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
        _index: int = 0,
        _filter: int = 0,
    ) -> None:
        with runtime.measured("thumbnail"):
            icon = thumbnail(bpy.path.abspath(item.filepath))
        layout.label(text=item.name, icon_value=icon)


class _Panel:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = CATEGORY


class MAQUETTE_PT_photos(_Panel, bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_photos"
    bl_label = "Photos to Scene"
    bl_order = 0

    def draw(self, context: bpy.types.Context) -> None:
        with runtime.measured("draw"):
            self._draw(context)

    def _draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        settings = context.scene.maquette
        status = runtime.session().status
        if status.state not in ("ready", "busy"):
            draw_status(layout, status)
        jobs = runtime.imports_of(context.scene)
        # once their scene is there, its own panel needs the room
        _draw_photos(layout, settings, is_large=not jobs or jobs[-1].phase != "built")
        options = layout.column()
        options.use_property_split = True
        options.use_property_decorate = False
        options.prop(settings, "quality")
        under_way = [job for job in jobs if not job.is_over]
        if not under_way:
            row = layout.row()
            row.scale_y = 1.4
            row.operator("maquette.reconstruct", icon="MESH_DATA")
        for job in under_way or jobs[-1:]:
            draw_job(layout, job)


class MAQUETTE_PT_options(_Panel, bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_options"
    bl_label = "Options"
    bl_parent_id = "MAQUETTE_PT_photos"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.maquette
        draw_engine(layout, settings, photo_paths(settings))
        layout.prop(settings, "masks")
        layout.prop(settings, "max_triangles")
        layout.prop(settings, "with_points")


class MAQUETTE_PT_known(_Panel, bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_known"
    bl_label = "Known Distance"
    bl_parent_id = "MAQUETTE_PT_photos"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header(self, context: bpy.types.Context) -> None:
        self.layout.prop(context.scene.maquette, "use_known", text="")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.maquette
        layout.active = settings.use_known
        layout.row().prop(settings, "known_between", expand=True)
        for title, point in (("From", settings.known_first), ("To", settings.known_second)):
            column = layout.column(align=True)
            column.prop_search(point, "photo", settings, "photos", text=title, icon="IMAGE_DATA")
            if settings.known_between == "points":
                column.prop(point, "pixel")
        layout.prop(settings, "known_distance")


class MAQUETTE_PT_results(_Panel, bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_results"
    bl_label = "Results"
    bl_order = 20
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return bool(runtime.session().imports.results)

    def draw(self, _context: bpy.types.Context) -> None:
        column = self.layout.column(align=True)
        for record in list(runtime.session().imports.results.values())[:10]:
            row = column.row(align=True)
            row.label(text=record.request.title, icon="MESH_DATA")
            row.operator("maquette.take_result", text="Add").job = record.job
            row.operator("maquette.forget_result", text="", icon="TRASH").job = record.job


class MAQUETTE_PT_backend(_Panel, bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_backend"
    bl_label = "Backend"
    bl_order = 30
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        draw_backend(self.layout, context)


def draw_status(layout: bpy.types.UILayout, status: Status) -> None:
    """The state, why, and the one thing to do next."""
    box = layout.box()
    box.label(text=f"Backend: {status.state}", icon=_ICONS[status.state])
    work = runtime.session().work
    if work is not None:
        box.progress(factor=work.done, text=work.stage)
        if work.note:
            box.label(text=work.note)
    else:
        draw_text(box, status.reason)
    if status.action == "set up" and not bpy.app.online_access:
        draw_text(box, "Setting up loads from the internet, which Blender does not allow yet.")
        box.prop(bpy.context.preferences.system, "use_online_access")
    if status.action in _ACTIONS:
        idname, text, icon, properties = _ACTIONS[status.action]
        button = box.operator(idname, text=text, icon=icon)
        for name, value in properties.items():
            setattr(button, name, value)
    if status.action == "set up":
        box.operator("maquette.connect", text="Connect to Another Computer…", icon="LINKED")
    if runtime.session().problem is not None:
        box.operator("maquette.copy_log", icon="COPYDOWN")


def draw_job(layout: bpy.types.UILayout, job: ImportJob) -> None:
    """One import: where it is, or how it ended."""
    box = layout.box()
    if job.phase in ("failed", "kept"):
        box.label(text=job.request.title, icon="ERROR" if job.phase == "failed" else "INFO")
        draw_text(box, f"{job.message} {job.hint}")
        if job.phase == "failed":
            box.operator("maquette.copy_log", icon="COPYDOWN")
    elif job.phase == "cancelled":
        box.label(text=f"Stopped: {job.request.title}", icon="CANCEL")
    elif job.phase == "built":
        box.label(text=job.request.title, icon="CHECKMARK")
        draw_text(box, job.message)
    else:
        _draw_under_way(box, job)


def _draw_under_way(box: bpy.types.UILayout, job: ImportJob) -> None:
    stage, note = words_of(job)
    box.label(text=job.request.title, icon="RENDER_ANIMATION")
    box.progress(factor=job.done, text=stage)
    column = box.column(align=True)
    # two lines, also where they are empty: the button below must not jump away from the mouse
    placed = "" if job.placed == note else job.placed
    for text in (note, ", ".join(filter(None, (placed, job.time_left)))):
        column.label(text=text[:1].upper() + text[1:])
    if job.phase not in ("building", "arrived", "cancelling"):
        box.operator("maquette.cancel_import", text="Cancel", icon="X").job = job.job


def words_of(job: ImportJob) -> tuple[str, str]:
    """The stage as shown on the bar, and the line below it."""
    lost = runtime.session().status.state in ("lost", "off", "starting")
    words = {
        "waiting": "Waiting for the backend",
        "queued": "Waiting for its turn",
        "cancelling": "Stopping",
        "arrived": "Ready",
        "building": "Adding to the scene",
    }
    stage = words.get(job.phase) or job.stage or "Starting"
    if lost and not job.has_ended:
        return "Waiting for the backend", job.stage
    note = runtime.waits_for_user(job) if job.phase == "arrived" else job.note
    return stage, note


def _draw_photos(layout: bpy.types.UILayout, settings: Any, *, is_large: bool) -> None:
    """The list; `is_large`: with a picture of the active photo."""
    row = layout.row()
    row.template_list(
        "MAQUETTE_UL_photos", "", settings, "photos", settings, "active_photo", rows=4, maxrows=8
    )
    column = row.column(align=True)
    column.operator("maquette.add_photos", text="", icon="ADD")
    column.operator("maquette.remove_photo", text="", icon="REMOVE")
    column.separator()
    column.operator("maquette.paste_photos", text="", icon="PASTEDOWN")
    column.operator("maquette.clear_photos", text="", icon="TRASH")
    if settings.photos and is_large:
        index = min(settings.active_photo, len(settings.photos) - 1)
        path = bpy.path.abspath(settings.photos[index].filepath)
        layout.template_icon(icon_value=thumbnail(path), scale=5.0)
    elif not settings.photos:
        draw_text(layout, "Add photos here, or drop them into the viewport.")


def draw_options(layout: bpy.types.UILayout, settings: Any, photos: tuple[str, ...]) -> None:
    """What the import's file browser and dialog offer."""
    layout.prop(settings, "quality")
    draw_engine(layout, settings, photos)
    for name in ("masks", "max_triangles", "with_points"):
        layout.prop(settings, name)


def draw_engine(layout: bpy.types.UILayout, settings: Any, photos: tuple[str, ...]) -> None:
    """The choice of engine, and what speaks against the one that is chosen."""
    layout.prop(settings, "engine")
    said = remark(settings.engine, photos, runtime.ready_engines())
    if said:
        box = layout.box()
        box.alert = True
        draw_text(box, said)


def draw_backend(layout: bpy.types.UILayout, _context: bpy.types.Context) -> None:
    """State and care of the backend; also in the preferences."""
    session = runtime.session()
    draw_status(layout, session.status)
    if session.backend is not None:
        _draw_backend_facts(layout, session.backend)
    _draw_servers(layout)
    column = layout.column(align=True)
    if session.is_ready and not session.remote:
        column.operator("maquette.stop_backend", icon="PAUSE")
    column.operator("maquette.connect", text="Connect to Another Computer…", icon="LINKED")
    if session.installed or session.environment.folder.exists():
        column.operator("maquette.set_up", text="Repair…", icon="TOOL_SETTINGS").is_repair = True
        column.operator("maquette.remove_backend", text="Remove…", icon="TRASH")
    row = layout.row(align=True)
    row.operator("maquette.doctor", icon="VIEWZOOM")
    row.operator("maquette.copy_log", icon="COPYDOWN")
    draw_checks(layout)


def _draw_backend_facts(layout: bpy.types.UILayout, backend: Any) -> None:
    column = layout.column(align=True)
    column.label(text=backend.device)
    column.label(text=f"{backend.free_memory_mb / 1024:.1f} GB memory free")
    if backend.free_device_memory_mb >= 0:
        column.label(text=f"{backend.free_device_memory_mb / 1024:.1f} GB GPU memory free")
    column.label(text=f"{backend.free_disk_mb / 1024:.0f} GB disk free")
    column.label(text=f"{backend.num_running} running, {backend.num_queued} waiting")
    column.label(text=f"Models: {', '.join(backend.models) or 'none'}")


def _draw_servers(layout: bpy.types.UILayout) -> None:
    names = runtime.session().remembered
    if not names:
        return
    column = layout.column(align=True)
    for name in ("", *names):
        is_used = name == runtime.session().remote
        column.operator(
            "maquette.use_server",
            text=name or "This Computer",
            icon="RADIOBUT_ON" if is_used else "RADIOBUT_OFF",
            emboss=False,
        ).server = name


def draw_checks(layout: bpy.types.UILayout) -> None:
    """What the doctor found."""
    column = layout.column(align=True)
    for check in runtime.session().checks:
        column.label(text=f"{check.name}: {check.found}", icon=_CHECK_ICONS[check.state])
        if check.hint:
            draw_text(column, check.hint)


def draw_text(layout: bpy.types.UILayout, text: str) -> None:
    """Text in lines that fit the region: a label does not wrap."""
    region = bpy.context.region
    scale = bpy.context.preferences.system.ui_scale
    width = max(int((region.width if region is not None else 260) / (6.2 * scale)) - 6, 24)
    column = layout.column(align=True)
    column.scale_y = 0.8
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            column.label(text=line)
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        column.label(text=line)


def thumbnail(path: str) -> int:
    """Icon of a photo; Blender loads it later, in a thread of its own."""
    if path not in _previews:
        is_video = path.lower().endswith((".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v"))
        _previews.load(path, path, "MOVIE" if is_video else "IMAGE")
    return _previews[path].icon_id


CLASSES = (
    MAQUETTE_UL_photos,
    MAQUETTE_PT_photos,
    MAQUETTE_PT_options,
    MAQUETTE_PT_known,
    MAQUETTE_PT_results,
    MAQUETTE_PT_backend,
)


def register() -> None:
    global _previews
    _previews = bpy.utils.previews.new()


def unregister() -> None:
    global _previews
    bpy.utils.previews.remove(_previews)
    _previews = None
