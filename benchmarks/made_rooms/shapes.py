"""Meshes of furniture and small things from numbers alone: boxes, turned profiles, tubes and lumps, put together.

Every shape stands with its base's centre at the origin, Z up, metres. A mesh is vertices (V, 3) float64 and
triangles (T, 3) int64.
"""

import math

import numpy as np

Mesh = tuple[np.ndarray, np.ndarray]

_BOX = np.array(
    [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]]
)


def box(
    width: float, depth: float, height: float, at: tuple[float, float, float] = (0, 0, 0)
) -> Mesh:
    """A box whose base's centre is at `at`."""
    corners = np.array([[x, y, z] for z in (0, 1) for y in (-0.5, 0.5) for x in (-0.5, 0.5)])
    vertices = corners * (width, depth, height) + np.array(at)
    return vertices, np.concatenate([_BOX[:, [0, 1, 2]], _BOX[:, [0, 2, 3]]])


def turned(
    profile: list[tuple[float, float]], at: tuple[float, float, float] = (0, 0, 0), sides: int = 40
) -> Mesh:
    """A surface of revolution: `profile` is (radius, height) from the middle of the base round to where it ends."""
    angle = np.arange(sides) * 2 * math.pi / sides
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    rings = [
        np.column_stack([ring * max(radius, 1e-4), np.full(sides, height)])
        for radius, height in profile
    ]
    low = np.arange(sides)
    after = np.roll(low, -1)
    triangles = []
    for level in range(len(profile) - 1):
        a, b = low + level * sides, after + level * sides
        triangles += [np.stack([a, b, b + sides], 1), np.stack([a, b + sides, a + sides], 1)]
    return np.concatenate(rings) + np.array(at), np.concatenate(triangles)


def lump(
    radius: tuple[float, float, float],
    roughness: float,
    draw: np.random.Generator,
    at: tuple[float, float, float] = (0, 0, 0),
) -> Mesh:
    """An uneven ball standing on `at`: radii along x, y, z; `roughness` is the share by which its waves change them."""
    rows, sides = 25, 36
    polar = np.linspace(0, math.pi, rows)[:, None]
    around = np.arange(sides)[None] * 2 * math.pi / sides
    direction = np.stack(
        [
            np.sin(polar) * np.cos(around),
            np.sin(polar) * np.sin(around),
            -np.cos(polar) * np.ones_like(around),
        ],
        -1,
    ).reshape(-1, 3)
    waves = (
        sum(np.sin(direction @ draw.normal(0, 3.5, 3) + draw.uniform(0, 6)) for _ in range(6)) / 6
    )
    vertices = direction * (1 + roughness * np.asarray(waves))[:, None] * radius
    vertices[:, 2] -= vertices[:, 2].min()
    index = np.arange(rows * sides).reshape(rows, sides)
    a, b = index[:-1], np.roll(index, -1, 1)[:-1]
    c, d = index[1:], np.roll(index, -1, 1)[1:]
    triangles = np.concatenate(
        [np.stack([a, b, d], -1).reshape(-1, 3), np.stack([a, d, c], -1).reshape(-1, 3)]
    )
    return vertices + np.array(at), triangles


