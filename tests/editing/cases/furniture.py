"""Rooms to edit: boxes, meshes of boxes shaped like furniture, cameras, lights; written as scene folders.

Metres, Z up. A thing's underside is centred at `at`; `yaw` turns it counter-clockwise seen from above; what has a front
faces -Y at yaw 0. A whole room can be laid turned and shifted in the world, as a reconstruction would find it.
"""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

Point = tuple[float, float, float]
Block = tuple[Point, Point]  # low and high corner

# sRGB, so that they can be read
COLORS = {
    "red": "c81e1e", "dark red": "7a1212", "orange": "f08a1d", "yellow": "f2d21f", "green": "2f9e3b",
    "dark green": "1d5a2a", "teal": "1f8a86", "turquoise": "3fd0c9", "blue": "1f4fd0", "navy": "14235c",
    "light blue": "9cc9ef", "purple": "7a35b5", "pink": "f29bbd", "brown": "6f4524", "wood": "a87a4a",
    "beige": "e6d6b8", "black": "121212", "white": "f7f7f7", "grey": "8a8a8a", "light grey": "c9c9c9",
    "dark grey": "4d4d4d", "silver": "bfc3c6", "gold": "d6ab2e",
}  # fmt: skip
METAL = ("silver", "gold")


def linear(color: str) -> list[float]:
    """Linear RGBA of a colour name."""
    srgb = np.array([int(COLORS[color][i : i + 2], 16) / 255 for i in (0, 2, 4)])
    rgb = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return [*(round(float(v), 5) for v in rgb), 1.0]


# shapes: blocks in object space, underside at 0 --------------------------------------------------------


def _legs(x: float, y: float, z: float, leg: float) -> list[Block]:
    reach_x, reach_y = x / 2 - leg / 2, y / 2 - leg / 2
    return [
        ((sx * reach_x - leg / 2, sy * reach_y - leg / 2, 0), (sx * reach_x + leg / 2, sy * reach_y + leg / 2, z))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]  # fmt: skip


def table(x: float, y: float, z: float, leg: float = 0.05) -> list[Block]:
    """A board on four legs."""
    return [((-x / 2, -y / 2, z - 0.04), (x / 2, y / 2, z)), *_legs(x, y, z - 0.04, leg)]


def chair(x: float, y: float, z: float) -> list[Block]:
    """Seat at half height, four legs, a back at +Y."""
    seat = z / 2
    back = ((-x / 2, y / 2 - 0.05, seat), (x / 2, y / 2, z))
    return [((-x / 2, -y / 2, seat - 0.04), (x / 2, y / 2, seat)), back, *_legs(x, y, seat - 0.04, 0.04)]  # fmt: skip


def sofa(x: float, y: float, z: float) -> list[Block]:
    """Seat, back at +Y, two arms."""
    arm = 0.12
    return [
        ((-x / 2 + arm, -y / 2, 0), (x / 2 - arm, y / 2 - 0.2, 0.42)),
        ((-x / 2 + arm, y / 2 - 0.2, 0), (x / 2 - arm, y / 2, z)),
        ((-x / 2, -y / 2, 0), (-x / 2 + arm, y / 2, 0.6)),
        ((x / 2 - arm, -y / 2, 0), (x / 2, y / 2, 0.6)),
    ]


def bed(x: float, y: float, z: float) -> list[Block]:
    """A mattress on legs, the headboard at +Y."""
    top = z / 2
    return [
        ((-x / 2, -y / 2, 0.15), (x / 2, y / 2 - 0.05, top)),
        ((-x / 2, y / 2 - 0.05, 0), (x / 2, y / 2, z)),
        *_legs(x, y - 0.1, 0.15, 0.06),
    ]


def open_box(x: float, y: float, z: float, wall: float = 0.02) -> list[Block]:
    """A bottom and four walls: a crate, a basket, a tub."""
    a, b = x / 2, y / 2
    return [
        ((-a, -b, 0), (a, b, wall)),
        ((-a, -b, wall), (-a + wall, b, z)),
        ((a - wall, -b, wall), (a, b, z)),
        ((-a + wall, -b, wall), (a - wall, -b + wall, z)),
        ((-a + wall, b - wall, wall), (a - wall, b, z)),
    ]


def shelf(x: float, y: float, z: float, *boards: float) -> list[Block]:
    """Boards (by their upper sides) between two side panels; the last board is the top."""
    a, b, t = x / 2, y / 2, 0.02
    sides = [((-a, -b, 0.0), (-a + t, b, z)), ((a - t, -b, 0.0), (a, b, z))]
    return [*sides, *(((-a + t, -b, h - t), (a - t, b, h)) for h in (*boards, z))]


def toilet(x: float, y: float, z: float) -> list[Block]:
    """A bowl and a tank behind it."""
    return [
        ((-x / 2, -y / 2, 0), (x / 2, y / 2 - 0.2, 0.42)),
        ((-x / 2, y / 2 - 0.2, 0), (x / 2, y / 2, z)),
    ]


def easel(x: float, y: float, z: float) -> list[Block]:
    """A ledge before two posts."""
    a, b = x / 2, y / 2
    return [
        ((-a, -b, 0.76), (a, b - 0.05, 0.8)),
        ((-a, b - 0.05, 0), (-a + 0.05, b, z)),
        ((a - 0.05, b - 0.05, 0), (a, b, z)),
        ((-0.03, -b, 0), (0.03, -b + 0.05, 0.76)),
    ]


