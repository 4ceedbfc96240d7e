"""The growing model while COLMAP maps: how many photos have a place, and the points and cameras so far, for who looks.

Runs in the child process, called by the mapper between two photos.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pycolmap
from PIL import Image

_EVERY_S = 0.5
_COLOR_SIDE_PX = 512  # photos are read at about this size to colour the points


class Snapshots:
    """Writes the model so far as plain arrays, and reports where they are."""

    def __init__(self, request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
        self._images = Path(request["images"])
        self._path = Path(request["models"]).with_name("sofar.npz")
        self._num_photos = len(request["names"])
        self._send = send
        self._written = 0.0
        self._thumbnails: dict[int, np.ndarray] = {}
        self._parent = os.getppid()

    def take(self, model: pycolmap.Reconstruction) -> None:
        """Report the model, and show it where the last one was shown a while ago."""
        if os.getppid() != self._parent:
            os._exit(1)  # mapping holds the interpreter: the thread that watches stdin does not run
        registered = model.num_reg_images()
        event: dict[str, Any] = {
            "done": 0.9 * registered / self._num_photos,
            "note": f"{registered} of {self._num_photos} photos placed",
        }
        now = time.monotonic()
        if now - self._written >= _EVERY_S or registered == self._num_photos:
            self._written = now
            self._write(model)
            event["sofar"] = str(self._path)
        self._send(event)

    def _write(self, model: pycolmap.Reconstruction) -> None:
        images = {i.image_id: i for i in model.images.values() if i.has_pose}
        poses = np.tile(np.eye(4), (len(images), 1, 1))
        for row, image in enumerate(images.values()):
            poses[row, :3] = image.cam_from_world().inverse().matrix()
        points = list(model.points3D.values())
        rgb = np.full((len(points), 3), 128, np.uint8)
        for row, point in enumerate(points):
            seen = point.track.elements[0]
            if seen.image_id in images:
                image = images[seen.image_id]
                rgb[row] = self._color(image, model, image.points2D[seen.point2D_idx].xy)
        partial = self._path.with_suffix(".partial.npz")
        xyz = np.array([point.xyz for point in points]).reshape(-1, 3)
        np.savez(partial, xyz=xyz, rgb=rgb, world_from_camera=poses)
        partial.replace(self._path)

    def _color(
        self, image: pycolmap.Image, model: pycolmap.Reconstruction, xy: np.ndarray
    ) -> np.ndarray:
        pixels = self._thumbnails.get(image.image_id)
        if pixels is None:
            with Image.open(self._images / image.name) as opened:
                opened.draft("RGB", (_COLOR_SIDE_PX, _COLOR_SIDE_PX))
                opened.thumbnail((_COLOR_SIDE_PX, _COLOR_SIDE_PX), Image.Resampling.NEAREST)
                pixels = np.asarray(opened.convert("RGB"))
            self._thumbnails[image.image_id] = pixels
        camera = model.cameras[image.camera_id]
        height, width = pixels.shape[:2]
        column = min(max(int(xy[0] / camera.width * width), 0), width - 1)
        row = min(max(int(xy[1] / camera.height * height), 0), height - 1)
        return pixels[row, column]


def incremental_mapping(
    database: Path, options: pycolmap.IncrementalPipelineOptions, snapshots: Snapshots
) -> dict[int, pycolmap.Reconstruction]:
    """As pycolmap.incremental_mapping, which tells its callbacks that a photo was placed, but not where."""
    models = pycolmap.ReconstructionManager()

    def take() -> None:
        snapshots.take(models.get(models.size() - 1))

    moments = pycolmap.IncrementalPipelineCallback
    with pycolmap.Database.open(database) as opened:
        pipeline = pycolmap.IncrementalPipeline(options, opened, models)
        for moment in (moments.INITIAL_IMAGE_PAIR_REG_CALLBACK, moments.NEXT_IMAGE_REG_CALLBACK):
            pipeline.add_callback(moment.value, take)
        pipeline.run()
    return {number: models.get(number) for number in range(models.size())}
