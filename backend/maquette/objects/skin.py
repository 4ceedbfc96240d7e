"""The reconstructed skin as one connected triangle surface: welded, evenly fine, each face knowing its neighbours.

An atlas splits vertices where its charts meet; here faces that touch know each other again. Lengths are scene units;
`unit` is the size of a photo's pixel on the surface, the finest thing that the photos can tell.
"""

from dataclasses import dataclass

import numpy as np

from maquette.types import BoolArray, Camera, FloatArray, IntArray

_LONGEST = (
    5.0  # units: longer edges are split, so that borders between things have somewhere to run
)


@dataclass(frozen=True, kw_only=True)
class Skin:
    """Faces with their corners' attributes. Corners of one place in several charts are one `weld`."""

    vertices: FloatArray  # (V, 3) float64, world
    triangles: IntArray  # (T, 3) int32 into the arrays per vertex
    uvs: FloatArray  # (V, 2) float32
    colors: FloatArray  # (V, 3) float32, sRGB 0..255
    seen: FloatArray  # (V,) float32
    weld: IntArray  # (V,) int32: equal where the place is the same
    unit: float

    def faces_welded(self) -> IntArray:
        """(T, 3) the triangles by place."""
        return self.weld[self.triangles]


@dataclass(frozen=True, kw_only=True)
class FaceGraph:
    """Faces and the edges between them."""

    centre: FloatArray  # (T, 3)
    normal: FloatArray  # (T, 3) unit
    area: FloatArray  # (T,)
    color: FloatArray  # (T, 3) CIELAB, L 0..100
    pairs: IntArray  # (E, 2) faces that share an edge
    length: FloatArray  # (E,) of that edge


