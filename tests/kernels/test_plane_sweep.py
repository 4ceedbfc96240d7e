"""The sweep's costs equal the plain reference's on pieces of real photos, borders and blind labels too."""

from typing import Any

import numpy as np
import pytest
from pieces import OfficePieces, camera_pair, padded

from maquette_kernels.plane_sweep import NEUTRAL, plane_sweep
from maquette_kernels.plane_sweep.reference import plane_sweep_reference


def sweep_case(pieces: OfficePieces, height: int, width: int, num_sources: int) -> dict[str, Any]:
    """Photos of differing sizes around a piece, inverse depths that start below zero on the left."""
    rng = np.random.default_rng(height * 1000 + width)
    images = [
        pieces.grey(s, height + 5 * s + 2, max(2, width - 3 * s + 6), left=120 + 4 * s)
        for s in range(num_sources)
    ]
    sources, sizes = padded(images)
    projections = np.stack(
        [
            camera_pair(height, width, rng.normal(0, 0.02, 3), rng.normal(0, 0.15, 3), 1.1 * width)[
                0
            ]
            for _ in range(num_sources)
        ]
    )
    slope = np.linspace(-0.043, 0.31, width, dtype=np.float32)
    base = np.tile(slope, (height, 1)) + rng.normal(0, 0.003, (height, width)).astype(np.float32)
    return {
        "reference": pieces.grey(0, height, width, left=121, top=91),
        "sources": sources,
        "sizes": sizes,
        "projections": projections,
        "base": base,
        "step": 0.0217,
        "num_labels": 9,
    }


def assert_same_costs(case: dict[str, Any], **options: Any) -> None:
    cost = plane_sweep(**case, **options)
    expected = plane_sweep_reference(**case, **options)
    assert cost.dtype == np.uint8
    # float32 sums of 255² · window are good for a tenth of a level, rounding adds a half
    off = np.abs(cost - expected)
    assert np.quantile(off, 0.998) < 0.6
    # a sample that falls on the very border of a photo may fall to either side of it
    assert (off > 0.6).mean() < 5e-4


@pytest.mark.parametrize(
    ("height", "width", "num_sources"), [(37, 63, 3), (63, 37, 2), (5, 70, 1), (41, 4, 4)]
)
def test_costs_equal_the_reference(
    height: int, width: int, num_sources: int, office_pieces: OfficePieces
) -> None:
    assert_same_costs(sweep_case(office_pieces, height, width, num_sources))


@pytest.mark.parametrize(
    "options",
    [{"radius": 1}, {"radius": 5}, {"noise_variance": 40.0}, {"num_best": 1}, {"num_best": 9}],
    ids=str,
)
def test_costs_equal_the_reference_with_other_options(
    options: dict[str, Any], office_pieces: OfficePieces
) -> None:
    assert_same_costs(sweep_case(office_pieces, 35, 45, 3), **options)


def test_a_photo_moved_by_whole_pixels_matches_itself_at_its_own_label(
    office_pieces: OfficePieces,
) -> None:
    reference = office_pieces.grey(2, 40, 60, left=120)
    source = office_pieces.grey(2, 40, 60, left=116)  # shows everything 4 pixels further right
    projection, _ = camera_pair(40, 60, np.zeros(3), np.array([0.5, 0, 0]), 80.0)
    cost = plane_sweep(
        reference, source[None], np.array([[40, 60]]), projection[None],
        np.zeros((40, 60), np.float32), 0.025, 9,
    )  # fmt: skip
    # 80 px · 0.5 · 0.025 is one pixel per label
    inner = cost[:, 8:48].astype(int)
    assert (inner[:, :, 4] <= inner.min(axis=2) + 1).mean() > 0.99
    assert (inner.argmin(axis=2) == 4).mean() > 0.7  # blank walls say little, whatever the label
    assert (inner.argmin(axis=2) == 3).mean() < 0.1
    assert (cost[:, :, 0] == NEUTRAL).all()  # label 0 lies at infinity: not seen


def test_blank_walls_and_labels_behind_the_camera_are_neutral() -> None:
    flat = np.full((20, 30), 90, np.float32)
    projection, _ = camera_pair(20, 30, np.zeros(3), np.array([0.3, 0.1, 0]), 30.0)
    base = np.full((20, 30), 0.1, np.float32)
    cost = plane_sweep(flat, flat[None], np.array([[20, 30]]), projection[None], base, -0.05, 6)
    assert np.abs(cost.astype(int) - NEUTRAL).max() <= 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base": np.zeros((3, 3), np.float32)}, "base"),
        ({"sizes": np.zeros((1, 2), np.int32)}, "sources"),
        ({"projections": np.zeros((2, 3, 3), np.float32)}, "sources"),
        ({"sizes": np.ones((2, 2), np.int32)}, "sizes"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_shapes_that_do_not_match_are_refused(
    change: dict[str, Any], words: str, office_pieces: OfficePieces
) -> None:
    with pytest.raises(ValueError, match=words):
        plane_sweep(**{**sweep_case(office_pieces, 10, 12, 2), **change})
