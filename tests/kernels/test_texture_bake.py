"""Baking and label smoothing equal the plain references, borders, rims and slivers too."""

import numpy as np
import pytest
from pieces import OfficePieces

from maquette_kernels.texture_bake import bake, smooth_labels
from maquette_kernels.texture_bake.reference import bake_reference, smooth_labels_reference


def fan(rng: np.random.Generator, height: int, width: int, count: int) -> np.ndarray:
    """(count, 3, 2) float32 triangles, some of them reaching beyond the atlas, some slivers."""
    corners = (
        rng.uniform(-4, 1, (count, 3, 2)) + rng.uniform(0, [width, height], (count, 1, 2)) * 1.1
    )
    corners[::7] = corners[::7, :1] + rng.uniform(-9, 9, (len(corners[::7]), 3, 2))
    corners[3, 2] = corners[3, 0]  # no area
    return corners.astype(np.float32)


@pytest.mark.parametrize(("height", "width"), [(37, 63), (29, 13), (1, 9)])
def test_baked_texels_equal_the_reference(
    height: int, width: int, office_pieces: OfficePieces
) -> None:
    rng = np.random.default_rng(width)
    photo = office_pieces.rgb(7, 31, 47)
    atlas_xy = fan(rng, height, width, 40)
    photo_xy = rng.uniform(-3, 50, (40, 3, 2)).astype(np.float32)  # some beyond the photo
    correction = rng.uniform(-60, 60, (40, 3, 3)).astype(np.float32)
    atlas, expected = (np.full((height, width, 3), 7, np.uint8) for _ in range(2))
    covered, expected_covered = (np.zeros((height, width), np.uint8) for _ in range(2))
    bake(photo, photo_xy, atlas_xy, correction, atlas, covered)
    bake_reference(photo, photo_xy, atlas_xy, correction, expected, expected_covered)
    same = covered == expected_covered
    assert same.mean() > 0.999  # a texel's centre on an edge may fall to either side
    assert set(np.unique(expected_covered)) == {0, 1, 2} or height == 1
    off = np.abs(atlas[same].astype(int) - expected[same])
    assert off.max() <= 1
    assert (off > 0).mean() < 0.01  # float32 places, then rounding
    assert (atlas[covered == 0] == 7).all()


def test_one_to_one_baking_copies_the_photo(office_pieces: OfficePieces) -> None:
    photo = office_pieces.rgb(3, 20, 33)
    square = np.array([[[0, 0], [33, 0], [33, 20]], [[0, 0], [33, 20], [0, 20]]], np.float32)
    atlas, covered = np.zeros_like(photo), np.zeros((20, 33), np.uint8)
    bake(photo, square, square, np.zeros((2, 3, 3), np.float32), atlas, covered)
    np.testing.assert_array_equal(atlas, photo)
    assert (covered == 2).all()


@pytest.mark.parametrize(("weight", "rounds"), [(0.0, 1), (0.35, 3), (0.35, 6), (5.0, 4)])
def test_smooth_labels_equal_the_reference(weight: float, rounds: int) -> None:
    rng = np.random.default_rng(rounds)
    count = 300
    neighbours = rng.integers(-1, count, (count, 3)).astype(np.int32)
    sizes = rng.integers(0, 5, count)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    views = np.concatenate([rng.permutation(6)[:n] for n in sizes]).astype(np.int32)
    costs = rng.random(len(views)).astype(np.float32)
    found = smooth_labels(neighbours, first, views, costs, weight, rounds)
    expected = smooth_labels_reference(
        neighbours, first, views, costs, float(np.float32(weight)), rounds
    )
    np.testing.assert_array_equal(found, expected)
    assert ((found == -1) == (sizes == 0)).all()


def test_smoothing_takes_the_second_best_photo_rather_than_a_seam() -> None:
    # a row of five triangles; the middle one is shown a little better by photo 1
    neighbours = np.array([[-1, 1, -1], [0, 2, -1], [1, 3, -1], [2, 4, -1], [3, -1, -1]])
    first = np.arange(0, 11, 2)
    views = np.array([0, 1, 0, 1, 1, 0, 0, 1, 0, 1])
    costs = np.array([0, 0.9, 0, 0.9, 0, 0.3, 0, 0.9, 0, 0.9])
    assert smooth_labels(neighbours, first, views, costs, 0.1, 4).tolist() == [0, 0, 1, 0, 0]
    assert smooth_labels(neighbours, first, views, costs, 0.35, 4).tolist() == [0] * 5


def test_shapes_that_do_not_match_are_refused() -> None:
    triangles, atlas = np.zeros((4, 3, 2), np.float32), np.zeros((5, 5, 3), np.uint8)
    covered = np.zeros((5, 5), np.uint8)
    for photo_xy, correction in ((triangles[:3], (4, 3, 3)), (triangles, (4, 3))):
        with pytest.raises(ValueError, match="expected"):
            bake(atlas, photo_xy, triangles, np.zeros(correction, np.float32), atlas, covered)
