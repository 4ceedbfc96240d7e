"""Photos in, an editable Blender scene out; then say what to change.

    import maquette
    scene = maquette.reconstruct("photos/", maquette.ReconstructOptions(quality="draft"))
    scene.save("my_room")
    scene.export("my_room.glb")

Names are loaded when first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maquette.api import open_scene as open_scene
    from maquette.api import reconstruct as reconstruct
    from maquette.options import ReconstructOptions as ReconstructOptions
    from maquette.scene import Scene as Scene

__version__ = "0.1.0"

_PUBLIC = {
    "ReconstructOptions": "maquette.options",
    "Scene": "maquette.scene",
    "open_scene": "maquette.api",
    "reconstruct": "maquette.api",
}
__all__ = ["ReconstructOptions", "Scene", "__version__", "open_scene", "reconstruct"]


def __getattr__(name: str) -> object:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'maquette' has no attribute {name!r}")
