"""Single things as they were, or only where they were."""

from dataclasses import replace

import numpy as np

from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.photo_places import remembered
from maquette.editing.scene_view import SceneView


def remember(edit: Edit) -> None:
    places = remembered(edit.before, edit.view)
    if places:
        edit.put(places)


def restore(edit: Edit, source: SceneView, keys: list[str]) -> None:
    """Things, and what they carried then, as they were then."""
    now = edit.view.objects
    carried = [k for k in source.carried(keys) if k in now]
    items = {k: source.objects[k] for k in (*keys, *carried)}
    known = now.keys() | items.keys()
    edit.put(
        {k: replace(i, parent=i.parent if i.parent in known else None) for k, i in items.items()}
    )


def move_back(edit: Edit, source: SceneView, keys: list[str]) -> None:
    """Things to where they were then; what is on them now comes along."""
    for key in keys:
        if key not in edit.view.objects:
            raise Cannot(f"'{source.name(key)}' was deleted; say “bring it back”.")
        then = np.array(source.objects[key].world_from_object, float)
        now = np.array(edit.view.objects[key].world_from_object, float)
        change = then @ np.linalg.pinv(now)
        edit.transform(edit.group(key), change[:3, :3], change[:3, 3])
        edit.set(key, world_from_object=source.objects[key].world_from_object)  # to the last bit
