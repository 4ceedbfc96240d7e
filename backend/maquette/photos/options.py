"""What loading photos can be told, and what it gives."""

from dataclasses import dataclass, field
from pathlib import Path

from maquette.types import View


@dataclass(frozen=True, kw_only=True)
class PhotoOptions:
    """How photos and videos are taken in."""

    masks: Path | None = None  # folder with one mask per photo: black is left out of everything
    min_photos: int = 2  # fewer usable ones are no start
    max_pixels: int = 50_000_000  # larger photos are reduced to this
    png_max_pixels: int = 4_000_000  # copies up to this are PNG, larger ones JPEG at quality 95
    min_long_side_px: int = 160  # photos smaller than this are left out
    min_short_side_px: int = 120
    video_min_frames: int = 16  # taken of a video that hardly moves, if it has that many
    video_max_frames: int = 80  # taken of a video at most
    video_flow_share: float = 0.06  # of the width that things move between key frames (median)


@dataclass(frozen=True, kw_only=True)
class PhotoSet:
    """The usable photos, and what became of the others."""

    views: tuple[View, ...]
    left_out: dict[str, str] = field(default_factory=dict)  # photo's name → why, in plain words
    warnings: tuple[str, ...] = ()  # what else the user should know; nothing that left_out says
