"""From the panel's settings to a request: untyped values of Blender are read here, once."""

import shlex
from pathlib import Path
from typing import Any

import bpy

from maquette_protocol.errors import InputError

from .engines import VIDEO_ENDINGS
from .maquette_session import ImportRequest
from .properties import ENDINGS, photo_paths


def read_request(scene: bpy.types.Scene) -> ImportRequest:
    """What the panel asks for now. Raises InputError."""
    settings = scene.maquette
    photos = photo_paths(settings)
    if not photos:
        raise InputError("There are no photos in the list.", hint="Add some.")
    gone = [photo for photo in photos if not Path(photo).exists()]
    if gone:
        raise InputError(
            f"{len(gone)} of {len(photos)} photos are no longer there, such as {Path(gone[0]).name}.",
            hint="Remove them from the list.",
        )
    options: dict[str, Any] = {
        "engine": settings.engine,
        "quality": settings.quality,
    }
    if settings.masks:
        options["masks"] = bpy.path.abspath(settings.masks)
    if settings.use_known:
        options["known"] = [known_distance(settings, scene.unit_settings.scale_length)]
    build = {
        "title": name_of(photos),
        "max_triangles": settings.max_triangles,
        "with_points": settings.with_points,
    }
    return ImportRequest(title=title_of(photos), photos=photos, options=options, build=build)


def title_of(photos: tuple[str, ...]) -> str:
    """ "24 photos of office_desk", "walk.mp4": what was given, for the panel and the collection."""
    first = Path(photos[0])
    if len(photos) == 1:
        return first.name
    return (
        f"{len(photos)} photos of {first.parent.name}"
        if first.parent.name
        else f"{len(photos)} photos"
    )


def name_of(photos: tuple[str, ...]) -> str:
    """The name of the collection: that of the photos' folder, or of the video."""
    first = Path(photos[0])
    return (first.stem if len(photos) == 1 else first.parent.name) or "Photos"


def known_distance(settings: Any, meters_per_unit: float) -> str:
    """As the backend reads it: "a.jpg:310,200 b.jpg:1200,90 0.75". Raises InputError."""
    ends: list[str] = []
    for point in (settings.known_first, settings.known_second):
        if point.photo not in settings.photos:
            raise InputError(
                "The known distance lacks a photo.", hint="Choose both, or turn Known Distance off."
            )
        at = f":{point.pixel[0]},{point.pixel[1]}" if settings.known_between == "points" else ""
        ends.append(shlex.quote(point.photo + at))
    if ends[0] == ends[1]:
        raise InputError("The known distance is from a place to itself.", hint="Choose two places.")
    return f"{ends[0]} {ends[1]} {settings.known_distance * meters_per_unit:.9g}"


def photos_in(path: Path) -> tuple[str, ...]:
    """The path itself, or the photos in the folder, by name."""
    if not path.is_dir():
        return (str(path),) if path.suffix.lower() in ENDINGS else ()
    photos = (
        p for p in path.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith(".")
    )
    found = sorted(
        (p for p in photos if p.suffix.lower() not in VIDEO_ENDINGS), key=lambda p: p.name
    )
    return tuple(str(p) for p in found)
