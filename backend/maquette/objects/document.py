"""Parts and sheets as a scene: the room's surfaces and the things as objects, one shared atlas."""

from dataclasses import dataclass

import numpy as np

from maquette.objects.completion import Sheet
from maquette.objects.separation import Piece
from maquette.texture.charts import pack
from maquette.types import ByteArray, FloatArray
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import Bounds, Extra, Geometry, Kind, Material, SceneObject

_MARGIN = 2  # texels around each sheet's picture


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One object to be written."""

    id: str
    name: str
    kind: Kind
    piece: Piece
    sheets: tuple[Sheet, ...]  # in world; part of it
    rests_on: str | None
    confidence: float | None
    color: tuple[float, float, float]  # linear RGB, as it looks in the photos


def extended_atlas(
    texture: ByteArray, sheets: list[Sheet]
) -> tuple[ByteArray, list[tuple[int, int]], float]:
    """(atlas with the sheets' pictures below, each one's left and top in texels, scale of the pictures)."""
    if not sheets:
        return texture, [], 1.0
    height, width = texture.shape[:2]
    sizes = np.array([[s.picture.shape[1], s.picture.shape[0]] for s in sheets]) + 2 * _MARGIN
    places, used, low, scale = pack(sizes, max(width, 2048))
    import cv2

    out = np.zeros((height + low, max(width, used), 3), np.uint8)
    out[:height, :width] = texture
    corners = []
    for (x, y), sheet in zip(places.tolist(), sheets, strict=True):
        w = max(1, int(sheet.picture.shape[1] * scale))
        h = max(1, int(sheet.picture.shape[0] * scale))
        picture = cv2.resize(sheet.picture, (w, h), interpolation=cv2.INTER_AREA)
        margin = max(1, int(_MARGIN * scale))
        framed = np.pad(picture, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
        top, left = height + y, x
        fit = framed[: out.shape[0] - top, : out.shape[1] - left]
        out[top : top + fit.shape[0], left : left + fit.shape[1]] = fit
        corners.append((left + margin, top + margin))
    return out, corners, scale


def moved_uvs(uvs: FloatArray, old: tuple[int, int], new: tuple[int, int]) -> FloatArray:
    """UVs of the old atlas (height, width) in the extended one, whose top left it is."""
    return np.stack(
        [uvs[:, 0] * old[1] / new[1], 1 - (1 - uvs[:, 1]) * old[0] / new[0]], axis=1
    ).astype(np.float32)


def sheet_uvs(
    sheet: Sheet, corner: tuple[int, int], scale: float, new: tuple[int, int]
) -> FloatArray:
    """(V, 2) UVs of a sheet whose picture begins at the corner (left, top)."""
    size = np.array([sheet.picture.shape[1], sheet.picture.shape[0]])
    pixels = np.clip(sheet.pixels, 0.5, size - 0.5) * scale + corner
    return np.stack([pixels[:, 0] / new[1], 1 - pixels[:, 1] / new[0]], axis=1).astype(np.float32)


def scene_object(
    thing: Thing,
    sheet_uv: list[FloatArray],
    old: tuple[int, int],
    new: tuple[int, int],
    texture: str,
) -> tuple[SceneObject, Arrays]:
    """The document's object and its arrays."""
    piece = thing.piece
    frame = piece.world_from_object
    vertices, triangles = [piece.vertices], [piece.triangles]
    uvs, colors = [moved_uvs(piece.uvs, old, new)], [piece.colors]
    seen = [piece.seen]
    count = len(piece.vertices)
    for sheet, uv in zip(thing.sheets, sheet_uv, strict=True):
        vertices.append(((sheet.vertices - frame[:3, 3]) @ frame[:3, :3]).astype(np.float32))
        triangles.append(sheet.triangles + count)
        uvs.append(uv)
        row = np.clip(sheet.pixels[:, 1].astype(int), 0, sheet.picture.shape[0] - 1)
        column = np.clip(sheet.pixels[:, 0].astype(int), 0, sheet.picture.shape[1] - 1)
        colors.append(sheet.picture[row, column].astype(np.float32))
        seen.append(np.zeros(len(sheet.vertices), np.float32))
        count += len(sheet.vertices)
    points = np.vstack(vertices)
    extra: Extra = {"rests_on": thing.rests_on} if thing.rests_on else {}
    if thing.confidence is not None:
        extra["confidence"] = round(thing.confidence, 3)
    extra["photo_color"] = [round(value, 4) for value in thing.color]
    item = SceneObject(
        id=thing.id,
        name=thing.name,
        kind=thing.kind,
        world_from_object=tuple(tuple(float(x) for x in row) for row in frame),
        bounds=Bounds(
            min=tuple(map(float, points.min(axis=0))), max=tuple(map(float, points.max(axis=0)))
        ),
        geometry=Geometry(mesh=thing.id),
        material=Material(
            name="Photos", base_color=(1.0, 1.0, 1.0, 1.0), roughness=0.9, texture=texture
        ),
        extra=extra,
    )
    arrays = {
        f"{thing.id}.vertices": points.astype(np.float32),
        f"{thing.id}.triangles": np.vstack(triangles).astype(np.int32),
        f"{thing.id}.uvs": np.vstack(uvs).astype(np.float32),
        f"{thing.id}.colors": np.clip(np.rint(np.vstack(colors)), 0, 255).astype(np.uint8),
        f"{thing.id}.seen": np.concatenate(seen).astype(np.float32),
    }
    return item, arrays
