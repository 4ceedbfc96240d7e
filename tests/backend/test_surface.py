"""The surface stage on depth maps that are made to order."""

from pathlib import Path

import numpy as np
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
