"""The room: floor, walls and ceiling as planes of the skin, each with the distance up to which the skin is that plane.

World is levelled (Z up, floor near z = 0). Planes face the room: `distance` is positive on the room's side.
Source: Hough votes over face normals and offsets, then iteratively reweighted least squares (Tukey's biweight).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import coo_matrix

from maquette.objects.skin import FaceGraph
from maquette.types import BoolArray, FloatArray

_LEVEL = 0.9  # cosine: how level floors are
_TURNED = np.cos(np.radians(40.0))  # faces of a plane may be turned from it that much by noise
_WALL_AREA = 0.02  # of the whole skin's
_BEHIND = 0.02  # of the skin's area may lie behind a wall
_WALL_HEIGHT = 0.4  # of the scene's


@dataclass(frozen=True, kw_only=True)
class Plane:
    """n · p = offset; `spread` is the noise of the skin about it, `reach` the distance that still is it."""

    normal: FloatArray  # (3,) unit, into the room
    offset: float
    spread: float
    reach: float
    kind: Literal["floor", "wall", "ceiling"]

    def distance(self, points: FloatArray) -> FloatArray:
        """(N,) signed distances."""
        return points @ self.normal - self.offset


def smooth_normals(graph: FaceGraph, rounds: int) -> FloatArray:
    """(T, 3) unit normals averaged with their neighbours', by area."""
    count = len(graph.centre)
    a, b = graph.pairs[:, 0], graph.pairs[:, 1]
    ones = np.ones(2 * len(a), np.float32)
    matrix = coo_matrix((ones, (np.r_[a, b], np.r_[b, a])), (count, count)).tocsr()
    normal = graph.normal.astype(np.float32)
    for _ in range(rounds):
        weighted = normal * graph.area[:, None].astype(np.float32)
        normal = weighted + matrix @ weighted
        normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-30)[:, None]
    return normal.astype(np.float64)


def find_planes(graph: FaceGraph, normals: FloatArray, unit: float) -> list[Plane]:
    """Floor first, then ceiling and walls, as many as there are."""
    low, high = np.percentile(graph.centre[:, 2], [0.5, 99.5])
    height = float(high - low)
    found = []
    floor = _level_plane(graph, normals, unit, height, "floor")
    found += [floor] if floor else []
    ceiling = _level_plane(graph, normals, unit, height, "ceiling")
    found += [ceiling] if ceiling else []
    return found + _walls(graph, normals, unit, float(low), height)


def plane_faces(plane: Plane, graph: FaceGraph, normals: FloatArray) -> BoolArray:
    """(T,) faces that are that plane, and what noise put behind it."""
    distance = plane.distance(graph.centre)
    is_near = np.abs(distance) < plane.reach
    is_turned = normals @ plane.normal > _TURNED
    return (is_near & is_turned) | (distance <= -plane.reach)


def _level_plane(
    graph: FaceGraph,
    normals: FloatArray,
    unit: float,
    height: float,
    kind: Literal["floor", "ceiling"],
) -> Plane | None:
    """The lowest large level surface that nothing lies below, or the highest that nothing lies above."""
    sign = 1.0 if kind == "floor" else -1.0
    level = sign * normals[:, 2] > _LEVEL
    if not level.any():
        return None
    offsets, areas = sign * graph.centre[level, 2], graph.area[level]
    step = max(4 * unit, 0.004 * height)
    first = offsets.min()
    votes = np.bincount(((offsets - first) / step).astype(int), areas)
    votes = np.convolve(votes, [0.5, 1.0, 0.5], "same")
    total = graph.area.sum()
    for peak in np.flatnonzero(votes > _WALL_AREA * total):
        peak = peak + int(np.argmax(votes[peak : peak + 3]))
        middle = first + (peak + 0.5) * step
        below = graph.area[sign * graph.centre[:, 2] < middle - 3 * step].sum()
        if below > _BEHIND * total:
            return None
        start = np.array([0.0, 0.0, sign])
        return _fitted(graph, normals, start, float(middle), 2 * step, unit, kind)
    return None


