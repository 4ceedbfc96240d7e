"""The server's end of the socket: secured, non-blocking, and proof against whatever a client sends.

It greets clients, keeps the heartbeat, limits rates and queues, and hands over what is the server's business. A
client is named by the id in its Hello, which it keeps over reconnects. Its coming and going are told as the messages
that stand for them: a Hello when it is greeted, a Goodbye when it left, fell silent, or was dropped.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import zmq

from maquette.server.gate import DOMAIN, Gate, bind_to, secured_router
from maquette.server.guests import PairedKeys
from maquette.server.pairing import VALID_S, PairingSocket
from maquette.server.peers import Frames, Limits, Peer
from maquette_protocol.errors import (
    MaquetteError,
    ProtocolError,
    RefusedError,
    VersionMismatchError,
)
from maquette_protocol.fields import with_whole_characters
from maquette_protocol.keys import KeyPair
from maquette_protocol.messages import Error, Goodbye, Hello, Message, Ping, Pong, Welcome
from maquette_protocol.pairing import format_invitation
from maquette_protocol.wire import decode, encode

HIGH_WATER = 16  # messages per connection in each direction that ZeroMQ itself may hold
MESSAGES_PER_POLL = 200
BYTES_PER_POLL = 64 * 2**20  # what is read is held until it is answered

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A message of a greeted client; `request` is what an answer's `reply_to` names."""

    client: str
    message: Message
    request: str = ""


