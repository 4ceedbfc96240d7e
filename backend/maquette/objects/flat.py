"""Thin things that lie on a surface or hang on it: mats, papers, pictures. Only their colour tells them from it.

Each surface is drawn into its plane. A texel is unlike the surface where few of its texels have such a colour; a cut
of the pixel graph joins unlike texels into regions whose borders follow the edges of the picture. A region is a
thing where it is compact and the colour steps at its border, which shadows' borders do not.

Source: binary cut with contrast-sensitive neighbours, Boykov and Jolly 2001; here solved by the multicut's
contraction over small regions of the picture.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from skimage.measure import label as connected
from skimage.segmentation import felzenszwalb

from maquette.objects.completion import Rectified, rectify
from maquette.objects.partition import Partition
from maquette.objects.skin import FaceGraph, Skin, lab
from maquette.objects.structure import Plane
from maquette.objects.supports import Support
from maquette.types import BoolArray, ByteArray, FloatArray, IntArray

_LIGHTNESS = 0.5  # weight of lightness beside chroma: light and shadow change it most
_ALIKE = 9.0  # CIELAB: colours nearer than this are the same
_COMMON = 0.08  # of the surface: colours with a larger share are the surface's own
_LEAST_AREA = 700.0  # square units
_LEAST_HOST = 8000.0  # square units: smaller tops carry no thin things
_SOLID = 0.72  # of a region's convex hull
_NARROW = 15.0  # units: edges of boards and strips of light are no wider
_STEP = 9.5  # CIELAB across the border
_APART = 18.0  # CIELAB between the colours of two things that touch
_MOST = 0.3  # of the surface: larger regions are the surface itself
_THIN = 9.0  # units: what stands higher on the region is not part of it
_ALONG = 0.15  # of a region near another plane of the room
_KNOWN = 0.35  # of a region that is one part already
_FACING = 0.6  # cosine to the surface's normal
_INSIDE = 0.7  # of a part that belongs to a region


@dataclass(frozen=True, kw_only=True)
class FlatThings:
    """The partition with the thin things, and which part each lies on."""

    partition: Partition
    lies_on: dict[int, int]


def find_flat_things(
    skin: Skin,
    graph: FaceGraph,
    normals: FloatArray,
    texture: ByteArray,
    planes: list[Plane],
    supports: list[Support],
    found: Partition,
) -> FlatThings:
    """Cut thin things out of the room's planes and the supports."""
    part, count = found.part.copy(), found.count
    lies_on: dict[int, int] = {}
    for owner, own, normal, offset in _surfaces(graph, normals, planes, supports, found, skin.unit):
        drawn = rectify(skin, texture, own, normal, offset, graph.centre[own])
        for region in _regions(drawn, skin.unit):
            distance = graph.centre @ normal - offset
            inside = drawn.holds(region, graph.centre) & (np.abs(distance) < _THIN * skin.unit)
            faces = np.flatnonzero(inside & (part == owner))
            if graph.area[faces].sum() < 0.5 * _LEAST_AREA * skin.unit**2:
                continue
            if owner < found.num_planes and _meets_room(
                graph.centre[faces], owner, planes, skin.unit
            ):
                continue
            inner = np.bincount(part[inside], graph.area[inside], count)
            whole = np.bincount(part, graph.area, count)
            thin = inner > _INSIDE * whole
            thin[: found.num_planes] = False
            thin[owner] = False
            if inner[thin].max(initial=0.0) > _KNOWN * inner.sum():
                continue  # its shape told it apart already
            part[faces] = count
            part[thin[np.minimum(part, count - 1)] & (part < count)] = count
            lies_on[count] = owner
            count += 1
    return _renumbered(replace(found, part=part, count=count), lies_on)


def _meets_room(points: FloatArray, owner: int, planes: list[Plane], unit: float) -> bool:
    """Whether a region of one plane runs along another, as skirting boards do."""
    return any(
        (np.abs(plane.distance(points)) < _THIN * unit).mean() > _ALONG
        for number, plane in enumerate(planes)
        if number != owner
    )


def _surfaces(
    graph: FaceGraph,
    normals: FloatArray,
    planes: list[Plane],
    supports: list[Support],
    found: Partition,
    unit: float,
) -> list[tuple[int, IntArray, FloatArray, float]]:
    """(part, faces, normal, offset) of all surfaces that things may lie on; faces of thin things are among them."""
    up = np.array([0.0, 0.0, 1.0])
    out: list[tuple[int, IntArray, FloatArray, float]] = []
    for number, plane in enumerate(planes[: found.num_planes]):
        near = np.abs(plane.distance(graph.centre)) < _THIN * unit
        faces = np.flatnonzero(near & (normals @ plane.normal > _FACING))
        out.append((number, faces, plane.normal, plane.offset))
    for support in supports:
        owner = int(np.bincount(found.part[support.faces]).argmax())
        if owner < found.num_planes or support.area < _LEAST_HOST * unit**2:
            continue
        height = graph.centre[:, 2] - support.height
        near = (height > -support.reach) & (height < _THIN * unit) & (normals[:, 2] > _FACING)
        places = graph.centre[near, :2].astype(np.float32)
        hull = cv2.convexHull(graph.centre[support.faces, :2].astype(np.float32))
        inside = [cv2.pointPolygonTest(hull, (float(x), float(y)), False) >= 0 for x, y in places]
        out.append((owner, np.flatnonzero(near)[np.array(inside, bool)], up, support.height))
    return out


