"""A scene folder becomes one collection: what is in it, what stays as it was, what happens in between."""

import json
import shutil
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support_blender import (
    CUBE,
    CUBE_TRIANGLES,
    LOOKING_DOWN_Y,
    all_data,
    cube_arrays,
    cube_document,
    part,
    snapshot,
    write_scene,
)


def surface() -> bpy.types.Object:
    (found,) = (o for o in bpy.data.objects if o.get("maquette_kind") == "surface")
    return found


def read(values: Any, name: str, width: int) -> np.ndarray:
    found = np.empty(len(values) * width, np.float32)
    values.foreach_get(name, found)
    return found.reshape(len(values), width)


def corner_places(mesh: bpy.types.Mesh) -> np.ndarray:
    """(T, 3, 3) places of the corners of each triangle."""
    places = read(mesh.vertices, "co", 3)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    return places[corners].reshape(-1, 3, 3)


def document_arrays(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(folder / "arrays.safetensors")


def num_photos(folder: Path) -> int:
    return len(json.loads((folder / "scene.json").read_text(encoding="utf-8"))["cameras"])


def test_the_collection_holds_mesh_cameras_and_points(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo), title="My Office", with_points=True)
    (root,) = bpy.context.scene.collection.children
    assert root.name == "My Office"
    assert [child.name for child in root.children] == ["Mesh", "Cameras", "Points"]
    assert [o.type for o in root.children["Mesh"].objects] == ["MESH"]
    assert {o.type for o in root.children["Cameras"].objects} == {"CAMERA"}
    points = document_arrays(demo)["points.positions"]
    assert len(root.children["Points"].objects[0].data.vertices) == len(points)


