"""Texturing a known wall: photos of differing exposure agree, seams don't show, colours are the wall's."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from maquette.progress import Progress
from maquette.texture import TextureOptions, texture_mesh
from maquette.texture.charts import pack, triangle_neighbours
from maquette.texture.color import level_seams, photo_gains, without_outliers
from maquette.texture.visibility import Candidates, find_candidates
from maquette.types import Camera, Mesh, TexturedMesh, View
from maquette_kernels.rasterize import rasterize, render_texture

WIDTH, HEIGHT = 240, 180
K = np.array([[200.0, 0, WIDTH / 2], [0, 200.0, HEIGHT / 2], [0, 0, 1]])
EXPOSURES = (1.0, 0.7)


@dataclass(frozen=True, kw_only=True)
class Wall:
    """A patterned wall at z = 2, seen by two cameras that overlap in its middle."""

    mesh: Mesh
    views: tuple[View, ...]
    cameras: tuple[Camera, ...]
    truth: np.ndarray  # (H, W, 3) sRGB, 100 pixels per unit, x -2..2, y -1..1


def pattern() -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(70, 180, (20, 40, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (400, 200), interpolation=cv2.INTER_CUBIC), np.uint8)


def wall_mesh() -> Mesh:
    x, y = np.meshgrid(np.linspace(-1.3, 1.3, 53), np.linspace(-0.6, 0.6, 25))
    vertices = np.stack([x, y, np.full_like(x, 2.0)], axis=-1).reshape(-1, 3).astype(np.float32)
    corner = (np.arange(24)[:, None] * 53 + np.arange(52)).ravel()
    # counter-clockwise seen from the cameras at z = 0, which look along +z with y down
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 53, corner + 1], axis=1),
            np.stack([corner + 1, corner + 53, corner + 54], axis=1),
        ]
    )
    return Mesh(
        vertices=vertices,
        triangles=triangles.astype(np.int32),
        colors=np.full((len(vertices), 3), 128, np.uint8),
        seen=np.ones(len(vertices), np.float32),
    )


def make_wall(
    folder: Path, exposures: tuple[float, ...], places: tuple[float, ...], *, ramp: float = 0.0
) -> Wall:
    """ramp: the first photo grows brighter downwards, by this share on each side of its middle, the next upwards."""
    truth = pattern()
    views, cameras = [], []
    down = np.linspace(-ramp, ramp, HEIGHT)[:, None, None]
    for number, (exposure, place) in enumerate(zip(exposures, places, strict=True)):
        pose = np.eye(4)
        pose[0, 3] = place
        column, row = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
        x = (column - K[0, 2]) / K[0, 0] * 2 + place
        y = (row - K[1, 2]) / K[1, 1] * 2
        at_x, at_y = (
            (100 * (x + 2) - 0.5).astype(np.float32),
            (100 * (y + 1) - 0.5).astype(np.float32),
        )
        photo = cv2.remap(truth, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        photo = np.clip(np.asarray(photo) * exposure * (1 + down * (-1) ** number), 0, 255).astype(
            np.uint8
        )
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), photo[..., ::-1])
        views.append(View(name=path.name, path=path, width=WIDTH, height=HEIGHT, source=path))
        cameras.append(
            Camera(name=path.name, width=WIDTH, height=HEIGHT, K=K, world_from_camera=pose)
        )
    return Wall(mesh=wall_mesh(), views=tuple(views), cameras=tuple(cameras), truth=truth)


def textured(wall: Wall) -> TexturedMesh:
    options = TextureOptions.for_quality("draft")
    return texture_mesh(wall.mesh, wall.views, wall.cameras, options, Progress())


def seen_from_the_middle(mesh: TexturedMesh) -> np.ndarray:
    """The textured wall from a camera between the two, one pixel per pixel of `truth` around x = 0."""
    front = np.array([[200.0, 0, 120], [0, 200.0, 50], [0, 0, 1]])
    raster = rasterize(mesh.vertices, mesh.triangles, front, np.eye(4), 240, 100)
    assert (raster.triangle >= 0).all()
    return render_texture(raster, mesh.triangles, mesh.uvs, mesh.texture)


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    return make_wall(tmp_path, EXPOSURES, (-0.5, 0.5))


def test_every_triangle_shows_a_photo_and_shows_the_wall(wall: Wall) -> None:
    mesh = textured(wall)
    assert mesh.textured_share > 0.97
    shown = seen_from_the_middle(mesh).astype(float)
    truth = wall.truth[50:150, 80:320].astype(float)
    # one factor is free: nobody knows which exposure is right
    factor = (shown * truth).sum() / (truth * truth).sum()
    assert min(EXPOSURES) < factor < max(EXPOSURES)
    off = np.abs(shown / factor - truth)
    assert np.median(off) < 6
    assert np.quantile(off, 0.99) < 25
    # the texture's own rows and columns lie where the UVs say, not mirrored or turned
    for wrong in (shown[::-1], shown[:, ::-1]):
        assert np.median(np.abs(wrong / factor - truth)) > 15


def test_the_step_between_photos_of_differing_exposure_goes(wall: Wall) -> None:
    truth = wall.truth[50:150, 80:320].astype(float)
    ratio = seen_from_the_middle(textured(wall)).astype(float).mean(axis=2) / truth.mean(axis=2)
    # brightness along the wall, each half beside the seam; the photos differ by 30 %
    left, right = np.median(ratio[:, 70:110]), np.median(ratio[:, 130:170])
    assert abs(left / right - 1) < 0.06
    columns = np.median(ratio, axis=0)
    assert np.abs(np.diff(columns)).max() < 0.05  # the one step that both have in common


def test_a_step_that_no_gain_can_take_away_is_levelled_along_the_seam(tmp_path: Path) -> None:
    wall = make_wall(tmp_path, (1.0, 1.0), (-0.5, 0.5), ramp=0.25)
    truth = wall.truth[50:150, 80:320].astype(float)
    ratio = seen_from_the_middle(textured(wall)).astype(float).mean(axis=2) / truth.mean(axis=2)
    # the upper and lower tenth, where one photo is an eighth too bright and the other as much too dark
    for rows in (slice(0, 10), slice(90, 100)):
        columns = np.median(ratio[rows], axis=0)
        assert np.ptp(columns) > 0.15  # far from the seam each photo keeps its own
        assert np.abs(columns[4:] - columns[:-4]).max() < 0.08


def test_gains_make_overlapping_photos_agree_and_keep_their_mean(wall: Wall) -> None:
    candidates = find_candidates(wall.mesh, wall.views, wall.cameras, Progress())
    gains = photo_gains(candidates, 2)
    ratio = gains[1] / gains[0] * EXPOSURES[1] / EXPOSURES[0]
    np.testing.assert_allclose(ratio, 1, atol=0.05)
    np.testing.assert_allclose(np.log(gains).mean(axis=0), 0, atol=1e-6)


def test_what_stands_in_front_of_one_photo_of_four_is_not_shown(tmp_path: Path) -> None:
    wall = make_wall(tmp_path, (1.0,) * 4, (-0.3, -0.1, 0.1, 0.3))
    path = wall.views[1].path
    photo = cv2.imread(str(path))
    assert photo is not None
    photo[60:120, 80:160] = (0, 0, 255)  # a red thing that the others don't show
    cv2.imwrite(str(path), photo)
    shown = seen_from_the_middle(textured(wall)).astype(int)
    red = (shown[..., 0] > 200) & (shown[..., 1] < 60)
    assert red.mean() < 0.002


def test_outliers_sink_below_every_other_candidate() -> None:
    color = np.array([[100, 100, 100]] * 4 + [[200, 30, 30]], np.float32)
    candidates = Candidates(
        first=np.array([0, 5]),
        view=np.array([4, 0, 1, 2, 3]),
        score=np.array([5.0, 4, 3, 2, 1]),
        color=color[[4, 0, 1, 2, 3]],
    )
    kept = without_outliers(candidates, np.ones((5, 3)))
    assert kept.view.tolist() == [0, 1, 2, 3, 4]
    assert kept.score[-1] < 0.001


def test_seam_levelling_meets_in_the_middle_and_fades_away_from_the_seam() -> None:
    # two strips of triangles that share the vertices 0..4, in two charts
    low = np.array(
        [[i, i + 1, i + 5] for i in range(4)] + [[i + 1, i + 6, i + 5] for i in range(4)]
    )
    high = np.array(
        [[i + 1, i, i + 10] for i in range(4)] + [[i + 1, i + 10, i + 11] for i in range(4)]
    )
    triangles = np.concatenate([low, high])
    chart = np.repeat([0, 1], 8)
    keys = chart[:, None] * 15 + triangles
    unique, node = np.unique(keys, return_inverse=True)
    node_color = np.where((unique // 15 == 0)[:, None], 100.0, 130.0) * np.ones((1, 3))
    corrections = level_seams(node.reshape(-1, 3), unique % 15, node_color, triangles)
    leveled = node_color + corrections
    at = {(int(u) // 15, int(u) % 15): leveled[n, 0] for n, u in enumerate(unique)}
    for vertex in range(5):
        assert abs(at[0, vertex] - at[1, vertex]) < 5  # of a step of 30
        assert 105 < at[0, vertex] < 125
        assert at[0, vertex] >= at[0, vertex + 5] - 0.5


def test_two_triangles_of_one_edge_are_neighbours_and_three_are_not() -> None:
    neighbours = triangle_neighbours(np.array([[0, 1, 2], [2, 1, 3], [4, 5, 6]]))
    assert neighbours.tolist() == [[-1, 1, -1], [0, -1, -1], [-1, -1, -1]]
    fin = triangle_neighbours(np.array([[0, 1, 2], [1, 0, 3], [0, 1, 4]]))
    assert (fin == -1).all()


@pytest.mark.parametrize("max_side", [64, 200, 1000])
def test_packed_charts_fit_and_never_overlap(max_side: int) -> None:
    rng = np.random.default_rng(max_side)
    sizes = rng.integers(3, 60, (120, 2)).astype(float)
    places, width, height, scale = pack(sizes, max_side)
    assert max(width, height) <= max_side
    atlas = np.zeros((height, width), int)
    for (x, y), (w, h) in zip(places, np.ceil(sizes * scale).astype(int), strict=True):
        atlas[y : y + h, x : x + w] += 1
        assert x + w <= width
        assert y + h <= height
    assert atlas.max() == 1
    assert (atlas > 0).mean() > 0.6
