"""One photo's depth as a mesh: neighbouring pixels are joined, except where one hides the other.

Where a photo shows a near thing before a far one, neighbouring pixels lie on both, and a triangle between them would be
a sheet that is not there. Two neighbours are on one surface if

- it would be seen at 8° or more. Of pixels that are δ radians apart, a relative step of depth s means atan(δ / s).
  Finer pixels make δ and the step of a slope smaller alike, but not the step of a jump: the rule means the same at
  every resolution, and cuts a jump that a network smears over a few pixels as well; or
- it would be seen at 1° or more, and goes on as steeply to both sides for 1.2 % of the photo, as a floor does and a
  smeared jump does not. Steepness is the change of 1/z, which is even on a plane.

Frames: as in maquette.types; pixel centres at half integers.
"""

import math

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from maquette.surface.clean import Parts
from maquette.types import BoolArray, Camera, DepthMap, FloatArray, IntArray

_GRAZING_DEG = 8.0
_STEEPEST_DEG = 1.0
_EVEN_SHARE = 0.012  # of the photo's longer side, to either side
_EVEN = 0.5  # of the step's steepness, at least
_MIN_SHARE = 1e-4  # of the photo; smaller pieces are crumbs of what a network smears over a jump


def relief(camera: Camera, given: DepthMap, max_pixels: int) -> tuple[Parts, BoolArray]:
    """The mesh of a depth map, in world: a vertex per pixel that is part of a surface, `seen` 0 where it was filled.

    camera: at full size, any pose; given: of a map with more than `max_pixels`, every 2nd, 3rd … row and column is used
    Returns vertices (V, 3) float32, triangles (T, 3) int32, seen (V,) float32, none of them where nothing joins; and
    (H, W) which pixels are part of a surface: the others' depth was smeared over a jump.
    """
    height, width = given.depth.shape
    stride = max(1, math.ceil(math.sqrt(height * width / max_pixels)))
    rows = np.arange(stride // 2, height, stride)
    columns = np.arange(stride // 2, width, stride)
    depth = given.depth[np.ix_(rows, columns)].astype(np.float64)
    scaled = camera.scaled(width, height)
    joined = _Joined(depth, stride / scaled.K[0, 0], stride / scaled.K[1, 1])
    triangles = _without_crumbs(_triangles(depth, joined), depth.shape)
    used, compact = np.unique(triangles, return_inverse=True)
    row, column = np.divmod(used, len(columns))
    pixels = np.stack([columns[column] + 0.5, rows[row] + 0.5, np.ones(len(used))])
    local = np.linalg.solve(scaled.K, pixels) * depth.ravel()[used]
    world = (camera.world_from_camera[:3, :3] @ local).T + camera.centre
    seen = ~given.filled[rows[row], columns[column]]
    shown = np.zeros(depth.size, bool)
    shown[used] = True
    cells = [
        np.minimum(np.arange(n) // stride, m - 1)
        for n, m in zip((height, width), depth.shape, strict=True)
    ]
    parts = (
        world.astype(np.float32),
        compact.reshape(-1, 3).astype(np.int32),
        seen.astype(np.float32),
    )
    return parts, shown.reshape(depth.shape)[np.ix_(*cells)]


class _Joined:
    """Which neighbours lie on one surface: each array is true where the pixel and its neighbour do."""

    def __init__(self, depth: FloatArray, right_rad: float, below_rad: float) -> None:
        diagonal_rad = math.hypot(right_rad, below_rad)
        self.right = _on_one_surface(depth, (0, 1), right_rad)  # (H, W-1)
        self.below = _on_one_surface(depth, (1, 0), below_rad)  # (H-1, W)
        # (H-1, W-1): top left with bottom right
        self.falling = _on_one_surface(depth, (1, 1), diagonal_rad)
        # (H-1, W-1): bottom left with top right
        self.rising = _on_one_surface(depth[::-1], (1, 1), diagonal_rad)[::-1]


def _on_one_surface(depth: FloatArray, step: tuple[int, int], apart_rad: float) -> BoolArray:
    """For each pixel and its neighbour a `step` (down, right) away, `apart_rad` from it; both have depth."""
    height, width = depth.shape
    here = (slice(0, height - step[0]), slice(0, width - step[1]))
    there = (slice(step[0], height), slice(step[1], width))
    nearness = np.divide(1.0, depth, out=np.zeros_like(depth), where=depth > 0)
    change = nearness[there] - nearness[here]  # on a plane the same everywhere
    both = (depth[here] > 0) & (depth[there] > 0)
    # |z1 - z2| / z1 = |1/z1 - 1/z2| · z2
    relative = np.abs(change) * np.maximum(depth[here], depth[there])
    is_open = relative * math.tan(math.radians(_GRAZING_DEG)) <= apart_rad
    is_possible = relative * math.tan(math.radians(_STEEPEST_DEG)) <= apart_rad
    reach = max(2, round(_EVEN_SHARE * max(height, width)))
    around = np.pad(nearness, reach, mode="edge")
    ahead = around[_shifted(there, reach, step, reach)]
    behind = around[_shifted(here, reach, step, -reach)]
    least = np.minimum(
        (ahead - nearness[there]) * np.sign(change), (nearness[here] - behind) * np.sign(change)
    )
    goes_on = least >= _EVEN * reach * np.abs(change)
    return both & (is_open | (is_possible & goes_on))


def _shifted(
    where: tuple[slice, slice], padding: int, step: tuple[int, int], count: int
) -> tuple[slice, slice]:
    """The same region of an array padded by so much, moved by so many steps."""
    rows, columns = (
        slice(one.start + padding + count * by, one.stop + padding + count * by)
        for one, by in zip(where, step, strict=True)
    )
    return rows, columns


def _triangles(depth: FloatArray, joined: _Joined) -> IntArray:
    """(T, 3) indices of pixels, row by row; each square of four is cut along the flatter diagonal."""
    height, width = depth.shape
    index = np.arange(height * width).reshape(height, width)
    top_left, top_right = index[:-1, :-1], index[:-1, 1:]
    low_left, low_right = index[1:, :-1], index[1:, 1:]
    top, bottom = joined.right[:-1], joined.right[1:]
    left, right = joined.below[:, :-1], joined.below[:, 1:]
    # of a square with three corners on the surface, the diagonal between two of them
    falls = joined.falling & (
        ~joined.rising
        | (np.abs(depth[:-1, :-1] - depth[1:, 1:]) <= np.abs(depth[1:, :-1] - depth[:-1, 1:]))
    )
    rises = joined.rising & ~falls
    corners = [
        (falls & left & bottom, top_left, low_left, low_right),
        (falls & top & right, top_left, low_right, top_right),
        (rises & left & top, top_left, low_left, top_right),
        (rises & bottom & right, low_left, low_right, top_right),
    ]
    return np.concatenate(
        [np.stack([a[chosen], b[chosen], c[chosen]], axis=1) for chosen, a, b, c in corners]
    )


def _without_crumbs(triangles: IntArray, shape: tuple[int, int]) -> IntArray:
    """Without pieces that cover next to nothing of the photo; what is small in space may be near and large in it."""
    count = shape[0] * shape[1]
    tail, head = triangles.ravel(), triangles[:, [1, 2, 0]].ravel()
    edges = coo_matrix((np.ones(len(tail), bool), (tail, head)), (count, count))
    _, piece_of_pixel = connected_components(edges, directed=False)
    piece = piece_of_pixel[triangles[:, 0]] if len(triangles) else np.zeros(0, int)
    size = np.bincount(piece)  # triangles: two per pixel
    return triangles[size[piece] >= 2 * _MIN_SHARE * count]
