"""Scenes to other formats. Each is one module and one line in the registry."""

import os
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from maquette.scene import Scene
from maquette_protocol.errors import InputError

# ending or format name → function(scene, path) that writes the file, or fills the folder
EXPORTERS = {
    ".blend": "maquette.export.blend:export_blend",
    ".glb": "maquette.export.glb:export_glb",
    ".ply": "maquette.export.ply:export_ply",
    ".obj": "maquette.export.obj:export_obj",
    ".usd": "maquette.export.usd:export_usda",
    ".usda": "maquette.export.usd:export_usda",
    ".usdz": "maquette.export.usd:export_usdz",
    "colmap": "maquette.export.folders:export_colmap",
    "nerfstudio": "maquette.export.folders:export_nerfstudio",
}


def export_scene(scene: Scene, path: Path, *, format: str | None = None) -> None:
    """Write `scene` to `path`; its ending chooses the format, or `format` for folders. Appears whole or not at all.

    Raises InputError for an unknown format, MissingPartError where a needed program is missing.
    """
    key = format or path.suffix.lower()
    if key not in EXPORTERS:
        endings = ", ".join(name for name in EXPORTERS if name.startswith("."))
        raise InputError(
            f"{path.name!r} names no format that Maquette writes.",
            hint=f"End the file's name in one of {endings}, or give --format colmap or nerfstudio.",
        )
    module, name = EXPORTERS[key].split(":")
    write = getattr(import_module(module), name)
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    if key.startswith("."):
        _write_file(write, scene, path)
        return
    if path.exists() and (path.is_file() or any(path.iterdir())):
        raise InputError(f"{path} exists already.", hint="Name a new or empty folder.")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.mkdir()
    try:
        write(scene, partial)
        if path.exists():
            path.rmdir()
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_file(write: Callable[[Scene, Path], None], scene: Scene, path: Path) -> None:
    """Some formats have files beside the named one: all are written apart, and the named one is moved last."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.mkdir()
    try:
        write(scene, partial / path.name)
        for file in sorted(partial.iterdir(), key=lambda file: file.name == path.name):
            file.replace(path.with_name(file.name))
    finally:
        shutil.rmtree(partial, ignore_errors=True)
