"""Who may connect: ZeroMQ asks here (its ZAP, RFC 27) about the key of every connection before a byte of it is read.

Answered from the server's own loop, so there is no thread to keep alive.
"""

import ipaddress
from collections.abc import Callable

import zmq
from zmq.utils import z85

from maquette_protocol.errors import RefusedError
from maquette_protocol.keys import KeyPair

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


def secured_router(
    context: "zmq.Context[Socket]",
    keys: KeyPair,
    *,
    domain: str,
    max_bytes: int,
    high_water: int,
) -> Socket:
    """A ROUTER that takes nothing but CURVE from who passes the gate, and holds little for each."""
    router = context.socket(zmq.ROUTER)
    router.set_hwm(high_water)
    router.linger = 0
    router.maxmsgsize = max_bytes
    router.router_mandatory = True  # a send says when the client is gone or its queue full
    router.handshake_ivl = 3000
    router.zap_domain = domain.encode()
    router.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # no gate, no entry
    router.curve_server = True
    router.curve_secretkey = keys.secret.encode()
    return router


def bind_to(socket: Socket, host: str, port: int) -> int:
    """Bind to a port, or with 0 to a free one; the port. Raises RefusedError where it is taken."""
    socket.ipv6 = ":" in host
    place = f"tcp://[{host}]" if ":" in host else f"tcp://{host}"
    try:
        socket.bind(f"{place}:{port or '*'}")
    except zmq.ZMQError as error:
        raise RefusedError(
            f"The server cannot listen at {host}:{port} ({error.strerror}).",
            hint="Choose another port, or end the program that uses it.",
        ) from error
    endpoint = socket.getsockopt_string(zmq.LAST_ENDPOINT)
    return int(endpoint.rpartition(":")[2])


def is_this_machine(address: str) -> bool:
    """Whether a connection comes from the loopback device."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
