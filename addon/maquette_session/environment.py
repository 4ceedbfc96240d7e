"""The backend's own Python environment: find a Python, make the environment, repair it, remove it.

Never waits: `SetUp.step()` does a little and returns. The processes it starts write to a log file,
whose end is read at each step, so nothing is lost and nothing blocks. What is half made is gone on with: pip keeps
its downloads, and only the marker written at the very end says "ready".
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .process import IS_WINDOWS, end_process, start_process

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)
# measured on Linux x64 with Python 3.11 (246 and 846); stated before anything is loaded
DOWNLOAD_MB, DISK_MB = 250, 850
_MARKER = "maquette-ready.json"
_ASK_VERSION = "import sys, venv, ensurepip; print(*sys.version_info[:2])"


@dataclass(frozen=True)
class Problem:
    """What went wrong and what to do next."""

    message: str
    hint: str


class Environment:
    """A folder with a virtual environment that holds the backend."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def python(self) -> Path:
        """The environment's own interpreter."""
        return self.folder / ("Scripts/python.exe" if IS_WINDOWS else "bin/python")

    @property
    def program(self) -> Path:
        """The `maquette` command."""
        return self.folder / ("Scripts/maquette.exe" if IS_WINDOWS else "bin/maquette")

    @property
    def version(self) -> str:
        """The backend's version, "" where the set-up was never finished."""
        try:
            marker = json.loads((self.folder / _MARKER).read_text("utf-8"))
            version = marker["version"]
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return version if isinstance(version, str) and self.program.exists() else ""

    @property
    def is_partial(self) -> bool:
        """A set-up was begun and not finished."""
        return self.folder.is_dir() and not self.version


def packed_wheel(folder: Path) -> Path | None:
    """The backend's wheel that came with the extension."""
    return max(folder.glob("maquette-*.whl"), default=None)


class _Work:
    """Something done in steps: `step()` until `finished`; then `problem` says whether it failed."""

    def __init__(self) -> None:
        self.stage = ""
        self.note = ""
        self.done = 0.0
        self.problem: Problem | None = None
        self.finished = False
        self._steps = self._run()

    def step(self) -> None:
        """Go on a little; returns at once."""
        if self.finished:
            return
        try:
            next(self._steps)
        except StopIteration:
            self.finished = True
        except OSError as error:
            message = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
            self._fail(message, "Free some space or check the permissions, then press Repair.")

    def _fail(self, message: str, hint: str) -> None:
        self.problem = Problem(message, hint)
        self.finished = True

    def _run(self) -> Generator[None, None, None]:
        raise NotImplementedError


