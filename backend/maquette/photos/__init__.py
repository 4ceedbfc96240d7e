"""Photos and videos in, uniform views out; and the sky in them.

`sources` finds the files, `decode`, `exif`, `video` and `masks` read them, `duplicates` and `devices`
compare them, `load` joins all that; `sky` is a stage of its own. `pixels` is what other stages read with.
"""

from maquette.photos.load import load_photos
from maquette.photos.options import PhotoOptions, PhotoSet
from maquette.photos.sky import find_sky
from maquette.photos.sources import list_sources

__all__ = ["PhotoOptions", "PhotoSet", "find_sky", "list_sources", "load_photos"]