_FACES = (
    (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
    (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
)  # fmt: skip


def _mesh(blocks: list[Block]) -> tuple[np.ndarray, np.ndarray]:
    vertices = [
        [(low, high)[(k >> axis) & 1][axis] for axis in range(3)]
        for low, high in blocks
        for k in range(8)
    ]
    triangles = [[corner + 8 * n for corner in face] for n in range(len(blocks)) for face in _FACES]
    return np.array(vertices, np.float32), np.array(triangles, np.int32)


# a room ----------------------------------------------------------------------------------------------


@dataclass
class Room:
    """What is in one scene. `turned_deg`, `shift`: how the whole of it lies in the world."""

    name: str
    seed: int = 0
    turned_deg: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    is_metric: bool = True
    view: str | None = None
    objects: list[dict[str, Any]] = field(default_factory=list)
    cameras: list[dict[str, Any]] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._draw = random.Random(f"{self.name} {self.seed}")
        self._names: dict[str, int] = {}

    def box(
        self,
        key: str,
        label: str | None,
        size: Point,
        at: Point,
        color: str,
        *,
        kind: str = "object",
        name: str | None = None,
        yaw: float = 0.0,
        has_front: bool = False,
        blocks: list[Block] | None = None,
        loose: float = 0.0,
        **more: Any,
    ) -> None:
        """A box, or a mesh of `blocks`; `loose`: by how much the seed may shift it along the ground."""
        x, y, z = size
        aside = [self._draw.uniform(-loose, loose) for _ in range(2)]
        geometry: dict[str, str] = {"primitive": "box"}
        if blocks is not None:
            geometry = {"mesh": key}
            self.arrays[f"{key}.vertices"], self.arrays[f"{key}.triangles"] = _mesh(blocks)
        metallic = 1.0 if color in METAL else 0.0
        self.objects.append(
            {
                "id": key, "name": name or self._numbered(label or "Object"), "label": label, "kind": kind,
                "world_from_object": self._placed((at[0] + aside[0], at[1] + aside[1], at[2]), yaw),
                "bounds": {"min": [-x / 2, -y / 2, 0], "max": [x / 2, y / 2, z]},
                "front": [0, -1, 0] if has_front else None, "geometry": geometry,
                "material": {"name": f"{color} material", "base_color": linear(color), "metallic": metallic,
                             "roughness": 0.5, "emission": [0, 0, 0], "texture": None},
                "light": None, "parent": None, "visible": True, "locked": False, **more,
            }
        )  # fmt: skip

    def lamp(
        self, key: str, label: str, at: Point, power: float, kind: str = "POINT", parent: str | None = None
    ) -> None:  # fmt: skip
        """A light without a body."""
        color = [1.0, 0.95, 0.85]
        self.objects.append(
            {
                "id": key, "name": self._numbered(label), "label": label, "kind": "light",
                "world_from_object": self._placed(at, 0.0), "bounds": {"min": [-0.05] * 3, "max": [0.05] * 3},
                "front": None, "geometry": None, "material": None,
                "light": {"type": kind, "power": power, "color": color}, "parent": parent,
                "visible": True, "locked": False,
            }
        )  # fmt: skip

    def shell(
        self, x: float, y: float, walls: str, height: float = 2.6, color: str = "white"
    ) -> None:
        """A floor of x by y and the walls, by compass letters: n is +Y, e is +X."""
        thick = 0.1
        self.box("floor", "floor", (x, y, thick), (0, 0, -thick), "wood", kind="floor")
        for letter in walls:
            along_x = letter in "ns"
            sign = 1 if letter in "ne" else -1
            size = (x, thick, height) if along_x else (thick, y, height)
            at = (0, sign * (y + thick) / 2, 0) if along_x else (sign * (x + thick) / 2, 0, 0)
            self.box(f"wall_{letter}", "wall", size, at, color, kind="wall")

    def camera(self, key: str, eye: Point, target: Point) -> None:
        """A camera that looks at the target; the first one is the view."""
        forward = np.subtract(target, eye).astype(float)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0, 0, 1.0))
        right /= np.linalg.norm(right)
        world = np.eye(4)
        world[:3, :4] = np.column_stack([right, np.cross(forward, right), forward, eye])
        self.cameras.append(
            {
                "id": key, "image": None, "width": 960, "height": 720,
                "K": [[600, 0, 480], [0, 600, 360], [0, 0, 1]],
                "world_from_camera": (self._world @ world).tolist(),
            }
        )  # fmt: skip
        self.view = self.view or key

    def document(self) -> dict[str, Any]:
        """As scene.json holds it."""
        return {
            "format": "maquette-scene", "version": 1, "units": {"metric": self.is_metric},
            "cameras": self.cameras, "view": self.view, "selection": [], "objects": self.objects,
        }  # fmt: skip

    def write(self, folder: Path) -> None:
        """The scene folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scene.json").write_text(json.dumps(self.document()))
        if self.arrays:
            save_file(self.arrays, folder / "arrays.safetensors")

    @property
    def _world(self) -> np.ndarray:
        angle = np.radians(self.turned_deg)
        world = np.eye(4)
        world[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        world[:2, 3] = self.shift
        return world

    def _placed(self, at: Point, yaw: float) -> list[list[float]]:
        angle = np.radians(yaw)
        local = np.eye(4)
        local[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        local[:3, 3] = at
        return [[round(float(v), 9) for v in row] for row in self._world @ local]

    def _numbered(self, label: str) -> str:
        number = self._names.get(label, 0)
        self._names[label] = number + 1
        return label.title() + (f".{number:03d}" if number else "")
