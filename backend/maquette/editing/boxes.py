"""Oriented boxes in the world: overlap, gaps, footprints. Z up, scene units.

A `Boxes` holds N boxes as stacked arrays, so that one thing is tested against a whole scene at once; a `Box` is one.
Source: separating axes, Gottschalk, Lin and Manocha 1996.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
CONTACT = 0.005  # the contract's tolerance for resting and for overlap
ROUNDING = 0.0005  # float32 storage and rounded decimals


@dataclass(frozen=True)
class Boxes:
    """N boxes: centre (N, 3), axes (N, 3, 3) unit columns, half (N, 3) along them."""

    centre: Array
    axes: Array
    half: Array

    @staticmethod
    def of(matrices: Array, low: Array, high: Array) -> "Boxes":
        """World boxes of object-space bounds. matrices: (N, 4, 4); low, high: (N, 3)."""
        linear = matrices[:, :3, :3]
        scale = np.linalg.norm(linear, axis=1)
        axes = linear / np.where(scale > 0, scale, 1.0)[:, None, :]
        middle = np.einsum("nij,nj->ni", linear, (low + high) / 2) + matrices[:, :3, 3]
        return Boxes(middle, axes, np.abs(high - low) / 2 * scale)

    @staticmethod
    def joined(parts: Sequence["Boxes"]) -> "Boxes":
        """All boxes of several."""
        if not parts:
            return Boxes(np.zeros((0, 3)), np.zeros((0, 3, 3)), np.zeros((0, 3)))
        return Boxes(
            np.concatenate([p.centre for p in parts]),
            np.concatenate([p.axes for p in parts]),
            np.concatenate([p.half for p in parts]),
        )

    def __len__(self) -> int:
        return len(self.centre)

    def __getitem__(self, index: int) -> "Box":
        return Box(self.centre[index], self.axes[index], self.half[index])

    def slice(self, start: int, stop: int) -> "Boxes":
        return Boxes(self.centre[start:stop], self.axes[start:stop], self.half[start:stop])

    def transformed(self, rotation: Array, shift: Array) -> "Boxes":
        """After p → rotation @ p + shift."""
        return Boxes(self.centre @ rotation.T + shift, rotation @ self.axes, self.half)

    @cached_property
    def reach(self) -> Array:
        """(N, 3) half sizes of the axis-aligned boxes around them."""
        return np.einsum("nij,nj->ni", np.abs(self.axes), self.half)

    @cached_property
    def low(self) -> Array:
        return self.centre - self.reach

    @cached_property
    def high(self) -> Array:
        return self.centre + self.reach

    @cached_property
    def items(self) -> list["Box"]:
        return [self[i] for i in range(len(self))]


@dataclass(frozen=True)
class Box:
    """One box."""

    centre: Array
    axes: Array
    half: Array

    @cached_property
    def many(self) -> Boxes:
        return Boxes(self.centre[None], self.axes[None], self.half[None])

    @cached_property
    def _reach_z(self) -> float:
        return float(np.abs(self.axes[2]) @ self.half)

    @property
    def bottom(self) -> float:
        return float(self.centre[2]) - self._reach_z

    @property
    def top(self) -> float:
        return float(self.centre[2]) + self._reach_z

    @property
    def size(self) -> Array:
        return 2 * self.half

    @cached_property
    def volume(self) -> float:
        return float(np.prod(2 * self.half))

    def extent(self, direction: ArrayLike) -> tuple[float, float]:
        """Lowest and highest coordinate along a direction."""
        d = np.asarray(direction, float)
        middle, reach = float(self.centre @ d), float(np.abs(self.axes.T @ d) @ self.half)
        return middle - reach, middle + reach

    @cached_property
    def corners(self) -> Array:
        return self.centre + (_SIGNS * self.half) @ self.axes.T

    @cached_property
    def footprint(self) -> Array:
        """Seen from above: a convex polygon, counter-clockwise, (K, 2)."""
        vertical = np.abs(self.axes[2])
        up = int(np.argmax(vertical))
        if vertical[up] > 1 - 1e-9:
            first, second = (self.axes[:2, k] * self.half[k] for k in range(3) if k != up)
            corners = self.centre[:2] + np.array(
                [first + second, second - first, -first - second, first - second]
            )
            return corners if first[0] * second[1] - first[1] * second[0] >= 0 else corners[::-1]
        return convex_hull(self.corners[:, :2])

    def transformed(self, rotation: Array, shift: Array) -> "Box":
        return Box(rotation @ self.centre + shift, rotation @ self.axes, self.half)

    def moved(self, shift: ArrayLike) -> "Box":
        return Box(self.centre + np.asarray(shift, float), self.axes, self.half)

    @cached_property
    def vertical_axis(self) -> int:
        """Which of its own axes is nearest to the vertical."""
        return int(np.argmax(np.abs(self.axes[2])))


_SIGNS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)


def convex_hull(points: Array) -> Array:
    """Counter-clockwise hull of 2D points (monotone chain)."""
    rows = sorted({(round(float(x), 9), round(float(y), 9)) for x, y in points})
    if len(rows) < 3:
        return np.array(rows)

    def chain(sequence: list[tuple[float, float]]) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for p in sequence:
            while len(found) > 1:
                (ax, ay), (bx, by) = found[-2], found[-1]
                if (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax) > 1e-12:
                    break
                found.pop()
            found.append(p)
        return found[:-1]

    return np.array(chain(rows) + chain(rows[::-1]))


def edges_of(polygon: Array) -> Array:
    """(K, 2) from each corner to the next."""
    return np.concatenate((polygon[1:], polygon[:1])) - polygon


def polygon_depth(a: Array, b: Array) -> float:
    """How deep two convex polygons overlap; negative: a lower bound of their distance."""
    edges = np.concatenate([edges_of(a), edges_of(b)])
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
    lengths = np.hypot(normals[:, 0], normals[:, 1])
    normals = normals[lengths > 1e-9] / lengths[lengths > 1e-9, None]
    if not len(normals):
        return 0.0
    first, second = a @ normals.T, b @ normals.T
    return float(
        (np.minimum(first.max(0), second.max(0)) - np.maximum(first.min(0), second.min(0))).min()
    )


def polygon_distance(a: Array, b: Array) -> float:
    """Distance between two convex polygons, 0 where they meet."""
    if polygon_depth(a, b) >= 0:
        return 0.0
    return min(_to_edges(a, b), _to_edges(b, a))


def _to_edges(points: Array, polygon: Array) -> float:
    along = edges_of(polygon)
    relative = points[:, None] - polygon
    t = (relative * along).sum(2) / np.maximum((along**2).sum(1), 1e-18)
    nearest = relative - np.clip(t, 0, 1)[..., None] * along
    return float(np.sqrt((nearest**2).sum(2)).min())


def polygon_contains(polygon: Array, point: ArrayLike, margin: float = 0.0) -> bool:
    """Whether a counter-clockwise convex polygon, grown by `margin`, holds a point."""
    p = np.asarray(point, float)
    if len(polygon) < 3:
        return False
    edges = edges_of(polygon)
    cross = edges[:, 0] * (p[1] - polygon[:, 1]) - edges[:, 1] * (p[0] - polygon[:, 0])
    return bool(np.all(cross >= -margin * np.hypot(edges[:, 0], edges[:, 1]) - 1e-9))


def gap(a: Box, b: Box) -> float:
    """Between the footprints and between the heights together."""
    vertical = max(0.0, a.bottom - b.top, b.bottom - a.top)
    return float(np.hypot(polygon_distance(a.footprint, b.footprint), vertical))


def overlap_depths(a: Boxes, b: Boxes) -> Array:
    """Penetration depth pair by pair, 0 where apart. a, b: N boxes each."""
    if not len(a):
        return np.zeros(0)
    p, q = a.axes, b.axes
    crossed = np.cross(p.transpose(0, 2, 1)[:, :, None], q.transpose(0, 2, 1)[:, None])
    directions = np.concatenate(
        [p.transpose(0, 2, 1), q.transpose(0, 2, 1), crossed.reshape(len(p), 9, 3)], axis=1
    )
    lengths = np.linalg.norm(directions, axis=2)
    is_axis = lengths > 1e-6
    directions = directions / np.where(is_axis, lengths, 1.0)[..., None]
    reach = np.einsum("nkj,nj->nk", np.abs(directions @ p), a.half)
    reach += np.einsum("nkj,nj->nk", np.abs(directions @ q), b.half)
    apart = np.abs(np.einsum("nkj,nj->nk", directions, b.centre - a.centre))
    return np.maximum(0.0, np.where(is_axis, reach - apart, np.inf).min(axis=1))


def overlap(a: Boxes, b: Boxes) -> float:
    """Deepest overlap between any of one and any of the other."""
    near = _meeting(a, b)
    if not len(near):
        return 0.0
    return float(overlap_depths(_taken(a, near[:, 0]), _taken(b, near[:, 1])).max())


def overlaps(a: Boxes, b: Boxes) -> tuple[NDArray[np.intp], Array]:
    """Which of `b` any of `a` goes into, and how deep: (M,) indices into b, (M,) depths."""
    near = _meeting(a, b)
    if not len(near):
        return np.zeros(0, np.intp), np.zeros(0)
    return near[:, 1], overlap_depths(_taken(a, near[:, 0]), _taken(b, near[:, 1]))


def _taken(boxes: Boxes, index: NDArray[np.intp]) -> Boxes:
    return Boxes(boxes.centre[index], boxes.axes[index], boxes.half[index])


def _meeting(a: Boxes, b: Boxes) -> NDArray[np.intp]:
    meets = np.all(a.low[:, None] < b.high[None], axis=2) & np.all(
        a.high[:, None] > b.low[None], axis=2
    )
    return np.argwhere(meets)


def turn(angle_deg: float, axis: ArrayLike = (0.0, 0.0, 1.0)) -> Array:
    """Rotation about an axis, counter-clockwise seen from its tip. (3, 3)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = np.eye(3) + s * k + (1 - c) * (k @ k)
    return np.round(rotation, 15)
