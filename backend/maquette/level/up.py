"""Which way is up: vertical vanishing points of line segments, checked by subsets, surfaces and the camera path.

A world direction v is parallel to a line whose interpretation plane has normal n where n · v = 0 (Hartley and
Zisserman, section 8.6). Support alone does not tell a room from a rock; the spread over subsets of the photos does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from maquette.photos.pixels import read_pixels
from maquette.progress import Progress
from maquette.types import Camera, FloatArray, View

_SIDE_PX = 800
_MIN_LENGTH = 0.04  # of the long side: shorter segments have no direction worth having
_CONE_DEG = 35.0  # around the prior in which the vertical is looked for
_INLIER_DEG = 1.5
_MAX_SPREAD_DEG = 3.0
_ROUNDS = 400
_ONE_PHOTO_GROUPS = 6
_MAX_VIEWS = 24  # enough lines; more photos add only time


@dataclass(frozen=True, kw_only=True)
class Up:
    """The up direction, and whether it can be relied on."""

    direction: FloatArray  # (3,) unit, engine's world
    certain: bool
    reason: str  # why not, or what it rests on
    spread_deg: float


def find_up(
    views: Sequence[View], cameras: Sequence[Camera], normals: FloatArray, progress: Progress
) -> Up:
    """From lines in the photos, surface normals (N, 3) of the measured depth, and the camera path."""
    prior = camera_up(cameras)
    planes, owner = _interpretation_planes(views, cameras, progress)
    if len(cameras) == 1:  # no photos to take halves of, but lines
        owner = np.arange(len(planes)) % _ONE_PHOTO_GROUPS
    rng = np.random.default_rng(0)
    vertical = _vertical(planes, prior, rng)
    surface = _surface_up(normals, prior if vertical is None else vertical)
    if vertical is not None:
        spread = _spread(planes, owner, vertical, rng)
        agrees = surface is None or angle_deg(surface, vertical) < 4.0
        if len(cameras) == 1:
            return _of_one_photo(vertical, spread, surface if agrees else None, prior)
        if spread <= _MAX_SPREAD_DEG and agrees:
            # horizontal surfaces are level to a fraction of a degree: they have the last word
            best = vertical if surface is None else _mean(vertical, surface)
            return Up(direction=best, certain=True, reason="vertical lines", spread_deg=spread)
    ring = _ring_axis(cameras, prior)
    if ring is not None and (surface is None or angle_deg(ring, surface) < 12):
        reason = "the cameras circle around it"
        return Up(direction=ring, certain=True, reason=reason, spread_deg=angle_deg(ring, prior))
    if surface is not None and angle_deg(surface, prior) < 8:
        reason = "the largest level surface agrees with how the photos were held, lines do not"
        return Up(
            direction=surface, certain=False, reason=reason, spread_deg=angle_deg(surface, prior)
        )
    reason = "no vertical lines that all photos agree on; taken from how the photos were held"
    return Up(direction=prior, certain=False, reason=reason, spread_deg=90.0)


def vertical_in_photo(view: View, camera: Camera, progress: Progress) -> FloatArray | None:
    """(3,) the world's up as the lines of one photo have it; None where they do not agree on one."""
    planes, _ = _interpretation_planes([view], [camera], progress)
    rng = np.random.default_rng(0)
    vertical = _vertical(planes, camera_up([camera]), rng)
    if vertical is None:
        return None
    groups = np.arange(len(planes)) % _ONE_PHOTO_GROUPS
    return vertical if _spread(planes, groups, vertical, rng) <= _MAX_SPREAD_DEG else None


def _of_one_photo(
    vertical: FloatArray, spread_deg: float, surface: FloatArray | None, prior: FloatArray
) -> Up:
    """One photo is sure of up only if its lines and a level surface say the same; it may be tilted by any angle."""
    holds = spread_deg <= _MAX_SPREAD_DEG
    if surface is not None:
        reason = (
            "vertical lines" if holds else "a level surface; lines in the photo agree, but few do"
        )
        direction = _mean(vertical, surface) if holds else surface
        return Up(direction=direction, certain=holds, reason=reason, spread_deg=spread_deg)
    if holds:
        reason = "lines in one photo that would be vertical, without a level surface to confirm it"
        return Up(direction=vertical, certain=False, reason=reason, spread_deg=spread_deg)
    reason = "no vertical lines in the photo; taken from how it was held"
    return Up(direction=prior, certain=False, reason=reason, spread_deg=spread_deg)


def camera_up(cameras: Sequence[Camera]) -> FloatArray:
    """(3,) the direction square to the cameras' x axes: people hold cameras level, rarely tilted sideways."""
    x = np.array([camera.world_from_camera[:3, 0] for camera in cameras])
    y = np.array([camera.world_from_camera[:3, 1] for camera in cameras])
    mean = -y.mean(axis=0)
    values, vectors = np.linalg.eigh(x.T @ x)
    # photos from one place only do not fix the direction: then the mean of their own ups
    if len(cameras) < 3 or values[1] < 0.02 * len(cameras):
        return mean / max(np.linalg.norm(mean), 1e-12)
    axis = vectors[:, 0]
    return axis * (1.0 if axis @ mean >= 0 else -1.0)


def angle_deg(a: FloatArray, b: FloatArray) -> float:
    """The angle between two unit vectors."""
    return float(np.degrees(np.arccos(np.clip(a @ b, -1, 1))))


