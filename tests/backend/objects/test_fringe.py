"""The rim of a thing's colour on what carries it goes with the thing; nothing else does."""

import numpy as np
import pytest

from maquette.objects.fringe import with_fringes
from maquette.objects.partition import Partition
from maquette.objects.skin import FaceGraph, lab

SIDE = 60  # faces along the floor, one unit each
FLOOR, THING = 0, 1


def floor_with_a_thing(ring: tuple, beyond: tuple) -> tuple[FaceGraph, np.ndarray, np.ndarray]:
    """(faces of a square floor, (T,) their part, (T,) how far from the thing in the middle), some of another colour."""
    row, column = (x.ravel() for x in np.mgrid[:SIDE, :SIDE])
    away = np.maximum(np.abs(row - SIDE / 2 + 0.5), np.abs(column - SIDE / 2 + 0.5)) - 8
    color = np.tile([90.0, 95, 100], (SIDE * SIDE, 1))
    color[away <= 0] = (30, 150, 60)
    color[(away > 0) & (away <= 3)] = ring
    color[(away > 12) & (away <= 14)] = beyond
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    pairs = np.concatenate(
        [
            np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], 1),
            np.stack([number[:-1].ravel(), number[1:].ravel()], 1),
        ]
    )
    count = SIDE * SIDE
    graph = FaceGraph(
        centre=np.stack([column, row, np.zeros(count)], 1).astype(float),
        normal=np.tile([0.0, 0, 1], (count, 1)),
        area=np.ones(count),
        color=lab(color),
        pairs=pairs.astype(np.int32),
        length=np.ones(len(pairs)),
    )
    return graph, np.where(away <= 0, THING, FLOOR).astype(np.int32), away


@pytest.mark.parametrize(
    ("ring", "goes"),
    [((40, 140, 70), True), ((45, 47, 50), False), ((90, 95, 100), False), ((200, 40, 40), False)],
    ids=["the thing's color", "its shadow", "the floor's color", "another color"],
)
def test_only_a_rim_of_the_things_color_goes_with_it(ring: tuple, goes: bool) -> None:
    graph, part, away = floor_with_a_thing(ring, beyond=(30, 150, 60))
    found = Partition(part=part, count=2, num_planes=1)
    after = with_fringes(graph, found, [None, FLOOR], 1.0).part
    is_rim = (away > 0) & (away <= 3)
    assert (after[is_rim] == (THING if goes else FLOOR)).all()
    np.testing.assert_array_equal(after[~is_rim], part[~is_rim])


def test_what_does_not_rest_on_the_surface_takes_nothing_of_it() -> None:
    graph, part, _ = floor_with_a_thing((40, 140, 70), beyond=(90, 95, 100))
    found = Partition(part=part, count=2, num_planes=1)
    np.testing.assert_array_equal(with_fringes(graph, found, [None, None], 1.0).part, part)
