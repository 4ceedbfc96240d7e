"""The same by brute force: every line of sight against every facet, and scipy's maximum flow."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import ConvexHull, Delaunay

Array = npt.NDArray[Any]


def minimum_cut_reference(neighbour: Array, capacity: Array, terminal: Array) -> int:
    """The flow of `maquette_kernels.visibility_cut.cpu.minimum_cut`; changes none of its arguments."""
    count = len(neighbour)
    source, sink = count, count + 1
    node, facet = np.nonzero(neighbour >= 0)
    empty, full = np.flatnonzero(terminal > 0), np.flatnonzero(terminal < 0)
    tail = np.concatenate([node, np.full(len(empty), source), full])
    head = np.concatenate([neighbour[node, facet], empty, np.full(len(full), sink)])
    value = np.concatenate([capacity[node, facet], terminal[empty], -terminal[full]])
    graph = csr_matrix((value.astype(np.int32), (tail, head)), (count + 2, count + 2))
    return int(maximum_flow(graph, source, sink).flow_value)


def votes_reference(
    points: Array,
    sight_point: Array,
    sight_camera: Array,
    sight_weight: Array,
    camera_centres: Array,
    sigma: Array,
    quality_weight: float,
) -> tuple[dict[tuple[int, int], float], Array]:
    """(capacity of each arc between two tetrahedra, terminal (M,)) before they are rounded.

    Where a line of sight leaves the convex hull, its end votes for the last tetrahedron before that; a point of the
    hull that is seen from outside, or has nothing behind it, has none to vote for.
    """
    delaunay = Delaunay(points)
    facets = _facets(delaunay)
    hull = ConvexHull(points).equations
    capacity = {arc: 0.0 for one, two in facets for arc in ((one, two), (two, one))}
    terminal = np.zeros(len(delaunay.simplices))
    for p, c, weight in zip(sight_point, sight_camera, sight_weight, strict=True):
        centre = camera_centres[c]
        for (one, two), corners in facets.items():
            along = _crossing(points[p], centre, points[corners])
            if p in corners or along is None:
                continue
            vote = weight * (1 - np.exp(-(along**2) / (2 * sigma[p] ** 2)))
            capacity[_from_camera(delaunay, points, one, two, corners, centre)] += vote
        distance, behind = float(np.linalg.norm(centre - points[p])), float(sigma[p])
        towards = (centre - points[p]) / distance
        for ray, reach, vote in ((towards, distance, weight), (-towards, behind, -weight)):
            place = _last_inside(hull, points[p], ray, reach)
            if place is not None:
                terminal[int(delaunay.find_simplex(place))] += vote
    for (one, two), corners in facets.items():
        quality = quality_weight * (
            1 - min(_cosine(delaunay, points, t, corners) for t in (one, two))
        )
        capacity[one, two] += quality
        capacity[two, one] += quality
    return capacity, terminal


def _facets(delaunay: Delaunay) -> dict[tuple[int, int], list[int]]:
    """(tetrahedron, other) → the three points between them, each pair once."""
    found = {}
    for one, others in enumerate(delaunay.neighbors):
        for k, two in enumerate(others):
            if two > one:
                found[one, int(two)] = [int(v) for v in np.delete(delaunay.simplices[one], k)]
    return found


def _crossing(start: Array, end: Array, triangle: Array) -> float | None:
    """How far from `start` the segment meets the triangle (Möller and Trumbore 1997); None: it does not."""
    length = float(np.linalg.norm(end - start))
    ray = (end - start) / length
    b, c = triangle[1] - triangle[0], triangle[2] - triangle[0]
    matrix = np.column_stack([b, c, -ray])
    if abs(np.linalg.det(matrix)) < 1e-14:
        return None
    s, t, along = np.linalg.solve(matrix, start - triangle[0])
    return float(along) if s > 0 and t > 0 and s + t < 1 and 0 < along < length else None


def _last_inside(hull: Array, start: Array, ray: Array, reach: float) -> Array | None:
    """The place `reach` along the ray, or just before the ray leaves the hull; None where it leaves at once."""
    slope = hull[:, :3] @ ray
    outward = slope > 0
    left = -(hull[outward, :3] @ start + hull[outward, 3]) / slope[outward]
    leaves = float(left.min())
    if leaves < 1e-9:
        return None
    return start + min(reach, leaves * (1 - 1e-7)) * ray


def _from_camera(
    delaunay: Delaunay, points: Array, one: int, two: int, corners: list[int], centre: Array
) -> tuple[int, int]:
    """The arc across a facet that leads away from the camera."""
    a, b, c = points[corners]
    normal = np.cross(b - a, c - a)
    apex = next(v for v in delaunay.simplices[one] if v not in corners)
    same_side = (normal @ (points[apex] - a) > 0) == (normal @ (centre - a) > 0)
    return (one, two) if same_side else (two, one)


def _cosine(delaunay: Delaunay, points: Array, t: int, corners: list[int]) -> float:
    """Cosine of the angle between a tetrahedron's circumsphere and its facet (Labatut et al. 2009, section 4.2)."""
    a, b, c, d = points[delaunay.simplices[t]]
    edges = np.array([b - a, c - a, d - a])
    offset = np.linalg.solve(2 * edges, (edges**2).sum(axis=1))
    centre, radius = a + offset, np.linalg.norm(offset)
    p, q, r = points[corners]
    normal = np.cross(q - p, r - p)
    normal /= np.linalg.norm(normal)
    apex = points[next(v for v in delaunay.simplices[t] if v not in corners)]
    if normal @ (apex - p) > 0:
        normal = -normal
    return float(np.clip(normal @ (p - centre) / radius, -1, 1))
