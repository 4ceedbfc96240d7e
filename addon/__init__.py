"""Maquette in Blender: photos in, an editable scene out. The heavy work is the backend's, in a process of its own.

Every module listed here has `CLASSES`, and `register`/`unregister` where it needs more than its classes.
"""

import bpy

from . import (
    conversation,
    edit_panel,
    menu,
    overlay,
    panels,
    preferences,
    properties,
    runtime,
    scene_panel,
    status_bar,
)
from .operators import (
    add_result,
    backend,
    by_hand,
    cancel,
    connect,
    edit,
    export_scene,
    import_photos,
    look_through,
    measure,
    open_scene,
    photos,
    take_apart,
)

MODULES = (  # in the order in which they are registered
    preferences,
    runtime,
    properties,
    conversation,
    photos,
    import_photos,
    cancel,
    backend,
    connect,
    open_scene,
    add_result,
    look_through,
    measure,
    take_apart,
    by_hand,
    edit,
    export_scene,
    menu,
    panels,
    edit_panel,
    scene_panel,
    overlay,
    status_bar,
)


def register() -> None:
    for module in MODULES:
        for cls in module.CLASSES:
            bpy.utils.register_class(cls)
        if hasattr(module, "register"):
            module.register()


def unregister() -> None:
    for module in reversed(MODULES):
        if hasattr(module, "unregister"):
            module.unregister()
        for cls in reversed(module.CLASSES):
            bpy.utils.unregister_class(cls)
