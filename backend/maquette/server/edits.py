"""Edits are answered beside the jobs: one process that holds the conversations, so that no prompt waits for a job.

The server's loop hands requests in and never waits; a thread writes them, another reads the answers. Where the process
dies, those who wait hear it at once, and the next request starts a new one, which knows no scene: clients tell theirs
again.
"""

import contextlib
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from maquette.jobs.edit_worker import read_record, write_record
from maquette.server.socket import Incoming
from maquette.server.wake import Wake
from maquette_protocol.edit_messages import (
    AdjustEdit,
    AskEdit,
    ChooseCandidate,
    EndEdit,
    UpdateScene,
)
from maquette_protocol.errors import InputError, MaquetteError
from maquette_protocol.messages import Error, Message
from maquette_protocol.wire import decode, encode

REQUESTS = (UpdateScene, AskEdit, ChooseCandidate, AdjustEdit, EndEdit)
MAX_WAITING = 64  # requests of one client without an answer
MAX_WAITING_BYTES = 256 * 2**20  # of all
Answer = Callable[[str, Message, str], object]  # client, message, the request that it answers
log = logging.getLogger(__name__)


class Edits:
    """Used by one thread, the server's loop; `answer` is called there."""

    def __init__(self, wake: Wake, answer: Answer, *, idle_s: float) -> None:
        self._wake, self._answer, self._idle_s = wake, answer, idle_s
        self._process: _Process | None = None
        self._waiting: dict[tuple[str, str], int] = {}  # client and request → bytes
        self._used_s = time.monotonic()

    def ask(self, incoming: Incoming) -> None:
        """Have it answered. Raises InputError where too much waits already."""
        self._used_s = time.monotonic()
        frames = encode(incoming.message)
        size = sum(len(frame) for frame in frames)
        of_client = sum(1 for client, _ in self._waiting if client == incoming.client)
        if of_client >= MAX_WAITING or sum(self._waiting.values()) + size > MAX_WAITING_BYTES:
            raise InputError("Too many edits wait already.", hint="Wait for their answers.")
        if self._process is None:
            self._process = _Process(self._wake, self._hear)
        self._waiting[incoming.client, incoming.request] = size
        self._process.write({"client": incoming.client, "request": incoming.request}, frames)

    def forget(self, client: str) -> None:
        """The client left."""
        for key in [key for key in self._waiting if key[0] == client]:
            del self._waiting[key]
        if self._process is not None:
            self._process.write({"client": client, "left": True}, [])

    def step(self) -> None:
        """End a process that nobody has used for long: its memory is given back."""
        is_idle = self._process is not None and not self._waiting
        if is_idle and time.monotonic() - self._used_s > self._idle_s:
            self.close()

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _hear(self, process: "_Process", head: dict[str, Any] | None, frames: list[bytes]) -> None:
        """An answer; no head: the process is gone."""
        if process is not self._process:
            return
        if head is None:
            self._lose(process)
            return
        key = (head["client"], head["request"])
        if self._waiting.pop(key, None) is not None:
            try:
                message = decode(frames).message
            except MaquetteError as error:
                message = Error(code=error.code, message=error.message, hint=error.hint)
            self._answer(key[0], message, key[1])

    def _lose(self, process: "_Process") -> None:
        self._process = None
        log.warning("the process that answers edits has ended with status %s", process.status)
        gone = Error(
            code="crash",
            message="The process that answers edits has ended.",
            hint="Type it again: a new one starts by itself.",
        )
        waiting, self._waiting = self._waiting, {}
        for client, request in waiting:
            self._answer(client, gone, request)


class _Process:
    """The process, and the threads at its pipes."""

    def __init__(
        self,
        wake: Wake,
        hear: Callable[["_Process", dict[str, Any] | None, list[bytes]], None],
    ) -> None:
        self._wake, self._listener = wake, hear
        self._orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "maquette.jobs.edit_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the server alone
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        for target, pipe in ((self._write, self._child.stdin), (self._read, self._child.stdout)):
            threading.Thread(target=target, args=(pipe,), daemon=True).start()

    @property
    def status(self) -> int | None:
        """Its exit status, where it has ended."""
        return self._child.returncode

    def write(self, head: dict[str, Any], frames: list[bytes | memoryview]) -> None:
        """Does not wait."""
        self._orders.put((head, frames))

    def end(self) -> None:
        """At once."""
        self._orders.put(None)
        self._child.kill()
        self._child.wait()

    def _write(self, pipe: IO[bytes]) -> None:
        while (order := self._orders.get()) is not None:
            with contextlib.suppress(OSError, ValueError):  # it is gone: its reader tells
                write_record(pipe, *order)
        with contextlib.suppress(OSError):
            pipe.close()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while (record := read_record(pipe)) is not None:
                self._tell(*record)
        self._child.wait()
        self._orders.put(None)
        self._tell(None, [])

    def _tell(self, head: dict[str, Any] | None, frames: list[bytes]) -> None:
        self._wake.post(lambda: self._listener(self, head, frames))
