"""A scene in memory with its folder: open, save, export."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maquette.types import FloatArray
from maquette_protocol.arrays import Arrays, read_arrays, write_arrays
from maquette_protocol.document import SceneDocument, SceneObject, format_document, parse_document
from maquette_protocol.errors import DocumentError, InputError


def is_scene(path: Path) -> bool:
    """Whether it is a scene folder or a scene.json."""
    return path.name == "scene.json" or (path / "scene.json").is_file()


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The document, the arrays that it names, and the folder where its pictures lie."""

    document: SceneDocument
    arrays: Arrays
    folder: Path

    @classmethod
    def open(cls, path: Path) -> "Scene":
        """The scene of a folder or its scene.json. Raises InputError, DocumentError."""
        file = path / "scene.json" if path.is_dir() else path
        if not file.is_file():
            raise InputError(
                f"There is no scene at {path}.", hint="Name a scene folder, or its scene.json."
            )
        try:
            document = parse_document(file.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise DocumentError(f"$: not text ({error})", hint="Is this a scene.json?") from error
        scene = cls(
            document=document,
            arrays=read_arrays(file.parent / "arrays.safetensors"),
            folder=file.parent,
        )
        scene.check()
        return scene

    def check(self) -> None:
        """Raises DocumentError where an object names arrays or pictures that cannot be used."""
        for number, item in enumerate(self.document.objects):
            path = f"$.objects[{number}]"
            mesh = item.geometry.mesh if item.geometry else None
            if mesh is not None:
                vertices = self.arrays.get(f"{mesh}.vertices")
                triangles = self.arrays.get(f"{mesh}.triangles")
                if vertices is None or triangles is None:
                    raise DocumentError(f"{path}.geometry.mesh: no arrays {mesh!r}")
                if vertices.ndim != 2 or vertices.shape[1] != 3:
                    raise DocumentError(f"{path}.geometry.mesh: vertices are {vertices.shape}")
                if triangles.size and not 0 <= triangles.min() <= triangles.max() < len(vertices):
                    raise DocumentError(f"{path}.geometry.mesh: triangles name missing vertices")
            if item.material is not None and item.material.texture is not None:
                self.inside(item.material.texture, f"{path}.material.texture")

    def inside(self, name: str, json_path: str) -> Path:
        """The file of that name, which must lie in the scene folder. Raises DocumentError."""
        target = (self.folder / name).resolve()
        # a linked photo may point elsewhere; the name itself may not
        plain = Path(os.path.normpath(self.folder / name))
        if Path(name).is_absolute() or not plain.is_relative_to(os.path.normpath(self.folder)):
            raise DocumentError(f"{json_path}: {name!r} leads out of the scene folder")
        return plain if plain.exists() else target

    def save(self, folder: Path | str) -> None:
        """Write the scene folder in one step; a scene that was there is replaced. Raises InputError."""
        folder = Path(folder).absolute()
        if folder.is_dir() and any(folder.iterdir()) and not (folder / "scene.json").is_file():
            raise InputError(
                f"{folder} holds other things and is not a Maquette scene.",
                hint="Name a new or empty folder.",
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
        old = folder.with_name(f".{folder.name}.{os.getpid()}.partial-old")
        shutil.rmtree(partial, ignore_errors=True)
        try:
            if self.folder.is_dir():
                shutil.copytree(self.folder, partial)
            else:
                partial.mkdir()
            self.write_document(partial)
            if folder.exists():
                folder.rename(old)
            partial.rename(folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            if old.exists() and not folder.exists():
                old.rename(folder)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def write_document(self, folder: Path) -> None:
        """Write scene.json and the arrays into an existing folder."""
        if self.arrays:
            write_arrays(folder / "arrays.safetensors", self.arrays)
        text = format_document(self.document)
        partial = folder / ".scene.json.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / "scene.json")

    def export(self, path: Path | str, *, format: str | None = None) -> None:
        """Write the scene as another format; the ending chooses it, or `format` for folders."""
        from maquette.export import export_scene

        export_scene(self, Path(path), format=format)

    def world_from_object(self, item: SceneObject) -> FloatArray:
        """(4, 4) float64: `world_from_object` as the document has it (parents do not add to it)."""
        return np.array(item.world_from_object, float)
