"""Masks of photos become names of things: merged across photos, parts of one thing joined, unsure ones left alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from maquette.models.vision import Boxes
from maquette.objects.lifting import Sighting, faces_in_mask, merged, parts_of_found
from maquette.objects.naming import name_things
from maquette.progress import Progress
from maquette.scene import Scene
from maquette_protocol.document import (
    Bounds,
    Geometry,
    Material,
    SceneCamera,
    SceneDocument,
    SceneObject,
)

AREA = np.ones(40)


def sighting(photo: int, faces: range, word: str, score: float = 0.8) -> Sighting:
    return Sighting(photo=photo, faces=np.array(faces), word=word, score=score)


def test_a_mask_marks_the_faces_that_lie_mostly_in_it() -> None:
    triangle = np.array([[0, 0, 0, 1, 1, -1, 4]])
    mask = np.array([[True, True, False, True, False, True, True]])
    assert faces_in_mask(triangle, mask).tolist() == [0, 4]
    assert faces_in_mask(np.full((2, 2), -1), np.ones((2, 2), bool)).tolist() == []


def test_photos_from_both_sides_make_one_thing_by_the_side_that_both_see() -> None:
    visible = np.zeros((3, 40), bool)
    visible[0, :20], visible[1, 10:30], visible[2, 20:40] = True, True, True
    found = merged(
        [
            sighting(0, range(5, 20), "chair"),
            sighting(1, range(10, 28), "chair", 0.6),
            sighting(2, range(20, 28), "stool", 0.3),
        ],
        visible,
        AREA,
    )
    (one,) = found
    assert one.faces.tolist() == list(range(5, 28))
    assert one.word == "chair"
    assert one.confidence == pytest.approx(0.7 * 2 / 3)


def test_masks_that_disagree_on_what_both_see_are_two_things() -> None:
    visible = np.ones((2, 40), bool)
    found = merged([sighting(0, range(10), "cup"), sighting(1, range(8, 20), "cup")], visible, AREA)
    assert len(found) == 2


def test_what_most_photos_do_not_mark_is_left_out() -> None:
    visible = np.ones((3, 40), bool)
    found = merged(
        [
            sighting(0, range(20), "box"),
            sighting(1, range(18), "box"),
            sighting(2, range(18), "box"),
        ],
        visible,
        AREA,
    )
    assert found[0].faces.tolist() == list(range(18))


def test_parts_within_one_mask_are_one_thing_and_what_is_half_in_is_not() -> None:
    owner = np.repeat([0, 1, 2, -1], 10)
    (one,) = merged([sighting(0, range(25), "lamp")], np.ones((1, 40), bool), AREA)
    ((parts, thing),) = parts_of_found([one], owner, AREA, 3)
    assert (parts, thing.word) == ([0, 1], "lamp")


def test_a_mask_of_the_room_names_nothing() -> None:
    owner = np.repeat([0, -1], [3, 37])
    found = merged([sighting(0, range(3, 40), "rug")], np.ones((1, 40), bool), AREA)
    assert parts_of_found(found, owner, AREA, 1) == []


def board(name: str, low: float, high: float, frame: np.ndarray) -> tuple[SceneObject, dict]:
    """An upright board from x = low to high, 1 high, facing -y, at y = 0."""
    u, v = np.meshgrid(np.linspace(low, high, 9), np.linspace(0, 1, 9))
    points = np.stack([u.ravel(), np.zeros(81), v.ravel()], 1)
    corner = (np.arange(8)[:, None] * 9 + np.arange(8)).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + 9], 1),
            np.stack([corner + 1, corner + 10, corner + 9], 1),
        ]
    )
    arrays = {
        f"{name}.vertices": points.astype(np.float32),
        f"{name}.triangles": triangles.astype(np.int32),
        f"{name}.uvs": np.zeros((81, 2), np.float32),
        f"{name}.colors": np.full((81, 3), 120, np.uint8),
        f"{name}.seen": np.ones(81, np.float32),
    }
    item = SceneObject(
        id=name,
        name=name,
        world_from_object=tuple(map(tuple, frame.tolist())),
        bounds=Bounds(min=(low, 0.0, 0.0), max=(high, 0.0, 1.0)),
        geometry=Geometry(mesh=name),
        material=Material(name="Photos"),
    )
    return item, arrays


class OnePatch:
    """Finds one thing of a color in a picture: what the models would say of it."""

    def find(self, photo: np.ndarray, words: tuple[str, ...], least_score: float) -> Boxes:
        rows, columns = np.nonzero(self.red(photo))
        if len(rows) == 0:
            return Boxes(corners=np.zeros((0, 4)), score=np.zeros(0), words=())
        box = [[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]]
        assert least_score < 0.9
        return Boxes(corners=np.array(box, float), score=np.array([0.9]), words=words[:1])

    def masks(self, photo: np.ndarray, corners: np.ndarray) -> np.ndarray:
        return (
            np.stack([self.red(photo)] * len(corners))
            if len(corners)
            else np.zeros((0, *photo.shape[:2]), bool)
        )

    def red(self, photo: np.ndarray) -> np.ndarray:
        return (photo[..., 0] > 150) & (photo[..., 1] < 100)


def test_things_get_names_and_parts_of_one_are_joined(tmp_path: Path) -> None:
    K = ((200.0, 0.0, 160.0), (0.0, 200.0, 120.0), (0.0, 0.0, 1.0))
    (tmp_path / "scene" / "images").mkdir(parents=True)
    cameras, items = [], []
    for number, x in enumerate((-0.5, 0.5)):
        # looks along +y from 3 away, at a height of 0.5
        eye = (
            (1.0, 0.0, 0.0, x),
            (0.0, 0.0, 1.0, -3.0),
            (0.0, -1.0, 0.0, 0.5),
            (0.0, 0.0, 0.0, 1.0),
        )
        picture = np.full((240, 320, 3), 200, np.uint8)
        left, right = (round(160 + 200 * (edge - x) / 3) for edge in (-1.0, 0.2))
        picture[87:153, left:right] = (30, 30, 220)  # BGR: from the first board to the second's end
        cv2.imwrite(str(tmp_path / "scene" / "images" / f"{number}.png"), picture)
        cameras.append(
            SceneCamera(
                id=f"cam_{number}",
                image=f"images/{number}.png",
                width=320,
                height=240,
                K=K,
                world_from_camera=eye,
            )
        )
    for name, low, high in (("seat", -1.0, -0.3), ("back", -0.3, 0.2), ("other", 0.3, 0.9)):
        items.append(board(name, low, high, np.eye(4)))
    scene = Scene(
        document=SceneDocument(cameras=tuple(cameras), objects=tuple(i for i, _ in items)),
        arrays={k: v for _, arrays in items for k, v in arrays.items()},
        folder=tmp_path / "scene",
    )
    model = OnePatch()
    after = name_things(scene, model, model, ("chair", "sofa"), Progress())
    named = {item.id: item for item in after.document.objects}
    assert set(named) == {"seat", "other"}
    assert (named["seat"].label, named["seat"].extra["label_confidence"]) == ("chair", 0.9)
    assert named["other"].label is None
    after.check()
