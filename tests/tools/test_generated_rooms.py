"""The benchmark's own rooms: things stand where they can, and each prompt about them has one right thing."""

import itertools
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

from made_rooms.layout import Layout, Thing, make_layout
from made_rooms.words import Case, Wording, make_cases

SEEDS = range(8)
AXES = {
    "to the right": np.array([1.0, 0, 0]),
    "to the left": np.array([-1.0, 0, 0]),
    "back": np.array([0, 1.0, 0]),
    "forward": np.array([0, -1.0, 0]),
}


def _things(layout: Layout) -> list[Thing]:
    return [thing for thing in layout.things if thing.kind == "object"]


def _wording(layout: Layout, folder: Path) -> Wording:
    entries = [
        {**thing.entry(k), "visible_in_photos": 24} for k, thing in enumerate(layout.things, 1)
    ]
    (folder / "objects.json").write_text(json.dumps({"objects": entries}))
    return Wording(folder)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_one_scene_of_8_to_25_things(seed: int) -> None:
    layout, again = make_layout(seed), make_layout(seed)
    assert 8 <= len(_things(layout)) <= 25
    assert [thing.entry(0) for thing in layout.things] == [t.entry(0) for t in again.things]


@pytest.mark.parametrize("seed", SEEDS)
def test_things_rest_on_what_they_say(seed: int) -> None:
    layout = make_layout(seed)
    known = {thing.id: thing for thing in layout.things}
    for thing in _things(layout):
        carrier = known[thing.rests_on or ""]
        if carrier.kind == "wall":
            back = thing.vertices_world()[:, 1].max()
            assert back == pytest.approx(carrier.vertices_world()[:, 1].min(), abs=1e-9)
            continue
        foot = thing.vertices_world()[:, 2].min()
        hull = cv2.convexHull(carrier.corners().astype(np.float32))
        assert foot == pytest.approx(carrier.at[2] + carrier.shape.size[2], abs=1e-9)
        assert cv2.pointPolygonTest(hull, (thing.at[0], thing.at[1]), False) >= 0


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_stands_in_another(seed: int) -> None:
    for one, other in itertools.combinations(_things(make_layout(seed)), 2):
        heights = [(t.at[2], t.at[2] + t.shape.size[2]) for t in (one, other)]
        if min(h[1] for h in heights) - max(h[0] for h in heights) < 0.002:
            continue
        outlines = [t.corners().astype(np.float32) for t in (one, other)]
        area, _ = cv2.intersectConvexConvex(outlines[0], outlines[1])
        assert area < 1e-3, (one.id, other.id)  # a millimetre along an edge


def _fits(wording: Wording, case: Case) -> bool:
    """Whether the case's own thing is among what its words can name, and no other is."""
    owners = [
        thing["id"]
        for thing in wording.things
        for name in wording.names(thing)
        if case.prompt.split(" ", 1)[1].removeprefix("rid of ").startswith(name)
    ]
    return set(owners) == {case.thing}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_prompt_has_one_right_thing(seed: int, tmp_path: Path) -> None:
    wording = _wording(make_layout(seed), tmp_path)
    cases = make_cases(wording, AXES, 1.0, seed, 10)
    assert len(cases) >= 9
    assert len({case.prompt for case in cases}) == len(cases)
    for case in cases:
        text = case.prompt.replace("get rid of ", "remove ")
        assert _fits(wording, Case(text, case.effect, case.thing)), case.prompt


@pytest.mark.parametrize("seed", SEEDS)
def test_a_move_ends_on_the_same_carrier(seed: int, tmp_path: Path) -> None:
    wording = _wording(make_layout(seed), tmp_path)
    moves = [case for case in make_cases(wording, AXES, 1.0, seed, 10) if case.effect == "move"]
    assert moves
    for case in moves:
        thing = wording.all[case.thing]
        carrier = wording.all[thing["rests_on"]]
        centre = np.array(thing["centre"]) + case.shift
        assert (centre[:2] > np.array(carrier["world_min"])[:2]).all()
        assert (centre[:2] < np.array(carrier["world_max"])[:2]).all()
