"""Things changed by hand: strokes part what was one, merging makes one of two, labels stick."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from maquette.cli.segment import add_parser, segment_options
from maquette.jobs.options import options_from_json
from maquette.objects import SegmentOptions
from maquette.objects.by_hand import change_to, merge, relabel, split
from maquette.objects.strokes import strokes_from_json
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
from maquette_protocol.errors import InputError

K = ((500.0, 0.0, 320.0), (0.0, 500.0, 240.0), (0.0, 0.0, 1.0))
FRONT = ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, -3.0), (0.0, -1.0, 0.0, 0.5), (0.0, 0.0, 0.0, 1.0))
STEP = 0.025
RED, BLUE, GREEN = (200, 40, 40), (40, 60, 200), (40, 160, 60)


def box(low: tuple, high: tuple, color: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Evenly divided sides and top of a box, open below."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    sides = [
        ((x0, y0, z1), (x1 - x0, 0, 0), (0, y1 - y0, 0)),
        ((x0, y0, z0), (x1 - x0, 0, 0), (0, 0, z1 - z0)),
        ((x1, y1, z0), (x0 - x1, 0, 0), (0, 0, z1 - z0)),
        ((x0, y1, z0), (0, y0 - y1, 0), (0, 0, z1 - z0)),
        ((x1, y0, z0), (0, y1 - y0, 0), (0, 0, z1 - z0)),
    ]
    points, faces, count = [], [], 0
    for origin, along, across in sides:
        m, n = (round(float(np.linalg.norm(v)) / STEP) for v in (along, across))
        u, v = np.meshgrid(np.linspace(0, 1, m + 1), np.linspace(0, 1, n + 1))
        points.append(origin + u.reshape(-1, 1) * np.array(along) + v.reshape(-1, 1) * across)
        corner = (np.arange(n)[:, None] * (m + 1) + np.arange(m)).ravel() + count
        up = corner + m + 1
        faces += [np.stack([corner, corner + 1, up], 1), np.stack([corner + 1, up + 1, up], 1)]
        count += (m + 1) * (n + 1)
    vertices = np.concatenate(points).round(6)
    return vertices, np.concatenate(faces), np.tile(np.array(color, np.uint8), (len(vertices), 1))


def thing(name: str, parts: list, frame: np.ndarray, extra: dict) -> tuple[SceneObject, dict]:
    vertices = np.concatenate([part[0] for part in parts])
    starts = np.cumsum([0] + [len(part[0]) for part in parts[:-1]])
    local = (vertices - frame[:3, 3]) @ frame[:3, :3]
    arrays = {
        f"{name}.vertices": local.astype(np.float32),
        f"{name}.triangles": np.concatenate(
            [part[1] + start for part, start in zip(parts, starts, strict=True)]
        ).astype(np.int32),
        f"{name}.uvs": np.zeros((len(vertices), 2), np.float32),
        f"{name}.colors": np.concatenate([part[2] for part in parts]),
        f"{name}.seen": np.ones(len(vertices), np.float32),
    }
    item = SceneObject(
        id=name,
        name=name.title(),
        world_from_object=tuple(map(tuple, frame.tolist())),
        bounds=Bounds(min=tuple(local.min(axis=0)), max=tuple(local.max(axis=0))),
        geometry=Geometry(mesh=name),
        material=Material(name="Photos"),
        extra=extra,
    )
    return item, arrays


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A red box with a blue one fused onto its top as one thing, a green one beside it, and a crumb on the blue."""
    turned = np.eye(4)
    turned[:2, :2] = [[0.8, -0.6], [0.6, 0.8]]
    turned[:3, 3] = 0.3, 0.1, 0.0
    low, high = box((-0.5, 0, 0), (0.1, 0.4, 0.4), RED), box((-0.4, 0.1, 0.4), (0, 0.3, 0.7), BLUE)
    items = [
        thing("tower", [low, high], turned, {"rests_on": "floor", "confidence": 0.8}),
        thing("green", [box((0.4, 0, 0), (0.7, 0.3, 0.3), GREEN)], np.eye(4), {}),
        thing(
            "crumb",
            [box((-0.2, 0.15, 0.7), (-0.1, 0.25, 0.75), GREEN)],
            np.eye(4),
            {"rests_on": "tower"},
        ),
    ]
    floor = SceneObject(id="floor", name="Floor", kind="floor")
    camera = SceneCamera(
        id="cam_0", image="images/front.jpg", width=640, height=480, K=K, world_from_camera=FRONT
    )
    return Scene(
        document=SceneDocument(cameras=(camera,), objects=(floor, *(i for i, _ in items))),
        arrays={k: v for _, arrays in items for k, v in arrays.items()},
        folder=tmp_path / "before",
    )


def in_photo(point: tuple[float, float, float]) -> list[float]:
    local = np.linalg.inv(np.array(FRONT)) @ [*point, 1.0]
    pixel = np.array(K) @ local[:3]
    return (pixel[:2] / pixel[2]).tolist()


