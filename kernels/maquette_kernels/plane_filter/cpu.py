"""Local plane fits on the CPU, row by row."""

import numpy as np

from maquette_kernels.jit import kernel


@kernel
def filter_rows(inverse, weight, guide, radius, softness, tolerance, start, stop, out, support):
    """See `plane_filter`. Sums are kept in float64: the 3×3 system is small but ill-scaled."""
    height, width = inverse.shape
    side = 2 * radius + 1
    w = np.empty((side, side), np.float32)
    for y in range(start, stop):
        for x in range(width):
            r0, g0, b0 = guide[y, x, 0], guide[y, x, 1], guide[y, x, 2]
            known = weight[y, x] > 0
            q0 = inverse[y, x]
            total = np.float32(0.0)
            for dy in range(-radius, radius + 1):
                yy = y + dy
                for dx in range(-radius, radius + 1):
                    xx = x + dx
                    value = np.float32(0.0)
                    if 0 <= yy < height and 0 <= xx < width:
                        difference = (
                            abs(guide[yy, xx, 0] - r0)
                            + abs(guide[yy, xx, 1] - g0)
                            + abs(guide[yy, xx, 2] - b0)
                        ) * np.float32(1.0 / 3.0)
                        near = np.float32(1.0) / (
                            np.float32(1.0) + (difference / softness) * (difference / softness)
                        )
                        total += near
                        value = near * weight[yy, xx]
                        if known and abs(inverse[yy, xx] - q0) > np.float32(8.0) * tolerance * q0:
                            value = np.float32(0.0)
                    w[dy + radius, dx + radius] = value
            a = b = c = 0.0
            fitted = False
            for turn in range(3):
                sxx = sxy = syy = sx = sy = s = 0.0
                sxq = syq = sq = 0.0
                for dy in range(-radius, radius + 1):
                    for dx in range(-radius, radius + 1):
                        v = w[dy + radius, dx + radius]
                        if v <= 0:
                            continue
                        q = inverse[y + dy, x + dx]
                        if turn > 0:
                            off = (a * dx + b * dy + c - q) / (tolerance * q)
                            v = v / np.float32(1.0 + off * off)
                        sxx += v * dx * dx
                        sxy += v * dx * dy
                        syy += v * dy * dy
                        sx += v * dx
                        sy += v * dy
                        s += v
                        sxq += v * dx * q
                        syq += v * dy * q
                        sq += v * q
                if s < 2.0:
                    fitted = False
                    break
                # a little of "no slope" keeps thin neighbourhoods from tilting
                ridge = 0.02 * s
                mx, my, mq = sx / s, sy / s, sq / s
                cxx, cyy, cxy = (
                    sxx - s * mx * mx + ridge,
                    syy - s * my * my + ridge,
                    sxy - s * mx * my,
                )
                cxq, cyq = sxq - s * mx * mq, syq - s * my * mq
                det = cxx * cyy - cxy * cxy
                a = (cxq * cyy - cyq * cxy) / det
                b = (cyq * cxx - cxq * cxy) / det
                c = mq - a * mx - b * my
                fitted = True
            if not fitted or c <= 0:
                continue
            on = 0.0
            for dy in range(-radius, radius + 1):
                for dx in range(-radius, radius + 1):
                    v = w[dy + radius, dx + radius]
                    if v > 0:
                        q = inverse[y + dy, x + dx]
                        off = (a * dx + b * dy + c - q) / (tolerance * q)
                        if off * off < 1.0:
                            on += v
            out[y, x] = np.float32(c)
            support[y, x] = np.float32(on / max(total, np.float32(1e-6)))
