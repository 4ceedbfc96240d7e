"""The session with a real server in a process of its own: states, imports, kills, two sessions at once."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from maquette_session import ImportJob, ImportRequest, Session
from PIL import Image
from support import ROOT
from wheels import make_wheel

from maquette_protocol.connection import connection_file, read_connection_file

PROGRAM = Path(sys.executable).with_name("maquette")
PATIENCE_S = 120


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has a server of its own, and leaves none."""
    monkeypatch.setenv("MAQUETTE_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("MAQUETTE_STORE", str(tmp_path / "store"))
    yield
    with contextlib.suppress(Exception):
        os.kill(read_connection_file(connection_file()).pid, signal.SIGTERM)


@pytest.fixture
def new_session(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Sessions as Blender makes them, closed at the end."""
    made: list[Session] = []

    def make(name: str = "one", program: Path | None = PROGRAM, version: str = "0.1.0") -> Session:
        packed = tmp_path / "packed"
        made.append(Session(version=version, data=tmp_path / name, packed=packed, program=program))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture(scope="session")
def few_photos(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Six office photos, reduced: the smallest real reconstruction."""
    folder = tmp_path_factory.mktemp("photos") / "desk"
    folder.mkdir()
    for photo in sorted((ROOT / "examples" / "office_desk").glob("*.jpg"))[:6]:
        with Image.open(photo) as image:
            image.thumbnail((800, 800))
            image.save(folder / photo.name, quality=92)
    return tuple(str(photo) for photo in sorted(folder.iterdir()))


def wait_for(condition: Callable[[], object], *sessions: Session) -> None:
    """Tick until it holds; fails with all states where it never does."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        for session in sessions:
            session.tick()
        time.sleep(0.01)
        states = [
            (s.status, [(j.phase, j.stage, j.message) for j in s.imports.jobs.values()])
            for s in sessions
        ]
        assert time.monotonic() < end, states


def request(photos: tuple[str, ...]) -> ImportRequest:
    return ImportRequest(
        title=f"{len(photos)} photos of desk", photos=photos, options={"quality": "draft"}, build={}
    )


def submit(session: Session, photos: tuple[str, ...]) -> ImportJob:
    return session.imports.jobs[session.submit(request(photos))]


def test_without_a_backend_the_one_action_is_to_set_it_up(
    new_session: Callable[..., Session],
) -> None:
    session = new_session(program=None)
    session.tick()
    assert (session.status.state, session.status.action) == ("off", "set up")
    assert "no backend" in session.status.reason


def test_a_backend_that_is_there_and_does_not_run_is_to_be_started(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.tick()
    assert (session.status.state, session.status.action) == ("off", "start")


def test_importing_starts_the_backend_and_ends_with_a_scene_on_this_disk(
    new_session: Callable[..., Session], few_photos: tuple[str, ...]
) -> None:
    session = new_session()
    job = submit(session, few_photos)
    seen: set[str] = set()
    partials: list[int] = []

    def has_arrived() -> bool:
        seen.add(session.status.state)
        if job.partial is not None:
            partials.append(len(job.partial.points))
        return job.phase in ("arrived", "failed")

    wait_for(has_arrived, session)
    assert job.phase == "arrived", (job.message, job.hint)
    assert {"starting", "busy"} <= seen
    assert max(partials) > 100  # points came while it ran
    assert job.num_registered == len(few_photos)
    assert Path(job.folder, "scene.json").is_file()
    assert session.status.state == "ready"
    assert list(session.imports.results) == [job.job]


def test_cancelling_ends_the_import_and_the_backend_is_ready_again(
    new_session: Callable[..., Session], few_photos: tuple[str, ...]
) -> None:
    session = new_session()
    job = submit(session, few_photos)
    wait_for(lambda: job.phase == "running" and job.done > 0.1, session)
    session.imports.cancel(job.job)
    assert job.phase == "cancelling"
    wait_for(lambda: job.phase == "cancelled", session)
    assert job.partial is None
    assert session.status.state == "ready"


def test_an_import_cancelled_before_the_backend_answers_never_reaches_it(
    new_session: Callable[..., Session], few_photos: tuple[str, ...]
) -> None:
    session = new_session()
    job = submit(session, few_photos)
    session.imports.cancel(job.job)
    assert job.phase == "cancelled"
    wait_for(lambda: session.status.state == "ready", session)
    wait_for(lambda: session.backend is not None, session)
    assert session.backend is not None
    assert session.backend.num_running == session.backend.num_queued == 0


def test_a_killed_server_is_lost_with_a_reason_and_the_import_goes_on_after_a_start(
    new_session: Callable[..., Session], few_photos: tuple[str, ...]
) -> None:
    session = new_session()
    job = submit(session, few_photos)
    wait_for(lambda: job.phase == "running" and job.done > 0.1, session)
    pid = read_connection_file(connection_file()).pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: session.status.state == "lost", session)
    wait_for(lambda: str(pid) in session.status.reason, session)
    assert session.status.action == "start"
    assert not job.has_ended
    session.start()
    assert session.status.state == "starting"
    wait_for(lambda: job.has_ended, session)
    assert job.phase in ("fetching", "arrived"), (job.message, job.hint)


def test_a_server_stopped_on_purpose_is_off_not_lost(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.start()
    wait_for(lambda: session.status.state == "ready", session)
    session.stop_backend()
    wait_for(lambda: session.status.state == "off", session)
    assert session.status.action == "start"


def test_another_protocol_version_is_said_with_both_versions(
    new_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("client", "wire"):
        monkeypatch.setattr(f"maquette_protocol.{module}.PROTOCOL", 99)
    session = new_session(version="9.0.0")
    session.start()
    wait_for(lambda: session.status.state == "off" and "9.0.0" in session.status.reason, session)
    assert "0.1.0" in session.status.reason
    assert session.status.action == "connect"


def test_a_program_that_is_no_backend_is_off_with_its_last_words(
    new_session: Callable[..., Session], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("#!/bin/sh\necho 'no such command: serve' >&2\nexit 3\n")
    wrong.chmod(0o755)
    session = new_session(program=wrong)
    session.start()
    wait_for(lambda: session.problem is not None, session)
    assert session.status.state == "off"
    assert "status 3" in session.status.reason
    assert "no such command: serve" in session.status.reason
    assert "no such command: serve" in session.whole_log()


def test_two_sessions_at_once_hear_of_their_own_imports_alone(
    new_session: Callable[..., Session], few_photos: tuple[str, ...]
) -> None:
    one, two = new_session("one"), new_session("two")
    one.start()
    wait_for(lambda: one.status.state == two.status.state == "ready", one, two)
    first = submit(one, few_photos)
    second = submit(two, few_photos[:2])  # too few: fails with words
    assert first.job != second.job
    wait_for(lambda: first.has_ended and second.has_ended, one, two)
    wait_for(lambda: first.phase == "arrived", one, two)
    assert first.job not in two.imports.jobs
    assert second.job not in one.imports.jobs


def test_a_result_finished_while_nobody_was_there_is_kept_and_can_be_taken(
    new_session: Callable[..., Session], few_photos: tuple[str, ...]
) -> None:
    one = new_session("one")
    job = submit(one, few_photos)
    wait_for(lambda: job.phase == "running", one)
    one.close()
    watcher = new_session("watcher")
    wait_for(lambda: watcher.backend is not None and watcher.backend.num_running == 0, watcher)
    two = new_session("two")
    wait_for(lambda: job.job in two.imports.results, two)
    again = ImportJob(request=request(()), job=job.job)
    two.imports.adopt(again)
    wait_for(lambda: again.phase == "kept", two)
    assert "closed" in again.message
    taken = two.imports.take(job.job)
    wait_for(lambda: taken.phase == "arrived", two)
    assert Path(taken.folder, "scene.json").is_file()


def test_an_import_that_the_server_has_forgotten_says_so(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.start()
    wait_for(lambda: session.status.state == "ready", session)
    unknown = ImportJob(request=request(()))
    session.imports.adopt(unknown)
    wait_for(lambda: unknown.phase == "failed", session)
    assert unknown.message
    assert unknown.hint


def test_photos_that_allow_no_scene_fail_with_message_hint_and_log(
    new_session: Callable[..., Session], few_photos: tuple[str, ...]
) -> None:
    session = new_session()
    job = submit(session, few_photos[:1])
    wait_for(lambda: job.phase == "failed", session)
    assert job.message
    assert job.hint
    wait_for(lambda: f"Import {job.job}" in session.logs, session)
    assert job.message in session.whole_log()
    assert str(Path.home()) not in session.whole_log()


@pytest.mark.parametrize("is_running", [False, True], ids=["no server", "a server"])
def test_the_doctor_looks_at_both_sides_in_the_words_of_the_command_line(
    new_session: Callable[..., Session], is_running: bool
) -> None:
    session = new_session()
    if is_running:
        session.start()
        wait_for(lambda: session.status.state == "ready", session)
    session.ask_doctor()
    wait_for(lambda: any(check.name == "kernels" for check in session.checks), session)
    said = subprocess.run([PROGRAM, "doctor"], capture_output=True, text=True)
    found = {check.name: check.found for check in session.checks}
    assert {"add-on", "connection", "backend"} <= found.keys()
    assert found["kernels"] in said.stdout
    assert found["pycolmap"] in said.stdout


def test_setting_up_ends_with_the_version_that_was_packed(
    new_session: Callable[..., Session], tmp_path: Path
) -> None:
    make_wheel(tmp_path / "packed")
    session = new_session(program=None)
    session.set_up()
    assert session.status.state == "setting up"
    assert session.status.action == "stop set-up"
    wait_for(lambda: session.work is None, session)
    assert session.installed == "9.9.9"
    assert session.program == session.environment.program
    session.remove()
    wait_for(lambda: session.work is None, session)
    assert session.program is None
    assert session.status.action == "set up"


def test_a_backend_elsewhere_is_paired_with_and_photos_and_scene_go_over_the_wire(
    new_session: Callable[..., Session],
    few_photos: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = tmp_path / "elsewhere.log"
    place = f"127.0.0.1:{_free_port()}"
    with log.open("wb") as output:
        elsewhere = subprocess.Popen(
            [PROGRAM, "serve", "--listen", place, "--pair"], stdout=output, stderr=output
        )
    try:
        text = _pairing_text(log)
        monkeypatch.setenv("MAQUETTE_RUNTIME", str(tmp_path / "here"))  # no server runs here
        session = new_session(program=None)
        session.pair(text)
        assert session.status.state == "starting"
        wait_for(lambda: session.status.state == "ready", session)
        assert session.remembered == (session.remote,)
        job = submit(session, few_photos)
        phases: set[str] = set()

        def has_arrived() -> bool:
            phases.add(job.phase)
            return job.phase in ("arrived", "failed")

        wait_for(has_arrived, session)
        assert job.phase == "arrived", (job.message, job.hint)
        assert {"uploading", "running", "fetching"} <= phases
        assert Path(job.folder).is_relative_to(session.data)
        assert Path(job.folder, "scene.json").is_file()
        session.pair(text)  # the code works once
        wait_for(lambda: session.problem is not None, session)
        again = new_session("again", program=None)
        again.use_server(session.remote)
        assert again.remote == ""  # another Blender was not paired
    finally:
        elsewhere.terminate()
        elsewhere.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pairing_text(log: Path) -> str:
    end = time.monotonic() + PATIENCE_S
    while True:
        found = re.search(r"maquette://\S+", log.read_text("utf-8"))
        if found:
            return found[0]
        assert time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.1)
