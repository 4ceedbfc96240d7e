"""`maquette serve`: one loop over the sockets and the workers' pipes. It owns jobs and computes nothing itself.

It waits for nothing: what could take time (deleting, the doctor) runs in a thread or process of its own and comes
back through `Wake`.
"""

import hashlib
import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq

import maquette
from maquette.engines.needs import ready_engines
from maquette.locks import try_lock
from maquette.machine import device, free_memory_mb, gpu
from maquette.models.catalog import MODELS, find_model
from maquette.server.downloads import FileLists, read_piece
from maquette.server.edits import REQUESTS as EDIT_REQUESTS
from maquette.server.edits import Edits
from maquette.server.executor import IDLE_S, LocalExecutor
from maquette.server.guests import Guests, PairedKeys
from maquette.server.inputs import Confinement
from maquette.server.peers import Limits
from maquette.server.privacy import shorten
from maquette.server.scheduler import Scheduler
from maquette.server.socket import Incoming, ServerSocket
from maquette.server.store import Store
from maquette.server.uploads import Uploads
from maquette.server.wake import Wake
from maquette_protocol.connection import (
    Address,
    ConnectionInfo,
    connection_file,
    read_connection_file,
    write_connection_file,
)
from maquette_protocol.errors import InputError, MaquetteError, NoServerError, RefusedError
from maquette_protocol.fields import read_value
from maquette_protocol.keys import keep_key_pair, new_key_pair
from maquette_protocol.messages import (
    PROTOCOL,
    AttachJob,
    BeginUpload,
    CancelJob,
    Check,
    Diagnosis,
    ForgetJob,
    GetLog,
    GetStatus,
    Goodbye,
    Hello,
    JobRecord,
    Jobs,
    ListFiles,
    ListJobs,
    Log,
    Message,
    ReadChunk,
    RunDoctor,
    Shutdown,
    Status,
    SubmitJob,
    Welcome,
    WriteChunk,
)

_LOG_BYTES = 200_000  # of the end of a log, fit for one message and for one bug report
_LISTED_JOBS = 1000
_UPLOADS_KEPT_S = 7 * 24 * 3600.0  # an upload that nobody went on with
_BUSY_TURN_S = 0.05
_IDLE_TURN_S = 0.5
log = logging.getLogger("maquette.server")


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """What `maquette serve` can be told."""

    store: Path
    num_workers: int = 1
    # also there, for paired clients; None: this machine alone
    listen: tuple[str, int] | None = None
    idle_s: float = IDLE_S  # a worker without work for so long is ended