class SetUp(_Work):
    """Makes or repairs `environment` from the wheel in `packed`."""

    def __init__(
        self,
        environment: Environment,
        packed: Path,
        log: Path,
        *,
        is_repair: bool = False,
        own_python: str = "",
        pip_arguments: Sequence[str] = (),
    ) -> None:
        """own_python: Blender's interpreter, taken where no other is found; pip_arguments: as for a mirror"""
        super().__init__()
        self.environment = environment
        self.log = log
        self._packed = packed
        self._is_repair = is_repair
        self._own_python = own_python
        self._pip_arguments = tuple(pip_arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self._began = self._read_to = 0  # in the log: of the running process, and read so far
        self._pip = _PipProgress()

    def cancel(self) -> None:
        """End at once; what was loaded stays for the next time."""
        if not self.finished:
            self._fail("Stopped.", "Set up again: it goes on where it stopped.")
            self._steps.close()
        if self._process is not None:
            end_process(self._process)

    def _run(self) -> Generator[None, None, None]:
        wheel = packed_wheel(self._packed)
        if wheel is None:
            self._fail(
                "This extension was built without the backend.",
                "Install the extension's zip from the release page, or connect to a running backend.",
            )
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        if not self._is_repair and self.environment.version == _version_of(wheel):
            return
        (self.environment.folder / _MARKER).unlink(missing_ok=True)
        yield from self._make(wheel)

    def _make(self, wheel: Path) -> Iterator[None]:
        self.stage = "Finding Python"
        python = yield from self._find_python()
        if not python:
            oldest, newest = (".".join(map(str, v)) for v in (OLDEST_PYTHON, NEWEST_PYTHON))
            self._fail(
                f"No Python {oldest} to {newest} with venv was found.",
                f"Install Python {newest} from python.org or your system (on Debian and Ubuntu also "
                "python3-venv), then set up again.",
            )
            return
        self.stage, self.done = "Making the environment", 0.02
        clear = ["--clear"] if self._is_repair else []
        made = yield from self._call([*python, "-m", "venv", *clear, str(self.environment.folder)])
        if not made:
            self._fail(
                "The environment could not be made.", "Copy the log; press Repair to try again."
            )
            return
        yield from self._install(wheel)

    def _install(self, wheel: Path) -> Iterator[None]:
        self.stage, self.done = "Loading the backend", 0.05
        constraints = self._packed / "constraints.txt"
        pinned = ["-c", str(constraints)] if constraints.exists() else []
        again = ["--force-reinstall", "--no-deps"] if self._is_repair else []
        python = str(self.environment.python)
        pip = [python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        installed = yield from self._call([*pip, *self._pip_arguments, *pinned, str(wheel)])
        if installed and again:
            installed = yield from self._call([*pip, *again, str(wheel)])
        if not installed:
            self._fail(
                _pip_reason(self.log), "Check the network, then press Repair: it goes on from here."
            )
            return
        self.stage, self.note, self.done = "Checking", "", 0.97
        if not (yield from self._call([str(self.environment.program), "--version"])):
            self._fail("The backend does not start.", "Copy the log; press Repair to try again.")
            return
        marker = self.environment.folder / _MARKER
        marker.with_suffix(".new").write_text(json.dumps({"version": _version_of(wheel)}), "utf-8")
        marker.with_suffix(".new").replace(marker)
        self.done = 1.0

    def _find_python(self) -> Generator[None, None, list[str]]:
        """The command of the newest usable Python, [] where there is none."""
        for command in _pythons(self._own_python):
            if (yield from self._call([*command, "-c", _ASK_VERSION])):
                answer = self.log.read_bytes()[self._began :].split()
                version = tuple(int(part) for part in answer[-2:] if part.isdigit())
                if OLDEST_PYTHON <= version <= NEWEST_PYTHON:
                    self.note = f"Python {version[0]}.{version[1]}"
                    return list(command)
        return []

    def _call(self, command: list[str]) -> Generator[None, None, bool]:
        """Run a process to its end, its output into the log; whether it succeeded."""
        self._began = self._read_to = self.log.stat().st_size
        try:
            self._process = start_process(command, self.log, mode="ab")
        except OSError as error:
            with self.log.open("ab") as log:
                log.write(f"{command[0]}: {error.strerror}\n".encode())
            return False
        while self._process.poll() is None:
            self._follow()
            yield
        self._follow()
        return self._process.returncode == 0

    def _follow(self) -> None:
        """Read what the process has written since."""
        with self.log.open("rb") as log:
            log.seek(self._read_to)
            text = log.read()
        whole = text.rfind(b"\n") + 1
        self._read_to += whole
        for line in text[:whole].decode("utf-8", "replace").splitlines():
            if self._pip.read(line):
                self.done, self.note = 0.05 + 0.9 * self._pip.done, self._pip.note


class Remove(_Work):
    """Deletes an environment, some files at a time."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._environment = environment
        self.stage = "Removing the backend"

    def _run(self) -> Generator[None, None, None]:
        folder = self._environment.folder
        if not folder.exists():
            return
        # moved first: whatever happens then, no half environment is taken for a whole one
        doomed = folder.with_name(folder.name + ".removed")
        if doomed.exists():
            yield from _delete(doomed)
        folder.rename(doomed)
        yield from _delete(doomed)


def _delete(folder: Path) -> Iterator[None]:
    for number, (parent, folders, files) in enumerate(os.walk(folder, topdown=False)):
        for name in files:
            Path(parent, name).unlink()
        for name in folders:
            path = Path(parent, name)
            path.unlink() if path.is_symlink() else path.rmdir()
        if number % 4 == 0:
            yield
    folder.rmdir()


class _PipProgress:
    """Reads pip's lines: how much was loaded of about how much, then the installation."""

    _SIZE = re.compile(r"Downloading \S*?([^/\s]+?)-\d\S* \(([\d.]+) (kB|MB|GB)\)")

    def __init__(self) -> None:
        self.done = 0.0
        self.note = ""
        self._loaded_mb = 0.0
        self._loading_mb = 0.0

    def read(self, line: str) -> bool:
        """Whether this line said something new."""
        line = line.strip()
        if match := self._SIZE.match(line):
            self._loaded_mb += self._loading_mb
            self._loading_mb = float(match[2]) * {"kB": 1e-3, "MB": 1.0, "GB": 1e3}[match[3]]
            share = min(self._loaded_mb / DOWNLOAD_MB, 1.0)
            self.note = f"{match[1]}, {self._loaded_mb:.0f} of about {DOWNLOAD_MB} MB"
            self.done = max(self.done, 0.8 * share)
        elif line.startswith("Using cached"):
            self.note = "From pip's cache"
        elif line.startswith("Installing collected packages"):
            self.done, self.note = 0.8, "Installing"
        elif line.startswith("Successfully installed"):
            self.done, self.note = 1.0, ""
        else:
            return False
        return True


def _pythons(own_python: str) -> Iterator[tuple[str, ...]]:
    """Commands that may be a Python, newest first; Blender's own last: it moves when Blender is updated."""
    versions = [f"3.{minor}" for minor in range(NEWEST_PYTHON[1], OLDEST_PYTHON[1] - 1, -1)]
    if IS_WINDOWS and shutil.which("py"):
        yield from (("py", f"-{version}") for version in versions)
    names = [f"python{version}" for version in versions] + ["python3", "python"]
    found = (shutil.which(name) for name in names)
    yield from ((path,) for path in dict.fromkeys(path for path in found if path))
    if own_python:
        yield (own_python,)


def _version_of(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def _pip_reason(log: Path) -> str:
    """pip's own last error line, shortened."""
    lines = log.read_text("utf-8", "replace").splitlines()
    errors = [line.partition(":")[2].strip() for line in lines if line.startswith("ERROR:")]
    return errors[-1][:200] if errors else "The backend could not be installed."
