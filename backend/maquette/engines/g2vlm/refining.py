"""The network's cameras adjusted to matched points of the photos, and its depth brought to their scale.

Engines compose through `Reconstruction`: what comes in and what goes out are the same type, with the same views. Frames
as in maquette.types.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from maquette.engines.classical.cameras import CameraOptions, use_cameras
from maquette.engines.g2vlm.agreement import depth_maps
from maquette.engines.g2vlm.windows import Similarity, join
from maquette.progress import Progress
from maquette.scene.colmap import write_colmap_text
from maquette.types import Camera, DepthMap, FloatArray, Reconstruction, View

_LEAST_POINTS = 20  # seen by a camera that is taken over, and that a scale is told from
_LEAST_CAMERAS = 3


def refine(
    reconstruction: Reconstruction,
    views: tuple[View, ...],
    workdir: Path,
    options: CameraOptions,
    progress: Progress,
) -> Reconstruction:
    """Cameras that enough points hold are adjusted, the others come along; where too few are held, nothing changes.

    `evidence` tells how many cameras were adjusted.
    """
    model = workdir / "network"
    write_colmap_text(model, reconstruction)
    solution = use_cameras(views, model, workdir, options, progress, adjusts=True)
    adjusted = solution.reconstruction
    seen = np.bincount(adjusted.points.observation_camera, minlength=len(adjusted.cameras))
    held = {
        camera.name: (index, camera)
        for index, camera in enumerate(adjusted.cameras)
        if seen[index] >= _LEAST_POINTS
    }
    if len(held) < min(_LEAST_CAMERAS, len(views)):
        warning = "Too few points match between the photos to adjust the network's cameras."
        return replace(reconstruction, warnings=(*reconstruction.warnings, warning))
    before = [one for one in reconstruction.cameras if one.name in held]
    moved = _similarity(before, [held[one.name][1] for one in before])
    cameras: list[Camera] = []
    depths: list[FloatArray] = []
    for camera in reconstruction.cameras:
        depth = reconstruction.depth[camera.name].depth
        scale = moved.scale
        if camera.name in held:
            index, camera = held[camera.name]
            scale = _scale(adjusted, index, depth) or scale
        else:
            camera = replace(camera, world_from_camera=moved.of_pose(camera.world_from_camera))
        cameras.append(camera)
        depths.append((depth * scale).astype(np.float32))
    maps, confirmed = depth_maps(cameras, depths)
    return replace(
        reconstruction,
        cameras=tuple(cameras),
        depth=_named(cameras, maps),
        trust=replace(
            reconstruction.trust,
            evidence=reconstruction.trust.evidence
            | {
                "adjusted_cameras": float(len(held)),
                "confirmed_share": float(np.median(confirmed)),
            },
        ),
    )


def _named(cameras: Sequence[Camera], maps: Sequence[DepthMap]) -> dict[str, DepthMap]:
    return {camera.name: one for camera, one in zip(cameras, maps, strict=True)}


def _similarity(before: Sequence[Camera], after: Sequence[Camera]) -> Similarity:
    """From the network's world to the adjusted one: of each camera its centre and a point before it."""
    centres = np.stack([camera.centre for camera in before])
    reach = float(np.linalg.norm(centres - centres.mean(axis=0), axis=1).mean()) or 1.0

    def marks(cameras: Sequence[Camera], reach: float) -> FloatArray:
        ahead = [camera.centre + reach * camera.world_from_camera[:3, 2] for camera in cameras]
        return np.stack([*(camera.centre for camera in cameras), *ahead])

    return join(marks(before, reach), marks(after, reach))


def _scale(adjusted: Reconstruction, index: int, depth: FloatArray) -> float | None:
    """What brings a map onto the points that its camera sees: the median ratio; None where too few tell."""
    camera, points = adjusted.cameras[index], adjusted.points
    mine = points.observation_camera == index
    xyz, xy = points.xyz[points.observation_point[mine]], points.observation_xy[mine]
    z = (xyz - camera.centre) @ camera.world_from_camera[:3, 2]
    height, width = depth.shape
    column = np.clip((xy[:, 0] * width / camera.width).astype(int), 0, width - 1)
    row = np.clip((xy[:, 1] * height / camera.height).astype(int), 0, height - 1)
    known = (depth[row, column] > 0) & (z > 0)
    if known.sum() < _LEAST_POINTS:
        return None
    return float(np.median(z[known] / depth[row, column][known]))
