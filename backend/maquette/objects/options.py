"""What may be wished of the things."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SegmentOptions:
    """Options of taking a scene apart."""

    complete: bool = True  # continue surfaces behind and under what stands before them

    # by hand, on a scene that was taken apart before: then nothing else is done. Splits come first, labels last
    split: tuple[str, ...] = ()  # strokes as JSON, see strokes.py; each makes one new thing
    merge: tuple[tuple[str, ...], ...] = ()  # ids of things that are one; the first stays
    relabel: tuple[tuple[str, ...], ...] = ()  # pairs of id and label

    # names from models, likewise on a scene that was taken apart; both folders or none
    detector: Path | None = None  # OWLv2
    masker: Path | None = None  # SAM 2
    words: tuple[str, ...] = ()  # what to look for; none: what is common in homes and offices

    @property
    def is_by_hand(self) -> bool:
        """Whether things are changed instead of found."""
        return bool(self.split or self.merge or self.relabel or self.detector or self.masker)
