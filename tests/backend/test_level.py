"""Levelling: known gravity is found, what is not known is said, reprojections never change."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from maquette.level import KnownDistance, LevelOptions, apply_leveling, level_reconstruction
from maquette.level.scale import Place
from maquette.progress import Progress
from maquette.types import Camera, DepthMap, Reconstruction, SparsePoints, Trust, View
from maquette_protocol.errors import InputError

SIZE = 480, 360
K = np.array([[400.0, 0, 240], [0, 400.0, 180], [0, 0, 1]])


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return q * np.sign(np.linalg.det(q))


def room(folder: Path, turn: np.ndarray, lines: bool) -> tuple[tuple[View, ...], Reconstruction]:
    """Photos of vertical and horizontal edges of a 4 m room, in a world turned by `turn`."""
    rng = np.random.default_rng(1)
    views, cameras = [], []
    edges = []
    for x, y in rng.uniform(-2, 2, (60, 2)) + np.array([0, 4]):
        edges.append(([x, y, 0.0], [x, y, rng.uniform(1, 3)]))
    for _ in range(40):
        x, y, z = rng.uniform(-2, 2), 4 + rng.uniform(-2, 2), rng.uniform(0, 3)
        edges.append(([x, y, z], [x + 1.5, y, z]))
    for number in range(6):
        heading, pitch, roll = rng.normal(0, 0.15, 3) + np.array([0, 0.25, 0])
        forward = np.array([np.sin(heading), np.cos(heading), -np.tan(pitch)])
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        right, down = (
            np.cos(roll) * right + np.sin(roll) * down,
            np.cos(roll) * down - np.sin(roll) * right,
        )
        pose = np.eye(4)
        pose[:3, :3] = turn @ np.stack([right, down, forward], 1)
        pose[:3, 3] = turn @ np.array([number * 0.3 - 0.8, -0.5, 1.5])
        camera = Camera(name=f"{number}.png", width=480, height=360, K=K, world_from_camera=pose)
        picture = np.full((360, 480, 3), 220, np.uint8)
        for a, b in edges if lines else []:
            ends = []
            for p in (a, b):
                q = camera.camera_from_world[:3] @ np.append(turn @ np.array(p), 1)
                ends.append(K @ q / q[2] if q[2] > 0.2 else None)
            if ends[0] is not None and ends[1] is not None:
                p, q = (tuple(int(v * 16) for v in e[:2] - 0.5) for e in ends)
                cv2.line(picture, p, q, (20, 20, 20), 2, cv2.LINE_AA, 4)
        cv2.imwrite(str(folder / camera.name), picture)
        views.append(
            View(name=camera.name, path=folder / camera.name, width=480, height=360, source=folder)
        )
        cameras.append(camera)
    xyz = np.array([p for edge in edges for p in edge]) @ turn.T
    count = len(xyz)
    points = SparsePoints(
        xyz=xyz,
        rgb=np.zeros((count, 3), np.uint8),
        error_px=np.ones(count),
        observation_point=np.arange(count, dtype=np.int32),
        observation_camera=np.zeros(count, np.int32),
        observation_xy=np.zeros((count, 2)),
    )
    trust = Trust(level="trusted")
    return tuple(views), Reconstruction(
        cameras=tuple(cameras), points=points, trust=trust, engine="test"
    )


def test_up_is_found_in_a_turned_room_to_half_a_degree(tmp_path: Path) -> None:
    turn = random_rotation(np.random.default_rng(3))
    views, reconstruction = room(tmp_path, turn, lines=True)
    leveling = level_reconstruction(views, reconstruction, LevelOptions(), Progress())
    assert leveling.up_certain
    rotation = leveling.world_from_engine[:3, :3]
    up = rotation @ turn @ np.array([0, 0, 1.0])
    error_deg = np.degrees(np.arccos(up[2] / np.linalg.norm(up)))
    assert error_deg < 0.5
    assert not leveling.is_metric
    assert "not metric" in leveling.scale_note


def test_without_lines_up_is_called_uncertain(tmp_path: Path) -> None:
    views, reconstruction = room(tmp_path, np.eye(3), lines=False)
    leveling = level_reconstruction(views, reconstruction, LevelOptions(), Progress())
    assert not leveling.up_certain
    assert leveling.up_reason


def test_a_known_distance_between_two_cameras_gives_metres(tmp_path: Path) -> None:
    views, reconstruction = room(tmp_path, np.eye(3) * 1.0, lines=True)
    known = KnownDistance.parse("0.png 2.png 3.0")  # 0.6 apart in the engine's world
    leveling = level_reconstruction(views, reconstruction, LevelOptions(known=(known,)), Progress())
    leveled = apply_leveling(reconstruction, leveling)
    assert leveled.is_metric
    distance = np.linalg.norm(leveled.cameras[0].centre - leveled.cameras[2].centre)
    assert distance == pytest.approx(3.0)


def test_a_photo_whose_name_has_spaces_is_named_in_quotes() -> None:
    known = KnownDistance.parse("'my photo 1.jpg:310,200' \"my photo 2.jpg:7,9\" 0.75")
    assert known.a == Place(photo="my photo 1.jpg", pixel=(310.0, 200.0))
    assert known.b == Place(photo="my photo 2.jpg", pixel=(7.0, 9.0))


@pytest.mark.parametrize("text", ["", "a b", "a.jpg b.jpg -1", "a.jpg:1,2 3", "a:b c:d 1"])
def test_a_known_distance_that_is_none_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(InputError) as caught:
        KnownDistance.parse(text)
    assert "a.jpg:x,y" in caught.value.hint


def test_levelling_changes_no_reprojection(tmp_path: Path) -> None:
    turn = random_rotation(np.random.default_rng(5))
    views, reconstruction = room(tmp_path, turn, lines=True)
    leveling = level_reconstruction(views, reconstruction, LevelOptions(), Progress())
    after = apply_leveling(reconstruction, leveling)
    for before_camera, after_camera in zip(reconstruction.cameras, after.cameras, strict=True):
        pixels = []
        for camera, xyz in (
            (before_camera, reconstruction.points.xyz),
            (after_camera, after.points.xyz),
        ):
            local = xyz @ camera.camera_from_world[:3, :3].T + camera.camera_from_world[:3, 3]
            pixels.append(local @ camera.K.T / local[:, 2:])
        np.testing.assert_allclose(pixels[0], pixels[1], rtol=1e-6, atol=1e-6)


def floor_seen_by(camera: Camera, turn: np.ndarray) -> DepthMap:
    """Depth of the floor of the room that was turned so."""
    width, height = SIZE
    row, column = np.mgrid[0:height, 0:width]
    pixels = np.stack([column + 0.5, row + 0.5, np.ones(row.shape)]).reshape(3, -1)
    rays = turn.T @ camera.world_from_camera[:3, :3] @ np.linalg.solve(camera.K, pixels)
    above = (turn.T @ camera.centre)[2]
    depth = np.where(rays[2] < -0.1, above / np.maximum(-rays[2], 1e-9), 0)
    return DepthMap(
        depth=depth.reshape(height, width).astype(np.float32),
        confidence=np.full((height, width), 0.5, np.float32),
        filled=np.zeros((height, width), bool),
    )


@pytest.mark.parametrize("has_floor", [True, False])
def test_one_tilted_photo_is_levelled_by_its_lines_and_sure_only_with_a_floor(
    tmp_path: Path, has_floor: bool
) -> None:
    turn = random_rotation(np.random.default_rng(3))
    views, whole = room(tmp_path, turn, lines=True)
    camera = whole.cameras[0]
    alone = replace(
        whole,
        cameras=(camera,),
        depth={camera.name: floor_seen_by(camera, turn)} if has_floor else {},
    )
    leveling = level_reconstruction(views[:1], alone, LevelOptions(), Progress())
    up_engine = leveling.world_from_engine[:3, :3].T @ [0, 0, 1]
    cosine = turn[:, 2] @ up_engine / np.linalg.norm(up_engine)
    assert np.degrees(np.arccos(min(cosine, 1))) < 1
    assert leveling.up_certain == has_floor


def test_an_engine_that_knows_metres_keeps_them_but_they_are_not_called_measured(
    tmp_path: Path,
) -> None:
    views, reconstruction = room(tmp_path, np.eye(3), lines=True)
    leveling = level_reconstruction(
        views, replace(reconstruction, is_metric=True), LevelOptions(), Progress()
    )
    assert np.cbrt(np.linalg.det(leveling.world_from_engine[:3, :3])) == pytest.approx(1)
    assert not leveling.is_metric
    assert "estimate" in leveling.scale_note
