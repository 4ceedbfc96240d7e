"""A connection to the server that runs here, for the commands that ask it something."""

from collections.abc import Iterator
from contextlib import contextmanager

import maquette
from maquette_protocol.client import Client
from maquette_protocol.connection import connection_file, read_connection_file


@contextmanager
def connected() -> Iterator[Client]:
    """A client of this machine's server. Raises NoServerError, RefusedError where there is none to use."""
    address = read_connection_file(connection_file()).address
    client = Client(address, kind="command-line", version=maquette.__version__)
    try:
        yield client
    finally:
        client.close()
