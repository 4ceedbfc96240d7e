"""Who may connect: ZeroMQ asks here (its ZAP, RFC 27) about the key of every connection before a byte of it is read.

Answered from the server's own loop, so there is no thread to keep alive.
"""

import ipaddress
from collections.abc import Callable

import zmq
from zmq.utils import z85

ENDPOINT = "inproc://zeromq.zap.01"
DOMAIN, PAIRING_DOMAIN = "maquette", "maquette-pairing"
Socket = zmq.Socket[bytes]


class Gate:
    """Answers for all sockets of one context. `may_enter` is asked about (public key, address)."""

    def __init__(
        self, context: "zmq.Context[Socket]", may_enter: Callable[[str, str], bool]
    ) -> None:
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(ENDPOINT)
        self._may_enter = may_enter

    def answer(self) -> None:
        """Answer all that was asked."""
        while self.socket.poll(0):
            frames = self.socket.recv_multipart()
            self.socket.send_multipart(self._answer(frames))

    def _answer(self, frames: list[bytes]) -> list[bytes]:
        # [who asks, "", version, request, domain, address, routing id, mechanism, credentials...]
        asker, empty, version, request, domain, address, _, mechanism, *credentials = frames
        key = ""
        if mechanism == b"CURVE" and len(credentials) == 1:
            key = z85.encode(credentials[0]).decode()
        is_pairing = domain.decode() == PAIRING_DOMAIN
        if key and (is_pairing or self._may_enter(key, address.decode())):
            return [asker, empty, version, request, b"200", b"OK", key.encode(), b""]
        return [asker, empty, version, request, b"400", b"this key is not known here", b"", b""]

    def close(self) -> None:
        """Nobody can enter any more."""
        self.socket.close(0)


def is_this_machine(address: str) -> bool:
    """Whether a connection comes from the loopback device."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
