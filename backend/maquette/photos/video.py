"""Key frames of a video: sharp ones, far enough apart to see depth, close enough to match.

Two passes over the file, so that memory holds a few small frames only: the first tracks corners
(Lucas-Kanade) on reduced frames, the second decodes the chosen frames in full.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from maquette.photos.decode import UnusableError
from maquette.photos.options import PhotoOptions
from maquette.types import ByteArray, FloatArray

_ANALYSIS_SIDE_PX = 480
_ANALYSIS_FPS = 10.0
_MAX_ANALYSED = 1800  # three minutes at full rate; longer videos are looked at more rarely
_NUM_CORNERS = 300
_MIN_TRACKED = 0.35  # share of corners; with fewer left, the scene is another one
_WINDOW = 2  # frames to either side of a key frame among which the sharpest is taken

Tick = Callable[[float], None]  # share done; raises to cancel


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """One analysed frame."""

    index: int  # in the video
    sharpness: float
    is_key: bool  # things moved enough since the last key frame


def read_key_frames(
    path: Path, options: PhotoOptions, tick: Tick
) -> Iterator[tuple[int, ByteArray]]:
    """(frame number, (H, W, 3) uint8 RGB upright) of the key frames, in order.

    `tick` gets the share done, often. Raises UnusableError where no frame can be read.
    """
    seen = _analyse(path, options, lambda share: tick(0.5 * share))
    if not seen:
        raise UnusableError("no picture can be read from this video.")
    chosen = choose_frames(
        [frame.sharpness for frame in seen],
        [place for place, frame in enumerate(seen) if frame.is_key],
        at_least=options.video_min_frames,
        at_most=options.video_max_frames,
    )
    wanted = [seen[place].index for place in chosen]
    with _Reader(path) as reader:
        for number, index in enumerate(wanted):
            frame = reader.frame(
                index, lambda i: tick(0.5 + 0.5 * min(1.0, i / max(1, wanted[-1])))
            )
            tick(0.5 + 0.5 * number / len(wanted))
            if frame is not None:
                yield index, np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)


def choose_frames(
    sharpness: list[float], keys: list[int], *, at_least: int, at_most: int
) -> list[int]:
    """Places to take among the analysed frames: near each key the sharpest, none twice.

    Too few keys (a camera that hardly moves) are filled up evenly in time, too many thinned evenly.
    """
    last = len(sharpness) - 1
    places = sorted({0, *keys})
    if len(places) < at_least:
        places = [round(place) for place in np.linspace(0, last, min(at_least, last + 1))]
    if len(places) > at_most:
        picked = np.linspace(0, len(places) - 1, at_most).round().astype(int)
        places = [places[number] for number in picked]
    chosen: list[int] = []
    for number, place in enumerate(places):
        # A window ends half-way to its neighbours, so that two keys never take the same frame.
        before = (places[number - 1] + place) // 2 + 1 if number else 0
        after = (place + places[number + 1]) // 2 if number + 1 < len(places) else last
        window = range(max(before, place - _WINDOW), min(after, place + _WINDOW) + 1)
        chosen.append(max(window, key=lambda at: (sharpness[at], -at), default=place))
    return sorted(set(chosen))


def _analyse(path: Path, options: PhotoOptions, tick: Tick) -> list[_Seen]:
    seen: list[_Seen] = []
    with _Reader(path) as reader:
        stride = reader.stride()
        motion = _Motion(options.video_flow_share)
        index = 0
        while (frame := reader.frame(index, tick_none)) is not None:
            grey = _small_grey(frame)
            sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var())
            seen.append(_Seen(index=index, sharpness=sharpness, is_key=motion.is_key(grey)))
            index += stride
            tick(min(1.0, index / max(1, reader.num_frames)))
    return seen


def tick_none(_: float) -> None:
    """Report nothing."""


class _Reader:
    """Reads single frames in rising order; frames between are skipped without converting them."""

    def __init__(self, path: Path) -> None:
        # The backend is named: another would take a name like img_%03d.jpg for a picture sequence.
        self._video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        if not self._video.isOpened():
            raise UnusableError("it is no video that can be read, or it is damaged.")
        self._video.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        self._next = 0
        self.num_frames = max(0, int(self._video.get(cv2.CAP_PROP_FRAME_COUNT)))

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._video.release()

    def stride(self) -> int:
        """Frames from one analysed frame to the next."""
        fps = self._video.get(cv2.CAP_PROP_FPS)
        by_rate = round(fps / _ANALYSIS_FPS) if 1 <= fps <= 1000 else 3
        return max(1, by_rate, -(-self.num_frames // _MAX_ANALYSED))

    def frame(self, index: int, tick: Tick) -> ByteArray | None:
        """(H, W, 3) BGR, None past the end or where the file is damaged; index never falls."""
        while self._next <= index:
            if not self._video.grab():
                return None
            self._next += 1
            tick(float(self._next))
        is_read, frame = self._video.retrieve()
        return np.asarray(frame, np.uint8) if is_read else None


class _Motion:
    """Follows corners from the last key frame on and says when they have moved far enough."""

    def __init__(self, flow_share: float) -> None:
        self._flow_share = flow_share
        self._last: ByteArray | None = None
        self._start = self._now = np.zeros((0, 1, 2), np.float32)
        self._num_started = 0

    def is_key(self, grey: ByteArray) -> bool:
        """Whether the frame (h, w) uint8 is a key frame; to be called on every analysed frame."""
        if self._last is None:
            self._restart(grey)
            return True
        self._follow(grey)
        tracked = len(self._now)
        moved = (
            float(np.median(np.linalg.norm(self._now - self._start, axis=2))) if tracked else 0.0
        )
        is_lost = self._num_started > 0 and tracked < _MIN_TRACKED * self._num_started
        if is_lost or moved > self._flow_share * grey.shape[1]:
            self._restart(grey)
            return True
        if self._num_started == 0:
            self._restart(grey)  # nothing to track yet: a black or blank beginning
        self._last = grey
        return False

    def _restart(self, grey: ByteArray) -> None:
        corners = cv2.goodFeaturesToTrack(grey, _NUM_CORNERS, 0.01, 8)
        self._start = self._now = _points(corners)
        self._num_started = len(self._start)
        self._last = grey

    def _follow(self, grey: ByteArray) -> None:
        if self._last is None or len(self._now) == 0:
            return
        moved, found, _ = cv2.calcOpticalFlowPyrLK(
            self._last, grey, self._now, self._now.copy(), winSize=(17, 17), maxLevel=4
        )
        is_found = np.asarray(found).ravel() == 1
        self._start, self._now = self._start[is_found], _points(moved)[is_found]


def _points(corners: object) -> FloatArray:
    if corners is None:
        return np.zeros((0, 1, 2), np.float32)
    return np.asarray(corners, np.float32).reshape(-1, 1, 2)


def _small_grey(frame: ByteArray) -> ByteArray:
    height, width = frame.shape[:2]
    scale = min(1.0, _ANALYSIS_SIDE_PX / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
