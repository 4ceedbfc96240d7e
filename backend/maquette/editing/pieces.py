"""What of a mesh is solid: the bounds of its connected pieces, in object space."""

import numpy as np
import numpy.typing as npt

MAX_PIECES = 64  # a scan's crumbs are no furniture: only the largest pieces count


def piece_bounds(
    vertices: npt.NDArray[np.float32], triangles: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Lows and highs (P, 3) of the connected pieces. Pointer jumping, so long strips take few rounds."""
    if not len(triangles):
        return np.zeros((0, 3)), np.zeros((0, 3))
    root = np.arange(len(vertices))
    while True:
        lowest = root[triangles].min(axis=1)
        merged = root.copy()
        for corner in range(3):
            np.minimum.at(merged, root[triangles[:, corner]], lowest)
            np.minimum.at(merged, triangles[:, corner], lowest)
        merged = merged[merged]
        if np.array_equal(merged, root):
            break
        root = merged
    used = np.unique(triangles)
    roots, group = np.unique(root[used], return_inverse=True)
    low = np.full((len(roots), 3), np.inf)
    high = np.full((len(roots), 3), -np.inf)
    points = vertices[used].astype(np.float64)
    np.minimum.at(low, group, points)
    np.maximum.at(high, group, points)
    if len(roots) > MAX_PIECES:
        largest = np.sort(np.argsort(-np.prod(high - low + 1e-4, axis=1))[:MAX_PIECES])
        low, high = low[largest], high[largest]
    return low, high
