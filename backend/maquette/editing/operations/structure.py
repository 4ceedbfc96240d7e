"""Delete, group, rename, show and hide, lock, select."""

from dataclasses import replace

import numpy as np

from maquette.editing.boxes import CONTACT, polygon_contains, polygon_depth
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.plan import Delete, Group, Lock, Rename, Select, Visibility
from maquette.editing.scene_view import STRUCTURE, SceneView
from maquette_protocol.document import Bounds, SceneObject


def delete(edit: Edit, operation: Delete) -> None:
    """What stood on a deleted thing drops to the surface below; its parts go with it."""
    keys = edit.find(operation.targets)
    for key in keys:
        if edit.view.objects[key].locked:
            raise Cannot(f"'{edit.view.name(key)}' is locked; unlock it first.")
        if edit.view.objects[key].kind in ("floor", "ceiling"):
            raise Cannot(f"'{edit.view.name(key)}' is part of the room and cannot be deleted.")
    names = edit.view.names(keys)
    remove(edit, keys)
    edit.about(keys)
    edit.messages.append(f"Deleted {names}.")


def remove(edit: Edit, keys: list[str]) -> None:
    """Without a message."""
    view = edit.view
    parts = [
        k
        for key in keys
        for k in view.children(key)
        if view.objects[k].geometry is None and view.objects[k].kind == "light"
    ]
    gone = {*keys, *parts}
    falling = [k for k in view.carried(keys) if k not in gone and view.supports(k)]
    freed = {
        k: replace(view.objects[k], parent=None)
        for key in gone
        for k in view.children(key)
        if k not in gone
    }
    edit.put({**freed, **dict.fromkeys(gone)})
    if view.document.selection and gone & set(view.document.selection):
        edit.put({}, selection=tuple(k for k in view.document.selection if k not in gone))
    for key in sorted(falling, key=lambda k: edit.view.body(k).bottom):
        drop(edit, key)


def drop(edit: Edit, key: str) -> None:
    """Down to the highest surface below, if it stands on nothing; else up onto what it is inside of."""
    view = edit.view
    if view.supports(key):
        return
    body = view.body(key)
    inside = view.collisions(body.pieces, [key])
    tops = {
        piece.top
        for other in view.ids
        if other != key
        for piece in view.body(other).pieces.items
        if piece.top <= body.bottom + inside.get(other, 0.0) + CONTACT
        and (
            polygon_contains(piece.footprint, body.box.centre[:2])
            or any(polygon_depth(piece.footprint, foot.footprint) > 0.001 for foot in body.feet)
        )
    }
    down = sorted((top for top in tops if top <= body.bottom + CONTACT), reverse=True)
    for top in [*down, *sorted(tops.difference(down))]:
        moved = body.moved(np.array([0, 0, top - body.bottom]))
        if not view.new_collisions(moved.pieces, body.pieces, [key]):
            edit.shift([key], np.array([0, 0, top - body.bottom]))
            return


def group(edit: Edit, operation: Group) -> None:
    keys = edit.find(operation.targets)
    if operation.is_undo:
        _ungroup(edit, keys)
        return
    if operation.under is not None:
        edit.grounder.subject = tuple(keys)
        parent = edit.grounder.one(operation.under)
        edit.grounder.subject = ()
        keys = [key for key in keys if key != parent]
        ancestors = _ancestors(edit.view, parent)
        if not keys or any(key in ancestors for key in keys):
            raise Cannot("A thing cannot be its own parent.")
        edit.put({key: replace(edit.view.objects[key], parent=parent) for key in keys})
        edit.about(keys)
        edit.messages.append(f"Made {edit.view.names(keys)} part of '{edit.view.name(parent)}'.")
        return
    key = edit.new_id("group")
    centre = np.mean([edit.view.box(k).centre for k in keys], axis=0)
    matrix = np.eye(4)
    matrix[:3, 3] = centre
    holder = SceneObject(
        id=key,
        name=operation.name or edit.new_name("Group.000"),
        world_from_object=tuple(map(tuple, matrix.tolist())),
        bounds=Bounds(min=(0.0, 0.0, 0.0), max=(0.0, 0.0, 0.0)),
    )
    members = {k: replace(edit.view.objects[k], parent=key) for k in keys}
    edit.put({**members, key: holder})
    edit.about(keys)
    edit.messages.append(f"Grouped {edit.view.names(keys)}.")


