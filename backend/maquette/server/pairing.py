"""Letting a new client in: a socket of its own that understands nothing but Pair, open for one code.

The code works once, for some minutes and a few tries; then the socket is gone. Only who has the server's key from the
pairing text gets so far as to try.
"""

import hmac
import secrets
import time
from socket import AF_INET, AF_INET6, SOCK_DGRAM, gethostname, socket

import zmq

from maquette.server.gate import PAIRING_DOMAIN, bind_to, secured_router
from maquette.server.guests import PairedKeys
from maquette_protocol.errors import MaquetteError, ProtocolError, RefusedError
from maquette_protocol.keys import KeyPair
from maquette_protocol.messages import Error, Message, Pair, Paired
from maquette_protocol.pairing import Invitation
from maquette_protocol.wire import decode, encode

VALID_S = 600.0
TRIES = 5
MAX_BYTES = 4096
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else


def new_code() -> str:
    """Twelve characters, 58 bits: "K7QX-92MD-4TFA"."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


class PairingSocket:
    """Open until the code was used, has expired, or was guessed at too often."""

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        keys: KeyPair,
        *,
        paired: PairedKeys,
        server_port: int,
        valid_s: float = VALID_S,
    ) -> None:
        self._keys, self._paired, self._server_port = keys, paired, server_port
        self._code = new_code()
        self._tries_left = TRIES
        self._ends_s = time.monotonic() + valid_s
        self.socket = secured_router(
            context, keys, domain=PAIRING_DOMAIN, max_bytes=MAX_BYTES, high_water=4
        )

    def bind(self, host: str, port: int) -> Invitation:
        """Listen there; what the user is to copy. Raises RefusedError for a taken port."""
        bound = bind_to(self.socket, host, port)
        shown = reachable_host(host)
        return Invitation(host=shown, port=bound, server_key=self._keys.public, code=self._code)

    @property
    def is_over(self) -> bool:
        """Nobody can pair with this code any more."""
        return self._tries_left <= 0 or time.monotonic() > self._ends_s

    def answer(self) -> None:
        """Answer who has asked."""
        while not self.is_over and self.socket.poll(0):
            routing_id, *frames = self.socket.recv_multipart(copy=False)
            key = str(frames[-1].get("User-Id")) if frames else ""
            answer = self._answer([frame.buffer for frame in frames], key)
            try:
                self.socket.send_multipart([routing_id.bytes, *encode(answer)], zmq.NOBLOCK)
            except zmq.Again:
                continue

    def _answer(self, frames: list[memoryview], key: str) -> Message:
        # whatever it was, it used up a try
        self._tries_left -= 1
        try:
            message = decode(frames, max_bytes=MAX_BYTES).message
            if not isinstance(message, Pair):
                raise ProtocolError("Only pairing is possible here.")
            self._check(message, key)
        except MaquetteError as error:
            return Error(code=error.code, message=error.message, hint=error.hint)
        self._paired.add(message.public_key, message.label)
        self._tries_left = 0
        return Paired(port=self._server_port)

    def _check(self, message: Pair, key: str) -> None:
        # the code is looked at in constant time; the key must be the one that this connection proved to have
        is_right = hmac.compare_digest(message.code.encode(), self._code.encode())
        if not is_right or message.public_key != key:
            raise RefusedError(
                "The pairing code is wrong.",
                hint="Copy the whole pairing text again, or have the server make a new one.",
            )

    def close(self) -> None:
        """The last answer has a moment to leave."""
        self.socket.close(linger=500)


def reachable_host(host: str) -> str:
    """The address to show for a server that listens on all of them: that of the way out of this machine."""
    unspecified = {"0.0.0.0": (AF_INET, "192.0.2.1"), "::": (AF_INET6, "2001:db8::1")}
    if host not in unspecified:
        return host
    family, somewhere = unspecified[host]
    with socket(family, SOCK_DGRAM) as probe:
        try:
            probe.connect((somewhere, 9))  # sends nothing
        except OSError:
            return gethostname()
        return str(probe.getsockname()[0])
