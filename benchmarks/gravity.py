"""Which way is up in a data set's true frame, from the floors and tables in its true depth."""

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]


def surface_normals(depth: Array, K: Array, world_from_camera: Array, step: int = 4) -> Array:
    """(N, 3) unit normals in world where the true depth (H, W) is locally flat."""
    row, column = np.mgrid[: depth.shape[0], : depth.shape[1]]
    x = (column + 0.5 - K[0, 2]) / K[0, 0] * depth
    y = (row + 0.5 - K[1, 2]) / K[1, 1] * depth
    points = np.stack([x, y, depth], -1)
    reach = 8  # pixels: wide enough to average the sensor's noise
    inner = slice(reach, -reach, step)
    low, high = slice(None, -2 * reach, step), slice(2 * reach, None, step)
    centre, left, right = points[inner, inner], points[inner, low], points[inner, high]
    above, below = points[low, inner], points[high, inner]
    flat = np.ones(centre.shape[:2], bool)
    for a, b in ((left, right), (above, below)):
        flat &= (a[..., 2] > 0) & (b[..., 2] > 0) & (centre[..., 2] > 0)
        flat &= np.abs(a[..., 2] + b[..., 2] - 2 * centre[..., 2]) < 0.02
    normals = np.cross((below - above)[flat], (right - left)[flat])
    length = np.linalg.norm(normals, axis=1)
    return (normals[length > 0] / length[length > 0, None]) @ world_from_camera[:3, :3].T


def true_up(scorer: ModuleType, truth: dict[str, Any]) -> Array:
    """(3,) the unit up vector in the true frame: the common normal of the horizontal surfaces.

    Starts from the mean of the cameras' own up and narrows the cone of normals down to 5 degrees.
    On a room with a floor and tables, single surfaces agree with the result to about 0.5 degrees.
    """
    images = [i for i in truth["images"].values() if i.get("cam_to_world") is not None]
    up = -np.mean([image["cam_to_world"][:3, 1] for image in images], axis=0)
    up /= np.linalg.norm(up)
    found = []
    for name, image in truth["images"].items():
        depth = scorer.true_depth(truth, name)
        if depth is not None and image.get("cam_to_world") is not None:
            K = scorer.scaled_intrinsics(image, depth.shape)
            found.append(surface_normals(depth, K, image["cam_to_world"]))
    normals = np.concatenate(found)
    for cone_deg in (30, 20, 12, 8, 6, 5, 5):
        near = normals[np.abs(normals @ up) > np.cos(np.radians(cone_deg))]
        axis = np.linalg.eigh(near.T @ near)[1][:, -1]
        up = axis * np.sign(axis @ up)
    return up
