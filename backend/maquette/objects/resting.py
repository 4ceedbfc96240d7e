"""What stands on what, and what hangs on which wall."""

import numpy as np
from scipy.spatial import KDTree

from maquette.objects.partition import Partition
from maquette.objects.skin import FaceGraph
from maquette.objects.structure import Plane
from maquette.types import FloatArray, IntArray

_BOTTOM = 8.0  # units above its lowest point: what of a thing may touch what carries it
_BESIDE, _BELOW = 10.0, 14.0  # units from there to the carrier's skin
_CARRIES = 0.5  # cosine: how level skin is that carries


def find_supports_of_parts(
    graph: FaceGraph, normals: FloatArray, planes: list[Plane], found: Partition, unit: float
) -> list[int | None]:
    """Per part, the part that carries it or the wall that it hangs on; None for the room, or where nothing is near."""
    part, centre = found.part, graph.centre
    carriers = np.flatnonzero(normals[:, 2] > _CARRIES)
    tree = KDTree(centre[carriers] / [_BESIDE, _BESIDE, _BELOW] / unit)
    order = np.argsort(part, kind="stable")
    starts = np.searchsorted(part[order], np.arange(found.count + 1))
    carried: list[int | None] = [None] * found.num_planes
    for number in range(found.num_planes, found.count):
        faces = order[starts[number] : starts[number + 1]]
        carried.append(_carrier(centre, faces, part, number, planes, carriers, tree, unit))
    return carried


def _carrier(
    centre: FloatArray,
    faces: IntArray,
    part: IntArray,
    number: int,
    planes: list[Plane],
    carriers: IntArray,
    tree: KDTree,
    unit: float,
) -> int | None:
    z = centre[faces, 2]
    low = np.percentile(z, 1)
    bottom = centre[faces[z < low + _BOTTOM * unit]]
    bottom = bottom[:: max(1, len(bottom) // 400)]
    votes: dict[int, float] = {}
    near = tree.query_ball_point(bottom / [_BESIDE, _BESIDE, _BELOW] / unit, 1.0)
    for point, indices in zip(bottom, near, strict=True):
        others = carriers[np.array(indices, int)]
        others = others[(part[others] != number) & (centre[others, 2] < point[2] + 3 * unit)]
        if len(others):
            nearest = others[np.argmin(((centre[others] - point) ** 2).sum(axis=1))]
            votes[int(part[nearest])] = votes.get(int(part[nearest]), 0) + 1
        else:
            for k, plane in enumerate(planes):
                if plane.kind == "floor" and plane.distance(point[None])[0] < _BELOW * unit:
                    votes[k] = votes.get(k, 0) + 1
    if votes and sum(votes.values()) > 0.1 * len(bottom):
        return max(votes, key=lambda k: votes[k])
    walls = [
        (float(np.percentile(plane.distance(centre[faces]), 5)), k)
        for k, plane in enumerate(planes)
        if plane.kind == "wall"
    ]
    if walls and min(walls)[0] < _BELOW * unit:
        return min(walls)[1]
    return max(votes, key=lambda k: votes[k]) if votes else None