def tube(start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Mesh:
    """A closed round rod from `start` to `end`."""
    axis = np.subtract(end, start)
    length = float(np.linalg.norm(axis))
    vertices, triangles = turned([(0, 0), (radius, 0), (radius, length), (0, length)], sides=16)
    z = axis / length
    x = np.cross(z, (0, 1, 0) if abs(z[1]) < 0.9 else (1, 0, 0))
    x /= np.linalg.norm(x)
    return vertices @ np.stack([x, np.cross(z, x), z]) + np.array(start), triangles


def together(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    offset = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return (
        np.concatenate([vertices for vertices, _ in meshes]),
        np.concatenate(
            [triangles + start for (_, triangles), start in zip(meshes, offset, strict=False)]
        ),
    )


def table(width: float, depth: float, height: float) -> Mesh:
    """A board of 4 cm on four legs."""
    legs = [
        box(0.06, 0.06, height - 0.04, (x * (width / 2 - 0.06), y * (depth / 2 - 0.06), 0))
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    return together(box(width, depth, 0.04, (0, 0, height - 0.04)), *legs)


def chair(width: float, depth: float, height: float) -> Mesh:
    """Seat, back and four legs; the back is at +y."""
    seat = 0.5 * height
    legs = [
        box(0.045, 0.045, seat - 0.05, (x * (width / 2 - 0.03), y * (depth / 2 - 0.03), 0))
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    back = box(width, 0.045, height - seat, (0, depth / 2 - 0.0225, seat))
    return together(box(width, depth, 0.05, (0, 0, seat - 0.05)), back, *legs)


def armchair(width: float, depth: float, height: float) -> Mesh:
    """A seat between two arms before a back, all of blocks."""
    seat, side = 0.45 * height, 0.18 * width
    return together(
        box(width, depth, seat),
        box(width, 0.22 * depth, height - seat, (0, 0.39 * depth, seat)),
        *(
            box(side, 0.78 * depth, 0.22 * height, (x * (width - side) / 2, -0.11 * depth, seat))
            for x in (-1, 1)
        ),
    )


def cabinet(width: float, depth: float, height: float) -> Mesh:
    """A body with three drawers that stand 1.5 cm proud; its front is at -y."""
    step = height / 3
    drawers = [
        box(width - 0.04, 0.015, step - 0.03, (0, -depth / 2 - 0.0075, number * step + 0.015))
        for number in range(3)
    ]
    return together(box(width, depth, height), *drawers)


def shelf(width: float, depth: float, height: float) -> Mesh:
    """An open bookcase: two sides, a back and four boards."""
    boards = [box(width - 0.05, depth, 0.025, (0, 0, z)) for z in np.linspace(0, height - 0.025, 4)]
    sides = [box(0.025, depth, height, (x * (width - 0.025) / 2, 0, 0)) for x in (-1, 1)]
    return together(*boards, *sides, box(width, 0.02, height, (0, depth / 2 - 0.01, 0)))


def cup(radius: float, height: float, handle: bool) -> Mesh:
    """A round vessel with a wall of 8 % of its radius; with a handle at +x on request."""
    inner = 0.92 * radius
    body = turned(
        [
            (0, 0),
            (0.85 * radius, 0),
            (radius, 0.15 * height),
            (radius, height),
            (inner, height),
            (0.8 * inner, 0.1 * height),
            (0, 0.08 * height),
        ]
    )
    if not handle:
        return body
    reach, thick = 1.6 * radius, 0.12 * radius
    low, high = 0.25 * height, 0.8 * height
    return together(
        body,
        tube((0.95 * radius, 0, low), (reach, 0, low), thick),
        tube((reach, 0, low - thick), (reach, 0, high + thick), thick),
        tube((0.95 * radius, 0, high), (reach, 0, high), thick),
    )


def bowl(radius: float, height: float) -> Mesh:
    """A bowl on a foot."""
    return turned(
        [(0, 0), (0.4 * radius, 0), (0.42 * radius, 0.12 * height), (0.85 * radius, 0.55 * height), (radius, height),
         (0.95 * radius, height), (0.78 * radius, 0.58 * height), (0.3 * radius, 0.2 * height), (0, 0.18 * height)]
    )  # fmt: skip


def bottle(radius: float, height: float) -> Mesh:
    """A bottle with a narrow neck."""
    return turned(
        [
            (0, 0),
            (radius, 0),
            (radius, 0.55 * height),
            (0.85 * radius, 0.64 * height),
            (0.36 * radius, 0.74 * height),
            (0.36 * radius, height),
            (0, height),
        ]
    )


def vase(radius: float, height: float, waist: float) -> Mesh:
    """A bellied vase, open above; `waist` is the height share of the belly."""
    bend = [(0, 0), (0.55 * radius, 0)]
    bend += [
        (radius * (0.55 + 0.45 * math.sin(math.pi * min(1.0, z / (2 * waist)))), z * height)
        for z in np.linspace(0.1, 0.95, 12)
    ]
    mouth = bend[-1][0]
    return turned(
        [
            *bend,
            (mouth, height),
            (0.85 * mouth, height),
            (0.75 * mouth, 0.6 * height),
            (0, 0.6 * height),
        ]
    )


def lamp(radius: float, height: float) -> Mesh:
    """Foot, pole and a shade like a cut cone."""
    shade = 0.3 * height
    return together(
        turned([(0, 0), (0.6 * radius, 0), (0.6 * radius, 0.03 * height), (0, 0.05 * height)]),
        tube((0, 0, 0.03 * height), (0, 0, height - 0.5 * shade), max(0.012, 0.05 * radius)),
        turned(
            [(0, height - shade), (radius, height - shade), (0.6 * radius, height), (0, height)]
        ),
    )


def plant(radius: float, height: float, draw: np.random.Generator) -> Mesh:
    """A pot with a bush of lumps."""
    pot = 0.35 * height
    leaves = [
        lump(
            (0.55 * radius, 0.55 * radius, 0.26 * height), 0.25, draw,
            (0.4 * radius * math.cos(turn), 0.4 * radius * math.sin(turn), rise * height),
        )
        for turn, rise in zip(draw.uniform(0, 2 * math.pi, 5), draw.uniform(0.3, 0.48, 5), strict=True)
    ]  # fmt: skip
    return together(
        turned([(0, 0), (0.45 * radius, 0), (0.6 * radius, pot), (0, 0.95 * pot)]), *leaves
    )


def books(width: float, depth: float, height: float, draw: np.random.Generator) -> Mesh:
    """A pile of books, each a little askew."""
    count = max(2, round(height / 0.035))
    pile = []
    for number in range(count):
        vertices, triangles = box(
            width * draw.uniform(0.85, 1),
            depth * draw.uniform(0.85, 1),
            height / count,
            (0, 0, number * height / count),
        )
        turn = draw.uniform(-0.12, 0.12)
        spin = np.array(
            [[math.cos(turn), -math.sin(turn), 0], [math.sin(turn), math.cos(turn), 0], [0, 0, 1]]
        )
        pile.append((vertices @ spin.T, triangles))
    return together(*pile)


def house(width: float, depth: float, height: float) -> Mesh:
    """A toy house: a box under a gable roof that juts out."""
    wall = 0.6 * height
    x, y = 0.56 * width, 0.56 * depth
    roof = np.array(
        [
            [-x, -y, wall],
            [x, -y, wall],
            [x, y, wall],
            [-x, y, wall],
            [0, -y, height],
            [0, y, height],
        ]
    )
    faces = np.array(
        [[0, 1, 4], [2, 3, 5], [1, 2, 5], [1, 5, 4], [3, 0, 4], [3, 4, 5], [0, 2, 1], [0, 3, 2]]
    )
    return together(box(width, depth, wall), (roof, faces))


def frame(width: float, height: float, thickness: float) -> Mesh:
    """A picture that hangs at +y: a board within a raised rim; its base's centre is at the middle of its lower edge."""
    rim = 0.06 * width
    return together(
        box(width, 0.6 * thickness, height, (0, 0.2 * thickness, 0)),
        *(box(rim, thickness, height, (x * (width - rim) / 2, 0, 0)) for x in (-1, 1)),
        *(box(width, thickness, rim, (0, 0, z)) for z in (0, height - rim)),
    )
