"""The scene folder: document, arrays, textures, photos, COLMAP model."""

from maquette.scene.scene import Scene, is_scene

__all__ = ["Scene", "is_scene"]
