"""Two Blender processes with one backend: each gets what it asked for, and nothing of the other's."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest
from support_backend import PHOTOS, Backend, running_backend

pytestmark = [pytest.mark.timeout(600)]
PATIENCE_S = 300


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with running_backend(tmp_path_factory.mktemp("backend")) as made:
        yield made


class OtherBlender:
    """A process with a HOME of its own, and the backend of this one."""

    def __init__(self, folder: Path, extension: Path, wanted: str) -> None:
        self._exchange, photos = folder / "exchange", folder / folder.name
        for path in (self._exchange, photos, folder / "home"):
            path.mkdir(parents=True)
        for photo in PHOTOS:  # other names in each: whose result it is shows
            shutil.copyfile(photo, photos / f"{folder.name}-{Path(photo).name}")
        script = Path(__file__).with_name("one_of_two.py")
        command = [sys.executable, script]
        if bpy.app.binary_path:  # a program, not a module
            command = [bpy.app.binary_path, "--background", "--factory-startup", "--python", script]
        self._log = folder / "log.txt"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--", extension, self._exchange, photos, wanted],
                stdout=log,
                stderr=log,
                env=os.environ | {"HOME": str(folder / "home")},
            )

    def wait_for(self, name: str) -> Path:
        """The file of that name, once it is there."""
        end = time.monotonic() + PATIENCE_S
        while not (self._exchange / name).exists():
            assert self.process.poll() in (None, 0), self._log.read_text("utf-8")[-3000:]
            assert time.monotonic() < end, self._log.read_text("utf-8")[-3000:]
            time.sleep(0.05)
        return self._exchange / name

    def go(self) -> None:
        (self._exchange / "go").touch()

    def end(self) -> dict[str, Any]:
        return json.loads(self.wait_for("end.json").read_text("utf-8"))


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("wishes", [("finish", "finish"), ("cancel", "finish")])
def test_each_of_two_blenders_gets_its_own_import_alone(
    wishes: tuple[str, str], extension_zip: Path, tmp_path: Path
) -> None:
    blenders = [
        OtherBlender(tmp_path / name, extension_zip, wish)
        for name, wish in zip(("first", "second"), wishes, strict=True)
    ]
    try:
        for blender in blenders:
            blender.wait_for("begun")
        for blender in blenders:
            blender.go()
        ends = [blender.end() for blender in blenders]
    finally:
        for blender in blenders:
            blender.process.kill()
            blender.process.wait()
    assert len({end["process"] for end in ends} | {os.getpid()}) == 3
    assert len({end["job"] for end in ends}) == 2
    for name, wish, end in zip(("first", "second"), wishes, ends, strict=True):
        assert end["imports"] == [end["job"]]
        if wish == "cancel":
            assert (end["phase"], end["collections"], end["photos"]) == ("cancelled", [], [])
        else:
            assert (end["phase"], end["collections"]) == ("built", [name]), end["message"]
            assert end["photos"] == [f"{name}-{Path(photo).name}" for photo in PHOTOS]
