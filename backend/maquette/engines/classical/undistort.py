"""From COLMAP's model to the house's types: pinhole cameras, and photos free of lens distortion.

A photo keeps its size and focal length. Where the distortion moves its corner by half a pixel or less, it is left as it
is; else it is resampled, and what the lens did not see is masked.
"""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from maquette.engines.classical.evidence import Model, undistort
from maquette.photos.pixels import read_pixels
from maquette.progress import Progress
from maquette.types import (
    Camera,
    FloatArray,
    Reconstruction,
    SparsePoints,
    Trust,
    View,
)
from maquette_protocol.errors import PhotoError

_VISIBLE_PX = 0.5


def to_reconstruction(
    model: Model,
    placed: list[tuple[int, int]],
    views: tuple[View, ...],
    trust: Trust,
    left_out: dict[str, str],
    workdir: Path,
    progress: Progress,
) -> tuple[Reconstruction, tuple[View, ...]]:
    """(reconstruction, views) of the placed photos: (index of the view, row of the model) each."""
    placed = sorted(placed)
    cameras, plain_views = [], []
    for done, (number, row) in enumerate(placed):
        view = views[number]
        progress.update(1.0, f"straightening {done} of {len(placed)}")
        cameras.append(_camera(view, model, row))
        plain_views.append(_plain_view(view, model.intrinsics[row], workdir / "undistorted"))
    points = _points(model, [row for _, row in placed], plain_views)
    reconstruction = Reconstruction(
        cameras=tuple(cameras),
        points=points,
        trust=trust,
        engine="classical",
        left_out=left_out,
    )
    return reconstruction, tuple(plain_views)


def _camera(view: View, model: Model, row: int) -> Camera:
    fx, fy, cx, cy, _ = model.intrinsics[row]
    world_from_camera = np.eye(4)
    rotation = model.camera_from_world[row, :, :3].T
    world_from_camera[:3, :3] = rotation
    world_from_camera[:3, 3] = -rotation @ model.camera_from_world[row, :, 3]
    return Camera(
        name=view.name,
        width=view.width,
        height=view.height,
        K=np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]]),
        world_from_camera=world_from_camera,
    )


def corner_shift_px(view: View, intrinsics: FloatArray) -> float:
    """How far the distortion moves the farthest corner, pixels."""
    corners = np.array(
        [[0, 0], [view.width, 0], [0, view.height], [view.width, view.height]], float
    )
    return float(np.linalg.norm(undistort(corners, intrinsics) - corners, axis=1).max())


def _plain_view(view: View, intrinsics: FloatArray, folder: Path) -> View:
    if corner_shift_px(view, intrinsics) <= _VISIBLE_PX:
        return view
    folder.mkdir(parents=True, exist_ok=True)
    fx, fy, cx, cy, k = intrinsics
    column, row = np.meshgrid(np.arange(view.width) + 0.5, np.arange(view.height) + 0.5)
    x, y = (column - cx) / fx, (row - cy) / fy
    stretch = 1 + k * (x * x + y * y)
    source_x = (x * stretch * fx + cx - 0.5).astype(np.float32)
    source_y = (y * stretch * fy + cy - 0.5).astype(np.float32)
    rgb = cv2.remap(
        read_pixels(view), source_x, source_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    path = folder / f"{view.name}.png"
    if view.width * view.height > 4_000_000:
        path = folder / f"{view.name}.jpg"
    _write(path, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    inside = (source_x > -0.5) & (source_x < view.width - 0.5)
    inside &= (source_y > -0.5) & (source_y < view.height - 0.5)
    mask = np.where(inside, 255, 0).astype(np.uint8)
    if view.mask_path is not None:
        mask = np.minimum(mask, _remap_mask(view.mask_path, source_x, source_y, 0))
    mask_path = view.mask_path
    if not mask.all():
        mask_path = folder / f"{view.name}.mask.png"
        _write(mask_path, mask)
    sky_path = None
    if view.sky_path is not None:
        sky_path = folder / f"{view.name}.sky.png"
        _write(sky_path, _remap_mask(view.sky_path, source_x, source_y, 0))
    return replace(view, path=path, mask_path=mask_path, sky_path=sky_path)


def _remap_mask(path: Path, x: FloatArray, y: FloatArray, border: int) -> np.ndarray:
    mask = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise PhotoError(f"{path} cannot be read.", hint="Run again from the photos.")
    return cv2.remap(mask, x, y, cv2.INTER_NEAREST, borderValue=border)


def _write(path: Path, pixels: np.ndarray) -> None:
    flags = [cv2.IMWRITE_JPEG_QUALITY, 95] if path.suffix == ".jpg" else []
    path.write_bytes(cv2.imencode(path.suffix, pixels, flags)[1].tobytes())


def _points(model: Model, rows: list[int], views: list[View]) -> SparsePoints:
    """Points that at least two kept cameras see, with undistorted observations, sorted by point."""
    new_camera = np.full(len(model.names), -1, np.int32)
    new_camera[rows] = np.arange(len(rows), dtype=np.int32)
    camera = new_camera[model.observations[:, 1]]
    keep = camera >= 0
    counts = np.bincount(model.observations[keep, 0], minlength=len(model.xyz))
    good = (counts >= 2) & (model.error_px < max(4.0, 0.004 * max(v.width for v in views)))
    new_point = np.full(len(model.xyz), -1, np.int32)
    new_point[good] = np.arange(good.sum(), dtype=np.int32)
    keep &= good[model.observations[:, 0]]
    order = np.argsort(model.observations[keep, 0], kind="stable")
    point = new_point[model.observations[keep, 0]][order]
    camera = camera[keep][order]
    pixels = model.pixels[keep][order].copy()
    for index, row in enumerate(rows):
        mine = camera == index
        pixels[mine] = undistort(pixels[mine], model.intrinsics[row])
    return SparsePoints(
        xyz=model.xyz[good],
        rgb=_colors(good.sum(), point, camera, pixels, views),
        error_px=model.error_px[good],
        observation_point=point,
        observation_camera=camera,
        observation_xy=pixels,
    )


def _colors(
    count: int, point: np.ndarray, camera: np.ndarray, pixels: FloatArray, views: list[View]
) -> np.ndarray:
    """(N, 3) uint8 sRGB: the mean of what the photos show where they see the point."""
    total = np.zeros((count, 3))
    seen = np.zeros(count)
    for index, view in enumerate(views):
        mine = np.flatnonzero(camera == index)
        rgb = read_pixels(view, 1000)
        scale = rgb.shape[1] / view.width
        x = np.clip((pixels[mine, 0] * scale).astype(int), 0, rgb.shape[1] - 1)
        y = np.clip((pixels[mine, 1] * scale).astype(int), 0, rgb.shape[0] - 1)
        np.add.at(total, point[mine], rgb[y, x])
        np.add.at(seen, point[mine], 1)
    return np.rint(total / np.maximum(seen, 1)[:, None]).astype(np.uint8)
