"""A real server and real clients: jobs from submission to result, and what stays true whatever dies meanwhile."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from backends import (
    SEEN_WITHIN_S,
    Backend,
    backend_in,
    children,
    descendants,
    end_of,
    export_request,
    is_running,
    kill,
    messages_until,
    new_id,
    reconstruct_request,
    record_of,
    submit,
    wait_for,
)

import maquette
from maquette.models.catalog import MODELS
from maquette_protocol.errors import InputError
from maquette_protocol.messages import (
    CancelJob,
    Diagnosis,
    ForgetJob,
    GetLog,
    GetStatus,
    JobEnded,
    JobPartial,
    JobProgress,
    Jobs,
    ListJobs,
    Log,
    Message,
    RunDoctor,
    Status,
)

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")


def is_at_stage(job: str, words: str) -> Callable[[Message], bool]:
    def is_there(message: Message) -> bool:
        return (
            isinstance(message, JobProgress)
            and message.job == job
            and message.stage.startswith(words)
        )

    return is_there


def is_end(job: str) -> Callable[[Message], bool]:
    def is_there(message: Message) -> bool:
        return isinstance(message, JobEnded) and message.record.job == job

    return is_there


# What jobs give.


def test_a_reconstruction_tells_its_stages_shows_its_scene_and_ends_with_a_result(
    backend: Backend, small_photos: list[Path]
) -> None:
    client = backend.client()
    job = submit(client, reconstruct_request(small_photos)).job
    heard = messages_until(client, is_end(job), "the end")
    record = record_of(client, job)
    assert record.state == "done", record.message
    scene = Path(record.folder) / "scene"
    assert json.loads((scene / "scene.json").read_text())["format"] == "maquette-scene"
    assert record.summary["scene"] == str(scene)
    assert record.summary["registered"] == len(small_photos)

    progress = [m for m in heard if isinstance(m, JobProgress)]
    stages = list(dict.fromkeys(m.stage for m in progress))
    assert stages[0] == "Reading photos" or stages[0] == "Finding the cameras"
    assert "Measuring depth" in stages
    shares = [m.done for m in progress]
    assert shares == sorted(shares)
    assert any("photos placed" in m.note for m in progress)

    partials = [m for m in heard if isinstance(m, JobPartial)]
    assert partials
    for message in partials:
        arrays = message.arrays
        assert arrays["cameras"].shape == (message.num_registered, 4, 4)
        assert arrays["points"].shape == arrays["colors"].shape
        assert message.num_photos == len(small_photos)
    assert partials[-1].num_registered == len(small_photos)
    assert len(partials[-1].arrays["points"]) > 100


def test_the_time_left_is_known_from_the_start_once_such_a_job_was_done(
    backend: Backend, small_scene: Path
) -> None:
    client = backend.client()
    end_of(client, submit(client, export_request(small_scene, ".obj")).job)
    job = submit(client, export_request(small_scene, ".obj")).job
    heard = messages_until(client, is_end(job), "the end")
    first = next(m for m in heard if isinstance(m, JobProgress) and m.job == job)
    assert first.seconds_left >= 0


def test_an_export_of_a_jobs_result_lies_in_a_folder_of_its_own(
    backend: Backend, small_scene: Path
) -> None:
    client = backend.client()
    record = end_of(client, submit(client, export_request(small_scene, ".glb")).job)
    assert record.state == "done", record.message
    files = [path.name for path in Path(record.folder).iterdir()]
    assert files == [f"{small_scene.name}.glb"]
    assert record.summary["file"] == files[0]


def test_jobs_of_higher_priority_go_first(backend: Backend, small_scene: Path) -> None:
    client = backend.client()
    request = export_request(small_scene)
    jobs = [submit(client, request).job for _ in range(3)]
    urgent = submit(client, type(request)(**{**vars(request), "priority": 5})).job
    ended: list[str] = []
    while len(ended) < 4:
        for message in messages_until(client, lambda m: isinstance(m, JobEnded), "all ends"):
            ended += [message.record.job] if isinstance(message, JobEnded) else []
    assert ended.index(urgent) <= 1, "only the one that had begun may come before"
    rest = [job for job in ended if job != urgent]
    assert rest == jobs


def test_submitting_again_after_a_lost_reply_does_no_harm(
    backend: Backend, small_scene: Path
) -> None:
    client = backend.client()
    job = new_id()
    request = export_request(small_scene)
    submit(client, request, job)
    again = submit(client, request, job)
    assert again.job == job
    end_of(client, job)
    assert submit(client, request, job).state == "done"
    answer = client.request(ListJobs())
    assert isinstance(answer, Jobs)
    assert len(answer.jobs) == 1
    with pytest.raises(InputError, match="id"):
        submit(client, export_request(small_scene, ".glb"), job)


@pytest.mark.parametrize(
    ("kind", "inputs", "options", "words"),
    [
        ("paint", ("/a",), {}, "paint"),
        ("reconstruct", (), {}, "No photos"),
        ("reconstruct", ("relative.jpg",), {}, "absolute"),
        ("reconstruct", ("/a",), {"quality": "best"}, "quality"),
        ("reconstruct", ("/a",), {"qualty": "draft"}, "qualty"),
        ("reconstruct", ("/a",), {"report": 1}, "report"),
        ("reconstruct", ("/a",), {"masks": "masks"}, "absolute"),
        ("reconstruct", ("upload:x",), {}, "upload"),
        ("export", ("/a", "/b"), {}, "2 inputs"),
        ("export", ("/a",), {"format": ".exe"}, ".exe"),
    ],
)
def test_what_cannot_be_a_job_is_refused_in_words(
    kind: str, inputs: tuple[str, ...], options: dict[str, object], words: str, backend: Backend
) -> None:
    client = backend.client()
    request = type(export_request(Path("/x")))(
        kind=kind, title="no", inputs=inputs, options=options
    )
    with pytest.raises(InputError, match=words) as caught:
        submit(client, request)
    assert caught.value.hint
    assert client.request(ListJobs()) == Jobs(jobs=())


def test_a_corrupt_photo_ends_its_job_in_words_and_leaves_nothing(
    backend: Backend, tmp_path: Path
) -> None:
    photo = tmp_path / "text.jpg"
    photo.write_text("this is no photo")
    client = backend.client()
    record = end_of(client, submit(client, reconstruct_request([photo])).job)
    assert (record.state, record.code) == ("failed", "bad-photo")
    assert "no picture" in record.message + record.hint
    assert record.hint
    assert not (backend.store / "jobs" / record.job / "result").exists()
    assert not list((backend.store / "jobs" / record.job).glob("*.partial"))


def test_hundreds_of_bad_photos_are_told_in_a_message_that_can_be_sent(
    backend: Backend, tmp_path: Path
) -> None:
    names = [tmp_path / f"{'long name ' * 15}{number}.jpg" for number in range(300)]
    for name in names:
        name.write_text("this is no photo")
    client = backend.client()
    record = end_of(client, submit(client, reconstruct_request(names)).job)
    assert (record.state, record.code) == ("failed", "bad-photo")


# Cancelling.

STAGES = (
    "Reading photos",
    "Finding the cameras",
    "Measuring depth",
    "Building the surface",
    "Texturing",
    "Writing the scene",
)


@needs_proc
@pytest.mark.slow
def test_cancelled_in_every_stage_a_job_is_gone_with_all_its_processes(
    backend: Backend, small_photos: list[Path]
) -> None:
    client = backend.client()
    request = reconstruct_request(
        small_photos, report=True
    )  # which makes the last stage long enough
    for words in STAGES:
        job = submit(client, request).job
        messages_until(client, is_at_stage(job, words), f"the stage {words!r}")
        assert backend.process is not None
        running = descendants(backend.process.pid)
        answer = client.request(CancelJob(job=job))
        assert isinstance(answer, Jobs)
        assert answer.jobs[0].state == "cancelling", words
        assert end_of(client, job, patience_s=10).state == "cancelled"
        # when the client hears of the end, all that worked on it is gone
        assert not [pid for pid in running if is_running(pid)], words
        assert not list((backend.store / "jobs" / job).glob("result*")), words
    record = end_of(client, submit(client, request).job)
    assert record.state == "done", "the same photos go on where they were stopped"


def test_a_waiting_job_is_cancelled_at_once(
    backend: Backend, small_photos: list[Path], small_scene: Path
) -> None:
    client = backend.client()
    running = submit(client, reconstruct_request(small_photos)).job
    waiting = submit(client, export_request(small_scene)).job
    answer = client.request(CancelJob(job=waiting))
    assert isinstance(answer, Jobs)
    assert answer.jobs[0].state == "cancelled"
    client.request(CancelJob(job=running))
    end_of(client, running)
    assert record_of(client, waiting).state == "cancelled"


def test_an_ended_job_can_be_forgotten_with_its_result(backend: Backend, small_scene: Path) -> None:
    client = backend.client()
    record = end_of(client, submit(client, export_request(small_scene)).job)
    client.request(ForgetJob(job=record.job))
    assert not (backend.store / "jobs" / record.job).exists()
    assert client.request(ListJobs()) == Jobs(jobs=())
    wait_for(lambda: not list((backend.store / "trash").iterdir()), "the trash is emptied")
    with pytest.raises(InputError, match="no job"):
        record_of(client, record.job)


# What dies.


@needs_proc
def test_when_a_worker_is_killed_the_client_is_told_and_the_next_job_runs(
    backend: Backend, small_photos: list[Path], small_scene: Path
) -> None:
    client = backend.client()
    job = submit(client, reconstruct_request(small_photos)).job
    messages_until(client, is_at_stage(job, "Finding the cameras"), "the cameras")
    (worker,) = backend.workers()
    below = wait_for(lambda: children(worker), "COLMAP's process")
    kill(worker)
    record = end_of(client, job, patience_s=SEEN_WITHIN_S)
    assert (record.state, record.code) == ("failed", "out-of-memory")
    assert "memory" in record.message
    assert "fewer photos" in record.hint
    wait_for(lambda: not any(map(is_running, below)), "COLMAP's process ends", 5)
    assert not list((backend.store / "jobs" / job).glob("result*"))
    record = end_of(client, submit(client, export_request(small_scene)).job)
    assert record.state == "done"


@needs_proc
def test_where_memory_ran_out_the_job_is_made_again_smaller_and_says_so(
    backend: Backend, small_photos: list[Path]
) -> None:
    client = backend.client()
    job = submit(client, reconstruct_request(small_photos, quality="normal")).job
    messages_until(client, is_at_stage(job, "Finding the cameras"), "the cameras")
    kill(backend.workers()[0])
    messages_until(client, is_at_stage(job, "Starting again"), "the second start", SEEN_WITHIN_S)
    record = end_of(client, job)
    assert record.state == "done", record.message
    assert any("Made again with quality draft" in text for text in record.summary["warnings"])


@needs_proc
def test_a_worker_that_dies_idle_costs_no_job(backend: Backend, small_scene: Path) -> None:
    client = backend.client()
    end_of(client, submit(client, export_request(small_scene)).job)
    kill(backend.workers()[0])
    record = end_of(client, submit(client, export_request(small_scene)).job)
    assert record.state == "done", record.message


@needs_proc
@pytest.mark.slow
def test_when_the_server_is_killed_its_processes_end_and_its_jobs_go_on_at_the_next_start(
    backend: Backend, small_photos: list[Path], small_scene: Path
) -> None:
    client = backend.client()
    finished = end_of(client, submit(client, export_request(small_scene)).job)
    running = submit(client, reconstruct_request(small_photos)).job
    waiting = submit(client, export_request(small_scene, ".glb")).job
    messages_until(client, is_at_stage(running, "Measuring depth"), "depth")
    assert backend.process is not None
    below = descendants(backend.process.pid)
    cameras = next((backend.folder / "cache" / "jobs").glob("*/cameras.safetensors"))
    made = cameras.stat().st_mtime_ns
    backend.kill()
    wait_for(lambda: not any(map(is_running, below)), "no orphan is left", 5)
    wait_for(lambda: client.poll() is not None and client.state == "lost", "it is seen", 5)
    assert client.reason

    backend.start()
    generation = client.generation
    wait_for(lambda: client.poll() is not None and client.generation > generation, "reconnected")
    assert record_of(client, finished.job) == finished
    assert Path(finished.folder).is_dir()
    assert record_of(client, running).state in ("queued", "running", "done")
    record_of(client, waiting)
    heard = messages_until(client, is_end(running), "its end")
    assert record_of(client, running).state == "done"
    assert not any(isinstance(m, JobProgress) and m.note.startswith("features") for m in heard)
    assert not cameras.exists() or cameras.stat().st_mtime_ns == made, "computed again"
    wait_for(lambda: record_of(client, waiting).state == "done", "the waiting job's end")
    assert not list((backend.store / "jobs").glob("*/*.partial"))


CLIENT = """
import sys
from pathlib import Path
from backends import reconstruct_request, submit
import maquette
from maquette_protocol.client import Client
from maquette_protocol.connection import read_connection_file
client = Client(read_connection_file(Path(sys.argv[1])).address, kind="test", version="0")
print(submit(client, reconstruct_request(sys.argv[2:])).job, flush=True)
while True:
    for received in client.poll():
        print(received.message.name, flush=True)
    client.wait(1.0)
