"""The README's picture, of a scene that the demo made: a photo, and the mesh from a new viewpoint, textured and plain.

.venv/bin/python docs/pictures/make.py out/demo/office_desk docs/pictures/office_desk.jpg
"""

import sys
from pathlib import Path

import cv2
import numpy as np

import maquette
from maquette.report.pictures import novel_camera, render_mesh
from maquette.types import Camera, TexturedMesh

WIDTH = 640  # of each of the three


def main() -> None:
    scene = maquette.open_scene(sys.argv[1])
    arrays = scene.arrays
    (item,) = (o for o in scene.document.objects if o.id == "surface")
    assert item.material is not None
    texture = cv2.imread(str(scene.folder / str(item.material.texture)))
    assert texture is not None
    mesh = TexturedMesh(
        vertices=arrays["surface.vertices"],
        triangles=arrays["surface.triangles"],
        colors=arrays["surface.colors"],
        seen=arrays["surface.seen"],
        uvs=arrays["surface.uvs"],
        texture=np.ascontiguousarray(texture[..., ::-1]),
        textured_share=1.0,
    )
    (entry,) = (c for c in scene.document.cameras if c.id == scene.document.view)
    camera = Camera(
        name=entry.id,
        width=entry.width,
        height=entry.height,
        K=np.array(entry.K),
        world_from_camera=np.array(entry.world_from_camera),
    )
    height = round(WIDTH * camera.height / camera.width)
    photo = cv2.imread(str(scene.folder / entry.image))
    assert photo is not None
    photo = cv2.resize(photo[..., ::-1], (WIDTH, height), interpolation=cv2.INTER_AREA)
    middle = camera.centre + camera.world_from_camera[:3, 2] * float(
        np.median(np.linalg.norm(mesh.vertices - camera.centre, axis=1))
    )
    new = novel_camera(camera, middle, 18.0, 0.12)
    panels = [photo]
    for shaded in (False, True):
        large = render_mesh(mesh, new, 2 * WIDTH, 2 * height, shaded=shaded)
        panels.append(cv2.resize(large, (WIDTH, height), interpolation=cv2.INTER_AREA))
    picture = np.hstack(panels)[..., ::-1]
    Path(sys.argv[2]).write_bytes(
        cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()
    )


if __name__ == "__main__":
    main()
