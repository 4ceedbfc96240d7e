"""Keep a stage's result on disk, so that an interrupted job goes on after its last finished stage.

A value is made of the project's frozen dataclasses, tuples, dicts with string keys, numpy arrays, paths and plain
JSON values. Arrays go to one safetensors file, the rest as JSON into its metadata; no code is ever stored.
"""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from maquette_protocol.arrays import save_tensors
from maquette_protocol.errors import InputError

_STRUCTURE = "structure"


def save(path: Path, value: object) -> None:
    """Write `value` to `path` in one step. Raises InputError for a type that cannot be kept, OSError."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    structure = _pack(value, arrays)
    partial = path.with_suffix(".partial")
    save_tensors(partial, arrays, {_STRUCTURE: json.dumps(structure)})
    partial.replace(path)


def load(path: Path, types: tuple[type, ...]) -> Any:
    """Read what `save` wrote; only the dataclasses in `types` are built. Raises InputError."""
    known = {kind.__name__: kind for kind in types}
    try:
        with safe_open(path, framework="numpy") as archive:
            structure = json.loads((archive.metadata() or {}).get(_STRUCTURE, "null"))
            return _unpack(structure, archive.get_tensor, known)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no checkpoint of this version: {error}") from error


def _pack(value: object, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = np.ascontiguousarray(value)
        return {"$array": name}
    if isinstance(value, Path):
        return {"$path": str(value)}
    if is_dataclass(value) and not isinstance(value, type):
        packed = {f.name: _pack(getattr(value, f.name), arrays) for f in fields(value)}
        return {"$type": type(value).__name__, "fields": packed}
    if isinstance(value, tuple | list):
        return {"$tuple": [_pack(item, arrays) for item in value]}
    if isinstance(value, dict):
        return {"$dict": [[key, _pack(item, arrays)] for key, item in value.items()]}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InputError(f"A checkpoint cannot hold a {type(value).__name__}.")


def _unpack(packed: Any, array: Callable[[str], Any], known: dict[str, type]) -> Any:
    if not isinstance(packed, dict):
        return packed
    if "$array" in packed:
        return array(packed["$array"])
    if "$path" in packed:
        return Path(packed["$path"])
    if "$tuple" in packed:
        return tuple(_unpack(item, array, known) for item in packed["$tuple"])
    if "$dict" in packed:
        return {key: _unpack(item, array, known) for key, item in packed["$dict"]}
    kind = known.get(packed.get("$type", ""))
    if kind is None:
        raise InputError(f"A checkpoint holds an unknown type {packed.get('$type')!r}.")
    return kind(**{key: _unpack(item, array, known) for key, item in packed["fields"].items()})
