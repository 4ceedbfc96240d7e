"""The same pixel by pixel, in float64, written to be read: slow, for tests."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def patch_match_reference(
    reference: Array,
    rgb: Array,
    sources: Array,
    sizes: Array,
    projections: Array,
    inverse: Array,
    slope: Array,
    select: Array,
    offsets: Array,
    steps: Array,
    *,
    color_softness: float,
    noise_variance: float,
    num_best: int,
    margin: float,
    nudge: float,
) -> Array:
    """(H, W) inverse depth after one round; see `maquette_kernels.patch_match.patch_match`.

    slope: (H, W, 2) change of inverse depth per pixel; offsets: (T, 2) x, y of the window's pixels
    steps: (N, 2) x, y to the pixels whose planes are tried; nudge: inverse depths nearer than this are one
    """
    inverse, slope = inverse.astype(np.float64), slope.astype(np.float64)
    height, width = reference.shape
    for parity in (0, 1):
        for y in range(height):
            for x in range((y + parity) % 2, width, 2):
                if not select[y, x]:
                    continue
                column = np.clip(x + offsets[:, 0], 0, width - 1).astype(int)
                row = np.clip(y + offsets[:, 1], 0, height - 1).astype(int)
                far = np.abs(rgb[row, column].astype(float) - rgb[y, x]).mean(axis=1)
                weight = 1 / (1 + (far / color_softness) ** 2)
                weight /= weight.sum()
                values = reference[row, column]

                def cost(
                    q: float,
                    qx: float,
                    qy: float,
                    x: int = x,
                    y: int = y,
                    weight: Array = weight,
                    values: Array = values,
                ) -> float:
                    found = [
                        1 - _zncc(x, y, q, qx, qy, offsets, weight, values, *one, noise_variance)
                        for one in zip(sources, sizes, projections, strict=True)
                    ]
                    return float(np.sort(found)[:num_best].mean())

                best = inverse[y, x], slope[y, x, 0], slope[y, x, 1]
                limit = cost(*best) - margin
                tried = [best[0]]
                for dx, dy in steps:
                    xx, yy = x + dx, y + dy
                    if not (0 <= xx < width and 0 <= yy < height):
                        continue
                    qx, qy = slope[yy, xx]
                    q = inverse[yy, xx] - qx * dx - qy * dy
                    if q <= 0 or min(abs(q - known) for known in tried) < nudge:
                        continue
                    tried.append(q)
                    value = cost(q, qx, qy)
                    if value < limit:
                        limit, best = value, (q, qx, qy)
                inverse[y, x], slope[y, x] = best[0], best[1:]
    return inverse


def _zncc(
    x: int,
    y: int,
    q: float,
    qx: float,
    qy: float,
    offsets: Array,
    weight: Array,
    values: Array,
    source: Array,
    size: Array,
    projection: Array,
    noise_variance: float,
) -> float:
    """Weighted ZNCC, 0 at least, of the tilted window with a source; 0 where that does not see its middle."""
    height, width = int(size[0]), int(size[1])
    middle = projection @ np.array([x + 0.5, y + 0.5, 1, q])
    if middle[2] <= 1e-6:
        return 0.0
    u, v = middle[:2] / middle[2]
    if not (0 <= u < width and 0 <= v < height):
        return 0.0
    dx, dy = offsets.T
    ones = np.ones(len(dx))
    window = projection @ np.stack([x + 0.5 + dx, y + 0.5 + dy, ones, q + qx * dx + qy * dy])
    u, v = window[:2] / np.maximum(window[2], 1e-6) - 0.5
    u, v = np.clip(u, 0, width - 1), np.clip(v, 0, height - 1)
    left, top = np.minimum(u, width - 2).astype(int), np.minimum(v, height - 2).astype(int)
    s, t = u - left, v - top
    upper = source[top, left] * (1 - s) + source[top, left + 1] * s
    lower = source[top + 1, left] * (1 - s) + source[top + 1, left + 1] * s
    seen = upper * (1 - t) + lower * t
    off, seen_off = values - weight @ values, seen - weight @ seen
    deviation = np.sqrt(weight @ off**2 + noise_variance)
    seen_deviation = np.sqrt(weight @ seen_off**2 + noise_variance)
    return max(0.0, float(weight @ (off * seen_off) / (deviation * seen_deviation)))
