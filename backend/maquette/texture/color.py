"""Colours that agree: one gain per photo, views that disagree left out, seams levelled."""

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.linalg import cg

from maquette.texture.visibility import Candidates
from maquette.types import FloatArray, IntArray

_OUTLIER = 2.5  # of the spread: a photo further off shows something else there
_FLOOR = 12.0  # grey levels: closer than this is agreement


def photo_gains(candidates: Candidates, count: int) -> FloatArray:
    """(count, 3) factor per photo and channel that makes overlapping photos agree; their mean is 1.

    Robust least squares on the logarithm of the colours of triangles that several photos show.
    """
    triangle = np.repeat(np.arange(len(candidates.first) - 1), np.diff(candidates.first))
    good = (candidates.color.min(axis=1) > 8) & (candidates.color.max(axis=1) < 247)
    triangle, view = triangle[good], candidates.view[good]
    value = np.log(candidates.color[good].astype(np.float64))
    gain = np.zeros((count, 3))
    weight = np.ones(len(triangle))
    for _ in range(8):
        corrected = value + gain[view]
        total = np.bincount(triangle, weight, minlength=len(candidates.first) - 1)
        for k in range(3):
            mean = np.bincount(triangle, weight * corrected[:, k], minlength=len(total))
            mean /= np.maximum(total, 1e-9)
            off = mean[triangle] - corrected[:, k]
            change = np.bincount(view, weight * off, minlength=count)
            # the prior keeps photos of little overlap where they are
            gain[:, k] += change / (np.bincount(view, weight, minlength=count) + 50.0)
            corrected[:, k] += 0
        spread = np.abs(
            value + gain[view] - _mean(triangle, value + gain[view], weight, len(total))
        )
        weight = 1 / (1 + (spread.mean(axis=1) / 0.15) ** 2)
    gain -= gain.mean(axis=0)
    return np.exp(np.clip(gain, -0.7, 0.7))


def _mean(triangle: IntArray, value: FloatArray, weight: FloatArray, count: int) -> FloatArray:
    total = np.maximum(np.bincount(triangle, weight, minlength=count), 1e-9)
    columns = [
        np.bincount(triangle, weight * value[:, k], minlength=count) / total for k in range(3)
    ]
    return np.stack(columns, axis=1)[triangle]


def without_outliers(candidates: Candidates, gains: FloatArray) -> Candidates:
    """Candidates whose colour disagrees with most others of their triangle score next to nothing.

    What moved, reflected, or stood in the way shows in the minority of the photos.
    """
    count = len(candidates.first) - 1
    triangle = np.repeat(np.arange(count), np.diff(candidates.first))
    color = candidates.color * gains[candidates.view]
    weight = np.sqrt(candidates.score)
    off = np.zeros(len(weight))
    for _ in range(3):
        mean = _mean(triangle, color, weight, count)
        off = np.linalg.norm(color - mean, axis=1)
        weight = np.sqrt(candidates.score) / (1 + (off / 25.0) ** 2)
    squared = np.bincount(triangle, weight * off**2, minlength=count)
    spread = np.sqrt(squared / np.maximum(np.bincount(triangle, weight, minlength=count), 1e-12))
    enough = np.diff(candidates.first)[triangle] >= 3
    out = enough & (off > np.maximum(_OUTLIER * spread[triangle], 3 * _FLOOR))
    score = np.where(out, candidates.score * 1e-4, candidates.score)
    order = np.lexsort((-score, triangle))
    return Candidates(
        first=candidates.first,
        view=candidates.view[order],
        score=score[order],
        color=candidates.color[order],
    )


def level_seams(
    node_of_corner: IntArray, vertex_of_node: IntArray, node_color: FloatArray, triangles: IntArray
) -> FloatArray:
    """(n, 3) correction per node (a vertex in a chart) that makes charts meet without a step.

    Source: Waechter et al. 2014, section 4.3: equal colours across seams, smooth corrections within.
    node_of_corner: (T, 3); node_color: (n, 3) what the chart's photo shows there, 0..255
    """
    count = len(vertex_of_node)
    order = np.argsort(vertex_of_node, kind="stable")
    same = vertex_of_node[order][1:] == vertex_of_node[order][:-1]
    a, b = order[:-1][same], order[1:][same]
    edges = np.sort(node_of_corner[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    edges = np.unique(edges, axis=0)
    seam = _difference(a, b, count)
    smooth = _difference(edges[:, 0], edges[:, 1], count)
    smoothness, anchor = 0.3, 1e-3
    matrix = csr_matrix(
        seam.T @ seam + smoothness * (smooth.T @ smooth) + anchor * diags(np.ones(count))
    )
    precondition = diags(1 / matrix.diagonal())
    step = node_color[b] - node_color[a]
    step = np.clip(step, -60, 60)  # more is another thing, not another exposure
    result = np.zeros((count, 3))
    for k in range(3):
        solution, _ = cg(matrix, seam.T @ step[:, k], rtol=1e-3, maxiter=200, M=precondition)
        result[:, k] = solution
    return result


def _difference(a: IntArray, b: IntArray, count: int) -> csr_matrix:
    row = np.arange(len(a))
    ones = np.ones(len(a))
    entries = np.concatenate([ones, -ones])
    place = np.concatenate([row, row]), np.concatenate([a, b])
    return csr_matrix(coo_matrix((entries, place), (len(a), count)))
