"""One part of the skin as an object: a mesh closed where it touched something, in an upright frame at its base."""

from dataclasses import dataclass

import cv2
import numpy as np

from maquette.objects.skin import Skin
from maquette.types import FloatArray, IntArray

_FLAT_LOOP = 0.12  # a border is closed where it is that flat, relative to its length
_TURN_GAIN = 0.85  # of the axis-aligned footprint: a turned frame must be that much tighter


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A mesh in its own frame. Closing faces have seen = 0."""

    vertices: FloatArray  # (V, 3) float32, object space
    triangles: IntArray  # (T, 3) int32
    uvs: FloatArray  # (V, 2) float32
    colors: FloatArray  # (V, 3) sRGB 0..255
    seen: FloatArray  # (V,) float32
    world_from_object: FloatArray  # (4, 4)


def make_piece(skin: Skin, faces: IntArray) -> Piece:
    """The faces as an object of their own."""
    used, triangles = np.unique(skin.triangles[faces], return_inverse=True)
    triangles = triangles.reshape(-1, 3)
    vertices, uvs = skin.vertices[used], skin.uvs[used]
    colors, seen = skin.colors[used], skin.seen[used]
    cap = _closing(vertices, triangles, skin.weld[used])
    if len(cap[0]):
        corner, middle = cap
        # every closing face has corners of its own: one place in the picture, so one colour
        count = len(corner)
        new = np.stack([vertices[corner[:, 1]], vertices[corner[:, 0]], middle], axis=1)
        first = len(vertices)
        vertices = np.vstack([vertices, new.reshape(-1, 3)])
        uvs = np.vstack([uvs, np.repeat(uvs[corner[:, 0]], 3, axis=0)])
        colors = np.vstack([colors, np.repeat(colors[corner[:, 0]], 3, axis=0)])
        seen = np.concatenate([seen, np.zeros(3 * count, np.float32)])
        triangles = np.vstack([triangles, first + np.arange(3 * count).reshape(-1, 3)])
    world_from_object = upright_frame(vertices)
    local = (vertices - world_from_object[:3, 3]) @ world_from_object[:3, :3]
    return Piece(
        vertices=local.astype(np.float32),
        triangles=triangles.astype(np.int32),
        uvs=uvs.astype(np.float32),
        colors=colors,
        seen=seen.astype(np.float32),
        world_from_object=world_from_object,
    )


def upright_frame(vertices: FloatArray) -> FloatArray:
    """(4, 4) world_from_object: Z up, origin at the base's centre, turned only where that fits much better."""
    plan = vertices[:, :2].astype(np.float32)
    size = np.ptp(plan, axis=0)
    (cx, cy), (w, h), angle_deg = cv2.minAreaRect(plan)
    yaw = np.radians((angle_deg + 45.0) % 90.0 - 45.0)
    frame = np.eye(4)
    if w * h < _TURN_GAIN * float(size[0] * size[1]) and min(w, h) > 0:
        c, s = np.cos(yaw), np.sin(yaw)
        frame[:2, :2] = [[c, -s], [s, c]]
        frame[:2, 3] = cx, cy
    else:
        frame[:2, 3] = (plan.min(axis=0) + plan.max(axis=0)) / 2
    frame[2, 3] = vertices[:, 2].min()
    return frame


def _closing(
    vertices: FloatArray, triangles: IntArray, weld: IntArray
) -> tuple[IntArray, FloatArray]:
    """Border edges (n, 2) of flat loops, and (n, 3) the loop's middle for each: fans that close it."""
    ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], -1).reshape(-1, 2)
    places = np.sort(weld[ends], axis=1)
    _, inverse, counts = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    border = ends[counts[inverse.ravel()] == 1]
    corner: list[IntArray] = []
    middle: list[FloatArray] = []
    for loop in _loops(weld[border]):
        points = vertices[border[loop, 0]]
        centre = points.mean(axis=0)
        extent = np.linalg.svd(points - centre, compute_uv=False)
        if len(points) < 8 or extent[2] > _FLAT_LOOP * extent[0]:
            continue
        corner.append(border[loop])
        middle.append(np.tile(centre, (len(loop), 1)))
    if not corner:
        return np.zeros((0, 2), int), np.zeros((0, 3))
    return np.concatenate(corner), np.concatenate(middle)


def _loops(edges: IntArray) -> list[IntArray]:
    """Indices of the edges of each closed run of directed edges."""
    following: dict[int, list[int]] = {}
    for number, (start, _) in enumerate(edges.tolist()):
        following.setdefault(start, []).append(number)
    used = np.zeros(len(edges), bool)
    loops = []
    for first in range(len(edges)):
        if used[first]:
            continue
        run, at = [first], first
        used[first] = True
        while True:
            options = [n for n in following.get(int(edges[at, 1]), []) if not used[n]]
            if not options:
                break
            at = options[0]
            used[at] = True
            run.append(at)
        if edges[run[-1], 1] == edges[first, 0]:
            loops.append(np.array(run))
    return loops
