"""Job records in SQLite, and one folder per job; the two agree whenever the server starts, however it ended.

    STORE/jobs.sqlite        the records
    STORE/jobs/ID/result/    what a done job made: appears whole, by one rename
    STORE/jobs/ID/answer.json, log.txt, sofar.safetensors
    STORE/trash/             what is being deleted

A result is renamed into place before its record says "done", so a record that still says "running" beside a result is
done, and one without a result has to run again.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import IO, Any

from maquette.locks import try_lock
from maquette.server.estimate import StageTime
from maquette_protocol.errors import InputError, StorageError
from maquette_protocol.fields import plain, read_value
from maquette_protocol.messages import JobRecord

ENDED = ("done", "failed", "cancelled")
_JOBS_REMEMBERED = 12  # of a kind and quality: their stage times tell how long the next one takes
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT UNIQUE NOT NULL, entry TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS stage_times (
    number INTEGER PRIMARY KEY AUTOINCREMENT, sort TEXT NOT NULL, times TEXT NOT NULL
);
"""


def store_folder() -> Path:
    """Where finished scenes are kept: MAQUETTE_STORE, else the platform's folder for the user's data."""
    asked = os.environ.get("MAQUETTE_STORE")
    if asked:
        return Path(asked).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "Maquette"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Maquette"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "maquette"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A job as the server keeps it: the record that clients see, and what only the server needs."""

    number: int  # the order in which jobs came
    record: JobRecord
    inputs: tuple[str, ...]  # paths, where the request named uploads
    options: dict[str, Any]  # as asked, or smaller after memory ran out
    warnings: tuple[str, ...] = ()  # what the summary has to say beside the job's own
    num_starts: int = 0

    @property
    def job(self) -> str:
        """The id."""
        return self.record.job

    def changed(self, **changes: Any) -> "Entry":
        """The same job with another record."""
        return replace(self, record=replace(self.record, **changes))


