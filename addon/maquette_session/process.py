"""Start a process whose output goes into a file: nothing has to be read from it in time, and it may outlive us."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

IS_WINDOWS = sys.platform == "win32"


def start_process(
    command: Sequence[str], output: Path, *, mode: str = "wb"
) -> "subprocess.Popen[bytes]":
    """No window, no standard input, no Ctrl-C of ours, none of Blender's Python settings. Raises OSError."""
    output.parent.mkdir(parents=True, exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    with output.open(mode) as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environ | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
            cwd=output.parent,
            start_new_session=True,
            creationflags=flags,
        )


def end_process(process: "subprocess.Popen[bytes]") -> None:
    """End it at once, on POSIX with all that it started."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        import signal

        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
