"""A connection to the server that runs here, for the commands that ask it something."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import maquette
from maquette_protocol.client import Client
from maquette_protocol.connection import connection_file, read_connection_file
from maquette_protocol.errors import NoServerError, RefusedError

_GREETING_S = 5.0


@contextmanager
def connected() -> Iterator[Client]:
    """A client of this machine's server. Raises NoServerError, RefusedError where there is none to use."""
    address = read_connection_file(connection_file()).address
    client = Client(address, kind="command-line", version=maquette.__version__)
    try:
        _greet(client)
        yield client
    finally:
        client.close()


def _greet(client: Client) -> None:
    """Wait for the first answer; a file that a killed server left behind leads nowhere, which is soon clear."""
    deadline = time.monotonic() + _GREETING_S
    while client.state != "ready" and time.monotonic() < deadline:
        client.poll()
        if client.state == "refused":
            raise RefusedError(client.reason, hint=client.hint)
        if client.state == "lost":
            break
        client.wait(0.05)
    if client.state != "ready":
        raise NoServerError(client.reason, hint="Start it: maquette serve")
