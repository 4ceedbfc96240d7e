"""The scene folder: document, arrays, textures, photos, COLMAP model."""

from maquette.scene.scene import Scene

__all__ = ["Scene"]
