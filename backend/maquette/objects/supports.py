"""Level surfaces that can carry something: table tops, shelves, seats, tops of boxes.

World is levelled. Found as peaks of the heights of upward faces, one connected patch at a time; patches are held
together across what stands on them by a raster seen from above.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree
from skimage.measure import label

from maquette.objects.skin import FaceGraph
from maquette.types import BoolArray, FloatArray, IntArray

_UP = 0.8  # cosine
_LEAST_AREA = 500.0  # square units: of a patch
_CELL = 4.0  # units: of the raster
_SAME_LEVEL = 3.0  # units
_GAP = 30.0  # units between patches of one surface
_REACH = 4.5  # units: a noisier surface is no surface


@dataclass(frozen=True, kw_only=True)
class Support:
    """A level surface: its height, and which faces are it."""

    height: float
    reach: float  # the distance from it that still is it
    faces: IntArray  # (n,)
    area: float


def find_supports(
    graph: FaceGraph, normals: FloatArray, is_free: BoolArray, unit: float
) -> list[Support]:
    """Patches of free faces, largest first at each height; a face is of one patch at most."""
    least = _LEAST_AREA * unit**2
    is_left = is_free & (normals[:, 2] > _UP)
    z, area = graph.centre[:, 2], graph.area
    found: list[Support] = []
    if not is_left.any():
        return found
    low, step = float(z[is_left].min()), 2 * unit
    votes = np.bincount(((z[is_left] - low) / step).astype(int), area[is_left])
    for _ in range(500):
        smooth = np.convolve(votes, [0.5, 1.0, 1.0, 1.0, 0.5], "same")
        peak = int(np.argmax(smooth))
        if smooth[peak] < least:
            break
        middle = low + (peak + 0.5) * step
        near = np.flatnonzero(is_left & (np.abs(z - middle) < 4 * step))
        patches = _patches(graph.centre[near], area[near], unit)
        votes[max(peak - 2, 0) : peak + 3] = 0
        for patch in patches:
            faces = near[patch]
            height, spread = _level(z[faces], area[faces], unit)
            reach = unit * float(np.clip(3 * spread / unit, 2, _REACH))
            faces = faces[np.abs(z[faces] - height) < reach]
            if area[faces].sum() < least:
                continue
            found.append(
                Support(height=height, reach=reach, faces=faces, area=float(area[faces].sum()))
            )
            is_left[faces] = False
            bins = ((z[faces] - low) / step).astype(int)
            np.subtract.at(votes, bins, area[faces])
            votes = np.maximum(votes, 0)
    touching = _touching(found, graph, unit)
    return joined_supports(found, touching, unit)


def _touching(supports: list[Support], graph: FaceGraph, unit: float) -> IntArray:
    """(S,) groups of patches at one height with next to no gap."""
    group = np.arange(len(supports))
    trees = [KDTree(graph.centre[s.faces, :2]) for s in supports]
    for one in range(len(supports)):
        for other in range(one + 1, len(supports)):
            if abs(supports[one].height - supports[other].height) > _SAME_LEVEL * unit:
                continue
            if trees[one].count_neighbors(trees[other], _GAP * unit) > _GAP:
                group[group == group[other]] = group[one]
    return group


def joined_supports(supports: list[Support], owner: IntArray, unit: float) -> list[Support]:
    """Patches at one height of one thing are one support, though what stands on it hides what joins them.

    owner: (S,) the part that each patch belongs to
    """
    group = np.arange(len(supports))
    for one in range(len(supports)):
        for other in range(one + 1, len(supports)):
            a, b = supports[one], supports[other]
            is_level = abs(a.height - b.height) <= _SAME_LEVEL * unit
            if owner[one] == owner[other] and is_level:
                group[group == group[other]] = group[one]
    joined = []
    for name in dict.fromkeys(group.tolist()):
        members = [supports[n] for n in np.flatnonzero(group == name)]
        areas = np.array([m.area for m in members])
        joined.append(
            Support(
                height=float(np.average([m.height for m in members], weights=areas)),
                reach=max(m.reach for m in members),
                faces=np.concatenate([m.faces for m in members]),
                area=float(areas.sum()),
            )
        )
    return joined


def _patches(centre: FloatArray, area: FloatArray, unit: float) -> list[IntArray]:
    """Indices of the faces of each connected piece of the raster."""
    cell = _CELL * unit
    place = np.floor(centre[:, :2] / cell).astype(int)
    place -= place.min(axis=0) - 2
    shape = tuple(place.max(axis=0) + 3)
    drawn = np.zeros(shape, bool)
    drawn[place[:, 0], place[:, 1]] = True
    pieces = np.asarray(label(ndimage.binary_closing(drawn, np.ones((3, 3))), connectivity=1))
    piece = pieces[place[:, 0], place[:, 1]]
    order = np.argsort(-np.bincount(piece, area), kind="stable")
    return [np.flatnonzero(piece == number) for number in order if number > 0]


def _level(z: FloatArray, area: FloatArray, unit: float) -> tuple[float, float]:
    """(height, spread): mode by mean shift, and the scatter about it."""
    height, spread = float(np.average(z, weights=area)), 3 * unit
    for _ in range(8):
        weight = area * np.clip(1 - ((z - height) / (3 * spread)) ** 2, 0, None) ** 2
        if weight.sum() <= 0:
            break
        height = float(np.average(z, weights=weight))
        inner = np.abs(z - height) < 3 * spread
        spread = max(float(1.4826 * np.median(np.abs(z[inner] - height))), unit / 2)
    return height, spread
