"""Run an ONNX model on one photo, on the fastest device that onnxruntime has here; say which.

Graphs that need code of their own (custom operators) are refused by onnxruntime: only its own operators run.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from maquette.models.extras import require_onnx
from maquette.models.onnx.card import InputSpec, OnnxCard
from maquette.progress import Progress
from maquette.types import BoolArray, ByteArray, FloatArray
from maquette_kernels.parallel import num_threads
from maquette_protocol.errors import InputError

# onnxruntime's names for them, the fastest first
_DEVICES = {
    "CUDAExecutionProvider": "CUDA",
    "DmlExecutionProvider": "DirectML",
    "CoreMLExecutionProvider": "Core ML",
    "CPUExecutionProvider": "CPU",
}
_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}
_TICK_S = 0.2


class Prediction(NamedTuple):
    """What the model says of one photo, at the size of its output."""

    values: FloatArray  # (H, W) float32, of points (H, W, 3)
    usable: BoolArray  # (H, W): the model's own mask; true all over where it has none
    scale: float  # that lengths are to be multiplied with
    focal_per_width: float | None  # focal length over the photo's width, where the model tells it


class Device(NamedTuple):
    """Where a model runs."""

    name: str  # "CUDA", "CPU" …
    note: str  # what did not start, or ""


def available_devices() -> tuple[str, ...]:
    """The devices that this onnxruntime is made for, the fastest first. Raises MissingPartError."""
    require_onnx()
    import onnxruntime

    there = onnxruntime.get_available_providers()
    return tuple(name for provider, name in _DEVICES.items() if provider in there)


class Session:
    """A loaded model. Raises InputError where the file is no model, or another than its card says."""

    def __init__(self, card: OnnxCard, file: Path) -> None:
        require_onnx()
        import onnxruntime

        self._card = card
        there = onnxruntime.get_available_providers()
        wanted = [provider for provider in _DEVICES if provider in there]
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors, which are raised as well
        options.intra_op_num_threads = num_threads()
        options.enable_mem_pattern = wanted[0] != "DmlExecutionProvider"  # it cannot have it
        try:
            self._session: Any = onnxruntime.InferenceSession(file, options, providers=wanted)
        except _runtime_errors() as error:
            raise InputError(
                f"{file} cannot be loaded: {error}", hint="Is it whole? Fetch it again."
            ) from error
        used = str(self._session.get_providers()[0])
        note = "" if used == wanted[0] else f"{_DEVICES[wanted[0]]} did not start"
        self.device = Device(_DEVICES.get(used, used), note)
        self._check_names(file)

    def _check_names(self, file: Path) -> None:
        output = self._card.output
        for kind, named, found in (
            (
                "input",
                {self._card.input.name, *self._card.input.numbers},
                {one.name for one in self._session.get_inputs()},
            ),
            (
                "output",
                {output.name, output.mask, output.scale, output.focal} - {""},
                {one.name for one in self._session.get_outputs()},
            ),
        ):
            # outputs that the card does not name are not asked for; inputs must all be given
            if named - found or (kind == "input" and found - named):
                raise InputError(
                    f"{file} has the {kind}s {', '.join(sorted(found))}; "
                    f"the card of {self._card.name} says {', '.join(sorted(named))}.",
                    hint="Correct the card, or take the model that it is for.",
                )

    def run(self, pixels: ByteArray, progress: Progress) -> Prediction:
        """The model's output for a photo, (H, W, 3) uint8 sRGB. Raises InputError, Cancelled."""
        spec, output = self._card.input, self._card.output
        feed: dict[str, Any] = {}
        size = (0, 0)
        for one in self._session.get_inputs():
            dtype = _dtype(one.name, one.type)
            if one.name == spec.name:
                size = input_size(spec, pixels.shape[0], pixels.shape[1])
                self._check_size(one.shape, size)
                feed[one.name] = prepare(spec, pixels, size, dtype)
            else:
                number = np.array(spec.numbers[one.name], dtype)
                feed[one.name] = number.reshape([1] * len(one.shape))
        names = [name for name in (output.name, output.mask, output.scale, output.focal) if name]
        found = dict(zip(names, self._run(names, feed, progress), strict=True))
        values = _plane(output.name, found[output.name], 3 if output.kind == "points" else 1)
        height, width = values.shape[:2]
        usable = np.ones((height, width), bool)
        if output.mask:
            mask = _plane(output.mask, found[output.mask], 1)
            if mask.shape != (height, width):
                raise InputError(
                    f"The output {output.mask!r} is {mask.shape[1]}x{mask.shape[0]} pixels, "
                    f"{output.name!r} is {width}x{height}."
                )
            usable = mask >= output.mask_threshold
        return Prediction(
            values=values,
            usable=usable,
            scale=_number(output.scale, found[output.scale]) if output.scale else 1.0,
            focal_per_width=self._focal(found, size[1]) if output.focal else None,
        )

    def _check_size(self, shape: list[Any], size: tuple[int, int]) -> None:
        layout = self._card.input.layout
        if len(shape) != len(layout):
            raise InputError(
                f"The input {self._card.input.name!r} has {len(shape)} axes, "
                f"the card's layout {layout} has {len(layout)}."
            )
        height, width = shape[layout.index("H")], shape[layout.index("W")]
        if (isinstance(height, int) and height != size[0]) or (
            isinstance(width, int) and width != size[1]
        ):
            raise InputError(
                f"The model takes {width}x{height} pixels, its card makes {size[1]}x{size[0]}.",
                hint='A model of one size has resize = "stretch" and that size in its card.',
            )

    def _run(self, names: list[str], feed: dict[str, Any], progress: Progress) -> list[Any]:
        """In a thread, so that the job can be cancelled while the model runs."""
        import onnxruntime

        options = onnxruntime.RunOptions()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self._session.run, names, feed, options)
            ticks = 0
            try:
                while True:
                    try:
                        return running.result(timeout=_TICK_S)
                    except TimeoutError:
                        ticks += 1
                        # how long it takes nobody knows: so it comes ever nearer to the end
                        note = f"on {self.device.name}, {ticks * _TICK_S:.0f} s"
                        progress.update(0.1 + 0.8 * (1 - 0.97**ticks), note)
                    except _runtime_errors() as error:
                        raise InputError(
                            f"{self._card.title} does not run on {self.device.name}: {error}"
                        ) from error
            finally:
                options.terminate = True  # for a run that was cancelled; another has ended

    def _focal(self, found: dict[str, Any], input_width: int) -> float:
        name = self._card.output.focal
        given = np.asarray(found[name], np.float64)
        matrix = given.shape[-2:] == (3, 3)
        focal = float(given.reshape(-1)[0]) if matrix else _number(name, given)
        return focal / input_width if self._card.output.focal_unit == "pixels" else focal


