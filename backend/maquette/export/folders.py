"""Folders for other programs: COLMAP and Nerfstudio."""

import json
import shutil
from pathlib import Path

import numpy as np

from maquette.export.ply import export_ply
from maquette.scene import Scene
from maquette_protocol.errors import InputError

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV camera axes from OpenGL's


def export_colmap(scene: Scene, folder: Path) -> None:
    """images/ and sparse/0/, as COLMAP and the splat trainers read them."""
    sparse = scene.folder / "sparse"
    if not sparse.is_dir():
        raise InputError(
            "The scene has no COLMAP model.", hint="Only reconstructed scenes have one."
        )
    shutil.copytree(sparse, folder / "sparse" / "0")
    _copy_images(scene, folder)


def export_nerfstudio(scene: Scene, folder: Path) -> None:
    """transforms.json (OpenGL camera axes, intrinsics per frame), images/, and the surface as points."""
    frames = []
    for camera in scene.document.cameras:
        K = np.array(camera.K)
        frames.append(
            {
                "file_path": camera.image,
                "transform_matrix": (np.array(camera.world_from_camera) @ _FLIP).tolist(),
                "w": camera.width,
                "h": camera.height,
                "fl_x": K[0, 0],
                "fl_y": K[1, 1],
                "cx": K[0, 2],
                "cy": K[1, 2],
            }
        )
    export_ply(scene, folder / "surface.ply")
    document = {"camera_model": "OPENCV", "ply_file_path": "surface.ply", "frames": frames}
    (folder / "transforms.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    _copy_images(scene, folder)


def _copy_images(scene: Scene, folder: Path) -> None:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for number, camera in enumerate(scene.document.cameras):
        if camera.image is not None:
            source = scene.inside(camera.image, f"$.cameras[{number}].image")
            shutil.copyfile(source, folder / "images" / source.name)
