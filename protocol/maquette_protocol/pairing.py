"""Getting to know a server on another machine: one text to copy, used once.

The text holds where the server is, its public key, and a one-time code. The key makes sure that the answer comes
from that server and that nobody on the way reads along; the code, that the server wants this client.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import zmq
from zmq.utils import z85

from maquette_protocol.connection import Address, Endpoint
from maquette_protocol.errors import (
    InputError,
    MaquetteError,
    NoServerError,
    ProtocolError,
    RefusedError,
)
from maquette_protocol.fields import Length, format_json, parse_json, plain, read_value
from maquette_protocol.keys import new_key_pair, read_secret_file, write_secret_file
from maquette_protocol.link import HANDSHAKE_S, Link
from maquette_protocol.messages import Error, Key, Pair, Paired
from maquette_protocol.wire import decode, encode

SCHEME = "maquette"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the pairing text says."""

    host: str
    port: int  # where pairing is, not the server itself
    server_key: str
    code: str


@dataclass(frozen=True, kw_only=True)
class RememberedServer:
    """A server that this client was paired with."""

    name: str  # HOST:PORT
    address: Address


@dataclass(frozen=True, kw_only=True)
class _ServerFile:
    name: Annotated[str, Length(300)]
    endpoint: Endpoint
    server_key: Key
    public_key: Key
    secret_key: Key


def format_invitation(invitation: Invitation) -> str:
    """The one text that the user copies."""
    host = f"[{invitation.host}]" if ":" in invitation.host else invitation.host
    key = z85.decode(invitation.server_key).hex()
    return f"{SCHEME}://{host}:{invitation.port}/{key}/{invitation.code}"


def parse_invitation(text: str) -> Invitation:
    """What the text says. Raises InputError where it is no pairing text, or was not copied whole."""
    try:
        parts = urlsplit("".join(text.split()))  # mail programs break long lines
        found = re.fullmatch(r"/([0-9a-f]{64})/([0-9A-Z-]{4,40})", parts.path)
        if parts.scheme != SCHEME or not parts.hostname or not parts.port or not found:
            raise ValueError
    except ValueError as error:
        raise InputError(
            "This is no pairing text.",
            hint="Copy the whole line that the server shows; it begins with maquette://",
        ) from error
    server_key = z85.encode(bytes.fromhex(found[1])).decode()
    return Invitation(host=parts.hostname, port=parts.port, server_key=server_key, code=found[2])


def pair(text: str, label: str, folder: Path, *, timeout_s: float = 10.0) -> Address:
    """Make a key for this client, have the server let it in, and remember both in the folder.

    Waits for the server: call it where that does no harm. Raises InputError, RefusedError, NoServerError.
    """
    invitation = parse_invitation(text)
    keys = new_key_pair()
    host = f"[{invitation.host}]" if ":" in invitation.host else invitation.host
    endpoint = f"tcp://{host}:{invitation.port}"
    request = Pair(code=invitation.code, public_key=keys.public, label=label)
    paired = _ask(
        Address(endpoint, invitation.server_key, keys.public, keys.secret), request, timeout_s
    )
    address = Address(
        f"tcp://{host}:{paired.port}", invitation.server_key, keys.public, keys.secret
    )
    _remember(folder, address)
    return address


def remembered_servers(folder: Path) -> list[RememberedServer]:
    """Servers that were paired with, by name; a damaged or exposed file is left out."""
    servers: list[RememberedServer] = []
    for path in sorted(folder.glob("*.json")):
        try:
            stored = read_value(_ServerFile, parse_json(read_secret_file(path)))
        except (ProtocolError, RefusedError, NoServerError):
            continue
        address = Address(stored.endpoint, stored.server_key, stored.public_key, stored.secret_key)
        servers.append(RememberedServer(name=stored.name, address=address))
    return servers


def forget_server(folder: Path, name: str) -> None:
    """Delete what is remembered of this server, its key with it."""
    _server_path(folder, name).unlink(missing_ok=True)


def _remember(folder: Path, address: Address) -> None:
    name = address.endpoint.removeprefix("tcp://")
    stored = _ServerFile(
        name=name,
        endpoint=address.endpoint,
        server_key=address.server_key,
        public_key=address.public_key,
        secret_key=address.secret_key,
    )
    write_secret_file(_server_path(folder, name), format_json(plain(stored)))


def _server_path(folder: Path, name: str) -> Path:
    return folder / f"{re.sub(r'[^0-9A-Za-z.-]', '_', name)}.json"


def _ask(address: Address, request: Pair, timeout_s: float) -> Paired:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    link = Link(context, address)
    try:
        frames = encode(request)
        _wait_until_open(link, address)
        link.send(frames)
        if not link.socket.poll(int(timeout_s * 1000)):
            raise NoServerError("The server does not answer.", hint="Ask for a new pairing text.")
        received = link.receive()
        answer = decode(received or []).message
    finally:
        link.close()
        context.destroy(linger=0)
    if isinstance(answer, Paired):
        return answer
    if isinstance(answer, Error):
        raise RefusedError(answer.message, hint=answer.hint)
    raise ProtocolError(f"The server answers pairing with {answer.name!r}.")


def _wait_until_open(link: Link, address: Address) -> None:
    for _ in range(int((HANDSHAKE_S + 1) / 0.1)):
        state = link.watch()
        if state == "open":
            return
        if state != "opening":
            raise _unreachable(state, address)
        link.wait(0.1)
    raise _unreachable("silent", address)


def _unreachable(state: str, address: Address) -> MaquetteError:
    place = address.endpoint.removeprefix("tcp://")
    if state in ("refused", "hung-up"):
        return RefusedError(
            f"What answers at {place} is not the server of this pairing text.",
            hint="Ask for a new pairing text.",
        )
    return NoServerError(
        f"Nothing answers at {place}.",
        hint="Pairing may be over: ask for a new text. Or a firewall may be in the way of this port.",
    )
