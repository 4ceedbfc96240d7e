"""The cross-view check equals the plain reference on a bent surface with holes, steps and several views."""

import numpy as np
import pytest
from pieces import camera_pair, padded

from maquette_kernels.consistency import check_consistency
from maquette_kernels.consistency.reference import check_consistency_reference


def bent_surface(height: int, width: int, seed: int) -> np.ndarray:
    """Depth around 3 with noise about as large as the tolerance, a nearer block, and holes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width)
    depth = 3 + 0.4 * np.sin(4 * x) + 0.3 * y + rng.normal(0, 0.04, (height, width))
    depth[height // 3 : height // 2, width // 3 : width // 2] *= 0.6
    depth[rng.random(depth.shape) < 0.1] = 0
    return depth.astype(np.float32)


def check_case(height: int, width: int, num_sources: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(height + width)
    sources, sizes = padded(
        [bent_surface(height + 3 * s, width + 7 - 4 * s, s + 1) for s in range(num_sources)]
    )
    pairs = [
        camera_pair(height, width, rng.normal(0, 0.03, 3), rng.normal(0, 0.1, 3), 1.2 * width)
        for _ in range(num_sources)
    ]
    return {
        "depth": bent_surface(height, width, 0),
        "sources": sources,
        "sizes": sizes,
        "projections": np.stack([pair[0] for pair in pairs]),
        "depth_rows": np.stack([pair[1] for pair in pairs]),
    }


@pytest.mark.parametrize(("height", "width", "num_sources"), [(37, 63, 3), (63, 37, 2), (7, 9, 1)])
@pytest.mark.parametrize("tolerance", [0.004, 0.015, 0.2])
def test_agreement_equals_the_reference(
    height: int, width: int, num_sources: int, tolerance: float
) -> None:
    case = check_case(height, width, num_sources)
    found = check_consistency(**case, tolerance=tolerance)
    expected = check_consistency_reference(**case, tolerance=tolerance)
    same = (found.agreeing == expected.agreeing) & (found.conflicting == expected.conflicting)
    # float32 places may fall to the other side of a pixel's edge: a few in ten thousand
    assert same.mean() > 0.999
    assert found.agreeing.max() > 0
    far = np.abs(found.fused / np.where(expected.fused > 0, expected.fused, 1) - 1)
    assert (far[same & (expected.fused > 0)] > 2e-5).mean() < 1e-3  # the same few
    assert (found.fused[case["depth"] == 0] == 0).all()


def test_a_view_that_looks_through_a_point_contradicts_it() -> None:
    depth = np.full((10, 12), 2.0, np.float32)
    behind = np.full((10, 12), 4.0, np.float32)
    projection, row = camera_pair(10, 12, np.zeros(3), np.zeros(3), 12.0)
    found = check_consistency(
        depth,
        np.stack([behind, depth]),
        np.array([[10, 12]] * 2),
        np.stack([projection] * 2),
        np.stack([row] * 2),
    )
    assert (found.agreeing == 1).all()
    assert (found.conflicting == 1).all()
    np.testing.assert_allclose(found.fused, 2.0, rtol=1e-6)


def test_two_depths_of_one_surface_meet_in_their_mean() -> None:
    depth = np.full((10, 12), 2.0, np.float32)
    projection, row = camera_pair(10, 12, np.zeros(3), np.zeros(3), 12.0)
    found = check_consistency(
        depth, 1.01 * depth[None], np.array([[10, 12]]), projection[None], row[None]
    )
    np.testing.assert_allclose(found.fused, 2.01, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "shape"), [("sizes", (3, 2)), ("projections", (2, 4, 4)), ("depth_rows", (2, 3))]
)
def test_shapes_that_do_not_match_are_refused(name: str, shape: tuple[int, ...]) -> None:
    case = check_case(9, 11, 2)
    with pytest.raises(ValueError, match="expected"):
        check_consistency(**{**case, name: np.zeros(shape, case[name].dtype)})
