"""The one session of this Blender, and the timer that goes on with it.

Between ticks nothing of Blender's is held: scenes are known by their session_uid, which outlives undo and renaming,
and imports by their job id, which is also saved with the scene. Where a finished import has no scene any more, it is
kept in the list of results; it never goes into another one.
"""

import contextlib
import json
import os
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
from bpy.app.handlers import persistent

from .maquette_session import ImportJob, ImportRequest, Session

_FAST_S, _SLOW_S = 0.05, 0.25  # between ticks, while something is under way and else
_SOON_S = 0.01  # while a prompt is being answered
_REDRAW_S = 0.2
_session: Session | None = None
_places: dict[str, int] = {}  # job → session_uid of the scene that waits for it
_drawn_s = 0.0
_drawn_points: list[int] = []
_is_stale = False  # the panels do not show the news yet
_is_new = True  # the file that is open has not been looked at
listeners: list[Callable[[], bool]] = []  # called at every tick; whether there is news to show
slices: deque[tuple[str, float, float]] = deque(
    maxlen=2000
)  # what held the main thread: wall s, CPU s


def session() -> Session:
    """This Blender's session."""
    assert _session is not None, "the extension is not enabled"
    return _session


def ready_engines() -> tuple[str, ...] | None:
    """The engines that the backend can run now; None while none has said."""
    backend = session().backend
    return None if backend is None else backend.engines


def submit(scene: bpy.types.Scene, request: ImportRequest) -> str:
    """Begin an import for this scene; returns the job's id."""
    job = session().submit(request)
    _places[job] = scene.session_uid
    _remember(scene, session().imports.jobs[job])
    hurry()
    return job


def take(scene: bpy.types.Scene, job_id: str) -> None:
    """Bring a kept result into this scene. Raises InputError."""
    job = session().imports.take(job_id)
    _places[job.job] = scene.session_uid
    hurry()


def scene_of(job: str) -> bpy.types.Scene | None:
    """The scene that waits for a job; None where it was deleted or its file closed."""
    uid = _places.get(job)
    return next((scene for scene in bpy.data.scenes if scene.session_uid == uid), None)


def imports_of(scene: bpy.types.Scene) -> list[ImportJob]:
    """What this scene waits for or has just got, the newest last."""
    uid = scene.session_uid
    return [job for job in session().imports.jobs.values() if _places.get(job.job) == uid]


def forget_place(job: str) -> None:
    """The scene no longer waits for it."""
    scene = scene_of(job)
    if scene is not None:
        _unremember(scene, job)


def tick() -> float:
    """Called by Blender's timer."""
    try:
        _go_on()
    except Exception:  # border: a timer that raises is never called again
        traceback.print_exc()
    if session().edits.is_busy and session().is_ready:
        return _SOON_S
    return _FAST_S if _is_under_way() else _SLOW_S


def _go_on() -> None:
    global _is_new, _is_stale
    if _is_new:
        _is_new = False
        with measured("look at the file"):
            _after_load()
            _use_chosen_server()
    with measured("session"):
        if session().tick():
            _is_stale = True
            _keep_choice()
    with measured("edit"):
        for listener in listeners:
            _is_stale = listener() or _is_stale
    with measured("place"):
        _is_stale = _place_next() or _is_stale
    with measured("redraw"):
        _redraw()


@contextlib.contextmanager
def measured(name: str) -> Iterator[None]:
    """Write down how long something holds the main thread."""
    wall, cpu = time.perf_counter(), time.thread_time()
    try:
        yield
    finally:
        slices.append((name, time.perf_counter() - wall, time.thread_time() - cpu))


def _is_under_way() -> bool:
    state = session().status.state
    return state in ("setting up", "starting", "busy") or any(
        not job.is_over for job in session().imports.jobs.values()
    )


def hurry() -> None:
    """The next tick comes soon: the user has just done something."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    bpy.app.timers.register(tick, first_interval=0.01, persistent=True)


def _place_next() -> bool:
    """Bring the next result into its scene, when the user's hands are free."""
    for job in session().imports.jobs.values():
        if job.phase != "arrived":
            continue
        scene = scene_of(job.job)
        if scene is None:
            job.close("kept", "Its scene is no longer open. It is kept: see Results.")
            return True
        window = _free_window(scene)
        if window is None:
            return False
        _begin_to_place(job, window)
        return True
    return False


def _begin_to_place(job: ImportJob, window: bpy.types.Window) -> None:
    job.phase = "building"
    if bpy.app.background:
        # nothing would ever go on with a modal operator
        with bpy.context.temp_override(window=window):
            bpy.ops.maquette.add_result("EXEC_DEFAULT", True, job=job.job, **job.request.build)
        return
    with bpy.context.temp_override(**viewport_of(window)):
        bpy.ops.maquette.add_result("INVOKE_DEFAULT", job=job.job, **job.request.build)


