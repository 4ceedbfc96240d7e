"""Progress of a long job: stages with weights, one number that never falls, and the place to stop.

A stage calls `progress.update(done, note)` at least twice a second; that call raises `Cancelled` when
the user asked to stop, so every stage can be stopped without knowing how.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from maquette_protocol.errors import Cancelled


@dataclass(frozen=True, kw_only=True)
class ProgressEvent:
    """One report: the stage as shown to the user, and the share of it and of the whole job done."""

    stage: str
    stage_done: float  # 0..1
    done: float  # 0..1 over the whole job, never falls
    note: str = ""  # "12 of 20 photos"
    text: str = ""  # the answer that is being given, whole so far


@dataclass(frozen=True, kw_only=True)
class PartialScene:
    """What is known of the scene so far, whole each time, in a world that the next one may not share.

    arrays: points (N, 3) float32, Z about up; colors (N, 3) uint8 sRGB; cameras (C, 4, 4) float32
    world_from_camera, OpenCV axes
    """

    num_registered: int
    num_photos: int
    arrays: dict[str, Any]  # numpy's, which a listener may not need to load


def ignore_event(event: ProgressEvent) -> None:
    """Listen to nothing."""


def never() -> bool:
    """Never asked to stop."""
    return False


class Progress:
    """Reports to `listener`; raises `Cancelled` from `update` once `is_cancelled()` is true."""

    def __init__(
        self,
        listener: Callable[[ProgressEvent], None] = ignore_event,
        is_cancelled: Callable[[], bool] = never,
        on_partial: Callable[[PartialScene], None] | None = None,
    ) -> None:
        self._listener = listener
        self.on_partial = on_partial  # None: nobody looks, stages need not tell
        self._is_cancelled = is_cancelled
        self._stage, self._base, self._weight = "", 0.0, 1.0
        self._done = 0.0
        self.seconds: dict[str, float] = {}  # wall seconds per finished stage

    @contextmanager
    def stage(self, title: str, key: str, start: float, stop: float) -> Iterator["Progress"]:
        """Run a stage that covers `start`..`stop` of the whole job; its wall time goes to `seconds[key]`."""
        self._stage, self._base, self._weight = title, start, stop - start
        began = time.perf_counter()
        self.update(0.0)
        yield self
        self.seconds[key] = self.seconds.get(key, 0.0) + time.perf_counter() - began
        self.update(1.0)

    def check(self) -> None:
        """Raises Cancelled once the user asked to stop."""
        if self._is_cancelled():
            raise Cancelled

    def update(self, stage_done: float, note: str = "", text: str = "") -> None:
        """Report the share of the running stage, and what is being answered so far; raises Cancelled."""
        self.check()
        stage_done = min(max(stage_done, 0.0), 1.0)
        self._done = max(self._done, self._base + self._weight * stage_done)
        self._listener(
            ProgressEvent(
                stage=self._stage, stage_done=stage_done, done=self._done, note=note, text=text
            )
        )
