"""Patch match on the CPU: one half of a checkerboard at a time, so rows can be shared among threads.

Pixels of one colour read planes of the other only; results do not depend on the number of threads.
"""

import math

import numpy as np

from maquette_kernels.jit import inline, kernel


@inline
def _photo_cost(
    x, y, q, qx, qy, offsets, weights, values, mean, deviation, sources, sizes, projections, floor,
    best, lowest,
):  # fmt: skip
    """Mean of the `best` lowest 1 - ZNCC of the tilted, weighted window over the sources, 0..1."""
    px, py = np.float32(x) + np.float32(0.5), np.float32(y) + np.float32(0.5)
    half, zero, one = np.float32(0.5), np.float32(0.0), np.float32(1.0)
    taps = offsets.shape[0]
    for k in range(best):
        lowest[k] = one
    for s in range(sources.shape[0]):
        P = projections[s]
        b0 = P[0, 0] * px + P[0, 1] * py + P[0, 2] + P[0, 3] * q
        b1 = P[1, 0] * px + P[1, 1] * py + P[1, 2] + P[1, 3] * q
        b2 = P[2, 0] * px + P[2, 1] * py + P[2, 2] + P[2, 3] * q
        x0, x1, x2 = P[0, 0] + P[0, 3] * qx, P[1, 0] + P[1, 3] * qx, P[2, 0] + P[2, 3] * qx
        y0, y1, y2 = P[0, 1] + P[0, 3] * qy, P[1, 1] + P[1, 3] * qy, P[2, 1] + P[2, 3] * qy
        height, width = sizes[s, 0], sizes[s, 1]
        if b2 <= np.float32(1e-6):
            continue
        u, v = b0 / b2, b1 / b2
        if u < zero or v < zero or u >= np.float32(width) or v >= np.float32(height):
            continue
        image = sources[s]
        last_x, last_y = np.float32(width - 1), np.float32(height - 1)
        total = squares = products = zero
        for t in range(taps):
            dx, dy = offsets[t, 0], offsets[t, 1]
            scale = one / max(b2 + x2 * dx + y2 * dy, np.float32(1e-6))
            u = (b0 + x0 * dx + y0 * dy) * scale - half
            v = (b1 + x1 * dx + y1 * dy) * scale - half
            u = min(max(u, zero), last_x)
            v = min(max(v, zero), last_y)
            left = np.int32(min(u, last_x - one))
            top = np.int32(min(v, last_y - one))
            du, dv = u - np.float32(left), v - np.float32(top)
            a, b = image[top, left], image[top, left + 1]
            c, d = image[top + 1, left], image[top + 1, left + 1]
            upper, lower = a + du * (b - a), c + du * (d - c)
            value = upper + dv * (lower - upper)
            w = weights[t]
            total += w * value
            squares += w * value * value
            products += w * value * values[t]
        variance = max(squares - total * total, zero) + floor
        zncc = (products - total * mean) / (deviation * np.float32(math.sqrt(variance)))
        cost = one - zncc
        for k in range(best):
            old = lowest[k]
            lowest[k] = min(old, cost)
            cost = max(old, cost)
    result = zero
    for k in range(best):
        result += lowest[k]
    return result / np.float32(best)


@kernel
def spread_rows(
    reference, guide, sources, sizes, projections, select, offsets, steps, softness, floor, best,
    margin, parity, nudge, start, stop, inverse, slope,
):  # fmt: skip
    """One half of a round over rows start..stop: take over a neighbour's plane where it fits better."""
    height, width = reference.shape
    taps = offsets.shape[0]
    weights = np.empty(taps, np.float32)
    values = np.empty(taps, np.float32)
    lowest = np.empty(best, np.float32)
    tried = np.empty(steps.shape[0] + 1, np.float32)
    zero = np.float32(0.0)
    for y in range(start, stop):
        for x in range((y + parity) & 1, width, 2):
            if not select[y, x]:
                continue
            total = zero
            for t in range(taps):
                xx = min(max(x + np.int64(offsets[t, 0]), 0), width - 1)
                yy = min(max(y + np.int64(offsets[t, 1]), 0), height - 1)
                far = (
                    abs(guide[yy, xx, 0] - guide[y, x, 0])
                    + abs(guide[yy, xx, 1] - guide[y, x, 1])
                    + abs(guide[yy, xx, 2] - guide[y, x, 2])
                ) * np.float32(1.0 / 3.0)
                w = np.float32(1.0) / (np.float32(1.0) + (far / softness) * (far / softness))
                weights[t] = w
                values[t] = reference[yy, xx]
                total += w
            mean = zero
            squares = zero
            for t in range(taps):
                weights[t] /= total
                mean += weights[t] * values[t]
                squares += weights[t] * values[t] * values[t]
            deviation = np.float32(math.sqrt(max(squares - mean * mean, zero) + floor))
            q, qx, qy = inverse[y, x], slope[y, x, 0], slope[y, x, 1]
            own = _photo_cost(
                x, y, q, qx, qy, offsets, weights, values, mean, deviation, sources, sizes,
                projections, floor, best, lowest,
            )  # fmt: skip
            tried[0] = q
            count = 1
            limit = own - margin
            for n in range(steps.shape[0]):
                xx, yy = x + steps[n, 0], y + steps[n, 1]
                if xx < 0 or yy < 0 or xx >= width or yy >= height:
                    continue
                nx, ny = slope[yy, xx, 0], slope[yy, xx, 1]
                nq = inverse[yy, xx] - nx * np.float32(steps[n, 0]) - ny * np.float32(steps[n, 1])
                if nq <= zero:
                    continue
                known = False
                for k in range(count):
                    known = known or abs(tried[k] - nq) < nudge
                if known:
                    continue
                tried[count] = nq
                count += 1
                cost = _photo_cost(
                    x, y, nq, nx, ny, offsets, weights, values, mean, deviation, sources, sizes,
                    projections, floor, best, lowest,
                )  # fmt: skip
                if cost < limit:
                    limit = cost
                    q, qx, qy = nq, nx, ny
            inverse[y, x], slope[y, x, 0], slope[y, x, 1] = q, qx, qy