def _walls(
    graph: FaceGraph, normals: FloatArray, unit: float, low: float, height: float
) -> list[Plane]:
    """Upright planes with some area that reach high and have nothing behind them."""
    upright = np.abs(normals[:, 2]) < 0.25
    angle = np.degrees(np.arctan2(normals[:, 1], normals[:, 0])) % 360
    votes = np.bincount(angle[upright].astype(int), graph.area[upright], 360)
    votes = np.convolve(np.r_[votes[-3:], votes, votes[:3]], np.ones(7), "valid")
    total, step = graph.area.sum(), max(4 * unit, 0.004 * height)
    walls: list[Plane] = []
    taken = np.zeros(len(angle), bool)
    for direction in np.argsort(-votes):
        if votes[direction] < _WALL_AREA * total:
            break
        if votes[direction] < max(votes[(direction + k) % 360] for k in (-2, -1, 1, 2)):
            continue
        yaw = np.radians(direction + 0.5)
        normal = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        mine = upright & (normals @ normal > 0.95) & ~taken
        if graph.area[mine].sum() < _WALL_AREA * total:
            continue
        offset = graph.centre @ normal
        first = offset[mine].min()
        bins = np.bincount(((offset[mine] - first) / step).astype(int), graph.area[mine])
        smooth = np.convolve(bins, np.ones(5), "same")
        strong = np.flatnonzero(smooth > max(_WALL_AREA * total, 0.3 * smooth.max()))
        if len(strong) == 0:
            continue
        peak = int(strong[0] + np.argmax(smooth[strong[0] : strong[0] + 5]))
        wall = _fitted(graph, normals, normal, first + (peak + 0.5) * step, 3 * step, unit, "wall")
        if wall is None or any(
            wall.normal @ w.normal > 0.98 and abs(wall.offset - w.offset) < 4 * step for w in walls
        ):
            continue
        distance = wall.distance(graph.centre)
        behind = graph.area[distance < -4 * max(wall.reach, step)].sum()
        own = (np.abs(distance) < wall.reach) & (normals @ wall.normal > _TURNED)
        z = graph.centre[own, 2]
        if behind > _BEHIND * total or len(z) == 0:
            continue
        if np.ptp(np.percentile(z, [2, 98])) < _WALL_HEIGHT * height:
            continue
        walls.append(wall)
        taken |= own
    return walls


def _fitted(
    graph: FaceGraph,
    normals: FloatArray,
    normal: FloatArray,
    offset: float,
    width: float,
    unit: float,
    kind: Literal["floor", "wall", "ceiling"],
) -> Plane | None:
    """Least squares with weights that fade out; `width` is where they do at first."""
    start = normal
    near = (np.abs(graph.centre @ normal - offset) < 4 * width) & (normals @ normal > _TURNED)
    points, area = graph.centre[near], graph.area[near]
    if len(points) < 20:
        return None
    spread = width / 3
    for _ in range(12):
        residual = points @ normal - offset
        weight = area * np.clip(1 - (residual / (4 * spread)) ** 2, 0, None) ** 2
        if weight.sum() <= 0:
            return None
        mean = np.average(points, axis=0, weights=weight)
        local = points - mean
        covariance = (local * weight[:, None]).T @ local
        direction = np.linalg.eigh(covariance)[1][:, 0]
        direction = direction * np.sign(direction @ start)
        if direction @ start < 0.98:
            direction = start
        normal, offset = direction, float(mean @ direction)
        residual = points @ normal - offset
        inner = np.abs(residual) < 4 * spread
        if not inner.any():
            return None
        spread = max(1.4826 * _weighted_median(np.abs(residual[inner]), area[inner]), unit / 4)
    reach = max(2 * unit, 3 * spread)
    return Plane(normal=normal, offset=offset, spread=spread, reach=reach, kind=kind)


def _weighted_median(values: FloatArray, weights: FloatArray) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
