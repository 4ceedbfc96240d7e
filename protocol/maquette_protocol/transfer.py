"""Files to and from a server on another machine, without ever blocking: call `feed` and `step` from a timer.

A few pieces are on their way at a time (that is the flow control); what has arrived is kept and gone on with after a
cut, also by another process; every file's checksum is compared. A download appears in its folder whole or not at all.
"""

import hashlib
import shutil
import time
import uuid
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from maquette_protocol.client import Client, Received, as_error
from maquette_protocol.errors import (
    InputError,
    MaquetteError,
    ProtocolError,
    RefusedError,
    StorageError,
)
from maquette_protocol.messages import (
    BeginUpload,
    Chunk,
    Error,
    FileEntry,
    Files,
    ListFiles,
    Message,
    ReadChunk,
    UploadState,
    WriteChunk,
)
from maquette_protocol.paths import check_relative, inside, plain_name

PIECE_BYTES = 2**20
WINDOW = 8  # pieces on their way
STALLED_S = 5.0  # no answer for so long on a good connection: ask again
Answer = TypeVar("Answer", bound=Message)
ATTEMPTS = 3  # at a file whose checksum is wrong


def finish(transfer: "Transfer", client: Client) -> None:
    """Wait until all has arrived: for the command line. Raises the transfer's error, RefusedError."""
    while not transfer.finished:
        for received in client.poll():
            transfer.feed(received)
        transfer.step(0.05)
        if transfer.error is not None:
            raise transfer.error
        if client.state == "refused":
            raise RefusedError(client.reason, hint=client.hint)
        client.wait(0.05)


@dataclass(frozen=True, kw_only=True)
class _Piece:
    path: str
    offset: int
    size_bytes: int


@dataclass
class _File:
    """How much of a file is safe on this side, and its checksum so far."""

    entry: FileEntry
    arrived_bytes: int = 0
    times_wrong: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class Transfer(ABC):
    """What a download and an upload have in common: a first question, then pieces."""

    def __init__(self, client: Client) -> None:
        self.error: MaquetteError | None = None
        self.finished = False
        self._client = client
        self._generation = 0
        self._moved_s = time.monotonic()
        self._first_request = ""
        self._is_begun = False
        self._pieces: deque[_Piece] = deque()
        self._sent: deque[tuple[str, _Piece]] = deque()
        self._inbox: deque[Received] = deque()

    @property
    @abstractmethod
    def done(self) -> float:
        """0..1, of all bytes."""

    def feed(self, received: Received) -> bool:
        """Keep what concerns this transfer for the next step; whether it does."""
        is_ours = bool(received.reply_to) and (
            received.reply_to == self._first_request
            or any(received.reply_to == request for request, _ in self._sent)
        )
        if is_ours:
            self._inbox.append(received)
        return is_ours

    def step(self, budget_s: float = 0.008) -> None:
        """Work for about so long."""
        end_s = time.monotonic() + budget_s
        try:
            while not self.finished and self.error is None and self._work():
                if time.monotonic() > end_s:
                    break
        except MaquetteError as error:
            self.error = error
        except OSError as error:
            self.error = self._of_disk(error)

    def _work(self) -> bool:
        """One small piece of work; False where there is nothing to do until something arrives."""
        if self._prepare():
            return True
        if self._client.state != "ready":
            self._moved_s = time.monotonic()
            return False
        if self._was_cut():
            self._start()
            return False
        if self._inbox:
            self._moved_s = time.monotonic()
            self._read(self._inbox.popleft())
            return True
        return self._is_begun and self._send_one()

    def _start(self) -> None:
        self._inbox.clear()
        self._sent.clear()
        self._pieces.clear()
        self._is_begun = False
        self._moved_s = time.monotonic()
        self._first_request = self._client.send(self._first_message())

    def _was_cut(self) -> bool:
        """Requests were lost: the connection is a new one, or a good one has been silent for long."""
        is_new = self._generation != self._client.generation
        self._generation = self._client.generation
        is_silent = time.monotonic() - self._moved_s > STALLED_S
        return is_new or (is_silent and not self._inbox)

    def _read(self, received: Received) -> None:
        if received.reply_to == self._first_request:
            self._first_request = ""
            self._begin(received.message)
            self._is_begun = True
        elif self._sent and self._sent[0][0] == received.reply_to:
            _, piece = self._sent.popleft()
            self._take(piece, received.message)

    def _send_one(self) -> bool:
        if not self._pieces or len(self._sent) >= WINDOW:
            return False
        piece = self._pieces.popleft()
        self._sent.append((self._client.send(self._message(piece)), piece))
        return True

    def _plan(self, entry: FileEntry, start: int) -> None:
        for offset in range(start, entry.size_bytes, PIECE_BYTES):
            size = min(PIECE_BYTES, entry.size_bytes - offset)
            self._pieces.append(_Piece(path=entry.path, offset=offset, size_bytes=size))

    @abstractmethod
    def _prepare(self) -> bool:
        """Some work that needs no server; False where none is left."""

    @abstractmethod
    def _first_message(self) -> Message: ...

    @abstractmethod
    def _begin(self, message: Message) -> None: ...

    @abstractmethod
    def _message(self, piece: _Piece) -> Message: ...

    @abstractmethod
    def _take(self, piece: _Piece, message: Message) -> None: ...

    @abstractmethod
    def _of_disk(self, error: OSError) -> MaquetteError: ...


