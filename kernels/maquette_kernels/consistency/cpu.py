"""Cross-view depth check on the CPU, row by row."""

import numpy as np

from maquette_kernels.jit import kernel


@kernel
def check_rows(
    depth, sources, sizes, projections, depth_rows, tolerance, start, stop,
    agreeing, conflicting, fused,
):  # fmt: skip
    """See `check_consistency`. depth_rows: (S, 4), source depth = row · (x z, y z, z, 1)."""
    width = depth.shape[1]
    half, one, zero = np.float32(0.5), np.float32(1.0), np.float32(0.0)
    for y in range(start, stop):
        for x in range(width):
            z = depth[y, x]
            count = np.int32(0)
            against = np.int32(0)
            total = one
            if z > zero:
                px, py, w = np.float32(x) + half, np.float32(y) + half, one / z
                for s in range(sources.shape[0]):
                    P = projections[s]
                    q2 = P[2, 0] * px + P[2, 1] * py + P[2, 2] + P[2, 3] * w
                    if q2 <= np.float32(1e-6):
                        continue
                    u = (P[0, 0] * px + P[0, 1] * py + P[0, 2] + P[0, 3] * w) / q2
                    v = (P[1, 0] * px + P[1, 1] * py + P[1, 2] + P[1, 3] * w) / q2
                    column, row = np.int64(np.floor(u)), np.int64(np.floor(v))
                    if row < 0 or column < 0 or row >= sizes[s, 0] or column >= sizes[s, 1]:
                        continue
                    other = sources[s, row, column]
                    if other <= zero:
                        continue
                    D = depth_rows[s]
                    expected = (D[0] * px + D[1] * py + D[2]) * z + D[3]
                    if expected <= zero:
                        continue
                    ratio = other / expected
                    if abs(ratio - one) <= tolerance:
                        count += 1
                        # Along the reference ray, to first order.
                        slope = (D[0] * px + D[1] * py + D[2]) * z / expected
                        if slope > half:
                            total += one + (ratio - one) / slope
                        else:
                            total += one
                    elif ratio > one + np.float32(3.0) * tolerance:
                        against += 1  # the source looks through this point
            agreeing[y, x] = count
            conflicting[y, x] = against
            fused[y, x] = z * total / (one + np.float32(count))
