"""What may be wished of the things."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SegmentOptions:
    """Options of taking a scene apart."""

    complete: bool = True  # continue surfaces behind and under what stands before them