@dataclass(frozen=True, kw_only=True)
class JobFolder:
    """Where things lie in a job's folder."""

    path: Path

    @property
    def result(self) -> Path:
        """What the job made; there only once it is whole."""
        return self.path / "result"

    @property
    def answer(self) -> Path:
        """The worker's summary, written before the result appears."""
        return self.path / "answer.json"

    @property
    def log(self) -> Path:
        """What the job and its libraries printed."""
        return self.path / "log.txt"

    @property
    def sofar(self) -> Path:
        """What is known of the scene while the job runs."""
        return self.path / "sofar.safetensors"

    def new_attempt(self) -> Path:
        """A fresh folder for a result in the making. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True)
        attempt = self.path / f"result.{uuid.uuid4().hex[:8]}.partial"
        attempt.mkdir()
        return attempt


class Store:
    """All jobs. One process at a time; used by one thread. Opening it brings records and folders together."""

    def __init__(self, folder: Path) -> None:
        """Raises StorageError where the folder cannot be used, InputError where another server uses it."""
        self.folder = folder
        self._unsaved: set[str] = set()
        with _storage_errors(folder):
            for part in (folder, folder / "jobs", folder / "trash"):
                part.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _lock(folder)
            try:
                self._database = _open(folder / "jobs.sqlite")
            except BaseException:
                self._lock.close()
                raise
        self._entries = {entry.job: entry for entry in self._read()}
        self._recover()
        self.empty_trash()

    def close(self) -> None:
        """Write what is still unsaved, and let another server have the store."""
        self.save()
        self._database.close()
        self._lock.close()

    def folder_of(self, job: str) -> JobFolder:
        """The folder of that job."""
        return JobFolder(path=self.folder / "jobs" / uuid.UUID(hex=job).hex)

    def entries(self) -> list[Entry]:
        """All jobs, newest first; a done one whose result was deleted says so."""
        entries = sorted(self._entries.values(), key=lambda entry: -entry.number)
        return [self._true_to_disk(entry) for entry in entries]

    def get(self, job: str) -> Entry | None:
        """That job, if there is one."""
        entry = self._entries.get(job)
        return None if entry is None else self._true_to_disk(entry)

    def queued(self) -> list[Entry]:
        """Jobs to run, the next one first."""
        waiting = [e for e in self._entries.values() if e.record.state == "queued"]
        return sorted(waiting, key=lambda e: (-e.record.request.priority, e.number))

    def add(self, record: JobRecord, inputs: tuple[str, ...], options: dict[str, Any]) -> Entry:
        """A new job. Raises StorageError: a job that may be forgotten is not accepted."""
        with _storage_errors(self.folder), self._database:
            cursor = self._database.execute(
                "INSERT INTO jobs (job, entry) VALUES (?, '{}')", (record.job,)
            )
            number = cursor.lastrowid or 0
            entry = Entry(number=number, record=record, inputs=inputs, options=options)
            self._write(entry)
        self._entries[entry.job] = entry
        return entry

    def put(self, entry: Entry, *, save: bool = True) -> None:
        """The job's new state. Where the disk is full it is written as soon as there is room again."""
        self._entries[entry.job] = entry
        if save:
            self._unsaved.add(entry.job)
            self.save()

    def save(self) -> None:
        """Write what could not be written before."""
        if not self._unsaved:
            return
        with contextlib.suppress(sqlite3.Error):
            with self._database:
                for job in self._unsaved:
                    self._write(self._entries[job])
            self._unsaved.clear()  # only now is it committed

    def remove(self, job: str) -> None:
        """Forget a job and delete its folder; large ones are deleted meanwhile. Raises StorageError."""
        with _storage_errors(self.folder), self._database:
            self._database.execute("DELETE FROM jobs WHERE job = ?", (job,))
        del self._entries[job]
        self._unsaved.discard(job)
        self.throw_away(self.folder_of(job).path)
        self.empty_trash()

    def stage_times(self, sort: str) -> list[list[StageTime]]:
        """How long the stages of earlier jobs of that sort took, newest first."""
        rows = self._database.execute(
            "SELECT times FROM stage_times WHERE sort = ? ORDER BY number DESC", (sort,)
        )
        return [[StageTime(**one) for one in json.loads(row[0])] for row in rows]

    def remember_stage_times(self, sort: str, times: list[StageTime]) -> None:
        """Add a finished job's; old ones are forgotten. Where the disk is full nothing is remembered."""
        text = json.dumps([plain(one) for one in times])
        with contextlib.suppress(sqlite3.Error), self._database:
            self._database.execute(
                "INSERT INTO stage_times (sort, times) VALUES (?, ?)", (sort, text)
            )
            self._database.execute(
                "DELETE FROM stage_times WHERE sort = ? AND number NOT IN (SELECT number FROM "
                "stage_times WHERE sort = ? ORDER BY number DESC LIMIT ?)",
                (sort, sort, _JOBS_REMEMBERED),
            )

    # The database.

    def _read(self) -> Iterator[Entry]:
        for number, text in self._database.execute("SELECT number, entry FROM jobs"):
            stored = json.loads(text)
            if "record" in stored:  # one that was never accepted has none
                entry = _entry(number, stored)
                if entry.record.state == "done":  # the store may have been moved
                    entry = entry.changed(folder=str(self.folder_of(entry.job).result))
                yield entry

    def _write(self, entry: Entry) -> None:
        text = json.dumps(plain(entry), ensure_ascii=False)
        self._database.execute("UPDATE jobs SET entry = ? WHERE job = ?", (text, entry.job))

    # Records and folders.

    def _recover(self) -> None:
        for entry in list(self._entries.values()):
            folder = self.folder_of(entry.job)
            self.clear_attempts(entry.job)
            state = entry.record.state
            if state == "running" and folder.result.is_dir():
                self.put(done(entry, folder))
            elif state == "running":
                self.put(entry.changed(state="queued", started_s=0.0))
            elif state == "cancelling":
                self.put(entry.changed(state="cancelled", ended_s=time.time()))
            elif state in ("failed", "cancelled") and folder.result.is_dir():
                self.throw_away(folder.result)
        for path in (self.folder / "jobs").iterdir():
            if path.name not in self._entries:
                self.throw_away(path)

    def _true_to_disk(self, entry: Entry) -> Entry:
        if entry.record.state != "done" or Path(entry.record.folder).is_dir():
            return entry
        gone = entry.changed(
            state="failed",
            folder="",
            code=StorageError.code,
            message=f"The result of {entry.record.request.title!r} was deleted from the disk.",
            hint="Run the job again.",
        )
        self.put(gone)
        return gone

    def clear_attempts(self, job: str) -> None:
        """Remove half-made results."""
        for left in self.folder_of(job).path.glob("*.partial"):
            self.throw_away(left)

    def throw_away(self, path: Path) -> None:
        """Take a file or folder out of sight at once; `empty_trash` deletes it."""
        with contextlib.suppress(OSError):
            path.rename(self.folder / "trash" / uuid.uuid4().hex)

    def empty_trash(self) -> None:
        """Delete what was thrown away, in a thread: it may be much."""
        trash = self.folder / "trash"

        def empty() -> None:
            for path in trash.iterdir():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

        threading.Thread(target=empty, daemon=True).start()


def done(entry: Entry, folder: JobFolder) -> Entry:
    """The job with its result, which is there, and the answer that was written before it."""
    summary: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        summary = json.loads(folder.answer.read_text(encoding="utf-8"))
    summary["warnings"] = [*summary.get("warnings", []), *entry.warnings]
    return entry.changed(
        state="done",
        done=1.0,
        note="",
        ended_s=time.time(),
        summary=summary,
        folder=str(folder.result),
    )


def _entry(number: int, stored: dict[str, Any]) -> Entry:
    """An entry as any version wrote it: what it did not know has its default."""
    known = {item.name for item in fields(JobRecord)}
    defaults = plain(
        JobRecord(job="", request=stored["record"]["request"], state="queued", created_s=0.0)
    )
    record = {key: value for key, value in stored["record"].items() if key in known}
    return Entry(
        number=number,
        record=read_value(JobRecord, {**defaults, **record}),
        inputs=tuple(stored["inputs"]),
        options=stored["options"],
        warnings=tuple(stored["warnings"]),
        num_starts=stored["num_starts"],
    )


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=5.0)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.executescript(_SCHEMA)
    return database


def _lock(folder: Path) -> IO[bytes]:
    lock = try_lock(folder / "lock")
    if lock is None:
        raise InputError(
            f"A Maquette server is running already on {folder}.",
            hint="Use that one, end it with maquette serve --stop, or choose another --store.",
        )
    return lock


@contextlib.contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"Cannot write to the store {folder}: {error}.",
            hint="Free some space, check the permissions, or choose another folder with --store.",
        ) from error
