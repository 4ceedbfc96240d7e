"""The backend's environment: made, gone on with, repaired, removed; real venv, real pip, a small wheel."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from maquette_session.environment import Environment, Remove, SetUp, _PipProgress, packed_wheel
from support import ROOT
from wheels import make_wheel


def finish(work: SetUp | Remove, until: Callable[[], bool] = lambda: False) -> None:
    while not work.finished and not until():
        work.step()
        time.sleep(0.01)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "mit Leerzeichen" / "environment")


def set_up(environment: Environment, packed: Path, *, is_repair: bool = False) -> SetUp:
    return SetUp(
        environment, packed, environment.folder.parent / "logs" / "log", is_repair=is_repair
    )


def test_setting_up_makes_an_environment_whose_program_runs(
    environment: Environment, tmp_path: Path
) -> None:
    make_wheel(tmp_path / "packed")
    work = set_up(environment, tmp_path / "packed")
    finish(work)
    assert work.problem is None
    assert (environment.version, work.done) == ("9.9.9", 1.0)
    said = subprocess.run([environment.program], capture_output=True, text=True, check=True)
    assert said.stdout == "maquette 9.9.9\n"


def test_a_stopped_set_up_is_no_environment_and_goes_on_later(
    environment: Environment, tmp_path: Path
) -> None:
    make_wheel(tmp_path / "packed")
    work = set_up(environment, tmp_path / "packed")
    finish(work, until=lambda: work.stage == "Loading the backend")
    work.step()
    work.cancel()
    assert work.finished
    assert work.problem is not None
    assert environment.is_partial
    assert environment.version == ""
    again = set_up(environment, tmp_path / "packed")
    finish(again)
    assert again.problem is None
    assert environment.version == "9.9.9"


def test_a_backend_that_does_not_start_is_not_called_ready(
    environment: Environment, tmp_path: Path
) -> None:
    make_wheel(tmp_path / "packed", status=3)
    work = set_up(environment, tmp_path / "packed")
    finish(work)
    assert work.problem is not None
    assert "does not start" in work.problem.message
    assert environment.version == ""
    assert environment.is_partial


def test_repairing_brings_a_lost_program_back(environment: Environment, tmp_path: Path) -> None:
    make_wheel(tmp_path / "packed")
    finish(set_up(environment, tmp_path / "packed"))
    environment.program.unlink()
    assert environment.version == ""  # a ready mark without the program counts for nothing
    finish(set_up(environment, tmp_path / "packed", is_repair=True))
    assert environment.version == "9.9.9"


def test_a_newer_extension_brings_the_environment_up_to_its_version(
    environment: Environment, tmp_path: Path
) -> None:
    make_wheel(tmp_path / "old", "1.0.0")
    finish(set_up(environment, tmp_path / "old"))
    make_wheel(tmp_path / "new", "1.1.0")
    finish(set_up(environment, tmp_path / "new"))
    assert environment.version == "1.1.0"
    said = subprocess.run([environment.program], capture_output=True, text=True, check=True)
    assert said.stdout == "maquette 1.1.0\n"


def test_a_package_that_cannot_be_had_is_named_in_pips_words(
    environment: Environment, tmp_path: Path
) -> None:
    wheel = make_wheel(tmp_path / "packed")
    wheel.write_bytes(wheel.read_bytes()[:200])  # cut short
    work = set_up(environment, tmp_path / "packed")
    finish(work)
    assert work.problem is not None
    assert wheel.name in work.problem.message
    assert "Repair" in work.problem.hint


def test_removing_leaves_nothing_and_takes_many_steps(
    environment: Environment, tmp_path: Path
) -> None:
    make_wheel(tmp_path / "packed")
    finish(set_up(environment, tmp_path / "packed"))
    work = Remove(environment)
    work.step()
    assert environment.version == ""  # from the first step on it is none
    num_steps = 1
    while not work.finished:
        work.step()
        num_steps += 1
    assert num_steps > 10
    assert list(environment.folder.parent.iterdir()) == [environment.folder.parent / "logs"]


def test_without_any_python_it_says_what_to_install(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(tmp_path / "packed")
    monkeypatch.setenv("PATH", str(tmp_path))
    work = set_up(environment, tmp_path / "packed")
    finish(work)
    assert work.problem is not None
    assert "Python 3.11 to 3.14" in work.problem.message
    assert "python3-venv" in work.problem.hint


def test_a_zip_without_the_backend_says_so(environment: Environment, tmp_path: Path) -> None:
    assert packed_wheel(tmp_path) is None
    work = set_up(environment, tmp_path)
    finish(work)
    assert work.problem is not None
    assert "without the backend" in work.problem.message


def test_pips_lines_become_a_share_that_never_falls() -> None:
    lines = """\
Processing /x/maquette-0.1.0-py3-none-any.whl
Collecting numpy>=2.0
  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl (16.4 MB)
  Downloading https://example.org/packages/ab/pycolmap-4.2.1-cp311-cp311-manylinux_2_28_x86_64.whl (52 MB)
  Downloading tiny-1.0-py3-none-any.whl (87 kB)
Installing collected packages: numpy, pycolmap, maquette
Successfully installed numpy-2.4.6""".splitlines()
    progress, shares, notes = _PipProgress(), [], []
    for line in lines:
        if progress.read(line):
            shares.append(progress.done)
            notes.append(progress.note)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert notes[1].startswith("pycolmap, 16 of about")


@pytest.mark.slow
def test_the_real_backend_is_set_up_and_its_doctor_finds_nothing_missing(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import build_extension

    packed = tmp_path / "packed"
    packed.mkdir()
    build_extension.backend_wheel(packed)
    shutil.copyfile(ROOT / "constraints.txt", packed / "constraints.txt")
    work = set_up(environment, packed)
    shares: list[float] = []

    def note_share() -> bool:
        shares.append(work.done)
        return False

    finish(work, until=note_share)
    assert work.problem is None, work.log.read_text("utf-8")[-2000:]
    assert shares == sorted(shares)
    doctor = subprocess.run([environment.program, "doctor"], capture_output=True, text=True)
    assert doctor.returncode == 0, doctor.stdout
