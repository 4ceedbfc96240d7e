"""What a few strokes mean: a cut through a mesh between what is wanted and what is not.

Over small patches of one normal and colour the energy is the sum of w over the borders that are cut, plus, per patch,
how much more it looks like what was marked on the other side. It has two labels and no negative border, so its
minimum is found: a cut of least weight. Source: Boykov and Jolly, "Interactive graph cuts", ICCV 2001.
"""

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from maquette.objects.partition import creases
from maquette.objects.skin import FaceGraph
from maquette.objects.structure import smooth_normals
from maquette.types import BoolArray, FloatArray, IntArray
from maquette_kernels.graph_parts import oversegment

_PATCH = 12.0  # square units times difference: larger makes larger patches
_CREASE_DEG, _COLOR_STEP = 20.0, 12.0  # where a border costs about half
_LEAST = 0.03  # of its length, what any border costs
_LOOKS = 0.15  # of its circumference, what a patch costs on the side that it looks unlike
_FINE = 1000.0  # steps per unit of cost: the flow is in whole numbers
_ALWAYS = 1 << 29


def select(graph: FaceGraph, unit: float, this: BoolArray, other: BoolArray) -> BoolArray:
    """(T,) the faces that belong with `this` and not with `other`, both (T,) and not empty."""
    patch = _undecided_apart(_patches(graph, unit), this, other)
    count = int(patch.max()) + 1
    a, b = patch[graph.pairs[:, 0]], patch[graph.pairs[:, 1]]
    border = np.flatnonzero(a != b)
    weight = _holds(graph, border, unit)
    around = (
        np.bincount(np.r_[a[border], b[border]], np.tile(graph.length[border], 2), count) / unit
    )
    is_this, is_other = _marked(patch, this, count), _marked(patch, other, count)
    is_other &= ~is_this
    unlike_this, unlike_other = (_unlike(graph, patch, marked) for marked in (is_this, is_other))
    share = unlike_this / np.maximum(unlike_this + unlike_other, 1e-9)
    to_this = np.where(is_this, np.inf, _LOOKS * around * (1 - share))
    to_other = np.where(is_other, np.inf, _LOOKS * around * share)
    to_this[is_other] = to_other[is_this] = 0
    chosen = _least_cut(np.stack([a[border], b[border]], 1), weight, to_this, to_other)
    return _reached(patch, np.stack([a, b], 1), chosen, is_this)[patch]


def _patches(graph: FaceGraph, unit: float) -> IntArray:
    """(T,) small patches of one normal and colour."""
    a, b = graph.pairs[:, 0], graph.pairs[:, 1]
    normal = smooth_normals(graph, 1)
    turn = np.degrees(np.arccos(np.clip((normal[a] * normal[b]).sum(axis=1), -1, 1)))
    color = np.linalg.norm(graph.color[a] - graph.color[b], axis=1)
    return oversegment(
        graph.pairs, turn / _CREASE_DEG + color / _COLOR_STEP, graph.area / unit**2, _PATCH, 4.0
    ).astype(np.int64)


def _undecided_apart(patch: IntArray, this: BoolArray, other: BoolArray) -> IntArray:
    """(T,) the patches, of which those that both kinds of strokes touch come apart into faces."""
    count = int(patch.max()) + 1
    both = (_marked(patch, this, count) & _marked(patch, other, count))[patch]
    alone = np.where(both, count + np.arange(len(patch)), patch)
    return np.unique(alone, return_inverse=True)[1]


def _holds(graph: FaceGraph, border: IntArray, unit: float) -> FloatArray:
    """(B,) what it costs to cut each face border: little in creases and where the colour changes."""
    crease = creases(graph, unit)
    a, b = graph.pairs[border, 0], graph.pairs[border, 1]
    concave = np.clip(-(crease[a] + crease[b]) / 2, 0, None) / _CREASE_DEG
    step = np.linalg.norm((graph.color[a] - graph.color[b]) * [0.5, 1, 1], axis=1) / _COLOR_STEP
    return graph.length[border] / unit * (_LEAST + np.exp(-(concave**2) - step**2))


def _marked(patch: IntArray, faces: BoolArray, count: int) -> BoolArray:
    marked = np.zeros(count, bool)
    marked[patch[faces]] = True
    return marked


def _unlike(graph: FaceGraph, patch: IntArray, marked: BoolArray) -> FloatArray:
    """(P,) CIELAB distance of each patch's colour from the most similar marked patch."""
    area = np.bincount(patch, graph.area)
    color = np.stack([np.bincount(patch, graph.area * c) for c in graph.color.T], 1) / area[:, None]
    seeds = color[marked][:: max(1, int(marked.sum()) // 200)]
    if len(seeds) == 0:
        return np.ones(len(area))
    return np.min([np.linalg.norm((color - s) * [0.5, 1, 1], axis=1) for s in seeds], axis=0) + 1.0


def _least_cut(
    pairs: IntArray, weight: FloatArray, to_this: FloatArray, to_other: FloatArray
) -> BoolArray:
    """(P,) nodes on the side of `this`: `to_this`, `to_other` are what leaving that side costs."""
    count = len(to_this)
    source, sink = count, count + 1
    every = np.arange(count)
    rows = np.concatenate([pairs[:, 0], pairs[:, 1], np.full(count, source), every])
    columns = np.concatenate([pairs[:, 1], pairs[:, 0], every, np.full(count, sink)])
    values = np.concatenate([weight, weight, to_this, to_other]) * _FINE
    # parallel edges are added up before they become whole numbers, which are bounded
    added = coo_matrix(
        (np.minimum(values, _ALWAYS), (rows, columns)), (count + 2, count + 2)
    ).tocsr()
    added.data = np.minimum(np.rint(added.data), _ALWAYS)
    capacity = csr_matrix(added, dtype=np.int32)
    flow = maximum_flow(capacity, source, sink, method="dinic").flow
    left = capacity - flow
    left.data = (left.data > 0).astype(np.int32)
    left.eliminate_zeros()
    side = np.zeros(count + 2, bool)
    side[breadth_first_order(left, source, return_predecessors=False)] = True
    return side[:count]


def _reached(patch: IntArray, pairs: IntArray, chosen: BoolArray, is_this: BoolArray) -> BoolArray:
    """(P,) of the chosen patches those that hang together with a marked one."""
    count = len(chosen)
    both = chosen[pairs].all(axis=1)
    rows, columns = pairs[both].T
    root = count
    seeds = np.flatnonzero(is_this)
    rows = np.concatenate([rows, columns, np.full(len(seeds), root)])
    columns = np.concatenate([columns, pairs[both][:, 0], seeds])
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), (count + 1, count + 1)).tocsr()
    reached = np.zeros(count + 1, bool)
    reached[breadth_first_order(graph, root, return_predecessors=False)] = True
    return reached[:count]
