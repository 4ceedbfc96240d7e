"""Photos to a scene, from Python.

`maquette.reconstruct` takes files, folders, patterns or a video and gives a `Scene`: its document (objects, cameras),
its arrays (vertices, triangles, UVs) and its folder. Save it, or export it to what your program reads.

    python examples/01_reconstruct.py [PHOTOS] [OUT]
"""

import sys
from pathlib import Path

import maquette

HERE = Path(__file__).parent


def main() -> None:
    photos = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "office_desk"
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("out/example")
    options = maquette.ReconstructOptions(quality="draft")
    scene = maquette.reconstruct(photos, options)
    for camera in scene.document.cameras[:3]:
        print(camera.id, camera.image, [round(row[3], 2) for row in camera.world_from_camera[:3]])
    scene.save(out)
    scene.export(out.with_suffix(".glb"))
    print(f"{out}: {len(scene.document.cameras)} cameras, {len(scene.document.objects)} objects")


if __name__ == "__main__":
    main()
