"""After solving: nothing new is inside another thing, nothing floats that rested, nobody else moved."""

from maquette.editing.boxes import CONTACT
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.relations import max_overlap
from maquette.editing.scene_view import STRUCTURE, SceneView


def changed_shapes(before: SceneView, after: SceneView) -> list[str]:
    """What is new, or lies, stands or is shaped anew."""
    return [
        key
        for key, item in after.objects.items()
        if (old := before.objects.get(key)) is None
        or old.world_from_object != item.world_from_object
        or old.geometry != item.geometry
        or old.bounds != item.bounds
    ]


def verify(edit: Edit) -> None:
    """Raises Cannot with the reason where the edit leaves the scene impossible."""
    touched = changed_shapes(edit.before, edit.view)
    deleted = [key for key in edit.before.objects if key not in edit.view.objects]
    _no_new_overlap(edit, touched)
    _nothing_floats(edit, touched, deleted)


def _no_new_overlap(edit: Edit, touched: list[str]) -> None:
    before, after = edit.before, edit.view
    for key in touched:
        pieces = after.body(key).pieces
        if not len(pieces):
            continue
        for other, depth in after.collisions(pieces, [key]).items():
            if key in before.objects and other in before.objects:
                was = max_overlap(before.body(key), before.body(other))
                if depth <= was + CONTACT:
                    continue
            raise Cannot(
                f"'{after.name(key)}' would be {depth * 100:.1f} cm inside '{after.name(other)}'; nothing is changed."
            )


def _nothing_floats(edit: Edit, touched: list[str], deleted: list[str]) -> None:
    before, after = edit.before, edit.view
    moved = {*touched, *deleted}
    near = _standing_on(before, moved)
    for key in dict.fromkeys([*touched, *near]):
        if key not in after.objects or after.objects[key].kind in STRUCTURE:
            continue
        if key in edit.lifted:
            continue
        is_new = key not in before.objects
        below = () if is_new else before.supports(key)
        if not is_new and (not below or (key not in moved and not moved.intersection(below))):
            continue
        if is_new and after.objects[key].geometry is None:
            continue
        if not after.supports(key):
            raise Cannot(f"'{after.name(key)}' would hang in the air; nothing is changed.")


def _standing_on(view: SceneView, keys: set[str]) -> list[str]:
    found: list[str] = []
    for key in keys:
        if key in view.objects and view.objects[key].kind not in STRUCTURE:
            found += [other for other in view.standing_on(key) if other not in found]
    return found
