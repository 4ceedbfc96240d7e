"""Maquette in Blender: photos in, an editable scene out. The heavy work is the backend's, in a process of its own.

Every module listed here has `CLASSES`, and `register`/`unregister` where it needs more than its classes.
"""

import bpy

from . import scene_panel
from .operators import export_scene, look_through, measure, open_scene

MODULES = (  # in the order in which they are registered
    open_scene,
    look_through,
    measure,
    export_scene,
    scene_panel,
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
