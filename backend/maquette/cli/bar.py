"""A progress bar on stderr: the stage, the share of the whole job, the time left. One line per stage where piped."""

import shutil
import sys
import time

_WIDTH = 24


class Bar:
    """Draws at most ten times a second on a terminal; elsewhere writes a line when a stage begins."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._stage = ""
        self._drawn = 0.0

    def update(self, stage: str, done: float, note: str) -> None:
        """Show the state of the job; `done` is 0..1 over the whole job."""
        if not self._is_terminal:
            if stage != self._stage:
                print(f"[{done:4.0%}] {stage}", file=sys.stderr, flush=True)
                self._stage = stage
            return
        now = time.monotonic()
        if now - self._drawn < 0.1 and stage == self._stage:
            return
        self._stage, self._drawn = stage, now
        filled = round(done * _WIDTH)
        bar = "█" * filled + "░" * (_WIDTH - filled)
        line = f"{stage:<22} {bar} {done:4.0%}  {self._time_left(done)}  {note}"
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[2K{line[:width]}", end="", file=sys.stderr, flush=True)

    def _time_left(self, done: float) -> str:
        elapsed = time.monotonic() - self._began
        if done < 0.03 or elapsed < 2:
            return "   …   "
        left = round(elapsed * (1 - done) / done)
        return f"{left // 60}:{left % 60:02d} left"

    def close(self) -> None:
        """Leave the terminal's line clean."""
        if self._is_terminal:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
