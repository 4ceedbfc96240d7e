"""Which photos help a photo, and how near and far to look.

Source: the angle score of Yao et al. 2018 (MVSNet, section 4.1), here as a gain with diminishing
returns per point, so that the chosen sources together cover the photo.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maquette.stereo.geometry import (
    backproject_grid,
    is_inside,
    project,
    source_projections,
)
from maquette.types import Camera, FloatArray, IntArray, Reconstruction

_BEST_ANGLE_DEG = 7.0
_NARROW_DEG, _WIDE_DEG = 3.0, 14.0  # how fast narrower and wider angles lose worth
_UNSEEN_WORTH = 0.3  # of a point that should be in the source's view, but was not matched there
_RETURN = 0.6  # worth of each further source of the same point
_FEW_POINTS = 30
_MAX_PROXIES = 600


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """What one view is matched against."""

    reference: int  # index into the cameras
    sources: tuple[int, ...]  # most useful first; empty where nothing overlaps
    near: float  # depth range, scene units
    far: float


def plan_views(reconstruction: Reconstruction, num_sources: int) -> list[SweepPlan]:
    """One plan per camera, in the cameras' order."""
    seen = _observed_points(reconstruction)
    ranges = _depth_ranges(reconstruction, seen)
    return [
        SweepPlan(
            reference=index,
            sources=_choose_sources(reconstruction, seen, index, near, far, num_sources),
            near=near,
            far=far,
        )
        for index, (near, far) in enumerate(ranges)
    ]


def _observed_points(reconstruction: Reconstruction) -> list[IntArray]:
    """Per camera, the sorted indices of the points that it sees."""
    points = reconstruction.points
    return [
        np.unique(points.observation_point[points.observation_camera == index])
        for index in range(len(reconstruction.cameras))
    ]


def _depth_ranges(
    reconstruction: Reconstruction, seen: Sequence[IntArray]
) -> list[tuple[float, float]]:
    """Near and far per camera: robust percentiles of its points with generous margins."""
    ranges: list[tuple[float, float] | None] = []
    for camera, indices in zip(reconstruction.cameras, seen, strict=True):
        _, depth = project(camera, reconstruction.points.xyz[indices])
        depth = depth[depth > 0]
        if len(depth) < _FEW_POINTS:
            ranges.append(None)
            continue
        near, far = np.percentile(depth, [1.5, 98.5])
        ranges.append((0.65 * float(near), 1.6 * float(far)))
    known = [pair for pair in ranges if pair is not None]
    result = []
    for index, pair in enumerate(ranges):
        if pair is None and known:
            pair = min(near for near, _ in known), max(far for _, far in known)
        result.append(pair or _range_from_baselines(reconstruction.cameras, index))
    return result


def _range_from_baselines(cameras: Sequence[Camera], index: int) -> tuple[float, float]:
    """Without points: shifts between 0.7 pixels and a third of the photo to the nearest camera."""
    camera = cameras[index]
    distances = [
        float(np.linalg.norm(other.centre - camera.centre))
        for number, other in enumerate(cameras)
        if number != index
    ]
    positive = [distance for distance in distances if distance > 0]
    if not positive:
        return 0.1, 100.0
    shift = float(np.median(sorted(positive)[:3])) * float(camera.K[0, 0])
    return shift / (camera.width / 3), shift / 0.7


def _choose_sources(
    reconstruction: Reconstruction,
    seen: Sequence[IntArray],
    index: int,
    near: float,
    far: float,
    num_sources: int,
) -> tuple[int, ...]:
    """Greedy: the source that adds most worth over the view's points, until none adds any."""
    camera = reconstruction.cameras[index]
    indices = seen[index]
    if len(indices) > _MAX_PROXIES:
        indices = indices[np.linspace(0, len(indices) - 1, _MAX_PROXIES).astype(int)]
    xyz = reconstruction.points.xyz[indices]
    if len(indices) < _FEW_POINTS:
        depths = 1 / np.linspace(1 / near, 1 / far, 5)[1:4]
        xyz = np.concatenate([xyz, backproject_grid(camera, depths)])
    worth = np.zeros((len(reconstruction.cameras), len(xyz)))
    for number, other in enumerate(reconstruction.cameras):
        if number == index:
            continue
        pixels, _ = project(other, xyz)
        worth[number] = is_inside(other, pixels) * _angle_worth(camera, other, xyz)
        if len(indices) >= _FEW_POINTS:
            worth[number] *= np.where(np.isin(indices, seen[number]), 1.0, _UNSEEN_WORTH)
    chosen: list[int] = []
    left = np.ones(len(xyz))
    while len(chosen) < num_sources:
        gains = worth @ left
        gains[chosen] = 0
        best = int(np.argmax(gains))
        if gains[best] <= 0.02 * len(xyz):
            break
        chosen.append(best)
        left *= 1 - (1 - _RETURN) * np.minimum(worth[best] * 2, 1)
    return tuple(chosen)


def _angle_worth(camera: Camera, other: Camera, xyz: FloatArray) -> FloatArray:
    """(N,) 0..1: how useful the angle between the two rays to each point is."""
    first = camera.centre - xyz
    second = other.centre - xyz
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosine = np.sum(first * second, axis=1) / np.maximum(lengths, 1e-12)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    spread = np.where(angle < _BEST_ANGLE_DEG, _NARROW_DEG, _WIDE_DEG)
    return np.exp(-0.5 * ((angle - _BEST_ANGLE_DEG) / spread) ** 2)


def inverse_depth_planes(
    reference: Camera,
    sources: Sequence[Camera],
    near: float,
    far: float,
    max_planes: int,
) -> tuple[float, float, int]:
    """(first inverse depth, step, count): planes far to near whose shift is about one pixel at most.

    The shift is measured in the median source, at the resolution of the given cameras.
    """
    low, high = 1 / far, 1 / near
    projections = source_projections(reference, sources).astype(float)
    side = 5
    xs = (np.arange(side) + 0.5) / side * reference.width
    ys = (np.arange(side) + 0.5) / side * reference.height
    grid = np.stack([*(axis.ravel() for axis in np.meshgrid(xs, ys)), np.ones(side * side)])
    shifts = []
    for projection in projections:
        ends = []
        for w in np.linspace(low, high, 9):
            q = projection[:, :3] @ grid + projection[:, 3:] * w
            ends.append(np.where(q[2] > 1e-6, q[:2] / np.maximum(q[2], 1e-6), np.nan))
        path = np.linalg.norm(np.diff(np.stack(ends), axis=0), axis=1).sum(axis=0)
        if np.isfinite(path).any():
            shifts.append(float(np.nanmedian(path)))
    longest = float(np.median(shifts)) if shifts else float(max_planes)
    count = int(np.clip(np.ceil(longest) + 1, 16, max_planes))
    return low, (high - low) / (count - 1), count
