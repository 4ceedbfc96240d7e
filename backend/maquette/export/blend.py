""".blend files, written by a Blender in a process of its own: bpy needs another numpy than the backend does."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from maquette.export.meshes import object_mesh
from maquette.scene import Scene
from maquette_protocol.document import document_to_json
from maquette_protocol.errors import CrashError, MissingPartError

_SCRIPT = Path(__file__).with_name("blender_script.py")
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
        _write_request(scene, folder)
        arguments = ["--", str(folder), str(path)]
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


def _write_request(scene: Scene, folder: Path) -> None:
    """The document with absolute picture paths, and one .npy per array."""
    document = document_to_json(scene.document)
    for number, camera in enumerate(document["cameras"]):
        if camera["image"] is not None:
            file = scene.inside(camera["image"], f"$.cameras[{number}].image")
            camera["image"] = str(file) if file.exists() else None
    for item, data in zip(scene.document.objects, document["objects"], strict=True):
        if data["material"] and data["material"]["texture"]:
            data["material"]["texture"] = str(scene.inside(data["material"]["texture"], item.id))
        if item.geometry is None:
            continue
        vertices, triangles, colors, uvs = object_mesh(scene, item)
        stem = f"object_{len(list(folder.glob('*.vertices.npy')))}"
        data["arrays"] = stem
        np.save(folder / f"{stem}.vertices.npy", vertices.astype(np.float32))
        np.save(folder / f"{stem}.triangles.npy", triangles.astype(np.int32))
        if colors is not None:
            np.save(folder / f"{stem}.colors.npy", colors)
        if uvs is not None:
            np.save(folder / f"{stem}.uvs.npy", uvs.astype(np.float32))
        seen = scene.arrays.get(f"{item.geometry.mesh}.seen")
        if seen is not None:
            np.save(folder / f"{stem}.seen.npy", seen.astype(np.float32))
    (folder / "request.json").write_text(json.dumps(document), encoding="utf-8")
