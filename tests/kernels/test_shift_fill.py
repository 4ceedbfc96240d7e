"""A hole filled from the picture itself: its costs are those that are written out, and patterns stay in step."""

import numpy as np
import pytest

from maquette_kernels.shift_fill import choose_shifts, cover, cpu, fetch, reference

SHIFTS = np.array([[0, 7], [-5, 0], [4, -9], [12, 3]], np.int32)


def torn(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(height)
    return rng.normal(0, 1, (height, width, 3)).astype(np.float32), rng.random(
        (height, width)
    ) > 0.3


@pytest.mark.parametrize(
    ("height", "width", "side"), [(5, 6, 4), (33, 47, 4), (33, 47, 3), (20, 9, 1)]
)
def test_costs_equal_the_reference(height: int, width: int, side: int) -> None:
    picture, known = torn(height, width)
    wanted = ~known
    blocks = cover(wanted, 10_000, side)
    assert blocks.side == side
    unary = np.full((len(blocks.corner), len(SHIFTS)), np.nan, np.float32)
    cpu.match_costs(picture, known, wanted, SHIFTS, blocks.corner, side, 9.0, 0, len(unary), unary)
    cost = np.zeros((len(blocks.pairs), len(SHIFTS), len(SHIFTS)), np.float32)
    cpu.seam_costs(
        picture, known, SHIFTS, blocks.corner, blocks.pairs, side, 0.5, 0, len(cost), cost
    )
    for n in range(0, len(unary), 7):
        for k, shift in enumerate(SHIFTS):
            true = reference.match_cost(picture, known, wanted, shift, blocks.corner[n], side, 9.0)
            assert unary[n, k] == pytest.approx(true, rel=1e-5)
    for e in range(0, len(cost), 11):
        first, second = blocks.corner[blocks.pairs[e]]
        for a, one in enumerate(SHIFTS):
            for b, other in enumerate(SHIFTS):
                true = reference.seam_cost(picture, known, (one, other), first, second, side, 0.5)
                assert cost[e, a, b] == pytest.approx(true, rel=1e-5, abs=1e-6)


def test_blocks_cover_all_that_is_wanted_and_touch_what_is_known() -> None:
    wanted = np.zeros((40, 31), bool)
    wanted[5:25, 10:31] = True
    blocks = cover(wanted, 10_000, 4)
    mark = np.zeros((44, 35), bool)
    for row, column in blocks.corner:
        mark[row : row + 4, column : column + 4] = True
    assert mark[:40, :31][wanted].all()
    assert mark[:40, :31][4, 15]
    assert len(cover(wanted, 20, 4).corner) < 60  # larger blocks where few may be had


def test_a_periodic_pattern_is_continued_exactly() -> None:
    row, column = np.mgrid[:60, :90]
    tile = ((row // 10 + column // 15) % 2 + 0.3 * (row % 10 == 0)).astype(np.float32)
    picture = np.stack([tile, 1 - tile, tile**2], axis=2)
    known = np.ones(tile.shape, bool)
    known[15:45, 31:59] = False
    torn_picture = np.where(known[..., None], picture, 9).astype(np.float32)
    shifts = np.array([[3, 40], [0, 30], [-8, 35], [0, -30], [20, 0], [-20, 0]], np.int32)
    blocks = cover(~known, 10_000, 4)
    label = choose_shifts(torn_picture, known, ~known, shifts, blocks)
    got = fetch(torn_picture, known, shifts, blocks, label)
    assert (got[~known][:, -1] > 0).all()
    np.testing.assert_allclose(got[~known][:, :-1], picture[~known], atol=1e-5)
