"""Surfaces continued behind and under what stands before them.

Each of the room's planes, and each support, has a flat sheet where its own skin is missing: laid just behind the
surface, so that it shows only when what hid it is gone. Its picture is continued from around it in the rectified
plane. Lengths are scene units, planes in world.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from maquette.objects.inpainting import continued
from maquette.objects.skin import Skin
from maquette.types import BoolArray, ByteArray, FloatArray, IntArray
from maquette_kernels.rasterize import rasterize, render_texture

_TEXEL = 1.5  # units
_CELL = 3  # texels between the sheet's vertices
_BEHIND = 2.0  # units: so that a thin thing, not the sheet under it, is what is nearest to it
_OVERLAP = 2  # cells by which the sheet reaches under the skin
_MAX_SIDE = 2048  # texels
_FAR = 1000.0  # of the sheet's size: distance of the camera that draws it, as good as parallel


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is missing of one surface: a mesh in world with a picture of its own."""

    vertices: FloatArray  # (V, 3) float64, world
    triangles: IntArray  # (T, 3) int32
    pixels: FloatArray  # (V, 2) places in the picture, texels, y down
    picture: ByteArray  # (H, W, 3) sRGB


def frame_of(normal: FloatArray) -> FloatArray:
    """(3, 3) rows: right, up (both in the plane), normal; up is as nearly world up as the plane allows."""
    up = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, normal)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(normal, right), normal])


@dataclass(frozen=True, kw_only=True)
class Rectified:
    """A surface's own skin drawn into its plane."""

    frame: FloatArray  # (3, 3) see frame_of
    low: FloatArray  # (2,) of the picture, along the frame's first two axes
    texel: float
    known: BoolArray  # (H, W) where the surface has skin of its own
    picture: ByteArray  # (H, W, 3) sRGB, y down

    def pixels(self, points: FloatArray) -> FloatArray:
        """(N, 2) places of world points in the picture."""
        flat = (points @ self.frame[:2].T - self.low) / self.texel
        return flat * [1, -1] + [0, self.known.shape[0]]

    def holds(self, mask: BoolArray, points: FloatArray) -> BoolArray:
        """(N,) whether points lie in a mask of the picture."""
        column, row = np.floor(self.pixels(points)).astype(int).T
        height, width = mask.shape
        inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
        out = np.zeros(len(points), bool)
        out[inside] = mask[row[inside], column[inside]]
        return out


def rectify(
    skin: Skin,
    texture: ByteArray,
    own: IntArray,
    normal: FloatArray,
    offset: float,
    outline: FloatArray,
) -> Rectified:
    """Draw the faces `own` into the plane, over the extent of `outline` (m, 3) and the faces themselves."""
    frame = frame_of(normal)
    flat = np.vstack([outline, skin.vertices[skin.triangles[own].ravel()]]) @ frame[:2].T
    low, high = flat.min(axis=0), flat.max(axis=0)
    texel = max(_TEXEL * skin.unit, float((high - low).max()) / _MAX_SIDE)
    width, height = (np.ceil((high - low) / texel).astype(int) + 2).tolist()
    known, picture = _drawn(skin, texture, own, frame, offset, low, texel, width, height)
    return Rectified(frame=frame, low=low, texel=texel, known=known, picture=picture)


def make_sheet(
    skin: Skin,
    texture: ByteArray,
    own: IntArray,
    normal: FloatArray,
    offset: float,
    outline: FloatArray,
) -> Sheet | None:
    """The sheet of one surface, or None where nothing is missing.

    own: (n,) faces that are the surface; outline: (m, 3) world points whose convex hull in the plane it fills
    """
    drawn = rectify(skin, texture, own, normal, offset, outline)
    height, width = drawn.known.shape
    corners = np.vstack([outline, skin.vertices[skin.triangles[own].ravel()]])
    polygon = np.rint(drawn.pixels(corners)).astype(np.int32)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(polygon), 1)
    missing = ndimage.binary_opening((inside > 0) & ~drawn.known, np.ones((3, 3)))
    cells = _cells(missing, inside > 0)
    if not cells.any():
        return None
    wanted = np.kron(cells, np.ones((_CELL, _CELL), bool))[:height, :width] & ~drawn.known
    picture = continued(drawn.picture, drawn.known, wanted)
    places, triangles, pixels = _grid(cells, drawn.low, drawn.texel, height)
    behind = np.full((len(places), 1), offset - _BEHIND * skin.unit)
    world = np.hstack([places, behind]) @ drawn.frame
    return Sheet(vertices=world, triangles=triangles, pixels=pixels, picture=picture)


def _drawn(
    skin: Skin,
    texture: ByteArray,
    own: IntArray,
    frame: FloatArray,
    offset: float,
    low: FloatArray,
    texel: float,
    width: int,
    height: int,
) -> tuple[BoolArray, ByteArray]:
    """Where the surface's own skin is, and its picture."""
    distance = _FAR * max(width, height) * texel
    middle = np.array([width, height]) / 2
    centre = np.append(low + np.array([width / 2, height / 2]) * texel, offset)
    turn = np.diag([1.0, -1.0, -1.0]) @ frame  # the camera looks along -normal, y down
    camera_from_world = np.eye(4)
    camera_from_world[:3, :3] = turn
    camera_from_world[:3, 3] = -turn @ (centre @ frame) + [0, 0, distance]
    K = np.array([[distance / texel, 0, middle[0]], [0, distance / texel, middle[1]], [0, 0, 1]])
    triangles = skin.triangles[own]
    raster = rasterize(skin.vertices, triangles, K, camera_from_world, width, height)
    known = raster.triangle >= 0
    return known, render_texture(raster, triangles, skin.uvs, texture)


def _cells(missing: BoolArray, inside: BoolArray) -> BoolArray:
    """Grid cells that hold something missing, and those around them, none of which reaches out of the outline."""
    height, width = missing.shape
    rows, columns = -(-height // _CELL), -(-width // _CELL)
    padded = np.zeros((2, rows * _CELL, columns * _CELL), bool)
    padded[:, :height, :width] = missing, inside
    cells = padded.reshape(2, rows, _CELL, columns, _CELL)
    holed = ndimage.binary_dilation(cells[0].any(axis=(1, 3)), np.ones((3, 3)), _OVERLAP)
    return holed & cells[1].all(axis=(1, 3))


def _grid(
    cells: BoolArray, low: FloatArray, texel: float, height: int
) -> tuple[FloatArray, IntArray, FloatArray]:
    """(places in the plane (V, 2), triangles, texels (V, 2)) of the cells' squares."""
    row, column = np.nonzero(cells)
    number = np.full((cells.shape[0] + 1, cells.shape[1] + 1), -1)
    corners = [(row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1)]
    for r, c in corners:
        number[r, c] = 0
    r, c = np.nonzero(number == 0)
    number[r, c] = np.arange(len(r))
    a, b, d, e = (number[i, j] for i, j in corners)
    triangles = np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, e], 1)])
    pixels = np.stack([c, r], axis=1).astype(float) * _CELL
    places = low + np.stack([pixels[:, 0], height - pixels[:, 1]], axis=1) * texel
    return places, triangles.astype(np.int32), pixels
