"""What a rendered scene's truth is made whole with: depth, masks and how many photos show each thing.

Depth files are 16-bit millimetres along camera z, masks 16-bit indices of objects.json; 0 is nothing.
"""

import json
from pathlib import Path

import cv2
import numpy as np

from maquette_kernels.rasterize import rasterize

_LEAST_PX = 150  # of a thing in a photo that shows it


def complete_truth(folder: Path) -> None:
    """Write `depth/` and `masks/` of a rendered scene, and name them in its cameras.json; once is enough."""
    cameras = json.loads((folder / "cameras.json").read_text())
    if "mask" in next(iter(cameras["images"].values())):
        return
    mesh = np.load(folder / "truth_mesh.npz")
    for part in ("depth", "masks"):
        (folder / part).mkdir(exist_ok=True)
    shown = np.zeros(int(mesh["face_object"].max()) + 1, int)
    for name, camera in [*cameras["images"].items(), *cameras["evaluation"].items()]:
        drawn = rasterize(
            mesh["vertices"],
            mesh["faces"],
            np.array(camera["K"]),
            np.linalg.inv(np.array(camera["cam_to_world"])),
            camera["width"],
            camera["height"],
        )
        mask = np.where(drawn.triangle >= 0, mesh["face_object"][drawn.triangle], 0)
        stem = Path(name).stem
        camera |= {
            "depth": f"depth/{stem}.png",
            "depth_scale": 0.001,
            "mask": f"masks/{stem}.png",
        }
        depth_mm = np.where(mask > 0, np.minimum(drawn.depth * 1000, 65535), 0)
        cv2.imwrite(str(folder / camera["depth"]), depth_mm.astype(np.uint16))
        cv2.imwrite(str(folder / camera["mask"]), mask.astype(np.uint16))
        if name in cameras["images"]:
            shown += np.bincount(mask.ravel(), minlength=len(shown)) >= _LEAST_PX
    document = json.loads((folder / "objects.json").read_text())
    for entry in document["objects"]:
        entry["visible_in_photos"] = int(shown[entry["index"]])
    (folder / "objects.json").write_text(json.dumps(document, indent=1))
    (folder / "cameras.json").write_text(json.dumps(cameras, indent=1))
