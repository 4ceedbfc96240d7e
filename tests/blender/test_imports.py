"""Imports from Blender's side, with a real server process; there is no window, so the timer is called by hand."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest
from support_backend import PHOTOS, Backend, running_backend
from support_blender import all_data, in_viewport, part, snapshot

PATIENCE_S = 200

pytestmark = [pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with running_backend(tmp_path_factory.mktemp("backend")) as made:
        yield made


@pytest.fixture
def runtime(backend: Backend) -> Any:
    """The module with the session, connected; without imports of earlier tests."""
    module = part("runtime")
    for job in list(module.session().imports.jobs):
        module.session().imports.cancel(job)
    tick_until(module, lambda: module.session().status.state == "ready")
    module.session().imports.jobs.clear()
    module._places.clear()
    return module


def tick_until(runtime: Any, condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        runtime.tick()
        time.sleep(0.02)
        session = runtime.session()
        jobs = [(j.phase, j.stage, j.message) for j in session.imports.jobs.values()]
        assert time.monotonic() < end, (session.status, jobs)


def begin(runtime: Any) -> Any:
    """Press Reconstruct with four photos in the list; the import."""
    settings = bpy.context.scene.maquette
    settings.photos.clear()
    part("properties").add_photos(settings, PHOTOS)
    settings.quality = "draft"
    assert bpy.ops.maquette.reconstruct() == {"FINISHED"}
    return list(runtime.session().imports.jobs.values())[-1]


def our_collections() -> list[str]:
    return [c.name for c in bpy.data.collections if "maquette_scene" in c]


@pytest.fixture(scope="module")
def finished(backend: Backend) -> str:
    """The id of an import that is done and whose result the server keeps."""
    module = part("runtime")
    tick_until(module, lambda: module.session().status.state == "ready")
    job = begin(module)
    tick_until(module, lambda: job.is_over)
    assert job.phase == "built", (job.message, job.hint)
    return job.job


def arrived(runtime: Any, finished: str) -> Any:
    """That result, once more on its way into the scene that is open."""
    assert bpy.ops.maquette.take_result(job=finished) == {"FINISHED"}
    return runtime.session().imports.jobs[finished]


def test_an_import_ends_as_one_undo_step_in_the_scene_that_asked(runtime: Any) -> None:
    bpy.ops.ed.undo_push(message="Before")
    scene = bpy.context.scene
    before, settings_before = all_data(), snapshot(scene)
    job = begin(runtime)
    assert [entry.job for entry in scene.maquette.jobs] == [job.job]
    stages: set[str] = set()

    def is_over() -> bool:
        stages.add(job.stage)
        return job.is_over

    tick_until(runtime, is_over)
    assert job.phase == "built", (job.message, job.hint)
    assert len(stages) > 4
    assert our_collections() == ["office_desk"]
    assert len(scene.maquette.jobs) == 0
    assert "4 cameras" in job.message
    after = all_data()
    for kind in ("collections", "objects", "meshes", "cameras", "images", "materials"):
        assert len(after[kind]) > len(before[kind]), kind
    bpy.ops.ed.undo()
    assert all_data() == before
    assert snapshot(bpy.context.scene) == settings_before
    runtime.tick()
    assert len(bpy.context.scene.maquette.jobs) == 0  # not asked for once more
    bpy.ops.ed.redo()
    assert all_data() == after


def test_cancelling_ends_it_and_leaves_the_file_as_it_was(runtime: Any) -> None:
    before = set(bpy.data.objects.keys())
    job = begin(runtime)
    tick_until(runtime, lambda: job.phase == "running")
    assert bpy.ops.maquette.cancel_import() == {"FINISHED"}
    tick_until(runtime, lambda: job.phase == "cancelled")
    assert set(bpy.data.objects.keys()) == before
    assert not bpy.ops.maquette.cancel_import.poll()


def test_a_killed_backend_is_lost_and_the_import_goes_on_with_the_next_one(
    runtime: Any, backend: Backend
) -> None:
    job = begin(runtime)
    tick_until(runtime, lambda: job.phase == "running" and job.done > 0.05)
    backend.kill()
    tick_until(runtime, lambda: runtime.session().status.state == "lost")
    assert "has ended" in runtime.session().status.reason or runtime.session().status.reason
    backend.start()
    tick_until(runtime, lambda: job.is_over)
    assert job.phase == "built", (job.message, job.hint)


def test_undo_during_an_import_neither_stops_nor_doubles_it(runtime: Any) -> None:
    bpy.ops.ed.undo_push(message="Start")
    bpy.ops.mesh.primitive_cube_add("EXEC_DEFAULT", True)
    job = begin(runtime)
    bpy.ops.mesh.primitive_cube_add("EXEC_DEFAULT", True)
    tick_until(runtime, lambda: job.phase == "running")
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()  # back to before the import was begun
    assert [entry.job for entry in bpy.context.scene.maquette.jobs] == [job.job]
    tick_until(runtime, lambda: job.is_over)
    assert job.phase == "built", (job.message, job.hint)
    assert our_collections() == ["office_desk"]


def test_a_file_opened_meanwhile_gets_nothing_and_the_result_is_kept(runtime: Any) -> None:
    job = begin(runtime)
    tick_until(runtime, lambda: job.phase == "running")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    tick_until(runtime, lambda: job.is_over)
    assert job.phase == "kept"
    assert "Results" in job.message
    assert our_collections() == []
    assert job.job in runtime.session().imports.results
    bpy.ops.maquette.take_result(job=job.job)
    tick_until(runtime, lambda: job.phase == "built")
    assert len(our_collections()) == 1


def test_a_saved_file_takes_its_running_import_up_again(runtime: Any, tmp_path: Path) -> None:
    job = begin(runtime)
    tick_until(runtime, lambda: job.phase == "running")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    # as after a restart of Blender: nothing is known but what the file says
    runtime.session().imports.jobs.clear()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    again = runtime.session().imports.jobs[job.job]
    assert again is not job
    tick_until(runtime, lambda: again.is_over)
    assert again.phase == "built", (again.message, again.hint)
    assert our_collections() == ["office_desk"]


def test_a_file_whose_import_ended_while_it_was_closed_is_not_changed_by_opening_it(
    runtime: Any, finished: str, tmp_path: Path
) -> None:
    entry = bpy.context.scene.maquette.jobs.add()
    entry.name = entry.job = finished
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    job = runtime.session().imports.jobs[finished]
    tick_until(runtime, lambda: job.is_over)
    assert job.phase == "kept"
    assert our_collections() == []


def test_a_result_whose_scene_was_deleted_goes_into_no_other(runtime: Any, finished: str) -> None:
    other = bpy.data.scenes.new("Other")
    bpy.context.window.scene = other
    job = arrived(runtime, finished)
    bpy.context.window.scene = next(s for s in bpy.data.scenes if s != other)
    bpy.data.scenes.remove(other)
    tick_until(runtime, lambda: job.is_over)
    assert job.phase == "kept"
    assert our_collections() == []


def test_a_result_waits_until_its_user_leaves_edit_mode(runtime: Any, finished: str) -> None:
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    job = arrived(runtime, finished)
    tick_until(runtime, lambda: job.phase == "arrived")
    for _ in range(20):
        runtime.tick()
    assert job.phase == "arrived"
    assert "Object Mode" in runtime.waits_for_user(job)
    bpy.ops.object.mode_set(mode="OBJECT")
    tick_until(runtime, lambda: job.is_over)
    assert job.phase == "built"


def test_a_result_waits_until_its_scene_is_shown(runtime: Any, finished: str) -> None:
    first = bpy.context.window.scene
    job = arrived(runtime, finished)
    bpy.context.window.scene = bpy.data.scenes.new("Other")
    tick_until(runtime, lambda: job.phase == "arrived")
    for _ in range(20):
        runtime.tick()
    assert job.phase == "arrived"
    assert first.name in runtime.waits_for_user(job)
    bpy.context.window.scene = first
    tick_until(runtime, lambda: job.phase == "built")
    assert [c.name for c in first.collection.children if "maquette_scene" in c]


def adjust(**settings: Any) -> set[str]:
    """What the panel "Adjust Last Operation" does when its user changes settings."""
    (operator, *_) = reversed(bpy.context.window_manager.operators)
    assert operator.bl_idname == "MAQUETTE_OT_add_result"
    for name, value in settings.items():
        setattr(operator.properties, name, value)
    # called with undo, as the window does: without, what is done again is no step to undo
    return in_viewport(bpy.ops.ed.undo_redo, "EXEC_DEFAULT", True)


def test_a_result_is_built_again_from_the_redo_panel_without_recomputing(
    runtime: Any, finished: str
) -> None:
    bpy.ops.ed.undo_push(message="Before")
    before = all_data()
    job = arrived(runtime, finished)
    tick_until(runtime, lambda: job.phase == "built")
    first = all_data()
    num_triangles = len(bpy.data.objects["Surface"].data.polygons)
    (root,) = our_collections()

    adjust(min_seen=0.5)
    assert 0 < len(bpy.data.objects["Surface"].data.polygons) < num_triangles
    assert bpy.data.collections[root]["maquette_min_seen"] == 0.5
    adjust(min_seen=0.0, max_triangles=20_000)
    assert len(bpy.data.objects["Surface"].data.polygons) == num_triangles
    assert num_shown_triangles(bpy.data.objects["Surface"]) <= 20_000
    adjust(max_triangles=0, with_cameras=False, with_points=True)
    assert {c.name for c in bpy.data.collections[root].children} == {"Mesh", "Points"}
    assert len(bpy.data.cameras) == 0
    adjust(with_cameras=True, with_points=False)
    assert all_data() == first, "as at first, without leftovers"

    assert list(runtime.session().imports.jobs) == [finished], "nothing was asked of the backend"
    assert job.phase == "built"
    in_viewport(bpy.ops.ed.undo)
    assert all_data() == before, "still one undo step"


def num_shown_triangles(item: bpy.types.Object) -> int:
    """With its modifiers."""
    shown = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = shown.to_mesh()
    count = len(mesh.polygons)
    shown.to_mesh_clear()
    return count


def test_what_the_redo_panel_cannot_build_again_stays_as_it_was(
    runtime: Any, finished: str
) -> None:
    bpy.ops.ed.undo_push(message="Before")
    job = arrived(runtime, finished)
    tick_until(runtime, lambda: job.phase == "built")
    first, folder = all_data(), Path(job.folder)
    away = folder.with_name("away")
    shutil.move(folder, away)
    try:
        adjust(with_cameras=False)
    finally:
        shutil.move(away, folder)
    assert all_data() == first
    assert adjust(with_cameras=False) == {"FINISHED"}
    assert len(bpy.data.cameras) == 0


def test_a_renamed_scene_still_gets_its_result(runtime: Any, finished: str) -> None:
    job = arrived(runtime, finished)
    bpy.context.scene.name = "Renamed"
    tick_until(runtime, lambda: job.is_over)
    assert job.phase == "built"
    assert our_collections() == ["4 photos of office_desk"]


def test_another_protocol_version_is_refused_with_both_versions(
    runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("client", "wire"):
        monkeypatch.setattr(f"maquette_protocol.{module}.PROTOCOL", 99)
    session = runtime.session()
    session.reconnect()
    tick_until(runtime, lambda: session.status.state == "off" and session.status.reason)
    assert "99" in session.status.reason
    monkeypatch.undo()
    session.reconnect()
    tick_until(runtime, lambda: session.status.state == "ready")


def test_photos_come_from_folders_files_and_pasted_paths(tmp_path: Path) -> None:
    photos = part("operators.photos")
    text = f'file://{PHOTOS[0].replace(" ", "%20")}\n"{PHOTOS[1]}"\n/no/such.jpg\nrelative.jpg\n'
    assert photos.paths_in_text(text) == PHOTOS[:2]
    assert len(photos.paths_in_text(str(Path(PHOTOS[0]).parent))) == 24
    settings = bpy.context.scene.maquette
    assert part("properties").add_photos(settings, PHOTOS) == 4
    assert part("properties").add_photos(settings, PHOTOS) == 0
    assert bpy.ops.maquette.remove_photo() == {"FINISHED"}
    assert part("properties").photo_paths(settings) == PHOTOS[1:]


def test_dropped_files_are_imported_with_the_panels_settings(runtime: Any) -> None:
    folder = str(Path(PHOTOS[0]).parent) + os.sep  # as Blender has it
    bpy.context.scene.maquette.quality = "draft"
    bpy.ops.maquette.import_photos(
        directory=folder, files=[{"name": Path(photo).name} for photo in PHOTOS[:3]]
    )
    job = list(runtime.session().imports.jobs.values())[-1]
    assert job.request.photos == PHOTOS[:3]
    assert job.request.options["quality"] == "draft"
    runtime.session().imports.cancel(job.job)
    tick_until(runtime, lambda: job.is_over)


def test_a_dropped_video_is_taken_whatever_the_case_of_its_ending(
    runtime: Any, tmp_path: Path
) -> None:
    (tmp_path / "Walk.MP4").write_bytes(b"only its name counts here")
    bpy.ops.maquette.import_photos(directory=f"{tmp_path}{os.sep}", files=[{"name": "Walk.MP4"}])
    job = list(runtime.session().imports.jobs.values())[-1]
    assert job.request.photos == (str(tmp_path / "Walk.MP4"),)
    assert job.request.title == "Walk.MP4"
    runtime.session().imports.cancel(job.job)
    tick_until(runtime, lambda: job.is_over)


def drop_handler() -> type[bpy.types.FileHandler]:
    return bpy.types.MAQUETTE_FH_photos


@pytest.mark.parametrize("editor", ["VIEW_3D", "IMAGE_EDITOR", "OUTLINER", "SEQUENCE_EDITOR"])
def test_photos_may_be_dropped_into_a_viewport_only(editor: str) -> None:
    area = max(bpy.context.screen.areas, key=lambda a: a.width)
    before, area.type = area.type, editor
    try:
        with bpy.context.temp_override(area=area):
            assert drop_handler().poll_drop(bpy.context) == (editor == "VIEW_3D")
    finally:
        area.type = before


def test_what_may_be_dropped_is_what_the_import_takes() -> None:
    """Blender hands over `directory` and `files`, where the operator has these, of the endings declared."""
    handler = drop_handler()
    operator = bpy.ops.maquette.import_photos.get_rna_type()
    assert handler.bl_import_operator == "maquette.import_photos"
    assert operator.properties["directory"].type == "STRING"
    assert operator.properties["files"].fixed_type.identifier == "OperatorFileListElement"
    endings = handler.bl_file_extensions.split(";")
    assert {".jpg", ".png", ".heic", ".mp4", ".mov"} <= set(endings)
    assert all(ending.startswith(".") and ending == ending.lower() for ending in endings)


def test_a_known_distance_reaches_the_backend_in_metres() -> None:
    scene = bpy.context.scene
    settings = scene.maquette
    part("properties").add_photos(settings, PHOTOS)
    settings.use_known, settings.known_between, settings.known_distance = True, "points", 0.75
    settings.known_first.photo, settings.known_second.photo = "img_00.jpg", "img_01.jpg"
    settings.known_first.pixel, settings.known_second.pixel = (310, 200), (12, 7)
    options = part("request").read_request(scene).options
    assert options["known"] == ["img_00.jpg:310,200 img_01.jpg:12,7 0.75"]
    settings.known_second.photo = ""
    with pytest.raises(Exception, match="lacks a photo"):
        part("request").read_request(scene)


def test_without_backend_the_import_says_what_to_do_and_the_demo_opens(backend: Backend) -> None:
    backend.stop()
    module = part("runtime")
    session = module.session()
    session.start()
    tick_until(module, lambda: session.status.state in ("off", "lost"))
    session.reconnect()
    module.tick()
    assert (session.status.state, session.status.action) == ("off", "set up")
    part("properties").add_photos(bpy.context.scene.maquette, PHOTOS)
    assert not bpy.ops.maquette.reconstruct.poll()
    assert bpy.ops.maquette.open_demo() == {"FINISHED"}
    assert len(our_collections()) == 1
