"""The similarity that turns the engine's world into the scene's: up, axes, floor, centre, scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from maquette.level.scale import (
    KnownDistance,
    metres_per_unit_from_gps,
    metres_per_unit_from_known,
    plausible_metres_per_unit,
)
from maquette.level.up import find_up
from maquette.progress import Progress
from maquette.types import Camera, FloatArray, Reconstruction, View

_STEP = 6  # pixels between the samples of depth


@dataclass(frozen=True, kw_only=True)
class LevelOptions:
    """What the user knows."""

    known: tuple[KnownDistance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Leveling:
    """How the engine's world becomes the scene's, and how sure that is."""

    world_from_engine: FloatArray  # (4, 4) similarity
    up_certain: bool
    up_reason: str
    up_spread_deg: float
    floor_found: bool
    is_metric: bool
    scale_note: str

    def as_document(self) -> dict[str, Any]:
        """What scene.json says about it."""
        return {
            "up": "certain" if self.up_certain else "uncertain",
            "up_reason": self.up_reason,
            "floor": "found" if self.floor_found else "guessed",
            "scale": self.scale_note or "metric",
        }


def level_reconstruction(
    views: Sequence[View], reconstruction: Reconstruction, options: LevelOptions, progress: Progress
) -> Leveling:
    """Find up, main axes, floor and scale. Raises InputError for a known distance that cannot be found."""
    cameras = reconstruction.cameras
    points, normals = _samples(reconstruction)
    up = find_up(views, cameras, normals, progress)
    progress.update(0.85, "floor and axes")
    rotation = _axes(up.direction, normals, cameras[0])
    leveled, level_normals = points @ rotation.T, normals @ rotation.T
    floor, floor_found = _floor(leveled, level_normals)
    centre = np.median(leveled, axis=0)
    factor, is_metric, note = _scale(views, reconstruction, options, rotation, floor, leveled)
    world_from_engine = np.eye(4)
    world_from_engine[:3, :3] = factor * rotation
    world_from_engine[:3, 3] = -factor * np.array([centre[0], centre[1], floor])
    return Leveling(
        world_from_engine=world_from_engine,
        up_certain=up.certain,
        up_reason=up.reason,
        up_spread_deg=up.spread_deg,
        floor_found=floor_found,
        is_metric=is_metric,
        scale_note=note,
    )


def apply_leveling(reconstruction: Reconstruction, leveling: Leveling) -> Reconstruction:
    """The same reconstruction in the scene's world; reprojections do not change."""
    matrix = leveling.world_from_engine
    scale = float(np.cbrt(np.linalg.det(matrix[:3, :3])))
    rotation = matrix[:3, :3] / scale
    cameras = []
    for camera in reconstruction.cameras:
        world_from_camera = np.eye(4)
        world_from_camera[:3, :3] = rotation @ camera.world_from_camera[:3, :3]
        world_from_camera[:3, 3] = matrix[:3, :3] @ camera.centre + matrix[:3, 3]
        cameras.append(replace(camera, world_from_camera=world_from_camera))
    xyz = reconstruction.points.xyz @ matrix[:3, :3].T + matrix[:3, 3]
    depth = {
        name: replace(found, depth=(found.depth * scale).astype(np.float32))
        for name, found in reconstruction.depth.items()
    }
    return replace(
        reconstruction,
        cameras=tuple(cameras),
        points=replace(reconstruction.points, xyz=xyz),
        depth=depth,
        is_metric=leveling.is_metric,
    )


def _samples(reconstruction: Reconstruction) -> tuple[FloatArray, FloatArray]:
    """(points, unit normals towards the camera), (N, 3) each, of measured depth that is locally flat."""
    points, normals = [reconstruction.points.xyz], []
    for camera in reconstruction.cameras:
        found = reconstruction.depth.get(camera.name)
        if found is None:
            continue
        height, width = found.depth.shape
        scaled = camera.scaled(width, height)
        row, column = np.mgrid[0:height, 0:width]
        x = (column + 0.5 - scaled.K[0, 2]) / scaled.K[0, 0] * found.depth
        y = (row + 0.5 - scaled.K[1, 2]) / scaled.K[1, 1] * found.depth
        local = np.stack([x, y, found.depth], -1).astype(np.float64)
        inner = slice(_STEP, -_STEP, _STEP)
        low, high = slice(0, -2 * _STEP, _STEP), slice(2 * _STEP, None, _STEP)
        here = local[inner, inner]
        pairs = (local[inner, low], local[inner, high]), (local[low, inner], local[high, inner])
        flat = here[..., 2] > 0
        for one, other in pairs:
            flat &= (one[..., 2] > 0) & (other[..., 2] > 0)
            bend = np.abs(one[..., 2] + other[..., 2] - 2 * here[..., 2])
            flat &= bend < 0.02 * np.maximum(here[..., 2], 1e-9)
        across, down = (other - one for one, other in pairs)
        n = np.cross(down, across)[flat]
        n /= np.maximum(np.linalg.norm(n, axis=1), 1e-12)[:, None]
        turn = scaled.world_from_camera[:3, :3]
        points.append(here[flat] @ turn.T + scaled.centre)
        normals.append(n @ turn.T)
    if len(points) > 1 and sum(len(p) for p in points[1:]) > 200:
        return np.concatenate(points[1:]), np.concatenate(normals)
    return points[0], np.zeros((0, 3))


