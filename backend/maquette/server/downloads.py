"""Results for a client on another machine: which files there are, and their pieces.

Reading a piece takes no longer than the disk does; checksums of a whole scene take long, so a thread makes them while
the server goes on.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maquette_protocol.errors import InputError, MaquetteError, PathError, StorageError
from maquette_protocol.messages import Chunk, Error, FileEntry, Files, Message, ReadChunk
from maquette_protocol.paths import inside


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a client asked for and now gets."""

    client: str
    reply_to: str
    message: Message


class FileLists:
    """Lists with checksums, one after the other, beside the server's loop."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake  # the server's loop, when a list is ready
        self._thread = ThreadPoolExecutor(1, "file-lists")
        self._pending: list[tuple[str, str, Future[Files]]] = []
        self._known: dict[tuple[str, int, int], str] = {}

    def ask(self, client: str, request: str, folder: Path) -> None:
        """Begin a list of the folder; `finished` has it some time later."""
        future = self._thread.submit(self._list, folder)
        self._pending.append((client, request, future))
        future.add_done_callback(lambda _: self._wake())

    def finished(self) -> list[Answer]:
        """Lists that are ready since the last call."""
        ready = [item for item in self._pending if item[2].done()]
        self._pending = [item for item in self._pending if not item[2].done()]
        return [
            Answer(client=client, reply_to=request, message=_outcome(future))
            for client, request, future in ready
        ]

    def close(self) -> None:
        """Drop what is not ready."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _list(self, folder: Path) -> Files:
        paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()]
        return Files(files=tuple(self._entry(folder, path) for path in paths))

    def _entry(self, folder: Path, path: Path) -> FileEntry:
        found = path.stat()
        # a scene that is asked for twice is not read twice
        key = (str(path), found.st_mtime_ns, found.st_size)
        if key not in self._known:
            with path.open("rb") as file:
                self._known[key] = hashlib.file_digest(file, "sha256").hexdigest()
        name = path.relative_to(folder).as_posix()
        return FileEntry(path=name, size_bytes=found.st_size, sha256=self._known[key])


def read_piece(folder: Path, asked: ReadChunk) -> Chunk:
    """The piece of a result that a client asks for. Raises PathError, InputError, StorageError."""
    path = inside(folder, asked.path)
    if not path.is_file():  # nor a folder, a pipe or a device
        raise PathError(f"The result has no file {asked.path[:100]!r}.")
    try:
        with path.open("rb") as file:
            file.seek(asked.offset)
            content = file.read(asked.size_bytes)
    except OSError as error:
        raise StorageError(f"{asked.path[:100]!r} cannot be read: {error.strerror}.") from error
    if not content:
        raise InputError(f"{asked.path[:100]!r} has no byte {asked.offset}.")
    data = np.frombuffer(content, np.uint8)
    return Chunk(job=asked.job, path=asked.path, offset=asked.offset, arrays={"data": data})


def _outcome(future: "Future[Files]") -> Message:
    try:
        return future.result()
    except MaquetteError as error:
        return Error(code=error.code, message=error.message, hint=error.hint)
    except OSError as error:
        storage = StorageError(f"The result cannot be read: {error.strerror}.")
        return Error(code=storage.code, message=storage.message, hint="Was it moved or deleted?")
