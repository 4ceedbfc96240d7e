"""Names that several test modules use: where things are, and the scene that tests share."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLENDER = ROOT / ".venv-blender" / "bin" / "python"
MAQUETTE = [sys.executable, "-m", "maquette.cli.main"]
NASTY_NAME = "<img src=x onerror=alert(1)>.jpg"  # no photo: its name must not become HTML


@dataclass(frozen=True, kw_only=True)
class OfficeScene:
    """The one reconstruction that tests share; none may change its folder."""

    folder: Path  # the scene folder
    answer: dict[str, Any]  # what the command line printed
    photos: tuple[str, ...]  # names of the good photos that were given
    left_out: tuple[str, ...]  # names of the bad ones
    cache: Path  # where the job worked


def maquette(*arguments: str | Path, timeout: float = 500) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a user would."""
    return subprocess.run(
        [*MAQUETTE, *map(str, arguments)], capture_output=True, text=True, timeout=timeout
    )


def left_behind(out: Path) -> list[str]:
    """What a failed run left at or beside its target."""
    if not out.parent.exists():
        return []
    return [p.name for p in out.parent.iterdir() if p.name.lstrip(".").startswith(out.stem)]


@contextmanager
def small_disk(mount: Path, size_mb: int) -> Iterator[Path]:
    """A disk of so many megabytes at this place; skips the test where that cannot be had."""
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)
