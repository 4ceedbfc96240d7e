"""Level and place: which way is up, main axes along X and Y, the floor at z = 0, and how long a metre is."""

from maquette.level.place import Leveling, LevelOptions, apply_leveling, level_reconstruction
from maquette.level.scale import KnownDistance

__all__ = [
    "KnownDistance",
    "LevelOptions",
    "Leveling",
    "apply_leveling",
    "level_reconstruction",
]
