"""The connection to the backend, its one visible state, and the jobs of this Blender.

`tick()` is called by a timer: it reads what came, goes on with what is under way, and returns within a few
milliseconds. Jobs are known by their ids alone, so that they outlive reconnects, undo and other files.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from maquette_protocol.client import Client, Received
from maquette_protocol.connection import (
    Address,
    ConnectionInfo,
    connection_file,
    read_connection_file,
)
from maquette_protocol.errors import MaquetteError, NoServerError
from maquette_protocol.messages import (
    Check,
    Diagnosis,
    GetLog,
    GetStatus,
    Log,
    RunDoctor,
    Shutdown,
)
from maquette_protocol.messages import Status as BackendStatus
from maquette_protocol.pairing import parse_invitation, remembered_servers

from .doctor import OfflineDoctor, addon_checks
from .edits import Edits
from .environment import Environment, Problem, Remove, SetUp
from .imports import Imports
from .job import ImportRequest
from .launch import Server
from .pairing import Pairing

State = Literal["off", "setting up", "starting", "ready", "busy", "lost"]
Action = Literal[
    "", "set up", "stop set-up", "start", "repair", "import", "cancel", "reconnect", "connect"
]
_LOOK_S = 1.0  # between looks for a connection file: a backend may be started by hand
_START_S = 60.0  # a server that has not answered by then will not
_STATUS_S = 10.0  # between questions about memory and queue


@dataclass(frozen=True)
class Status:
    """What the panel shows: the state, why, and the one thing to do next."""

    state: State
    reason: str
    action: Action


class Session:
    """All that this Blender knows of the backend."""

    def __init__(
        self,
        *,
        version: str,
        data: Path,
        packed: Path,
        program: Path | None = None,
        own_python: str = "",
        blender: str = "",
    ) -> None:
        """data: the extension's own folder; packed: where the backend's wheel lies; program: a `maquette` to use
        instead of the environment's"""
        self.version = version
        self.data = data
        self.environment = Environment(data / "environment")
        self.serve_options: tuple[
            str, ...
        ] = ()  # of `maquette serve`, for a backend that is started here
        self.imports = Imports(data / "results", on_failure=self.ask_logs)
        self.edits = Edits()
        self.backend: BackendStatus | None = None
        self.checks: tuple[Check, ...] = ()
        self.logs: dict[str, str] = {}  # by title
        self._log_requests: dict[str, str] = {}  # request id → title
        self.problem: Problem | None = None  # of the last set-up or start
        self._loss: Problem | None = None  # how a server that was there went
        self.work: SetUp | Remove | None = None
        self._program = program
        self._packed = packed
        self._own_python = own_python
        self._blender = blender
        self._client: Client | None = None
        self._client_id: str | None = None
        self._info: ConnectionInfo | None = None
        self._server: Server | None = None
        self._started_s = 0.0
        self._is_starting = False
        self._looked_s = self._asked_s = float("-inf")
        self._generation = 0  # of the client's connection that was greeted
        self._remote: Address | None = None
        self._said_stop = False
        self._offline_doctor: OfflineDoctor | None = None
        self._pairing: Pairing | None = None
        self.installed = self.environment.version  # read once: the panel is drawn often
        self.remembered = self._remembered()  # names of servers on other machines

    # What the panel shows ------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """The one visible state."""
        if self.work is not None:
            return Status("setting up", self._work_reason(), "stop set-up")
        if self.is_ready:
            return self._ready_status()
        if self._pairing is not None:
            return Status("starting", "Pairing with the backend.", "")
        if self._is_starting:
            return Status("starting", "Waiting for the backend to answer.", "")
        if self._loss is not None:
            return Status("lost", _words(self._loss), self._again)
        client = self._client
        if client is None:
            return self._off_status()
        if client.state == "refused":
            action: Action = "repair" if self.installed and self._remote is None else "connect"
            return Status("off", f"{client.reason} {client.hint}".strip(), action)
        if client.state == "lost":
            return Status("lost", f"{client.reason} {client.hint}".strip(), self._again)
        return Status("starting", client.reason, "")

    @property
    def _again(self) -> Action:
        is_startable = self._remote is None and self.program is not None
        return "start" if is_startable else "reconnect"

    def _ready_status(self) -> Status:
        running = self.imports.running
        if running is None:
            return Status("ready", self._ready_reason(), "import")
        return Status("busy", running.request.title, "cancel")

    def _ready_reason(self) -> str:
        if self.backend is None:
            return ""
        return f"Maquette {self.backend.version} on {self.backend.device}"

    def _off_status(self) -> Status:
        if self.problem is not None:
            return Status("off", _words(self.problem), self._after_problem)
        if self.program is None:
            return Status("off", "There is no backend on this computer yet.", "set up")
        return Status("off", "The backend is not running.", "start")

    @property
    def _after_problem(self) -> Action:
        if self.program is not None:
            return "start"
        return "repair" if self.environment.is_partial else "set up"

    def _work_reason(self) -> str:
        assert self.work is not None
        return f"{self.work.stage} ({self.work.note})" if self.work.note else self.work.stage

    @property
    def program(self) -> Path | None:
        """The `maquette` that would be started."""
        if self._program is not None:
            return self._program
        return self.environment.program if self.installed else None

    @property
    def is_ready(self) -> bool:
        """Whether the backend answers now."""
        client = self._client
        return client is not None and client.state == "ready" and self._loss is None

    # The backend ---------------------------------------------------------------------------------

    def set_up(self, *, is_repair: bool = False) -> None:
        """Make or repair the environment; then start the backend."""
        if self.work is None:
            self.problem = None
            self.work = SetUp(
                self.environment,
                self._packed,
                self.data / "logs" / "set-up.log",
                is_repair=is_repair,
                own_python=self._own_python,
            )

    def stop_set_up(self) -> None:
        """End a set-up; what it has loaded stays."""
        if isinstance(self.work, SetUp):
            self.work.cancel()

    def remove(self) -> None:
        """Stop the backend and delete its environment."""
        if self.work is None:
            self.stop_backend()
            self.installed = ""
            self.problem = None
            self.work = Remove(self.environment)

    def start(self) -> None:
        """Start the backend here, or connect to the one that runs already."""
        self.problem = self._loss = None
        self._said_stop = False
        if self._remote is not None or self._look() or self._is_starting:
            return
        if self.program is None:
            return
        try:
            log = self.data / "logs" / "server.log"
            self._server = Server(self.program, log, self.serve_options)
        except OSError as error:
            message = f"The backend could not be started: {error.strerror}."
            self.problem = Problem(message, "Press Repair, or check the preferences.")
            return
        self._started_s, self._is_starting = time.monotonic(), True

    def pair(self, text: str) -> None:
        """Get to know a server on another machine, and talk to it from then on. Raises InputError."""
        parse_invitation(text)
        self.problem = None
        self._pairing = Pairing(text, self.servers_folder)

    @property
    def servers_folder(self) -> Path:
        """Where the servers are remembered that this Blender was paired with."""
        return self.data / "servers"

    @property
    def remote(self) -> str:
        """HOST:PORT of the server on another machine, "" for the one here."""
        return "" if self._remote is None else self._remote.endpoint.removeprefix("tcp://")

    def _remembered(self) -> tuple[str, ...]:
        return tuple(server.name for server in remembered_servers(self.servers_folder))

    def use_server(self, name: str) -> None:
        """From now on talk to this remembered server; "": to the one here."""
        known = {server.name: server.address for server in remembered_servers(self.servers_folder)}
        address = known.get(name)
        if address != self._remote:
            self._remote = address
            self.reconnect()

    def reconnect(self) -> None:
        """Begin the connection anew."""
        self._drop_client()
        self.problem = self._loss = None
        if self._remote is not None:
            self._connect(self._remote)
        else:
            self._look()

    def stop_backend(self) -> None:
        """Ask the server to end; running jobs go on at its next start."""
        if self._client is not None and self.is_ready:
            self._said_stop = True
            self._client.send(Shutdown())
            self._client.poll()

    def ask_doctor(self) -> None:
        """Run the checks of both sides; `checks` fills as they come."""
        self.checks = self._own_checks()
        if self._client is not None and self.is_ready:
            self._client.send(RunDoctor())
            self.ask_logs()
        elif self.program is not None and self._offline_doctor is None:
            try:
                answer = self.data / "logs" / "doctor.json"
                self._offline_doctor = OfflineDoctor(self.program, answer)
            except OSError as error:
                self.problem = Problem(f"{self.program}: {error.strerror}", "Press Repair.")

    def _own_checks(self) -> tuple[Check, ...]:
        status = self.status
        is_good = status.state in ("ready", "busy")
        connection = Check(
            name="connection",
            state="ok" if is_good else "note",
            found=f"{status.state}: {status.reason}" if status.reason else status.state,
        )
        backend = f"{self.installed or 'chosen'} in {self.program}" if self.program else ""
        return addon_checks(
            version=self.version, blender=self._blender, backend=backend, connection=connection
        )

    def ask_logs(self, job: str = "") -> None:
        """Have the server's log, and a job's, at hand for `whole_log`."""
        if self._client is None or not self.is_ready:
            return
        self._log_requests[self._client.send(GetLog())] = "Backend"
        if job:
            self._log_requests[self._client.send(GetLog(job=job))] = f"Import {job}"

    def whole_log(self) -> str:
        """What a bug report needs, as far as it is known now; the home folder's name is left out."""
        lines = [
            f"Maquette {self.version}, Blender {self._blender}",
            "State: " + _line(self.status),
        ]
        lines += [f"{check.name}: {check.found} {check.hint}".rstrip() for check in self.checks]
        for job in self.imports.jobs.values():
            lines.append(f"Import {job.job}: {job.phase} {job.stage} {job.message}".rstrip())
        for title, text in (*self.logs.items(), *self._own_logs()):
            if text.strip():
                lines += ["", f"--- {title}", text.strip()]
        return "\n".join(lines).replace(str(Path.home()), "~") + "\n"

    def _own_logs(self) -> list[tuple[str, str]]:
        logs: list[tuple[str, str]] = []
        for name in ("set-up", "server"):
            try:
                text = (self.data / "logs" / f"{name}.log").read_text("utf-8", "replace")
            except OSError:
                continue
            logs.append((name, "\n".join(text.splitlines()[-200:])))
        return logs

    def submit(self, request: ImportRequest) -> str:
        """Begin an import, now or as soon as the backend answers; returns the job's id."""
        job = self.imports.submit(request)
        if not self.is_ready:
            self.start()
        return job

    def say(self, text: str, planner: str) -> None:
        """Have a prompt answered, now or as soon as the backend answers."""
        self.edits.ask(text, planner)
        if not self.is_ready:
            self.start()

    # Going on ------------------------------------------------------------------------------------

    def tick(self, budget_s: float = 0.005) -> bool:
        """Go on with everything for about `budget_s`; whether something the panel shows may have changed."""
        before = self._fingerprint()
        if self.work is not None:
            self._step_work()
        if self._offline_doctor is not None:
            self._step_doctor()
        if self._pairing is not None:
            self._step_pairing(self._pairing)
        if self._client is not None:
            self._poll(self._client, budget_s)
        self._watch_server()
        self.imports.go_on()
        self.edits.go_on()
        return self._fingerprint() != before

    def close(self) -> None:
        """Leave the server alone and close the connection; a running set-up ends."""
        self.stop_set_up()
        if self._offline_doctor is not None:
            self._offline_doctor.end()
        if self._server is not None:
            self._server.let_go()
        self._drop_client()

    def _fingerprint(self) -> tuple[object, ...]:
        jobs = tuple(
            (
                job.phase,
                job.stage,
                round(job.done, 3),
                job.note,
                job.num_registered,
                id(job.partial),
            )
            for job in self.imports.jobs.values()
        )
        work = self.work and (self.work.stage, self.work.note, round(self.work.done, 3))
        results, edits = len(self.imports.results), self.edits.news
        return self.status, jobs, work, results, edits, self.checks, len(self.logs)

    def _step_work(self) -> None:
        work = self.work
        assert work is not None
        work.step()
        if not work.finished:
            return
        self.work = None
        self.problem = work.problem
        self.installed = self.environment.version
        if isinstance(work, SetUp) and work.problem is None:
            self.start()

    def _step_doctor(self) -> None:
        doctor = self._offline_doctor
        assert doctor is not None
        doctor.step()
        if doctor.checks is not None:
            self.checks += doctor.checks
            self._offline_doctor = None

    def _step_pairing(self, pairing: "Pairing") -> None:
        if pairing.is_running:
            return
        self._pairing = None
        if pairing.address is None:
            self.problem = pairing.problem
        else:
            self._remote = pairing.address
            self.remembered = self._remembered()
            self.reconnect()

    def _watch_server(self) -> None:
        """Find the server that runs here, and notice where one has ended."""
        now = time.monotonic()
        if self._server is not None:
            self._watch_started(self._server, now)
        if now - self._looked_s < _LOOK_S or self._remote is not None:
            return
        self._looked_s = now
        if not self._look():
            self._miss()

    def _watch_started(self, server: Server, now: float) -> None:
        status = server.ended
        if status is not None:
            self._server = None
            if status != 0 and self._is_starting:
                hint = server.last_words() or "Copy the log and look at its end."
                self._fail_start(f"The backend ended with status {status}.", hint)
            self._is_starting = False
        elif self._is_starting and now - self._started_s > _START_S:
            message = f"The backend did not answer within {_START_S:.0f} s."
            self._fail_start(message, "Press Doctor to see why.")

    def _fail_start(self, message: str, hint: str) -> None:
        self._is_starting = False
        self._drop_client()
        self.problem = Problem(message, hint)

    def _look(self) -> bool:
        """Whether a server runs here; connects to it if it is not connected."""
        try:
            info = read_connection_file(connection_file())
        except NoServerError:
            return False
        except MaquetteError as error:
            self.problem = Problem(error.message, error.hint)
            return False
        if not _is_alive(info.pid):
            return False
        self._info = info
        if self._client is None:
            self._connect(info.address)
        return True

    def _miss(self) -> None:
        """No server runs here: a loss where one was connected that nobody stopped."""
        if self._client is None or self._is_starting or self._loss is not None:
            return
        if self._said_stop or (self._info is None and self.imports.running is None):
            self._drop_client()
            return
        pid = f" (process {self._info.pid})" if self._info is not None else ""
        hint = "Start it again: imports go on from their last finished stage."
        self._loss = Problem(f"The backend{pid} has ended.", hint)

    def _connect(self, address: Address) -> None:
        self._client = Client(
            address, kind="blender", version=self.version, client_id=self._client_id
        )
        self._client_id = self._client.client_id
        self._generation = 0

    def _drop_client(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client, self._info, self.backend = None, None, None
        self.imports.part()
        self.edits.part()

    def _poll(self, client: Client, budget_s: float) -> None:
        for received in client.poll(budget_s):
            self._hear(received)
        if client.generation != self._generation:
            self._generation = client.generation
            self._greet()
        now = time.monotonic()
        if self.is_ready and now - self._asked_s > _STATUS_S:
            self._asked_s = now
            client.send(GetStatus())

    def _greet(self) -> None:
        """After every (re)connection."""
        assert self._client is not None
        self.problem = self._loss = None
        self._is_starting = False
        self._asked_s = float("-inf")
        self.imports.greet(self._client, is_remote=self._remote is not None)
        self.edits.greet(self._client)

    def _hear(self, received: Received) -> None:
        self.imports.hear(received)
        self.edits.hear(received)
        message = received.message
        if isinstance(message, BackendStatus):
            self.backend = message
        elif isinstance(message, Diagnosis):
            self.checks = self._own_checks() + message.checks
        elif isinstance(message, Log):
            self.logs[self._log_requests.pop(received.reply_to, "Backend")] = message.text


def _line(status: Status) -> str:
    return f"{status.state}. {status.reason}".strip()


def _words(problem: Problem) -> str:
    return f"{problem.message} {problem.hint}".strip()


def _is_alive(pid: int) -> bool:
    """Whether the process runs; where that cannot be asked without harm, True: the connection will tell."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
