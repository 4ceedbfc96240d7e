"""One window for all tests here, with the built zip installed, and a real server beside it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from window import ROOT, BlenderWindow, CannotShowBlender, lab_folder

PICTURES = ROOT / "out" / "gui"


@pytest.fixture(scope="session")
def lab() -> Path:
    """The folder with the Debian that has Blender; MAQUETTE_GUI_SUITE=trixie takes 4.3 in place of 5.2."""
    try:
        return lab_folder(os.environ.get("MAQUETTE_GUI_SUITE", "sid"))
    except CannotShowBlender as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def extension_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of this platform, as it would be released."""
    out = tmp_path_factory.mktemp("extension")
    command = [sys.executable, ROOT / "tools/build_extension.py", "--platform", "here"]
    subprocess.run([*command, "--out", out], check=True)
    (built,) = out.glob("*.zip")
    return built


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path in /tmp, which both Debians see, with all that the server keeps in it."""
    folder = Path(tempfile.mkdtemp(prefix="maquette-gui-", dir="/tmp"))
    for name in ("RUNTIME", "STORE", "CACHE"):
        monkeypatch.setenv(f"MAQUETTE_{name}", str(folder / name.lower()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(work: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`maquette serve`, outside of Blender's Debian: it is reached over loopback."""
    with (work / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "maquette.cli.main", "serve"], stdout=log, stderr=log
        )
    yield process
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    if process.poll() is None:
        process.kill()
        process.wait()


@pytest.fixture
def window(lab: Path, extension_zip: Path, work: Path) -> Iterator[BlenderWindow]:
    """Blender with the extension, its sidebar at our tab; must end with status 0."""
    opened = BlenderWindow(lab, work)
    opened.install(extension_zip)
    opened.start()
    yield opened
    status = opened.close()
    stuck = work / "stuck.png"
    if stuck.exists():
        PICTURES.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(stuck, PICTURES / "stuck.png")
    assert status == 0, opened.log()[-3000:]
    assert "Traceback" not in opened.log(), opened.log()[-3000:]
