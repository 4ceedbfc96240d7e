"""docs/images/things.jpg: a photo, the scene exploded into its things, one thing removed, one moved.

    make_things.py THINGS REMOVED MOVED [-o docs/images/things.jpg]

THINGS: a scene folder that `maquette segment` wrote; REMOVED, MOVED: ids of objects in it.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import maquette
from maquette_kernels.rasterize import rasterize, render_texture
from maquette_protocol.document import SceneObject

Array = npt.NDArray[np.float64]
WIDTH = 640
BACKGROUND = (235, 235, 232)  # RGB


def draw(scene: maquette.Scene, camera_number: int, shifts: dict[str, Array], back: float) -> Array:
    """(H, W, 3) RGB through a photo's camera, stepped back; objects moved by their shifts, left out without one."""
    camera = scene.document.cameras[camera_number]
    scale = WIDTH / camera.width
    height = round(camera.height * scale)
    K = np.diag([scale, scale, 1]) @ np.array(camera.K)
    world_from_camera = np.array(camera.world_from_camera)
    world_from_camera[:3, 3] -= back * world_from_camera[:3, 2]
    vertices, triangles, uvs, count = [], [], [], 0
    texture = None
    for item in scene.document.objects:
        if item.id not in shifts or item.geometry is None:
            continue
        name = item.geometry.mesh
        matrix = scene.world_from_object(item)
        points = scene.arrays[f"{name}.vertices"] @ matrix[:3, :3].T + matrix[:3, 3]
        vertices.append(points + shifts[item.id])
        triangles.append(scene.arrays[f"{name}.triangles"] + count)
        uvs.append(scene.arrays[f"{name}.uvs"])
        count += len(points)
        texture = item.material.texture if item.material else texture
    picture = cv2.imread(str(scene.folder / str(texture)))
    faces = np.vstack(triangles)
    raster = rasterize(
        np.vstack(vertices), faces, K, np.linalg.inv(world_from_camera), WIDTH, height
    )
    out = render_texture(raster, faces, np.vstack(uvs), cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    out[raster.triangle < 0] = BACKGROUND
    return out


def centre(scene: maquette.Scene, item: SceneObject) -> Array:
    assert item.bounds is not None
    middle = (np.array(item.bounds.min) + item.bounds.max) / 2
    matrix = scene.world_from_object(item)
    return matrix[:3, :3] @ middle + matrix[:3, 3]


def toward_viewer(scene: maquette.Scene, camera_number: int) -> Array:
    """(3,) level unit vector to the camera, world."""
    level = -np.array(scene.document.cameras[camera_number].world_from_camera)[:2, 2]
    return np.append(level / np.linalg.norm(level), 0.0)


def exploded(scene: maquette.Scene, camera_number: int) -> dict[str, Array]:
    """Shifts away from the middle of the things, and toward who looks: what stands on something goes further."""
    objects = {item.id: item for item in scene.document.objects}
    things = [item for item in objects.values() if item.kind == "object"]
    middle = np.mean([centre(scene, item) for item in things], axis=0)
    toward = toward_viewer(scene, camera_number)
    shifts = {}
    for item in objects.values():
        if item.kind != "object":
            shifts[item.id] = np.zeros(3)
            continue
        steps, at = 0, item
        while (carrier := at.extra.get("rests_on")) in objects and steps < 5:
            at, steps = objects[carrier], steps + 1
        size = np.linalg.norm(np.ptp([centre(scene, t) for t in things], axis=0))
        away = 0.35 * (centre(scene, item) - middle) * [1, 1, 0]
        shifts[item.id] = away + size * (0.06 * toward + np.array([0, 0, 0.05 * steps]))
    return shifts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("things", type=Path)
    parser.add_argument("removed")
    parser.add_argument("moved")
    parser.add_argument("--camera", type=int, default=0, help="number of the photo")
    parser.add_argument(
        "--by",
        type=float,
        nargs=2,
        default=(0.5, 0.0),
        metavar=("RIGHT", "NEARER"),
        help="scene units",
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/images/things.jpg"))
    given = parser.parse_args()
    scene = maquette.open_scene(given.things)
    photo = cv2.imread(str(scene.folder / str(scene.document.cameras[given.camera].image)))
    still = {item.id: np.zeros(3) for item in scene.document.objects}
    without = {name: shift for name, shift in still.items() if name != given.removed}
    toward = toward_viewer(scene, given.camera)
    right = np.array([-toward[1], toward[0], 0.0])
    moved = without | {given.moved: given.by[0] * right + given.by[1] * toward}
    back = 0.25 * float(np.linalg.norm(scene.document.cameras[given.camera].world_from_camera))
    shown = [
        draw(scene, given.camera, exploded(scene, given.camera), back),
        draw(scene, given.camera, without, 0.0),
        draw(scene, given.camera, moved, 0.0),
    ]
    height = shown[0].shape[0]
    first = cv2.cvtColor(
        cv2.resize(photo, (WIDTH, height), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB
    )
    rows = [np.hstack([first, shown[0]]), np.hstack(shown[1:])]
    out = cv2.cvtColor(np.vstack(rows).astype(np.uint8), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(given.out), out, [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
