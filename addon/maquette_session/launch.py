"""Start `maquette serve` as a process that outlives Blender, and know when it ended. Never waits."""

from collections.abc import Sequence
from pathlib import Path

from .process import start_process


class Server:
    """The server process that this Blender started."""

    def __init__(self, program: Path, log: Path, options: Sequence[str] = ()) -> None:
        """Starts it; raises OSError where the program cannot be run."""
        self.log = log
        self._process = start_process([str(program), "serve", *options], log)

    @property
    def ended(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll()

    def let_go(self) -> None:
        """It goes on without us."""
        self._process.returncode = 0  # else Python warns that nobody waits for it

    def last_words(self) -> str:
        """The last line it wrote, for the panel; the whole is in the log."""
        try:
            lines = self.log.read_text("utf-8", "replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:200]
