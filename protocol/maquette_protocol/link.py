"""One attempt at a secured connection: a DEALER socket and what its monitor tells of the handshake.

ZeroMQ itself says nothing when a key is wrong and tries again for ever; here each connection is one try, whose
failure is seen as an event.
"""

import time
from collections.abc import Sequence
from typing import Literal

import zmq
from zmq.utils.monitor import parse_monitor_message

from maquette_protocol.connection import Address
from maquette_protocol.errors import RefusedError
from maquette_protocol.wire import MAX_MESSAGE_BYTES

# "hung-up": something took the connection and ended it before the keys were exchanged
LinkState = Literal["opening", "open", "unreachable", "silent", "hung-up", "refused", "cut"]
HIGH_WATER = 16  # messages in each direction; more wait with their sender
HANDSHAKE_S = 3.0
_FAILURES = (
    zmq.EVENT_CLOSED,
    zmq.EVENT_CONNECT_RETRIED,
    zmq.EVENT_DISCONNECTED,
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
)


class Link:
    """Non-blocking both ways; once it is cut or refused, a new one is made."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", address: Address) -> None:
        """Begin to connect. Raises RefusedError for an address that cannot be one."""
        self.state: LinkState = "opening"
        self._opened_s = time.monotonic()
        self.socket = context.socket(zmq.DEALER)
        self.socket.set_hwm(HIGH_WATER)
        self.socket.linger = 0
        self.socket.maxmsgsize = MAX_MESSAGE_BYTES
        # as good as never, for each connection is one try; but -1 would drop a server's last words
        self.socket.reconnect_ivl = 3_600_000
        self.socket.connect_timeout = self.socket.handshake_ivl = int(HANDSHAKE_S * 1000)
        self.socket.ipv6 = "[" in address.endpoint
        self._monitor = self.socket.get_monitor_socket()
        try:
            self.socket.curve_serverkey = address.server_key.encode()
            self.socket.curve_publickey = address.public_key.encode()
            self.socket.curve_secretkey = address.secret_key.encode()
            self.socket.connect(address.endpoint)
        except (zmq.ZMQError, ValueError) as error:
            self.close()
            raise RefusedError(
                f"There can be no backend at {address.endpoint[:100]} ({error}).",
                hint="Pair with it again; if it runs on this machine, start it again.",
            ) from error

    def watch(self) -> LinkState:
        """Take in what happened to the connection since the last call."""
        while self._monitor.poll(0):
            event = parse_monitor_message(self._monitor.recv_multipart())["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.state = "open"
            elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                self.state = "refused"
            elif event == zmq.EVENT_DISCONNECTED and self.state == "open":
                self.state = "cut"
            elif event in _FAILURES and self.state == "opening":
                self.state = self._failure(event)
        return self.state

    def _failure(self, event: int) -> LinkState:
        if event in (zmq.EVENT_CLOSED, zmq.EVENT_CONNECT_RETRIED):
            return "unreachable"
        # a server hangs up at once on a client that has another server's key; one that hangs runs into the timeout
        took_s = time.monotonic() - self._opened_s
        return "silent" if took_s > 0.8 * HANDSHAKE_S else "hung-up"

    def send(self, frames: Sequence[bytes | memoryview]) -> bool:
        """Whether the message could be handed over now."""
        try:
            self.socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def receive(self) -> list[memoryview] | None:
        """The frames of the next message, as views of the memory that they came in; None without one."""
        try:
            frames = self.socket.recv_multipart(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return None
        return [frame.buffer for frame in frames]

    def wait(self, timeout_s: float) -> None:
        """Until something arrives or happens."""
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self._monitor, zmq.POLLIN)
        poller.poll(int(timeout_s * 1000))

    def close(self) -> None:
        """Let go of the sockets at once, whatever was not sent."""
        self.socket.disable_monitor()
        self._monitor.close(0)
        self.socket.close(0)