"""


def test_a_job_goes_on_when_its_client_is_killed_and_is_found_again(
    backend: Backend, small_photos: list[Path]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(backend.connection), *map(str, small_photos)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    with process.stdout:
        job = process.stdout.readline().strip()
        assert any("job-progress" in line for line in process.stdout)
        process.kill()
    process.wait()
    second = backend.client()
    listed = second.request(ListJobs())
    assert isinstance(listed, Jobs)
    assert [record.job for record in listed.jobs] == [job]
    assert record_of(second, job).state == "running"
    assert end_of(second, job).state == "done"


def test_two_clients_have_their_own_jobs_and_may_watch_each_others(
    backend: Backend, small_scene: Path
) -> None:
    one, other = backend.client(), backend.client()
    mine = submit(one, export_request(small_scene)).job
    yours = submit(other, export_request(small_scene, ".glb")).job
    assert end_of(one, mine).job == mine
    assert end_of(other, yours).job == yours
    third = submit(one, export_request(small_scene, ".obj")).job
    record_of(other, third)
    assert end_of(one, third).state == "done"
    assert record_of(other, third).state == "done"


def test_a_result_that_was_deleted_behind_the_servers_back_is_said_to_be_gone(
    backend: Backend, small_scene: Path
) -> None:
    client = backend.client()
    record = end_of(client, submit(client, export_request(small_scene)).job)
    for file in Path(record.folder).iterdir():
        file.unlink()
    Path(record.folder).rmdir()
    gone = record_of(client, record.job)
    assert gone.state == "failed"
    assert "deleted" in gone.message
    assert gone.hint
    next_one = end_of(client, submit(client, export_request(small_scene)).job)
    assert next_one.state == "done"


# The server itself.


def test_asked_to_stop_it_ends_at_once_and_goes_on_later(
    backend: Backend, small_photos: list[Path]
) -> None:
    client = backend.client()
    job = submit(client, reconstruct_request(small_photos)).job
    messages_until(client, is_at_stage(job, "Finding the cameras"), "the cameras")
    done = backend.command("serve", "--stop")
    assert done.returncode == 0, done.stderr
    assert backend.process is not None
    assert backend.process.wait(timeout=10) == 0
    assert not backend.connection.exists()
    backend.start()
    wait_for(lambda: client.poll() is not None and client.state == "ready", "reconnected")
    record_of(client, job)
    assert end_of(client, job).state == "done"


def test_a_second_server_says_that_one_runs_already(backend: Backend, tmp_path: Path) -> None:
    done = backend.command("serve")
    assert done.returncode == 2
    assert "running already" in done.stderr
    other = Backend(tmp_path / "other")
    other.folder.mkdir()
    done = other.command("serve", "--store", str(backend.store))
    assert done.returncode == 2
    assert str(backend.store) in done.stderr
    assert backend.client().request(GetStatus())


def test_a_connection_file_that_a_killed_server_left_is_replaced(backend: Backend) -> None:
    before = backend.connection.read_bytes()
    backend.kill()
    assert backend.connection.read_bytes() == before
    done = backend.command("status")
    assert done.returncode == 1
    assert "→" in done.stderr
    backend.connection.rename(backend.connection.with_suffix(".old"))
    backend.start()
    assert backend.connection.read_bytes() != before
    assert backend.command("status").returncode == 0


def test_a_client_of_another_protocol_is_refused_with_both_versions_named(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maquette_protocol.client.PROTOCOL", 99)
    monkeypatch.setattr("maquette.__version__", "7.5.3")
    client = backend.client()
    wait_for(lambda: client.poll() is not None and client.state == "refused", "it is refused")
    monkeypatch.undo()
    assert "7.5.3" in client.reason
    assert maquette.__version__ in client.reason
    assert client.hint
    assert backend.client().request(GetStatus())


def test_the_status_says_what_runs_where(backend: Backend) -> None:
    status = backend.client().request(GetStatus())
    assert isinstance(status, Status)
    assert status.engines == ("classical",)  # no weights are here
    assert status.free_memory_mb > 0
    assert status.num_clients == 1
    told = json.loads(backend.command("status", "--json").stdout)
    assert told["version"] == status.version
    assert told["num_clients"] == 2


def test_the_status_names_the_models_whose_weights_are_here(backend: Backend) -> None:
    card = MODELS["g2vlm"]
    home = backend.folder / "hub" / f"models--{card.repository.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("abc")
    (home / "snapshots" / "abc").mkdir(parents=True)
    for name in card.files[:-1]:
        (home / "snapshots" / "abc" / name).touch()
    client = backend.client()
    for models in ((), ("g2vlm",)):
        status = client.request(GetStatus())
        assert isinstance(status, Status)
        assert status.models == models
        (home / "snapshots" / "abc" / card.files[-1]).touch()
    assert "models: g2vlm" in backend.command("status").stdout


def test_the_doctor_over_the_socket_says_the_same_as_the_command(backend: Backend) -> None:
    client = backend.client()
    diagnosis = client.request(RunDoctor(), timeout_s=100)
    assert isinstance(diagnosis, Diagnosis)
    told = json.loads(backend.command("doctor", "--json").stdout)["checks"]
    assert [check.name for check in diagnosis.checks] == [check["name"] for check in told]
    running = next(check for check in diagnosis.checks if check.name == "backend")
    assert running.state == "ok"
    assert "process" in running.found


def test_the_server_answers_others_while_the_doctor_looks(backend: Backend) -> None:
    client, other = backend.client(), backend.client()
    request = client.send(RunDoctor())
    wait_for(lambda: client.poll() is not None and client.state == "ready", "connected")
    assert isinstance(other.request(GetStatus()), Status)
    received = wait_for(client.poll, "the diagnosis")
    assert received[0].reply_to == request


def test_logs_hold_no_private_path(backend: Backend, tmp_path: Path) -> None:
    private = tmp_path / "Anna's holiday"
    private.mkdir()
    (private / "a.jpg").write_text("no photo")
    client = backend.client()
    job = submit(client, reconstruct_request([private / "a.jpg"])).job
    end_of(client, job)
    for asked in (GetLog(), GetLog(job=job)):
        told = client.request(asked)
        assert isinstance(told, Log)
        assert "holiday" not in told.text
        assert str(backend.store) not in told.text
    listed = backend.command("jobs")
    assert job[:8] in listed.stdout
    assert backend.command("jobs", "log", job[:6]).returncode == 0
    forgotten = backend.command("jobs", "forget", job[:6])
    assert forgotten.returncode == 0, forgotten.stderr
    assert backend.command("jobs", "--json").stdout.strip() == '{"jobs": []}'


@needs_proc
def test_an_idle_worker_is_ended_and_its_memory_given_back(
    tmp_path: Path, small_scene: Path
) -> None:
    from maquette.server.executor import LocalExecutor

    executor = LocalExecutor(1, lambda: None, idle_s=0.2)
    (pid,) = executor.pids()
    wait_for(lambda: executor.poll() == [] and not is_running(pid), "it ends")
    assert executor.pids() == []
    executor.close()


def test_two_workers_run_two_jobs_at_a_time(tmp_path: Path, small_photos: list[Path]) -> None:
    with backend_in(tmp_path, "--workers", "2") as backend:
        client = backend.client()
        jobs = [submit(client, reconstruct_request(small_photos)).job for _ in range(2)]
        assert {record_of(client, job).state for job in jobs} == {"running"}
        for job in jobs:
            client.request(CancelJob(job=job))
        wait_for(
            lambda: {record_of(client, job).state for job in jobs} == {"cancelled"}, "both end"
        )
