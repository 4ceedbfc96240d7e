"""What stands on what, and what hangs on which wall."""

import cv2
import numpy as np

from maquette.objects.partition import Partition
from maquette.objects.skin import FaceGraph
from maquette.objects.structure import Plane
from maquette.objects.supports import Support
from maquette.types import BoolArray, FloatArray, IntArray

_FOOT = 60.0  # square units: what a thing stands on at least
_CONTACT = 12.0  # units between a thing's lowest points and what carries it
_HOVER = 40.0  # units: a thing whose foot the photos do not show may seem to stand so high


def find_supports_of_parts(
    graph: FaceGraph,
    planes: list[Plane],
    supports: list[Support],
    found: Partition,
    unit: float,
) -> list[int | None]:
    """Per part, the part that carries it or the wall that it hangs on; None for the room, or where nothing is near.

    The carrier is the level surface at the foot over whose hull most of the foot lies; where there is none and no
    wall is near, the next level surface below.
    """
    order = np.argsort(found.part, kind="stable")
    starts = np.searchsorted(found.part[order], np.arange(found.count + 1))
    owners = [int(np.bincount(found.part[s.faces]).argmax()) for s in supports]
    hulls = [cv2.convexHull(graph.centre[s.faces, :2].astype(np.float32)) for s in supports]
    carried: list[int | None] = [None] * found.num_planes
    for number in range(found.num_planes, found.count):
        faces = order[starts[number] : starts[number + 1]]
        low, foot = foot_of(graph, faces, unit)
        near: list[tuple[float, int]] = []  # (cost, part) of what is at the foot
        below: list[tuple[float, int]] = []  # (distance, part) of what is under it
        for k, plane in enumerate(planes):
            if plane.kind == "floor":
                below.append((low - plane.offset, k))
                if low - plane.offset < _CONTACT * unit:
                    near.append(((low - plane.offset) / unit, k))
        for owner, support, hull in zip(owners, supports, hulls, strict=True):
            apart = low - support.height
            if owner == number or apart < -_CONTACT * unit:
                continue
            over = _share_over(hull, foot, _CONTACT * unit)
            if over > 0.1 and apart < _CONTACT * unit:
                near.append((abs(apart) / unit + 2 * _CONTACT * (1 - over), owner))
            if over > 0.3:
                below.append((max(apart, 0.0), owner))
        wall = _wall(graph.centre[faces], planes, unit)
        if near:
            carried.append(min(near)[1])
        elif below and min(below)[0] < _HOVER * unit:
            carried.append(min(below)[1])
        elif wall is not None:
            carried.append(wall)
        else:
            carried.append(min(below)[1] if below else None)
    return _without_circles(carried)


def with_thin_carriers(
    graph: FaceGraph,
    found: Partition,
    carried: list[int | None],
    lies_on: dict[int, int],
    unit: float,
) -> list[int | None]:
    """The carriers, where thin things lie on theirs and carry what stands on them."""
    out = list(carried)
    for thin, surface in lies_on.items():
        out[thin] = surface
        places = graph.centre[found.part == thin, :2].astype(np.float32)
        hull = cv2.convexHull(places)
        for number, carrier in enumerate(carried):
            if carrier != surface or number in lies_on:
                continue
            low, foot = foot_of(graph, np.flatnonzero(found.part == number), unit)
            height = float(np.median(graph.centre[found.part == thin, 2]))
            if (
                abs(low - height) < _CONTACT * unit
                and _share_over(hull, foot, _CONTACT * unit / 2) > 0.5
            ):
                out[number] = thin
    return _without_circles(out)


def _without_circles(carried: list[int | None]) -> list[int | None]:
    """Nothing rests on what rests on it: of such a circle the last link is cut."""
    out = list(carried)
    for number in range(len(out)):
        seen, at = {number}, out[number]
        while at is not None:
            if at in seen:
                out[number] = None
                break
            seen.add(at)
            at = out[at]
    return out


def foot_of(graph: FaceGraph, faces: IntArray, unit: float) -> tuple[float, FloatArray]:
    """(height of the lowest points that amount to something, (n, 2) places of what is about as low)."""
    centre = graph.centre[faces]
    upwards = np.argsort(centre[:, 2])
    filled: BoolArray = np.cumsum(graph.area[faces][upwards]) > _FOOT * unit**2
    low = float(centre[upwards[int(np.argmax(filled))], 2])
    foot = centre[centre[:, 2] < low + _CONTACT * unit, :2]
    return low, foot[:: max(1, len(foot) // 60)]


def _share_over(hull: FloatArray, foot: FloatArray, margin: float) -> float:
    over = [cv2.pointPolygonTest(hull, (float(x), float(y)), True) > -margin for x, y in foot]
    return float(np.mean(over))


def _wall(points: FloatArray, planes: list[Plane], unit: float) -> int | None:
    """The wall that comes near to the points."""
    walls = [
        (float(np.percentile(plane.distance(points), 5)), k)
        for k, plane in enumerate(planes)
        if plane.kind == "wall"
    ]
    return min(walls)[1] if walls and min(walls)[0] < _CONTACT * unit else None
