"""Real worker processes: what they give back, and that none outlives its time."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from backends import children, descendants, is_running, kill, new_id, wait_for

from maquette.jobs.kinds import Work
from maquette.server.executor import Ended, LocalExecutor, Progressed
from maquette_protocol.arrays import read_arrays, write_arrays
from maquette_protocol.errors import Cancelled, OutOfMemoryError

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    executor = LocalExecutor(1, lambda: None)
    yield executor
    executor.close()


def export(scene: Path, folder: Path, job: str = "") -> Work:
    """A small job, as the server describes it."""
    attempt = folder / new_id()
    attempt.mkdir(parents=True)
    return Work(
        job=job or new_id(),
        kind="export",
        inputs=(str(scene),),
        options={"format": ".ply"},
        out=str(attempt / "room.ply"),
        outcome=str(folder / "result"),
        summary=str(folder / "answer.json"),
        log=str(folder / "log.txt"),
    )


def reconstruct(photos: list[Path], folder: Path) -> Work:
    """A job that takes some seconds, in several processes."""
    return Work(
        job=new_id(),
        kind="reconstruct",
        inputs=tuple(map(str, photos)),
        options={"quality": "draft"},
        out=str(folder / "scene"),
    )


def end_of(executor: LocalExecutor, job: str) -> Ended:
    def look() -> Ended | None:
        ends = [e for e in executor.poll() if isinstance(e, Ended) and e.job == job]
        return ends[0] if ends else None

    found = wait_for(look, "the job's end")
    assert found is not None
    return found


def reach(executor: LocalExecutor, stage: str) -> None:
    def look() -> bool:
        return any(isinstance(e, Progressed) and e.stage == stage for e in executor.poll())

    wait_for(look, stage)


def test_one_worker_does_job_after_job(
    executor: LocalExecutor, small_scene: Path, tmp_path: Path
) -> None:
    (first,) = executor.pids()
    for name in ("one", "two"):
        assert executor.num_free() == 1
        work = export(small_scene, tmp_path / name)
        executor.start(work)
        assert executor.num_free() == 0
        assert end_of(executor, work.job).error is None
        assert (tmp_path / name / "result" / "room.ply").is_file()
        assert (tmp_path / name / "answer.json").is_file()
    assert executor.pids() == [first]


def test_a_result_appears_whole_or_not_at_all(executor: LocalExecutor, tmp_path: Path) -> None:
    work = export(tmp_path / "no scene here", tmp_path / "job")
    executor.start(work)
    ended = end_of(executor, work.job)
    assert ended.error is not None
    assert ended.error.code == "bad-input"
    assert not (tmp_path / "job" / "result").exists()


def test_a_worker_killed_in_its_work_ends_the_job_with_all_its_processes(
    executor: LocalExecutor, small_photos: list[Path], tmp_path: Path
) -> None:
    work = reconstruct(small_photos, tmp_path)
    executor.start(work)
    (worker,) = executor.pids()
    reach(executor, "Finding the cameras")
    below = wait_for(lambda: children(worker), "COLMAP's process")
    kill(worker)
    assert isinstance(end_of(executor, work.job).error, OutOfMemoryError)
    wait_for(lambda: not any(map(is_running, below)), "COLMAP's process ends")
    assert executor.pids() != [worker]
    assert executor.num_free() == 1


def test_a_worker_that_had_died_before_its_work_began_is_replaced(
    executor: LocalExecutor, small_scene: Path, tmp_path: Path
) -> None:
    (worker,) = executor.pids()
    kill(worker)
    work = export(small_scene, tmp_path / "job")
    executor.start(work)  # the executor has not looked yet
    assert end_of(executor, work.job).error is None


def test_a_cancelled_jobs_end_means_that_its_processes_are_gone_and_another_is_ready(
    executor: LocalExecutor, small_photos: list[Path], tmp_path: Path
) -> None:
    work = reconstruct(small_photos, tmp_path)
    executor.start(work)
    (worker,) = executor.pids()
    reach(executor, "Finding the cameras")
    running = {worker, *wait_for(lambda: children(worker), "COLMAP's process")}
    executor.cancel(work.job)
    assert isinstance(end_of(executor, work.job).error, Cancelled)
    assert not [pid for pid in running if is_running(pid)]
    assert executor.num_free() == 1
    assert len(executor.pids()) == 1


def test_an_idle_worker_is_ended_and_its_memory_given_back() -> None:
    executor = LocalExecutor(1, lambda: None, idle_s=0.2)
    (worker,) = executor.pids()
    wait_for(lambda: not executor.poll() and not is_running(worker), "it ends")
    assert executor.pids() == []
    assert executor.num_free() == 1
    executor.close()


def test_memory_that_runs_out_is_told_as_such(
    executor: LocalExecutor, small_scene: Path, tmp_path: Path
) -> None:
    import resource

    scene = tmp_path / "large room"
    shutil.copytree(small_scene, scene)
    arrays = read_arrays(scene / "arrays.safetensors")
    write_arrays(scene / "arrays.safetensors", {**arrays, "large": np.zeros(2**25, np.float32)})
    work = export(small_scene, tmp_path / "first")
    executor.start(work)
    assert end_of(executor, work.job).error is None
    (worker,) = executor.pids()
    used_bytes = int(Path(f"/proc/{worker}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(worker, resource.RLIMIT_AS, (used_bytes + 2**25, used_bytes + 2**25))
    work = export(scene, tmp_path / "second")
    executor.start(work)
    assert isinstance(end_of(executor, work.job).error, OutOfMemoryError)


PARENT = """
import sys, time
from maquette.server.executor import LocalExecutor
from maquette.jobs.kinds import Work
executor = LocalExecutor(2, lambda: None)
executor.start(Work(job="a", kind="reconstruct", inputs=tuple(sys.argv[2:]),
                    options={"quality": "draft"}, out=sys.argv[1]))
while True:
    for event in executor.poll():
        print(event, flush=True)
    time.sleep(0.02)
"""


@pytest.mark.parametrize("stage", ["Finding the cameras", "Measuring depth", "Texturing"])
def test_no_process_outlives_a_killed_parent(
    stage: str, small_photos: list[Path], tmp_path: Path
) -> None:
    code = [sys.executable, "-c", PARENT, str(tmp_path / "scene"), *map(str, small_photos)]
    parent = subprocess.Popen(code, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        assert any(stage in line for line in parent.stdout)
        if stage == "Finding the cameras":
            wait_for(lambda: len(descendants(parent.pid)) >= 2, "COLMAP's process")
        below = descendants(parent.pid)
        assert below
        parent.kill()
    parent.wait()
    wait_for(lambda: not any(map(is_running, below)), "all are gone", 10)
    assert not (tmp_path / "scene").exists()


def test_closing_ends_everything(
    executor: LocalExecutor, small_photos: list[Path], tmp_path: Path
) -> None:
    executor.start(reconstruct(small_photos, tmp_path))
    reach(executor, "Finding the cameras")
    running = executor.pids()
    executor.close()
    assert not [pid for pid in running if is_running(pid)]
    assert executor.poll() == []
