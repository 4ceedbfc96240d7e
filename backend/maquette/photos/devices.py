"""Which photos share one set of intrinsics: the `device` of each view."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from maquette.types import View

_MIXED_SIZES = 3  # more sizes than this, and than a quarter of the photos: gathered from the web


def assign_devices(found: Sequence[tuple[View, str]]) -> list[View]:
    """The views with their `device` filled in; the string is EXIF's camera and setting, or "".

    Photos share a device if they have the same size (upright, so that the centre of the picture
    is the same) and the same camera, lens and focal setting. Photos that name no camera share one
    if they lie in the same folder and have the same size: one person's photos, saved or shrunk by
    one program. Photos gathered from the web lose their EXIF too, but come in many sizes: where
    the unnamed photos have more than three sizes, and one for every four photos or more, each is
    its own device.
    """
    sizes = Counter(frozenset((view.width, view.height)) for view, camera in found if not camera)
    is_mixed = len(sizes) > max(_MIXED_SIZES, sum(sizes.values()) / 4)
    views = []
    for view, camera in found:
        size = f"{view.width}x{view.height}"
        if camera:
            device = f"{camera}, {size}"
        elif is_mixed:
            device = f"{view.name}, {size}"
        else:
            device = f"{view.source.parent}, {size}"
        views.append(replace(view, device=device))
    return views
