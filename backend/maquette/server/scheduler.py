"""The life of jobs: accepted, queued, running, ended; what happens is told to whoever listens.

Needs no socket: the server's loop calls `step`, everything else answers at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from maquette.jobs.kinds import Work, load_kind
from maquette.jobs.partials import read_partial
from maquette.server.estimate import Pace
from maquette.server.executor import Ended, Executor, JobEvent, Progressed, Showed
from maquette.server.store import ENDED, Entry, Store, done
from maquette_protocol.errors import (
    Cancelled,
    DocumentError,
    InputError,
    MaquetteError,
    OutOfMemoryError,
    StorageError,
)
from maquette_protocol.fields import MAX_TEXT
from maquette_protocol.messages import (
    JobEnded,
    JobPartial,
    JobProgress,
    JobRecord,
    JobRequest,
    Message,
)

Tell = Callable[[str, Message], None]
_WORDS = 4000  # characters of what went wrong: hundreds of bad photos are not all named
_PROGRESS_EVERY_S = 0.1
_PARTIAL_EVERY_S = 0.5


@dataclass(kw_only=True)
class _Running:
    """What is known of a running job beyond its record."""

    pace: Pace
    progress: Progressed | None = None  # the newest, not told yet
    partial: Showed | None = None
    shown: Showed | None = None  # the newest that was told
    progress_told: float = 0.0
    partial_told: float = 0.0


@dataclass(kw_only=True)
class Scheduler:
    """Jobs from acceptance to end."""

    store: Store
    executor: Executor
    tell: Tell  # (job, message): to all who are attached to it
    log: Callable[[str], None]
    _running: dict[str, _Running] = field(default_factory=dict[str, _Running])

    def submit(
        self,
        job: str,
        request: JobRequest,
        inputs: tuple[str, ...],
        options: dict[str, Any],
    ) -> JobRecord:
        """Accept a job; the same one again changes nothing. Raises InputError, StorageError.

        inputs, options: the request's, with paths instead of names of uploads.
        """
        before = self.store.get(job)
        if before is not None:
            if before.record.request != request:
                raise InputError(
                    f"Another job has the id {job} already.", hint="Choose a new, random id."
                )
            return before.record
        load_kind(request.kind).check(inputs, options)
        record = JobRecord(job=job, request=request, state="queued", created_s=time.time())
        entry = self.store.add(record, inputs, options)
        self.log(f"job {job[:8]} accepted: {request.kind}")
        self._start_queued()
        return self._record(entry.job)

    def cancel(self, job: str) -> JobRecord:
        """Ask for its end; a queued one has ended at once. Raises InputError."""
        entry = self._entry(job)
        if entry.record.state == "queued":
            self._end(entry.changed(state="cancelled"))
        elif entry.record.state == "running":
            self.store.put(entry.changed(state="cancelling"))
            self.executor.cancel(job)
        return self._record(job)

    def forget(self, job: str) -> None:
        """Delete an ended job's record and result. Raises InputError, StorageError."""
        entry = self._entry(job)
        if entry.record.state not in ENDED:
            raise InputError("The job has not ended yet.", hint="Cancel it first.")
        self.store.remove(job)

    def record(self, job: str) -> JobRecord:
        """What is known of that job. Raises InputError."""
        return self._entry(job).record

    def records(self) -> tuple[JobRecord, ...]:
        """All jobs, newest first."""
        return tuple(entry.record for entry in self.store.entries())

    def partial(self, job: str) -> JobPartial | None:
        """What is known of a running job's scene, for who attaches late."""
        running = self._running.get(job)
        return self._read_partial(running.shown) if running and running.shown else None

    def count(self, state: str) -> int:
        """Jobs in that state."""
        return sum(1 for entry in self.store.entries() if entry.record.state == state)

    def step(self) -> None:
        """Take in what happened, start what can start, tell what is due."""
        for event in self.executor.poll():
            self._take(event)
        self._start_queued()
        self._tell_due()
        self.store.save()

    def is_busy(self) -> bool:
        """Whether `step` has something to tell soon, woken or not."""
        return bool(self._running)

    def stop(self) -> None:
        """End all work at once; running jobs go on at the next start."""
        self.executor.close()

    # Starting.

    def _start_queued(self) -> None:
        for entry in self.store.queued():
            if self.executor.num_free() <= 0:
                return
            self._start(entry)

    def _start(self, entry: Entry) -> None:
        request = entry.record.request
        folder = self.store.folder_of(entry.job)
        try:
            attempt = folder.new_attempt()
            kind = load_kind(request.kind)
            name = kind.result_name(entry.inputs, entry.options)
        except OSError as error:
            full = StorageError(
                f"Cannot write to the store: {error.strerror or error}.",
                hint="Free some space and run the job again.",
            )
            self._fail(entry, full)
            return
        except MaquetteError as error:  # an older version accepted it
            self._fail(entry, error)
            return
        started = replace(entry, num_starts=entry.num_starts + 1)
        self.store.put(started.changed(state="running", started_s=time.time()))
        history = self.store.stage_times(_sort(entry))
        self._running[entry.job] = _Running(pace=Pace(history, time.monotonic()))
        self.executor.start(
            Work(
                job=entry.job,
                kind=request.kind,
                inputs=entry.inputs,
                options=entry.options,
                out=str(attempt / name),
                outcome=str(folder.result),
                summary=str(folder.answer),
                log=str(folder.log),
                partials=str(folder.sofar),
            )
        )

    # What happens to running jobs.

    def _take(self, event: JobEvent) -> None:
        running = self._running.get(event.job)
        entry = self.store.get(event.job)
        if running is None or entry is None:
            return
        if isinstance(event, Progressed):
            now = time.monotonic()
            running.pace.update(event.stage, event.stage_done, event.done, now)
            running.progress = event
            share = max(entry.record.done, event.done)  # a second start begins at 0 again
            self.store.put(
                entry.changed(stage=event.stage, done=share, note=event.note), save=False
            )
        elif isinstance(event, Showed):
            running.partial = event
        else:
            self._take_end(event, entry, running)

    def _take_end(self, event: Ended, entry: Entry, running: _Running) -> None:
        del self._running[entry.job]
        folder = self.store.folder_of(entry.job)
        self.store.clear_attempts(entry.job)
        self.store.throw_away(folder.sofar)
        if entry.record.state == "cancelling":
            self.store.throw_away(folder.result)  # it was just about to be done
            self._end(entry.changed(state="cancelled"))
        elif event.error is None or folder.result.is_dir():  # or it died just after its last work
            if entry.num_starts == 1:
                times = running.pace.stage_times(time.monotonic())
                self.store.remember_stage_times(_sort(entry), times)
            self._end(done(entry, folder))
        elif isinstance(event.error, OutOfMemoryError):
            self._try_smaller(entry, event.error)
        elif isinstance(event.error, Cancelled):
            self._end(entry.changed(state="cancelled"))
        else:
            self._fail(entry, event.error)

    def _try_smaller(self, entry: Entry, error: MaquetteError) -> None:
        """Once more with options that need less memory; a job that was made smaller already has failed."""
        kind = load_kind(entry.record.request.kind)
        smaller = None if entry.warnings else kind.smaller(entry.options)
        if smaller is None:
            self._fail(entry, error)
            return
        changed = [
            f"{name} {value}" for name, value in smaller.items() if entry.options.get(name) != value
        ]
        said = f"{error.message} Made again with {', '.join(changed)}."
        self.log(f"job {entry.job[:8]}: {said}")
        again = entry.changed(state="queued", stage="Starting again, smaller", note=said)
        self.store.put(replace(again, options=smaller, warnings=(*entry.warnings, said)))
        record = again.record
        self.tell(
            entry.job,
            JobProgress(job=entry.job, stage=record.stage, done=record.done, note=said),
        )

    def _fail(self, entry: Entry, error: MaquetteError) -> None:
        words = {"message": error.message[:_WORDS], "hint": error.hint[:_WORDS]}
        self._end(entry.changed(state="failed", code=error.code, **words))

    def _end(self, entry: Entry) -> None:
        ended = entry.changed(ended_s=time.time())
        self.store.put(ended)
        self.store.empty_trash()
        words = f": {ended.record.code}, {ended.record.message}" if ended.record.code else ""
        self.log(f"job {entry.job[:8]} {ended.record.state}{words}")
        self.tell(entry.job, JobEnded(record=ended.record))

    # Telling.

    def _tell_due(self) -> None:
        now = time.monotonic()
        for job, running in self._running.items():
            if running.progress and now - running.progress_told >= _PROGRESS_EVERY_S:
                record = self._record(job)
                left = running.pace.seconds_left(now)
                self.tell(
                    job,
                    JobProgress(
                        job=job,
                        stage=record.stage,
                        done=record.done,
                        note=record.note,
                        seconds_left=left,
                        text=running.progress.text[:MAX_TEXT],
                    ),
                )
                running.progress, running.progress_told = None, now
            if running.partial and now - running.partial_told >= _PARTIAL_EVERY_S:
                running.shown, running.partial = running.partial, None
                running.partial_told = now
                message = self._read_partial(running.shown)
                if message is not None:
                    self.tell(job, message)

    def _read_partial(self, shown: Showed) -> JobPartial | None:
        try:
            arrays = read_partial(self.store.folder_of(shown.job).sofar)
        except (DocumentError, OSError):
            return None
        return JobPartial(
            job=shown.job,
            num_registered=shown.num_registered,
            num_photos=shown.num_photos,
            arrays=arrays,
        )

    def _entry(self, job: str) -> Entry:
        entry = self.store.get(job)
        if entry is None:
            raise InputError(
                f"There is no job {job}.", hint="It was forgotten, or is of another server."
            )
        return entry

    def _record(self, job: str) -> JobRecord:
        return self._entry(job).record


def _sort(entry: Entry) -> str:
    """Jobs of one sort take about as long, photo by photo."""
    options = {
        key: entry.options[key] for key in ("engine", "quality", "format") if key in entry.options
    }
    return " ".join([entry.record.request.kind, *map(str, options.values())])
