"""Named arrays as one safetensors buffer: packed with one copy, unpacked as views with none.

The safetensors library copies every array twice; here the layout is read by its specification, more strictly: every
name, dtype and shape must be what the message's type promises, and the bytes must be used up to the last.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from maquette_protocol.arrays import Arrays
from maquette_protocol.errors import ProtocolError
from maquette_protocol.fields import Length, Range, parse_json, read_value

MAX_HEADER_BYTES = 65_536
MAX_DIMENSIONS = 8
DTYPES = {"U8": "u1", "I32": "<i4", "I64": "<i8", "U32": "<u4", "F32": "<f4", "F64": "<f8"}
NAMES = {np.dtype(numpy_name): name for name, numpy_name in DTYPES.items()}


@dataclass(frozen=True, kw_only=True)
class ArraySpec:
    """What an array of a message must be; equal letters in one message stand for equal sizes."""

    dtype: str
    shape: tuple[int | str, ...]
    is_required: bool = True


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One array in the header of a safetensors buffer."""

    dtype: Annotated[str, Length(8)]
    shape: tuple[Annotated[int, Range(0, 2**40)], ...]
    data_offsets: tuple[Annotated[int, Range(0, 2**40)], ...]


def check_arrays(arrays: Mapping[str, Any], specs: Mapping[str, ArraySpec]) -> None:
    """Each array is one that the message has, in its dtype and shape. Raises ProtocolError."""
    sizes: dict[str, int] = {}
    for name, array in arrays.items():
        if name not in specs:
            raise ProtocolError(f"arrays: there is no array {name[:40]!r} in this message")
        _check_array(name, array, specs[name], sizes)
    for name, spec in specs.items():
        if spec.is_required and name not in arrays:
            raise ProtocolError(f"arrays.{name}: missing")


def _check_array(name: str, array: Any, spec: ArraySpec, sizes: dict[str, int]) -> None:
    expected = f"arrays.{name}: expected {spec.dtype} {_shape_words(spec.shape)}"
    if not isinstance(array, np.ndarray):
        raise ProtocolError(f"{expected}, got {type(array).__name__}")
    fits = array.dtype == spec.dtype and array.ndim == len(spec.shape)
    if fits:
        for wanted, size in zip(spec.shape, array.shape, strict=True):
            known = sizes.setdefault(wanted, size) if isinstance(wanted, str) else wanted
            fits = fits and size == known
    if not fits:
        raise ProtocolError(f"{expected}, got {array.dtype} {_shape_words(array.shape)}")


def _shape_words(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def pack_arrays(arrays: Arrays) -> memoryview:
    """One buffer that holds all arrays, as safetensors' own library would write it."""
    # large dtypes first keeps every array aligned, as the format's own writer does
    ordered = sorted(arrays.items(), key=lambda item: (-item[1].dtype.itemsize, item[0]))
    header: dict[str, Any] = {}
    end = 0
    for name, array in ordered:
        begin, end = end, end + array.nbytes
        header[name] = {
            "dtype": NAMES[array.dtype.newbyteorder("<")],
            "shape": list(array.shape),
            "data_offsets": [begin, end],
        }
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    buffer = np.empty(8 + len(head) + end, np.uint8)
    buffer[:8] = np.frombuffer(len(head).to_bytes(8, "little"), np.uint8)
    buffer[8 : 8 + len(head)] = np.frombuffer(head, np.uint8)
    at = 8 + len(head)
    for _, array in ordered:
        place = buffer[at : at + array.nbytes].view(array.dtype.newbyteorder("<"))
        np.copyto(place.reshape(array.shape), array)
        at += array.nbytes
    return buffer.data


def unpack_arrays(buffer: memoryview, specs: Mapping[str, ArraySpec]) -> Arrays:
    """Read-only views of the arrays in the buffer. Raises ProtocolError for whatever is not as promised."""
    buffer = buffer.cast("B")
    if len(buffer) < 8:
        raise ProtocolError(f"arrays: {len(buffer)} bytes are no safetensors")
    size = int.from_bytes(buffer[:8], "little")
    if size > min(len(buffer) - 8, MAX_HEADER_BYTES):
        raise ProtocolError(f"arrays: a header of {size} bytes")
    entries = read_value(dict[str, _Entry], parse_json(bytes(buffer[8 : 8 + size])), "arrays")
    data = buffer[8 + size :]
    arrays: Arrays = {}
    at = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        arrays[name] = _view(data, at, name, entry)
        at += arrays[name].nbytes
    if at != len(data):
        raise ProtocolError(f"arrays: {len(data) - at} bytes belong to no array")
    check_arrays(arrays, specs)
    return arrays


def _view(data: memoryview, at: int, name: str, entry: _Entry) -> Any:
    path = f"arrays.{name[:40]}"
    if entry.dtype not in DTYPES:
        raise ProtocolError(f"{path}: no dtype {entry.dtype!r}")
    dtype = np.dtype(DTYPES[entry.dtype])
    end = at + math.prod(entry.shape[:MAX_DIMENSIONS]) * dtype.itemsize
    fits = len(entry.shape) <= MAX_DIMENSIONS and end <= len(data)
    if not fits or entry.data_offsets != (at, end):
        raise ProtocolError(f"{path}: its offsets do not fit its shape")
    array = np.frombuffer(data[at:end], dtype)
    # a frame may start anywhere in memory; what numpy's callers hand to C code must be aligned
    array = array if array.flags.aligned else array.copy()
    try:
        array = array.reshape(entry.shape)
    except ValueError as error:  # nothing at all, of an impossible size
        raise ProtocolError(f"{path}: {error}") from error
    array.flags.writeable = False
    return array
