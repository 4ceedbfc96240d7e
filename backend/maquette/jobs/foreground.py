"""Run one job and wait for it, as the command line does: stopping it is ending its process."""

import contextlib
import glob
import queue
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from maquette.jobs.kinds import Work
from maquette.jobs.process import Event, Worker, error_of
from maquette_protocol.errors import Cancelled

Listener = Callable[[str, float, str], None]  # stage, share of the whole job, note


def run_job(work: Work, listener: Listener) -> dict[str, Any]:
    """Run `work` in a process of its own and return its summary.

    Raises the job's own MaquetteError, CrashError where its process died, Cancelled on Ctrl-C or SIGTERM.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    worker = Worker(lambda _worker, event: events.put(event))
    try:
        with _terminate_as_interrupt():
            worker.start(work)
            return _follow(events, listener)
    except KeyboardInterrupt:
        raise Cancelled(
            "Stopped; nothing was written.", hint="The same command goes on where this one stopped."
        ) from None
    finally:
        worker.end()
        worker.join()
        remove_partial(Path(work.out))


@contextlib.contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C while a job runs; only the main thread may, others go without."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _follow(events: "queue.SimpleQueue[Event]", listener: Listener) -> dict[str, Any]:
    while True:
        try:
            event = events.get(timeout=0.5)  # Windows takes Ctrl-C only between waits
        except queue.Empty:
            continue
        if "progress" in event:
            stage, _stage_done, done, note, _text = event["progress"]
            listener(stage, done, note)
        elif "answer" in event:
            answer: dict[str, Any] = event["answer"]
            return answer
        elif "error" in event or "exit" in event:
            raise error_of(event)


def remove_partial(out: Path) -> None:
    """Remove what a killed job left beside its target; a scene that it had set aside goes back."""
    out = out.absolute()
    for left in out.parent.glob(f".{glob.escape(out.name)}.*.partial*"):
        if left.name.endswith("-old") and not out.exists():
            left.rename(out)
        elif left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
