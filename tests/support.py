"""Names that several test modules use: where things are, and the scene that tests share."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