class Server:
    """Everything that one server process holds."""

    def __init__(self, options: ServerOptions) -> None:
        """Raises InputError where another one runs, StorageError where the store cannot be used."""
        self._runtime_lock = _only_one_here()
        self._store = Store(options.store)
        self._began = time.monotonic()
        self._id = uuid.uuid4().hex
        self._is_stopping = False
        self._attached: dict[str, set[str]] = {}  # job → clients
        self._doctor_waits: list[Incoming] = []
        self._user_keys = new_key_pair()  # of whoever can read the connection file
        keys = options.store / "keys"
        self._paired = PairedKeys(keys / "paired.json")
        self._socket = ServerSocket(
            keep_key_pair(keys / "server.json"),
            may_enter=Guests(local_key=self._user_keys.public, paired=self._paired).may_enter,
            welcome=self._welcome(Limits()),
        )
        self._listen = options.listen
        self._wake = Wake(self._socket.context)
        self._poller = zmq.Poller()
        self._socket.register(self._poller)
        self._poller.register(self._wake.socket, zmq.POLLIN)
        self._executor = LocalExecutor(options.num_workers, self._wake, idle_s=options.idle_s)
        self._jobs = Scheduler(
            store=self._store, executor=self._executor, tell=self._tell, log=log.info
        )
        self._edits = Edits(
            self._wake,
            lambda client, message, request: self._socket.send(client, message, reply_to=request),
            idle_s=options.idle_s,
        )
        self._uploads = Uploads(self._store.folder / "uploads")
        self._uploads.remove_stale(_UPLOADS_KEPT_S)
        self._file_lists = FileLists(self._wake)
        self._confinement = Confinement(
            jobs=self._store.folder / "jobs", upload_folder=self._uploads.folder
        )
        self._answers: dict[type[Message], Callable[[Any], Message | None]] = {
            CancelJob: self._cancel,
            ForgetJob: self._forget,
            ListJobs: self._list,
            GetStatus: self._status,
            GetLog: self._log,
            ReadChunk: lambda asked: read_piece(self._result(asked.job), asked),
            BeginUpload: self._uploads.begin,
            WriteChunk: self._uploads.write,
        }

    def listen(self) -> str:
        """Bind, and say in the connection file how this server is reached; the endpoint."""
        endpoint = self._socket.bind()
        address = Address(
            endpoint, self._socket.keys.public, self._user_keys.public, self._user_keys.secret
        )
        write_connection_file(
            connection_file(),
            ConnectionInfo(
                address=address,
                pid=os.getpid(),
                version=maquette.__version__,
                protocol=PROTOCOL,
                started_s=time.time(),
            ),
        )
        log.info("ready at %s, store %s", endpoint, self._store.folder)
        if self._listen is not None:
            log.info("paired clients reach it at %s", self._socket.bind(*self._listen))
        return endpoint

    def invite(self) -> str:
        """The text that lets one more client in, which works once. Needs `listen`; raises RefusedError."""
        assert self._listen is not None
        host, port = self._listen
        return self._socket.open_pairing(host, port + 1, paired=self._paired, server_port=port)

    def run(self) -> None:
        """Serve until asked to stop."""
        while not self._is_stopping:
            self._turn()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Have `run` come to its end; also from a signal handler or another thread."""
        self._is_stopping = True
        self._wake()

    # The loop.

    def _turn(self) -> None:
        turn_s = _BUSY_TURN_S if self._jobs.is_busy() else _IDLE_TURN_S
        self._poller.poll(int(turn_s * 1000))
        for task in self._wake.take():
            task()
        for incoming in self._socket.poll(0):
            self._take(incoming)
        for answer in self._file_lists.finished():
            self._socket.send(answer.client, answer.message, reply_to=answer.reply_to)
        for step in (self._edits.step, self._jobs.step):
            try:
                step()
            except Exception:  # one job's trouble must not be the end of the others
                log.exception("a job or an edit could not be looked after")

    def _take(self, incoming: Incoming) -> None:
        """The border of a request: whatever is wrong with it, the client hears and the server goes on."""
        try:
            answer = self._answer(incoming)
        except MaquetteError as error:
            self._socket.send_error(incoming.client, error, reply_to=incoming.request)
        except Exception:
            log.exception("a request could not be answered: %s", type(incoming.message).__name__)
            fault = MaquetteError(
                "The backend met a fault of its own.",
                hint="Please report it with its log (maquette jobs log).",
            )
            self._socket.send_error(incoming.client, fault, reply_to=incoming.request)
        else:
            if answer is not None:
                self._socket.send(incoming.client, answer, reply_to=incoming.request)

    def _answer(self, incoming: Incoming) -> Message | None:
        message = incoming.message
        if type(message) in self._answers:
            return self._answers[type(message)](message)
        if isinstance(message, Hello):
            log.info("client %s came: %s %s", message.client[:8], message.kind, message.version)
        elif isinstance(message, Goodbye):
            log.info("client %s left: %s", incoming.client[:8], message.reason)
            for clients in self._attached.values():
                clients.discard(incoming.client)
            self._edits.forget(incoming.client)
        elif isinstance(message, EDIT_REQUESTS):
            self._edits.ask(incoming)
        elif isinstance(message, SubmitJob):
            return self._submit(incoming.client, message)
        elif isinstance(message, AttachJob):
            return self._attach(incoming.client, message)
        elif isinstance(message, ListFiles):
            self._file_lists.ask(incoming.client, incoming.request, self._result(message.job))
        elif isinstance(message, RunDoctor):
            self._run_doctor(incoming)
        elif isinstance(message, Shutdown):
            return self._shut_down(incoming.client)
        else:
            raise InputError(f"A client does not send {message.name!r}.")
        return None

    def _tell(self, job: str, message: Message) -> None:
        for client in list(self._attached.get(job, ())):
            self._socket.send(client, message)

    # Jobs.

    def _submit(self, client: str, message: SubmitJob) -> Message:
        inputs, options = self._confinement.paths_of(
            message.request, is_this_user=self._is_this_user(client)
        )
        record = self._jobs.submit(message.job, message.request, inputs, options)
        self._attached.setdefault(message.job, set()).add(client)
        return Jobs(jobs=(record,))

    def _attach(self, client: str, message: AttachJob) -> Message:
        record = self._jobs.record(message.job)
        self._attached.setdefault(message.job, set()).add(client)
        partial = self._jobs.partial(message.job)
        if partial is not None:
            self._socket.send(client, partial)
        return Jobs(jobs=(record,))

    def _cancel(self, message: CancelJob) -> Message:
        return Jobs(jobs=(self._jobs.cancel(message.job),))

    def _forget(self, message: ForgetJob) -> Message:
        self._jobs.forget(message.job)
        self._attached.pop(message.job, None)
        return Jobs(jobs=())

    def _list(self, _message: ListJobs) -> Message:
        return Jobs(jobs=self._jobs.records()[:_LISTED_JOBS])

    def _result(self, job: str) -> Path:
        record = self._jobs.record(job)
        if record.state != "done":
            raise InputError(
                record.message or f"The job has no result: it is {record.state}.",
                hint=record.hint or "Wait for its end.",
            )
        return Path(record.folder)

    # The server itself.

    def _status(self, _message: GetStatus) -> Message:
        found = gpu()
        return Status(
            version=maquette.__version__,
            device=device(found),
            free_memory_mb=free_memory_mb(),
            free_device_memory_mb=found.free_memory_mb if found else -1,
            free_disk_mb=shutil.disk_usage(self._store.folder).free // 2**20,
            num_queued=self._jobs.count("queued"),
            num_running=self._jobs.count("running") + self._jobs.count("cancelling"),
            num_clients=len(self._socket.clients),
            uptime_s=time.monotonic() - self._began,
            engines=ready_engines(),
            models=tuple(name for name, card in MODELS.items() if find_model(card)),
        )

    def _log(self, message: GetLog) -> Message:
        path = log_file(self._store.folder)
        private: tuple[str, ...] = ()
        if message.job:
            record: JobRecord = self._jobs.record(message.job)
            path = self._store.folder_of(message.job).log
            private = record.request.inputs
        return Log(text=shorten(_end_of(path), {self._store.folder: "<store>"}, private))

    def _run_doctor(self, incoming: Incoming) -> None:
        """In a process of its own: its checks load what the server never loads."""
        self._doctor_waits.append(incoming)
        if len(self._doctor_waits) > 1:
            return  # the one who looks already answers all

        def look() -> None:
            try:
                told = subprocess.run(
                    [sys.executable, "-m", "maquette.cli.main", "doctor", "--json"],
                    capture_output=True,
                    text=True,
                    encoding="utf-8",
                    timeout=120,
                )
                checks = tuple(read_value(Check, c) for c in json.loads(told.stdout)["checks"])
            except (OSError, ValueError, KeyError, subprocess.SubprocessError, MaquetteError) as e:
                found = f"the doctor itself failed: {e}"
                hint = "Run maquette doctor in a terminal."
                checks = (Check(name="doctor", state="missing", found=found[:1000], hint=hint),)
            self._wake.post(lambda: self._tell_diagnosis(Diagnosis(checks=checks)))

        threading.Thread(target=look, daemon=True).start()

    def _tell_diagnosis(self, diagnosis: Diagnosis) -> None:
        waiting, self._doctor_waits = self._doctor_waits, []
        for incoming in waiting:
            self._socket.send(incoming.client, diagnosis, reply_to=incoming.request)

    def _shut_down(self, client: str) -> Message:
        if not self._is_this_user(client):
            raise RefusedError(
                "Only the user who started this backend may end it.", hint="Ask them."
            )
        log.info("asked to end by client %s", client[:8])
        self.stop()
        return Goodbye(reason="The backend was asked to end; running jobs go on at its next start.")

    # Who is there.

    def _is_this_user(self, client: str) -> bool:
        return self._socket.key_of(client) == self._user_keys.public

    def _welcome(self, limits: Limits) -> Welcome:
        probe = self._store.folder / "probe.txt"
        content = secrets.token_hex(32)
        probe.write_text(content, encoding="ascii")
        return Welcome(
            protocol=PROTOCOL,
            version=maquette.__version__,
            server=self._id,
            heartbeat_s=limits.heartbeat_s,
            max_message_bytes=limits.max_message_bytes,
            probe_path=str(probe),
            probe_sha256=hashlib.sha256(content.encode("ascii")).hexdigest(),
        )

    def close(self) -> None:
        """End all work and let go of everything; running jobs go on at the next start."""
        log.info("ending; %d jobs will go on", self._jobs.count("running"))
        connection_file().unlink(missing_ok=True)
        self._jobs.stop()
        self._edits.close()
        self._file_lists.close()
        self._wake.close()
        self._socket.close()
        self._store.close()
        self._runtime_lock.close()


def log_file(store: Path) -> Path:
    """Where the server of that store writes its log."""
    return store / "server.log"


def lock_file() -> Path:
    """Locked by the user's running server."""
    return connection_file().with_name("server.lock")


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOG_BYTES))
            return file.read().decode("utf-8", "replace").replace("\0", "")
    except OSError:
        return ""


def _only_one_here() -> Any:
    """Hold the user's one place for a running server. Raises InputError where one runs."""
    path = lock_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = try_lock(path)
    if lock is not None:
        return lock
    try:
        info = read_connection_file(connection_file())
        which = f" (version {info.version}, process {info.pid})"
    except (NoServerError, RefusedError):
        which = ""
    raise InputError(
        f"A Maquette server is running already{which}.",
        hint="Use that one, or end it with maquette serve --stop.",
    )
