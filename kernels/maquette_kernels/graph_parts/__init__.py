"""Group the nodes of a graph: even over-segmentation first, then the partition that signed weights ask for.

`oversegment` is Felzenszwalb and Huttenlocher 2004 (the predicate of internal and between-component difference);
`multicut` is greedy additive edge contraction, Keuper et al. 2015: it lowers the multicut energy (the sum of the
weights of all cut edges) by contracting the most attractive edge until none is left.
"""

import heapq
from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.graph_parts import cpu

Array = npt.NDArray[Any]


def oversegment(pairs: Array, difference: Array, size: Array, scale: float, least: float) -> Array:
    """(N,) int32 segment of each node, numbered from 0.

    pairs: (E, 2) int32 nodes; difference: (E,) how unlike they are; size: (N,) of each node
    scale: two segments join where their difference is at most the inner one plus scale / size
    least: segments smaller than this join their most similar neighbour
    """
    order = np.argsort(difference, kind="stable")
    root = cpu.join_similar(
        np.ascontiguousarray(pairs[order], np.int32),
        np.ascontiguousarray(difference[order], np.float64),
        np.ascontiguousarray(size, np.float64),
        float(scale),
        float(least),
    )
    return np.unique(root, return_inverse=True)[1].astype(np.int32)


def multicut(count: int, pairs: Array, weight: Array) -> Array:
    """(count,) int32 part of each node: parts joined greedily while a positive weight is between two.

    pairs: (E, 2) nodes, in any order and repeated as often as one likes; weight: (E,) positive attracts
    """
    near: list[dict[int, float]] = [{} for _ in range(count)]
    for (a, b), w in zip(pairs.tolist(), weight.tolist(), strict=True):
        if a != b:
            near[a][b] = near[a].get(b, 0.0) + w
            near[b][a] = near[b].get(a, 0.0) + w
    heap = [(-w, a, b) for a in range(count) for b, w in near[a].items() if a < b and w > 0]
    heapq.heapify(heap)
    into = list(range(count))
    while heap:
        w, a, b = heapq.heappop(heap)
        if into[a] != a or into[b] != b or near[a].get(b) != -w:
            continue
        if len(near[a]) < len(near[b]):
            a, b = b, a
        into[b] = a
        del near[a][b]
        for c, extra in near[b].items():
            if c == a:
                continue
            del near[c][b]
            total = near[a].get(c, 0.0) + extra
            near[a][c] = near[c][a] = total
            if total > 0:
                heapq.heappush(heap, (-total, min(a, c), max(a, c)))
        near[b] = {}
    for node in range(count):
        root = node
        while into[root] != root:
            root = into[root]
        into[node] = root
    return np.unique(into, return_inverse=True)[1].astype(np.int32)
