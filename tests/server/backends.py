"""A real server in a process of its own, and what its clients and processes do: for the tests of this folder."""

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from support import MAQUETTE

import maquette
from maquette_protocol.client import Client
from maquette_protocol.connection import read_connection_file
from maquette_protocol.messages import (
    AttachJob,
    JobEnded,
    JobRecord,
    JobRequest,
    Jobs,
    Message,
    SubmitJob,
)

PATIENCE_S = 120.0  # until what must happen counts as not happening
SEEN_WITHIN_S = 5.0  # until a client knows that a process of ours has died: promised
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], what: str, patience_s: float = PATIENCE_S) -> Found:
    """The first true answer."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {patience_s:g} s: {what}")


@dataclass
class Backend:
    """`maquette serve` with folders of its own."""

    folder: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict[str, str])
    process: "subprocess.Popen[bytes] | None" = None
    clients: list[Client] = field(default_factory=list[Client])

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def connection(self) -> Path:
        return self.folder / "run" / "server.json"

    @property
    def variables(self) -> dict[str, str]:
        return {
            **os.environ,
            "MAQUETTE_STORE": str(self.store),
            "MAQUETTE_RUNTIME": str(self.folder / "run"),
            "MAQUETTE_CACHE": str(self.folder / "cache"),
            "HF_HUB_CACHE": str(self.folder / "hub"),
            **self.environment,
        }

    def start(self) -> "Backend":
        """Start it and wait until it says how it is reached."""
        self.connection.unlink(missing_ok=True)
        with (self.folder / "stderr.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [*MAQUETTE, "serve", *self.arguments],
                env=self.variables,
                stderr=log,
                stdout=log,
                stdin=subprocess.DEVNULL,
            )
        wait_for(self._is_there, "the server starts")
        return self

    def _is_there(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "stderr.txt").read_text()
        return self.connection.exists()

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command line that finds this server."""
        return subprocess.run(
            [*MAQUETTE, *arguments], env=self.variables, capture_output=True, text=True, timeout=100
        )

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As a service manager does; the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=30)

    def client(self, client_id: str | None = None) -> Client:
        """A new client that is connected."""
        address = read_connection_file(self.connection).address
        client = Client(address, kind="test", version=maquette.__version__, client_id=client_id)
        self.clients.append(client)
        return client

    def workers(self) -> list[int]:
        """The worker processes."""
        assert self.process is not None
        return [pid for pid in children(self.process.pid) if "maquette.jobs.worker" in command(pid)]

    def close(self) -> None:
        """However the test went, nothing of it stays."""
        for client in self.clients:
            client.close()
        if self.process is not None:
            self.stop()


@contextlib.contextmanager
def backend_in(folder: Path, *arguments: str, **environment: str) -> Iterator[Backend]:
    """A running server in that folder."""
    backend = Backend(folder, arguments, environment)
    try:
        yield backend.start()
    finally:
        backend.close()


# Processes.


def children(pid: int) -> list[int]:
    """The processes that one began and that still run."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return [child for child in found if is_running(child)]


def descendants(pid: int) -> set[int]:
    """All processes below one."""
    direct = children(pid)
    return set(direct).union(*map(descendants, direct))


def is_running(pid: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def command(pid: int) -> str:
    """Its command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def kill(pid: int) -> None:
    """As `kill -9` does."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


# Jobs.


def new_id() -> str:
    return uuid.uuid4().hex


def export_request(scene: Path, form: str = ".ply") -> JobRequest:
    return JobRequest(
        kind="export", title="a scene", inputs=(str(scene),), options={"format": form}
    )


def reconstruct_request(photos: Sequence[Path | str], **options: Any) -> JobRequest:
    return JobRequest(
        kind="reconstruct",
        title=f"{len(photos)} photos",
        inputs=tuple(str(photo) for photo in photos),
        options={"quality": "draft", "report": False, **options},
    )


def submit(client: Client, request: JobRequest, job: str = "") -> JobRecord:
    """Submit and return the record that is answered."""
    answer = client.request(SubmitJob(job=job or new_id(), request=request))
    assert isinstance(answer, Jobs)
    (record,) = answer.jobs
    return record


def record_of(client: Client, job: str) -> JobRecord:
    """Attach to the job and return its record."""
    answer = client.request(AttachJob(job=job))
    assert isinstance(answer, Jobs)
    (record,) = answer.jobs
    return record


def messages_until(
    client: Client,
    is_last: Callable[[Message], bool],
    what: str,
    patience_s: float = PATIENCE_S,
) -> list[Message]:
    """Everything that comes, up to the message that is waited for."""
    heard: list[Message] = []
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        for received in client.poll(limit=1):
            heard.append(received.message)
            if is_last(received.message):
                return heard
        client.wait(0.1)
    raise AssertionError(f"not within {patience_s:g} s: {what}; heard {heard[-3:]}")


def end_of(client: Client, job: str, patience_s: float = PATIENCE_S) -> JobRecord:
    """Wait for the JobEnded of an attached job."""

    def is_end(message: Message) -> bool:
        return isinstance(message, JobEnded) and message.record.job == job

    last = messages_until(client, is_end, f"the end of {job}", patience_s)[-1]
    assert isinstance(last, JobEnded)
    return last.record