def _axes(up: FloatArray, normals: FloatArray, first: Camera) -> FloatArray:
    """(3, 3) rotation: up to Z, walls along X and Y, the first camera looking along +Y as nearly as that allows."""
    forward = first.world_from_camera[:3, 2] - (first.world_from_camera[:3, 2] @ up) * up
    if np.linalg.norm(forward) < 1e-6:
        forward = first.world_from_camera[:3, 1] - (first.world_from_camera[:3, 1] @ up) * up
    y = forward / np.linalg.norm(forward)
    x = np.cross(y, up)
    rotation = np.stack([x, y, up])
    walls = normals[np.abs(normals @ up) < 0.2] @ rotation.T if len(normals) else normals
    if len(walls) < 200:
        return rotation
    angle = np.arctan2(walls[:, 1], walls[:, 0])
    bins = np.floor(np.mod(angle, np.pi / 2) / (np.pi / 2) * 90).astype(int) % 90
    votes = np.bincount(bins, minlength=90).astype(float)
    smooth = np.sum([np.roll(votes, shift) for shift in (-2, -1, 0, 1, 2)], axis=0)
    peak = int(np.argmax(smooth))
    if smooth[peak] < 3 * smooth.mean():
        return rotation  # no two walls agree: keep the first camera's direction
    turn = np.radians(peak + 0.5)
    near = np.exp(4j * angle[np.minimum((bins - peak) % 90, (peak - bins) % 90) <= 3])
    turn = float(np.angle(near.mean())) / 4 if len(near) else turn
    # of the four turns the smallest
    turn = (turn + np.pi / 4) % (np.pi / 2) - np.pi / 4
    c, s = np.cos(-turn), np.sin(-turn)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ rotation


def _floor(points: FloatArray, normals: FloatArray) -> tuple[float, bool]:
    """(height of the floor, whether one was found): the lowest level surface of some size."""
    low, high = np.percentile(points[:, 2], [0.5, 99.5])
    size = max(high - low, 1e-9)
    if len(normals):
        level = points[normals[:, 2] > 0.94, 2]
        level = level[(level > low - 0.1 * size) & (level < high)]
        if len(level) > 100:
            votes, edges = np.histogram(level, bins=80)
            smooth = np.convolve(votes, [0.5, 1, 0.5], "same")
            strong = np.flatnonzero(smooth > max(0.08 * len(level), 30))
            if len(strong) and edges[strong[0]] < low + 0.35 * size:
                near = np.abs(level - edges[strong[0]] - size / 160) < size / 40
                return float(np.median(level[near])), True
    return float(low), False


def _scale(
    views: Sequence[View],
    reconstruction: Reconstruction,
    options: LevelOptions,
    rotation: FloatArray,
    floor: float,
    points: FloatArray,
) -> tuple[float, bool, str]:
    """(metres per engine unit, whether observed, a note for the user)."""
    if options.known:
        return metres_per_unit_from_known(options.known, reconstruction), True, ""
    gps = metres_per_unit_from_gps(views, reconstruction.cameras, rotation[2])
    if gps is not None:
        return gps, True, "Scale from the photos' GPS: good to some percent."
    if reconstruction.is_metric:
        note = "Lengths are the model's estimate of metres, not measured. Give --known to set the scale."
        return 1.0, False, note
    centres = np.array([camera.centre for camera in reconstruction.cameras]) @ rotation.T
    forward = np.array([c.world_from_camera[:3, 2] for c in reconstruction.cameras]) @ rotation.T
    middle = np.median(points, axis=0)
    distance = float(np.median(np.linalg.norm(centres - middle, axis=1)))
    headings = np.arctan2(forward[:, 1], forward[:, 0])
    covers = np.abs(np.exp(1j * headings).mean()) < 0.5
    inward = (((middle - centres) * forward).sum(axis=1) > 0).mean() > 0.9
    factor, note = plausible_metres_per_unit(
        centres[:, 2] - floor, distance, bool(covers and inward)
    )
    return factor, False, f"Lengths are not metric: {note}. Give --known to set the scale."
