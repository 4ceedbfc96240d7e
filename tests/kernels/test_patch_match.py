"""Planes handed from pixel to pixel: as the plain reference does it, and jumps that move to the photo's edge."""

import numpy as np
import pytest
from pieces import OfficePieces, camera_pair, padded

import maquette_kernels.patch_match as patch_match_package
from maquette_kernels.patch_match import patch_match
from maquette_kernels.patch_match.reference import patch_match_reference


@pytest.mark.parametrize(("height", "width"), [(23, 31), (30, 17)])
def test_one_round_equals_the_reference(
    office_pieces: OfficePieces, height: int, width: int
) -> None:
    pieces = office_pieces
    rng = np.random.default_rng(height)
    images = [pieces.grey(s, height + 3 * s, width + 2 * s, left=120 + 3 * s) for s in range(3)]
    sources, sizes = padded(images)
    projections = np.stack(
        [
            camera_pair(height, width, rng.normal(0, 0.02, 3), rng.normal(0, 0.2, 3), 1.1 * width)[
                0
            ]
            for _ in range(3)
        ]
    )
    reference = pieces.grey(0, height, width, left=121)
    rgb = pieces.rgb(0, height, width, left=121)
    inverse = (0.3 + 0.2 * (rng.random((height, width)) > 0.5)).astype(np.float32)
    inverse += rng.normal(0, 0.01, inverse.shape).astype(np.float32)
    select = rng.random(inverse.shape) < 0.8
    found = patch_match(
        reference, rgb, sources, sizes, projections, inverse, select, rounds=1, margin=0.05
    )
    side = np.arange(-4, 5, 2)
    expected = patch_match_reference(
        reference,
        rgb,
        sources,
        sizes,
        projections,
        inverse,
        patch_match_package.slopes(inverse),
        select,
        np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2),
        patch_match_package.STEPS,
        color_softness=6.0,
        noise_variance=6.0,
        num_best=2,
        margin=0.05,
        nudge=1e-3 * float(np.median(inverse)),
    )
    assert np.array_equal(found[~select], inverse[~select])
    assert (found != inverse).mean() > 0.2  # planes were taken over at all
    # two hypotheses of nearly one cost may win either way, and hand on what they chose
    assert (np.abs(found - expected) < 1e-5).mean() > 0.97


def test_a_fattened_square_shrinks_to_its_edge() -> None:
    rng = np.random.default_rng(3)
    height = width = 72
    focal, move = 90.0, 0.35
    near, far = 1 / 2.0, 1 / 4.0
    wall = 60 + 40 * rng.random((height, width + 40))
    square = 170 + 60 * rng.random((height, width))
    inside = np.zeros((height, width), bool)
    inside[24:48, 24:48] = True
    reference = np.where(inside, square, wall[:, 20:92]).astype(np.float32)
    shift_far, shift_near = round(focal * move * far), round(focal * move * near)
    source = wall[:, 20 - shift_far : 92 - shift_far].astype(np.float32)
    moved = np.roll(inside, shift_near, axis=1)
    source[moved] = square[inside]
    projection, _ = camera_pair(height, width, np.zeros(3), np.array([move, 0, 0]), focal)
    fat = np.zeros_like(inside)
    fat[20:52, 20:52] = True
    found = patch_match(
        reference,
        np.repeat(reference[..., None], 3, axis=2).astype(np.uint8),
        source[None],
        np.array([[height, width]], np.int32),
        projection[None],
        np.where(fat, near, far).astype(np.float32),
        np.ones(inside.shape, bool),
        num_best=1,
    )
    truth = np.where(inside, near, far)
    before = (np.abs(np.where(fat, near, far) - truth) > 0.05).sum()
    after = (np.abs(found - truth) > 0.05).sum()
    assert before == 448
    assert after < 0.5 * before


def test_shapes_that_do_not_match_are_refused() -> None:
    grey = np.zeros((8, 9), np.float32)
    rgb = np.zeros((8, 9, 3), np.uint8)
    one = np.ones((8, 9), np.float32)
    sizes, projections = np.array([[8, 9]], np.int32), np.zeros((1, 3, 4), np.float32)
    with pytest.raises(ValueError, match="shapes differ"):
        patch_match(grey, rgb[:7], grey[None], sizes, projections, one, one > 0)
    with pytest.raises(ValueError, match="sources"):
        patch_match(grey, rgb, grey[None], sizes, projections[:, :2], one, one > 0)
