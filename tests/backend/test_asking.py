"""Questions to the network: which photos it is shown, whether it fits into memory, and what it is told and says."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support import ROOT

from maquette.asking.coverage import choose_cameras, points_of
from maquette.asking.subject import Subject, read_photo, subject_of
from maquette.scene import Scene, is_scene
from maquette_protocol.document import SceneCamera
from maquette_protocol.errors import InputError, PhotoError

EXAMPLES = ROOT / "examples" / "office_desk"
SCENE = """{"format": "maquette-scene", "version": 1, "units": {"metric": true}, "view": "cam_2", "cameras": [%s],
"objects": [%s]}"""
BOX = """{"id": "%s", "name": "%s", "label": "%s", "kind": "object", "world_from_object":
[[1,0,0,%s],[0,1,0,5],[0,0,1,0],[0,0,0,1]], "bounds": {"min": [-0.5,-0.5,-0.5], "max": [0.5,0.5,0.5]},
"geometry": {"primitive": "box"}, "visible": true}"""


def camera(number: int, x: float, *, y: float = 0.0) -> SceneCamera:
    """At (x, y, 0), looking along +Y, 53° wide."""
    return SceneCamera(
        id=f"cam_{number}",
        image=f"images/{number}.png",
        width=100,
        height=100,
        K=((100, 0, 50), (0, 100, 50), (0, 0, 1)),
        world_from_camera=((1, 0, 0, x), (0, 0, 1, y), (0, -1, 0, 0), (0, 0, 0, 1)),
    )


def points_at(*places: float) -> np.ndarray:
    """Twenty points around each (x, 5, 0)."""
    around = np.random.default_rng(0).normal(scale=0.2, size=(20, 3))
    return np.concatenate([around + np.array([x, 5, 0]) for x in places])


def test_the_photos_taken_show_all_parts_before_one_part_twice():
    cameras = [camera(0, 0.0), camera(1, 0.1), camera(2, 0.2), camera(3, 20.0), camera(4, 40.0)]
    chosen = choose_cameras(cameras, points_at(0, 20, 40), 3)
    assert {3, 4} < set(chosen)
    assert len(chosen) == 3


def test_a_nearer_camera_is_worth_more_and_none_is_taken_twice():
    cameras = [camera(0, 0.0, y=-20), camera(1, 0.0), camera(2, 0.0, y=20)]
    assert choose_cameras(cameras, points_at(0), 1) == [1]
    assert sorted(choose_cameras(cameras, points_at(0), 9)) == [0, 1, 2]
    assert choose_cameras(cameras, points_at(0), 2, first=2) == [2, 1]
    assert len(choose_cameras(cameras, np.zeros((0, 3)), 2)) == 2


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """Boxes at x = 0, 0.4 and 30; photos of the first two, of the third, and one that is missing."""
    cameras = ", ".join(
        f'{{"id": "cam_{i}", "image": "images/{i}.png", "width": 100, "height": 100, '
        f'"K": [[100,0,50],[0,100,50],[0,0,1]], "world_from_camera": [[1,0,0,{x}],[0,0,1,0],[0,-1,0,0],[0,0,0,1]]}}'
        for i, x in enumerate((0, 0.3, 0.1, 30, 0))
    )
    boxes = ", ".join(
        BOX % (f"o{i}", f"o{i}", label, x)
        for i, (label, x) in enumerate((("chair", 0), ("chair", 0.4), ("lamp", 30)))
    )
    folder = tmp_path / "scene"
    (folder / "images").mkdir(parents=True)
    (folder / "scene.json").write_text(SCENE % (cameras, boxes))
    for number in range(4):
        shutil.copyfile(EXAMPLES / "img_00.jpg", folder / "images" / f"{number}.png")
    return folder


def test_of_a_scene_the_viewer_s_photo_comes_first_and_its_things_are_named(scene: Path):
    subject = subject_of([str(scene)], 2)
    assert [photo.name for photo in subject.photos] == ["2.png", "3.png"]
    assert subject.known == "The scene holds: chair (2), lamp."
    assert [photo.name for photo in subject.best(1).photos] == ["2.png"]
    all_of_them = subject_of([str(scene / "scene.json")], 8)
    assert [photo.name for photo in all_of_them.photos] == ["2.png", "0.png", "1.png", "3.png"]
    assert is_scene(scene)
    assert not is_scene(scene / "images")


def test_points_of_a_scene_lie_on_its_things(scene: Path):
    opened = Scene.open(scene)
    points = points_of(opened.document, opened.arrays)
    assert len(points) == 24
    assert points[:, 0].max() == pytest.approx(30.5)
    assert points[:, 1].min() == pytest.approx(4.5)


def test_a_scene_without_photos_says_so(scene: Path):
    shutil.rmtree(scene / "images")
    with pytest.raises(InputError, match="has no photos"):
        subject_of([str(scene)], 2)


def test_a_scene_cannot_point_at_photos_elsewhere(scene: Path):
    text = (scene / "scene.json").read_text().replace("images/0.png", "../../secret.png")
    (scene / "scene.json").write_text(text)
    with pytest.raises(InputError, match="leads out of the scene folder"):
        subject_of([str(scene)], 2)


def test_of_many_photos_those_taken_are_spread_over_all(tmp_path: Path):
    for number in range(21):
        shutil.copyfile(EXAMPLES / "img_00.jpg", tmp_path / f"{number:02}.jpg")
    subject = subject_of([str(tmp_path)], 3)
    assert [photo.stem for photo in subject.photos] == ["00", "10", "20"]
    assert [photo.stem for photo in subject.best(2).photos] == ["00", "10"]
    assert [photo.stem for photo in subject.best(1).photos] == ["10"], "one alone: the middle"
    (tmp_path / "walk.mp4").write_bytes(b"no video")
    with pytest.raises(PhotoError, match=r"walk\.mp4 is a video"):
        subject_of([str(tmp_path)], 3)


def test_photos_are_read_upright_and_a_damaged_one_is_named(tmp_path: Path):
    from PIL import Image

    image = Image.new("RGB", (40, 20), (200, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert read_photo(tmp_path / "turned.jpg").size == (20, 40)
    (tmp_path / "cut.jpg").write_bytes((EXAMPLES / "img_00.jpg").read_bytes()[:3000])
    with pytest.raises(PhotoError, match=r"cut\.jpg"):
        read_photo(tmp_path / "cut.jpg")


def test_a_subject_is_another_one_when_a_photo_was_changed(tmp_path: Path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"one")
    subject = Subject(photos=(photo,), ranks=(0,))
    before = subject.stamps
    assert subject.stamps == before
    photo.write_bytes(b"three")
    assert subject.stamps != before