def _mean(a: FloatArray, b: FloatArray) -> FloatArray:
    total = a + b
    return total / np.linalg.norm(total)


def _interpretation_planes(
    views: Sequence[View], cameras: Sequence[Camera], progress: Progress
) -> tuple[FloatArray, FloatArray]:
    """(normals (L, 3) in world scaled by the segment's length, index of the view (L,))."""
    step = max(1, len(views) // _MAX_VIEWS)
    normals, owner = [], []
    detector = cv2.createLineSegmentDetector()
    for number in range(0, len(views), step):
        progress.update(0.8 * number / len(views), "vertical lines")
        grey = cv2.cvtColor(read_pixels(views[number], _SIDE_PX), cv2.COLOR_RGB2GRAY)
        lines = detector.detect(grey)[0]
        if lines is None:
            continue
        ends = lines.reshape(-1, 4).astype(float) + 0.5
        length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        long_enough = length > _MIN_LENGTH * max(grey.shape)
        ends, length = ends[long_enough], length[long_enough]
        camera = cameras[number].scaled(grey.shape[1], grey.shape[0])
        one = np.ones((len(ends), 1))
        inverse = np.linalg.inv(camera.K)
        a = np.concatenate([ends[:, :2], one], axis=1) @ inverse.T
        b = np.concatenate([ends[:, 2:], one], axis=1) @ inverse.T
        n = np.cross(a, b)
        n /= np.maximum(np.linalg.norm(n, axis=1), 1e-12)[:, None]
        normals.append(n @ camera.world_from_camera[:3, :3].T * (length / max(grey.shape))[:, None])
        owner.append(np.full(len(n), number))
    if not normals:
        return np.zeros((0, 3)), np.zeros(0, int)
    return np.concatenate(normals), np.concatenate(owner)


def _vertical(planes: FloatArray, prior: FloatArray, rng: np.random.Generator) -> FloatArray | None:
    """The direction near the prior that most line length is parallel to; None without lines."""
    length = np.linalg.norm(planes, axis=1)
    unit = planes / np.maximum(length, 1e-12)[:, None]
    near = np.abs(unit @ prior) < np.sin(np.radians(_CONE_DEG))
    unit, length = unit[near], length[near]
    if len(unit) < 12:
        return None
    chance = length / length.sum()
    pairs = rng.choice(len(unit), (_ROUNDS, 2), p=chance)
    directions = np.cross(unit[pairs[:, 0]], unit[pairs[:, 1]])
    size = np.linalg.norm(directions, axis=1)
    directions = directions[size > 0.02] / size[size > 0.02, None]
    directions *= np.sign(directions @ prior)[:, None]
    directions = directions[directions @ prior > np.cos(np.radians(_CONE_DEG))]
    if len(directions) == 0:
        return None
    off = np.abs(directions @ unit.T) / np.sin(np.radians(_INLIER_DEG))
    votes = (np.maximum(0, 1 - off**2) * length).sum(axis=1)
    best = directions[np.argmax(votes)]
    for _ in range(5):
        off = np.abs(unit @ best) / np.sin(np.radians(_INLIER_DEG))
        weight = length * np.maximum(0, 1 - off**2)
        if weight.sum() <= 0:
            return None
        best = np.linalg.eigh((unit * weight[:, None]).T @ unit)[1][:, 0]
        best *= np.sign(best @ prior)
    return best


def _spread(
    planes: FloatArray, owner: FloatArray, vertical: FloatArray, rng: np.random.Generator
) -> float:
    """The largest angle between the vertical of all photos and that of random halves of them.

    owner: (L,) the photo of each line, or another group that halves are taken of
    """
    numbers = np.unique(owner)
    if len(numbers) < 2:
        return 90.0
    worst = 0.0
    for _ in range(6):
        half = rng.permutation(numbers)[: max(1, (len(numbers) + 1) // 2)]
        found = _vertical(planes[np.isin(owner, half)], vertical, rng)
        worst = max(worst, 90.0 if found is None else angle_deg(found, vertical))
    return worst


def _surface_up(normals: FloatArray, near: FloatArray) -> FloatArray | None:
    """The common normal of the level surfaces near a direction; None where there are none to speak of."""
    if len(normals) < 500:
        return None
    up = near
    for cone_deg in (15, 10, 6, 4):
        close = normals[np.abs(normals @ up) > np.cos(np.radians(cone_deg))]
        if len(close) < 0.03 * len(normals):
            return None
        axis = np.linalg.eigh(close.T @ close)[1][:, -1]
        up = axis * np.sign(axis @ near)
    return up


def _ring_axis(cameras: Sequence[Camera], prior: FloatArray) -> FloatArray | None:
    """The axis around which the cameras circle, where they do and are held level to it."""
    if len(cameras) < 8:
        return None
    centres = np.array([camera.centre for camera in cameras])
    forward = np.array([camera.world_from_camera[:3, 2] for camera in cameras])
    middle = centres.mean(axis=0)
    values, vectors = np.linalg.eigh((centres - middle).T @ (centres - middle))
    axis = vectors[:, 0] * np.sign(vectors[:, 0] @ prior)
    is_flat = values[0] < 0.02 * values[1] and values[1] > 0.2 * values[2]
    inward = ((middle - centres) * forward).sum(axis=1) > 0
    if is_flat and inward.mean() > 0.9 and angle_deg(axis, prior) < 12:
        return _mean(axis, prior)
    return None
