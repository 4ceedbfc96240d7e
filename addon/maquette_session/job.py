"""One import as this Blender sees it, from the photos chosen to the scene built: ids and plain data only."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from maquette_protocol.messages import JobPartial, JobProgress, JobRecord, JobRequest

Phase = Literal[
    "waiting",  # for the backend
    "uploading",
    "queued",
    "running",
    "cancelling",
    "fetching",  # the result, from another machine
    "arrived",  # the result is here, not yet in the scene
    "building",
    "built",
    "kept",  # done, but its scene is gone: in the list of results
    "failed",
    "cancelled",
]
_ENDED = ("arrived", "building", "built", "kept", "failed", "cancelled")
_OVER = ("built", "kept", "failed", "cancelled")


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What the user asked for, read once from the panel."""

    title: str  # "24 photos of office"
    photos: tuple[
        str, ...
    ]  # absolute paths on this machine; of a scene to be taken apart its folder
    options: dict[str, Any]  # fields of the backend's options for this kind, as JSON
    build: dict[str, Any]  # how the result is shown, as JSON
    kind: Literal["reconstruct", "segment"] = "reconstruct"
    replaces: int = 0  # session_uid of the collection whose surfaces the result takes the place of


@dataclass(frozen=True, kw_only=True, eq=False)
class Partial:
    """What is known of the scene while the job runs; frames as in JobPartial."""

    points: npt.NDArray[np.float32]
    colors: npt.NDArray[np.uint8]
    cameras: npt.NDArray[np.float32]


@dataclass(kw_only=True)
class ImportJob:
    """State of one import; changed by the session alone."""

    request: ImportRequest
    job: str = field(default_factory=lambda: secrets.token_hex(16))
    phase: Phase = "waiting"
    is_known: bool = False  # the server has it: attach to it, do not submit it again
    is_adopted: bool = False  # taken up from a file; nothing was heard of it yet
    stage: str = ""
    done: float = 0.0
    note: str = ""
    seconds_left: float = -1.0
    num_registered: int = 0
    num_photos: int = 0
    partial: Partial | None = None
    folder: str = ""  # of the result, on this machine
    summary: dict[str, Any] = field(default_factory=dict[str, Any])
    message: str = ""
    hint: str = ""
    heard_s: float = 0.0  # when seconds_left was heard, time.monotonic

    @property
    def has_ended(self) -> bool:
        """The backend has no more to do."""
        return self.phase in _ENDED

    @property
    def is_over(self) -> bool:
        """Nothing more will come of it by itself."""
        return self.phase in _OVER

    def job_request(self, inputs: tuple[str, ...]) -> JobRequest:
        """As the server takes it."""
        request = self.request
        return JobRequest(
            kind=request.kind, title=request.title, inputs=inputs, options=request.options
        )

    def hear_progress(self, progress: JobProgress) -> None:
        """Newest progress."""
        if self.has_ended:
            return
        if self.phase != "cancelling":
            self.phase = "running"
        self.stage, self.note = progress.stage, progress.note
        self.done = max(self.done, progress.done)
        self.seconds_left, self.heard_s = progress.seconds_left, time.monotonic()

    def hear_partial(self, partial: JobPartial) -> None:
        """Newest view of the scene."""
        if self.has_ended:
            return
        self.num_registered, self.num_photos = partial.num_registered, partial.num_photos
        arrays = partial.arrays
        points = _rows(arrays.get("points"), (3,), np.float32)
        colors = _rows(arrays.get("colors"), (3,), np.uint8)
        cameras = _rows(arrays.get("cameras"), (4, 4), np.float32)
        if len(colors) != len(points):
            colors = np.full((len(points), 3), 255, np.uint8)
        self.partial = Partial(points=points, colors=colors, cameras=cameras)

    def hear_record(self, record: JobRecord) -> None:
        """What the server knows; never brings an ended job back."""
        if self.has_ended:
            return
        self.is_known = True
        if record.state == "done":
            self.done, self.stage, self.note = 1.0, "", ""
            self.summary = dict(record.summary)
            self.phase = "fetching"
            if self.is_adopted:
                # a file that changes by being opened would be a surprise
                self.close("kept", "It was finished while this file was closed: see Results.")
        elif record.state in ("failed", "cancelled"):
            self.message, self.hint = record.message, record.hint
            self.phase = "failed" if record.state == "failed" else "cancelled"
        elif record.state == "cancelling" or self.phase == "cancelling":
            self.phase = "cancelling"
        else:
            self.phase = "queued" if record.state == "queued" else "running"
            self.stage, self.note = record.stage or self.stage, record.note or self.note
            self.done = max(self.done, record.done)
        self.is_adopted = False
        if self.has_ended:
            self.partial = None

    def fail(self, message: str, hint: str) -> None:
        """Over, with the reason and what to do."""
        if not self.has_ended:
            self.phase, self.message, self.hint, self.partial = "failed", message, hint, None

    def close(self, phase: Phase, message: str) -> None:
        """Over: built, or kept for later."""
        self.phase, self.message, self.hint, self.partial = phase, message, "", None

    @property
    def placed(self) -> str:
        """For the panel: "12 of 24 photos placed", "" while there is none."""
        if not self.num_registered:
            return ""
        return f"{self.num_registered} of {self.num_photos} photos placed"

    @property
    def time_left(self) -> str:
        """For the panel: "about 3 min left", "" where it is not known."""
        if self.seconds_left < 0 or self.phase != "running":
            return ""
        left = max(self.seconds_left - (time.monotonic() - self.heard_s), 1.0)
        if left < 90:
            return f"about {left:.0f} s left"
        return f"about {left / 60:.0f} min left"


def _rows(
    array: "npt.NDArray[Any] | None", shape: tuple[int, ...], dtype: "npt.DTypeLike"
) -> "npt.NDArray[Any]":
    """The array where it is rows of `shape`, else none: a server's word is checked before it is drawn."""
    if array is None or array.shape[1:] != shape:
        return np.zeros((0, *shape), dtype)
    array = np.ascontiguousarray(array, dtype)
    if array.dtype.kind == "f":
        array = array[np.isfinite(array).all(axis=tuple(range(1, array.ndim)))]
    return array