def viewport_of(window: bpy.types.Window) -> dict[str, Any]:
    """Where to run an operator: Blender shows its redo panel in the area where it ran, and nowhere without one."""
    areas = () if bpy.app.background else window.screen.areas  # showing it would end Blender there
    for area in areas:
        if area.type == "VIEW_3D":
            region = next(r for r in area.regions if r.type == "WINDOW")
            return {"window": window, "area": area, "region": region}
    return {"window": window}


def _free_window(scene: bpy.types.Scene) -> bpy.types.Window | None:
    """A window that shows the scene, while its user is in no other mode and in the middle of nothing."""
    for window in bpy.context.window_manager.windows:
        if window.scene != scene:
            continue
        active = window.view_layer.objects.active
        if (active is None or active.mode == "OBJECT") and not window.modal_operators:
            return window
    return None


def waits_for_user(job: ImportJob) -> str:
    """Why an arrived result is not yet in the scene, "" where nothing is in its way."""
    scene = scene_of(job.job)
    if job.phase != "arrived" or scene is None:
        return ""
    windows = [w for w in bpy.context.window_manager.windows if w.scene == scene]
    if not windows:
        return f"Ready; it is added when scene {scene.name} is shown"
    return "" if _free_window(scene) else "Ready; it is added in Object Mode"


def _redraw() -> None:
    """Show the news: the panels and the status bar; the viewport itself only for new points, it is dear."""
    global _drawn_s, _is_stale, _drawn_points
    now = time.monotonic()
    if not _is_stale or now - _drawn_s < _REDRAW_S:
        return
    points = [id(job.partial) for job in session().imports.jobs.values()]
    points.append(session().edits.news)
    shown = ("UI", "WINDOW") if points != _drawn_points else ("UI",)
    _drawn_s, _is_stale, _drawn_points = now, False, points
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()
            elif area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type in shown:
                        region.tag_redraw()
        if not window.modal_operators:
            # asking for the usual text is the one way to have the status bar drawn anew
            window.workspace.status_text_set(None)


def _remember(scene: bpy.types.Scene, job: ImportJob) -> None:
    jobs = scene.maquette.jobs
    if job.job not in jobs:
        entry = jobs.add()
        entry.name = entry.job = job.job
        entry.title = job.request.title
        entry.build = json.dumps(job.request.build)


def _unremember(scene: bpy.types.Scene, job: str) -> None:
    index = scene.maquette.jobs.find(job)
    if index >= 0:
        scene.maquette.jobs.remove(index)


@persistent
def _after_load(*_: Any) -> None:
    """Another file is open: take up what it waits for, let go of what the old one waited for."""
    _places.clear()
    for scene in bpy.data.scenes:
        for entry in scene.maquette.jobs:
            _places[entry.job] = scene.session_uid
            if entry.job not in session().imports.jobs:
                session().imports.adopt(_job_from(entry))
    hurry()


def _job_from(entry: Any) -> ImportJob:
    try:
        build = json.loads(entry.build)
    except ValueError:
        build = {}
    allowed = {"max_triangles": int, "with_points": bool, "title": str}
    build = (
        {k: v for k, v in build.items() if type(v) is allowed.get(k)}
        if isinstance(build, dict)
        else {}
    )
    request = ImportRequest(title=entry.title, photos=(), options={}, build=build)
    return ImportJob(request=request, job=entry.job)


@persistent
def _after_undo(*_: Any) -> None:
    """Undo and redo change what a scene remembers, not what the backend does."""
    for job in session().imports.jobs.values():
        scene = scene_of(job.job)
        if scene is None:
            continue
        if job.is_over:
            _unremember(scene, job.job)
        else:
            _remember(scene, job)


def _use_chosen_server() -> None:
    """The one on another machine, if the user chose one: only where the network is allowed."""
    from . import preferences

    if preferences.server() and bpy.app.online_access:
        session().use_server(preferences.server())


def _keep_choice() -> None:
    from . import preferences

    if session().remote:
        preferences.choose_server(session().remote)


def _make_session() -> Session:
    from . import preferences

    chosen = os.environ.get("MAQUETTE_PROGRAM") or preferences.program()
    made = Session(
        version=preferences.version(),
        data=Path(bpy.utils.extension_path_user(__package__, create=True)),
        packed=Path(__file__).parent / "backend",
        program=Path(chosen) if chosen else None,
        own_python="" if bpy.app.background else _blender_python(),
        blender=f"{bpy.app.version_string}",
    )
    made.serve_options = preferences.serve_options()
    return made


def _blender_python() -> str:
    import sys

    return sys.executable


CLASSES = ()
_HANDLERS = (("load_post", _after_load), ("undo_post", _after_undo), ("redo_post", _after_undo))


def register() -> None:
    global _session, _is_new
    _session, _is_new = _make_session(), True
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).append(function)
    bpy.app.timers.register(tick, first_interval=0.1, persistent=True)


def unregister() -> None:
    global _session
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(function)
    session().close()
    _session = None
    _places.clear()
