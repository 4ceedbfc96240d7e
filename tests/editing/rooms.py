"""A small room to edit: a table with a mug and a book on it, two chairs, a shelf with boards, a crate, a lamp."""

from typing import Any

import numpy as np

from maquette_protocol.arrays import Arrays
from maquette_protocol.document import SceneDocument, document_from_json

Size = tuple[float, float, float]
COLORS = {
    "red": (0.58, 0.01, 0.01), "blue": (0.02, 0.1, 0.56), "green": (0.03, 0.27, 0.04), "white": (0.9, 0.9, 0.9),
    "black": (0.01, 0.01, 0.01), "yellow": (0.87, 0.62, 0.02), "brown": (0.16, 0.06, 0.02),
}  # fmt: skip


def thing(
    key: str,
    label: str | None,
    size: Size,
    at: Size,
    color: str = "white",
    *,
    kind: str = "object",
    **more: Any,
) -> dict[str, Any]:
    """A box whose underside is centred at `at`."""
    x, y, z = size
    return {
        "id": key, "name": key.replace("_", " ").title(), "label": label, "kind": kind,
        "world_from_object": [[1, 0, 0, at[0]], [0, 1, 0, at[1]], [0, 0, 1, at[2]], [0, 0, 0, 1]],
        "bounds": {"min": [-x / 2, -y / 2, 0], "max": [x / 2, y / 2, z]}, "geometry": {"primitive": "box"},
        "material": {"name": color, "base_color": [*COLORS[color], 1]}, **more,
    }  # fmt: skip


def boxes_mesh(boxes: list[tuple[Size, Size]]) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of unconnected boxes, each from its low to its high corner."""
    vertices, triangles = [], []
    faces = [
        (0, 1, 3),
        (0, 3, 2),
        (4, 6, 7),
        (4, 7, 5),
        (0, 4, 5),
        (0, 5, 1),
        (2, 3, 7),
        (2, 7, 6),
        (0, 2, 6),
        (0, 6, 4),
        (1, 5, 7),
        (1, 7, 3),
    ]
    for number, (low, high) in enumerate(boxes):
        corners = [[(low, high)[(k >> a) & 1][a] for a in range(3)] for k in range(8)]
        vertices += corners
        triangles += [[i + 8 * number for i in face] for face in faces]
    return np.array(vertices, np.float32), np.array(triangles, np.int32)


def table_boxes(x: float, y: float, z: float) -> list[tuple[Size, Size]]:
    legs = [
        (
            (sx * x / 2 - 0.03 - 0.03 * sx, sy * y / 2 - 0.03 - 0.03 * sy, 0.0),
            (sx * x / 2 + 0.03 - 0.03 * sx, sy * y / 2 + 0.03 - 0.03 * sy, z - 0.04),
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return [((-x / 2, -y / 2, z - 0.04), (x / 2, y / 2, z)), *legs]


def shelf_boxes() -> list[tuple[Size, Size]]:
    boards = [((-0.4, -0.15, z), (0.4, 0.15, z + 0.02)) for z in (0.3, 0.8, 1.3)]
    return [
        *boards,
        ((-0.42, -0.15, 0.0), (-0.4, 0.15, 1.32)),
        ((0.4, -0.15, 0.0), (0.42, 0.15, 1.32)),
    ]


def crate_boxes() -> list[tuple[Size, Size]]:
    return [
        ((-0.3, -0.3, 0.0), (0.3, 0.3, 0.02)),
        ((-0.3, -0.3, 0.02), (-0.28, 0.3, 0.4)),
        ((0.28, -0.3, 0.02), (0.3, 0.3, 0.4)),
        ((-0.28, -0.3, 0.02), (0.28, -0.28, 0.4)),
        ((-0.28, 0.28, 0.02), (0.28, 0.3, 0.4)),
    ]


def room(**document: Any) -> tuple[SceneDocument, Arrays]:
    """The room, seen from -Y."""
    arrays: Arrays = {}
    for name, boxes in (
        ("table", table_boxes(1.2, 0.8, 0.74)),
        ("shelf", shelf_boxes()),
        ("crate", crate_boxes()),
    ):
        arrays[f"{name}.vertices"], arrays[f"{name}.triangles"] = boxes_mesh(boxes)
    objects = [
        thing("floor", "floor", (6, 5, 0.1), (0, 0, -0.1), kind="floor"),
        thing("wall_n", "wall", (6, 0.1, 2.6), (0, 2.55, 0), kind="wall"),
        thing("wall_e", "wall", (0.1, 5, 2.6), (3.05, 0, 0), kind="wall"),
        {
            **thing("table", "table", (1.2, 0.8, 0.74), (0, 0, 0), "brown"),
            "geometry": {"mesh": "table"},
        },
        thing("mug", "mug", (0.09, 0.09, 0.1), (-0.3, 0.1, 0.74), "red"),
        thing("book", "book", (0.15, 0.2, 0.03), (0.3, 0.1, 0.74), "blue"),
        thing("chair_1", "chair", (0.45, 0.45, 0.9), (-1.5, 0, 0), "red", front=[0, -1, 0]),
        thing("chair_2", "chair", (0.45, 0.45, 0.9), (1.5, 0, 0), "blue", front=[0, -1, 0]),
        {
            **thing("shelf", "shelf", (0.84, 0.3, 1.32), (0, 2.3, 0)),
            "geometry": {"mesh": "shelf"},
            "front": [0, -1, 0],
        },
        thing("vase", "vase", (0.12, 0.12, 0.25), (0.1, 2.3, 0.82), "yellow"),
        {**thing("crate", "crate", (0.6, 0.6, 0.4), (2, 1.5, 0)), "geometry": {"mesh": "crate"}},
        thing("ball", "ball", (0.2, 0.2, 0.2), (-1, -1.5, 0), "green"),
        thing("safe", "safe", (0.5, 0.5, 0.6), (-2.5, 2, 0), "black", locked=True),
        {
            **thing("bulb", "ceiling light", (0.1, 0.1, 0.1), (0, 0, 2.4), kind="light"),
            "geometry": None,
            "material": None,
            "light": {"type": "POINT", "power": 60.0, "color": [1, 1, 1]},
        },
    ]
    data = {
        "format": "maquette-scene", "version": 1, "units": {"metric": True}, "cameras": [], "view": None,
        "selection": [], "objects": objects, **document,
    }  # fmt: skip
    return document_from_json(data), arrays
