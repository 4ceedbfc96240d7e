"""Make the small scene that the extension carries, from a reconstruction of every second photo of examples/office_desk.

    .venv/bin/maquette reconstruct examples/office_desk/img_?[02468].jpg -o out/office --quality normal
    .venv/bin/python tools/make_demo.py out/office addon/demo

Fewer triangles, a smaller atlas, smaller photos; cameras and sparse points stay what they were.
"""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import fast_simplification
import numpy as np
from scipy.spatial import cKDTree

from maquette.progress import Progress
from maquette.scene import Scene
from maquette.texture import TextureOptions, texture_mesh
from maquette.types import Camera, FloatArray, IntArray, Mesh, View

TRIANGLES, ATLAS_PX, PHOTO_SCALE, JPEG_QUALITY = 30_000, 2048, 2 / 3, 80
ATTRIBUTION = """A furnished office corner: {count} photos rendered with Blender Cycles for Maquette, models and
textures our own, here reduced to 640x480. Surface, texture and cameras were made from them
by Maquette. All of it: CC0 1.0, public domain (https://creativecommons.org/publicdomain/zero/1.0/).
"""


def main(source: Path, target: Path) -> None:
    scene = Scene.open(source)
    views, cameras = photos_of(scene)
    mesh = smaller_mesh(scene)
    textured = texture_mesh(
        mesh, views, cameras, TextureOptions(max_side_px=ATLAS_PX, rounds=6), Progress()
    )
    arrays = {
        "surface.vertices": textured.vertices.astype(np.float32),
        "surface.triangles": textured.triangles.astype(np.int32),
        "surface.colors": textured.colors,
        "surface.uvs": textured.uvs.astype(np.float32),
        "surface.seen": textured.seen.astype(np.float32),
        "points.positions": scene.arrays["points.positions"],
        "points.colors": scene.arrays["points.colors"],
    }
    shutil.rmtree(target, ignore_errors=True)
    for part in ("images", "textures", "sparse"):
        (target / part).mkdir(parents=True)
    small = tuple(small_camera(item, scene, target) for item in scene.document.cameras)
    atlas = cv2.cvtColor(textured.texture, cv2.COLOR_RGB2BGR)
    write_jpeg(target / "textures" / "surface.jpg", atlas)
    (surface,) = scene.document.objects
    assert surface.material is not None
    material = replace(surface.material, texture="textures/surface.jpg")
    attribution = ATTRIBUTION.format(count=len(small))
    extra = {**scene.document.extra, "title": "Office", "attribution": attribution}
    extra["reconstruction"].pop("seconds", None)
    document = replace(
        scene.document, cameras=small, objects=(replace(surface, material=material),), extra=extra
    )
    Scene(document=document, arrays=arrays, folder=target).write_document(target)
    scale_sparse(scene.folder / "sparse", target / "sparse")
    (target / "ATTRIBUTION.txt").write_text(attribution, encoding="utf-8")


def photos_of(scene: Scene) -> tuple[tuple[View, ...], tuple[Camera, ...]]:
    views, cameras = [], []
    for item in scene.document.cameras:
        assert item.image is not None
        file = scene.folder / item.image
        views.append(
            View(name=file.name, path=file, width=item.width, height=item.height, source=file)
        )
        cameras.append(
            Camera(
                name=file.name,
                width=item.width,
                height=item.height,
                K=np.array(item.K),
                world_from_camera=np.array(item.world_from_camera),
            )
        )
    return tuple(views), tuple(cameras)


def smaller_mesh(scene: Scene) -> Mesh:
    """The surface, joined where charts had split it, with fewer triangles."""
    vertices = scene.arrays["surface.vertices"]
    places, joined = np.unique(vertices, axis=0, return_inverse=True)
    triangles: IntArray = joined.reshape(-1)[scene.arrays["surface.triangles"]]
    points: FloatArray
    points, faces = fast_simplification.simplify(
        places, triangles.astype(np.int32), target_count=TRIANGLES
    )
    nearest = cKDTree(vertices).query(points)[1]
    return Mesh(
        vertices=points.astype(np.float32),
        triangles=faces.astype(np.int32),
        colors=scene.arrays["surface.colors"][nearest],
        seen=scene.arrays["surface.seen"][nearest],
    )


def small_camera(item, scene, target):
    pixels = cv2.imread(str(scene.folder / item.image), cv2.IMREAD_COLOR)
    width, height = round(item.width * PHOTO_SCALE), round(item.height * PHOTO_SCALE)
    write_jpeg(
        target / item.image, cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    )
    scale = np.diag([width / item.width, height / item.height, 1.0])
    K = tuple(tuple(map(float, row)) for row in scale @ np.array(item.K))
    error = round(item.extra["reprojection_px"] * PHOTO_SCALE, 3)
    return replace(item, width=width, height=height, K=K, extra={"reprojection_px": error})


def scale_sparse(source: Path, target: Path) -> None:
    """The COLMAP model for the smaller photos."""
    lines = []
    for line in (source / "cameras.txt").read_text().splitlines():
        number, model, *values = line.split()
        scaled = [f"{float(v) * PHOTO_SCALE:.9g}" for v in values]
        lines.append(" ".join([number, model, *scaled]))
    (target / "cameras.txt").write_text("\n".join([*lines, ""]))
    images = (source / "images.txt").read_text().splitlines()
    for number in range(1, len(images), 2):
        found = np.array(images[number].split(), float).reshape(-1, 3)
        images[number] = " ".join(
            f"{x * PHOTO_SCALE:.2f} {y * PHOTO_SCALE:.2f} {point:.0f}" for x, y, point in found
        )
    (target / "images.txt").write_text("\n".join([*images, ""]))
    shutil.copyfile(source / "points3D.txt", target / "points3D.txt")


def write_jpeg(path: Path, pixels: np.ndarray) -> None:
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    path.write_bytes(data.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
