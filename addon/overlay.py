"""The scene as it is found while an import runs: points and cameras, drawn over the viewport.

They are no objects: nothing of them is saved, selected, undone or left behind.
"""

from typing import Any

import bpy
import gpu
import numpy as np
import numpy.typing as npt
from gpu_extras.batch import batch_for_shader

from . import runtime
from .maquette_session import Partial

_MOST_POINTS = 60_000
_CAMERA_COLOR = (1.0, 0.6, 0.15, 0.9)
_handler: Any = None
_shown: Partial | None = None
_batches: tuple[Any, Any] | None = None


def _draw() -> None:
    scene = bpy.context.scene
    partials = [job.partial for job in runtime.imports_of(scene) if job.partial is not None]
    if not partials:
        _forget()
        return
    points, cameras = _batches_of(partials[-1])
    gpu.state.depth_test_set("LESS_EQUAL")
    gpu.state.point_size_set(3.0)
    if points is not None:
        points[0].bind()
        points[1].draw(points[0])
    if cameras is not None:
        cameras[0].bind()
        cameras[0].uniform_float("color", _CAMERA_COLOR)
        cameras[1].draw(cameras[0])
    gpu.state.depth_test_set("NONE")
    gpu.state.point_size_set(1.0)


def _batches_of(partial: Partial) -> tuple[Any, Any]:
    """Made once per message, not once per redraw."""
    global _shown, _batches
    if _batches is None or _shown is not partial:
        _shown, _batches = partial, (_point_batch(partial), _camera_batch(partial))
    return _batches


def _forget() -> None:
    global _shown, _batches
    _shown = _batches = None


def _point_batch(partial: Partial) -> Any:
    step = max(len(partial.points) // _MOST_POINTS, 1)
    points, colors = partial.points[::step], partial.colors[::step]
    if not len(points):
        return None
    shader = gpu.shader.from_builtin("FLAT_COLOR")
    linear = (colors.astype(np.float32) / 255) ** 2.2
    rgba = np.concatenate([linear, np.ones((len(linear), 1), np.float32)], axis=1)
    content = {"pos": np.ascontiguousarray(points), "color": rgba}
    return shader, batch_for_shader(shader, "POINTS", content)


def _camera_batch(partial: Partial) -> Any:
    lines = camera_lines(partial.cameras)
    if not len(lines):
        return None
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    return shader, batch_for_shader(shader, "LINES", {"pos": lines})


def camera_lines(cameras: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Ends of the lines of one small pyramid per camera.

    cameras: (C, 4, 4) world_from_camera, OpenCV axes. Returns (C * 16, 3), world.
    """
    if not len(cameras):
        return np.zeros((0, 3), np.float32)
    spread = np.linalg.norm(cameras[:, :3, 3] - cameras[:, :3, 3].mean(axis=0), axis=1).mean()
    size = 0.08 * float(spread) or 0.1
    eye = (0.0, 0.0, 0.0)
    corners = [(x, y, 1.5) for x, y in ((-1, -0.75), (1, -0.75), (1, 0.75), (-1, 0.75))]
    ends: list[tuple[float, float, float]] = []
    for index, corner in enumerate(corners):
        ends += [eye, corner, corner, corners[(index + 1) % 4]]
    in_camera = size * np.array(ends, np.float32)
    in_world = in_camera @ cameras[:, :3, :3].transpose(0, 2, 1) + cameras[:, None, :3, 3]
    return np.ascontiguousarray(in_world.reshape(-1, 3), np.float32)


CLASSES = ()


def register() -> None:
    global _handler
    if not bpy.app.background:
        _handler = bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_VIEW")


def unregister() -> None:
    global _handler
    if _handler is not None:
        bpy.types.SpaceView3D.draw_handler_remove(_handler, "WINDOW")
    _handler = None
    _forget()
