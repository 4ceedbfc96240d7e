"""Photos, folders, patterns and videos to uniform views: upright 8-bit sRGB, with masks and sky."""

from maquette.photos.load import load_photos
from maquette.photos.options import PhotoOptions, PhotoSet
from maquette.photos.sky import find_sky
from maquette.photos.sources import list_sources

__all__ = ["PhotoOptions", "PhotoSet", "find_sky", "list_sources", "load_photos"]