def strokes(*marks: tuple) -> tuple:
    return strokes_from_json(json.dumps([{"is_this": this, **stroke} for this, stroke in marks]))


def world(scene: Scene, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(corners in world, mean colour)"""
    item = next(item for item in scene.document.objects if item.id == name)
    matrix = scene.world_from_object(item)
    points = scene.arrays[f"{name}.vertices"] @ matrix[:3, :3].T + matrix[:3, 3]
    return points, scene.arrays[f"{name}.colors"].mean(axis=0)


def extra(scene: Scene, name: str) -> dict:
    return next(item for item in scene.document.objects if item.id == name).extra


BY_CLICK = strokes(
    (True, {"photo": "front.jpg", "points": [in_photo((-0.2, 0.1, 0.55))]}),
    (False, {"photo": "cam_0", "points": [in_photo((-0.2, 0.0, 0.2))]}),
)
IN_SPACE = strokes(
    (True, {"points": [[-0.2, 0.1, 0.55]]}),
    (False, {"points": [[-0.2, 0.0, 0.2], [0.0, 0.0, 0.1]], "radius": 0.05}),
)


@pytest.mark.parametrize("marks", [BY_CLICK, IN_SPACE], ids=["in a photo", "in space"])
def test_two_clicks_part_a_box_from_the_box_below(scene: Scene, marks: tuple) -> None:
    after, name = split(scene, marks)
    points, color = world(after, name)
    np.testing.assert_allclose(points.min(axis=0), (-0.4, 0.1, 0.4), atol=1e-4)
    np.testing.assert_allclose(points.max(axis=0), (0.0, 0.3, 0.7), atol=1e-4)
    np.testing.assert_allclose(color, BLUE, atol=3)
    rest, color = world(after, "tower")
    assert rest[:, 2].max() == pytest.approx(0.4, abs=1e-4)
    np.testing.assert_allclose(color, RED, atol=3)
    after.check()


def test_the_upper_part_stands_on_the_lower_and_keeps_what_stands_on_it(scene: Scene) -> None:
    after, name = split(scene, BY_CLICK)
    assert extra(after, name)["rests_on"] == "tower"
    assert extra(after, "tower")["rests_on"] == "floor"
    assert extra(after, "crumb")["rests_on"] == name


def test_both_parts_are_closed_below(scene: Scene) -> None:
    after, name = split(scene, BY_CLICK)
    # (area, height); the lower box's top goes on below the upper one
    expected = {name: (0.4 * 0.2, 0.4), "tower": (0.6 * 0.4, 0.0)}
    for part in (name, "tower"):
        triangles = after.arrays[f"{part}.triangles"]
        corners = world(after, part)[0][triangles]
        is_cap = (after.arrays[f"{part}.seen"][triangles] == 0).all(axis=1)
        area = np.linalg.norm(
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
        ).sum(where=is_cap)
        assert area / 2 == pytest.approx(expected[part][0], rel=0.01)
        np.testing.assert_allclose(corners[is_cap][..., 2], expected[part][1], atol=1e-4)


def test_a_part_may_be_taken_of_two_things_at_once(scene: Scene) -> None:
    after, name = split(
        scene,
        strokes(
            (True, {"points": [[-0.2, 0.1, 0.55], [0.55, 0.0, 0.25]]}),
            (False, {"points": [[-0.2, 0.0, 0.2], [0.55, 0.0, 0.02]], "radius": 0.02}),
        ),
    )
    points, _ = world(after, name)
    assert points[:, 0].min() == pytest.approx(-0.4, abs=1e-4)
    assert points[:, 0].max() > 0.4


def test_this_too_joins_a_whole_thing_with_part_of_another(scene: Scene) -> None:
    after, name = split(
        scene,
        strokes(
            (True, {"points": [[-0.15, 0.15, 0.73], [-0.2, 0.1, 0.55]]}),
            (False, {"points": [[-0.2, 0.0, 0.2]]}),
        ),
    )
    assert name == "crumb", "what is taken whole stays what it is"
    points, _ = world(after, "crumb")
    np.testing.assert_allclose(points.min(axis=0), (-0.4, 0.1, 0.4), atol=1e-4)
    np.testing.assert_allclose(points.max(axis=0), (0.0, 0.3, 0.75), atol=1e-4)
    assert extra(after, "crumb")["rests_on"] == "tower"
    assert len(after.document.objects) == len(scene.document.objects)


def test_strokes_that_mean_a_thing_as_it_is_are_refused(scene: Scene) -> None:
    marks = strokes((True, {"points": [[0.55, 0.0, 0.2]]}), (False, {"points": [[-0.2, 0, 0.2]]}))
    with pytest.raises(InputError, match="as it is"):
        split(scene, marks)


def test_merging_what_was_split_gives_the_thing_back(scene: Scene) -> None:
    parted, name = split(scene, BY_CLICK)
    after = merge(parted, ("tower", name))
    assert [item.id for item in after.document.objects] == [i.id for i in scene.document.objects]
    before, now = world(scene, "tower")[0], world(after, "tower")[0]
    np.testing.assert_allclose(now.min(axis=0), before.min(axis=0), atol=1e-4)
    np.testing.assert_allclose(now.max(axis=0), before.max(axis=0), atol=1e-4)
    assert extra(after, "crumb")["rests_on"] == "tower"
    assert extra(after, "tower") == {"rests_on": "floor", "confidence": 0.8}
    assert not any(key.startswith(f"{name}.") for key in after.arrays)
    after.check()


def test_a_thing_merged_with_its_carrier_stands_on_what_that_stood_on(scene: Scene) -> None:
    after = merge(scene, ("Crumb", "tower"))
    assert extra(after, "crumb")["rests_on"] == "floor"


def test_a_label_is_said_by_hand_so_that_no_confidence_is_left(scene: Scene) -> None:
    after = relabel(scene, "green", "  recycling   bin ")
    item = after.document.objects[2]
    assert (item.label, item.name) == ("recycling bin", "Recycling bin")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: merge(s, ("tower",)), "two things or more"),
        (lambda s: merge(s, ("tower", "sofa")), "no object 'sofa'"),
        (lambda s: merge(s, ("tower", "floor")), "no mesh of its own"),
        (lambda s: relabel(s, "tower", " "), "between 1 and 80"),
        (lambda s: relabel(s, "tower", "a\x07b"), "between 1 and 80"),
        (lambda s: split(s, BY_CLICK[:1]), "does not belong"),
        (lambda s: split(s, BY_CLICK[1:]), "what belongs"),
        (
            lambda s: split(s, strokes((True, {"photo": "x.jpg", "points": [[1, 1]]}))),
            "no photo 'x.jpg'",
        ),
        (
            lambda s: split(s, strokes((True, {"photo": "cam_0", "points": [[2, 2]]}))),
            "touches nothing",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    scene: Scene, change: Callable[[Scene], object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        change(scene)


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[" * 100_000,
        "{}",
        "[]",
        "[3]",
        '[{"points": []}]',
        '[{"points": [[1, 2]]}]',
        '[{"photo": "a", "points": [[1, 2, 3]]}]',
        '[{"photo": "a", "points": [[1, NaN]]}]',
        '[{"photo": 3, "points": [[1, 2]]}]',
        '[{"photo": "a", "points": [[1, 2]], "radius": -1}]',
        '[{"photo": "a", "points": [[1, 2]], "is_this": 1}]',
        '[{"photo": "a", "points": [[1, 2]], "color": 1}]',
    ],
)
def test_strokes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        strokes_from_json(text)


def test_all_changes_are_made_in_one_run_or_none(scene: Scene, tmp_path: Path) -> None:
    scene.save(tmp_path / "before")
    text = json.dumps(
        [
            {"points": [[-0.2, 0.1, 0.55]]},
            {"points": [[-0.2, 0.0, 0.2]], "is_this": False},
        ]
    )
    options = SegmentOptions(
        split=(text,), merge=(("green", "object_1"),), relabel=(("green", "pile"),)
    )
    summary = change_to(tmp_path / "before", tmp_path / "after", options, Progress())
    assert summary["new"] == ["object_1"]
    after = Scene.open(tmp_path / "after")
    assert [item.name for item in after.document.objects] == ["Floor", "Tower", "Pile", "Crumb"]
    with pytest.raises(InputError):
        change_to(
            tmp_path / "before",
            tmp_path / "other",
            SegmentOptions(split=(text,), relabel=(("nothing", "pile"),)),
            Progress(),
        )
    assert not (tmp_path / "other").exists()


def test_the_command_line_says_all_of_it_in_the_jobs_own_words(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    (tmp_path / "lamp.json").write_text('[{"points": [[0, 0, 0]]}]', encoding="utf-8")
    given = parser.parse_args(
        [
            *("segment", "room", "-o", "out", "--split", str(tmp_path / "lamp.json")),
            *("--merge", "a,b", "--merge", "c,d,e", "--relabel", "a=rubber = duck"),
            *("--detector", str(tmp_path), "--words", "chair, waste bin"),
        ]
    )
    options = options_from_json(SegmentOptions, segment_options(given))
    assert strokes_from_json(options.split[0])[0].is_this
    assert options.merge == (("a", "b"), ("c", "d", "e"))
    assert options.relabel == (("a", "rubber = duck"),)
    assert (options.detector, options.masker) == (tmp_path, None)
    assert options.words == ("chair", "waste bin")
    assert options.is_by_hand
    plain = parser.parse_args(["segment", "room", "-o", "out"])
    assert options_from_json(SegmentOptions, segment_options(plain)) == SegmentOptions()
