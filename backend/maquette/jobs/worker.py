"""The process that runs jobs, one after the other: `python -m maquette.jobs.worker`.

JSON lines on stdin ({"work": …}, {"cancel": JOB}), JSON lines of events on stdout. It ends itself with all its
children when stdin closes, so no orphan outlives its parent, however that one died.
"""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maquette.jobs import keeping
from maquette.jobs.kinds import Work, load_kind
from maquette.orphans import die_with_parent
from maquette_protocol.errors import MaquetteError, OutOfMemoryError

Send = Callable[[dict[str, Any]], None]
_MEMORY_HINT = "Try --quality draft, or fewer photos."


class Inbox:
    """What the parent says: work is queued, a wish to stop is noted at once, its end is ours."""

    def __init__(self) -> None:
        self.works: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._cancelled: str | None = None
        threading.Thread(target=self._read, daemon=True).start()

    def is_cancelled(self, job: str) -> bool:
        """Whether that job is to stop."""
        return self._cancelled == job

    def _read(self) -> None:
        for line in sys.stdin:
            order = json.loads(line)
            if "work" in order:
                self.works.put(Work(**order["work"]))
            elif "cancel" in order:
                self._cancelled = order["cancel"]
        end_with_children()


def end_with_children() -> None:
    """End this process and all that it started, at once."""
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def main() -> None:
    """Run what comes on stdin until it closes."""
    die_with_parent()
    # Libraries may print to stdout: keep the events' channel for ourselves, send the rest to stderr.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(event: dict[str, Any]) -> None:
        with lock:
            channel.write(json.dumps(event) + "\n")
            channel.flush()

    inbox = Inbox()
    _warm_up()
    while True:
        work = inbox.works.get()
        send({"begun": work.job})
        keeping.drop_unless(work.kind)
        with _Printing(work.log):
            ended = _answer(work, send, lambda job=work.job: inbox.is_cancelled(job))
        _give_memory_back()
        send(ended)


def _warm_up() -> None:
    """Load what jobs need, before one is there to wait for it."""
    import maquette.api  # noqa: F401


class _Printing:
    """What a job and its libraries print goes to the job's log, where it has one."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stderr = -1

    def __enter__(self) -> None:
        if not self._path:
            return
        try:
            log = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError:  # a full disk is the job's to tell, not its log's
            return
        self._stderr = os.dup(2)
        self._point_to(log)
        os.close(log)

    def __exit__(self, *_: object) -> None:
        if self._stderr >= 0:
            self._point_to(self._stderr)
            os.close(self._stderr)

    def _point_to(self, file: int) -> None:
        sys.stderr.flush()
        sys.stdout.flush()
        os.dup2(file, 2)
        os.dup2(file, 1)


def _answer(work: Work, send: Send, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
    """The job's border: whatever happens inside, one event comes out."""
    import traceback

    try:
        return {"answer": _run(work, send, is_cancelled)}
    except MaquetteError as error:
        return _error_event(error)
    except MemoryError:
        return _error_event(OutOfMemoryError("Memory ran out.", hint=_MEMORY_HINT))
    except Exception as error:
        traceback.print_exc()
        if _is_out_of_memory(error):
            return _error_event(OutOfMemoryError("Memory ran out.", hint=_MEMORY_HINT))
        message = f"Internal error: {type(error).__name__}: {error}"
        hint = "This is a fault in Maquette; please report it with its log."
        return _error_event(MaquetteError(message, hint=hint))


def _is_out_of_memory(error: Exception) -> bool:
    """Libraries and the system have errors of their own for it."""
    import errno

    import cv2

    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM

    no_memory = -4
    is_it = getattr(error, "code", 0) == no_memory or "bad_alloc" in str(error)
    return isinstance(error, cv2.error) and is_it


def _error_event(error: MaquetteError) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def _run(work: Work, send: Send, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
    from contextlib import suppress

    from maquette.api import storage_errors
    from maquette.jobs.partials import write_partial
    from maquette.progress import PartialScene, Progress, ProgressEvent

    def report(event: ProgressEvent) -> None:
        send({"progress": [event.stage, event.stage_done, event.done, event.note, event.text]})

    def show(scene: PartialScene) -> None:
        with suppress(OSError):  # nothing depends on it
            write_partial(Path(work.partials), scene)
            send({"partial": [scene.num_registered, scene.num_photos]})

    progress = Progress(report, is_cancelled, show if work.partials else None)
    summary = load_kind(work.kind).run(work, progress)
    if work.outcome:
        if "scene" in summary:
            summary["scene"] = str(Path(work.outcome) / Path(work.out).name)
        # first the answer, then the result: a result that is there is whole and has its answer
        with storage_errors(Path(work.outcome)):
            Path(work.summary).write_text(json.dumps(summary), encoding="utf-8")
            Path(work.out).parent.rename(work.outcome)
    return summary


def _give_memory_back() -> None:
    """Return what a job freed to the system: the allocator would keep it for the next one."""
    import gc

    gc.collect()
    if sys.platform == "linux":
        import ctypes
        from contextlib import suppress

        with suppress(AttributeError, OSError):  # another libc has no such call
            ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    main()