def _regions(drawn: Rectified, unit: float) -> list[BoolArray]:
    """Masks of compact regions of unlike colour."""
    step = max(1, round(2 * unit / drawn.texel))
    picture = cv2.resize(
        drawn.picture, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA
    )
    size = (picture.shape[1], picture.shape[0])
    known = cv2.resize(drawn.known.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    if known.sum() < 100:
        return []
    picture = cv2.medianBlur(picture, 5)
    color = lab(picture.reshape(-1, 3).astype(np.float32)).reshape(picture.shape)
    color = color * [_LIGHTNESS, 1, 1]
    unlike = _share_alike(color, known) < _COMMON
    cells = felzenszwalb(color / 100, scale=0.2, sigma=0.8, min_size=30, channel_axis=-1)
    cells = np.where(known, cells + 1, 0)
    share = np.bincount(cells.ravel(), unlike.ravel()) / np.maximum(np.bincount(cells.ravel()), 1)
    share[0] = 0
    mask = share[cells] > 0.5
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    mask = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
    texel = drawn.texel * step
    pieces = np.asarray(connected(mask, connectivity=1))
    found = []
    for number in range(1, int(pieces.max()) + 1):
        candidates = [pieces == number]
        while candidates:
            piece = candidates.pop()
            region = _filled(piece)
            if _is_thing(region, color, known, unit, texel):
                full = cv2.resize(region.astype(np.uint8), drawn.known.shape[::-1], interpolation=0)
                found.append(full > 0)
            elif piece.sum() * texel**2 > _LEAST_AREA * unit**2:
                candidates += _split(piece, color, kernel)
    return found


def _split(piece: BoolArray, color: FloatArray, kernel: ByteArray) -> list[BoolArray]:
    """Things of different colours that touch: the parts of the piece's two colours; none where it has one."""
    samples = color[piece].astype(np.float32)
    start = np.zeros((len(samples), 1), np.int32)
    _, label, centres = cv2.kmeans(
        samples, 2, start, (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 0.5), 1, 0
    )
    if np.linalg.norm(centres[0] - centres[1]) < _APART:
        return []
    out = []
    for number in (0, 1):
        mask = np.zeros(piece.shape, np.uint8)
        mask[piece] = label.ravel() == number
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
        pieces = np.asarray(connected(mask, connectivity=1))
        out += [pieces == k for k in range(1, int(pieces.max()) + 1)]
    return [part for part in out if part.sum() < 0.95 * piece.sum()]


def _share_alike(color: FloatArray, known: BoolArray) -> FloatArray:
    """(H, W) the share of known texels whose colour is about the texel's own."""
    cell = _ALIKE / 2
    place = np.floor((color - color.reshape(-1, 3).min(axis=0)) / cell).astype(int)
    shape = tuple((place.reshape(-1, 3).max(axis=0) + 3).tolist())
    votes = np.zeros(shape)
    np.add.at(votes, tuple(place[known].T + 1), 1.0)
    for axis in range(3):
        votes = votes + np.roll(votes, 1, axis) + np.roll(votes, -1, axis)
    return votes[tuple(np.moveaxis(place + 1, -1, 0))] / max(int(known.sum()), 1)


def _filled(region: BoolArray) -> BoolArray:
    """The region without holes."""
    outlines, _ = cv2.findContours(
        region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    out = np.zeros(region.shape, np.uint8)
    cv2.drawContours(out, list(outlines), -1, 1, -1)
    return out > 0


def _is_thing(
    region: BoolArray, color: FloatArray, known: BoolArray, unit: float, texel: float
) -> bool:
    """Large enough, not the surface itself, compact, and with a step of colour around it."""
    area = int(region.sum())
    if area * texel**2 < _LEAST_AREA * unit**2 or area > _MOST * known.sum():
        return False
    outlines, _ = cv2.findContours(
        region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    hull = cv2.convexHull(np.concatenate(outlines))
    if area < _SOLID * max(cv2.contourArea(hull), 1.0):
        return False
    if min(cv2.minAreaRect(hull)[1]) * texel < _NARROW * unit:
        return False
    kernel = np.ones((3, 3), np.uint8)
    image = region.astype(np.uint8)
    inner = (image > 0) & (cv2.erode(image, kernel, iterations=4) == 0)
    inner &= cv2.erode(image, kernel, iterations=1) > 0
    outer = (cv2.dilate(image, kernel, iterations=5) > 0) & known
    outer &= cv2.dilate(image, kernel, iterations=2) == 0
    if outer.sum() < 0.25 * inner.sum() or not inner.any():
        return False
    ring = cv2.dilate(image, kernel, iterations=6) > 0
    inside = _blurred(color, inner)
    outside = _blurred(color, outer)
    edge = ring & (cv2.dilate(image, kernel) > 0) & (cv2.erode(image, kernel) == 0)
    both = edge & np.isfinite(inside[..., 0]) & np.isfinite(outside[..., 0])
    if not both.any():
        return False
    step = np.linalg.norm(inside[both] - outside[both], axis=1)
    return bool(np.percentile(step, 30) > _STEP)


def _blurred(color: FloatArray, mask: BoolArray) -> FloatArray:
    """(H, W, 3) mean colour of the mask's texels around each texel; NaN where there is none."""
    weight = cv2.blur(mask.astype(np.float64), (13, 13))
    total = cv2.blur(color * mask[..., None], (13, 13))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight[..., None] > 1e-6, total / weight[..., None], np.nan)


def _renumbered(found: Partition, lies_on: dict[int, int]) -> FlatThings:
    """Without empty parts; the planes stay first."""
    used = np.bincount(found.part, minlength=found.count) > 0
    used[: found.num_planes] = True
    new = np.cumsum(used) - 1
    return FlatThings(
        partition=replace(found, part=new[found.part].astype(np.int32), count=int(used.sum())),
        lies_on={int(new[k]): int(new[v]) for k, v in lies_on.items()},
    )
