"""Records and folders agree, however the server ended."""

import contextlib
import json
import os
import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maquette.server.estimate import StageTime
from maquette.server.store import Entry, Store, done
from maquette_protocol.errors import InputError, StorageError
from maquette_protocol.messages import JobRecord, JobRequest

Killed = Callable[[Store], Store]
REQUEST = JobRequest(kind="export", title="a room", inputs=("/scenes/Büro",), options={})


def add(store: Store, state: str = "queued") -> Entry:
    """A new job that has come to that state."""
    record = JobRecord(job=uuid.uuid4().hex, request=REQUEST, state="queued", created_s=1.0)
    entry = store.add(record, REQUEST.inputs, {}).changed(state=state)
    store.put(entry)
    return entry


def attempt(store: Store, entry: Entry) -> Path:
    """A half-made result."""
    folder = store.folder_of(entry.job).new_attempt()
    (folder / "room.glb").write_text("half of it")
    return folder


def finish(store: Store, entry: Entry) -> None:
    """What a worker does at the end of a job."""
    folder = store.folder_of(entry.job)
    made = attempt(store, entry)
    folder.answer.write_text(json.dumps({"file": "room.glb", "warnings": ["dark"]}))
    made.rename(folder.result)


def let_go(store: Store) -> None:
    """What the system does when the server's process dies: nothing is written any more."""
    store._lock.close()
    store._database.close()


@pytest.fixture
def killed() -> Iterator[Callable[[Store], Store]]:
    """Turns a store into what the next server finds: whatever was in memory is lost."""
    opened: list[Store] = []

    def begin_again(store: Store) -> Store:
        let_go(store)
        opened.append(Store(store.folder))
        return opened[-1]

    yield begin_again
    for store in opened:
        let_go(store)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    let_go(store)


def test_a_job_that_ran_when_the_server_died_is_queued_again_without_its_half_result(
    store: Store,
    killed: Killed,
) -> None:
    entry = add(store, "running")
    half = attempt(store, entry)
    found = killed(store).get(entry.job)
    assert found is not None
    assert found.record.state == "queued"
    assert not half.exists()


def test_a_job_whose_result_was_in_place_when_the_server_died_is_done(
    store: Store, killed: Killed
) -> None:
    entry = add(store, "running")
    finish(store, entry)
    after = killed(store)
    found = after.get(entry.job)
    assert found is not None
    assert found.record.state == "done"
    assert found.record.folder == str(after.folder_of(entry.job).result)
    assert found.record.summary == {"file": "room.glb", "warnings": ["dark"]}


def test_a_job_that_was_being_cancelled_stays_cancelled_even_if_it_was_just_ready(
    store: Store,
    killed: Killed,
) -> None:
    entry = add(store, "cancelling")
    finish(store, entry)
    after = killed(killed(store))
    found = after.get(entry.job)
    assert found is not None
    assert found.record.state == "cancelled"
    assert not after.folder_of(entry.job).result.exists()


def test_finished_jobs_stay_as_they_are(store: Store, killed: Killed) -> None:
    entry = add(store, "running")
    finish(store, entry)
    first = killed(store)
    before = first.get(entry.job)
    assert killed(first).get(entry.job) == before


def test_a_store_that_was_moved_has_its_results_still(store: Store, tmp_path: Path) -> None:
    entry = add(store, "running")
    finish(store, entry)
    store.put(done(entry, store.folder_of(entry.job)))
    let_go(store)
    moved = Store(store.folder.rename(tmp_path / "elsewhere"))
    found = moved.get(entry.job)
    assert found is not None
    assert found.record.state == "done"
    assert Path(found.record.folder).is_relative_to(tmp_path / "elsewhere")
    let_go(moved)


def test_waiting_jobs_keep_their_order_and_priority(store: Store, killed: Killed) -> None:
    jobs = [add(store).job for _ in range(3)]
    urgent = JobRequest(kind="export", title="now", inputs=("/x",), options={}, priority=9)
    record = JobRecord(job=uuid.uuid4().hex, request=urgent, state="queued", created_s=2.0)
    store.add(record, urgent.inputs, {})
    assert [entry.job for entry in killed(store).queued()] == [record.job, *jobs]


def test_a_folder_without_a_record_is_removed(store: Store, killed: Killed) -> None:
    stray = store.folder / "jobs" / uuid.uuid4().hex
    (stray / "result").mkdir(parents=True)
    killed(store)
    assert not stray.exists()


def test_a_record_of_another_version_is_read_as_far_as_it_is_known(
    store: Store, killed: Killed
) -> None:
    entry = add(store, "failed")
    (text,) = store._database.execute("SELECT entry FROM jobs").fetchone()
    stored = json.loads(text)
    del stored["record"]["note"]
    stored["record"]["mood"] = "good"
    with store._database:
        store._database.execute("UPDATE jobs SET entry = ?", (json.dumps(stored),))
    found = killed(store).get(entry.job)
    assert found is not None
    assert found.record == entry.record


def test_one_store_has_one_server(store: Store) -> None:
    with pytest.raises(InputError, match="running already"):
        Store(store.folder)


def test_a_store_that_is_no_folder_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="store"):
        Store(tmp_path / "file" / "store")


def test_only_the_newest_stage_times_are_kept(store: Store, killed: Killed) -> None:
    for seconds in range(40):
        store.remember_stage_times("export", [StageTime(stage="Exporting", seconds=seconds)])
    kept = killed(store).stage_times("export")
    assert [times[0].seconds for times in kept] == list(range(39, 27, -1))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB."""
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)


def fill(disk: Path) -> Path:
    """A file that takes all the room that is left."""
    filler = disk / "filler"
    handle = os.open(filler, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(handle, bytes(4096)):
            pass
    os.close(handle)
    return filler


def add_many(store: Store) -> None:
    for _ in range(1000):
        add(store)


def test_on_a_full_disk_no_job_is_accepted_and_states_are_written_once_there_is_room(
    small_disk: Path, killed: Killed
) -> None:
    store = Store(small_disk / "store")
    entry = add(store, "running")
    filler = fill(small_disk)
    with pytest.raises(StorageError, match="full"):
        add_many(store)
    store.put(entry.changed(state="failed", message="x" * 200_000))
    assert entry.job in store._unsaved
    filler.unlink()
    store.put(entry.changed(state="failed", message="the disk was full"))
    after = killed(store)
    found = after.get(entry.job)
    assert found is not None
    assert found.record.message == "the disk was full"


def test_the_database_is_written_ahead(store: Store) -> None:
    other = sqlite3.connect(store.folder / "jobs.sqlite")
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
