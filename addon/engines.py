"""The engines, as the panel offers them, and which of them fits the photos; nothing here needs Blender."""

from collections.abc import Collection
from pathlib import Path

VIDEO_ENDINGS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v")

# fixed, not asked of the backend: Blender 4.2 crashes at its end where a callback gave the items
ITEMS = (
    (
        "classical",
        "Classical",
        "Cameras by matching features, depth by stereo: two photos or more, no model, no GPU",
    ),
    (
        "g2vlm",
        "G²VLM",
        "Cameras and depth of one or many photos by a neural network; needs its model",
    ),
    (
        "onnx",
        "Depth Model",
        "Depth of one photo alone by a neural network such as MoGe-2; needs its model",
    ),
)
_FOR_ONE_PHOTO = ("onnx", "g2vlm")  # the quicker first


def is_one_photo(photos: Collection[str]) -> bool:
    """Whether it is a single picture: a video has many."""
    return len(photos) == 1 and Path(next(iter(photos))).suffix.lower() not in VIDEO_ENDINGS


def fitting(engine: str, photos: Collection[str], ready: Collection[str]) -> str:
    """The engine to offer for these photos: the one chosen, where it can take them, else one that is ready and can."""
    if not photos or not _misfit(engine, photos):
        return engine
    candidates = _FOR_ONE_PHOTO if is_one_photo(photos) else ("classical",)
    return next((one for one in candidates if one in ready), engine)


def remark(engine: str, photos: Collection[str], ready: Collection[str] | None) -> str:
    """What speaks against this engine, or "". ready: the engines that can run now; None where nobody knows."""
    if photos and (said := _misfit(engine, photos)):
        return said
    if ready is not None and engine not in ready:
        return "This engine lacks something on the backend. Doctor, under Backend, says what."
    return ""


def _misfit(engine: str, photos: Collection[str]) -> str:
    if engine == "classical" and is_one_photo(photos):
        return "One photo alone needs another engine: Depth Model or G²VLM."
    if engine == "onnx" and not is_one_photo(photos):
        return "Depth Model makes a scene of one photo alone."
    return ""
