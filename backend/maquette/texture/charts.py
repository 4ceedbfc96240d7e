"""Charts (connected triangles of one photo), and their places in the atlas."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from maquette.types import FloatArray, IntArray


def triangle_neighbours(triangles: IntArray) -> IntArray:
    """(T, 3) int32: the triangle across each edge, -1 where there is none or more than one."""
    count = len(triangles)
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    ordered = edges[order]
    same = (ordered[1:] == ordered[:-1]).all(axis=1)
    # an edge of three triangles or more is two such pairs in a row
    same &= ~np.append(same[1:], False) & ~np.insert(same[:-1], 0, False)
    neighbours = np.full(3 * count, -1, np.int32)
    one, two = order[:-1][same], order[1:][same]
    neighbours[one], neighbours[two] = two // 3, one // 3
    return neighbours.reshape(count, 3)


def find_charts(neighbours: IntArray, label: IntArray) -> tuple[int, IntArray]:
    """(number of charts, chart of each triangle); unlabelled triangles are charts of their own kind."""
    a = np.repeat(np.arange(len(label)), 3)
    b = neighbours.ravel()
    joined = (b >= 0) & (label[a] == label[b])
    ones = np.ones(joined.sum(), np.int8)
    graph = coo_matrix((ones, (a[joined], b[joined])), (len(label), len(label)))
    count, chart = connected_components(graph, directed=False)
    return int(count), chart.astype(np.int32)


def absorb_small_charts(
    neighbours: IntArray, label: IntArray, first: IntArray, view: IntArray, least: int
) -> IntArray:
    """Labels with charts of fewer than `least` triangles given to a neighbour's photo that shows them too."""
    label = label.copy()
    for _ in range(3):
        count, chart = find_charts(neighbours, label)
        size = np.bincount(chart, minlength=count)
        small = np.flatnonzero((size[chart] < least) & (label >= 0))
        changed = 0
        for t in small:
            seen = view[first[t] : first[t + 1]]
            options = [label[n] for n in neighbours[t] if n >= 0 and label[n] != label[t]]
            options = [o for o in options if o >= 0 and o in seen]
            if options:
                label[t] = max(set(options), key=options.count)
                changed += 1
        if changed == 0:
            break
    return label


def pack(sizes: IntArray, max_side: int) -> tuple[IntArray, int, int, float]:
    """(places (n, 2), atlas width, atlas height, scale): rectangles on shelves, scaled down until they fit.

    sizes: (n, 2) width and height in pixels with their margins
    """
    scale = 1.0
    while True:
        scaled = np.maximum(np.ceil(sizes * scale).astype(np.int64), 1)
        area = float((scaled[:, 0] * scaled[:, 1]).sum())
        width = int(min(max_side, max(64, 1.02 * area**0.5, scaled[:, 0].max())))
        if scaled[:, 0].max() <= max_side:
            places, height = _shelves(scaled, width)
            if height <= max_side:
                return places, width, height, scale
        scale *= min(0.93, (max_side * max_side / max(area, 1.0)) ** 0.5)


def _shelves(sizes: IntArray, width: int) -> tuple[IntArray, int]:
    order = np.lexsort((-sizes[:, 0], -sizes[:, 1]))
    places = np.zeros((len(sizes), 2), np.int64)
    x = y = shelf = 0
    for n in order:
        w, h = int(sizes[n, 0]), int(sizes[n, 1])
        if x + w > width:
            y, x, shelf = y + shelf, 0, 0
        places[n] = x, y
        x += w
        shelf = max(shelf, h)
    return places, y + shelf


def diffuse_colors(
    triangles: IntArray, colors: FloatArray, known: np.ndarray, rounds: int = 60
) -> FloatArray:
    """(V, 3): colours of unknown vertices spread from the known ones along the mesh's edges."""
    a = triangles[:, [0, 1, 2]].ravel()
    b = triangles[:, [1, 2, 0]].ravel()
    one = np.ones(2 * len(a))
    count = len(colors)
    graph = coo_matrix(
        (one, (np.concatenate([a, b]), np.concatenate([b, a]))), (count, count)
    ).tocsr()
    value, weight = colors * known[:, None], known.astype(float)
    for _ in range(rounds):
        spread, total = graph @ value, graph @ weight
        fresh = ~known & (total > 0)
        if not fresh.any():
            break
        value[fresh] = spread[fresh] / total[fresh, None]
        weight[fresh] = 1.0
    return np.where(weight[:, None] > 0, value, colors)
