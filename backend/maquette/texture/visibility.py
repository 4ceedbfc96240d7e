"""Which photos show a triangle, and how well."""

from dataclasses import dataclass

import cv2
import numpy as np

from maquette.photos.pixels import read_mask, read_pixels
from maquette.progress import Progress
from maquette.types import Camera, FloatArray, IntArray, Mesh, View
from maquette_kernels.rasterize import rasterize

_SIDE_PX = 900  # at which visibility is drawn
_TIGHT, _LOOSE = (
    0.01,
    0.04,
)  # relative depth tolerance; loose for triangles that nothing shows better


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Photos that show a triangle: those of triangle t are at first[t]..first[t + 1], best first."""

    first: IntArray  # (T + 1,)
    view: IntArray  # (N,)
    score: FloatArray  # (N,)
    color: FloatArray  # (N, 3) 0..255, the photo's colour at the triangle's centre


def find_candidates(
    mesh: Mesh, views: tuple[View, ...], cameras: tuple[Camera, ...], progress: Progress
) -> Candidates:
    """Score every photo for every triangle that it shows: resolution, angle, sharpness, certainty."""
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    centre = corners.mean(axis=1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    double_area = np.linalg.norm(normal, axis=1)
    normal /= np.maximum(double_area, 1e-300)[:, None]
    found: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    sharpness = []
    for number, (view, camera) in enumerate(zip(views, cameras, strict=True)):
        progress.update(0.45 * number / len(views), f"visibility {number + 1} of {len(views)}")
        rgb = read_pixels(view, _SIDE_PX)
        sharpness.append(_sharpness(rgb))
        height, width = rgb.shape[:2]
        scaled = camera.scaled(width, height)
        raster = rasterize(
            mesh.vertices, mesh.triangles, scaled.K, scaled.camera_from_world, width, height
        )
        shown = _tiers(scaled, corners, centre, raster.depth, raster.triangle)
        which = np.flatnonzero(shown > 0)
        to_camera = camera.centre - centre[which]
        distance = np.linalg.norm(to_camera, axis=1)
        cosine = (normal[which] * to_camera).sum(axis=1) / distance
        # backs are shown too where nothing else is: a thin wall's other side
        facing = np.where(cosine > 0.05, cosine, 0.02)
        column, row = _pixels(scaled, centre[which])
        usable = read_mask(view, (height, width))[row, column]
        pixels_per_unit = camera.K[0, 0] / distance
        score = shown[which] * facing**1.5 * pixels_per_unit**2
        score = score / (1 + np.where(cosine > 0.05, 0, 1e3))
        color = cv2.GaussianBlur(rgb, (3, 3), 0)[row, column].astype(np.float32)
        good = usable
        found.append((which[good], np.full(good.sum(), number), score[good], color[good]))
    triangle, view_index, score, color = (np.concatenate(part) for part in zip(*found, strict=True))
    relative = np.asarray(sharpness) / max(float(np.median(sharpness)), 1e-9)
    score = score * np.clip(relative, 0.2, 2.0)[view_index]
    order = np.lexsort((-score, triangle))
    counts = np.bincount(triangle, minlength=len(mesh.triangles))
    return Candidates(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        view=view_index[order].astype(np.int32),
        score=score[order],
        color=color[order],
    )


def _sharpness(rgb: np.ndarray) -> float:
    """Detail that survives in the photo: a blurred one has little."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.0))
    return float(np.percentile(detail, 90))


def _pixels(camera: Camera, points: FloatArray) -> tuple[IntArray, IntArray]:
    local = points @ camera.camera_from_world[:3, :3].T + camera.camera_from_world[:3, 3]
    pixels = local @ camera.K.T
    column = np.clip((pixels[:, 0] / pixels[:, 2]).astype(np.int64), 0, camera.width - 1)
    row = np.clip((pixels[:, 1] / pixels[:, 2]).astype(np.int64), 0, camera.height - 1)
    return column, row


def _tiers(
    camera: Camera, corners: FloatArray, centre: FloatArray, depth: FloatArray, triangle: IntArray
) -> FloatArray:
    """(T,) 1 fully shown, less where only its centre, some pixel, or nearly so; 0 hidden or outside."""
    points = np.concatenate([corners.reshape(-1, 3), centre])
    local = points @ camera.camera_from_world[:3, :3].T + camera.camera_from_world[:3, 3]
    z = local[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = np.nan_to_num(
            (local @ camera.K.T)[:, :2] / z[:, None], nan=-1, posinf=-1, neginf=-1
        )
    inside = (z > 0) & (pixels >= 0.5).all(axis=1)
    inside &= (pixels[:, 0] < camera.width - 0.5) & (pixels[:, 1] < camera.height - 0.5)
    column = np.clip(pixels[:, 0], 0, camera.width - 1).astype(np.int64)
    row = np.clip(pixels[:, 1], 0, camera.height - 1).astype(np.int64)
    behind = np.where(inside, z / np.maximum(depth[row, column], 1e-12) - 1, np.inf)
    count = len(corners)
    inside_all = inside[: 3 * count].reshape(count, 3).all(axis=1)
    corner_tight = (behind[: 3 * count] < _TIGHT).reshape(count, 3)
    centre_tight = behind[3 * count :] < _TIGHT
    tier = np.zeros(count)
    tier[(behind[3 * count :] < _LOOSE)] = 0.003
    drawn = np.unique(triangle[triangle >= 0])
    tier[drawn] = 0.03
    tier[centre_tight] = 0.15
    tier[centre_tight & corner_tight.all(axis=1)] = 1.0
    tier[~inside_all] = 0
    return tier
