"""Depth maps to one clean mesh: completion by a visibility cut, fusion, cleaning, decimation, colours."""

from maquette.surface.build import Surface, SurfaceOptions, build_surface

__all__ = ["Surface", "SurfaceOptions", "build_surface"]