class Download(Transfer):
    """A done job's result into `folder`, which must not exist yet."""

    def __init__(self, client: Client, job: str, folder: Path) -> None:
        super().__init__(client)
        self._job, self._folder = job, folder
        self._partial = folder.with_name(f".{folder.name}.partial")
        self._files: dict[str, _File] = {}
        self._unread: deque[_File] = deque()  # what an earlier attempt left of them is to be read
        if folder.exists():
            self.error = StorageError(f"{folder} exists already.", hint="Choose another folder.")

    @property
    def done(self) -> float:
        """0..1, of all bytes."""
        total = sum(file.entry.size_bytes for file in self._files.values())
        arrived = sum(file.arrived_bytes for file in self._files.values())
        return arrived / total if total else float(self.finished)

    def _first_message(self) -> Message:
        return ListFiles(job=self._job)

    def _begin(self, message: Message) -> None:
        message = _expected(message, Files)
        for entry in message.files:
            check_relative(entry.path)
        if len({entry.path.casefold() for entry in message.files}) != len(message.files):
            raise InputError("Two files of the result have the same name.")
        self._files = {entry.path: _File(entry) for entry in message.files}
        self._unread = deque(self._files.values())
        self._partial.mkdir(parents=True, exist_ok=True)
        self._check_space()
        if not self._files:
            self._complete()

    def _check_space(self) -> None:
        here = sum(path.stat().st_size for path in self._partial.rglob("*") if path.is_file())
        needed = sum(file.entry.size_bytes for file in self._files.values()) - here
        free = shutil.disk_usage(self._partial).free
        if needed > free:
            raise StorageError(
                f"The result needs {needed // 10**6} MB more; {free // 10**6} MB are free.",
                hint="Free some space, or choose a folder on another disk.",
            )

    def _prepare(self) -> bool:
        if not self._unread:
            return False
        file = self._unread[0]
        place = inside(self._partial, file.entry.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a+b") as stream:
            stream.seek(file.arrived_bytes)
            block = stream.read(min(PIECE_BYTES, file.entry.size_bytes - file.arrived_bytes))
            file.arrived_bytes += len(block)
            file.digest.update(block)
            if not block:
                stream.truncate(file.arrived_bytes)
                self._unread.popleft()
                self._plan(file.entry, file.arrived_bytes)
                self._check(file)
        return True

    def _message(self, piece: _Piece) -> Message:
        return ReadChunk(
            job=self._job, path=piece.path, offset=piece.offset, size_bytes=piece.size_bytes
        )

    def _take(self, piece: _Piece, message: Message) -> None:
        message = _expected(message, Chunk)
        file, data = self._files[piece.path], message.arrays["data"]
        if (message.path, message.offset, data.nbytes) != (
            piece.path,
            piece.offset,
            piece.size_bytes,
        ):
            raise StorageError("The result was changed while it was read.", hint="Try again.")
        if piece.offset != file.arrived_bytes:
            return  # of a file that is on its way again from its start
        with inside(self._partial, piece.path).open("r+b") as stream:
            stream.seek(piece.offset)
            stream.write(data.data)
        file.digest.update(data.data)
        file.arrived_bytes += data.nbytes
        self._check(file)

    def _check(self, file: _File) -> None:
        """A whole file's checksum; then whether that was the last one."""
        entry = file.entry
        if file.arrived_bytes == entry.size_bytes and file.digest.hexdigest() != entry.sha256:
            self._again(file)
        is_open = self._unread or self._pieces or self._sent
        if not is_open and all(
            other.arrived_bytes == other.entry.size_bytes for other in self._files.values()
        ):
            self._complete()

    def _again(self, file: _File) -> None:
        file.times_wrong += 1
        if file.times_wrong >= ATTEMPTS or not file.entry.size_bytes:
            raise _damaged(file.entry.path)
        inside(self._partial, file.entry.path).write_bytes(b"")
        file.arrived_bytes, file.digest = 0, hashlib.sha256()
        self._plan(file.entry, 0)

    def _complete(self) -> None:
        for path in self._partial.rglob("*"):  # left of another result
            if path.is_file() and path.relative_to(self._partial).as_posix() not in self._files:
                path.unlink()
        self._partial.rename(self._folder)
        self.finished = True

    def _of_disk(self, error: OSError) -> MaquetteError:
        return StorageError(
            f"The result cannot be stored in {self._folder.parent}: {error.strerror}.",
            hint="Free some space, then try again: what has arrived is kept.",
        )


class Upload(Transfer):
    """Local files to the server; `inputs` is what a job then names them by."""

    def __init__(self, client: Client, paths: Sequence[Path], upload: str = "") -> None:
        super().__init__(client)
        self.upload = upload or uuid.uuid4().hex  # the id of an earlier one, to go on with it
        self._sources = _names(paths)
        self._unread = deque(self._sources)
        self._digest, self._digested_bytes = hashlib.sha256(), 0
        self._entries: dict[str, FileEntry] = {}
        self._received: dict[str, int] = {}
        self._attempts_left = ATTEMPTS
        if not self._sources:
            self.error = InputError("No files to send.", hint="Choose some photos.")

    @property
    def inputs(self) -> tuple[str, ...]:
        """For JobRequest."""
        return (f"upload:{self.upload}",)

    @property
    def done(self) -> float:
        """0..1, of all bytes."""
        total = sum(entry.size_bytes for entry in self._entries.values())
        if self._unread or not total:
            return float(self.finished)
        return sum(self._received.values()) / total

    def _prepare(self) -> bool:
        if not self._unread:
            return False
        name = self._unread[0]
        block = _read(self._sources[name], self._digested_bytes, PIECE_BYTES)
        self._digest.update(block)
        self._digested_bytes += len(block)
        if not block:
            self._unread.popleft()
            self._entries[name] = FileEntry(
                path=name, size_bytes=self._digested_bytes, sha256=self._digest.hexdigest()
            )
            self._digest, self._digested_bytes = hashlib.sha256(), 0
        return True

    def _first_message(self) -> Message:
        return BeginUpload(upload=self.upload, files=tuple(self._entries.values()))

    def _begin(self, message: Message) -> None:
        self._note(message)
        for path, entry in self._entries.items():
            self._plan(entry, self._received.get(path, 0))
        if not self._pieces and not self.finished:
            raise _damaged(next(iter(self._entries)))

    def _message(self, piece: _Piece) -> Message:
        data = _read(self._sources[piece.path], piece.offset, piece.size_bytes)
        if len(data) != piece.size_bytes:
            raise InputError(f"{self._sources[piece.path]} was changed while it was sent.")
        return WriteChunk(
            upload=self.upload,
            path=piece.path,
            offset=piece.offset,
            arrays={"data": np.frombuffer(data, np.uint8)},
        )

    def _take(self, piece: _Piece, message: Message) -> None:
        is_right = False
        if isinstance(message, UploadState):
            self._note(message)
            is_right = self._received.get(piece.path, 0) >= piece.offset + piece.size_bytes
        if not is_right:
            # the server has less than it was sent: it lost the upload's state, or a file arrived damaged
            self._attempts_left -= 1
            if self._attempts_left <= 0:
                raise as_error(message) if isinstance(message, Error) else _damaged(piece.path)
        if not is_right or not (self._pieces or self._sent or self.finished):
            self._start()

    def _note(self, message: Message) -> None:
        state = _expected(message, UploadState)
        self._received = state.received_bytes
        self.finished = state.is_complete

    def _of_disk(self, error: OSError) -> MaquetteError:
        return InputError(f"{error.filename} cannot be read: {error.strerror}.")


def _expected(message: Message, kind: type[Answer]) -> Answer:
    if isinstance(message, Error):
        raise as_error(message)
    if not isinstance(message, kind):
        raise ProtocolError(f"The server answers {message.name!r} instead of {kind.name!r}.")
    return message


def _damaged(path: str) -> StorageError:
    return StorageError(
        f"{path!r} arrives damaged again and again.",
        hint="Check the disk and the network, then try again.",
    )


def _read(path: Path, offset: int, size_bytes: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size_bytes)


def _names(paths: Sequence[Path]) -> dict[str, Path]:
    """Names that every system can have; photos of the same name from two folders are kept apart by a number."""
    named: dict[str, Path] = {}
    taken: set[str] = set()
    for path in paths:
        plain = plain_name(path.name)
        name, number = plain, 2
        while name.casefold() in taken:
            name, number = f"{number}/{plain}", number + 1
        taken.add(name.casefold())
        named[name] = path
    return named
