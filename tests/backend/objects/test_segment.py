"""A made room taken apart: floor, walls and things come out separate, whole, resting on what they stand on."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from maquette.objects import SegmentOptions, segment_to
from maquette.progress import Progress
from maquette.scene import Scene
from maquette_kernels.rasterize import rasterize
from maquette_protocol.document import (
    IDENTITY,
    Bounds,
    Geometry,
    Material,
    SceneCamera,
    SceneDocument,
    SceneObject,
)
from maquette_protocol.errors import InputError

STEP = 0.012  # of the skin's grid
K = ((500.0, 0.0, 320.0), (0.0, 500.0, 240.0), (0.0, 0.0, 1.0))
EYES = ((0.0, -2.6, 1.7), (-1.1, -2.3, 1.6), (1.1, -2.3, 1.6))
COLORS = {
    "floor": (110, 110, 115),
    "wall": (190, 180, 160),
    "table": (150, 100, 60),
    "box": (60, 90, 190),
    "crate": (200, 60, 50),
    "mat": (30, 140, 60),
}


@dataclass(frozen=True, kw_only=True)
class Room:
    """The folder of the scene before and after."""

    before: Path
    after: Scene


def sheet(origin: tuple, along: tuple, across: tuple) -> tuple[np.ndarray, np.ndarray]:
    """An even grid over a parallelogram; faces look along `along` x `across`."""
    a, b = np.array(along, float), np.array(across, float)
    m, n = (max(1, round(float(np.linalg.norm(v)) / STEP)) for v in (a, b))
    u, v = np.meshgrid(np.linspace(0, 1, m + 1), np.linspace(0, 1, n + 1))
    points = np.array(origin) + u.reshape(-1, 1) * a + v.reshape(-1, 1) * b
    corner = (np.arange(n)[:, None] * (m + 1) + np.arange(m)).ravel()
    right, up = corner + 1, corner + m + 1
    faces = np.concatenate([np.stack([corner, right, up], 1), np.stack([right, up + 1, up], 1)])
    return points, faces


def block(low: tuple, high: tuple, *, bottom: bool = False) -> list:
    (x0, y0, z0), (x1, y1, z1) = low, high
    w, d, h = x1 - x0, y1 - y0, z1 - z0
    sides = [
        sheet((x0, y0, z1), (w, 0, 0), (0, d, 0)),
        sheet((x0, y0, z0), (w, 0, 0), (0, 0, h)),
        sheet((x1, y1, z0), (-w, 0, 0), (0, 0, h)),
        sheet((x0, y1, z0), (0, -d, 0), (0, 0, h)),
        sheet((x1, y0, z0), (0, d, 0), (0, 0, h)),
    ]
    return sides + ([sheet((x0, y1, z0), (w, 0, 0), (0, -d, 0))] if bottom else [])


def room_parts() -> list[tuple[str, np.ndarray, np.ndarray]]:
    made = [
        ("floor", [sheet((-1.5, -1.5, 0), (3, 0, 0), (0, 2.5, 0))]),
        ("wall", [sheet((-1.5, 1.0, 0), (3, 0, 0), (0, 0, 2))]),
        ("table", block((-0.5, -0.1, 0.0), (0.5, 0.6, 0.5))),
        ("box", block((-0.3, 0.1, 0.5), (0.0, 0.35, 0.72))),
        ("crate", block((0.8, -0.5, 0.0), (1.2, -0.1, 0.35))),
    ]
    return [(name, p, f) for name, pieces in made for p, f in pieces]


def write_room(folder: Path) -> None:
    """One skin with what no camera sees left out, coloured per face by what it is; the mat is only a colour."""
    points, faces, names = [], [], []
    count = 0
    for name, p, f in room_parts():
        points.append(p)
        faces.append(f + count)
        names += [name] * len(f)
        count += len(p)
    # rounded, so that faces that meet at an edge share it
    vertices, triangles = np.concatenate(points).round(4), np.concatenate(faces)
    centre = vertices[triangles].mean(axis=1)
    kind = np.array(names, dtype=object)
    is_mat = (kind == "table") & (centre[:, 2] > 0.499)
    is_mat &= (np.abs(centre[:, 0] - 0.28) < 0.1) & (np.abs(centre[:, 1] - 0.2) < 0.12)
    kind[is_mat] = "mat"
    # what stands on a surface hides it: fusion has no skin there
    hidden = (kind == "floor") & (np.abs(centre[:, 0]) < 0.5) & (np.abs(centre[:, 1] - 0.25) < 0.35)
    hidden |= (
        (kind == "floor") & (np.abs(centre[:, 0] - 1.0) < 0.2) & (np.abs(centre[:, 1] + 0.3) < 0.2)
    )
    hidden |= (
        (kind == "table")
        & (centre[:, 2] > 0.499)
        & (np.abs(centre[:, 0] + 0.15) < 0.15)
        & (np.abs(centre[:, 1] - 0.225) < 0.125)
    )
    triangles, kind = triangles[~hidden], kind[~hidden]
    # corners of their own, so that each face has one place in the picture
    palette = {name: n for n, name in enumerate(COLORS)}
    texture = np.zeros((8, 8 * len(COLORS), 3), np.uint8)
    for name, n in palette.items():
        texture[:, 8 * n : 8 * n + 8] = COLORS[name]
    column = np.array([palette[k] for k in kind])
    uvs = np.stack([(column + 0.5) / len(COLORS), np.full(len(column), 0.5)], axis=1)
    corners = vertices[triangles].reshape(-1, 3).astype(np.float32)
    colors = np.repeat(np.array([COLORS[k] for k in kind], np.uint8), 3, axis=0)
    folder.mkdir()
    (folder / "textures").mkdir()
    cv2.imwrite(str(folder / "textures" / "surface.png"), texture[..., ::-1])
    document = SceneDocument(
        cameras=tuple(
            SceneCamera(
                id=f"cam_{n}",
                image=None,
                width=640,
                height=480,
                K=K,
                world_from_camera=looking(eye),
            )
            for n, eye in enumerate(EYES)
        ),
        objects=(
            SceneObject(
                id="surface",
                name="Surface",
                kind="surface",
                world_from_object=IDENTITY,
                bounds=Bounds(min=(-1.5, -1.5, 0.0), max=(1.5, 1.0, 2.0)),
                geometry=Geometry(mesh="surface"),
                material=Material(name="Photos", texture="textures/surface.png"),
            ),
        ),
    )
    arrays = {
        "surface.vertices": corners,
        "surface.triangles": np.arange(len(corners), dtype=np.int32).reshape(-1, 3),
        "surface.uvs": np.repeat(uvs, 3, axis=0).astype(np.float32),
        "surface.colors": colors,
        "surface.seen": np.ones(len(corners), np.float32),
    }
    Scene(document=document, arrays=arrays, folder=folder).write_document(folder)


def looking(eye: tuple[float, float, float]) -> tuple[tuple[float, ...], ...]:
    """world_from_camera towards the table."""
    forward = np.array([0.1, 0.1, 0.4]) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    matrix[:3, 3] = eye
    return tuple(tuple(float(x) for x in row) for row in matrix)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    folder = tmp_path_factory.mktemp("objects")
    write_room(folder / "before")
    segment_to(folder / "before", folder / "after", SegmentOptions(), Progress())
    return Room(before=folder / "before", after=Scene.open(folder / "after"))


def world(scene: Scene, item: SceneObject) -> np.ndarray:
    matrix = np.array(item.world_from_object)
    vertices = scene.arrays[f"{item.geometry.mesh}.vertices"].astype(float)  # type: ignore[union-attr]
    return vertices @ matrix[:3, :3].T + matrix[:3, 3]


def at(scene: Scene, place: tuple[float, float, float]) -> SceneObject:
    """The thing whose seen surface is nearest to a place."""

    def distance(item: SceneObject) -> float:
        points = world(scene, item)[scene.arrays[f"{item.id}.seen"] == 1]
        return float(np.linalg.norm(points - place, axis=1).min())

    return min((o for o in scene.document.objects if o.kind == "object"), key=distance)


def test_every_thing_is_an_object_of_its_own(room: Room) -> None:
    kinds = [o.kind for o in room.after.document.objects]
    assert kinds.count("floor") == 1
    assert kinds.count("wall") == 1
    assert kinds.count("object") == 4  # table, box, crate, mat


def test_a_thing_has_the_size_and_the_frame_of_the_thing(room: Room) -> None:
    box = at(room.after, (-0.15, 0.1, 0.65))
    points = world(room.after, box)
    np.testing.assert_allclose(np.ptp(points, axis=0), [0.3, 0.25, 0.22], atol=0.03)
    base = np.array(box.world_from_object)[:3, 3]
    np.testing.assert_allclose(base, [-0.15, 0.225, 0.5], atol=0.03)
    assert box.bounds is not None
    assert box.bounds.min[2] == pytest.approx(0.0, abs=1e-6)


def test_the_document_says_what_carries_what(room: Room) -> None:
    scene = room.after
    table, box = at(scene, (-0.5, 0.0, 0.3)), at(scene, (-0.15, 0.1, 0.65))
    crate, mat = at(scene, (1.0, -0.5, 0.2)), at(scene, (0.28, 0.2, 0.5))
    assert table.extra["rests_on"] == crate.extra["rests_on"] == "floor"
    assert box.extra["rests_on"] == mat.extra["rests_on"] == table.id
    assert len({table.id, box.id, crate.id, mat.id}) == 4


def test_a_mat_that_only_its_color_tells_apart_has_its_size(room: Room) -> None:
    mat = at(room.after, (0.28, 0.2, 0.5))
    points = world(room.after, mat)
    np.testing.assert_allclose(np.ptp(points[:, :2], axis=0), [0.20, 0.24], atol=0.04)


def test_nothing_is_behind_a_thing_that_is_taken_away(room: Room) -> None:
    """Without the box the table's top is whole, without the crate the floor is."""
    scene = room.after
    for place, eye in (((-0.15, 0.225, 0.5), EYES[0]), ((1.0, -0.3, 0.0), EYES[2])):
        gone = at(scene, (place[0], place[1], place[2] + 0.1))
        drawn = draw(scene, eye, without=gone.id)
        local = np.linalg.inv(np.array(looking(eye))) @ [*place, 1.0]
        pixel = np.array(K) @ local[:3]
        column, row = (pixel[:2] / pixel[2]).astype(int)
        around = drawn[row - 8 : row + 9, column - 8 : column + 9]
        assert (around > 0).all()
        assert around[8, 8] == pytest.approx(local[2], rel=0.02)


