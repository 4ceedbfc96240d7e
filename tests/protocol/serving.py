"""A server's end of the socket in a thread: real sockets and keys, and files to transfer; no jobs."""

import hashlib
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maquette.server.downloads import FileLists, read_piece
from maquette.server.guests import Guests, PairedKeys
from maquette.server.peers import Limits
from maquette.server.socket import Incoming, ServerSocket
from maquette.server.uploads import Uploads
from maquette_protocol.client import Client
from maquette_protocol.connection import Address
from maquette_protocol.errors import MaquetteError
from maquette_protocol.keys import KeyPair, new_key_pair
from maquette_protocol.messages import (
    PROTOCOL,
    BeginUpload,
    Jobs,
    ListFiles,
    ListJobs,
    Message,
    ReadChunk,
    Welcome,
    WriteChunk,
)


@dataclass
class Serving:
    """Serves from the moment it is made until `stop`; `seen` is what the server heard."""

    folder: Path
    limits: Limits = field(default_factory=Limits)
    keys: KeyPair = field(default_factory=new_key_pair)
    local: KeyPair = field(default_factory=new_key_pair)
    port: int = 0
    on_chunk: Callable[[Message], Message | None] = lambda message: message
    seen: list[Incoming] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.paired = PairedKeys(self.folder / "paired.json")
        self.results = self.folder / "results"
        probe = self.folder / "probe.txt"
        probe.write_text("the same disk")
        self.server_id = uuid.uuid4().hex
        welcome = Welcome(
            protocol=PROTOCOL,
            version="0.1.0",
            server=self.server_id,
            heartbeat_s=self.limits.heartbeat_s,
            max_message_bytes=self.limits.max_message_bytes,
            probe_path=str(probe),
            probe_sha256=hashlib.sha256(b"the same disk").hexdigest(),
        )
        guests = Guests(local_key=self.local.public, paired=self.paired)
        self.socket = ServerSocket(
            self.keys, may_enter=guests.may_enter, welcome=welcome, limits=self.limits
        )
        self.endpoint = self.socket.bind(port=self.port)
        self.uploads = Uploads(self.folder / "uploads")
        self._lists = FileLists(lambda: None)
        self._tasks: list[Callable[[], Any]] = []
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def address(self) -> Address:
        """For a client on this machine."""
        return Address(self.endpoint, self.keys.public, self.local.public, self.local.secret)

    def client(self, **changes: Any) -> Client:
        """A client of this server."""
        address = changes.pop("address", self.address)
        return Client(address, kind="test", version="0.1.0", **changes)

    def in_its_thread(self, task: Callable[[], Any]) -> Any:
        """What the task returns; sockets belong to one thread."""
        done = threading.Event()
        results: list[Any] = []

        def run() -> None:
            results.append(task())
            done.set()

        self._tasks.append(run)
        assert done.wait(20)
        return results[0]

    def heard(self, kind: type[Message]) -> list[Incoming]:
        """What of this kind has come, or stands for a client that came or went."""
        return [incoming for incoming in list(self.seen) if isinstance(incoming.message, kind)]

    def stop(self) -> None:
        """End in good order."""
        self._is_stopping.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._is_stopping.is_set():
            for incoming in self.socket.poll(0.02):
                self.seen.append(incoming)
                self._answer(incoming)
            for answer in self._lists.finished():
                self.socket.send(answer.client, answer.message, reply_to=answer.reply_to)
            while self._tasks:
                self._tasks.pop(0)()
        self._lists.close()
        self.socket.close()

    def _answer(self, incoming: Incoming) -> None:
        try:
            answer = self._answer_to(incoming)
        except MaquetteError as error:
            self.socket.send_error(incoming.client, error, reply_to=incoming.request)
            return
        if answer is not None:
            self.socket.send(incoming.client, answer, reply_to=incoming.request)

    def _answer_to(self, incoming: Incoming) -> Message | None:
        message = incoming.message
        if isinstance(message, ListJobs):
            return Jobs(jobs=())
        if isinstance(message, ListFiles):
            self._lists.ask(incoming.client, incoming.request, self.results)
        if isinstance(message, ReadChunk):
            return self.on_chunk(read_piece(self.results, message))
        if isinstance(message, BeginUpload):
            return self.uploads.begin(message)
        if isinstance(message, WriteChunk):
            changed = self.on_chunk(message)
            return self.uploads.write(changed) if isinstance(changed, WriteChunk) else None
        return None
