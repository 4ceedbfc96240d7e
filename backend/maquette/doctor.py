"""What is installed, what is missing, and what to do about it: one check per line."""

import importlib.metadata
import os
import platform
import shutil
import tempfile
from dataclasses import dataclass
from typing import Literal

from maquette import __version__
from maquette.workspace import cache_folder
from maquette_protocol.errors import MissingPartError

_LIBRARIES = (
    "numpy",
    "scipy",
    "pycolmap",
    "opencv-python-headless",
    "numba",
    "scikit-image",
    "fast-simplification",
    "Pillow",
    "pillow-heif",
    "safetensors",
)
_MEMORY_MB = 3000  # what a normal job of 20 photos may take, with room to spare
_DISK_MB = 2000


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at."""

    name: str
    state: Literal["ok", "missing", "note"]  # missing: something will not work
    found: str
    hint: str = ""  # what to do


def run_checks() -> tuple[Check, ...]:
    """All checks; none raises."""
    return (
        Check(name="maquette", state="ok", found=__version__),
        _python(),
        *(_library(name) for name in _LIBRARIES),
        _cores(),
        _memory(),
        _cache(),
        _kernels(),
        _blender(),
    )


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Check(name="python", state="ok", found=found)


def _library(name: str) -> Check:
    try:
        return Check(name=name, state="ok", found=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        hint = f"pip install {name}"
        return Check(name=name, state="missing", found="not installed", hint=hint)


def _cores() -> Check:
    from maquette_kernels.parallel import num_threads

    found = f"{num_threads()} threads of {os.cpu_count()} cores"
    return Check(name="cores", state="ok", found=found)


def _memory() -> Check:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return Check(name="memory", state="note", found="unknown on this system")
    total_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    if total_mb < _MEMORY_MB:
        hint = "Use --quality draft and fewer photos."
        return Check(name="memory", state="note", found=f"{total_mb} MB", hint=hint)
    return Check(name="memory", state="ok", found=f"{total_mb} MB")


def _cache() -> Check:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        hint = "Set MAQUETTE_CACHE to a folder that can be written."
        return Check(name="cache", state="missing", found=f"{folder}: {error.strerror}", hint=hint)
    free_mb = shutil.disk_usage(folder).free // 2**20
    found = f"{folder}, {free_mb} MB free"
    if free_mb < _DISK_MB:
        hint = "Free some space, or set MAQUETTE_CACHE to a folder on another disk."
        return Check(name="cache", state="note", found=found, hint=hint)
    return Check(name="cache", state="ok", found=found)


def _kernels() -> Check:
    try:
        import numpy as np

        from maquette_kernels.rasterize import rasterize

        triangle = np.array([[-1, -1, 2], [1, -1, 2], [0, 1, 2]], np.float32)
        raster = rasterize(
            triangle, np.array([[0, 1, 2]], np.int32), np.diag([8.0, 8.0, 1.0]), np.eye(4), 8, 8
        )
        works = bool((raster.triangle >= 0).any())
    except ImportError as error:
        return Check(name="kernels", state="missing", found=str(error), hint="Install again.")
    if not works:
        hint = "Delete the __pycache__ folders of maquette_kernels and try again."
        return Check(name="kernels", state="missing", found="wrong result", hint=hint)
    return Check(name="kernels", state="ok", found="compiled for this CPU")


def _blender() -> Check:
    from maquette.export.blend import find_blender

    try:
        return Check(name="blender", state="ok", found=str(find_blender()))
    except MissingPartError as error:
        return Check(name="blender", state="note", found=error.message, hint=error.hint)
