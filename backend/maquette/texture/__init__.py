"""A mesh and its photos to one atlas: projective charts, exposure and seams levelled."""

from maquette.texture.build import TextureOptions, texture_mesh

__all__ = ["TextureOptions", "texture_mesh"]
