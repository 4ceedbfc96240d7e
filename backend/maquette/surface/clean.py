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
        vertices, triangles.astype(np.int32), target_count=max_triangles, preserve_border=True
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
