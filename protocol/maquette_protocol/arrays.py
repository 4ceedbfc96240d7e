"""arrays.safetensors: the arrays that a scene document names; read one by one, written in one step."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from maquette_protocol.errors import DocumentError

Arrays = dict[str, npt.NDArray[Any]]


def read_arrays(path: Path) -> Arrays:
    """All arrays of the file; none where there is no file. Raises DocumentError where it is damaged."""
    if not path.exists():
        return {}
    try:
        with safe_open(path, framework="numpy") as archive:
            return {name: archive.get_tensor(name) for name in archive.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise DocumentError(
            f"{path}: {error}", hint="The file is damaged; export it again."
        ) from error


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write all arrays; the file appears whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    save_tensors(partial, {name: np.ascontiguousarray(value) for name, value in arrays.items()})
    # the library makes files that only their owner reads; a scene is as open as its other files
    document = path.with_name("scene.json")
    partial.chmod(document.stat().st_mode & 0o777 if document.exists() else 0o644)
    partial.replace(path)


def save_tensors(path: Path, arrays: Arrays, metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file; where it cannot be written nothing is left of it. Raises OSError."""
    try:
        save_file(arrays, path, metadata=metadata)
    except SafetensorError as error:
        path.unlink(missing_ok=True)
        # the library tells a full disk in words alone
        found = re.search(r"os error (\d+)", str(error))
        if found is None:
            raise
        number = int(found[1])
        raise OSError(number, os.strerror(number), str(path)) from error
