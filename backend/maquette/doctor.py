"""What is installed, what is missing, and what to do about it: one check per line."""

import importlib.metadata
import os
import platform
import shutil
import tempfile
from pathlib import Path

from maquette import __version__
from maquette.engines import ENGINES
from maquette.engines.needs import check_needs
from maquette.workspace import cache_folder
from maquette_protocol.errors import MaquetteError, MissingPartError, NoServerError
from maquette_protocol.messages import Check, GetStatus, Status

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
    "pyzmq",
)
_MEMORY_MB = 3000  # what a normal job of 20 photos may take, with room to spare
_DISK_MB = 2000


def run_checks() -> tuple[Check, ...]:
    """All checks; none raises."""
    return (
        Check(name="maquette", state="ok", found=__version__),
        _python(),
        *(_library(name) for name in _LIBRARIES),
        _cores(),
        _memory(),
        _cache(),
        _store(),
        _kernels(),
        *(_engine(name) for name in ENGINES if name != "classical"),
        _blender(),
        _server(),
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
    return _folder("cache", cache_folder(), "MAQUETTE_CACHE")


def _store() -> Check:
    from maquette.server.store import store_folder

    return _folder("store", store_folder(), "MAQUETTE_STORE")


def _folder(name: str, folder: Path, variable: str) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        hint = f"Set {variable} to a folder that can be written."
        return Check(name=name, state="missing", found=f"{folder}: {error.strerror}", hint=hint)
    free_mb = shutil.disk_usage(folder).free // 2**20
    found = f"{folder}, {free_mb} MB free"
    if free_mb < _DISK_MB:
        hint = f"Free some space, or set {variable} to a folder on another disk."
        return Check(name=name, state="note", found=found, hint=hint)
    return Check(name=name, state="ok", found=found)


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


def _engine(name: str) -> Check:
    """An engine that needs more than the program: a package, a model."""
    try:
        check_needs(name)
    except MissingPartError as error:
        return Check(name=f"engine {name}", state="note", found=error.message, hint=error.hint)
    return Check(name=f"engine {name}", state="ok", found=f"ready{_devices(name)}")


def _devices(engine: str) -> str:
    if engine != "onnx":
        return ""
    from maquette.models.onnx.session import available_devices

    return f" on {', '.join(available_devices())}"


def _blender() -> Check:
    from maquette.export.blend import find_blender

    try:
        return Check(name="blender", state="ok", found=str(find_blender()))
    except MissingPartError as error:
        return Check(name="blender", state="note", found=error.message, hint=error.hint)


def _server() -> Check:
    """Whether a backend runs here, and answers."""
    from maquette_protocol.client import Client
    from maquette_protocol.connection import connection_file, read_connection_file

    try:
        info = read_connection_file(connection_file())
    except NoServerError:
        return Check(name="backend", state="note", found="not running", hint="maquette serve")
    except MaquetteError as error:
        return Check(name="backend", state="note", found=error.message, hint=error.hint)
    client = Client(info.address, kind="command-line", version=__version__)
    place = f"version {info.version}, {info.address.endpoint}, process {info.pid}"
    try:
        status = client.request(GetStatus(), timeout_s=5.0)
    except MaquetteError as error:
        hint = f"{error.message} Start it again: maquette serve"
        return Check(name="backend", state="note", found=f"{place}: no answer", hint=hint)
    finally:
        client.close()
    assert isinstance(status, Status)
    found = f"{place}, {status.num_running} jobs running, {status.num_queued} waiting"
    return Check(name="backend", state="ok", found=found)
