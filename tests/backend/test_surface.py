"""The surface stage on depth maps that are made to order."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from maquette.progress import Progress
from maquette.surface import Surface, SurfaceOptions, build_surface
from maquette.types import Camera, DepthMap, Reconstruction, SparsePoints, Trust, View
from maquette_kernels.rasterize import rasterize

WIDTH, HEIGHT, FOCAL_PX = 96, 72, 300.0
NO_POINTS = SparsePoints(
    xyz=np.zeros((0, 3)),
    rgb=np.zeros((0, 3), np.uint8),
    error_px=np.zeros(0),
    observation_point=np.zeros(0, np.int32),
    observation_camera=np.zeros(0, np.int32),
    observation_xy=np.zeros((0, 2)),
)
WALL = 10.0  # units before both cameras


def wall_by_two_views(folder: Path, baseline: float) -> Surface:
    """A wall straight ahead of two views beside one another, matched wrongly by up to a pixel, in patches."""
    random = np.random.default_rng(0)
    pixel = WALL * WALL / (FOCAL_PX * baseline)
    pixels = random.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    views, cameras, maps = [], [], {}
    for index in range(2):
        path = folder / f"{index}.png"
        Image.fromarray(pixels).save(path)
        name = path.name
        views.append(View(name=name, path=path, width=WIDTH, height=HEIGHT, source=path))
        world_from_camera = np.eye(4)
        world_from_camera[0, 3] = index * baseline
        K = np.array([[FOCAL_PX, 0, WIDTH / 2], [0, FOCAL_PX, HEIGHT / 2], [0, 0, 1]])
        cameras.append(
            Camera(name=name, width=WIDTH, height=HEIGHT, K=K, world_from_camera=world_from_camera)
        )
        patches = random.uniform(-pixel, pixel, (HEIGHT // 12, WIDTH // 12))
        depth = WALL + np.kron(patches, np.ones((12, 12)))
        maps[name] = DepthMap(
            depth=depth.astype(np.float32),
            confidence=np.full((HEIGHT, WIDTH), 0.9, np.float32),
            filled=np.zeros((HEIGHT, WIDTH), bool),
        )
    reconstruction = Reconstruction(
        cameras=tuple(cameras),
        points=NO_POINTS,
        trust=Trust(level="trusted"),
        engine="classical",
        depth=maps,
    )
    options = SurfaceOptions.for_quality("draft")
    return build_surface(tuple(views), reconstruction, options, Progress())


def test_views_of_a_short_baseline_do_not_carve_holes_into_each_others_surface(
    tmp_path: Path,
) -> None:
    baseline = 0.4
    surface = wall_by_two_views(tmp_path, baseline)
    K = np.array([[FOCAL_PX, 0, WIDTH / 2], [0, FOCAL_PX, HEIGHT / 2], [0, 0, 1.0]])
    camera_from_world = np.eye(4)
    camera_from_world[0, 3] = -baseline / 2
    mesh = surface.mesh
    drawn = rasterize(mesh.vertices, mesh.triangles, K, camera_from_world, WIDTH, HEIGHT)
    middle = drawn.depth[6:-6, 18:-18]
    assert (middle > 0).mean() > 0.97


def one_photo(folder: Path, depth: np.ndarray, focal_px: float) -> Surface:
    """The surface of one photo with this depth, (H, W), its camera at the origin."""
    height, width = depth.shape
    path = folder / "one.png"
    Image.fromarray(np.full((height, width, 3), 128, np.uint8)).save(path)
    view = View(name=path.name, path=path, width=width, height=height, source=path)
    camera = Camera(
        name=view.name,
        width=width,
        height=height,
        K=np.array([[focal_px, 0, width / 2], [0, focal_px, height / 2], [0, 0, 1]]),
        world_from_camera=np.eye(4),
    )
    given = DepthMap(
        depth=depth.astype(np.float32),
        confidence=np.full(depth.shape, 0.5, np.float32),
        filled=np.zeros(depth.shape, bool),
    )
    reconstruction = Reconstruction(
        cameras=(camera,),
        points=NO_POINTS,
        trust=Trust(level="unsure"),
        engine="onnx",
        depth={view.name: given},
    )
    return build_surface((view,), reconstruction, SurfaceOptions.for_quality("draft"), Progress())


@pytest.mark.parametrize(("width", "smear_px"), [(60, 0), (120, 0), (240, 0), (240, 1), (480, 1.5)])
def test_a_post_before_a_wall_is_not_tied_to_it_at_any_resolution(
    tmp_path: Path, width: int, smear_px: float
):
    depth = np.full((width * 3 // 4, width), 4.0, np.float32)
    depth[:, width * 2 // 5 : width * 3 // 5] = 2.0
    if smear_px:  # as a network smears a jump over a few pixels
        depth = cv2.GaussianBlur(depth, (0, 0), smear_px)
    surface = one_photo(tmp_path, depth, focal_px=0.8 * width)
    mesh = surface.mesh
    kept = surface.depth["one.png"].depth
    assert ((kept > 2.3) & (kept < 3.7)).mean() < 0.004
    assert (kept > 0).mean() > 0.95
    z = mesh.vertices[mesh.triangles][..., 2]
    assert np.ptp(z, axis=1).max() < 0.25 * z.min()
    is_post, is_wall = (z < 2.3).all(axis=1), (z > 3.7).all(axis=1)
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    assert area[~is_post & ~is_wall].sum() < 0.02 * area.sum()
    # both are there whole: a fifth of the photo at 2, the rest at 4, but for a few pixels at the jumps
    photo = 0.75 / 0.8**2  # its area at depth 1
    assert area[is_post].sum() == pytest.approx(0.2 * photo * 4, rel=0.3)
    assert area[is_wall].sum() == pytest.approx(0.8 * photo * 16, rel=0.15)


def test_a_floor_is_whole_up_to_where_it_is_seen_at_one_degree(tmp_path: Path):
    width, height, focal_px, eye = 240, 180, 200.0, 1.5
    below = np.maximum((np.arange(height) + 0.5 - height / 2) / focal_px, 0)
    depth = np.where(below > eye / 80, eye / np.maximum(below, 1e-9), 0)
    mesh = one_photo(tmp_path, np.tile(depth[:, None], width), focal_px).mesh
    assert mesh.vertices[:, 2].max() > 0.7 * 80
    np.testing.assert_allclose(mesh.vertices[:, 1], eye, atol=1e-3)


def test_the_surface_of_one_photo_faces_its_camera_and_is_all_seen(tmp_path: Path):
    row, column = np.mgrid[0:72, 0:96]
    surface = one_photo(tmp_path, 3 + np.sin(row / 20) * np.cos(column / 15), FOCAL_PX)
    mesh = surface.mesh
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), a) < 0).all()
    assert (mesh.seen == 1).all()
    depth = surface.depth["one.png"].depth
    assert (
        np.abs(
            depth[2:-2, 2:-2] / (3 + np.sin(row / 20) * np.cos(column / 15))[2:-2, 2:-2] - 1
        ).max()
        < 0.01
    )
