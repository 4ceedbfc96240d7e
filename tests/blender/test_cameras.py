"""Blender's cameras show the world where the photos show it, whatever size the user renders at."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from support_blender import LOOKING_DOWN_Y, cube_arrays, cube_document, write_scene

SIZES = [(1920, 1080), (1080, 1920), (720, 480), (1000, 1000)]
IDENTITY = np.eye(4)


def cameras() -> dict[str, bpy.types.Object]:
    return {o["maquette_id"]: o for o in bpy.data.objects if o.type == "CAMERA"}


def photo_frame(camera: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """(centre, size) of the photo at depth 1 in camera space, as Blender draws a background image with FIT."""
    scene = bpy.context.scene
    corners = np.array(camera.data.view_frame(scene=scene))
    corners = corners[:, :2] / -corners[:, 2:]
    low, high = corners.min(axis=0), corners.max(axis=0)
    evaluated = camera.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    background = evaluated.background_images[0]
    assert background.frame_method == "FIT"
    image = background.image
    aspect = image.size[0] * image.display_aspect[0] / (image.size[1] * image.display_aspect[1])
    width, height = high - low
    fitted = (width, width / aspect) if aspect > width / height else (height * aspect, height)
    return (low + high) / 2, np.array(fitted) * background.scale


def projected(camera: bpy.types.Object, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(N, 2) photo pixels, from the upper left, through Blender's own projection and its drawn photo."""
    scene = bpy.context.scene
    corners = np.array(camera.data.view_frame(scene=scene))
    corners = corners[:, :2] / -corners[:, 2:]
    low, high = corners.min(axis=0), corners.max(axis=0)
    shown = np.array([world_to_camera_view(scene, camera, Vector(p))[:2] for p in points])
    centre, extent = photo_frame(camera)
    on_photo = (low + shown * (high - low) - centre) / extent
    return (on_photo * [1, -1] + 0.5) * size


def observations(folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Photo name → ((N, 3) world points, (N, 2) pixels where the photo shows them)."""
    places = {}
    for line in (folder / "sparse" / "points3D.txt").read_text().splitlines():
        number, x, y, z, *_ = line.split()
        places[int(number)] = (float(x), float(y), float(z))
    lines = (folder / "sparse" / "images.txt").read_text().splitlines()
    found = {}
    for head, row in zip(lines[::2], lines[1::2], strict=True):
        values = np.array(row.split(), float).reshape(-1, 3)
        points = np.array([places[int(number)] for number in values[:, 2]])
        found[head.split()[-1]] = (points, values[:, :2])
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_points_appear_where_the_photos_show_them(size: tuple[int, int], demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y = size
    bpy.context.view_layer.update()
    by_photo = {camera["maquette_photo"]: camera for camera in cameras().values()}
    seen = observations(demo)
    assert set(seen) == set(by_photo)
    for name, (points, pixels) in seen.items():
        camera = by_photo[name]
        off = projected(camera, points, tuple(camera["maquette_size"])) - pixels
        assert np.median(np.linalg.norm(off, axis=1)) < 0.5, name


def test_each_camera_tells_its_reprojection_error(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y = 640, 480
    bpy.context.view_layer.update()
    by_photo = {camera["maquette_photo"]: camera for camera in cameras().values()}
    for name, (points, pixels) in observations(demo).items():
        camera = by_photo[name]
        off = projected(camera, points, tuple(camera["maquette_size"])) - pixels
        measured = float(np.median(np.linalg.norm(off, axis=1)))
        assert camera["maquette_reprojection_px"] == pytest.approx(measured, abs=0.02)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("photo", [(640, 480), (480, 640), (500, 500)], ids=str)
@pytest.mark.parametrize("fy", [400.0, 520.0], ids=["square", "tall-pixels"])
def test_any_pinhole_camera_lines_up_with_its_photo(
    fy: float, photo: tuple[int, int], size: tuple[int, int], tmp_path: Path
) -> None:
    width, height = photo
    K = [[450.0, 0, width / 2 + 31], [0, fy, height / 2 - 17], [0, 0, 1]]
    picture = bpy.data.images.new("photo", width, height)
    picture.filepath_raw, picture.file_format = str(tmp_path / "photo.png"), "PNG"
    picture.save()
    camera = {"id": "c", "image": "photo.png", "width": width, "height": height}
    camera |= {"K": K, "world_from_camera": LOOKING_DOWN_Y}
    write_scene(tmp_path, cube_document(cameras=[camera]), cube_arrays())
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y = size
    bpy.ops.maquette.open_scene(filepath=str(tmp_path))
    bpy.context.view_layer.update()
    points = np.random.default_rng(0).uniform((-1, 0, -1), (2, 3, 2), (200, 3))
    local = points @ np.linalg.inv(LOOKING_DOWN_Y)[:3, :3].T + np.linalg.inv(LOOKING_DOWN_Y)[:3, 3]
    pixels = local @ np.array(K).T
    expected = pixels[:, :2] / pixels[:, 2:]
    shown = projected(cameras()["c"], points, photo)
    np.testing.assert_allclose(shown, expected, atol=0.01)


def test_the_photo_still_lines_up_after_the_render_size_changed(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    render = bpy.context.scene.render
    points, pixels = observations(demo)["img_02.jpg"]
    camera = next(c for c in cameras().values() if c["maquette_photo"] == "img_02.jpg")
    for render.resolution_x, render.resolution_y in SIZES:
        bpy.context.view_layer.update()
        off = projected(camera, points, (640, 480)) - pixels
        assert np.median(np.linalg.norm(off, axis=1)) < 0.5
    assert camera.data.animation_data.drivers[0].driver.is_simple_expression, "needs no Python"


def test_cameras_see_the_whole_scene(demo: Path) -> None:
    bpy.ops.maquette.open_scene(filepath=str(demo))
    surface = bpy.data.objects["Surface"]
    corners = [surface.matrix_world @ Vector(corner) for corner in surface.bound_box]
    for camera in cameras().values():
        far = max((corner - camera.matrix_world.translation).length for corner in corners)
        assert camera.data.clip_start < 0.05
        assert camera.data.clip_end > far
