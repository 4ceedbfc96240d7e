"""The same texel by texel and triangle by triangle, in float64."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
RIM, INSIDE = 1, 2


def bake_reference(
    photo: Array,
    photo_xy: Array,
    atlas_xy: Array,
    correction: Array,
    atlas: Array,
    covered: Array,
) -> None:
    """See `maquette_kernels.texture_bake.bake`."""
    height, width = covered.shape
    for place, source, change in zip(
        atlas_xy.astype(float), photo_xy.astype(float), correction.astype(float), strict=True
    ):
        double_area = _cross(place[1] - place[0], place[2] - place[0])
        if abs(double_area) < 1e-9:
            continue
        opposite = [np.linalg.norm(place[(k + 2) % 3] - place[(k + 1) % 3]) for k in range(3)]
        rim = np.array(opposite) / abs(double_area)  # one texel, as a barycentric coordinate
        # a sharp corner's rim reaches far: never beyond the box and one texel
        low = np.maximum(np.floor(place.min(axis=0) - 1), 0).astype(int)
        high = np.minimum(np.floor(place.max(axis=0) + 1), [width - 1, height - 1]).astype(int)
        for y in range(low[1], high[1] + 1):
            for x in range(low[0], high[0] + 1):
                weights = _barycentric(place, double_area, np.array([x + 0.5, y + 0.5]))
                if (weights < -rim).any():
                    continue
                mark = INSIDE if (weights >= 0).all() else RIM
                if covered[y, x] >= mark:
                    continue
                color = _bilinear(photo, *(weights @ source)) + weights @ change
                atlas[y, x] = np.clip(np.floor(color + 0.5), 0, 255)
                covered[y, x] = mark


def _cross(a: Array, b: Array) -> float:
    return float(a[0] * b[1] - a[1] * b[0])


def _barycentric(place: Array, double_area: float, point: Array) -> Array:
    away = place - point
    first = _cross(away[1], away[2]) / double_area
    second = _cross(away[2], away[0]) / double_area
    return np.array([first, second, 1 - first - second])


def _bilinear(photo: Array, u: float, v: float) -> Array:
    """The photo's colour at (u, v), the centre of its first pixel at 0.5; the border's colour beyond it."""
    rows, columns = photo.shape[:2]
    left, top = int(np.floor(u - 0.5)), int(np.floor(v - 0.5))
    color = np.zeros(3)
    for dy in (0, 1):
        for dx in (0, 1):
            share = (1 - abs(u - 0.5 - left - dx)) * (1 - abs(v - 0.5 - top - dy))
            row, column = np.clip(top + dy, 0, rows - 1), np.clip(left + dx, 0, columns - 1)
            color += share * photo[row, column].astype(float)
    return color


def smooth_labels_reference(
    neighbours: Array, first: Array, views: Array, costs: Array, weight: float, rounds: int
) -> Array:
    """See `maquette_kernels.texture_bake.smooth_labels`."""
    count = len(neighbours)
    label = np.array(
        [views[first[t]] if first[t + 1] > first[t] else -1 for t in range(count)], np.int32
    )
    for turn in range(rounds):
        order = range(count) if turn % 2 == 0 else reversed(range(count))
        for t in order:
            around = [label[n] for n in neighbours[t] if n >= 0]
            choices = [
                (costs[c] + weight * sum(other != views[c] for other in around), c)
                for c in range(first[t], first[t + 1])
            ]
            if choices:
                label[t] = views[min(choices)[1]]
    return label
