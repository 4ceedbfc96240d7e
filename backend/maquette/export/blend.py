""".blend files, written by a Blender in a process of its own: bpy needs another numpy than the backend does."""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from maquette.scene import Scene
from maquette_protocol.errors import CrashError, MissingPartError

_SCRIPT = Path(__file__).with_name("blender_script.py")
# The extension's own scene builder, and what it reads documents with: copied beside the scene, since Blender's Python
# must not see this environment's packages
_PACKAGES = ("maquette_scene", "maquette_protocol")
_USUAL_PLACES = (
    "/usr/bin/blender",
    "/snap/bin/blender",
    "/Applications/Blender.app/Contents/MacOS/Blender",
    "C:/Program Files/Blender Foundation",
)


def find_blender() -> Path:
    """A Blender program, or a Python that has bpy. Raises MissingPartError that says how to get one.

    Looked for in this order: MAQUETTE_BLENDER, `.venv-blender` beside the running environment, `blender`
    on the path, the usual places.
    """
    asked = os.environ.get("MAQUETTE_BLENDER")
    if asked:
        return Path(asked)
    for name in ("bin/python", "Scripts/python.exe"):
        beside = Path(sys.prefix).parent / ".venv-blender" / name
        if beside.exists():
            return beside
    found = shutil.which("blender")
    if found:
        return Path(found)
    for place in map(Path, _USUAL_PLACES):
        if place.is_file():
            return place
        if place.is_dir():
            programs = sorted(place.glob("*/blender.exe"))
            if programs:
                return programs[-1]
    raise MissingPartError(
        "No Blender was found to write a .blend file.",
        hint="Run `make blender`, install Blender 4.2 or newer, or set MAQUETTE_BLENDER to its program. "
        "A .glb file needs no Blender.",
    )


def export_blend(scene: Scene, path: Path) -> None:
    """Write the scene as a .blend with packed pictures. Raises MissingPartError, CrashError."""
    blender = find_blender()
    with tempfile.TemporaryDirectory(prefix="maquette-blend-") as name:
        folder = Path(name)
        scene.write_document(folder)
        for package in _PACKAGES:
            target = folder / "packages" / package
            shutil.copytree(
                _place_of(package), target, ignore=shutil.ignore_patterns("__pycache__")
            )
        arguments = ["--", str(folder), str(scene.folder.absolute()), str(path)]
        if "python" in blender.name.lower():
            command = [str(blender), str(_SCRIPT), *arguments]
        else:
            command = [str(blender), "--background", "--factory-startup"]
            command += ["--python", str(_SCRIPT), *arguments]
        # its own HOME: no user preference or add-on takes part
        environment = {**os.environ, "HOME": name, "PYTHONPATH": ""}
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=environment
        )
        if not path.exists():
            told = (done.stderr or done.stdout).strip().splitlines()[-6:]
            raise CrashError(
                f"Blender ({blender}) wrote no file: {' / '.join(told)}",
                hint="Try another Blender with MAQUETTE_BLENDER; `maquette doctor` names the one used.",
            )


def _place_of(package: str) -> Path:
    """The folder of an installed package, which is not loaded."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])
