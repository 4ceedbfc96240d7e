"""What is asked about: photos, or a scene's photos together with the names of its things."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from maquette.asking.coverage import choose_cameras, points_of
from maquette.photos.decode import UnusableError, decode
from maquette.photos.sources import VIDEO_SUFFIXES, list_sources
from maquette.scene import Scene, is_scene
from maquette_protocol.errors import InputError, PhotoError

_NAMES = 60  # kinds of things that are told
_MAX_PIXELS = 24_000_000


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Photos, and what else is known."""

    photos: tuple[Path, ...]  # in the order in which they are shown
    ranks: tuple[int, ...]  # of each photo: 0 tells most
    known: str = ""  # told before the first question

    def best(self, count: int) -> "Subject":
        """With the `count` photos alone that tell most."""
        kept = [place for place, rank in enumerate(self.ranks) if rank < count]
        return Subject(
            photos=tuple(self.photos[place] for place in kept),
            ranks=tuple(self.ranks[place] for place in kept),
            known=self.known,
        )

    @property
    def stamps(self) -> tuple[tuple[str, int, int], ...]:
        """Whether the photos are still the same: path, size, time of the last change."""
        states = [photo.stat() for photo in self.photos]
        return tuple(
            (str(photo), state.st_size, state.st_mtime_ns)
            for photo, state in zip(self.photos, states, strict=True)
        )


def subject_of(inputs: Sequence[str], count: int) -> Subject:
    """Of one scene, or of photos, folders and patterns; `count` photos at most. Raises InputError."""
    if len(inputs) == 1 and is_scene(Path(inputs[0]).expanduser()):
        return subject_of_scene(Scene.open(Path(inputs[0]).expanduser()), count)
    photos = list_sources(inputs)
    videos = [photo.name for photo in photos if photo.suffix.lower() in VIDEO_SUFFIXES]
    if videos:
        raise PhotoError(
            f"{videos[0]} is a video; questions are about photos.",
            hint="Reconstruct it, then ask about the scene.",
        )
    return _in_order(photos, _spread(len(photos), count), "")


def subject_of_scene(scene: Scene, count: int) -> Subject:
    """The photos that show most of it, the viewer's first. Raises InputError where it has none."""
    document = scene.document
    # a sort keeps the order of the others
    ordered = sorted(document.cameras, key=lambda camera: camera.id != document.view)
    found = [(camera, _photo_of(scene, camera.image)) for camera in ordered]
    cameras = [camera for camera, photo in found if photo is not None]
    photos = [photo for _, photo in found if photo is not None]
    if not cameras:
        raise InputError(
            f"The scene in {scene.folder} has no photos.",
            hint="Ask about photos by naming them, or without --planner g2vlm what the scene itself tells.",
        )
    first = 0 if cameras[0].id == document.view else None
    chosen = choose_cameras(cameras, points_of(document, scene.arrays), count, first)
    return _in_order(photos, chosen, _names(scene))


def _in_order(photos: Sequence[Path], chosen: Sequence[int], known: str) -> Subject:
    """chosen: indices of photos, the most telling first."""
    places = sorted(chosen)
    return Subject(
        photos=tuple(photos[place] for place in places),
        ranks=tuple(chosen.index(place) for place in places),
        known=known,
    )


def read_photo(path: Path) -> Image.Image:
    """Upright RGB. Raises PhotoError."""
    try:
        decoded = decode(path, _MAX_PIXELS)
    except UnusableError as error:
        raise PhotoError(
            f"{path} cannot be used: {error}", hint="Leave it out, or replace it."
        ) from error
    except OSError as error:
        raise PhotoError(
            f"{path} cannot be read: {error.strerror}.", hint="Is it still there?"
        ) from error
    if decoded.rgb is not None:
        return Image.fromarray(decoded.rgb)
    with Image.open(path) as image:
        return image.convert("RGB")


def _photo_of(scene: Scene, image: str | None) -> Path | None:
    path = scene.inside(image, "$.cameras") if image else None
    return path if path is not None and path.is_file() else None


def _names(scene: Scene) -> str:
    """ "The scene holds: chair (2), table." Empty where nothing is labelled."""
    labels = [item.label for item in scene.document.objects if item.label and item.visible]
    counted = Counter(labels).most_common(_NAMES)
    if not counted:
        return ""
    told = [label if number == 1 else f"{label} ({number})" for label, number in counted]
    return f"The scene holds: {', '.join(told)}."


def _spread(total: int, count: int) -> list[int]:
    """`count` of `total` at equal distances; from the middle outwards, so that fewer still show all."""
    chosen = np.unique(np.linspace(0, total - 1, min(count, total)).round().astype(int)).tolist()
    ordered: list[int] = []
    while chosen:  # the one that is farthest from those taken
        distance = [
            min((abs(c - o) for o in ordered), default=-abs(c - total // 2)) for c in chosen
        ]
        ordered.append(chosen.pop(int(np.argmax(distance))))
    return ordered
