"""One label per node of a graph, of low total cost: sequential tree-reweighted message passing.

Source: Kolmogorov, "Convergent tree-reweighted message passing for energy minimization", TPAMI 2006 (TRW-S). On a
tree the answer is exact; else it is a good one, and always the same.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.graph_labels import cpu

Array = npt.NDArray[Any]


def label_graph(unary: Array, pairs: Array, cost: Array, sweeps: int) -> Array:
    """(N,) int32 labels that make the sum of `unary` and `cost` low.

    unary: (N, K) cost of each label at each node; pairs: (E, 2) nodes, each pair once
    cost: (E, K, K) of the label of the pair's first node with that of its second
    sweeps: times that messages go forth and back over the nodes in their order
    Messages are float32.
    """
    count, labels = unary.shape
    if cost.shape != (len(pairs), labels, labels):
        raise ValueError(f"cost: expected {(len(pairs), labels, labels)}, got {cost.shape}")
    ends = np.ascontiguousarray(pairs, np.int32).reshape(-1, 2)
    order = np.argsort(ends.ravel(), kind="stable").astype(np.int32)
    first = np.searchsorted(ends.ravel()[order], np.arange(count + 1)).astype(np.int32)
    return cpu.pass_messages(
        np.ascontiguousarray(unary, np.float32),
        ends,
        np.ascontiguousarray(cost, np.float32),
        order,
        first,
        sweeps,
    )


def energy_of(unary: Array, pairs: Array, cost: Array, label: Array) -> float:
    """The cost of a labelling."""
    ends = label[pairs.reshape(-1, 2)]
    alone = unary[np.arange(len(unary)), label].sum(dtype=np.float64)
    return float(alone + cost[np.arange(len(ends)), ends[:, 0], ends[:, 1]].sum(dtype=np.float64))
