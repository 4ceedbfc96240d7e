"""Union-find over sorted edges, compiled."""

import numpy as np

from maquette_kernels.jit import inline, kernel


@inline
def find(parent, node):
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@kernel
def join_similar(pairs, difference, size, scale, least):
    """Roots of all nodes; edges come in ascending order of difference."""
    count = len(size)
    parent = np.arange(count)
    total = size.copy()
    limit = np.empty(count)
    for node in range(count):
        limit[node] = scale / max(size[node], 1e-12)
    for edge in range(len(pairs)):
        a, b = find(parent, pairs[edge, 0]), find(parent, pairs[edge, 1])
        if a != b and difference[edge] <= limit[a] and difference[edge] <= limit[b]:
            parent[b] = a
            total[a] += total[b]
            limit[a] = difference[edge] + scale / total[a]
    for edge in range(len(pairs)):
        a, b = find(parent, pairs[edge, 0]), find(parent, pairs[edge, 1])
        if a != b and (total[a] < least or total[b] < least):
            parent[b] = a
            total[a] += total[b]
    for node in range(count):
        parent[node] = find(parent, node)
    return parent
