"""Brush strokes in photos, or places in space: "this too", "not that".

As JSON: a list of {"photo": camera id or picture's file name, "points": [[x, y], ...], "is_this": true, "radius": 6},
pixels of that photo; or {"points": [[x, y, z], ...], "is_this": ..., "radius": ...} without a photo, world.
"""

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import cv2
import numpy as np
from scipy.spatial import KDTree

from maquette.objects.skin import FaceGraph, Skin
from maquette.types import BoolArray, Camera, FloatArray, IntArray
from maquette_kernels.rasterize import rasterize
from maquette_protocol.document import SceneCamera
from maquette_protocol.errors import InputError

_SIDE_PX = 1280  # of the picture in which faces under a stroke are found
_MOST = 10_000  # points of one stroke


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """One stroke; a click is a stroke of one point."""

    points: FloatArray  # (n, 2) pixels of the photo, or (n, 3) world where there is no photo
    photo: str | None
    is_this: bool  # else: not that
    radius: (
        float | None
    )  # pixels or scene units; None: a hundredth of the photo's width, or 4 units


def strokes_from_json(text: str) -> tuple[Stroke, ...]:
    """The strokes of a JSON text. Raises InputError saying where it is wrong."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"The strokes are not JSON ({error}).", hint="See docs/objects.md."
        ) from error
    if not isinstance(data, list) or not data:
        raise InputError("The strokes must be a list of at least one.", hint="See docs/objects.md.")
    return tuple(_stroke(item, number) for number, item in enumerate(data))


def _stroke(item: Any, number: int) -> Stroke:
    where = f"Stroke {number + 1}"
    if not isinstance(item, dict):
        raise InputError(f"{where} is not an object.", hint="See docs/objects.md.")
    unknown = sorted(item.keys() - {"photo", "points", "is_this", "radius"})
    if unknown:
        raise InputError(f"{where} has an unknown key {unknown[0]!r}.", hint="See docs/objects.md.")
    photo, is_this, radius = item.get("photo"), item.get("is_this", True), item.get("radius")
    axes = 3 if photo is None else 2
    rows = item.get("points")
    if (
        not isinstance(rows, list)
        or not 0 < len(rows) <= _MOST
        or not all(_is_place(row, axes) for row in rows)
    ):
        raise InputError(
            f"{where}: points must be a list of {axes} numbers each.",
            hint="Pixels [x, y] of a photo, or world places [x, y, z] without one.",
        )
    if not (photo is None or isinstance(photo, str)) or not isinstance(is_this, bool):
        raise InputError(
            f"{where}: photo is a text, is_this true or false.", hint="See docs/objects.md."
        )
    if radius is not None and not (_is_place([radius], 1) and radius > 0):
        raise InputError(f"{where}: radius must be a number above 0.", hint="See docs/objects.md.")
    return Stroke(points=np.array(rows, float), photo=photo, is_this=is_this, radius=radius)


def _is_place(row: Any, axes: int) -> bool:
    is_row = isinstance(row, list) and len(row) == axes
    return is_row and all(type(x) in (int, float) and np.isfinite(x) for x in row)


def faces_under(
    strokes: tuple[Stroke, ...],
    skin: Skin,
    graph: FaceGraph,
    cameras: tuple[SceneCamera, ...],
) -> tuple[BoolArray, BoolArray]:
    """((T,) faces under strokes "this", (T,) under strokes "not that"). Raises InputError."""
    marked = np.zeros((2, len(graph.centre)), bool)
    for number, stroke in enumerate(strokes):
        if stroke.photo is None:
            faces = _near(stroke, graph, skin.unit)
        else:
            faces = _painted(stroke, skin, _camera(stroke.photo, cameras))
        if not faces.any():
            raise InputError(
                f"Stroke {number + 1} touches nothing of the scene.",
                hint="Check its photo and its places.",
            )
        marked[0 if stroke.is_this else 1] |= faces
    both = marked.all(axis=0)
    return marked[0] & ~both, marked[1] & ~both


def _camera(photo: str, cameras: tuple[SceneCamera, ...]) -> SceneCamera:
    for camera in cameras:
        names = {camera.id}
        if camera.image is not None:
            names |= {camera.image, PurePosixPath(camera.image).name}
        if photo in names:
            return camera
    some = ", ".join(PurePosixPath(c.image or c.id).name for c in cameras[:6])
    raise InputError(f"There is no photo {photo!r} in the scene.", hint=f"Photos: {some}…")


def _near(stroke: Stroke, graph: FaceGraph, unit: float) -> BoolArray:
    """(T,) faces within the radius of the places; at least the nearest, if that is near."""
    radius = stroke.radius or 4 * unit
    faces = np.zeros(len(graph.centre), bool)
    tree = KDTree(graph.centre)
    for found in tree.query_ball_point(stroke.points, radius):
        faces[found] = True
    distance, nearest = (np.asarray(found) for found in tree.query(stroke.points))
    faces[nearest[distance < 4 * radius]] = True
    return faces


def _painted(stroke: Stroke, skin: Skin, camera: SceneCamera) -> BoolArray:
    """(T,) faces that the photo shows under the stroke."""
    scale = min(1.0, _SIDE_PX / max(camera.width, camera.height))
    small = Camera(
        name=camera.id,
        width=camera.width,
        height=camera.height,
        K=np.array(camera.K),
        world_from_camera=np.array(camera.world_from_camera),
    ).scaled(round(camera.width * scale), round(camera.height * scale))
    raster = rasterize(
        skin.vertices, skin.triangles, small.K, small.camera_from_world, small.width, small.height
    )
    radius = (stroke.radius or camera.width / 100) * scale
    mask = np.zeros((small.height, small.width), np.uint8)
    places = np.asarray(np.rint(stroke.points * scale - 0.5))
    line: IntArray = np.asarray(np.clip(places, -1e4, 1e4), np.int32)
    cv2.polylines(mask, [line.reshape(-1, 1, 2)], False, 1, max(1, round(2 * radius)))
    if len(line) == 1:
        cv2.circle(mask, (int(line[0, 0]), int(line[0, 1])), max(0, round(radius)), 1, -1)
    faces = np.zeros(len(skin.triangles), bool)
    faces[np.unique(raster.triangle[(mask > 0) & (raster.triangle >= 0)])] = True
    return faces
