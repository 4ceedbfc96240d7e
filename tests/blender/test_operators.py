"""The operators on a built scene, from any mode, undone and redone, saved and opened."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support_blender import (
    all_data,
    cube_arrays,
    cube_document,
    in_viewport,
    snapshot,
    viewport,
    write_scene,
)


def world_places(item: bpy.types.Object) -> np.ndarray:
    bpy.context.view_layer.update()
    return np.array([item.matrix_world @ v.co for v in item.data.vertices])


# One undo step, and what can be changed after


def test_opening_is_one_undo_step(demo: Path) -> None:
    before = all_data()
    bpy.ops.maquette.open_scene("EXEC_DEFAULT", True, filepath=str(demo))
    after = all_data()
    assert after != before
    bpy.ops.ed.undo()
    assert all_data() == before
    bpy.ops.ed.redo()
    assert all_data() == after
    assert len(bpy.context.scene.collection.children) == 1


def test_settings_changed_after_opening_build_it_again_without_leftovers(demo: Path) -> None:
    """What the redo panel does: undo, then the operator again with other settings."""
    bpy.ops.maquette.open_scene("EXEC_DEFAULT", True, filepath=str(demo))
    first = all_data()
    bpy.ops.ed.undo()
    bpy.ops.maquette.open_scene(
        "EXEC_DEFAULT", True, filepath=str(demo), with_cameras=False, min_seen=0.5
    )
    second = all_data()
    assert second["meshes"] == first["meshes"]
    assert second["cameras"] == []


MODES: dict[str, Callable[[], None]] = {
    "edit mesh": lambda: _enter(bpy.ops.mesh.primitive_cube_add, "EDIT"),
    "sculpt": lambda: _enter(bpy.ops.mesh.primitive_cube_add, "SCULPT"),
    "weight paint": lambda: _enter(bpy.ops.mesh.primitive_cube_add, "WEIGHT_PAINT"),
    "pose": lambda: _enter(bpy.ops.object.armature_add, "POSE"),
    "edit curve": lambda: _enter(bpy.ops.curve.primitive_bezier_circle_add, "EDIT"),
}


def _enter(add: Callable[[], Any], mode: str) -> None:
    add()
    bpy.ops.object.mode_set(mode=mode)
    bpy.ops.ed.undo_push(message="In another mode")


@pytest.mark.parametrize("mode", MODES)
def test_a_scene_opens_from_any_mode_and_undoes(mode: str, demo: Path) -> None:
    MODES[mode]()
    before = all_data()
    bpy.ops.maquette.open_scene("EXEC_DEFAULT", True, filepath=str(demo))
    assert bpy.context.mode == "OBJECT"
    assert len(bpy.context.scene.collection.children) == 1
    bpy.ops.ed.undo()
    after = all_data()
    assert after["collections"] == before["collections"]
    assert after["cameras"] == before["cameras"]


@pytest.mark.parametrize("editor", ["TEXT_EDITOR", "NODE_EDITOR", "OUTLINER", "CONSOLE"])
def test_a_scene_opens_from_any_editor(editor: str, demo: Path) -> None:
    area = max(bpy.context.screen.areas, key=lambda a: a.width)
    before, area.type = area.type, editor
    try:
        with bpy.context.temp_override(area=area):
            bpy.ops.maquette.open_scene(filepath=str(demo), with_cameras=False)
    finally:
        area.type = before
    assert len(bpy.context.scene.collection.children) == 1


def test_the_new_surface_is_selected_and_active(demo: Path) -> None:
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.maquette.open_scene(filepath=str(demo))
    assert [o.name for o in bpy.context.selected_objects] == ["Surface"]
    assert bpy.context.active_object.name == "Surface"


def test_a_saved_file_needs_the_scene_folder_no_more(demo: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "scene"
    shutil.copytree(demo, folder)
    bpy.ops.maquette.open_scene(filepath=str(folder))
    shutil.rmtree(folder)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    (root,) = bpy.context.scene.collection.children
    cameras = root.children["Cameras"].objects
    assert len(cameras) > 10
    images = [i for i in bpy.data.images if i.source == "FILE"]
    assert len(images) == len(cameras) + 1
    assert all(image.pixels[0] >= 0 and min(image.size) > 0 for image in images)
    camera = cameras[0]
    assert camera.data.background_images[0].image.name == camera["maquette_photo"]
    assert in_viewport(bpy.ops.maquette.next_photo) == {"FINISHED"}


def test_two_scenes_live_side_by_side(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo), title="One")
    bpy.ops.maquette.open_scene(filepath=str(demo), title="One")
    assert [c.name for c in bpy.context.scene.collection.children] == ["One", "One.001"]
    for root in bpy.context.scene.collection.children:
        assert [c.name.split(".")[0] for c in root.children] == ["Mesh", "Cameras"]


def test_the_demo_opens_without_a_file(demo: Path) -> None:
    bpy.ops.maquette.open_demo()
    assert [c.name for c in bpy.context.scene.collection.children] == ["Maquette Demo"]


def test_a_path_that_is_no_scene_says_what_to_choose(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Choose a scene folder"):
        bpy.ops.maquette.open_scene(filepath=str(tmp_path))


# Looking through photos


def test_next_and_previous_walk_through_all_photos_in_order(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    before = snapshot(bpy.context.scene)
    (root,) = bpy.context.scene.collection.children
    cameras = sorted(root.children["Cameras"].objects, key=lambda c: c["maquette_photo"])
    space = viewport().spaces.active
    for camera in [*cameras, cameras[0]]:
        in_viewport(bpy.ops.maquette.next_photo)
        if camera is cameras[0] and space.camera != camera:
            in_viewport(bpy.ops.maquette.next_photo)
        assert space.camera == camera
        assert space.region_3d.view_perspective == "CAMERA"
    in_viewport(bpy.ops.maquette.previous_photo)
    assert space.camera == cameras[-1]
    assert snapshot(bpy.context.scene) == before, "the scene's own camera is the user's"


def test_leaving_a_photo_gives_the_viewport_back(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    in_viewport(bpy.ops.maquette.look_through_photo)
    in_viewport(bpy.ops.maquette.leave_photo)
    space = viewport().spaces.active
    assert not space.use_local_camera
    assert space.region_3d.view_perspective == "PERSP"


def test_looking_through_works_from_another_editor(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    other = next(a for a in bpy.context.screen.areas if a.type != "VIEW_3D")
    with bpy.context.temp_override(area=other):
        bpy.ops.maquette.next_photo()
    assert viewport().spaces.active.region_3d.view_perspective == "CAMERA"


def test_the_active_camera_is_the_one_looked_through(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    chosen = next(o for o in bpy.data.objects if o.get("maquette_photo") == "img_10.jpg")
    bpy.context.view_layer.objects.active = chosen
    in_viewport(bpy.ops.maquette.look_through_photo)
    assert viewport().spaces.active.camera == chosen


def test_rendering_through_a_photo_takes_its_size_when_asked(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    in_viewport(bpy.ops.maquette.next_photo)
    bpy.ops.ed.undo_push(message="Opened")
    in_viewport(bpy.ops.maquette.render_through_photo)
    bpy.ops.ed.undo_push(message="Render Through Photo")
    scene = bpy.context.scene
    assert scene.camera == viewport().spaces.active.camera
    assert (scene.render.resolution_x, scene.render.resolution_y) == (640, 480)
    bpy.ops.ed.undo()
    assert bpy.context.scene.camera is None


def test_without_a_scene_the_buttons_are_off_and_say_why() -> None:
    for name in ("next_photo", "set_scale", "export_scene", "render_through_photo", "leave_photo"):
        assert not in_viewport(getattr(bpy.ops.maquette, name).poll), name


# Distances and scale


def open_cube(tmp_path: Path) -> bpy.types.Object:
    matrix = [[1, 0, 0, 0.5], [0, 0, 1, -4], [0, -1, 0, 0.5], [0, 0, 0, 1]]
    camera = {"id": "c", "image": None, "width": 640, "height": 480, "world_from_camera": matrix}
    camera["K"] = [[500, 0, 320], [0, 500, 240], [0, 0, 1]]
    document = cube_document(cameras=[camera], units={"metric": False})
    write_scene(tmp_path / "cube", document, cube_arrays())
    bpy.ops.maquette.open_scene(filepath=str(tmp_path / "cube"))
    return bpy.data.objects["Surface"]


def test_a_measured_line_has_its_length_as_name(tmp_path: Path) -> None:
    open_cube(tmp_path)
    bpy.ops.maquette.measure(start=(0, 0, 0), end=(0, 3, 4))
    line = bpy.context.active_object
    assert line.name == "5 m"
    assert line.users_collection[0].name == "Distances"
    np.testing.assert_allclose(world_places(line), [[0, 0, 0], [0, 3, 4]])


def test_two_equal_points_are_no_distance(tmp_path: Path) -> None:
    open_cube(tmp_path)
    with pytest.raises(RuntimeError, match="same"):
        bpy.ops.maquette.measure(start=(1, 1, 1), end=(1, 1, 1))


def test_a_known_distance_scales_surface_cameras_and_lines(tmp_path: Path) -> None:
    surface = open_cube(tmp_path)
    camera = next(o for o in bpy.data.objects if o.type == "CAMERA")
    bpy.context.scene.render.resolution_x = bpy.context.scene.render.resolution_y = 500
    frame = camera.data.lens, camera.data.shift_x
    clip = camera.data.clip_end
    bpy.ops.maquette.measure("EXEC_DEFAULT", True, start=(0, 0, 0), end=(1, 0, 0))
    bpy.ops.maquette.set_scale("EXEC_DEFAULT", True, length=2.5)
    np.testing.assert_allclose(world_places(surface).max(axis=0), [2.5, 2.5, 2.5])
    np.testing.assert_allclose(camera.matrix_world.translation, [1.25, -10, 1.25])
    assert (camera.data.lens, camera.data.shift_x) == frame
    assert camera.data.clip_end == pytest.approx(2.5 * clip)
    assert tuple(surface.scale) == (1, 1, 1)
    line = bpy.context.active_object
    assert line.name == "2.5 m"
    (root,) = bpy.context.scene.collection.children
    assert root["maquette_metric"]
    assert root["maquette_scale"] == pytest.approx(2.5)
    bpy.ops.ed.undo()
    np.testing.assert_allclose(world_places(bpy.data.objects["Surface"]).max(axis=0), [1, 1, 1])


def test_photos_line_up_after_scaling_as_before(demo: Path) -> None:
    from test_cameras import cameras, observations, projected

    bpy.ops.maquette.open_scene(filepath=str(demo))
    bpy.ops.maquette.measure(start=(0, 0, 0), end=(0, 0, 0.1))
    bpy.ops.maquette.set_scale(length=1.0)
    bpy.context.view_layer.update()
    points, pixels = observations(demo)["img_02.jpg"]
    camera = next(c for c in cameras().values() if c["maquette_photo"] == "img_02.jpg")
    off = projected(camera, points * 10, (640, 480)) - pixels
    assert np.median(np.linalg.norm(off, axis=1)) < 0.5


def test_two_vertices_selected_in_edit_mode_are_a_distance(tmp_path: Path) -> None:
    surface = open_cube(tmp_path)
    bpy.context.view_layer.objects.active = surface
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="DESELECT")
    bpy.ops.object.mode_set(mode="OBJECT")
    opposite = [0, len(surface.data.vertices) - 1]
    for index in opposite:
        surface.data.vertices[index].select = True
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_mode(type="VERT")
    bpy.ops.maquette.set_scale(length=2 * math.sqrt(3))
    assert bpy.context.mode == "OBJECT"
    np.testing.assert_allclose(world_places(surface).max(axis=0), [2, 2, 2], rtol=1e-6)


def test_two_selected_objects_are_a_distance(tmp_path: Path) -> None:
    surface = open_cube(tmp_path)
    ends = []
    for place in ((0, 0, 0), (0, 0, 4)):
        end = bpy.data.objects.new("end", None)
        end.location = place
        bpy.context.scene.collection.objects.link(end)
        ends.append(end)
    bpy.context.view_layer.update()
    for item in bpy.context.view_layer.objects:
        item.select_set(item in ends)
    bpy.context.view_layer.objects.active = surface
    bpy.ops.maquette.set_scale(length=2.0)
    np.testing.assert_allclose(world_places(surface).max(axis=0), [0.5, 0.5, 0.5])
    assert ends[1].location == Vector((0, 0, 4)), "what is not of the scene stays"


# Export


@pytest.mark.parametrize("kind", ["GLB", "OBJ", "PLY", "STL", "BLEND", "USDC", "USDZ"])
def test_exported_files_hold_the_surface(kind: str, demo: Path, tmp_path: Path) -> None:
    if kind.startswith("USD") and not bpy.app.build_options.usd:
        pytest.skip("this Blender was built without USD")
    bpy.ops.maquette.open_scene(filepath=str(demo))
    wanted = world_places(bpy.data.objects["Surface"])
    bpy.ops.mesh.primitive_monkey_add(location=(50, 0, 0))  # the user's own stays out
    bpy.ops.maquette.export_scene(filepath=str(tmp_path / "office"), format=kind)
    (file,) = tmp_path.glob(f"office.{kind.lower()}")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    IMPORTERS[kind](str(file))
    meshes = [o for o in bpy.data.objects if o.type == "MESH"]
    (found,) = [world_places(mesh) for mesh in meshes]
    np.testing.assert_allclose(found.min(axis=0), wanted.min(axis=0), atol=1e-3)
    np.testing.assert_allclose(found.max(axis=0), wanted.max(axis=0), atol=1e-3)


def _append(file: str) -> None:
    with bpy.data.libraries.load(file) as (there, here):
        here.collections = [name for name in there.collections if name == "Office"]
    for collection in here.collections:
        bpy.context.scene.collection.children.link(collection)


IMPORTERS: dict[str, Callable[[str], Any]] = {
    "GLB": lambda file: bpy.ops.import_scene.gltf(filepath=file),
    "OBJ": lambda file: bpy.ops.wm.obj_import(filepath=file, forward_axis="Y", up_axis="Z"),
    "PLY": lambda file: bpy.ops.wm.ply_import(filepath=file, forward_axis="Y", up_axis="Z"),
    "STL": lambda file: bpy.ops.wm.stl_import(filepath=file, forward_axis="Y", up_axis="Z"),
    "USDC": lambda file: bpy.ops.wm.usd_import(filepath=file),
    "USDZ": lambda file: bpy.ops.wm.usd_import(filepath=file),
    "BLEND": _append,
}


def test_an_export_that_cannot_be_written_says_so(demo: Path, tmp_path: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    with pytest.raises(RuntimeError):
        bpy.ops.maquette.export_scene(
            filepath=str(tmp_path / "no" / "such" / "x.ply"), format="PLY"
        )
