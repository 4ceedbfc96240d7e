"""Depth for the pixels that stereo left empty, from one closed surface that all lines of sight agree on.

The measured points and what sees them are cut into empty and full (maquette_kernels.visibility_cut); the surface
between, seen from each camera, fills what that camera lacks. It is marked as filled and weighs little.
"""

from dataclasses import dataclass, replace

import numpy as np

from maquette.photos.pixels import read_mask
from maquette.progress import Progress
from maquette.types import Camera, DepthMap, FloatArray, IntArray, View
from maquette_kernels.rasterize import rasterize
from maquette_kernels.visibility_cut import visibility_cut

_AGREES = 0.02  # relative depth difference within which another view sees the same point
_FILLED_CONFIDENCE = 0.3
_GUESS_CONFIDENCE = 0.25  # measured depth below this gives way to the common surface


@dataclass(frozen=True, kw_only=True)
class Sights:
    """Points and the cameras that see them."""

    points: FloatArray  # (N, 3)
    spacing: FloatArray  # (N,) distance between neighbouring samples there
    point: IntArray  # (S,)
    camera: IntArray  # (S,)
    weight: FloatArray  # (S,)


def complete_depth(
    views: tuple[View, ...],
    cameras: tuple[Camera, ...],
    maps: list[DepthMap],
    max_points: int,
    progress: Progress,
) -> list[DepthMap]:
    """The maps with `filled` depth where the common surface shows and little or nothing was measured."""
    sure = [_without_guesses(given) for given in maps]
    sights = gather_sights(cameras, sure, max_points)
    progress.update(0.05, "lines of sight")
    if len(sights.points) < 50:
        return maps
    cut = visibility_cut(
        sights.points,
        sights.point,
        sights.camera,
        sights.weight,
        np.array([camera.centre for camera in cameras]),
        sights.spacing,
    )
    completed = []
    for number, (view, camera, given) in enumerate(zip(views, cameras, sure, strict=True)):
        progress.update(0.2 + 0.1 * number / len(cameras), "completing depth")
        found = _fill(view, camera, given, sights.points, cut.triangles)
        # weak depth closes what nothing else does, unless its confidence is none at all
        measured = np.where(maps[number].confidence > 0, maps[number].depth, 0)
        guess = np.where(found.depth > 0, found.depth, measured).astype(np.float32)
        completed.append(replace(found, depth=guess))
    return completed


def _without_guesses(given: DepthMap) -> DepthMap:
    """Only the depth that is more than smoothness on a blank surface."""
    is_guess = (given.confidence < _GUESS_CONFIDENCE) & ~given.filled
    return replace(given, depth=np.where(is_guess, 0, given.depth).astype(np.float32))


def gather_sights(cameras: tuple[Camera, ...], maps: list[DepthMap], max_points: int) -> Sights:
    """Measured points on an even pixel grid of each map, merged where they fall together."""
    total = sum(int((m.depth > 0).sum()) for m in maps)
    stride = max(1, round((total / max(max_points, 1)) ** 0.5))
    positions, sizes, weights, owners = [], [], [], []
    for number, (camera, given) in enumerate(zip(cameras, maps, strict=True)):
        height, width = given.depth.shape
        scaled = camera.scaled(width, height)
        row, column = np.mgrid[stride // 2 : height : stride, stride // 2 : width : stride]
        row, column = row.ravel(), column.ravel()
        depth = given.depth[row, column]
        keep = (depth > 0) & (given.confidence[row, column] > 0.25) & ~given.filled[row, column]
        row, column, depth = row[keep], column[keep], depth[keep].astype(np.float64)
        positions.append(_backproject(scaled, row, column, depth))
        sizes.append(depth / scaled.K[0, 0] * stride)
        weights.append(given.confidence[row, column])
        owners.append(np.full(len(depth), number))
    points, spacing = np.concatenate(positions), np.concatenate(sizes)
    weight, owner = np.concatenate(weights), np.concatenate(owners)
    group = _merge(points, spacing)
    order = np.lexsort((-weight, group))
    first = np.ones(len(order), bool)
    first[1:] = group[order][1:] != group[order][:-1]
    chosen = order[first]  # the surest of each group, in the groups' order
    merged = points[chosen]
    point, camera_index, votes = [group], [owner], [weight]
    for number, (camera, given) in enumerate(zip(cameras, maps, strict=True)):
        seen, confidence = _agreeing(camera, given, merged)
        point.append(seen)
        camera_index.append(np.full(len(seen), number))
        votes.append(0.5 * confidence)
    keys = np.concatenate(point) * len(cameras) + np.concatenate(camera_index)
    unique, inverse = np.unique(keys, return_inverse=True)
    summed = np.bincount(inverse, np.concatenate(votes), minlength=len(unique))
    return Sights(
        points=merged,
        spacing=spacing[chosen],
        point=(unique // len(cameras)).astype(np.int32),
        camera=(unique % len(cameras)).astype(np.int32),
        weight=np.minimum(summed, 3.0).astype(np.float32),
    )


def _backproject(camera: Camera, row: IntArray, column: IntArray, depth: FloatArray) -> FloatArray:
    pixels = np.stack([column + 0.5, row + 0.5, np.ones(len(row))])
    local = np.linalg.solve(camera.K, pixels) * depth
    return (camera.world_from_camera[:3, :3] @ local).T + camera.centre


def _merge(points: FloatArray, spacing: FloatArray) -> IntArray:
    """(N,) group of each point: cells whose size follows the spacing in steps of two."""
    level = np.round(np.log2(np.maximum(spacing, 1e-12))).astype(np.int64)
    cell = np.floor(points / (2.0**level)[:, None] / 0.7).astype(np.int64)
    rows = np.column_stack([level, cell])
    _, group = np.unique(rows, axis=0, return_inverse=True)
    return group.ravel()


def _agreeing(camera: Camera, given: DepthMap, points: FloatArray) -> tuple[IntArray, FloatArray]:
    """Indices of the points that lie on the camera's measured depth, and its confidence there."""
    height, width = given.depth.shape
    scaled = camera.scaled(width, height)
    local = points @ scaled.camera_from_world[:3, :3].T + scaled.camera_from_world[:3, 3]
    front = np.flatnonzero(local[:, 2] > 0)
    pixels = local[front] @ scaled.K.T
    column = np.floor(pixels[:, 0] / pixels[:, 2]).astype(np.int64)
    row = np.floor(pixels[:, 1] / pixels[:, 2]).astype(np.int64)
    inside = (row >= 0) & (column >= 0) & (row < height) & (column < width)
    front, row, column = front[inside], row[inside], column[inside]
    depth = given.depth[row, column]
    good = (np.abs(depth - local[front, 2]) < _AGREES * local[front, 2]) & ~given.filled[
        row, column
    ]
    return front[good], given.confidence[row, column][good]


def _fill(
    view: View, camera: Camera, given: DepthMap, points: FloatArray, triangles: IntArray
) -> DepthMap:
    height, width = given.depth.shape
    scaled = camera.scaled(width, height)
    raster = rasterize(points, triangles, scaled.K, scaled.camera_from_world, width, height)
    empty = (given.depth <= 0) & (raster.depth > 0) & read_mask(view, (height, width))
    return DepthMap(
        depth=np.where(empty, raster.depth, given.depth).astype(np.float32),
        confidence=np.where(empty, _FILLED_CONFIDENCE, given.confidence).astype(np.float32),
        filled=given.filled | empty,
    )