def _ancestors(view: SceneView, key: str) -> set[str]:
    found = {key}
    parent = view.objects[key].parent
    while parent is not None and parent not in found:
        found.add(parent)
        parent = view.objects[parent].parent
    return found


def _ungroup(edit: Edit, keys: list[str]) -> None:
    view = edit.view
    freed = {k for key in keys for k in view.children(key)} or {
        key for key in keys if view.objects[key].parent
    }
    if not freed:
        raise Cannot(f"{view.names(keys)} is no group and has no parent.")
    parents = {parent for k in freed if (parent := view.objects[k].parent)}
    empty = [
        key
        for key in parents
        if view.objects[key].geometry is None
        and view.objects[key].light is None
        and set(view.children(key)) <= freed
    ]
    edit.put({**{k: replace(view.objects[k], parent=None) for k in freed}, **dict.fromkeys(empty)})
    edit.about(sorted(freed))
    edit.messages.append(f"Ungrouped {edit.view.names(sorted(freed))}.")


def rename(edit: Edit, operation: Rename) -> None:
    keys = edit.find(operation.targets)
    name = operation.to.strip()
    if not name:
        raise Cannot("A name needs at least one letter.")
    for number, key in enumerate(keys):
        old = edit.view.objects[key]
        if operation.is_label:
            edit.put({key: replace(old, label=name.lower())})
        else:
            edit.put({key: replace(old, name=name if len(keys) == 1 else f"{name} {number + 1}")})
    edit.about(keys)
    edit.messages.append(
        f"{'Labelled' if operation.is_label else 'Renamed'} {edit.before.names(keys)} "
        f"{'as' if operation.is_label else 'to'} '{name}'."
    )


def visibility(edit: Edit, operation: Visibility) -> None:
    wants_hidden = operation.is_visible and not operation.is_isolate
    keys = edit.find(operation.targets)
    if (
        wants_hidden
        and operation.targets.number == "many"
        and any(not edit.view.objects[k].visible for k in keys)
    ):
        keys = [k for k in keys if not edit.view.objects[k].visible]
    parts = [
        k for key in keys for k in edit.view.children(key) if edit.view.objects[k].geometry is None
    ]
    if operation.is_isolate:
        kept = {*keys, *parts}
        others = [
            k
            for k, item in edit.view.objects.items()
            if k not in kept and item.kind not in STRUCTURE and item.light is None
        ]
        edit.put({k: replace(edit.view.objects[k], visible=False) for k in others})
        edit.put({k: replace(edit.view.objects[k], visible=True) for k in keys})
        edit.messages.append(f"Showing only {edit.view.names(keys)}.")
    else:
        edit.put({k: replace(edit.view.objects[k], visible=operation.is_visible) for k in keys})
        edit.messages.append(
            f"{'Showing' if operation.is_visible else 'Hid'} {edit.view.names(keys)}."
        )
    edit.about(keys)


def lock(edit: Edit, operation: Lock) -> None:
    keys = edit.find(operation.targets)
    edit.put({key: replace(edit.view.objects[key], locked=operation.is_locked) for key in keys})
    edit.about(keys)
    edit.messages.append(
        f"{'Locked' if operation.is_locked else 'Unlocked'} {edit.view.names(keys)}."
    )


def select(edit: Edit, operation: Select) -> None:
    keys = edit.find(operation.targets)
    edit.put({}, selection=tuple(keys))
    edit.about(keys)
    edit.messages.append(f"Selected {edit.view.names(keys)}.")
