"""Plane sweep on the CPU: warp, running box sums, ZNCC, best sources; one label after the other.

Loops run along image rows so that LLVM vectorises them; sums are float32 of values around zero, in
blocks of rows that never depend on the number of threads, so results are the same on every machine.
"""

import math

import numpy as np

from maquette_kernels.jit import inline, kernel


@inline
def _warp_row(image, height, width, P, base, y, offset, out, inside):
    """Bilinear samples of one source along reference row y; `inside` is 1 where the photo has it."""
    row = np.float32(y) + np.float32(0.5)
    half = np.float32(0.5)
    a0 = P[0, 1] * row + P[0, 2]
    a1 = P[1, 1] * row + P[1, 2]
    a2 = P[2, 1] * row + P[2, 2]
    last_x = np.float32(width - 1)
    last_y = np.float32(height - 1)
    stride = image.shape[1]
    flat = image.reshape(-1)
    for x in range(out.shape[0]):
        column = np.float32(x) + half
        w = base[y, x] + offset
        q2 = P[2, 0] * column + a2 + P[2, 3] * w
        is_front = q2 > np.float32(1e-6)
        scale = np.float32(1.0) / (q2 if is_front else np.float32(1.0))
        u = (P[0, 0] * column + a0 + P[0, 3] * w) * scale - half
        v = (P[1, 0] * column + a1 + P[1, 3] * w) * scale - half
        is_inside = is_front & (u >= -half) & (v >= -half) & (u <= last_x + half)
        is_inside = is_inside & (v <= last_y + half) & (w > np.float32(0.0))
        u = min(max(u, np.float32(0.0)), last_x)
        v = min(max(v, np.float32(0.0)), last_y)
        left = np.int32(min(u, last_x - np.float32(1.0)))
        top = np.int32(min(v, last_y - np.float32(1.0)))
        du = u - np.float32(left)
        dv = v - np.float32(top)
        at = np.uint32(top * stride + left)
        upper = flat[at] + du * (flat[at + np.uint32(1)] - flat[at])
        below = np.uint32(at + stride)
        lower = flat[below] + du * (flat[below + np.uint32(1)] - flat[below])
        out[x] = upper + dv * (lower - upper)
        inside[x] = np.float32(1.0) if is_inside else np.float32(0.0)


@inline
def _box_row(columns, radius, out):
    """Sums of 2·radius+1 neighbours; `columns` has radius zeros at both ends."""
    for x in range(out.shape[0]):
        out[x] = columns[x]
    for k in range(1, 2 * radius + 1):
        for x in range(out.shape[0]):
            out[x] += columns[x + k]


@kernel
def box_statistics(reference, radius, floor, mean, inverse_deviation):
    """Window mean and 1/sqrt(variance + floor) of the reference, windows cut at the border."""
    height, width = reference.shape
    for y in range(height):
        for x in range(width):
            total = np.float32(0.0)
            squares = np.float32(0.0)
            count = np.float32(0.0)
            for yy in range(max(0, y - radius), min(height, y + radius + 1)):
                for xx in range(max(0, x - radius), min(width, x + radius + 1)):
                    value = reference[yy, xx]
                    total += value
                    squares += value * value
                    count += np.float32(1.0)
            m = total / count
            mean[y, x] = m
            variance = max(squares / count - m * m, np.float32(0.0)) + floor
            inverse_deviation[y, x] = np.float32(1.0) / np.float32(math.sqrt(variance))


@kernel
def sweep_rows(
    reference, mean, inverse_deviation, sources, sizes, projections, base, step, radius, floor, best,
    start, stop, cost,
):  # fmt: skip
    """Costs of rows start..stop: the mean of the `best` lowest ZNCC costs over sources, 0..255."""
    height, width = reference.shape
    num_sources = sources.shape[0]
    num_rows = 2 * radius + 1
    zero = np.float32(0.0)
    warped = np.zeros((num_rows, width), np.float32)
    inside = np.zeros((num_rows, width), np.float32)
    sums = np.zeros((3, width + 2 * radius), np.float32)
    boxes = np.zeros((3, width), np.float32)
    lowest = np.zeros((stop - start, best, width), np.float32)
    share_x = np.zeros(width, np.float32)
    for x in range(width):
        share_x[x] = np.float32(1.0) / np.float32(min(width, x + radius + 1) - max(0, x - radius))
    for label in range(cost.shape[2]):
        offset = np.float32(label) * step
        lowest[:] = np.float32(127.5)  # a source that does not see the point says nothing
        for s in range(num_sources):
            sums[:] = zero
            first = max(0, start - radius)
            for y_in in range(first, stop + radius):
                slot = y_in % num_rows
                total, squares, products = sums[0], sums[1], sums[2]
                y_out = y_in - num_rows
                if y_out >= first:
                    row = warped[slot]
                    for x in range(width):
                        value = row[x]
                        total[x + radius] -= value
                        squares[x + radius] -= value * value
                        products[x + radius] -= value * reference[y_out, x]
                if y_in < height:
                    row = warped[slot]
                    _warp_row(
                        sources[s], sizes[s, 0], sizes[s, 1], projections[s], base, y_in, offset,
                        row, inside[slot],
                    )  # fmt: skip
                    for x in range(width):
                        value = row[x]
                        total[x + radius] += value
                        squares[x + radius] += value * value
                        products[x + radius] += value * reference[y_in, x]
                y = y_in - radius
                if y < start or y >= height:
                    continue
                _box_row(sums[0], radius, boxes[0])
                _box_row(sums[1], radius, boxes[1])
                _box_row(sums[2], radius, boxes[2])
                share_y = np.float32(1.0) / np.float32(
                    min(height, y + radius + 1) - max(0, y - radius)
                )
                seen = inside[y % num_rows]
                for x in range(width):
                    share = share_x[x] * share_y
                    m = boxes[0, x] * share
                    variance = max(boxes[1, x] * share - m * m, zero) + floor
                    covariance = boxes[2, x] * share - m * mean[y, x]
                    ncc = covariance * inverse_deviation[y, x] / np.sqrt(variance)
                    boxes[0, x] = np.float32(127.5) * (np.float32(1.0) - ncc * seen[x])
                for k in range(best):
                    for x in range(width):
                        value = boxes[0, x]
                        old = lowest[y - start, k, x]
                        lowest[y - start, k, x] = min(old, value)
                        boxes[0, x] = max(old, value)
        for y in range(start, stop):
            for x in range(width):
                value = zero
                for k in range(best):
                    value += lowest[y - start, k, x]
                value = value / np.float32(best) + np.float32(0.5)
                cost[y, x, label] = np.uint8(min(max(value, zero), np.float32(255.0)))
