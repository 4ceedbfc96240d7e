"""How well the photos see each face: bridges that fusion drew between things are seen edge-on or not at all."""

import numpy as np

from maquette.objects.skin import FaceGraph, Skin
from maquette.progress import Progress
from maquette.types import Camera, FloatArray
from maquette_kernels.rasterize import rasterize

_SIDE_PX = 640
_MANY = 12  # photos are enough to tell


def trust_of_faces(
    skin: Skin,
    graph: FaceGraph,
    normals: FloatArray,
    cameras: tuple[Camera, ...],
    progress: Progress,
) -> FloatArray:
    """(T,) 0..1: how squarely the best photo sees the face; 0 where none does, or fusion filled it in."""
    best = np.zeros(len(graph.centre))
    chosen = cameras[:: max(1, len(cameras) // _MANY)]
    for number, camera in enumerate(chosen):
        progress.update(0.7 * number / len(chosen), f"photo {number + 1} of {len(chosen)}")
        scale = min(1.0, _SIDE_PX / max(camera.width, camera.height))
        scaled = camera.scaled(round(camera.width * scale), round(camera.height * scale))
        depth = rasterize(
            skin.vertices,
            skin.triangles,
            scaled.K,
            scaled.camera_from_world,
            scaled.width,
            scaled.height,
        ).depth
        local = graph.centre @ scaled.camera_from_world[:3, :3].T + scaled.camera_from_world[:3, 3]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = np.nan_to_num(
                (local @ scaled.K.T)[:, :2] / local[:, 2:], nan=-1, posinf=-1, neginf=-1
            )
        inside = (local[:, 2] > 0) & (pixels >= 0).all(axis=1)
        inside &= (pixels[:, 0] < scaled.width) & (pixels[:, 1] < scaled.height)
        which = np.flatnonzero(inside)
        column, row = pixels[which, 0].astype(int), pixels[which, 1].astype(int)
        is_shown = local[which, 2] < depth[row, column] * 1.01
        which = which[is_shown]
        ray = camera.centre - graph.centre[which]
        ray /= np.linalg.norm(ray, axis=1)[:, None]
        best[which] = np.maximum(best[which], (ray * normals[which]).sum(axis=1))
    return np.clip((best - 0.1) / 0.4, 0, 1) * skin.seen[skin.triangles].mean(axis=1)
