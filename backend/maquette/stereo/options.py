"""How much work stereo puts into each photo."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class StereoOptions:
    """Options of `estimate_depth`; lengths are in pixels of the reduced photo."""

    max_side_px: int = 640  # longer photos are reduced to this; depth maps have this size
    sweep_side_px: int = 320  # the first sweep over the whole depth range runs at this size
    num_sources: int = 8  # photos that each photo is matched against
    max_planes: int = 192  # of the first sweep
    radius_px: int = 3  # half the side of the matching window
    fills: bool = True  # blank surfaces get planes from their surroundings

    @classmethod
    def for_quality(cls, quality: Literal["draft", "normal", "high"]) -> "StereoOptions":
        """The settings behind the three qualities."""
        if quality == "draft":
            return cls(max_side_px=320, num_sources=4, max_planes=128)
        if quality == "normal":
            return cls()
        return cls(max_side_px=1280, sweep_side_px=480, num_sources=8, max_planes=256)
