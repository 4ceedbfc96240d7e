"""Pairing waits for the other machine, so it is done in a thread; the session asks whether it is over."""

import platform
import threading
from pathlib import Path

from maquette_protocol.connection import Address
from maquette_protocol.errors import MaquetteError
from maquette_protocol.pairing import pair

from .environment import Problem


class Pairing:
    """One attempt; afterwards `address` or `problem` is there."""

    def __init__(self, text: str, folder: Path) -> None:
        self.address: Address | None = None
        self.problem: Problem | None = None
        self._thread = threading.Thread(target=self._pair, args=(text, folder), daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Not over yet."""
        return self._thread.is_alive()

    def _pair(self, text: str, folder: Path) -> None:
        label = f"Blender on {platform.node() or 'another computer'}"[:200]
        try:
            self.address = pair(text, label, folder)
        except MaquetteError as error:
            self.problem = Problem(error.message, error.hint)
        except OSError as error:
            self.problem = Problem(f"{error.strerror}: {error.filename}", "Check the permissions.")
