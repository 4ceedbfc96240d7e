"""The surface stage: complete, fuse, clean, simplify, colour; depth maps that lie on the surface.

One photo alone has nothing to be completed or fused with: its depth is the surface, cut where it jumps.
"""

from dataclasses import dataclass, replace

import numpy as np

from maquette.options import Quality
from maquette.photos.pixels import read_pixels
from maquette.progress import Progress
from maquette.surface.clean import (
    Parts,
    close_holes,
    drop_crumbs,
    drop_unused,
    simplify,
    smooth,
)
from maquette.surface.completion import complete_depth
from maquette.surface.relief import relief
from maquette.types import Camera, DepthMap, FloatArray, Mesh, Reconstruction, View
from maquette_kernels.rasterize import rasterize
from maquette_kernels.tsdf import Volume, allocate, extract, integrate
from maquette_protocol.errors import NoReconstructionError

_FILLED_WEIGHT = 0.05  # of a measured pixel's
_MIN_WEIGHT = 0.25  # measured: one view of a textured surface, or several of a blank one
_MIN_FILLED = 0.01
_MIN_TRUNCATION, _MAX_TRUNCATION = 3.5, 12.0  # voxels
# voxels per unit of depth over baseline: matches are good to half a pixel
_TRUNCATION_PER_RATIO = 0.7
_HOLE_PERIMETER_VOXELS = 30.0  # smaller holes are closed
_SAME_SURFACE = 0.03  # relative difference up to which a view's depth is that surface's


@dataclass(frozen=True, kw_only=True)
class SurfaceOptions:
    """How fine the surface is, and how large it may get."""

    max_blocks: int = 55_000  # of 8³ voxels, 8 KB each; voxels grow until they fit
    max_triangles: int = 300_000
    cut_points: int = 90_000  # of the coarse closed surface that completes depth
    voxel_pixels: float = 1.0  # voxel size in pixels' footprints at the median depth

    @classmethod
    def for_quality(cls, quality: Quality) -> "SurfaceOptions":
        """Draft is coarse and small, high fine and large."""
        if quality == "draft":
            return cls(max_blocks=20_000, max_triangles=120_000, cut_points=40_000)
        if quality == "normal":
            return cls()
        return cls(max_blocks=120_000, max_triangles=1_000_000, cut_points=200_000)


@dataclass(frozen=True, kw_only=True)
class Surface:
    """The mesh, and depth that lies on it: per view, complete as far as the surface reaches."""

    mesh: Mesh
    depth: dict[str, DepthMap]  # by camera name


def build_surface(
    views: tuple[View, ...],
    reconstruction: Reconstruction,
    options: SurfaceOptions,
    progress: Progress,
) -> Surface:
    """One coloured mesh from the reconstruction's depth maps, in its world, and the maps completed along it.

    Raises NoReconstructionError where the depth maps hold no surface, Cancelled.
    """
    named = {view.name: view for view in views}
    cameras = tuple(c for c in reconstruction.cameras if c.name in reconstruction.depth)
    kept = tuple(named[camera.name] for camera in cameras)
    maps = [reconstruction.depth[camera.name] for camera in cameras]
    if not any((m.depth > 0).any() for m in maps):
        raise NoReconstructionError(
            "No two photos show the same surface well enough to measure it.",
            hint="Take the photos closer together, with two thirds overlap.",
        )
    if len(reconstruction.cameras) == 1:
        progress.update(0.6, "drawing the surface")
        (vertices, triangles, seen), shown = relief(cameras[0], maps[0], 2 * options.max_triangles)
        maps = [replace(maps[0], depth=np.where(shown, maps[0].depth, 0).astype(np.float32))]
        if len(triangles) == 0:
            raise NoReconstructionError(
                "The photo's depth holds no surface: no pixel lies beside its neighbours.",
                hint="Try another model, or more photos of the place.",
            )
    else:
        maps = complete_depth(kept, cameras, maps, options.cut_points, progress)
        vertices, triangles, seen = _fused(cameras, maps, options, progress)
    vertices, triangles, seen = simplify(vertices, triangles, seen, options.max_triangles)
    vertices, triangles, seen = drop_unused(vertices, triangles, seen)
    mesh = Mesh(
        vertices=vertices,
        triangles=triangles,
        colors=np.zeros((len(vertices), 3), np.uint8),
        seen=seen,
    )
    mesh = _colored(mesh, kept, cameras, maps, progress)
    depth = {}
    for number, (camera, given) in enumerate(zip(cameras, maps, strict=True)):
        progress.update(0.95 + 0.05 * number / len(cameras), "depth along the surface")
        depth[camera.name] = _on_surface(mesh, camera, given)
    return Surface(mesh=mesh, depth=depth)


def _fused(
    cameras: tuple[Camera, ...], maps: list[DepthMap], options: SurfaceOptions, progress: Progress
) -> Parts:
    """The surface that the maps of several views agree on."""
    volume = _volume(cameras, maps, options)
    for number, (camera, given) in enumerate(zip(cameras, maps, strict=True)):
        progress.update(0.3 + 0.3 * number / len(cameras), "fusing")
        height, width = given.depth.shape
        scaled = camera.scaled(width, height)
        weight = given.confidence * np.where(given.filled, _FILLED_WEIGHT, 1.0)
        integrate(volume, given.depth, weight, given.filled, scaled.K, scaled.camera_from_world)
    progress.update(0.6, "drawing the surface")
    vertices, triangles, seen = extract(volume, _MIN_WEIGHT, _MIN_FILLED)
    if len(triangles) == 0:
        raise NoReconstructionError(
            "The photos' depths do not add up to a surface.",
            hint="Take more photos, closer together.",
        )
    vertices, triangles, seen = drop_crumbs(vertices, triangles, seen)
    vertices, triangles, seen = close_holes(
        vertices, triangles, seen, _HOLE_PERIMETER_VOXELS * volume.voxel
    )
    progress.update(0.75, "smoothing")
    return smooth(vertices, triangles), triangles, seen