def input_size(spec: InputSpec, height: int, width: int) -> tuple[int, int]:
    """(height, width) that a photo of this size is brought to."""
    if spec.resize == "stretch":
        return spec.size[0], spec.size[1]
    scales = spec.size[0] / height, spec.size[1] / width
    scale = max(scales) if spec.resize == "cover" else min(scales)
    sides = [
        max(spec.multiple, round(side * scale / spec.multiple) * spec.multiple)
        for side in (height, width)
    ]
    return sides[0], sides[1]


def prepare(spec: InputSpec, pixels: ByteArray, size: tuple[int, int], dtype: Any) -> FloatArray:
    """The input's array. Whole numbers are the pixels as they are, 0..255; others are normalised.

    pixels: (H, W, 3) uint8 sRGB; size: (height, width)
    """
    smaller = size[0] * size[1] < pixels.shape[0] * pixels.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(pixels, (size[1], size[0]), interpolation=way))
    values = resized[..., ::-1] if spec.colors == "BGR" else resized
    if not np.issubdtype(dtype, np.integer):
        values = (values.astype(np.float32) / 255 - np.array(spec.mean)) / np.array(spec.std)
    if spec.layout.endswith("CHW"):
        values = values.transpose(2, 0, 1)
    if spec.layout.startswith("N"):
        values = values[None]
    return np.ascontiguousarray(values, dtype)


def _dtype(name: str, kind: str) -> Any:
    if kind not in _DTYPES:
        raise InputError(f"The input {name!r} takes {kind}, which no photo can be made to.")
    return _DTYPES[kind]


def _plane(name: str, given: Any, channels: int) -> FloatArray:
    """(H, W) float32, or (H, W, channels), of an output with further axes of length one."""
    found = np.asarray(given)
    shape = found.shape
    while found.ndim > 2 and found.shape[0] == 1:
        found = found[0]
    if channels == 1 and found.ndim == 3 and found.shape[2] == 1:
        found = found[..., 0]
    if channels > 1 and found.ndim == 3 and found.shape[2] != channels:
        found = np.moveaxis(found, 0, 2)
    wanted = found.ndim == 2 if channels == 1 else found.ndim == 3 and found.shape[2] == channels
    if not wanted or min(found.shape[:2]) < 2:
        words = "one number" if channels == 1 else f"{channels} numbers"
        raise InputError(
            f"The output {name!r} has the shape {shape}: {words} for each pixel are expected.",
            hint="Correct the card's kind, or take the model that it is for.",
        )
    return found.astype(np.float32)


def _number(name: str, given: Any) -> float:
    values = np.asarray(given, np.float64).reshape(-1)
    if values.size != 1 or not math.isfinite(values[0]) or values[0] <= 0:
        shown = f"{values.size} numbers" if values.size != 1 else f"{values[0]:g}"
        raise InputError(f"The output {name!r} is {shown}: one number above 0 is expected.")
    return float(values[0])


def _runtime_errors() -> tuple[type[Exception], ...]:
    """All that onnxruntime raises: it has no common base."""
    state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    own = (one for one in vars(state).values() if isinstance(one, type))
    return tuple(one for one in own if issubclass(one, Exception))
