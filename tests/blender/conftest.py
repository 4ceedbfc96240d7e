"""Blender as a module, with the built zip installed as a user would install it, in a HOME of its own.

Run by Blender's Python: .venv-blender/bin/python -m pytest tests/blender. MAQUETTE_EXTENSION_ZIP names a zip that is
built already.
"""

import importlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

USERS_HOME = os.environ.get("HOME", "")
HOME = Path(tempfile.mkdtemp(prefix="maquette-blender-home-"))
os.environ.update(HOME=str(HOME), MAQUETTE_RUNTIME=str(HOME / "runtime"))
for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "BLENDER_USER_RESOURCES"):
    os.environ.pop(name, None)

# isort: off
import bpy  # noqa: E402  (reads HOME when it is loaded)
import addon_utils  # noqa: E402  (is there once bpy is)
import pytest  # noqa: E402
from support_backend import Backend, running_backend  # noqa: E402

# isort: on

ROOT = Path(__file__).resolve().parents[2]
MODULE = "bl_ext.user_default.maquette"


def _zip(folder: Path) -> Path:
    given = os.environ.get("MAQUETTE_EXTENSION_ZIP")
    if given:
        return Path(given)
    python = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [python, ROOT / "tools/build_extension.py", "--platform", "here", "--out", folder]
    # the wheels of others are the user's to keep: this HOME is thrown away
    subprocess.run(command, check=True, env={**os.environ, "HOME": USERS_HOME})
    (built,) = folder.glob("*.zip")
    return built


@pytest.fixture(scope="session")
def extension_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _zip(tmp_path_factory.mktemp("extension"))


@pytest.fixture(scope="session", autouse=True)
def extension(extension_zip: Path) -> Iterator[str]:
    """The name of the module of the installed extension."""
    bpy.ops.extensions.package_install_files(
        filepath=str(extension_zip), repo="user_default", enable_on_install=True
    )
    assert MODULE in bpy.context.preferences.addons, "installed, but not enabled"
    yield MODULE
    # a timer that is still there when Python ends hangs or crashes some Blenders
    addon_utils.disable(MODULE)
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def empty_file(extension: str) -> None:
    """A new file with Blender's defaults, and no objects; the extension stays enabled."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.ed.undo_push(message="Start")


@pytest.fixture(scope="module")
def edit_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A backend for the tests of edits of one module."""
    with running_backend(tmp_path_factory.mktemp("backend")) as running:
        yield running


@pytest.fixture
def connected(edit_backend: Backend, extension: str) -> None:
    """The session has found that backend."""
    runtime = importlib.import_module(f"{extension}.runtime")
    end = time.monotonic() + 60
    while not runtime.session().is_ready:
        assert time.monotonic() < end, runtime.session().status
        runtime.tick()
        time.sleep(0.01)


@pytest.fixture(scope="session")
def demo(extension: str) -> Path:
    """The scene folder that comes with the extension: real photos, real cameras, their sparse points."""
    return Path(importlib.import_module(extension).__file__).parent / "demo"