def test_the_surface_is_the_documents_triangle_by_triangle(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    arrays, mesh = document_arrays(demo), surface().data
    triangles = arrays["surface.triangles"]
    unique = np.unique(np.sort(triangles, axis=1), axis=0)
    places = corner_places(mesh)
    assert len(places) <= len(triangles)
    assert len(places) >= 0.95 * len(unique)
    # in the document's order, some left out: walk both
    wanted = arrays["surface.vertices"][triangles]
    uvs = read(mesh.attributes["UVMap"].data, "vector", 2).reshape(-1, 3, 2)
    wanted_uvs = arrays["surface.uvs"][triangles]
    at = 0
    for place, uv in zip(places, uvs, strict=True):
        while not np.array_equal(wanted[at], place):
            at += 1
        np.testing.assert_array_equal(uv, wanted_uvs[at])
        at += 1


def test_what_was_split_for_the_texture_is_joined(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    places = read(surface().data.vertices, "co", 3)
    assert len(np.unique(places, axis=0)) == len(places)
    assert len(places) < len(document_arrays(demo)["surface.vertices"])


def test_colors_and_seen_are_the_documents(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    arrays, mesh = document_arrays(demo), surface().data
    by_place = {tuple(place): index for index, place in enumerate(arrays["surface.vertices"])}
    colors = read(mesh.color_attributes["Color"].data, "color_srgb", 4)
    seen = read(mesh.attributes["seen"].data, "value", 1)[:, 0]
    choices: dict[tuple, set] = {}
    for place, color in zip(arrays["surface.vertices"], arrays["surface.colors"], strict=True):
        choices.setdefault(tuple(place), set()).add(tuple(color))
    for place, color, value in zip(read(mesh.vertices, "co", 3), colors, seen, strict=True):
        assert tuple(np.rint(color[:3] * 255).astype(int)) in choices[tuple(place)]
        assert value == arrays["surface.seen"][by_place[tuple(place)]]


def test_blenders_own_check_finds_nothing_to_mend(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    assert not surface().data.validate(verbose=True)


def test_what_blender_would_take_away_is_left_out(tmp_path: Path) -> None:
    arrays = cube_arrays()
    twice, flat = CUBE_TRIANGLES[:1, [1, 2, 0]], np.array([[0, 0, 1]], np.int32)
    arrays["s.triangles"] = np.concatenate([CUBE_TRIANGLES, twice, flat])
    write_scene(tmp_path, cube_document(), arrays)
    bpy.ops.maquette.open_scene(filepath=str(tmp_path))
    mesh = surface().data
    assert len(mesh.polygons) == len(CUBE_TRIANGLES)
    assert not mesh.validate(verbose=True)


def test_the_users_settings_stay_as_they_are(demo: Path) -> None:
    scene = bpy.context.scene
    scene.unit_settings.system, scene.unit_settings.scale_length = "IMPERIAL", 0.3
    scene.render.resolution_x, scene.render.resolution_y = 123, 456
    scene.view_settings.view_transform = "Filmic" if bpy.app.version < (5, 0, 0) else "AgX"
    before = snapshot(scene)
    bpy.ops.maquette.open_scene(filepath=str(demo), with_points=True, max_triangles=5000)
    assert snapshot(scene) == before


def test_the_material_shows_the_texture_and_emits_nothing(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    (material,) = surface().data.materials
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    image = shader.inputs["Base Color"].links[0].from_node.image
    assert image.packed_file is not None
    assert min(image.size) >= 512
    assert image.colorspace_settings.name == "sRGB"
    assert not shader.inputs["Emission Strength"].is_linked
    color = shader.inputs["Emission Color"]
    assert not color.is_linked
    assert shader.inputs["Emission Strength"].default_value == 0 or not any(color.default_value[:3])


def test_the_world_is_the_documents_with_z_up(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    bpy.context.view_layer.update()
    places = document_arrays(demo)["surface.vertices"]
    shown = np.array([surface().matrix_world @ Vector(corner) for corner in surface().bound_box])
    np.testing.assert_allclose(shown.min(axis=0), places.min(axis=0), atol=1e-6)
    np.testing.assert_allclose(shown.max(axis=0), places.max(axis=0), atol=1e-6)
    cameras = [o for o in bpy.data.objects if o.type == "CAMERA"]
    ups = [camera.matrix_world.to_3x3() @ Vector((0, 1, 0)) for camera in cameras]
    assert np.mean([up.z for up in ups]) > 0.5


def test_provenance_is_kept_on_the_collection(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    (root,) = bpy.context.scene.collection.children
    assert root["maquette_engine"] == "classical"
    assert root["maquette_version"]
    assert root["maquette_trust"] in ("trusted", "unsure")
    assert "quality" in root["maquette_options"]
    assert len(root["maquette_photos"]) == len([o for o in bpy.data.objects if o.type == "CAMERA"])


@pytest.mark.parametrize("parts", [("with_mesh",), ("with_cameras",), ("with_points",)], ids=str)
def test_only_the_parts_that_were_asked_for_come(parts: tuple[str, ...], demo: Path) -> None:
    chosen = {name: name in parts for name in ("with_mesh", "with_cameras", "with_points")}
    bpy.ops.maquette.open_scene(filepath=str(demo), **chosen)
    (root,) = bpy.context.scene.collection.children
    names = {"with_mesh": "Mesh", "with_cameras": "Cameras", "with_points": "Points"}
    assert [child.name for child in root.children] == [names[name] for name in parts]


def test_what_was_not_seen_can_be_left_out(tmp_path: Path) -> None:
    arrays = cube_arrays()
    arrays["s.seen"] = (CUBE[:, 2] == 0).astype(np.float32)
    write_scene(tmp_path, cube_document(), arrays)
    bpy.ops.maquette.open_scene(filepath=str(tmp_path), min_seen=0.5)
    mesh = surface().data
    assert len(mesh.polygons) == 2
    assert len(mesh.vertices) == 4
    assert np.all(read(mesh.vertices, "co", 3)[:, 2] == 0)


def test_a_mesh_budget_is_kept_and_can_be_changed_later(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo), max_triangles=12000)
    shown = surface().evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    assert 0.9 * 12000 <= len(shown.polygons) <= 1.01 * 12000
    assert [m.type for m in surface().modifiers] == ["DECIMATE"]
    assert len(surface().data.polygons) > 13000, "the whole surface is still there"


def test_objects_lights_parents_and_hidden_things_come_too(tmp_path: Path) -> None:
    box = {"bounds": {"min": [0, 0, 0], "max": [1, 2, 3]}, "geometry": {"primitive": "box"}}
    moved = [[1, 0, 0, 5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    lamp = {"type": "SPOT", "power": 42.0, "color": [1, 0.5, 0.25]}
    objects = [
        {"id": "table", "label": "table", "world_from_object": moved, **box},
        {"id": "cup", "parent": "table", "world_from_object": moved, "visible": False, **box},
        {"id": "lamp", "kind": "light", "world_from_object": moved, "light": lamp},
    ]
    write_scene(tmp_path, {"objects": objects}, {})
    bpy.ops.maquette.open_scene(filepath=str(tmp_path))
    table, cup, light = (bpy.data.objects[name] for name in ("table", "cup", "lamp"))
    bpy.context.view_layer.update()
    assert tuple(table.dimensions) == (1, 2, 3)
    assert table["maquette_label"] == "table"
    assert cup.parent == table
    assert tuple(cup.matrix_world.translation) == (5, 0, 0), "a parent does not add to it"
    assert cup.hide_viewport
    assert cup.hide_render
    assert (light.data.type, light.data.energy) == ("SPOT", 42.0)


def test_a_missing_photo_is_said_and_the_rest_comes(tmp_path: Path) -> None:
    camera = {"id": "c", "image": "images/gone.jpg", "width": 640, "height": 480}
    camera |= {"K": [[500, 0, 320], [0, 500, 240], [0, 0, 1]], "world_from_camera": LOOKING_DOWN_Y}
    write_scene(tmp_path, cube_document(cameras=[camera]), cube_arrays())
    build = part("maquette_scene")
    folder = build.SceneFolder.open(tmp_path)
    built = build.build_scene(bpy.context.scene, folder, build.BuildOptions())
    assert built.missing == ("images/gone.jpg",)
    assert built.num_cameras == 1
    assert surface() is not None


def broken_scenes() -> dict[str, tuple[dict[str, Any], dict[str, np.ndarray], str]]:
    far = {"s.vertices": CUBE, "s.triangles": CUBE_TRIANGLES + 1}
    endless = {"s.vertices": CUBE + np.float32(np.inf), "s.triangles": CUBE_TRIANGLES}
    flat = {"s.vertices": CUBE[:, :2].copy(), "s.triangles": CUBE_TRIANGLES}
    outside = cube_document()
    outside["objects"][0]["material"] = {"texture": "../../secret.png"}
    blind = {"id": "c", "image": None, "width": 640, "height": 480}
    blind |= {"K": [[0, 0, 320], [0, 500, 240], [0, 0, 1]], "world_from_camera": LOOKING_DOWN_Y}
    return {
        "triangles name missing vertices": (cube_document(), far, "missing vertices"),
        "vertices are not finite": (cube_document(), endless, "finite"),
        "vertices are flat": (cube_document(), flat, "expected"),
        "no arrays": (cube_document(), {}, "no arrays"),
        "texture outside": (outside, cube_arrays(), "leads out"),
        "no focal length": (cube_document(cameras=[blind]), cube_arrays(), "focal"),
    }


@pytest.mark.parametrize("name", broken_scenes())
def test_a_broken_scene_is_refused_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    document, arrays, words = broken_scenes()[name]
    write_scene(tmp_path, document, arrays)
    before = all_data()
    with pytest.raises(RuntimeError, match=words):
        bpy.ops.maquette.open_scene(filepath=str(tmp_path))
    assert all_data() == before


@pytest.mark.parametrize("kept", [0, 7, 8, 100, -1], ids=lambda n: f"{n} bytes")
def test_a_cut_off_arrays_file_is_refused(kept: int, demo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scene"
    shutil.copytree(demo, folder)
    file = folder / "arrays.safetensors"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(RuntimeError, match=r"safetensors|no arrays"):
        bpy.ops.maquette.open_scene(filepath=str(folder))


def test_arrays_are_read_as_the_formats_own_library_reads_them(demo: Path) -> None:
    ours = part("maquette_scene.tensors").map_tensors(demo / "arrays.safetensors")
    theirs = document_arrays(demo)
    assert set(ours) == set(theirs)
    for name, values in theirs.items():
        assert ours[name].dtype == values.dtype
        np.testing.assert_array_equal(ours[name], values)


# In steps


def steps_of(folder: Path, **options: Any) -> Any:
    build = part("maquette_scene")
    opened = build.SceneFolder.open(folder)
    return build.build_steps(bpy.context.scene, opened, build.BuildOptions(**options))


def finish(steps: Any) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def go_on_until(steps: Any, words: str) -> None:
    for step in steps:
        if step.words == words:
            return
    raise AssertionError(f"no step {words!r}")


def test_progress_never_falls_and_nothing_shows_before_the_end(demo: Path) -> None:
    shares = []
    for step in steps_of(demo):
        shares.append(step.share)
        assert len(bpy.context.scene.collection.children) == 0
    assert shares == sorted(shares)
    assert len(shares) > num_photos(demo)
    assert len(bpy.context.scene.collection.children) == 1


@pytest.mark.parametrize("words", ["Creating Surface", "Placing the cameras", "Showing the scene"])
def test_a_build_that_is_stopped_leaves_nothing(words: str, demo: Path) -> None:
    before = all_data()
    steps = steps_of(demo, with_points=True)
    go_on_until(steps, words)
    steps.close()
    assert all_data() == before


@pytest.mark.parametrize("words", ["Creating Surface", "Placing the cameras", "Showing the scene"])
def test_an_undo_in_between_does_no_harm(words: str, demo: Path) -> None:
    bpy.data.objects.new("user's", None)
    bpy.ops.ed.undo_push(message="Something of the user's")
    steps = steps_of(demo)
    go_on_until(steps, words)
    bpy.ops.ed.undo()
    built = finish(steps)
    assert "user's" not in bpy.data.objects
    (root,) = bpy.context.scene.collection.children
    assert root.name == built.collection
    assert len(root.children["Cameras"].objects) == num_photos(demo)
    assert len(root.children["Mesh"].objects) == 1
    assert len(bpy.data.cameras) == num_photos(demo)


def test_an_undo_to_a_step_pushed_in_between_leaves_no_halves(demo: Path) -> None:
    steps = steps_of(demo)
    go_on_until(steps, "Placing the cameras")
    next(steps)
    bpy.ops.ed.undo_push(message="One")
    bpy.ops.ed.undo_push(message="Two")
    bpy.ops.ed.undo()
    finish(steps)
    assert len(bpy.data.collections) == 3
    assert len(bpy.data.cameras) == num_photos(demo)
    assert [m.users for m in bpy.data.meshes] == [1]


def test_another_file_opened_in_between_ends_the_build(demo: Path) -> None:
    steps = steps_of(demo)
    go_on_until(steps, "Placing the cameras")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    from maquette_protocol.errors import InputError

    with pytest.raises(InputError, match="no longer there"):
        finish(steps)
    assert len(bpy.data.objects) == 0


def test_the_scene_deleted_in_between_ends_the_build(demo: Path) -> None:
    before = all_data()
    other = bpy.data.scenes.new("Other")
    steps = steps_of(demo)
    next(steps)
    bpy.context.window.scene = other
    bpy.data.scenes.remove(bpy.data.scenes["Scene"])
    from maquette_protocol.errors import InputError

    with pytest.raises(InputError, match="no longer there"):
        finish(steps)
    assert all_data() == {**before, "scenes": ["Other"]}


def test_no_handler_stays_behind(demo: Path) -> None:
    handlers = bpy.app.handlers
    lists = (handlers.undo_post, handlers.redo_post, handlers.load_post)
    before = [len(h) for h in lists]
    finish(steps_of(demo))
    steps = steps_of(demo)
    go_on_until(steps, "Placing the cameras")
    steps.close()
    assert [len(h) for h in lists] == before
