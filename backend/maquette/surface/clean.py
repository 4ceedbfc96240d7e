"""Make a fused mesh fit for use: crumbs away, ripple down, triangles to a budget."""

import fast_simplification
import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from maquette.types import FloatArray, IntArray

_CRUMB_SHARE = 0.004  # of the largest piece's area: smaller pieces are crumbs
_LAMBDA, _MU = 0.5, -0.53  # Taubin 1995: smoothing that does not shrink

Parts = tuple[FloatArray, IntArray, FloatArray]  # vertices, triangles, seen


def drop_crumbs(vertices: FloatArray, triangles: IntArray, seen: FloatArray) -> Parts:
    """Without pieces that are small beside the largest, or that no photo measured."""
    _, piece_of_vertex = connected_components(_edges(triangles, len(vertices)), directed=False)
    piece = piece_of_vertex[triangles[:, 0]]
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    measured = area * (seen[triangles].mean(axis=1) > 0.5)
    area_of = np.bincount(piece, measured, minlength=piece.max() + 1)
    keep = area_of[piece] >= _CRUMB_SHARE * area_of.max()
    return drop_unused(vertices, triangles[keep], seen)


def close_holes(
    vertices: FloatArray, triangles: IntArray, seen: FloatArray, max_perimeter: float
) -> Parts:
    """Holes whose rim is shorter than `max_perimeter` are closed by a fan around their middle, marked as filled."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    loops, rims = _holes(triangles, len(vertices))
    middles: list[FloatArray] = []
    fans: list[IntArray] = []
    for loop, rim in zip(loops, rims, strict=True):
        corners = vertices[loop].astype(np.float64)
        following = np.roll(corners, -1, axis=0)
        if np.linalg.norm(following - corners, axis=1).sum() > max_perimeter:
            continue
        middle = corners.mean(axis=0)
        facing = np.cross(corners - middle, following - middle).sum(axis=0)
        if facing @ normals[rim].sum(axis=0) <= 0:
            continue  # the outline of a small flap, not a hole
        new = np.full(len(loop), len(vertices) + len(middles), np.int32)
        fans.append(np.stack([loop, np.roll(loop, -1), new], axis=1))
        middles.append(middle)
    if not middles:
        return vertices, triangles, seen
    return (
        np.concatenate([vertices, np.array(middles, np.float32)]),
        np.concatenate([triangles, *fans]).astype(np.int32),
        np.concatenate([seen, np.zeros(len(middles), np.float32)]),
    )


def _holes(triangles: IntArray, count: int) -> tuple[list[IntArray], list[IntArray]]:
    """Closed walks along the border, the way round that new triangles need; and the triangle beside each step."""
    tail = (
        triangles[:, [1, 2, 0]].ravel().astype(np.int64)
    )  # a new triangle runs the edge backwards
    head = triangles[:, [0, 1, 2]].ravel().astype(np.int64)
    free = np.flatnonzero(~np.isin(tail * count + head, head * count + tail))
    leaving: dict[int, list[int]] = {}
    for edge in free.tolist():
        leaving.setdefault(int(tail[edge]), []).append(edge)
    loops, rims = [], []
    for start in list(leaving):
        path: list[int] = []  # edges
        place = {start: 0}  # vertex → its position on the path
        vertex = start
        while leaving.get(vertex):
            edge = leaving[vertex].pop()
            path.append(edge)
            vertex = int(head[edge])
            if vertex in place:  # a loop closes; what came before it goes on
                closed = path[place[vertex] :]
                del path[place[vertex] :]
                loops.append(tail[closed].astype(np.int32))
                rims.append(np.array(closed) // 3)
                for edge in closed[1:]:
                    del place[int(tail[edge])]
            else:
                place[vertex] = len(path)
    return loops, rims


def drop_unused(vertices: FloatArray, triangles: IntArray, seen: FloatArray) -> Parts:
    """Without degenerate triangles and vertices that no triangle uses."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    triangles = triangles[area > 0]
    used = np.zeros(len(vertices), bool)
    used[triangles] = True
    index = np.cumsum(used, dtype=np.int32) - 1
    return vertices[used], index[triangles].astype(np.int32), seen[used]


def smooth(vertices: FloatArray, triangles: IntArray, rounds: int = 4) -> FloatArray:
    """(V, 3) float32: ripple reduced without shrinking; borders stay in place."""
    edges = _edges(triangles, len(vertices))
    border = _border(triangles, len(vertices))
    degree = np.asarray(edges.sum(axis=1)).ravel()
    mean = csr_matrix(edges.multiply(1 / np.maximum(degree, 1)[:, None]))
    moved = vertices.astype(np.float64)
    for _ in range(rounds):
        for factor in (_LAMBDA, _MU):
            step = factor * (mean @ moved - moved)
            step[border] = 0
            moved += step
    return moved.astype(np.float32)


def simplify(
    vertices: FloatArray, triangles: IntArray, seen: FloatArray, max_triangles: int
) -> Parts:
    """Fewer triangles where the surface is flat (quadric error, Garland and Heckbert 1997)."""
    if len(triangles) <= max_triangles:
        return vertices, triangles, seen
    from scipy.spatial import KDTree

    points, faces = fast_simplification.simplify(
        vertices, triangles.astype(np.int32), target_count=max_triangles
    )[:2]
    _, nearest = KDTree(vertices).query(points)
    return points.astype(np.float32), faces.astype(np.int32), seen[nearest]


def _edges(triangles: IntArray, count: int) -> csr_matrix:
    """(V, V) symmetric, 1 where an edge joins two vertices."""
    a = triangles[:, [0, 1, 2]].ravel()
    b = triangles[:, [1, 2, 0]].ravel()
    one = np.ones(2 * len(a), np.float64)
    joined = coo_matrix((one, (np.concatenate([a, b]), np.concatenate([b, a]))), (count, count))
    matrix = csr_matrix(joined)
    matrix.data[:] = 1
    return matrix


def _border(triangles: IntArray, count: int) -> np.ndarray:
    """(V,) bool: vertices on an edge that has one triangle only."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, uses = np.unique(edges, axis=0, return_counts=True)
    border = np.zeros(count, bool)
    border[unique[uses == 1]] = True
    return border
