"""Where things were in the photos: kept with a thing when an edit first moves it, in scenes that photos were taken of.

The document's unknown keys outlive saving, so "put it back where it was in the photo" works in a later session, too.
"""

from dataclasses import replace
from typing import Any

from maquette.editing.scene_view import SceneView
from maquette_protocol.document import SceneObject

_KEY = "world_from_object_in_photo"


def remembered(before: SceneView, after: SceneView) -> dict[str, SceneObject | None]:
    """What has moved for the first time, with the place that it had in the photos; what is back there, without."""
    if not any(camera.image for camera in before.cameras.values()):
        return {}
    found: dict[str, SceneObject | None] = {}
    for key, item in after.objects.items():
        old = before.objects.get(key)
        if old is None or old.world_from_object == item.world_from_object:
            continue
        kept: dict[str, Any] = {_KEY: [list(row) for row in old.world_from_object], **item.extra}
        if kept[_KEY] == [list(row) for row in item.world_from_object]:
            del kept[_KEY]
        if kept != item.extra:
            found[key] = replace(item, extra=kept)
    return found


def in_photo(view: SceneView) -> SceneView:
    """The scene with every thing where it was in the photos."""
    items: dict[str, SceneObject | None] = {}
    for key, item in view.objects.items():
        place = item.extra.get(_KEY)
        if isinstance(place, list):
            rows = tuple(tuple(float(v) for v in row) for row in place)
            items[key] = replace(item, world_from_object=rows)
    return view.changed(items) if items else view
