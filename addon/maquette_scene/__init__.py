"""From a scene folder to Blender data, with nothing registered: the extension and the .blend export both use this.

Needs bpy, numpy and `maquette_protocol.document`; no operator, no context, no mode. Modules, bottom to top:

    tensors    arrays.safetensors as read-only views of the file
    folder     the scene folder: document, arrays, pictures
    arrays     what a mesh needs, checked and laid out; plain numpy, off the main thread
    lens       K to Blender's lens and shift
    mesh, material, points, camera   one kind of Blender data each
    watch      whether an undo or another file took the data away
    build      all of it, in small steps
"""

from .build import Build, BuildOptions, BuiltScene, Step, build_scene, build_steps
from .folder import SceneFolder

__all__ = [
    "Build",
    "BuildOptions",
    "BuiltScene",
    "SceneFolder",
    "Step",
    "build_scene",
    "build_steps",
]
