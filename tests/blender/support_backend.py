"""A real `maquette serve` beside Blender, for the tests that import."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".venv" / ("Scripts/maquette.exe" if os.name == "nt" else "bin/maquette")
PHOTOS = tuple(str(p) for p in sorted((ROOT / "examples" / "office_desk").glob("*.jpg"))[:4])


class Backend:
    """`maquette serve`, started and killed as a test needs it."""

    def __init__(self, folder: Path) -> None:
        self._environ = os.environ | {
            "MAQUETTE_STORE": str(folder / "store"),
            "MAQUETTE_CACHE": str(folder / "cache"),
        }
        self._log = folder / "serve.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve"], stdout=log, stderr=log, env=self._environ
            )

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)


def _is_seen() -> bool:
    """Whether the backend's environment runs here: a Blender in a Debian of its own has another /usr."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    try:
        answer = subprocess.run(
            [PROGRAM.with_name("python"), "-c", ask], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return False
    return answer.returncode == 0 and Path(answer.stdout.strip()).is_dir()


@contextlib.contextmanager
def running_backend(folder: Path) -> Iterator[Backend]:
    """With its store in `folder`; skips the test where this Blender's machine has none."""
    if not _is_seen():
        pytest.skip("the backend's Python is not seen from this Blender")
    made = Backend(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()
