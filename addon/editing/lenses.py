"""Cameras and the viewport as pinhole cameras, and back. OpenCV axes (x right, y down, z forward), pixels."""

from typing import Any

import bpy
from mathutils import Matrix

from ..maquette_scene.camera import OPENCV_FROM_BLENDER_CAMERA
from ..maquette_scene.lens import SENSOR_MM, lens_of

Json = dict[str, Any]


def read_camera(item: bpy.types.Object, scene: bpy.types.Scene, key: str, unit: float) -> Json:
    """As in the scene document. `unit`: metres per Blender unit."""
    render = scene.render
    width, height = item.get("maquette_size") or (render.resolution_x, render.resolution_y)
    lens = item.data
    horizontal = lens.sensor_fit == "HORIZONTAL" or (lens.sensor_fit == "AUTO" and width >= height)
    if lens.type == "ORTHO":
        focal = (width if horizontal else height) / max(lens.ortho_scale, 1e-6)
    else:
        sensor = (
            lens.sensor_width if horizontal or lens.sensor_fit == "AUTO" else lens.sensor_height
        )
        focal = lens.lens / sensor * (width if horizontal else height)
    fitted = width if horizontal else height
    return {
        "id": key,
        "image": item.get("maquette_photo") or None,
        "width": int(width),
        "height": int(height),
        "K": _K(
            focal, focal, width / 2 - lens.shift_x * fitted, height / 2 + lens.shift_y * fitted
        ),
        "world_from_camera": _opencv(item.matrix_world, unit),
        "key": key,
    }


def read_viewport(
    space: bpy.types.SpaceView3D, region: bpy.types.Region, key: str, unit: float
) -> Json:
    """The view that the user has: by what it is made from, as its matrices are those of the last redraw."""
    view = space.region_3d
    width, height = max(region.width, 1), max(region.height, 1)
    back = Matrix.Translation((0.0, 0.0, view.view_distance))
    world_from_view = (
        Matrix.Translation(view.view_location) @ view.view_rotation.to_matrix().to_4x4() @ back
    )
    focal = space.lens / (2 * SENSOR_MM) * max(width, height)  # the viewport shows twice the sensor
    return {
        "id": key,
        "image": None,
        "width": width,
        "height": height,
        "K": _K(focal, focal, width / 2, height / 2),
        "world_from_camera": _opencv(world_from_view, unit),
        "key": key,
    }


def blender_matrix(world_from_camera: Any, unit: float) -> Matrix:
    """As Blender has it: looking along -Z, y up."""
    matrix = Matrix(world_from_camera) @ OPENCV_FROM_BLENDER_CAMERA
    matrix.translation /= unit
    return matrix


def write_lens(camera: bpy.types.Camera, given: Json, was: Json) -> None:
    """Only by how much it sees more or less: shift and sensor stay the user's."""
    factor = given["K"][0][0] / was["K"][0][0]
    if camera.type == "ORTHO":
        camera.ortho_scale /= factor
    else:
        camera.lens *= factor


def new_lens(camera: bpy.types.Camera, given: Json) -> None:
    """Of a new camera."""
    lens = lens_of(given["K"], given["width"], given["height"])
    camera.sensor_fit = lens.sensor_fit
    camera.sensor_width = camera.sensor_height = SENSOR_MM
    camera.lens = lens.lens_mm
    camera.shift_x, camera.shift_y = lens.shift_x, lens.shift_y


def _K(fx: float, fy: float, cx: float, cy: float) -> list[list[float]]:
    return [[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]]


def _opencv(world_from_blender: Matrix, unit: float) -> list[list[float]]:
    place, rotation, _ = world_from_blender.decompose()
    matrix = Matrix.Translation(place * unit) @ rotation.to_matrix().to_4x4()
    return [list(row) for row in matrix @ OPENCV_FROM_BLENDER_CAMERA]
