"""What belongs to the table above it, and what only stands under or on it."""

import itertools

import numpy as np
import pytest

from maquette.objects.grounding import Places
from maquette.objects.skin import FaceGraph
from maquette.objects.supports import Support
from maquette.types import IntArray

UNIT = 0.004  # a photo's pixel on the surface
TOP = 0.7


def _block(low: tuple[float, float, float], high: tuple[float, float, float]) -> np.ndarray:
    """(N, 3) points through a block, 2 cm apart, standing for its faces."""
    axes = [
        np.linspace(a, b, max(2, round((b - a) / 0.02))) for a, b in zip(low, high, strict=True)
    ]
    return np.array(list(itertools.product(*axes)))


def _under_a_table(part: np.ndarray) -> tuple[Places, IntArray, IntArray]:
    """(places, the part's faces, the table top's) for a top of 1.2 by 0.8 and another part."""
    top = _block((-0.6, -0.4, TOP), (0.6, 0.4, TOP))
    centre = np.concatenate([top, part])
    count = len(centre)
    graph = FaceGraph(
        centre=centre,
        normal=np.tile([0.0, 0.0, 1.0], (count, 1)),
        area=np.full(count, 4e-4),
        color=np.zeros((count, 3)),
        pairs=np.zeros((0, 2), int),
        length=np.zeros(0),
    )
    faces = np.arange(len(top))
    support = Support(height=TOP, reach=0.01, faces=faces, area=0.96)
    return Places(graph, [], [support], UNIT), np.arange(len(top), count), faces


@pytest.mark.parametrize(
    ("low", "high", "is_leg"),
    [
        ((0.5, 0.3, 0.0), (0.56, 0.36, 0.64), True),
        ((0.5, -0.38, 0.0), (0.54, 0.38, 0.66), True),
        ((0.1, -0.3, 0.0), (0.55, 0.2, 0.6), False),
        ((0.5, 0.3, 0.0), (0.56, 0.36, 0.3), False),
        ((0.9, 0.3, 0.0), (0.96, 0.36, 0.66), False),
        ((0.5, 0.3, TOP), (0.56, 0.36, TOP + 0.2), False),
    ],
    ids=[
        "leg",
        "side panel",
        "cabinet below",
        "ends far below",
        "beside the table",
        "on the table",
    ],
)
def test_a_leg_is_slender_and_reaches_up_to_the_top(
    low: tuple[float, float, float], high: tuple[float, float, float], is_leg: bool
) -> None:
    places, faces, table = _under_a_table(_block(low, high))
    assert places.is_leg_of(faces, table) is is_leg


def test_what_lies_on_the_top_rests_on_the_table() -> None:
    on, above, below = (
        _under_a_table(_block((-0.1, -0.1, z), (0.1, 0.1, z + 0.2))) for z in (TOP, TOP + 0.2, 0.0)
    )
    assert on[0].rests_on(on[1], on[2])
    assert not above[0].rests_on(above[1], above[2])
    assert not below[0].rests_on(below[1], below[2])
