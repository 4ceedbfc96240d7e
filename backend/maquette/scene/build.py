"""From a finished reconstruction to its scene folder."""

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import maquette
from maquette.photos.pixels import read_pixels
from maquette.scene.colmap import write_colmap_text
from maquette.scene.scene import Scene
from maquette.types import Camera, DepthMap, FloatArray, Reconstruction, TexturedMesh, View
from maquette_protocol.document import (
    IDENTITY,
    Bounds,
    Geometry,
    Material,
    SceneCamera,
    SceneDocument,
    SceneObject,
)

_PNG_UP_TO = 1 << 20  # texels; larger textures are JPEG, a tenth of the size
_RGB_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
# share of pixels within 3 % of the true depth by the weight that fusion gave them, on two rooms with
# truth (they differ by 0.06 to either side)
_BY_WEIGHT = ((0.0, 0.15, 0.25, 0.4, 0.88), (0.3, 0.77, 0.85, 0.89, 0.9))
_FILLED_LIKELIHOOD = 0.65


def build_scene(
    mesh: TexturedMesh,
    reconstruction: Reconstruction,
    views: tuple[View, ...],
    *,
    leveling: dict[str, Any],
    keep_depth: bool,
    warnings: tuple[str, ...],
    seconds: dict[str, float],
    options: dict[str, Any],
    folder: Path,
) -> Scene:
    """Write the scene into `folder` (made anew): document, arrays, texture, photos, COLMAP model, depth."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "images").mkdir(parents=True)
    (folder / "textures").mkdir()
    images = _copy_photos(views, folder)
    texture = _write_texture(mesh, folder)
    errors_px = _reprojection_errors(reconstruction)
    cameras = tuple(
        SceneCamera(
            id=f"cam_{number}",
            image=images[camera.name],
            width=camera.width,
            height=camera.height,
            K=_rows(camera.K),
            world_from_camera=_rows(camera.world_from_camera),
            extra={} if errors_px[number] is None else {"reprojection_px": errors_px[number]},
        )
        for number, camera in enumerate(reconstruction.cameras)
    )
    surface = SceneObject(
        id="surface",
        name="Surface",
        kind="surface",
        world_from_object=IDENTITY,
        bounds=Bounds(
            min=tuple(map(float, mesh.vertices.min(axis=0))),
            max=tuple(map(float, mesh.vertices.max(axis=0))),
        ),
        geometry=Geometry(mesh="surface"),
        material=Material(
            name="Photos", base_color=(1.0, 1.0, 1.0, 1.0), roughness=0.9, texture=texture
        ),
    )
    document = SceneDocument(
        is_metric=reconstruction.is_metric,
        cameras=cameras,
        view=_best_view(reconstruction),
        objects=(surface,),
        extra={
            "reconstruction": {
                "engine": reconstruction.engine,
                "version": maquette.__version__,
                "options": {key: _plain(value) for key, value in options.items()},
                "trust": reconstruction.trust.level,
                "reasons": list(reconstruction.trust.reasons),
                "evidence": reconstruction.trust.evidence,
                **leveling,
                "figures": {"textured_share": round(mesh.textured_share, 4)},
                "warnings": list(warnings),
                "seconds": {key: round(value, 2) for key, value in seconds.items()},
            }
        },
    )
    arrays = {
        "surface.vertices": mesh.vertices.astype(np.float32),
        "surface.triangles": mesh.triangles.astype(np.int32),
        "surface.colors": mesh.colors,
        "surface.uvs": mesh.uvs.astype(np.float32),
        "surface.seen": mesh.seen.astype(np.float32),
        "points.positions": reconstruction.points.xyz.astype(np.float32),
        "points.colors": reconstruction.points.rgb,
    }
    write_colmap_text(folder / "sparse", reconstruction)
    if keep_depth:
        _write_depth(reconstruction, folder / "depth")
    scene = Scene(document=document, arrays=arrays, folder=folder)
    scene.write_document(folder)
    return scene


def _reprojection_errors(reconstruction: Reconstruction) -> list[float | None]:
    """Per camera: how far its points are from where the photo shows them, the median in pixels; None without points."""
    points = reconstruction.points
    errors: list[float | None] = []
    for number, camera in enumerate(reconstruction.cameras):
        mine = points.observation_camera == number
        matrix = camera.camera_from_world
        local = points.xyz[points.observation_point[mine]] @ matrix[:3, :3].T + matrix[:3, 3]
        pixels = local @ camera.K.T
        off = pixels[:, :2] / pixels[:, 2:] - points.observation_xy[mine]
        distance = np.linalg.norm(off, axis=1)
        errors.append(round(float(np.median(distance)), 3) if len(distance) else None)
    return errors


def _plain(value: Any) -> Any:
    """An option as JSON has it."""
    return str(value) if isinstance(value, Path) else value


def _rows(matrix: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)


def _copy_photos(views: tuple[View, ...], folder: Path) -> dict[str, str]:
    """Photo name → its place below the folder; a suffix that tells another format gets one that fits."""
    places = {}
    for view in views:
        name = view.name
        suffix = view.path.suffix.lower()
        if Path(name).suffix.lower() not in _RGB_SUFFIXES:
            name = f"{Path(name).stem}{suffix}"
        target = folder / "images" / name
        if suffix == Path(name).suffix.lower():
            shutil.copyfile(view.path, target)
        else:  # the undistorted copy is a PNG: store it as what the photo's name says
            pixels = cv2.cvtColor(read_pixels(view), cv2.COLOR_RGB2BGR)
            flags = [cv2.IMWRITE_JPEG_QUALITY, 95] if target.suffix.lower() != ".png" else []
            target.write_bytes(cv2.imencode(target.suffix, pixels, flags)[1].tobytes())
        places[view.name] = f"images/{name}"
    return places


def _write_texture(mesh: TexturedMesh, folder: Path) -> str:
    height, width = mesh.texture.shape[:2]
    suffix = ".png" if height * width <= _PNG_UP_TO else ".jpg"
    flags = [cv2.IMWRITE_JPEG_QUALITY, 93] if suffix == ".jpg" else []
    data = cv2.imencode(suffix, cv2.cvtColor(mesh.texture, cv2.COLOR_RGB2BGR), flags)[1]
    (folder / "textures" / f"surface{suffix}").write_bytes(data.tobytes())
    return f"textures/surface{suffix}"


def _write_depth(reconstruction: Reconstruction, folder: Path) -> None:
    folder.mkdir()
    for name, found in reconstruction.depth.items():
        # a network's confidence is a likelihood already
        confidence = (
            _likelihood(found) if reconstruction.engine == "classical" else found.confidence
        )
        np.savez_compressed(
            folder / f"{Path(name).stem}.npz", depth=found.depth, confidence=confidence
        )


def _likelihood(found: DepthMap) -> FloatArray:
    """(H, W) float32: how likely the depth is within 3 % of the truth; 0 where there is none.

    A map's own confidence is a weight for fusion, far smaller on blank surfaces than their depth is wrong.
    """
    measured = np.interp(found.confidence, *_BY_WEIGHT)
    likelihood = np.where(found.filled, _FILLED_LIKELIHOOD, measured)
    return np.where(found.depth > 0, likelihood, 0).astype(np.float32)


def _best_view(reconstruction: Reconstruction) -> str:
    """The camera that sees the most points."""
    cameras: tuple[Camera, ...] = reconstruction.cameras
    seen = np.bincount(reconstruction.points.observation_camera, minlength=len(cameras))
    return f"cam_{int(np.argmax(seen))}"
