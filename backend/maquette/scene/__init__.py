"""The scene folder: document, arrays, textures, photos, COLMAP model."""

from maquette.scene.build import build_scene
from maquette.scene.scene import Scene

__all__ = ["Scene", "build_scene"]
