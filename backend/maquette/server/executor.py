"""What runs jobs: an interface that a cluster can implement as well, and worker processes on this machine.

A job is a plain message (`Work`), its inputs and outputs are files and folders. Nothing here waits: events are
collected by threads and handed out by `poll`, which the server's loop calls when it is woken.
"""

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from maquette.jobs.kinds import Work
from maquette.jobs.process import Event, Worker, error_of
from maquette_kernels.parallel import num_threads
from maquette_protocol.errors import Cancelled, MaquetteError

IDLE_S = 600.0  # a worker without work for so long is ended: its memory is given back
_GRACE_S = 0.7  # a cancelled job may end by itself for so long, tidily


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """How far a job is."""

    job: str
    stage: str
    stage_done: float
    done: float
    note: str
    text: str = ""  # the answer so far, of a job that answers


@dataclass(frozen=True, kw_only=True)
class Showed:
    """A job's file of what is known so far is new."""

    job: str
    num_registered: int
    num_photos: int


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A job came to its end, and what it used is free: with an answer, or with an error (`Cancelled` too)."""

    job: str
    answer: dict[str, Any] = field(default_factory=dict[str, Any])
    error: MaquetteError | None = None


JobEvent = Progressed | Showed | Ended


class Executor(Protocol):
    """Runs jobs somewhere."""

    def num_free(self) -> int:
        """How many jobs can start now."""
        ...

    def start(self, work: Work) -> None:
        """Begin one; its events come by `poll`, the last one is Ended."""
        ...

    def cancel(self, job: str) -> None:
        """Make it end soon, with Cancelled."""
        ...

    def poll(self) -> list[JobEvent]:
        """What happened since the last call; called at least ten times a second while a job is being cancelled."""
        ...

    def close(self) -> None:
        """End all that runs, at once."""
        ...


@dataclass(kw_only=True)
class _Held:
    worker: Worker
    work: Work | None = None  # None: idle
    has_begun: bool = False  # the worker said that it took the work
    is_second: bool = False  # the work was given to another one before, which had just died
    idle_since: float
    stop_at: float = 0.0  # of a job that is being cancelled; 0: none is

    @property
    def job(self) -> str:
        return self.work.job if self.work else ""

    @property
    def is_stopping(self) -> bool:
        return self.stop_at > 0


class LocalExecutor:
    """Worker processes of this machine. One is kept warm; used by one thread, as Linux ties children to it."""

    def __init__(
        self, num_workers: int, wake: Callable[[], None], *, idle_s: float = IDLE_S
    ) -> None:
        """wake: called from threads when `poll` has something to give."""
        self._num_workers, self._wake, self._idle_s = num_workers, wake, idle_s
        self._threads = max(1, num_threads() // num_workers) if num_workers > 1 else 0
        self._events: queue.SimpleQueue[tuple[Worker, Event]] = queue.SimpleQueue()
        self._held: dict[Worker, _Held] = {}
        self._begin()

    def num_free(self) -> int:
        """See Executor."""
        return self._num_workers - sum(1 for held in self._held.values() if held.work)

    def start(self, work: Work) -> None:
        """See Executor."""
        idle = (held for held in self._held.values() if not held.work)
        self._give(next(idle, None) or self._begin(), work)

    def cancel(self, job: str) -> None:
        """See Executor."""
        for held in self._held.values():
            if held.job == job and not held.is_stopping:
                held.stop_at = time.monotonic() + _GRACE_S
                held.worker.cancel(job)

    def poll(self) -> list[JobEvent]:
        """See Executor."""
        found: list[JobEvent] = []
        while True:
            try:
                worker, event = self._events.get_nowait()
            except queue.Empty:
                break
            held = self._held.get(worker)
            if held is not None:
                found += self._take(held, event)
        self._keep_time()
        return found

    def close(self) -> None:
        """See Executor."""
        for held in self._held.values():
            held.worker.end()
        for held in self._held.values():
            held.worker.join()
        self._held.clear()

    def pids(self) -> list[int]:
        """The worker processes that there are."""
        return [worker.pid for worker in self._held]

    def _begin(self) -> _Held:
        def listen(worker: Worker, event: Event) -> None:
            self._events.put((worker, event))
            self._wake()

        worker = Worker(listen, threads=self._threads)
        held = _Held(worker=worker, idle_since=time.monotonic())
        self._held[worker] = held
        return held

    def _give(self, held: _Held, work: Work) -> None:
        held.work, held.has_begun = work, False
        held.worker.start(work)

    def _take(self, held: _Held, event: Event) -> list[JobEvent]:
        if "exit" in event:
            return self._take_exit(held, event)
        if not held.work:
            return []
        if "progress" in event:
            stage, stage_done, done, note, text = event["progress"]
            return [
                Progressed(
                    job=held.job,
                    stage=stage,
                    stage_done=stage_done,
                    done=done,
                    note=note,
                    text=text,
                )
            ]
        if "partial" in event:
            registered, photos = event["partial"]
            return [Showed(job=held.job, num_registered=registered, num_photos=photos)]
        if "begun" in event:
            held.has_begun = True
        if "answer" not in event and "error" not in event:
            return []
        if held.is_stopping:
            held.worker.end()  # its exit is the job's end: then all is free
            return []
        job, held.work, held.idle_since = held.job, None, time.monotonic()
        if "answer" in event:
            return [Ended(job=job, answer=event["answer"])]
        return [Ended(job=job, error=error_of(event))]

    def _take_exit(self, held: _Held, event: Event) -> list[JobEvent]:
        del self._held[held.worker]
        if not held.work:
            return []
        if not self._held:
            self._begin()  # the next job shall find one warm
        if held.is_stopping:
            return [Ended(job=held.job, error=Cancelled())]
        if not held.has_begun and not held.is_second:
            fresh = self._begin()  # it had died idle, when nobody knew yet
            fresh.is_second = True
            self._give(fresh, held.work)
            return []
        return [Ended(job=held.job, error=error_of(event))]

    def _keep_time(self) -> None:
        now = time.monotonic()
        for held in list(self._held.values()):
            if held.is_stopping and now >= held.stop_at:
                held.worker.end()
            elif not held.work and now - held.idle_since >= self._idle_s:
                del self._held[held.worker]
                held.worker.end()
