"""Runs inside the window Blender: writes down what a test wants to know, several times a second, and measures gaps.

MAQUETTE_GUI names the folder: `state.json` is written there; Blender quits once `quit` appears; `heartbeat.json` holds
the gaps of a 50 ms timer since `heartbeat` appeared, and is written when that file goes; while `redraw` is there, the
viewport is drawn anew five times a second, without any work of the extension.
"""

import contextlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

import bpy

FOLDER = Path(os.environ["MAQUETTE_GUI"])
MODULE = "bl_ext.user_default.maquette"
gaps: list[tuple[float, str]] = []  # seconds, and the phase of the import at their end
last_s = redrawn_s = 0.0


def guarded(step):
    """A timer that raises is dropped silently: end Blender instead, so that the test sees it."""

    def run():
        try:
            return step()
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(4)

    return run


def viewport():
    window = bpy.context.window_manager.windows[0]
    area = next(a for a in window.screen.areas if a.type == "VIEW_3D")
    return window, area, next(r for r in area.regions if r.type == "UI")


def show_sidebar():
    _, area, _ = viewport()
    area.spaces.active.show_region_ui = True
    area.tag_redraw()
    bpy.app.timers.register(guarded(choose_tab), first_interval=1.0)


def tidy_up_for_pictures():
    """No default cube, and textures shown: as one would for a picture."""
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    shading = viewport()[1].spaces.active.shading
    shading.light, shading.color_type = "FLAT", "TEXTURE"


def choose_tab():
    if "MAQUETTE_GUI_PICTURES" in os.environ:
        tidy_up_for_pictures()
    _, area, region = viewport()
    region.active_panel_category = "Maquette"  # possible only after the sidebar was drawn once
    area.tag_redraw()
    bpy.app.timers.register(guarded(write_state), first_interval=0.5, persistent=True)
    bpy.app.timers.register(guarded(beat), first_interval=0.05, persistent=True)


def write_state():
    for name, action in (("arrive", arrive), ("import", begin_import), ("drop", drop)):
        asked = FOLDER / f"{name}.json"
        if asked.exists():
            action(**json.loads(asked.read_text("utf-8")))
            asked.unlink()
    if (FOLDER / "quit").exists():
        bpy.ops.wm.quit_blender()
        return None
    text = json.dumps(state())
    (FOLDER / "state.new").write_text(text, "utf-8")
    (FOLDER / "state.new").replace(FOLDER / "state.json")
    return 0.2


def state():
    runtime = sys.modules[f"{MODULE}.runtime"]
    window = bpy.context.window_manager.windows[0]
    scene, status = window.scene, runtime.session().status
    known = {
        "blender": bpy.app.version_string,
        "areas": sorted(area.type for area in window.screen.areas),
        "status": [status.state, status.reason, status.action],
        "jobs": [job_state(job) for job in runtime.session().imports.jobs.values()],
        "photos": len(scene.maquette.photos),
        "collections": [c.name for c in scene.collection.children],
        "objects": len(scene.objects),
        "data": {
            kind: len(getattr(bpy.data, kind))
            for kind in ("collections", "objects", "meshes", "cameras", "images", "materials")
        },
        "triangles": sum(len(o.data.polygons) for o in scene.objects if o.type == "MESH"),
        "cameras": sum(o.type == "CAMERA" for o in scene.objects),
        "slices": [part for part in runtime.slices if part[1] > 0.005],
        "operators": [o.bl_idname for o in bpy.context.window_manager.operators],
    }
    if "VIEW_3D" in known["areas"]:
        _, area, region = viewport()
        top = window.height - region.y - region.height
        known["sidebar"] = [region.x, top, region.width, region.height]
        known["view"] = area.spaces.active.region_3d.view_perspective
    return known


def begin_import(photos, quality):
    """As by the panel's list and its button."""
    window, area, region = viewport()
    sys.modules[f"{MODULE}.properties"].add_photos(window.scene.maquette, tuple(photos))
    window.scene.maquette.quality = quality
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.maquette.reconstruct()


def drop(directory, files):
    """As Blender does when files are dropped into the viewport: it asks for what handles them."""
    window, area, region = viewport()
    region = next(r for r in area.regions if r.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.wm.drop_import_file(
            "INVOKE_DEFAULT", directory=directory, files=[{"name": name} for name in files]
        )


def arrive(folder, title):
    """A result that has just come from the backend, for this scene."""
    runtime = sys.modules[f"{MODULE}.runtime"]
    session = sys.modules[f"{MODULE}.maquette_session"]
    request = session.ImportRequest(title=title, photos=(), options={}, build={"title": title})
    job = session.ImportJob(request=request, phase="arrived", folder=folder)
    runtime.session().imports.jobs[job.job] = job
    runtime.take(bpy.context.window_manager.windows[0].scene, job.job)


def job_state(job):
    return {
        "phase": job.phase,
        "stage": job.stage,
        "done": job.done,
        "points": len(job.partial.points) if job.partial is not None else 0,
        "message": job.message,
    }


def under_way():
    jobs = list(sys.modules[f"{MODULE}.runtime"].session().imports.jobs.values())
    return f"{jobs[-1].phase} {jobs[-1].stage}".strip() if jobs else ""


def beat():
    global last_s, redrawn_s
    now = time.perf_counter()
    if (FOLDER / "redraw").exists() and now - redrawn_s > 0.2:
        redrawn_s = now
        viewport()[1].tag_redraw()
    if (FOLDER / "heartbeat").exists():
        if last_s:
            gaps.append((now - last_s, under_way()))
        last_s = now
    elif gaps:
        (FOLDER / "heartbeat.new").write_text(json.dumps(gaps), "utf-8")
        (FOLDER / "heartbeat.new").replace(FOLDER / "heartbeat.json")
        gaps.clear()
        last_s = 0.0
    return 0.05


bpy.context.preferences.view.show_splash = False
bpy.context.preferences.use_preferences_save = False
bpy.context.preferences.view.filebrowser_display_type = "SCREEN"  # there is no window manager here
bpy.app.timers.register(guarded(show_sidebar), first_interval=0.5)
with contextlib.suppress(AttributeError):
    bpy.context.preferences.view.show_developer_ui = False
