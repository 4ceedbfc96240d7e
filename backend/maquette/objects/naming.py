"""Names for the things of a scene, and parts of one thing joined, by what models see in its photos."""

from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np

from maquette.models.vision import Boxes
from maquette.objects.by_hand import merge, relabel
from maquette.objects.lifting import Sighting, faces_in_mask, merged, parts_of_found
from maquette.objects.skin import face_graph
from maquette.objects.thing_mesh import joined, mesh_of
from maquette.progress import Progress
from maquette.scene import Scene
from maquette.types import BoolArray, ByteArray, Camera, FloatArray
from maquette_kernels.rasterize import rasterize
from maquette_protocol.errors import InputError

_SIDE_PX = 960  # of the photos that the models see
_MANY = 24  # photos are enough to tell
_LEAST_SCORE = 0.2
WORDS = (
    *("chair", "office chair", "armchair", "sofa", "stool", "bench", "table", "desk", "cabinet"),
    *("shelf", "drawer", "bed", "lamp", "computer screen", "laptop", "keyboard", "computer mouse"),
    *("book", "stack of books", "notebook", "sheet of paper", "cup", "bottle", "bowl", "plate"),
    *("vase", "potted plant", "box", "basket", "waste bin", "bag", "backpack", "picture", "clock"),
    *("mirror", "rug", "pillow", "toy", "shoe", "bicycle", "statue", "tool", "phone", "pen"),
)


class Finder(Protocol):
    """See models.vision.Detector."""

    def find(self, photo: ByteArray, words: tuple[str, ...], least_score: float) -> Boxes:
        """Boxes in a photo."""
        ...


class MaskMaker(Protocol):
    """See models.vision.Masker."""

    def masks(self, photo: ByteArray, corners: FloatArray) -> BoolArray:
        """A mask for each box."""
        ...


def name_things(
    scene: Scene,
    detector: Finder,
    masker: MaskMaker,
    words: tuple[str, ...],
    progress: Progress,
) -> Scene:
    """The scene with labels on the things that were recognised, `label_confidence` in their extra.

    Things that lie within one mask are merged into the largest of them. Raises InputError where the scene has no
    things or no photos, Cancelled.
    """
    items = [i for i in scene.document.objects if i.kind == "object" and i.geometry is not None]
    items = [i for i in items if f"{i.id}.uvs" in scene.arrays]
    cameras = [c for c in scene.document.cameras if c.image is not None]
    cameras = cameras[:: max(1, len(cameras) // _MANY)]
    if not items or not cameras:
        raise InputError("The scene has no things, or no photos.", hint="Take it apart first.")
    # the room hides things, too: it is drawn, and owned by nobody
    room = [
        i
        for i in scene.document.objects
        if i.kind in ("floor", "wall", "ceiling") and f"{i.id}.uvs" in scene.arrays
    ]
    meshes = [mesh_of(scene, item) for item in (*items, *room)]
    whole = joined(meshes)
    sizes = [len(mesh.triangles) for mesh in meshes]
    owner = np.repeat(np.arange(len(meshes)), sizes)
    owner = np.where(owner < len(items), owner, -1)
    area = face_graph(whole.skin(1.0)).area
    visible = np.zeros((len(cameras), len(owner)), bool)
    sightings: list[Sighting] = []
    for number, camera in enumerate(cameras):
        progress.update(number / len(cameras), f"photo {number + 1} of {len(cameras)}")
        photo = _photo(scene, camera.image or "")
        height, width = photo.shape[:2]
        scaled = Camera(
            name=camera.id,
            width=camera.width,
            height=camera.height,
            K=np.array(camera.K),
            world_from_camera=np.array(camera.world_from_camera),
        ).scaled(width, height)
        triangle = rasterize(
            whole.vertices,
            whole.triangles,
            scaled.K,
            scaled.camera_from_world,
            scaled.width,
            scaled.height,
        ).triangle
        visible[number, np.unique(triangle[triangle >= 0])] = True
        boxes = detector.find(photo, words, _LEAST_SCORE)
        for mask, word, score in zip(
            masker.masks(photo, boxes.corners), boxes.words, boxes.score.tolist(), strict=True
        ):
            faces = faces_in_mask(triangle, mask)
            if len(faces):
                sightings.append(Sighting(photo=number, faces=faces, word=word, score=score))
    found = merged(sightings, visible, area)
    shown = area * visible.any(axis=0)
    for parts, thing in parts_of_found(found, owner, shown, len(items)):
        names = [items[n].id for n in parts]
        if len(names) > 1:
            scene = merge(scene, tuple(names))
        scene = _with_confidence(relabel(scene, names[0], thing.word), names[0], thing.confidence)
    return scene


def _photo(scene: Scene, name: str) -> ByteArray:
    """(H, W, 3) sRGB, at most `_SIDE_PX` on its longer side."""
    data = np.frombuffer(scene.inside(name, "camera.image").read_bytes(), np.uint8)
    photo = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if photo is None:
        raise InputError(f"The photo {name} cannot be read.", hint="Reconstruct the scene anew.")
    scale = min(1.0, _SIDE_PX / max(photo.shape[:2]))
    height, width = np.asarray(photo).shape[:2]
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2RGB)


def _with_confidence(scene: Scene, name: str, confidence: float) -> Scene:
    objects = tuple(
        replace(item, extra=item.extra | {"label_confidence": round(confidence, 3)})
        if item.id == name
        else item
        for item in scene.document.objects
    )
    return replace(scene, document=replace(scene.document, objects=objects))
