"""The same with whole images in float64: warp by the label, sum windows, correlate, average the best sources."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def plane_sweep_reference(
    reference: Array,
    sources: Array,
    sizes: Array,
    projections: Array,
    base: Array,
    step: float,
    num_labels: int,
    *,
    radius: int = 3,
    noise_variance: float = 6.0,
    num_best: int = 2,
) -> Array:
    """See `maquette_kernels.plane_sweep.plane_sweep`; here not rounded: (H, W, num_labels) float64, 0..255."""
    height, width = reference.shape
    best = max(1, min(num_best, len(sources)))
    patch = reference.astype(np.float64) - 128
    cost = np.empty((height, width, num_labels))
    for label in range(num_labels):
        inverse_depth = base.astype(np.float64) + label * step
        # a source that does not see the point, or sees the opposite, says nothing: cost 127.5
        costs = [np.full((height, width), 127.5)] * best
        for source, (rows, columns), projection in zip(sources, sizes, projections, strict=True):
            photo = source[:rows, :columns].astype(np.float64) - 128
            warped, is_seen = _warp(photo, projection.astype(np.float64), inverse_depth)
            ncc = _correlation(patch, warped, radius, noise_variance)
            costs.append(127.5 * (1 - np.where(is_seen, ncc, 0)))
        cost[:, :, label] = np.sort(costs, axis=0)[:best].mean(axis=0)
    return cost


def _warp(photo: Array, projection: Array, inverse_depth: Array) -> tuple[Array, Array]:
    """(bilinear samples, seen): beyond its border a photo goes on with its border's colour, unseen."""
    height, width = inverse_depth.shape
    y, x = np.mgrid[:height, :width] + 0.5
    q = np.einsum("ij,jyx->iyx", projection, np.stack([x, y, np.ones_like(x), inverse_depth]))
    is_front = q[2] > 1e-6
    divisor = np.where(is_front, q[2], 1)
    u, v = q[0] / divisor - 0.5, q[1] / divisor - 0.5
    last_y, last_x = photo.shape[0] - 1, photo.shape[1] - 1
    is_inside = (u >= -0.5) & (v >= -0.5) & (u <= last_x + 0.5) & (v <= last_y + 0.5)
    u, v = np.clip(u, 0, last_x), np.clip(v, 0, last_y)
    left, top = np.minimum(u.astype(int), last_x - 1), np.minimum(v.astype(int), last_y - 1)
    du, dv = u - left, v - top
    upper = (1 - du) * photo[top, left] + du * photo[top, left + 1]
    lower = (1 - du) * photo[top + 1, left] + du * photo[top + 1, left + 1]
    return (1 - dv) * upper + dv * lower, is_front & is_inside & (inverse_depth > 0)


def _correlation(a: Array, b: Array, radius: int, floor: float) -> Array:
    """Zero-mean normalised cross-correlation over windows that the image's border cuts."""
    mean_a, mean_b = _window_mean(a, radius), _window_mean(b, radius)
    variance_a = _window_mean(a * a, radius) - mean_a**2 + floor
    variance_b = _window_mean(b * b, radius) - mean_b**2 + floor
    covariance = _window_mean(a * b, radius) - mean_a * mean_b
    return covariance / np.sqrt(variance_a * variance_b)


def _window_mean(image: Array, radius: int) -> Array:
    height, width = image.shape
    mean = np.empty_like(image)
    for y in range(height):
        for x in range(width):
            window = image[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
            mean[y, x] = window.mean()
    return mean
