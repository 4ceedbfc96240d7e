"""A worker as its parent sees it: give it work, ask it to stop, end it with all that it started."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from maquette.jobs.kinds import Work
from maquette_protocol import errors
from maquette_protocol.errors import CrashError, MaquetteError, OutOfMemoryError

Event = dict[str, Any]


class Worker:
    """One worker process. Its events reach `listener` on a thread; the last one is {"exit": STATUS}."""

    def __init__(self, listener: Callable[["Worker", Event], None], *, threads: int = 0) -> None:
        self._listener = listener
        self._process = subprocess.Popen(
            [sys.executable, "-m", "maquette.jobs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "MAQUETTE_THREADS": str(threads)} if threads else None,
            # Ctrl-C reaches us alone; we end the whole group
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, work: Work) -> None:
        """Give it work; a worker that is dead already says so by its exit."""
        self._say({"work": asdict(work)})

    def cancel(self, job: str) -> None:
        """Ask for the job to stop; the answer is an error "cancelled", at the next place to stop."""
        self._say({"cancel": job})

    def end(self) -> None:
        """End it and all that it started, at once; does not wait."""
        if os.name == "posix":
            # not reaped before its reader saw it end: the number is still its own
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
        else:
            # Windows has no process groups to end: it follows the tree of parents itself
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                tree = ["taskkill", "/F", "/T", "/PID", str(self.pid)]
                subprocess.run(tree, capture_output=True, timeout=5)
            self._process.kill()

    def join(self) -> None:
        """Wait until it is gone and its last event was told."""
        self._reader.join()

    def _say(self, order: Event) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with contextlib.suppress(ValueError):  # cut short by its death
                    self._listener(self, json.loads(line))
        self.end()  # what it started and left behind
        status = process.wait()
        with contextlib.suppress(OSError):
            process.stdin.close()
        self._listener(self, {"exit": status})


def error_of(event: Event) -> MaquetteError:
    """The error that an {"error"} or {"exit"} event stands for."""
    if "exit" in event:
        return death_error(event["exit"])
    data = event["error"]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    for kind in kinds:
        if issubclass(kind, MaquetteError) and kind.code == data["code"]:
            return kind(data["message"], hint=data["hint"])
    return MaquetteError(data["message"], hint=data["hint"])


def death_error(status: int) -> CrashError:
    """Why a worker ended without an answer, as far as its status tells."""
    goes_on = "The same job goes on where this one stopped."
    if os.name == "posix" and status == -signal.SIGKILL:
        return OutOfMemoryError(
            "The system ended the job's process, as it does when memory runs out.",
            hint=f"Close other programs, or try --quality draft or fewer photos. {goes_on}",
        )
    return CrashError(
        f"The job's process ended with status {status} and no answer.",
        hint=f"Try again; if it ends there again, leave out the last photo added. {goes_on}",
    )
