"""The doctor's checks of the add-on's side; the backend's own come from the server, or from `maquette doctor`."""

import importlib.metadata
import json
import platform
from pathlib import Path
from typing import Any

from maquette_protocol.messages import PROTOCOL, Check

from .process import end_process, start_process


def addon_checks(
    *, version: str, blender: str, backend: str, connection: Check
) -> tuple[Check, ...]:
    """What this side is, and whether it reaches the other."""
    return (
        Check(name="add-on", state="ok", found=f"{version}, protocol {PROTOCOL}"),
        Check(
            name="blender",
            state="ok",
            found=f"{blender}, Python {platform.python_version()} on {platform.system()} {platform.machine()}",
        ),
        *(_library(name) for name in ("pyzmq", "safetensors", "numpy")),
        _backend(backend),
        connection,
    )


def _library(name: str) -> Check:
    try:
        return Check(name=name, state="ok", found=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        hint = "Install the extension's zip for this system again."
        return Check(name=name, state="missing", found="not in this extension", hint=hint)


def _backend(found: str) -> Check:
    if found:
        return Check(name="backend", state="ok", found=found)
    return Check(
        name="backend",
        state="note",
        found="not set up on this computer",
        hint="Press Set Up Backend, or connect to one that runs elsewhere.",
    )


class OfflineDoctor:
    """`maquette doctor`, for when no server answers; `step()` until `checks` is there."""

    def __init__(self, program: Path, answer: Path) -> None:
        """Starts it; raises OSError where the program cannot be run."""
        self.checks: tuple[Check, ...] | None = None
        self._answer = answer
        self._process = start_process([str(program), "doctor", "--json"], answer)

    def step(self) -> None:
        """See whether it has ended."""
        if self.checks is None and self._process.poll() is not None:
            self.checks = _read_answer(self._answer, self._process.returncode)

    def end(self) -> None:
        """Leave it."""
        end_process(self._process)


def _read_answer(answer: Path, status: int) -> tuple[Check, ...]:
    try:
        last_line = answer.read_text("utf-8").strip().rpartition("\n")[2]
        checks: list[dict[str, Any]] = json.loads(last_line)["checks"]
        return tuple(Check(**check) for check in checks)
    except (OSError, ValueError, KeyError, TypeError):
        found = f"`maquette doctor` ended with status {status}"
        hint = "Press Repair to install the backend again."
        return (Check(name="maquette", state="missing", found=found, hint=hint),)
