"""Photos from a client on another machine: taken piece by piece, checked, and resumed after any cut.

uploads/ID/files.json        what was announced
uploads/ID/files/PATH.part   a file that is coming; renamed to PATH once its checksum was right
"""

import contextlib
import hashlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maquette_protocol.errors import InputError, PathError, StorageError
from maquette_protocol.fields import format_json, parse_json, plain, read_value
from maquette_protocol.messages import BeginUpload, FileEntry, UploadState, WriteChunk
from maquette_protocol.paths import check_relative, inside

MAX_FILES = 5000
MAX_OPEN = 64
MAX_UPLOAD_BYTES = 64 * 2**30
KEPT_FREE_BYTES = 2**29  # for the rest of the machine
ANNOUNCED = "files.json"
PREFIX = "upload:"


@dataclass
class _File:
    """One file that is coming."""

    entry: FileEntry
    received_bytes: int = 0
    is_here: bool = False  # whole, and its checksum was right
    digest: Any = field(default_factory=hashlib.sha256)


class Uploads:
    """All uploads of a server, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, dict[str, _File]] = {}

    def begin(self, message: BeginUpload) -> UploadState:
        """Announce files, or go on with an upload. Raises PathError, InputError, StorageError."""
        known = self._announced(message.upload)
        if known is None:
            self._check(message.files)
            self._announce(message)
        elif known != message.files:
            raise InputError("This upload was begun with other files.", hint="Begin a new upload.")
        if message.upload not in self._open:
            files = {entry.path: _File(entry) for entry in message.files}
            for path, file in files.items():
                self._resume(message.upload, path, file)
            self._open[message.upload] = files
            while len(self._open) > MAX_OPEN:  # the oldest; whoever sends it begins again
                del self._open[next(iter(self._open))]
        return self._state(message.upload)

    def write(self, message: WriteChunk) -> UploadState:
        """Take a piece; one that does not follow on changes nothing. Raises InputError, PathError, StorageError."""
        files = self._open.get(message.upload)
        if files is None or message.path not in files:
            raise InputError("This file was not announced.", hint="Begin the upload again.")
        file = files[message.path]
        data = message.arrays["data"]
        if message.offset == file.received_bytes and not file.is_here:
            if message.offset + data.nbytes > file.entry.size_bytes:
                raise InputError(f"{message.path!r} is longer than announced.")
            self._append(message.upload, file, data.data)
        return self._state(message.upload)

    def folder(self, upload: str) -> Path:
        """The folder of a complete upload ("upload:ID" or the id). Raises InputError."""
        name = upload.removeprefix(PREFIX)
        known = self._announced(name)
        folder = self._folder / check_relative(name) / "files"
        if known is None or not all((folder / entry.path).exists() for entry in known):
            raise InputError("The photos have not all arrived.", hint="Send them again.")
        return folder

    def remove(self, upload: str) -> None:
        """Delete an upload, complete or not."""
        name = str(check_relative(upload.removeprefix(PREFIX)))
        self._open.pop(name, None)
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def remove_stale(self, age_s: float) -> None:
        """Delete incomplete uploads that nobody went on with for so long."""
        for folder in self._folder.glob("*"):
            parts = list(folder.rglob("*.part"))
            newest_s = max((p.stat().st_mtime for p in (folder, *parts)), default=0.0)
            if parts and time.time() - newest_s > age_s:
                self.remove(folder.name)

    # -------------------------------------------------------------------------------------------

    def _check(self, files: tuple[FileEntry, ...]) -> None:
        size_bytes = sum(entry.size_bytes for entry in files)
        if not 0 < len(files) <= MAX_FILES or size_bytes > MAX_UPLOAD_BYTES:
            raise InputError(f"An upload of {len(files)} files, {size_bytes} bytes, is not taken.")
        for entry in files:
            check_relative(f"{entry.path}.part")
        names = {str(check_relative(entry.path)).casefold() for entry in files}
        if len(names) != len(files):
            raise PathError(
                "Two files of the upload have the same name.", hint="Rename one of them."
            )
        if any(_ancestors(name) & names for name in names):
            raise PathError("A file of the upload is also a folder.", hint="Rename one of them.")
        if any(name.endswith(".part") for name in names):
            raise PathError("Names that end in .part are not taken.", hint="Rename these files.")
        self._folder.mkdir(parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(self._folder).free - KEPT_FREE_BYTES
        if size_bytes > free_bytes:
            raise StorageError(
                f"The photos need {size_bytes // 10**6} MB; the server has {max(0, free_bytes) // 10**6} MB free.",
                hint="Free some space there, or send fewer photos.",
            )

    def _announced(self, upload: str) -> tuple[FileEntry, ...] | None:
        path = self._folder / check_relative(upload) / ANNOUNCED
        if not path.exists():
            return None
        return read_value(tuple[FileEntry, ...], parse_json(path.read_bytes()))

    def _announce(self, message: BeginUpload) -> None:
        folder = self._folder / message.upload
        with _storage_errors():
            (folder / "files").mkdir(parents=True, exist_ok=True)
            partial = folder / f".{ANNOUNCED}"
            partial.write_bytes(format_json(plain(message.files)))
            partial.replace(folder / ANNOUNCED)

    def _resume(self, upload: str, path: str, file: _File) -> None:
        """Take up what is there of the file; a piece that was cut in the middle counts as far as it got."""
        place, part = self._places(upload, path)
        with _storage_errors():
            if place.exists():
                file.received_bytes, file.is_here = file.entry.size_bytes, True
                return
            part.parent.mkdir(parents=True, exist_ok=True)
            part.touch()
            for block in _blocks(part):
                file.digest.update(block)
                file.received_bytes += len(block)
            if file.received_bytes >= file.entry.size_bytes:
                self._finish(upload, file)

    def _append(self, upload: str, file: _File, data: memoryview) -> None:
        _, part = self._places(upload, file.entry.path)
        with _storage_errors(), part.open("r+b") as stream:
            stream.seek(file.received_bytes)
            stream.write(data)
        file.digest.update(data)
        file.received_bytes += len(data)
        if file.received_bytes == file.entry.size_bytes:
            self._finish(upload, file)

    def _finish(self, upload: str, file: _File) -> None:
        place, part = self._places(upload, file.entry.path)
        if file.digest.hexdigest() == file.entry.sha256:
            part.replace(place)
            file.is_here = True
            return
        # from the start again; the client sees it by the count
        part.write_bytes(b"")
        file.received_bytes, file.digest = 0, hashlib.sha256()

    def _places(self, upload: str, path: str) -> tuple[Path, Path]:
        files = self._folder / upload / "files"
        return inside(files, path), inside(files, f"{path}.part")

    def _state(self, upload: str) -> UploadState:
        files = self._open[upload]
        is_complete = all(file.is_here for file in files.values())
        if is_complete:
            del self._open[upload]
        received_bytes = {path: file.received_bytes for path, file in files.items()}
        return UploadState(upload=upload, received_bytes=received_bytes, is_complete=is_complete)


def _ancestors(path: str) -> set[str]:
    names = path.split("/")
    return {"/".join(names[:depth]) for depth in range(1, len(names))}


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(2**20):
            yield block


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The server cannot store the photos: {error.strerror}.",
            hint="Free some space there, then send them again: what has arrived is kept.",
        ) from error
