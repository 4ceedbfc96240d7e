"""Message passing, compiled."""

import numpy as np

from maquette_kernels.jit import inline, kernel


@inline
def send(edge, side, belief, share, message, cost):
    """The message over an edge from its end `side`; the smallest entry is taken off so that nothing grows."""
    labels = len(belief)
    out, back = message[edge, 1 - side], message[edge, side]
    for b in range(labels):
        out[b] = np.inf
    for a in range(labels):
        held = share * belief[a] - back[a]
        for b in range(labels):
            pair = cost[edge, a, b] if side == 0 else cost[edge, b, a]
            if held + pair < out[b]:
                out[b] = held + pair
    least = out.min()
    for b in range(labels):
        out[b] -= least


@kernel
def pass_messages(unary, ends, cost, order, first, sweeps):
    """Labels of all nodes. order: half-edges (2 * edge + side) by node, those of node n at first[n]..first[n + 1].

    message[e, side] is what reaches the edge's end `side`.
    """
    count, labels = unary.shape
    message = np.zeros((len(ends), 2, labels), np.float32)
    belief = np.empty(labels, np.float32)
    for sweep in range(2 * sweeps):
        is_back = sweep % 2 == 1
        for step in range(count):
            node = count - 1 - step if is_back else step
            belief[:] = unary[node]
            later = 0
            for k in range(first[node], first[node + 1]):
                edge, side = order[k] // 2, order[k] % 2
                belief += message[edge, side]
                if ends[edge, 1 - side] > node:
                    later += 1
            total = first[node + 1] - first[node]
            share = np.float32(1.0 / max(later, total - later, 1))
            for k in range(first[node], first[node + 1]):
                edge, side = order[k] // 2, order[k] % 2
                if (ends[edge, 1 - side] > node) != is_back:
                    send(edge, side, belief, share, message, cost)
    label = np.empty(count, np.int32)
    for node in range(count):
        belief[:] = unary[node]
        for k in range(first[node], first[node + 1]):
            edge, side = order[k] // 2, order[k] % 2
            other = ends[edge, 1 - side]
            if other > node:
                belief += message[edge, side]
            elif side == 1:
                belief += cost[edge, label[other], :]
            else:
                belief += cost[edge, :, label[other]]
        label[node] = belief.argmin()
    return label
