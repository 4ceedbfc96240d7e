"""Key frames of a video: sharp, and far enough apart that things have moved in the picture."""

from pathlib import Path

import cv2
import numpy as np

from maquette.photos.decode import UnusableError
from maquette.photos.options import PhotoOptions
from maquette.progress import Progress
from maquette.types import ByteArray

_TRACK_SIDE_PX = 480  # size at which motion is measured
_WINDOW = 4  # frames around a wanted place among which the sharpest is taken
_MAX_READ = 20_000  # frames looked at; longer videos are read with gaps


def key_frames(
    video: Path, folder: Path, options: PhotoOptions, progress: Progress
) -> tuple[Path, ...]:
    """Write the key frames as JPEG into `folder`; returns their paths in time order.

    A frame is wanted where the median feature has moved by `video_flow_share` of the width since the
    last key frame. Too few: evenly spaced frames; too many: thinned evenly. Raises UnusableError.
    """
    motion, sharpness, step = _measure(video, options, progress)
    if len(motion) < 2:
        raise UnusableError("it has no two readable frames.")
    wanted = _wanted(np.asarray(motion), np.asarray(sharpness), options)
    paths = _write(video, folder, {int(i) * step for i in wanted}, progress)
    if len(paths) < 2:
        raise UnusableError("its frames cannot be read.")
    return paths


def _measure(
    video: Path, options: PhotoOptions, progress: Progress
) -> tuple[list[float], list[float], int]:
    """Per looked-at frame: motion since the one before (share of the width) and sharpness; the gap."""
    capture = cv2.VideoCapture(str(video))
    try:
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        step = max(1, round(count / _MAX_READ), round(capture.get(cv2.CAP_PROP_FPS) / 30))
        motion, sharpness = [], []
        before = None
        index = 0
        while capture.grab():
            if index % step == 0:
                readable, frame = capture.retrieve()
                if not readable:
                    break
                scale = _TRACK_SIDE_PX / max(frame.shape[:2])
                small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
                sharpness.append(float(cv2.Laplacian(grey, cv2.CV_32F).var()))
                motion.append(0.0 if before is None else _flow_share(before, grey))
                before = grey
                progress.update(0.0, f"{video.name}: frame {index} of {max(count, index)}")
            index += 1
        return motion, sharpness, step
    finally:
        capture.release()


def _flow_share(before: ByteArray, after: ByteArray) -> float:
    corners = cv2.goodFeaturesToTrack(before, 200, 0.01, 12)
    if corners is None or len(corners) < 8:
        return 0.0
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, np.empty_like(corners))
    good = found.ravel() == 1
    if good.sum() < 8:
        return 1.0  # nothing could be followed: a cut, or a whip of the camera
    flow = np.linalg.norm((moved - corners).reshape(-1, 2)[good], axis=1)
    return float(np.median(flow)) / before.shape[1]


def _wanted(motion: np.ndarray, sharpness: np.ndarray, options: PhotoOptions) -> list[int]:
    travelled = np.cumsum(motion)
    total = float(travelled[-1])
    count = int(np.clip(total / options.video_flow_share, 0, options.video_max_frames))
    if count < options.video_min_frames:
        places = np.linspace(0, len(motion) - 1, min(options.video_min_frames, len(motion)))
    else:
        places = np.interp(np.linspace(0, total, count), travelled, np.arange(len(motion)))
    chosen = []
    for place in np.unique(np.rint(places).astype(int)):
        low, high = max(0, place - _WINDOW), min(len(motion), place + _WINDOW + 1)
        chosen.append(low + int(np.argmax(sharpness[low:high])))
    return sorted(set(chosen))


def _write(video: Path, folder: Path, wanted: set[int], progress: Progress) -> tuple[Path, ...]:
    capture = cv2.VideoCapture(str(video))
    paths = []
    try:
        index = 0
        while wanted and capture.grab():
            if index in wanted:
                wanted.discard(index)
                readable, frame = capture.retrieve()
                if readable:
                    path = folder / f"{video.stem}_{index:06d}.jpg"
                    data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
                    path.write_bytes(data.tobytes())
                    paths.append(path)
                    progress.update(0.0, f"{video.name}: {len(paths)} key frames")
            index += 1
    finally:
        capture.release()
    return tuple(paths)
