"""What a running reconstruction shows of itself: points and cameras, stood up roughly until levelling knows better.

Frames: as in maquette.types; the result's world has Z about up and is about as large as a room.
"""

import numpy as np

from maquette.progress import PartialScene
from maquette.types import ByteArray, FloatArray, Reconstruction

MAX_POINTS = 20_000  # shown; more tell no more and cost the socket time
_ROOM_SIZE = 3.0  # most points lie within this of their middle


def partial_scene(
    points_world: FloatArray,
    rgb: ByteArray,
    world_from_camera: FloatArray,
    num_photos: int,
    *,
    is_levelled: bool = False,
) -> PartialScene:
    """The snapshot to show.

    points_world: (N, 3) float; rgb: (N, 3) uint8 sRGB; world_from_camera: (C, 4, 4) float, OpenCV axes
    """
    if len(points_world) > MAX_POINTS:
        chosen = np.random.default_rng(0).choice(len(points_world), MAX_POINTS, replace=False)
        points_world, rgb = points_world[chosen], rgb[chosen]
    if not is_levelled:
        points_world, world_from_camera = _stand_up(points_world, world_from_camera)
    return PartialScene(
        num_registered=len(world_from_camera),
        num_photos=num_photos,
        arrays={
            "points": np.ascontiguousarray(points_world, np.float32),
            "colors": np.ascontiguousarray(rgb, np.uint8),
            "cameras": np.ascontiguousarray(world_from_camera, np.float32),
        },
    )


def partial_of(
    reconstruction: Reconstruction, num_photos: int, *, is_levelled: bool
) -> PartialScene:
    """The same of a finished reconstruction's cameras."""
    cameras = [camera.world_from_camera for camera in reconstruction.cameras]
    points = reconstruction.points
    return partial_scene(
        points.xyz, points.rgb, np.stack(cameras), num_photos, is_levelled=is_levelled
    )


def _stand_up(
    points_world: FloatArray, world_from_camera: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Turned so that the photos' down is mostly -Z, moved and scaled to a room around the origin."""
    down = world_from_camera[:, :3, 1].mean(0)
    forward = world_from_camera[:, :3, 2].mean(0)
    up = -down / max(float(np.linalg.norm(down)), 1e-9)
    ahead = forward - up * (forward @ up)
    if np.linalg.norm(ahead) < 1e-6:  # straight down: any direction will do
        ahead = np.cross(up, np.eye(3)[np.abs(up).argmin()])
    ahead = ahead / np.linalg.norm(ahead)
    rotation = np.stack([np.cross(ahead, up), ahead, up])
    middle = np.median(points_world, axis=0)
    distance = np.linalg.norm(points_world - middle, axis=1)
    scale = _ROOM_SIZE / max(float(np.percentile(distance, 90)), 1e-9)
    moved = world_from_camera.copy()
    moved[:, :3, :3] = rotation @ world_from_camera[:, :3, :3]
    moved[:, :3, 3] = scale * (world_from_camera[:, :3, 3] - middle) @ rotation.T
    return scale * (points_world - middle) @ rotation.T, moved
