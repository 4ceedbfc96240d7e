"""The same path by path and pixel by pixel, as equation 13 of Hirschmüller 2008 has it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.semi_global import Labeling

Array = npt.NDArray[Any]

STRAIGHT = ((0, 1), (0, -1), (1, 0), (-1, 0))  # (dy, dx)
DIAGONAL = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def semi_global_reference(
    cost: Array,
    guide: Array,
    *,
    p1: int = 12,
    p2: int = 90,
    edge_softness: float = 0.1,
    diagonals: bool = True,
) -> Labeling:
    """See `maquette_kernels.semi_global.semi_global`."""
    sums = np.zeros(cost.shape, np.int64)
    for dy, dx in STRAIGHT + (DIAGONAL if diagonals else ()):
        sums += _path_costs(cost, guide, dy, dx, p1, p2, edge_softness)
    return _choose(cost, sums)


def _path_costs(
    cost: Array, guide: Array, dy: int, dx: int, p1: int, p2: int, softness: float
) -> Array:
    """L_r(p, d) = C(p, d) + min(L_r(p-r, d), L_r(p-r, d ± 1) + P1, min_i L_r(p-r, i) + P2) - min_k L_r(p-r, k)."""
    height, width, labels = cost.shape
    path = np.zeros(cost.shape, np.int64)
    for y in range(height) if dy >= 0 else range(height - 1, -1, -1):
        for x in range(width) if dx >= 0 else range(width - 1, -1, -1):
            here = cost[y, x].astype(np.int64)
            yy, xx = y - dy, x - dx
            if not (0 <= yy < height and 0 <= xx < width):
                path[y, x] = here
                continue
            before = path[yy, xx]
            padded = np.concatenate([[2**40], before, [2**40]])
            jump = before.min() + _jump_penalty(guide[y, x], guide[yy, xx], p1, p2, softness)
            step = np.minimum(padded[:labels], padded[2:]) + p1
            path[y, x] = here + np.minimum(np.minimum(before, step), jump) - before.min()
    return path


def _jump_penalty(a: float, b: float, p1: int, p2: int, softness: float) -> int:
    """A whole number in float32, since its fraction is cut off: P2 falls at edges, stays above P1."""
    difference = np.abs(np.float32(a) - np.float32(b))
    return max(p1 + 1, int(np.float32(p2) / (np.float32(1) + difference * np.float32(softness))))


def _choose(cost: Array, sums: Array) -> Labeling:
    height, width, labels = sums.shape
    label, margin, photo = (np.zeros((height, width), np.float32) for _ in range(3))
    for y in range(height):
        for x in range(width):
            total = sums[y, x].astype(np.float64)
            best = int(np.argmin(total))
            place = float(best)
            if 0 < best < labels - 1:
                left, right = total[best - 1] - total[best], total[best + 1] - total[best]
                place += 0.5 * (left - right) / max(left + right, 1e-6)
            rivals = total[np.abs(np.arange(labels) - best) > 2]
            if labels > 5:
                margin[y, x] = (rivals.min() - total[best]) / max(rivals.min(), 1)
            label[y, x], photo[y, x] = place, cost[y, x, best]
    return Labeling(label, margin, photo)