def _on_surface(mesh: Mesh, camera: Camera, given: DepthMap) -> DepthMap:
    """The view's depth taken from the surface, which all views made, where it does not contradict the view."""
    height, width = given.depth.shape
    scaled = camera.scaled(width, height)
    drawn = rasterize(
        mesh.vertices, mesh.triangles, scaled.K, scaled.camera_from_world, width, height
    ).depth
    is_near = np.abs(drawn - given.depth) < _SAME_SURFACE * given.depth
    taken = (drawn > 0) & (given.depth > 0) & (given.filled | is_near)
    return replace(given, depth=np.where(taken, drawn, given.depth).astype(np.float32))


def _volume(cameras: tuple[Camera, ...], maps: list[DepthMap], options: SurfaceOptions) -> Volume:
    """Blocks around all depth; the voxel follows the pixels' footprint and the budget."""
    points, footprints = [], []
    for camera, given in zip(cameras, maps, strict=True):
        height, width = given.depth.shape
        scaled = camera.scaled(width, height)
        row, column = np.nonzero(given.depth > 0)
        pick = slice(None, None, 5)
        row, column = row[pick], column[pick]
        depth = given.depth[row, column].astype(np.float64)
        local = np.linalg.solve(scaled.K, np.stack([column + 0.5, row + 0.5, np.ones(len(row))]))
        world = (scaled.world_from_camera[:3, :3] @ (local * depth)).T + scaled.centre
        points.append(world)
        footprints.append(depth[~given.filled[row, column]] / scaled.K[0, 0])
    cloud = _within_reach(np.concatenate(points))
    measured = np.concatenate(footprints)
    voxel = options.voxel_pixels * float(np.median(measured if len(measured) else [1.0]))
    truncation = _truncation_voxels(cameras, maps) * voxel
    while True:
        try:
            volume = allocate(cloud, voxel, max(truncation, _MIN_TRUNCATION * voxel))
        except ValueError:
            voxel *= 1.3
            continue
        if len(volume.blocks) <= options.max_blocks:
            return volume
        voxel *= max(1.05, (len(volume.blocks) / options.max_blocks) ** 0.4)


def _truncation_voxels(cameras: tuple[Camera, ...], maps: list[DepthMap]) -> float:
    """How far from its surface a view's depth counts, in voxels of a pixel's footprint.

    An error of matching of one pixel is an error of depth of as many footprints as the depth has
    baselines; views that differ by more than the truncation would carve each other's surface away.
    """
    centres = np.array([camera.centre for camera in cameras])
    ratios = []
    for camera, given in zip(cameras, maps, strict=True):
        found = given.depth[given.depth > 0]
        if not len(found) or len(cameras) < 2:
            continue
        depth = float(np.median(found))
        apart = np.sort(np.linalg.norm(centres - camera.centre, axis=1))[1:]
        baseline = float(np.median(apart[: max(1, int((apart < depth).sum()))]))
        ratios.append(depth / max(baseline, 1e-9))
    return min(_TRUNCATION_PER_RATIO * float(np.median(ratios or [0.0])), _MAX_TRUNCATION)


def _within_reach(points: FloatArray) -> FloatArray:
    """Without the stray far points that would stretch the box of an open scene."""
    middle = np.median(points, axis=0)
    distance = np.linalg.norm(points - middle, axis=1)
    return points[distance <= 4 * np.percentile(distance, 90)]


def _colored(
    mesh: Mesh,
    views: tuple[View, ...],
    cameras: tuple[Camera, ...],
    maps: list[DepthMap],
    progress: Progress,
) -> Mesh:
    """Vertex colours: the mean of the photos whose depth lies on the vertex, else of all that look there."""
    total = np.zeros((len(mesh.vertices), 4))
    for number, (view, camera, given) in enumerate(zip(views, cameras, maps, strict=True)):
        progress.update(0.85 + 0.1 * number / len(cameras), "colours")
        height, width = given.depth.shape
        scaled = camera.scaled(width, height)
        rgb = read_pixels(view, max(width, height))
        local = mesh.vertices @ scaled.camera_from_world[:3, :3].T + scaled.camera_from_world[:3, 3]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = np.nan_to_num((local @ scaled.K.T)[:, :2] / local[:, 2:], nan=-1, posinf=-1)
        inside = (local[:, 2] > 0) & (pixels >= 0).all(axis=1)
        inside &= (pixels[:, 0] < width) & (pixels[:, 1] < height)
        which = np.flatnonzero(inside)
        column = np.minimum(pixels[which, 0].astype(int), rgb.shape[1] - 1)
        row = np.minimum(pixels[which, 1].astype(int), rgb.shape[0] - 1)
        depth = local[which, 2]
        off = np.abs(given.depth[row, column] - depth) / depth
        weight = np.where(off < 0.03, 1.0, 1e-4)
        total[which, :3] += rgb[row, column] * weight[:, None]
        total[which, 3] += weight
    colors = np.rint(total[:, :3] / np.maximum(total[:, 3:], 1e-12)).astype(np.uint8)
    return replace(mesh, colors=colors)
