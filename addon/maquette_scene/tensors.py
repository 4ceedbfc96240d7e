"""arrays.safetensors as read-only views of the mapped file: opening costs nothing, pages come when they are read.

The format is eight bytes of header length, a JSON header, the data. A reader of our own, because a Blender without the
extension's wheels writes .blend files too, and because the library copies what it reads.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_protocol.errors import DocumentError

Arrays = dict[str, npt.NDArray[Any]]
_MAX_HEADER_BYTES = 10_000_000
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip


def map_tensors(path: Path) -> Arrays:
    """All arrays of the file by name; none where there is no file. Raises DocumentError where it is damaged."""
    if not path.exists():
        return {}
    try:
        return _views(np.memmap(path, np.uint8, mode="r"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError(
            f"{path}: not a safetensors file ({error})",
            hint="The file is damaged; export it again.",
        ) from error


def _views(data: "np.memmap[Any, Any]") -> Arrays:
    length = int.from_bytes(data[:8].tobytes(), "little")
    if len(data) < 8 or length > min(_MAX_HEADER_BYTES, len(data) - 8):
        raise ValueError(f"a header of {length} bytes in {len(data)}")
    header = json.loads(data[8 : 8 + length].tobytes())
    body = data[8 + length :]
    found: Arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        dtype = np.dtype(_DTYPES[entry["dtype"]])
        shape = tuple(map(int, entry["shape"]))
        start, end = map(int, entry["data_offsets"])
        if min(shape, default=0) < 0 or not 0 <= start <= end <= len(body):
            raise ValueError(f"{name} lies outside the file")
        if math.prod(shape) * dtype.itemsize != end - start:
            raise ValueError(f"{name} has {end - start} bytes for {shape}")
        found[name] = np.frombuffer(body, dtype, math.prod(shape), start).reshape(shape)
    return found
