"""The engine g2vlm: its parts on made geometry with known truth, and whole, on a tiny model whose output is noise."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from support import BLENDER, ROOT

from maquette.cli.main import main
from maquette.engines.g2vlm.agreement import depth_maps, on_surfaces, without_edges
from maquette.engines.g2vlm.network import Window, see_photos
from maquette.engines.g2vlm.windows import Similarity, join, plan_windows
from maquette.engines.lens import share_lenses, solve_lens
from maquette.progress import Progress
from maquette.types import Camera, View
from maquette_protocol.errors import NoReconstructionError

WIDTH, HEIGHT = 60, 40
VIEW = View(name="a", path=Path("a"), width=1200, height=900, source=Path("a"), device="phone")


def seen_through(focal_px: float, depth: np.ndarray) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) points that VIEW, squeezed to that size, sees at these depths."""
    u = (np.arange(WIDTH) + 0.5) / WIDTH * VIEW.width - VIEW.width / 2
    v = (np.arange(HEIGHT) + 0.5) / HEIGHT * VIEW.height - VIEW.height / 2
    rays = np.stack(np.broadcast_arrays(u[None] / focal_px, v[:, None] / focal_px, 1.0), axis=-1)
    return (rays * depth[..., None]).astype(np.float32)


def test_the_lens_is_found_though_a_fifth_of_the_points_are_wrong():
    rng = np.random.default_rng(0)
    points = seen_through(950.0, rng.uniform(1, 4, (HEIGHT, WIDTH)))
    wrong = rng.random((HEIGHT, WIDTH)) < 0.2
    points[wrong] = rng.normal((0, 0, 3), size=(int(wrong.sum()), 3))
    lens = solve_lens(points, VIEW)
    assert lens.fits
    assert lens.focal_px == pytest.approx(950, rel=0.01)


def test_points_that_fit_no_lens_leave_the_photos_own_record():
    noise = np.exp(np.random.default_rng(0).normal(size=(HEIGHT, WIDTH, 3))).astype(np.float32)
    noise[..., :2] -= 1.5
    assert solve_lens(noise, replace(VIEW, focal_px=800.0)) == (800.0, False)


def test_views_of_one_device_share_the_lens_that_their_points_tell():
    depth = np.full((HEIGHT, WIDTH), 2.0)
    lenses = [solve_lens(seen_through(focal, depth), VIEW) for focal in (900, 1000, 1010)]
    other = replace(VIEW, device="other")
    lenses.append(solve_lens(seen_through(700, depth), other))
    shared = share_lenses(lenses, [VIEW, VIEW, VIEW, other])
    assert shared == pytest.approx([1000, 1000, 1000, 700], rel=1e-4)


def wall_cameras() -> list[Camera]:
    """Three cameras side by side that look along z."""
    K = np.array([[50.0, 0, WIDTH / 2], [0, 50, HEIGHT / 2], [0, 0, 1]])
    poses = [np.eye(4) for _ in range(3)]
    for number, pose in enumerate(poses):
        pose[0, 3] = 0.2 * number
    return [
        Camera(name=str(i), width=WIDTH, height=HEIGHT, K=K, world_from_camera=pose)
        for i, pose in enumerate(poses)
    ]


