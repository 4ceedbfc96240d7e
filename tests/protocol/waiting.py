"""Waiting for what must happen, with patience for slow machines."""

import time
from collections.abc import Callable
from typing import Any

from maquette_protocol.client import Client, Received

PATIENCE_S = 30.0


def until(condition: Callable[[], Any], *clients: Client, patience_s: float = PATIENCE_S) -> Any:
    """What the condition returns once it is true; the clients are polled meanwhile."""
    end_s = time.monotonic() + patience_s
    while not (found := condition()):
        assert time.monotonic() < end_s, f"did not happen: {[(c.state, c.reason) for c in clients]}"
        for client in clients:
            client.poll()
        time.sleep(0.005)
    return found


def receive(client: Client, kind: type, patience_s: float = PATIENCE_S) -> Received:
    """The next message of this kind; others before it are dropped."""
    found: list[Received] = []

    def has_come() -> bool:
        found.extend(r for r in client.poll(limit=1) if isinstance(r.message, kind))
        return bool(found)

    until(has_come, patience_s=patience_s)
    return found[0]
