"""Semi-global aggregation on the CPU: path costs in float32 rows, all labels of a pixel at once.

Costs and penalties are whole numbers, so sums are exact and do not depend on the order of the passes.
"""

import numpy as np

from maquette_kernels.jit import inline, kernel


@inline
def _step(cost, before, p1, p2, after, total):
    """One pixel of one path: `before`, `after` are (labels + 2), padded with a large value."""
    labels = cost.shape[0]
    lowest = before[1]
    for label in range(1, labels + 1):
        lowest = min(lowest, before[label])
    jump = lowest + p2
    for label in range(labels):
        value = min(before[label + 1], jump)
        value = min(value, min(before[label], before[label + 2]) + p1)
        value += np.float32(cost[label]) - lowest
        after[label + 1] = value
        total[label] += np.uint16(value)


@inline
def _penalty(guide, y, x, yy, xx, p1, p2, softness):
    """P2 falls where the photo has an edge, never below P1."""
    difference = abs(guide[y, x] - guide[yy, xx])
    return max(p1 + np.float32(1.0), np.floor(p2 / (np.float32(1.0) + difference * softness)))


@kernel
def horizontal_rows(cost, guide, p1, p2, softness, start, stop, total):
    """Adds the two horizontal paths of rows start..stop."""
    width, labels = cost.shape[1], cost.shape[2]
    buffers = np.full((2, labels + 2), np.float32(1e6))
    for y in range(start, stop):
        for direction in (1, -1):
            x = 0 if direction == 1 else width - 1
            now = 0
            buffers[now, 1:-1] = np.float32(0.0)
            p2_here = p2
            for _ in range(width):
                _step(cost[y, x], buffers[now], p1, p2_here, buffers[1 - now], total[y, x])
                now = 1 - now
                following = x + direction
                if 0 <= following < width:
                    p2_here = _penalty(guide, y, x, y, following, p1, p2, softness)
                x = following


@kernel
def vertical_pass(cost, guide, p1, p2, softness, direction, num_paths, total):
    """Adds the vertical and, with three paths, the two diagonal paths that go down (1) or up (-1)."""
    height, width, labels = cost.shape
    buffers = np.full((2, num_paths, width, labels + 2), np.float32(1e6))
    fresh = np.full(labels + 2, np.float32(1e6))
    fresh[1:-1] = np.float32(0.0)
    now = 0
    y = 0 if direction == 1 else height - 1
    for row in range(height):
        for path in range(num_paths):
            dx = 0 if path == 0 else (1 if path == 1 else -1)
            for x in range(width):
                xx = x - dx
                after = buffers[1 - now, path, x]
                if row == 0 or xx < 0 or xx >= width:
                    _step(cost[y, x], fresh, p1, p2, after, total[y, x])
                else:
                    p2_here = _penalty(guide, y, x, y - direction, xx, p1, p2, softness)
                    before = buffers[now, path, xx]
                    _step(cost[y, x], before, p1, p2_here, after, total[y, x])
        now = 1 - now
        y += direction


@kernel
def choose_rows(cost, first, second, third, start, stop, label, margin, photo):
    """Lowest sum per pixel, its sub-label place, how clearly it wins, and its own photo cost."""
    width, labels = cost.shape[1], cost.shape[2]
    sums = np.empty(labels, np.float32)
    for y in range(start, stop):
        for x in range(width):
            for k in range(labels):
                sums[k] = (
                    np.float32(first[y, x, k])
                    + np.float32(second[y, x, k])
                    + np.float32(third[y, x, k])
                )
            best = 0
            for k in range(labels):
                if sums[k] < sums[best]:
                    best = k
            lowest = sums[best]
            rival = np.float32(1e9)
            for k in range(labels):
                if abs(k - best) > 2:
                    rival = min(rival, sums[k])
            place = np.float32(best)
            if 0 < best < labels - 1:
                left, right = sums[best - 1] - lowest, sums[best + 1] - lowest
                place += np.float32(0.5) * (left - right) / max(left + right, np.float32(1e-6))
            label[y, x] = place
            margin[y, x] = (rival - lowest) / max(rival, np.float32(1.0)) if labels > 5 else 0.0
            photo[y, x] = np.float32(cost[y, x, best])
