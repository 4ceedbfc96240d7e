"""Photos that neither depth nor texture has seen: the textured mesh drawn at their cameras, against the photo.

PSNR is over the pixels that the mesh covers, as it is: no exposure is fitted. Coverage is over all pixels of the photo
(sky and masked borders are no pixels of it).
"""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import maquette
from maquette.api import reconstruct_result
from maquette.options import ReconstructOptions
from maquette.photos.pixels import read_mask, read_pixels
from maquette.scene import Scene
from maquette.types import Camera
from maquette_kernels.rasterize import rasterize, render_texture

MAX_SIDE_PX = 1024  # at which photo and picture are compared
SUPERSAMPLING = 2  # of the picture, so that a finer texture does not alias


def unseen_photos(photos: Path, quality: str = "normal") -> tuple[float, float]:
    """(PSNR in dB, coverage 0..1) over every fifth photo, left out of depth and texture."""
    names = sorted(path.name for path in photos.iterdir())
    unseen = names[2::5]
    seen = tuple(name for name in names if name not in unseen)
    result = reconstruct_result(photos, ReconstructOptions(depth_views=seen, quality=quality))
    views = {view.name: view for view in result.views}
    pairs = []
    for camera in result.reconstruction.cameras:
        if camera.name in unseen:
            photo = read_pixels(views[camera.name], MAX_SIDE_PX)
            usable = read_mask(views[camera.name], photo.shape[:2])
            pairs.append((camera, photo, usable))
    return _compare(result.scene, pairs)


def evaluation_views(folder: Path, truth_file: Path, scorer: Any) -> tuple[float, float]:
    """(PSNR, coverage) at further true cameras, brought into the scene's frame by those of the photos."""
    truth = json.loads(truth_file.read_text())
    scene = maquette.open_scene(folder)
    poses, _ = scorer.read_colmap_text(str(folder / "sparse"))
    names = [name for name in truth["images"] if name in poses]
    true = np.array([truth["images"][name]["cam_to_world"] for name in names])
    mine = np.array([poses[name]["cam_to_world"] for name in names])
    scale, rotation, shift = scorer.align_cameras(true, mine)[:3]
    pairs = []
    for name, entry in truth["evaluation"].items():
        pose = np.array(entry["cam_to_world"])
        world_from_camera = np.eye(4)
        world_from_camera[:3, :3] = rotation @ pose[:3, :3]
        world_from_camera[:3, 3] = scale * rotation @ pose[:3, 3] + shift
        K = np.array(entry["K"], float)
        width, height = entry["width"], entry["height"]
        camera = Camera(
            name=name, width=width, height=height, K=K, world_from_camera=world_from_camera
        )
        picture = cv2.imread(str(truth_file.parent / truth["evaluation_dir"] / name))
        photo = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        pairs.append((camera, photo, np.ones((height, width), bool)))
    return _compare(scene, pairs)


def _compare(
    scene: Scene, pairs: list[tuple[Camera, np.ndarray, np.ndarray]]
) -> tuple[float, float]:
    triangles = scene.arrays["surface.triangles"]
    (surface,) = (item for item in scene.document.objects if item.id == "surface")
    assert surface.material is not None
    texture = cv2.imread(str(scene.folder / str(surface.material.texture)))
    texture = cv2.cvtColor(texture, cv2.COLOR_BGR2RGB)
    squares, covered, total = 0.0, 0, 0
    for camera, photo, usable in pairs:
        height, width = photo.shape[:2]
        wide, high = SUPERSAMPLING * width, SUPERSAMPLING * height
        fine = camera.scaled(wide, high)
        raster = rasterize(
            scene.arrays["surface.vertices"], triangles, fine.K, fine.camera_from_world, wide, high
        )
        picture = render_texture(raster, triangles, scene.arrays["surface.uvs"], texture)
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        drawn = (raster.triangle >= 0).astype(np.float32)
        shown = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA) > 0.99
        shown &= usable
        error = ((picture.astype(float) - photo) ** 2).mean(axis=-1)
        squares += float(error[shown].sum())
        covered += int(shown.sum())
        total += int(usable.sum())
    mean_square = squares / max(covered, 1)
    return 10 * float(np.log10(255**2 / max(mean_square, 1e-9))), covered / max(total, 1)