def test_confidence_follows_its_formula_where_views_agree_and_contradict():
    wall = np.full((HEIGHT, WIDTH), 3.0, np.float32)
    wrong = np.full((HEIGHT, WIDTH), 2.0, np.float32)
    middle = (HEIGHT // 2, WIDTH // 2)
    agreed, shares = depth_maps(wall_cameras(), [wall, wall, wall])
    assert agreed[0].confidence[middle] == pytest.approx((0.7 + 2) / 3)
    assert min(shares) > 0.9
    alone, shares = depth_maps(wall_cameras()[:1], [wall])
    assert (alone[0].confidence == 0.5).all()
    assert shares == [0]
    floating, shares = depth_maps(wall_cameras(), [wrong, wall, wall])
    assert floating[0].confidence[middle] < 0.25
    assert floating[1].confidence[middle] > 0.5, "one agrees, and nobody looks through it"
    assert shares[0] < 0.05
    nothing, _ = depth_maps(wall_cameras(), [np.zeros_like(wall), wall, wall])
    assert (nothing[0].confidence == 0).all()


def walls_with_errors(
    deviation: float, wrong_share: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(depths, whether each pixel is within 3 % of the truth) of nine views of a wall."""
    rng = np.random.default_rng(0)
    depths, rights = [], []
    for _ in range(9):
        error = cv2.resize(rng.normal(size=(4, 6)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        error *= deviation / error.std()
        blob = cv2.resize(rng.normal(size=(4, 6)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        error += rng.choice((-0.3, 0.3)) * (blob > np.quantile(blob, 1 - wrong_share))
        depths.append((3 * np.exp(error)).astype(np.float32))
        rights.append(np.abs(error) < 0.03)
    return depths, rights


@pytest.mark.parametrize(("deviation", "wrong_share"), [(0.005, 0.05), (0.015, 0.2), (0.05, 0.3)])
def test_confidence_is_about_the_share_that_is_right_however_good_the_network(
    deviation: float, wrong_share: float
):
    depths, rights = walls_with_errors(deviation, wrong_share)
    cameras = [
        replace(wall_cameras()[0], name=str(i), world_from_camera=moved(0.05 * i)) for i in range(9)
    ]
    maps, _ = depth_maps(cameras, depths)
    known = [one.depth > 0 for one in maps]
    told = np.concatenate([one.confidence[k] for one, k in zip(maps, known, strict=True)])
    right = np.concatenate([one[k] for one, k in zip(rights, known, strict=True)])
    assert told.mean() == pytest.approx(right.mean(), abs=0.12)
    assert told[right].mean() > told[~right].mean()


def moved(x: float) -> np.ndarray:
    pose = np.eye(4)
    pose[0, 3] = x
    return pose


def test_both_sides_of_a_depth_jump_are_cut_and_slopes_stay():
    depth = np.tile(np.linspace(2, 3, WIDTH, dtype=np.float32), (HEIGHT, 1))
    depth[:, 30:] += 2
    clean = without_edges(depth)
    assert (clean[:, 29:31] == 0).all()
    assert (clean[:, :29] > 0).all()
    assert (clean[:, 31:] > 0).all()


def test_a_torn_map_is_smoothed_and_said_to_be():
    wall = np.full((HEIGHT, WIDTH), 3.0, np.float32)
    noise = np.random.default_rng(0).normal(size=wall.shape).astype(np.float32)
    smoothed, is_torn = on_surfaces(wall * np.exp(0.8 * noise))
    assert is_torn
    assert np.median(smoothed[smoothed > 0]) == pytest.approx(3, rel=0.1)
    assert not on_surfaces(wall)[1]


@pytest.mark.parametrize(
    ("count", "size", "overlap"), [(1, 4, 1), (4, 4, 2), (5, 4, 2), (500, 32, 8)]
)
def test_windows_cover_every_photo_and_share_enough(count: int, size: int, overlap: int):
    windows = plan_windows(count, size, overlap)
    assert sorted({index for window in windows for index in window}) == list(range(count))
    assert all(len(window) <= size for window in windows)
    for before, after in pairwise(windows):
        assert before.stop - after.start >= overlap
        assert after.stop > before.stop


def test_windows_are_joined_though_a_third_of_the_shared_points_moved():
    rng = np.random.default_rng(1)
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turned *= np.sign(np.linalg.det(turned))
    truth = Similarity(1.7, turned, np.array([0.3, -2.0, 1.0]))
    source = rng.normal(size=(600, 3))
    target = truth.of_points(source) + rng.normal(scale=1e-3, size=source.shape)
    target[:200] += rng.normal(scale=2.0, size=(200, 3))
    found = join(source, target)
    assert found.scale == pytest.approx(1.7, rel=1e-3)
    np.testing.assert_allclose(found.rotation, turned, atol=1e-3)
    np.testing.assert_allclose(found.offset, truth.offset, atol=2e-3)
    pose = found.of_pose(np.eye(4))
    np.testing.assert_allclose(pose[:3, 3], found.of_points(np.zeros(3)))


def rays() -> np.ndarray:
    """(HEIGHT, WIDTH, 3) directions of the pixels of a camera with a focal length of 50 pixels."""
    u, v = np.arange(WIDTH) + 0.5 - WIDTH / 2, np.arange(HEIGHT) + 0.5 - HEIGHT / 2
    return np.stack(np.broadcast_arrays(u[None] / 50, v[:, None] / 50, 1.0), axis=-1)


def walk_past_a_wall(count: int) -> tuple[list[View], np.ndarray]:
    """Photos from a walk along x, and their true world_from_camera; the wall is at z = 3."""
    poses = np.tile(np.eye(4), (count, 1, 1))
    for number, pose in enumerate(poses):
        turn = 0.2 * np.sin(number / 5)
        pose[:3, :3] = [
            [np.cos(turn), 0, np.sin(turn)],
            [0, 1, 0],
            [-np.sin(turn), 0, np.cos(turn)],
        ]
        pose[:3, 3] = 0.1 * number, 0.2 * np.sin(number / 7), 0.3 * np.cos(number / 9)
    views = [replace(VIEW, name=f"{number:03}") for number in range(count)]
    return views, poses


def seen_in_a_frame_of_its_own(poses: np.ndarray, photos: Sequence[View]) -> Window:
    """What a good network gives: each call another world and scale, 1 % noise, one photo in twenty all wrong."""
    rng = np.random.default_rng(int(photos[0].name))
    true = np.stack([poses[int(photo.name)] for photo in photos])
    depth = (3 - true[:, 2, 3, None, None]) / np.einsum("hwc,nc->nhw", rays(), true[:, 2, :3])
    depth = depth * (1 + 0.01 * rng.normal(size=depth.shape))
    depth[[int(photo.name) % 20 == 10 for photo in photos]] *= 1.5
    moved = Similarity(float(rng.uniform(0.5, 2)), true[0, :3, :3].T, rng.normal(size=3))
    points = depth[..., None] * rays() * moved.scale
    return Window(points.astype(np.float32), np.stack([moved.of_pose(pose) for pose in true]))


def test_photos_of_many_windows_come_together_in_one_world():
    views, poses = walk_past_a_wall(70)
    looked: list[list[str]] = []

    def look(photos: Sequence[View], check: object) -> Window:
        looked.append([photo.name for photo in photos])
        return seen_in_a_frame_of_its_own(poses, photos)

    seen = see_photos(views, look, 32, Progress())
    assert [len(names) for names in looked] == [32, 32, 32]
    assert len(seen) == 70
    centres = np.stack([one.world_from_camera[:3, 3] for one in seen])
    whole = join(centres, poses[:, :3, 3])
    off = np.linalg.norm(whole.of_points(centres) - poses[:, :3, 3], axis=1)
    assert off.max() < 0.03, "of a walk of 7"
    turned = whole.rotation @ np.stack([one.world_from_camera[:3, :3] for one in seen])
    assert np.abs(turned - poses[:, :3, :3]).max() < 0.01
    far = float(np.median(seen[-1].depth[seen[-1].depth > 0])) * whole.scale
    true = float(np.median((3 - poses[-1, 2, 3]) / (rays() @ poses[-1, 2, :3])))
    assert far == pytest.approx(true, rel=0.02)


def test_what_is_kept_of_a_photo_is_its_depth_and_little_more():
    views, poses = walk_past_a_wall(3)
    seen = see_photos(
        views, lambda photos, _: seen_in_a_frame_of_its_own(poses, photos), 32, Progress()
    )
    for one in seen:
        assert one.depth.dtype == one.sample.dtype == np.float32
        assert one.depth.base is None, "it holds no window alive"
        assert one.sample.base is None


def test_a_network_without_numbers_is_no_reconstruction():
    views, _ = walk_past_a_wall(2)
    nothing = Window(
        np.full((2, HEIGHT, WIDTH, 3), np.nan, np.float32), np.tile(np.eye(4), (2, 1, 1))
    )
    with pytest.raises(NoReconstructionError, match="photos 1 to 2 of 2"):
        see_photos(views, lambda *_: nothing, 32, Progress())


def test_noise_becomes_a_blender_file_and_is_said_to_be_unsure(
    tiny_g2vlm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    if not BLENDER.exists():
        pytest.skip("no Blender to write the file")
    photo = shutil.copyfile(tiny_g2vlm / "images" / "d.png", tmp_path / "d.png")
    out = tmp_path / "out.blend"
    command = ["reconstruct", str(photo), "-o", str(out), "--engine", "g2vlm", "--quality", "draft"]
    assert main([*command, "--model", str(tiny_g2vlm), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["trust"] == "unsure"
    assert answer["registered"] == 1
    assert any("one photo alone" in warning for warning in answer["warnings"])
    assert out.read_bytes()[:4] in (b"BLEN", b"\x28\xb5\x2f\xfd"), "plain, or as zstd"


def test_without_weights_the_engine_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    photo = ROOT / "examples" / "office_desk" / "img_00.jpg"
    command = ["reconstruct", str(photo), "-o", str(tmp_path / "scene"), "--engine", "g2vlm"]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "18.2 GB" in said
    assert "Apache-2.0" in said
    assert "maquette models pull g2vlm" in said
    assert not (tmp_path / "scene").exists()


def test_cameras_that_no_network_gave_are_not_refined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    photos = str(ROOT / "examples" / "office_desk")
    assert main(["reconstruct", photos, "-o", str(tmp_path / "scene"), "--refine"]) == 2
    assert "--engine g2vlm" in capsys.readouterr().err
