"""The rasterizer shows what rays meet."""

import numpy as np
import pytest

from maquette_kernels.rasterize import rasterize, render_texture
from maquette_kernels.rasterize.reference import rasterize_reference


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 5), (33, 47)])
def test_random_triangles_some_behind_the_camera_are_drawn_as_rays_meet_them(
    height: int, width: int
) -> None:
    rng = np.random.default_rng(height)
    vertices = rng.normal(size=(60, 3)).astype(np.float32) * [1, 1, 1.5] + [0, 0, 1.2]
    triangles = rng.permutation(60).reshape(20, 3).astype(np.int32)
    K = np.array([[width * 0.8, 0, width / 2], [0, width * 0.8, height / 2], [0, 0, 1]])
    drawn = rasterize(vertices, triangles, K, np.eye(4), width, height)
    expected = rasterize_reference(vertices, triangles, K, np.eye(4), width, height)
    same = drawn.triangle == expected.triangle
    assert same.mean() > 0.99  # a ray through an edge may fall to either side
    np.testing.assert_allclose(drawn.depth[same], expected.depth[same], rtol=1e-4)
    shown = same & (drawn.triangle >= 0)
    np.testing.assert_allclose(drawn.barycentric[shown], expected.barycentric[shown], atol=1e-4)


def test_a_textured_square_shows_its_texture_upright() -> None:
    vertices = np.array([[-1, -1, 2], [1, -1, 2], [1, 1, 2], [-1, 1, 2]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    uvs = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)  # v up, camera y down
    texture = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8)
    K = np.array([[16.0, 0, 8], [0, 16.0, 8], [0, 0, 1]])
    raster = rasterize(vertices, triangles, K, np.eye(4), 16, 16)
    assert (raster.triangle >= 0).all()
    picture = render_texture(raster, triangles, uvs, texture)
    assert np.abs(picture.astype(int) - texture).max() <= 1