def pixel_size(vertices: FloatArray, cameras: tuple[Camera, ...]) -> float:
    """The median size, in scene units, of a photo's pixel on the surface, seen by the nearer cameras."""
    sample = vertices[:: max(1, len(vertices) // 4000)]
    sizes = []
    for camera in cameras:
        local = sample @ camera.camera_from_world[:3, :3].T + camera.camera_from_world[:3, 3]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = local @ camera.K.T / local[:, 2:]
        inside = (local[:, 2] > 0) & (pixels[:, :2] >= 0).all(axis=1)
        inside &= (pixels[:, 0] < camera.width) & (pixels[:, 1] < camera.height)
        sizes.append(local[inside, 2] / camera.K[0, 0])
    every = np.concatenate(sizes)
    return float(np.median(every)) if len(every) else 1e-3 * float(np.ptp(sample, axis=0).max())


def make_skin(
    vertices: FloatArray,
    triangles: IntArray,
    uvs: FloatArray,
    colors: FloatArray,
    seen: FloatArray,
    unit: float,
) -> Skin:
    """Weld and split long edges."""
    vertices, triangles = vertices.astype(np.float64), triangles.astype(np.int64)
    _, weld = np.unique(vertices, axis=0, return_inverse=True)
    attributes = np.hstack([vertices, uvs, colors, seen[:, None]])
    attributes, triangles, weld = _split(attributes, triangles, weld.ravel(), _LONGEST * unit)
    corners = weld[triangles]
    proper = (
        (corners[:, 0] != corners[:, 1])
        & (corners[:, 1] != corners[:, 2])
        & (corners[:, 2] != corners[:, 0])
    )
    return Skin(
        vertices=attributes[:, :3],
        triangles=triangles[proper].astype(np.int32),
        uvs=attributes[:, 3:5].astype(np.float32),
        colors=attributes[:, 5:8].astype(np.float32),
        seen=attributes[:, 8].astype(np.float32),
        weld=weld.astype(np.int32),
        unit=unit,
    )


def _split(
    attributes: FloatArray, triangles: IntArray, weld: IntArray, longest: float
) -> tuple[FloatArray, IntArray, IntArray]:
    """Halve edges longer than `longest`, the same on both sides of it, until none is left.

    A face with one, two or three long edges becomes two, three or four, so that no vertex lies within an edge.
    """
    for _ in range(12):
        ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1)  # (T, 3, 2)
        length = np.linalg.norm(
            attributes[ends[..., 0], :3] - attributes[ends[..., 1], :3], axis=-1
        )
        is_long = length > longest
        if not is_long.any():
            break
        attributes, weld, middle = _midpoints(attributes, weld, ends, is_long)
        triangles = _divided(triangles, middle)
    return attributes, triangles, weld


def _midpoints(
    attributes: FloatArray, weld: IntArray, ends: IntArray, is_long: BoolArray
) -> tuple[FloatArray, IntArray, IntArray]:
    """New vertices in the middle of long edges. Returns also (T, 3) their numbers, -1 elsewhere."""
    pair = np.sort(ends[is_long], axis=1)
    unique, inverse = np.unique(pair, axis=0, return_inverse=True)
    fresh = (attributes[unique[:, 0]] + attributes[unique[:, 1]]) / 2
    places = np.sort(weld[unique], axis=1)
    _, place = np.unique(places, axis=0, return_inverse=True)
    middle = np.full(is_long.shape, -1, np.int64)
    middle[is_long] = len(attributes) + inverse.ravel()
    first_free = int(weld.max()) + 1
    return (
        np.vstack([attributes, fresh]),
        np.concatenate([weld, first_free + place.ravel()]),
        middle,
    )


def _divided(triangles: IntArray, middle: IntArray) -> IntArray:
    """Faces cut at the middles of their long edges."""
    count = (middle >= 0).sum(axis=1)
    parts = [triangles[count == 0]]
    # turn each face so that its pattern of long edges is one of three
    for number, first in ((1, (True, False, False)), (2, (True, True, False))):
        for turn in range(3):
            t, m = np.roll(triangles, -turn, axis=1), np.roll(middle, -turn, axis=1)
            is_this = (count == number) & ((m >= 0) == np.array(first)).all(axis=1)
            t, m = t[is_this], m[is_this]
            a, b, c, ab, bc = t[:, 0], t[:, 1], t[:, 2], m[:, 0], m[:, 1]
            if number == 1:
                parts += [np.stack([a, ab, c], 1), np.stack([ab, b, c], 1)]
            else:
                parts += [np.stack([ab, b, bc], 1), np.stack([a, ab, c], 1)]
                parts += [np.stack([ab, bc, c], 1)]
    t, m = triangles[count == 3], middle[count == 3]
    ab, bc, ca = m[:, 0], m[:, 1], m[:, 2]
    parts += [np.stack([t[:, 0], ab, ca], 1), np.stack([t[:, 1], bc, ab], 1)]
    parts += [np.stack([t[:, 2], ca, bc], 1), np.stack([ab, bc, ca], 1)]
    return np.concatenate(parts)


def face_graph(skin: Skin) -> FaceGraph:
    """Centres, normals, colours and neighbours of all faces."""
    corners = skin.vertices[skin.triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    double_area = np.linalg.norm(cross, axis=1)
    welded = skin.faces_welded()
    edges = np.sort(np.stack([welded, np.roll(welded, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    key = edges[:, 0].astype(np.int64) * (int(welded.max()) + 1) + edges[:, 1]
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    one, two = order[:-1][same], order[1:][same]
    ends = np.stack([skin.triangles, np.roll(skin.triangles, -1, axis=1)], -1).reshape(-1, 2)
    span = skin.vertices[ends[one, 0]] - skin.vertices[ends[one, 1]]
    return FaceGraph(
        centre=corners.mean(axis=1),
        normal=cross / np.maximum(double_area, 1e-30)[:, None],
        area=double_area / 2,
        color=lab(skin.colors[skin.triangles].mean(axis=1)),
        pairs=np.stack([one // 3, two // 3], axis=1).astype(np.int32),
        length=np.linalg.norm(span, axis=1),
    )


def lab(rgb: FloatArray) -> FloatArray:
    """(N, 3) CIELAB of (N, 3) sRGB 0..255."""
    import cv2

    unit = (rgb / 255.0).astype(np.float32)[None]
    return cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)[0].astype(np.float64)