def test_what_no_photo_saw_is_marked(room: Room) -> None:
    floor = next(o for o in room.after.document.objects if o.kind == "floor")
    seen = room.after.arrays[f"{floor.id}.seen"]
    points = world(room.after, floor)
    under_crate = (np.abs(points[:, 0] - 1.0) < 0.12) & (np.abs(points[:, 1] + 0.3) < 0.12)
    assert under_crate.any()
    assert (seen[under_crate] == 0).all()
    assert (seen[points[:, 1] < -1.2] == 1).any()


def test_the_fill_continues_the_color_around_it(room: Room) -> None:
    floor = next(o for o in room.after.document.objects if o.kind == "floor")
    points = world(room.after, floor)
    under_crate = (np.abs(points[:, 0] - 1.0) < 0.12) & (np.abs(points[:, 1] + 0.3) < 0.12)
    colors = room.after.arrays[f"{floor.id}.colors"][under_crate].astype(float)
    np.testing.assert_allclose(colors.mean(axis=0), COLORS["floor"], atol=12)


def test_the_scene_before_is_left_as_it_was(room: Room) -> None:
    before = Scene.open(room.before)
    assert [o.id for o in before.document.objects] == ["surface"]
    assert (room.before / "textures" / "surface.png").is_file()
    assert not (room.before / "textures" / "objects.jpg").exists()


def test_a_scene_without_a_surface_is_refused(room: Room, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no reconstructed surface"):
        segment_to(room.after.folder, tmp_path / "again", SegmentOptions(), Progress())
    assert list(tmp_path.iterdir()) == []


def draw(scene: Scene, eye: tuple[float, float, float], *, without: str) -> np.ndarray:
    """(480, 640) depth of all objects but one."""
    vertices, triangles, count = [], [], 0
    for item in scene.document.objects:
        if item.id != without:
            vertices.append(world(scene, item))
            triangles.append(scene.arrays[f"{item.id}.triangles"] + count)
            count += len(vertices[-1])
    camera_from_world = np.linalg.inv(np.array(looking(eye)))
    return rasterize(
        np.concatenate(vertices),
        np.concatenate(triangles),
        np.array(K),
        camera_from_world,
        640,
        480,
    ).depth
