"""What a user can choose about a reconstruction; flags, panel and messages are made from this one place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Quality = Literal["draft", "normal", "high"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)


@dataclass(frozen=True, kw_only=True)
class ReconstructOptions:
    """Options of one reconstruction. Each stage derives its own from `quality`."""

    engine: str = "classical"  # a name in maquette.engines.ENGINES
    model: Path | None = None  # folder of the weights, for engines that need some
    refine: bool = (
        False  # adjust a network's cameras to matched points, and scale its depth to them
    )
    quality: Quality = "normal"  # how much time to spend: about 1, 4 or 20 minutes for 20 photos
    masks: Path | None = None  # folder with one mask per photo: black is left out
    cameras: Path | None = None  # folder of a COLMAP model: use these cameras, estimate none
    known: tuple[str, ...] = ()  # "p1 p2 metres" each; see maquette.level for what a p may be
    keep_depth: bool = False  # also write depth/<photo>.npz
    report: bool = True  # write report.html into the scene folder
    depth_views: tuple[str, ...] | None = (
        None  # only these photos give depth and texture; None: all
    )
