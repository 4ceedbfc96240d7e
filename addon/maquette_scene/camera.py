"""Cameras with their photos behind them, lined up whatever size the user renders at.

Frames: the document's cameras are OpenCV (x right, y down, z forward), Blender's look along -z with y up.
"""

from pathlib import Path

import bpy
from mathutils import Matrix

from maquette_protocol.document import SceneCamera
from maquette_protocol.errors import DocumentError

from .lens import SENSOR_MM, Lens, lens_of
from .material import load_picture

OPENCV_FROM_BLENDER_CAMERA = Matrix.Diagonal((1.0, -1.0, -1.0, 1.0))
# Blender fits the photo into the frame of the render, or fills it; a photo must keep the frame's width (height,
# where the sensor fits that), so what fitting made smaller is scaled back. Blender reckons such an
# expression itself, without Python.
_SCALE = {
    "HORIZONTAL": "max(1, width * aspect_x / (height * aspect_y) / {aspect:.9g})",
    "VERTICAL": "max(1, height * aspect_y / (width * aspect_x) * {aspect:.9g})",
}
_RENDER_PATHS = {
    "width": "render.resolution_x",
    "height": "render.resolution_y",
    "aspect_x": "render.pixel_aspect_x",
    "aspect_y": "render.pixel_aspect_y",
}


def make_camera(
    camera: SceneCamera, photo: Path | None, *, reach: float, pack: bool
) -> bpy.types.Object:
    """The camera as an object, linked nowhere. `reach`: how far it must see."""
    if camera.K[0][0] <= 0 or camera.K[1][1] <= 0:
        raise DocumentError(f"camera {camera.id}: a focal length must be positive, K is {camera.K}")
    lens = lens_of(camera.K, camera.width, camera.height)
    data = bpy.data.cameras.new(camera.id)
    data.sensor_fit = lens.sensor_fit
    data.sensor_width = data.sensor_height = SENSOR_MM
    data.lens = lens.lens_mm
    data.shift_x, data.shift_y = lens.shift_x, lens.shift_y
    data.clip_start, data.clip_end = reach / 10_000, max(100.0, reach * 10)
    data.display_size = reach / 40
    if photo is not None:
        _put_behind(data, photo, lens, pack=pack)
    name = Path(camera.image).stem if camera.image else camera.id
    made = bpy.data.objects.new(name, data)
    made.matrix_world = Matrix(camera.world_from_camera) @ OPENCV_FROM_BLENDER_CAMERA
    made["maquette_id"] = camera.id
    made["maquette_photo"] = Path(camera.image).name if camera.image else ""
    made["maquette_size"] = (camera.width, camera.height)
    error = camera.extra.get("reprojection_px")
    if isinstance(error, int | float):
        made["maquette_reprojection_px"] = float(error)
    return made


def _put_behind(data: bpy.types.Camera, photo: Path, lens: Lens, *, pack: bool) -> None:
    image = load_picture(photo, pack=pack)
    image.display_aspect = (max(lens.pixel_aspect, 1.0), max(1.0 / lens.pixel_aspect, 1.0))
    background = data.background_images.new()
    background.image = image
    background.alpha = 0.5
    background.frame_method = "FIT"
    background.display_depth = "BACK"
    data.show_background_images = True
    driver = data.driver_add("background_images[0].scale").driver
    driver.type = "SCRIPTED"
    for name, path in _RENDER_PATHS.items():
        variable = driver.variables.new()
        variable.name = name
        # whichever scene is shown: the camera can be appended elsewhere without dragging this scene along
        variable.type = "CONTEXT_PROP"
        variable.targets[0].context_property = "ACTIVE_SCENE"
        variable.targets[0].data_path = path
    driver.expression = _SCALE[lens.sensor_fit].format(aspect=lens.picture_aspect)
