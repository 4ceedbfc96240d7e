"""A client that never blocks: the add-on polls it from a timer, the command line waits on it.

It keeps one secured connection alive, says in words what state that is in, and finds the server again after a cut. A
caller attaches to its jobs anew whenever `generation` has grown: a new connection has no subscriptions.
"""

import hashlib
import os
import stat
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

import zmq

from maquette_protocol import errors
from maquette_protocol.connection import Address, current_address, why_gone
from maquette_protocol.errors import MaquetteError, NoServerError, ProtocolError, RefusedError
from maquette_protocol.link import Link
from maquette_protocol.messages import (
    PROTOCOL,
    Error,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    Welcome,
)
from maquette_protocol.wire import decode, encode

State = Literal["connecting", "ready", "refused", "lost", "closed"]
Kind = Literal["blender", "command-line", "test"]
SILENT_HEARTBEATS = 3  # after so many without a word the server counts as lost
GREETING_S = 3.0  # a server that took the connection answers Hello within this
RETRY_S = 0.3
RETRY_REFUSED_S = 3.0
MAX_QUEUED = 1000
MAX_PROBE_BYTES = 4096

_CLASSES: dict[str, type[MaquetteError]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, MaquetteError)
}


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message from the server, with the id of the request that it answers, or "" for none."""

    message: Message
    reply_to: str


class Client:
    """One connection to one server, kept over the server's restarts."""

    def __init__(
        self, address: Address, *, kind: Kind, version: str, client_id: str | None = None
    ) -> None:
        self.address = address
        self.client_id = client_id or uuid.uuid4().hex
        self.state: State = "connecting"
        self.reason = "Looking for the backend."
        self.hint = ""
        self.welcome: Welcome | None = None
        self.shares_disk = False
        self.generation = 0  # grows with every Welcome
        self._hello = Hello(protocol=PROTOCOL, version=version, client=self.client_id, kind=kind)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._link: Link | None = None
        self._greeted = False
        self._queue: deque[tuple[int, list[bytes | memoryview]]] = deque()
        self._backlog: deque[Received] = deque()
        self._ids = count(1)
        self._opened_s = self._sent_s = self._heard_s = self._polled_s = time.monotonic()
        self._retry_s = 0.0
        self._hang_ups = 0
        self._last_flushed = self._last_unanswered = 0

    # What callers use --------------------------------------------------------------------------

    def send(self, message: Message) -> str:
        """Send as soon as the server is there; the id that answers will name. Raises ProtocolError, NoServerError."""
        number = next(self._ids)
        if len(self._queue) >= MAX_QUEUED or self.state == "closed":
            raise NoServerError(
                f"{len(self._queue)} messages wait for a backend that is not there.",
                hint=self.hint,
            )
        self._queue.append((number, encode(message, request=str(number))))
        return str(number)

    def poll(self, budget_s: float = 0.005, limit: int = 50) -> list[Received]:
        """What has come in, at most so many messages and about so much time; never waits, never raises."""
        now = time.monotonic()
        end_s = now + budget_s
        if self.state == "closed":
            return []
        if now - self._polled_s > self._heartbeat_s:
            # nobody was listening meanwhile (a long undo, a render): that is not the server's silence
            self._heard_s = now
        self._polled_s = now
        self._connect(now)
        received: list[Received] = []
        while self._backlog and len(received) < limit:
            received.append(self._backlog.popleft())
        self._flush()
        while len(received) < limit and time.monotonic() < end_s:
            if (found := self._take_one()) is None:
                break
            received += found
        self._keep_alive(time.monotonic())
        self._flush()
        return received

    def request(self, message: Message, timeout_s: float = 10.0) -> Message:
        """Wait for the answer. Raises the error that the server answers; NoServerError, RefusedError."""
        end_s = time.monotonic() + timeout_s
        request = self.send(message)
        others: list[Received] = []
        try:
            while (left_s := end_s - time.monotonic()) > 0:
                for received in self.poll():
                    if received.reply_to != request:
                        others.append(received)
                    elif isinstance(received.message, Error):
                        raise as_error(received.message)
                    else:
                        return received.message
                if self.state == "refused":
                    raise RefusedError(self.reason, hint=self.hint)
                if not self.can_be_answered(request):
                    raise NoServerError(self.reason, hint=self.hint)
                self.wait(min(left_s, 0.2))
        finally:
            self._backlog.extend(others)
        raise NoServerError(
            f"No answer within {timeout_s:g} s. {self.reason}".strip(), hint=self.hint
        )

    def can_be_answered(self, request: str) -> bool:
        """False once the connection was cut after the request had been sent: send it again."""
        return int(request) > self._last_unanswered

    def wait(self, timeout_s: float) -> None:
        """Sleep until there may be something to poll."""
        if self._backlog or self.state == "closed":
            return
        if self._link is None:
            time.sleep(min(timeout_s, 0.05))
        else:
            self._link.wait(timeout_s)

    def close(self) -> None:
        """Leave at once; what was not sent is dropped."""
        if self.state == "closed":
            return
        if self._link is not None and self.state == "ready":
            self._link.send(encode(Goodbye()))
        self._drop_link()
        # ZeroMQ may be looking up a host's name, which nothing can interrupt: then it ends by itself
        ending = threading.Thread(target=self._context.term, daemon=True)
        ending.start()
        ending.join(0.5)
        self._become("closed", "")

    # The connection ----------------------------------------------------------------------------

    @property
    def _heartbeat_s(self) -> float:
        return self.welcome.heartbeat_s if self.welcome is not None else 1.0

    def _become(self, state: State, reason: str, hint: str = "") -> None:
        self.state, self.reason, self.hint = state, reason, hint

    def _connect(self, now: float) -> None:
        if self._link is None:
            if now < self._retry_s:
                return
            self.address = current_address(self.address)
            try:
                self._link = Link(self._context, self.address)
            except RefusedError as error:
                self._refuse(error.message, error.hint)
                return
            self._greeted = False
            self._opened_s = self._heard_s = now
        state = self._link.watch()
        if state == "open" and not self._greeted:
            self._greeted = self._link.send(encode(self._hello, request="hello"))
            self._opened_s = self._heard_s = self._sent_s = now
        elif state == "unreachable":
            self._lose(f"No backend answers at {_place(self.address)}.")
        elif state == "silent":
            self._lose(f"The backend at {_place(self.address)} hangs: it does not answer.")
        elif state == "refused":
            self._refuse(
                f"The backend at {_place(self.address)} does not know this client's key.",
                "Pair with it again; if it runs on this machine, start it again.",
            )
        elif state == "hung-up":
            self._hung_up()
        elif state == "cut" and not self._link.socket.poll(0):  # its last words are read first
            self._lose("The connection to the backend was cut.")

    def _hung_up(self) -> None:
        # once it may have been a server on its way out
        self._hang_ups += 1
        if self._hang_ups < 2:
            self._lose(f"What is at {_place(self.address)} hung up.")
        else:
            self._refuse(
                f"What answers at {_place(self.address)} is not the backend that this key is for.",
                "Pair with it again; if it runs on this machine, start it again.",
            )

    def _lose(self, reason: str) -> None:
        self._drop_link()
        self._retry_s = time.monotonic() + RETRY_S
        hint = "It is looked for again. Start it if it does not come; what it had finished is kept."
        self._become("lost", why_gone(self.address) or reason, hint)

    def _refuse(self, reason: str, hint: str) -> None:
        self._drop_link()
        self._retry_s = time.monotonic() + RETRY_REFUSED_S
        self._become("refused", reason, hint)

    def _drop_link(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None
        self._greeted = False
        self._last_unanswered = self._last_flushed

    def _flush(self) -> None:
        while self._link is not None and self.state == "ready" and self._queue:
            number, frames = self._queue[0]
            if not self._link.send(frames):
                return
            self._queue.popleft()
            self._last_flushed = max(self._last_flushed, number)
            self._sent_s = time.monotonic()

    def _keep_alive(self, now: float) -> None:
        if self._link is None:
            return
        if self.state == "ready":
            if now - self._sent_s > self._heartbeat_s and self._link.send(encode(Ping())):
                self._sent_s = now
            if now - self._heard_s > SILENT_HEARTBEATS * self._heartbeat_s:
                self._lose("The backend does not answer any more.")
        elif now - self._opened_s > GREETING_S:
            self._lose(f"What is at {_place(self.address)} does not answer.")

    # What comes in -----------------------------------------------------------------------------

    def _take_one(self) -> list[Received] | None:
        """The next message as a list, empty where it was the connection's own business; None without one."""
        frames = self._link.receive() if self._link is not None else None
        if frames is None:
            return None
        self._heard_s = time.monotonic()
        try:
            envelope = decode(frames)
        except ProtocolError:
            return []  # of a server that we trust with our photos a bad message is a fault, not an attack
        message = envelope.message
        if isinstance(message, Welcome):
            self._enter(message)
        elif isinstance(message, Ping):
            self._queue.appendleft((0, encode(Pong())))
        elif isinstance(message, Goodbye):
            self._lose(message.reason or "The backend was stopped.")
            if envelope.reply_to:  # somebody asked for it
                return [Received(message=message, reply_to=envelope.reply_to)]
        elif isinstance(message, Error) and envelope.reply_to == "hello":
            self._refuse(message.message, message.hint)
        elif isinstance(message, Error) and message.code == "hello-first":
            self._lose("The backend has forgotten this connection.")
        elif not isinstance(message, Pong):
            return [Received(message=message, reply_to=envelope.reply_to)]
        return []

    def _enter(self, welcome: Welcome) -> None:
        self.welcome = welcome
        self.shares_disk = _reads_probe(welcome)
        self.generation += 1
        self._hang_ups = 0
        self._become("ready", "")


def _place(address: Address) -> str:
    return address.endpoint.removeprefix("tcp://")


def as_error(message: Error) -> MaquetteError:
    """The error that the server met, as one to raise here."""
    return _CLASSES.get(message.code, MaquetteError)(message.message, hint=message.hint)


def _reads_probe(welcome: Welcome) -> bool:
    """Whether the server's folder is here too: the same small file, read with care, as the path is the server's."""
    if not Path(welcome.probe_path).is_absolute() or welcome.probe_path.startswith(("\\", "//")):
        return False  # a network share would be asked with the user's name and password
    try:
        found = os.lstat(welcome.probe_path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_PROBE_BYTES:
            return False
        content = Path(welcome.probe_path).read_bytes()
    except (OSError, ValueError):
        return False
    return hashlib.sha256(content).hexdigest() == welcome.probe_sha256