class ServerSocket:
    """A ROUTER that speaks CURVE with keys that `may_enter(public key, address)` approves."""

    def __init__(
        self,
        keys: KeyPair,
        *,
        may_enter: Callable[[str, str], bool],
        welcome: Welcome,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.keys = keys
        self._welcome = welcome
        self._may_enter = may_enter
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._gate = Gate(self.context, may_enter)
        self._router = secured_router(
            self.context,
            keys,
            domain=DOMAIN,
            max_bytes=self.limits.max_message_bytes,
            high_water=HIGH_WATER,
        )
        self._pairing: PairingSocket | None = None
        self._poller = zmq.Poller()
        self._pollers: list[zmq.Poller] = []
        self.register(self._poller)
        self._peers: dict[bytes, Peer] = {}
        self._clients: dict[str, Peer] = {}
        self._events: list[Incoming] = []
        self._looked_s = 0.0

    def bind(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen there; the endpoint that clients connect to. Raises RefusedError for a taken port."""
        bound = bind_to(self._router, host, port)
        return f"tcp://[{host}]:{bound}" if ":" in host else f"tcp://{host}:{bound}"

    def open_pairing(
        self,
        host: str,
        port: int,
        *,
        paired: PairedKeys,
        server_port: int,
        valid_s: float = VALID_S,
    ) -> str:
        """Let one client in by a code; the text for its user to copy. Replaces an earlier code."""
        self._close_pairing()
        pairing = PairingSocket(
            self.context, self.keys, paired=paired, server_port=server_port, valid_s=valid_s
        )
        try:
            invitation = pairing.bind(host, port)
        except RefusedError:
            pairing.close()
            raise
        self._pairing = pairing
        for poller in self._pollers:
            poller.register(pairing.socket, zmq.POLLIN)
        return format_invitation(invitation)

    @property
    def is_pairing(self) -> bool:
        """Whether a code is waiting to be used."""
        return self._pairing is not None

    def _close_pairing(self) -> None:
        if self._pairing is not None:
            for poller in self._pollers:
                poller.unregister(self._pairing.socket)
            self._pairing.close()
        self._pairing = None

    def _look_after_pairing(self) -> None:
        if self._pairing is not None:
            self._pairing.answer()
            if self._pairing.is_over:
                self._close_pairing()

    # What the server uses ----------------------------------------------------------------------

    def poll(self, timeout_s: float) -> list[Incoming]:
        """What has come in; waits so long at most for the first. Never raises for what a client does."""
        if not self._events:
            self._poller.poll(int(min(timeout_s, self.limits.heartbeat_s / 2) * 1000))
        self._gate.answer()
        self._look_after_pairing()
        self._receive()
        now = time.monotonic()
        if now - self._looked_s > self.limits.heartbeat_s / 4:
            self._looked_s = now
            self._look_after_peers(now)
        for peer in list(self._clients.values()):
            self._flush(peer)
        events, self._events = self._events, []
        return events

    def _receive(self) -> None:
        size_bytes = 0
        for _ in range(MESSAGES_PER_POLL):
            try:
                frames = self._router.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            self._take(frames, time.monotonic())
            size_bytes += sum(len(frame) for frame in frames)
            if size_bytes > BYTES_PER_POLL:
                return

    def send(self, client: str, message: Message, *, reply_to: str = "") -> bool:
        """Queue a message; False where the client is not there. One that does not read is dropped."""
        peer = self._clients.get(client)
        if peer is None:
            return False
        self._put(peer, message, reply_to)
        return client in self._clients

    def send_error(self, client: str, error: MaquetteError, *, reply_to: str = "") -> bool:
        """Answer a request with what went wrong."""
        answer = Error(code=error.code, message=error.message, hint=error.hint)
        return self.send(client, answer, reply_to=reply_to)

    @property
    def clients(self) -> dict[str, Hello]:
        """Who is greeted and there."""
        return {name: peer.hello for name, peer in self._clients.items() if peer.hello is not None}

    def key_of(self, client: str) -> str:
        """The public key that a greeted client showed in the handshake; "" where it is not there."""
        peer = self._clients.get(client)
        return peer.key if peer is not None else ""

    def register(self, poller: zmq.Poller) -> None:
        """Have this poller, too, wake up for whatever this socket waits for."""
        for socket in self._sockets():
            poller.register(socket, zmq.POLLIN)
        self._pollers.append(poller)

    def _sockets(self) -> "list[zmq.Socket[bytes]]":
        pairing = [self._pairing.socket] if self._pairing is not None else []
        return [self._gate.socket, self._router, *pairing]

    def close(self, reason: str = "The backend was stopped.") -> None:
        """Say goodbye and let go; what is queued in ZeroMQ has a moment to leave."""
        for peer in list(self._clients.values()):
            self._put(peer, Goodbye(reason=reason), "")
        self._close_pairing()
        self._gate.close()
        self._router.close(linger=200)
        self.context.term()

    # What clients do ---------------------------------------------------------------------------

    def _take(self, frames: list[zmq.Frame], now: float) -> None:
        peer = self._peer(frames, now)
        if peer is None or peer.is_banned:
            return
        peer.heard_s = now
        if not peer.may_speak(now):
            self._too_many(peer)
            return
        try:
            envelope = decode(
                [frame.buffer for frame in frames[1:]], max_bytes=self.limits.max_message_bytes
            )
            self._sort(peer, envelope.message, envelope.request)
        except VersionMismatchError as error:
            self._put(peer, self._versions(error.protocol, error.version), error.request)
            self._strike(peer)
        except ProtocolError as error:
            self._put(peer, _as_message(error), error.request)
            self._strike(peer)

    def _peer(self, frames: list[zmq.Frame], now: float) -> Peer | None:
        routing_id = frames[0].bytes
        peer = self._peers.get(routing_id)
        if peer is None and len(self._peers) < self.limits.max_peers:
            key, address = (str(frames[-1].get(name)) for name in ("User-Id", "Peer-Address"))
            # the key may have been removed since the connection was made
            if self._may_enter(key, address):
                peer = Peer(routing_id, key, address, self.limits, heard_s=now, sent_s=now)
                self._peers[routing_id] = peer
        return peer

    def _strike(self, peer: Peer) -> None:
        if peer.strike():
            self._forget(peer, "It sends nothing that makes sense.")
            # the connection stays known, so that nothing of it is read until it has been silent for a while
            self._peers[peer.routing_id] = peer

    def _too_many(self, peer: Peer) -> None:
        if not peer.is_warned:
            peer.is_warned = True
            rate = self.limits.messages_per_s
            answer = Error(
                code="too-many-messages",
                message=f"More than {rate:g} messages a second: some were not read.",
                hint="Wait a moment, then send again.",
            )
            self._put(peer, answer, "")

    def _sort(self, peer: Peer, message: Message, request: str) -> None:
        if isinstance(message, Hello):
            self._greet(peer, message, request)
        elif isinstance(message, Ping):
            self._put(peer, Pong(), request)
        elif peer.hello is None:
            answer = Error(code="hello-first", message="Say hello first.", hint="Connect again.")
            self._put(peer, answer, request)
        elif isinstance(message, Goodbye):
            self._forget(peer, "It left.")
        elif not isinstance(message, Pong):
            self._events.append(
                Incoming(client=peer.hello.client, message=message, request=request)
            )

    def _versions(self, protocol: int, version: str) -> Error:
        ours = self._welcome
        older = "client" if protocol < ours.protocol else "backend"
        return Error(
            code=VersionMismatchError.code,
            message=f"The client is Maquette {version or 'of another version'} (protocol {protocol}), "
            f"the backend Maquette {ours.version} (protocol {ours.protocol}).",
            hint=f"Update the {older}.",
        )

    def _greet(self, peer: Peer, hello: Hello, request: str) -> None:
        if hello.protocol != self._welcome.protocol:
            self._put(peer, self._versions(hello.protocol, hello.version), request)
            return
        earlier = self._clients.get(hello.client)
        if earlier is not None and earlier.key != peer.key:
            refusal = RefusedError("Another key uses this client's id.", hint="Start again.")
            self._put(peer, _as_message(refusal), request)
            return
        if peer.hello is not None and peer.hello.client != hello.client:
            self._forget(peer, "It took another id.")
        if earlier is not None and earlier is not peer:
            # the same client over a new connection: the old one is dead, whatever it looks like
            self._peers.pop(earlier.routing_id, None)
        is_new = peer.hello is None
        peer.hello = hello
        self._peers[peer.routing_id] = peer
        self._clients[hello.client] = peer
        self._put(peer, self._welcome, request)
        if is_new:
            self._events.append(Incoming(client=hello.client, message=hello))

    # What goes out -----------------------------------------------------------------------------

    def _put(self, peer: Peer, message: Message, reply_to: str) -> None:
        frames = _encoded(message, reply_to)
        if frames is None:
            return
        if not peer.outbox.put(message, frames):
            self._forget(peer, "It does not read what it is sent.")
            return
        self._flush(peer)

    def _flush(self, peer: Peer) -> None:
        while (first := peer.outbox.first()) is not None:
            key, frames = first
            try:
                self._router.send_multipart([peer.routing_id, *frames], zmq.NOBLOCK)
            except zmq.Again:
                return
            except zmq.ZMQError:  # EHOSTUNREACH: the connection is gone
                self._forget(peer, "Its connection was cut.")
                return
            peer.outbox.drop(key)
            peer.sent_s = time.monotonic()

    def _look_after_peers(self, now: float) -> None:
        for peer in list(self._peers.values()):
            if now - peer.heard_s > self.limits.silent_s:
                self._forget(peer, "It fell silent.")
            elif not self._may_enter(peer.key, peer.address):
                self._forget(peer, "Its key was removed.")
            elif peer.hello is not None and now - peer.sent_s > self.limits.heartbeat_s:
                self._put(peer, Ping(), "")

    def _forget(self, peer: Peer, reason: str) -> None:
        self._peers.pop(peer.routing_id, None)
        if peer.hello is not None and self._clients.get(peer.hello.client) is peer:
            del self._clients[peer.hello.client]
            self._events.append(Incoming(client=peer.hello.client, message=Goodbye(reason=reason)))
        peer.hello = None


def _encoded(message: Message, reply_to: str) -> Frames | None:
    """The frames of a message; of one that cannot be sent as it is, as much as can: the loop must go on."""
    try:
        return encode(message, reply_to=reply_to)
    except ProtocolError:
        log.warning("a %s cannot be sent as it is", message.name, exc_info=True)
    try:
        return encode(with_whole_characters(message), reply_to=reply_to)
    except ProtocolError as error:
        fault = MaquetteError(f"The backend's answer cannot be sent: {error.message[:1000]}")
        return encode(_as_message(fault), reply_to=reply_to) if reply_to else None


def _as_message(error: MaquetteError) -> Error:
    return Error(code=error.code, message=error.message, hint=error.hint)
