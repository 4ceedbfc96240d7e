"""The scene folder: its document, its arrays, its pictures. Free of bpy."""

import os
from dataclasses import dataclass
from pathlib import Path

from maquette_protocol.document import SceneDocument, parse_document
from maquette_protocol.errors import DocumentError, InputError

from .tensors import Arrays, map_tensors


@dataclass(frozen=True, kw_only=True)
class SceneFolder:
    """A scene as it lies on disk; the arrays are views of the file."""

    document: SceneDocument
    arrays: Arrays
    pictures: Path  # the folder below which the document's pictures lie
    path: Path  # where it was read

    @classmethod
    def open(cls, path: Path, pictures: Path | None = None) -> "SceneFolder":
        """The scene of a folder, or of its scene.json. Raises InputError, DocumentError."""
        file = path / "scene.json" if path.is_dir() else path
        if file.name != "scene.json" or not file.is_file():
            raise InputError(
                f"There is no scene at {path}.",
                hint="Choose a scene folder, or the scene.json in it.",
            )
        try:
            document = parse_document(file.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise DocumentError(f"$: not text ({error})", hint="Is this a scene.json?") from error
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror}.") from error
        return cls(
            document=document,
            arrays=map_tensors(file.parent / "arrays.safetensors"),
            pictures=pictures or file.parent,
            path=file.parent,
        )

    def picture(self, name: str) -> Path | None:
        """The file of a picture that the document names; None where it is not there.

        Raises DocumentError where the name leads out of the folder.
        """
        root = os.path.normpath(self.pictures)
        plain = Path(os.path.normpath(self.pictures / name))
        if Path(name).is_absolute() or not plain.is_relative_to(root):
            raise DocumentError(f"{name!r} leads out of the scene folder")
        return plain if plain.is_file() else None
