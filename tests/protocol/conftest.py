"""A server's end of the socket and its clients; none outlives its test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import Serving

from maquette_protocol.client import Client


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """Starts servers, each in the test's folder."""
    started: list[Serving] = []

    def start(**options: Any) -> Serving:
        started.append(Serving(tmp_path, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def server(serve: Callable[..., Serving]) -> Serving:
    """One server."""
    return serve()


@pytest.fixture
def client(server: Serving) -> Iterator[Client]:
    """A client of the server."""
    made = server.client()
    yield made
    made.close()
