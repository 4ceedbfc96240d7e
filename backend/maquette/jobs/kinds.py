"""The kinds of jobs. Each is one module and one line in the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from maquette.progress import Progress
from maquette_protocol.errors import InputError

# values are import paths; the modules load what is heavy only when a job runs
KINDS = {
    "reconstruct": "maquette.jobs.reconstruct:ReconstructKind",
    "segment": "maquette.jobs.segment:SegmentKind",
    "export": "maquette.jobs.export:ExportKind",
    "edit": "maquette.jobs.edit:EditKind",
    "ask": "maquette.jobs.ask:AskKind",
}


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a worker is told to do. `outcome` is the server's: a folder that appears when all is done."""

    job: str
    kind: str
    inputs: tuple[str, ...]
    options: dict[str, Any]
    out: str  # file or folder to write
    outcome: str = ""  # the folder of `out` is renamed to this at the end
    summary: str = ""  # file to write the answer into, before that
    log: str = ""  # file that takes what the job prints
    partials: str = ""  # file that takes what is known of the scene so far


class Kind(Protocol):
    """A kind of job."""

    path_options: tuple[str, ...]  # options that name files or folders: confined as inputs are

    def check(self, inputs: Sequence[str], options: dict[str, Any]) -> None:
        """Cheap: the server asks, which never computes. Raises InputError."""
        ...

    def result_name(self, inputs: Sequence[str], options: dict[str, Any]) -> str:
        """What the result is called in its folder; the ending may choose a format."""
        ...

    def smaller(self, options: dict[str, Any]) -> dict[str, Any] | None:
        """Options that need less memory; None where there are none."""
        ...

    def run(self, work: Work, progress: Progress) -> dict[str, Any]:
        """Do it, in a worker; `work.out` appears whole or not at all. Returns the summary."""
        ...


def load_kind(name: str) -> Kind:
    """The kind of that name. Raises InputError for an unknown one."""
    if name not in KINDS:
        raise InputError(f"No job of kind {name!r}.", hint=f"Choose from: {', '.join(KINDS)}.")
    module, attribute = KINDS[name].split(":")
    kind: Kind = getattr(import_module(module), attribute)()
    return kind


def only_input(inputs: Sequence[str], what: str) -> Path:
    """The one input of a kind that takes one. Raises InputError."""
    if len(inputs) != 1:
        raise InputError(f"{len(inputs)} inputs were given.", hint=f"Give one: {what}.")
    return Path(inputs[0])
