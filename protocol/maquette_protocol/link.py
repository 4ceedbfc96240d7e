"""One attempt at a secured connection: a DEALER socket and what its monitor tells of the handshake.

ZeroMQ itself says nothing when a key is wrong and tries again for ever; here each connection is one try, whose
failure is seen as an event.
"""

from collections.abc import Sequence
from typing import Literal

import zmq
from zmq.utils.monitor import parse_monitor_message

from maquette_protocol.connection import Address

LinkState = Literal["opening", "open", "unreachable", "refused", "cut"]
HIGH_WATER = 16  # messages in each direction; more wait with their sender
_HANDSHAKE_FAILED = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)


class Link:
    """Non-blocking both ways; once it is cut or refused, a new one is made."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", address: Address) -> None:
        self.state: LinkState = "opening"
        self.socket = context.socket(zmq.DEALER)
        self.socket.set_hwm(HIGH_WATER)
        self.socket.linger = 0
        self.socket.immediate = True  # nothing is queued for a connection that never comes
        self.socket.reconnect_ivl = -1
        self.socket.connect_timeout = 3000
        self.socket.handshake_ivl = 3000
        self.socket.ipv6 = "[" in address.endpoint
        self.socket.curve_serverkey = address.server_key.encode()
        self.socket.curve_publickey = address.public_key.encode()
        self.socket.curve_secretkey = address.secret_key.encode()
        self._monitor = self.socket.get_monitor_socket()
        self.socket.connect(address.endpoint)

    def watch(self) -> LinkState:
        """Take in what happened to the connection since the last call."""
        while self._monitor is not None and self._monitor.poll(0):
            event = parse_monitor_message(self._monitor.recv_multipart())["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.state = "open"
            elif event & _HANDSHAKE_FAILED:
                self.state = "refused"
            elif event in (zmq.EVENT_CLOSED, zmq.EVENT_DISCONNECTED):
                self._end(was_connected=event == zmq.EVENT_DISCONNECTED)
        return self.state

    def _end(self, *, was_connected: bool) -> None:
        if self.state == "open":
            self.state = "cut"
        elif self.state == "opening":
            # a server that can't decrypt the first word of a client with the wrong server key hangs up
            self.state = "refused" if was_connected else "unreachable"

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
