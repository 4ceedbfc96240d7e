"""COLMAP's text model: cameras.txt, images.txt, points3D.txt (pinhole, undistorted)."""

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from maquette.types import Reconstruction


def write_colmap_text(folder: Path, reconstruction: Reconstruction) -> None:
    """Write the model in the reconstruction's own frame and units; image names are the photos' names."""
    folder.mkdir(parents=True, exist_ok=True)
    cameras, images = [], []
    points = reconstruction.points
    order = np.argsort(points.observation_camera, kind="stable")
    per_camera = np.searchsorted(
        points.observation_camera[order], np.arange(len(reconstruction.cameras) + 1)
    )
    index_in_image = np.zeros(len(order), np.int64)
    for number, camera in enumerate(reconstruction.cameras):
        K = camera.K
        values = " ".join(f"{v:.12g}" for v in (K[0, 0], K[1, 1], K[0, 2], K[1, 2]))
        cameras.append(f"{number + 1} PINHOLE {camera.width} {camera.height} {values}")
        matrix = camera.camera_from_world
        x, y, z, w = Rotation.from_matrix(matrix[:3, :3]).as_quat()
        pose = " ".join(f"{v:.12g}" for v in (w, x, y, z, *matrix[:3, 3]))
        images.append(f"{number + 1} {pose} {number + 1} {camera.name}")
        mine = order[per_camera[number] : per_camera[number + 1]]
        index_in_image[mine] = np.arange(len(mine))
        images.append(
            " ".join(
                f"{px:.3f} {py:.3f} {point + 1}"
                for (px, py), point in zip(
                    points.observation_xy[mine], points.observation_point[mine], strict=True
                )
            )
        )
    first = np.searchsorted(points.observation_point, np.arange(len(points.xyz) + 1))
    lines = []
    for number, (xyz, rgb, error) in enumerate(
        zip(points.xyz, points.rgb, points.error_px, strict=True)
    ):
        mine = range(first[number], first[number + 1])
        track = " ".join(f"{points.observation_camera[m] + 1} {index_in_image[m]}" for m in mine)
        place = " ".join(f"{v:.9g}" for v in xyz)
        lines.append(f"{number + 1} {place} {rgb[0]} {rgb[1]} {rgb[2]} {error:.4f} {track}")
    _write(folder / "cameras.txt", cameras)
    _write(folder / "images.txt", images)
    _write(folder / "points3D.txt", lines)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
