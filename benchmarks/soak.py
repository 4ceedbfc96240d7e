"""Many jobs of mixed kinds on one server, with cancels and `kill -9` of workers and of the server at random.

    .venv/bin/python benchmarks/soak.py                 200 jobs, some 15 minutes
    .venv/bin/python benchmarks/soak.py --jobs 40

What it holds the server to: every job that was accepted ends, once; what is done has its whole result and what is not
has none; no process is left at the end; memory does not grow; who watches hears of a death within 5 s. Linux only: it
looks at /proc. Exit status 1 where something did not hold.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from PIL import Image

import maquette
from maquette_protocol.client import Client
from maquette_protocol.connection import read_connection_file
from maquette_protocol.errors import MaquetteError
from maquette_protocol.messages import (
    AttachJob,
    CancelJob,
    JobEnded,
    JobProgress,
    JobRecord,
    JobRequest,
    Jobs,
    ListJobs,
    SubmitJob,
)

ROOT = Path(__file__).resolve().parent.parent
OUTSTANDING = 4  # jobs submitted and not ended
STAGES = (
    "Reading photos",
    "Finding the cameras",
    "Measuring depth",
    "Building the surface",
    "Texturing",
    "Writing the scene",
)
ENDED = ("done", "failed", "cancelled")
STARTED_AGAIN = "Starting again, smaller"  # the stage of a job whose worker was ended from outside
HEARD_WITHIN_S, ACKNOWLEDGED_WITHIN_S, FREE_WITHIN_S = 5.0, 0.2, 2.0


@dataclass
class Memory:
    """Resident MB of one process, now and then."""

    samples: list[float] = field(default_factory=list[float])

    def thirds(self) -> tuple[float, float]:
        """The medians of the second and of the last third: the first is warming up."""
        third = max(1, len(self.samples) // 3)
        return median(self.samples[third : 2 * third] or self.samples), median(
            self.samples[-third:]
        )


@dataclass
class Soak:
    """The run: the server, one client, and what was seen."""

    folder: Path
    random: random.Random
    process: "subprocess.Popen[bytes] | None" = None
    client: Client | None = None
    records: dict[str, JobRecord] = field(default_factory=dict[str, JobRecord])  # newest of each
    stage_of: dict[str, str] = field(default_factory=dict[str, str])
    ends: Counter[str] = field(default_factory=Counter[str])  # JobEnded per job
    worker_kills: int = 0
    server_kills: int = 0
    cancel_acknowledged_s: list[float] = field(default_factory=list[float])
    cancel_free_s: list[float] = field(default_factory=list[float])
    death_heard_s: list[float] = field(default_factory=list[float])
    started_again: set[str] = field(default_factory=set[str])
    cancelled_at: dict[str, float] = field(default_factory=dict[str, float])
    cancel_requests: dict[str, tuple[str, float]] = field(
        default_factory=dict[str, tuple[str, float]]
    )
    server_memory: list[Memory] = field(default_factory=list[Memory])
    worker_memory: dict[int, Memory] = field(default_factory=dict[int, Memory])
    generation: int = 0
    faults: list[str] = field(default_factory=list[str])

    @property
    def store(self) -> Path:
        return self.folder / "store"

    # The server.

    def start(self) -> None:
        connection = self.folder / "run" / "server.json"
        connection.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "MAQUETTE_STORE": str(self.store),
            "MAQUETTE_RUNTIME": str(self.folder / "run"),
            "MAQUETTE_CACHE": str(self.folder / "cache"),
        }
        with (self.folder / "stderr.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "maquette.cli.main", "serve"],
                env=environment,
                stdout=log,
                stderr=log,
            )
        while not connection.exists():
            if self.process.poll() is not None:
                raise SystemExit((self.folder / "stderr.txt").read_text())
            time.sleep(0.05)
        self.server_memory.append(Memory())
        if self.client is None:
            address = read_connection_file(connection).address
            self.client = Client(address, kind="test", version=maquette.__version__)

    def workers(self) -> list[int]:
        assert self.process is not None
        return [pid for pid in children(self.process.pid) if "jobs.worker" in command(pid)]

    def kill_server(self) -> None:
        assert self.process is not None
        below = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        killed = time.monotonic()
        self.server_kills += 1
        assert self.client is not None
        while self.client.state == "ready" and time.monotonic() - killed < 20:
            self.listen(0.05)
        self.death_heard_s.append(time.monotonic() - killed)
        deadline = time.monotonic() + 5
        while any(map(is_running, below)) and time.monotonic() < deadline:
            time.sleep(0.05)
        if left := [command(pid) for pid in below if is_running(pid)]:
            self.faults.append(f"left running when the server was killed: {left}")
        self.start()

    def kill_worker(self) -> None:
        self.refresh()
        self.idle(0.3)
        for pid in self.workers()[:1]:
            running = [job for job, record in self.records.items() if record.state == "running"]
            self.started_again.clear()
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self.worker_kills += 1
            killed = time.monotonic()
            if len(running) != 1:
                return
            while (
                self.records[running[0]].state == "running"
                and running[0] not in self.started_again  # so soon that no other state was seen
                and time.monotonic() - killed < 20
            ):
                self.listen(0.02)
                self.refresh()
            self.death_heard_s.append(time.monotonic() - killed)

    # Jobs.

    def submit(self, request: JobRequest) -> str:
        """Until the server has answered, however often it dies meanwhile."""
        assert self.client is not None
        job = uuid.uuid4().hex
        while True:
            try:
                answer = self.client.request(SubmitJob(job=job, request=request), timeout_s=10)
            except MaquetteError as error:
                if error.code != "no-server":
                    raise
                continue
            assert isinstance(answer, Jobs)
            self.records[job] = answer.jobs[0]
            return job

    def cancel(self, job: str) -> None:
        assert self.client is not None
        if self.records[job].state in ENDED:
            return
        self.cancel_requests[self.client.send(CancelJob(job=job))] = (job, time.monotonic())

    def outstanding(self) -> list[str]:
        return [job for job, record in self.records.items() if record.state not in ENDED]

    def listen(self, wait_s: float) -> None:
        """Take in what the server says; attach anew to all that is not ended after a reconnect."""
        assert self.client is not None
        self.client.wait(wait_s)
        for received in self.client.poll(budget_s=0.05):
            message, now = received.message, time.monotonic()
            if isinstance(message, JobProgress):
                self.stage_of[message.job] = message.stage
                if message.stage == STARTED_AGAIN:
                    self.started_again.add(message.job)
            elif isinstance(message, JobEnded):
                self.end(message.record, now)
            elif isinstance(message, Jobs) and received.reply_to in self.cancel_requests:
                job, asked = self.cancel_requests.pop(received.reply_to)
                self.cancel_acknowledged_s.append(now - asked)
                if message.jobs[0].state == "cancelling":
                    self.cancelled_at[job] = asked
            elif isinstance(message, Jobs):
                self.records.update({r.job: r for r in message.jobs if r.job in self.records})
        if self.client.state == "ready" and self.client.generation != self.generation:
            self.generation = self.client.generation
            self.cancel_requests.clear()
            for job in self.outstanding():
                self.client.send(AttachJob(job=job))

    def idle(self, seconds: float) -> None:
        """Do nothing but listen for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.listen(0.02)

    def refresh(self) -> None:
        """Ask for the state of all jobs."""
        assert self.client is not None
        if self.client.state == "ready":
            self.client.send(ListJobs())

    def end(self, record: JobRecord, now: float) -> None:
        self.ends[record.job] += 1
        self.records[record.job] = record
        if record.state == "cancelled" and record.job in self.cancelled_at:
            self.cancel_free_s.append(now - self.cancelled_at.pop(record.job))
        self.measure()

    def measure(self) -> None:
        assert self.process is not None
        self.server_memory[-1].samples.append(resident_mb(self.process.pid))
        for pid in self.workers():
            self.worker_memory.setdefault(pid, Memory()).samples.append(resident_mb(pid))

    # The end.

    def check_results(self) -> None:
        for job, record in self.records.items():
            folder = self.store / "jobs" / job
            title = f"{record.request.kind} {job[:8]} ({record.state})"
            if record.state not in ENDED:
                self.faults.append(f"{title} has not ended")
            elif record.state == "done" and not is_whole(record):
                self.faults.append(f"{title} has no whole result")
            elif record.state != "done" and (folder / "result").exists():
                self.faults.append(f"{title} left a result")
            if list(folder.glob("*.partial")):
                self.faults.append(f"{title} left something half-made")
            if record.state == "failed" and not (record.message and record.hint):
                self.faults.append(f"{title} does not say what to do")
            if self.ends[job] > 1:
                self.faults.append(f"{title} ended {self.ends[job]} times")

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        if self.process.wait(timeout=30) != 0:
            self.faults.append("the server's exit status was not 0")
        if self.client is not None:
            self.client.close()
        mark = str(self.store).encode()
        left = [pid for pid in all_processes() if mark in environment_of(pid)]
        if left:
            self.faults.append(f"processes left: {[command(pid) for pid in left]}")

    def report(self, seconds: float) -> None:
        kinds = Counter(f"{r.request.kind} {r.state}" for r in self.records.values())
        print(f"{len(self.records)} jobs in {seconds:.0f} s: {dict(sorted(kinds.items()))}")
        print(f"killed: {self.worker_kills} workers, {self.server_kills} servers")
        say("cancel acknowledged", self.cancel_acknowledged_s, ACKNOWLEDGED_WITHIN_S, self.faults)
        say("cancelled job's processes gone", self.cancel_free_s, FREE_WITHIN_S, self.faults)
        say("a death heard of", self.death_heard_s, HEARD_WITHIN_S, self.faults)
        longest = max(self.server_memory, key=lambda memory: len(memory.samples))
        before, after = longest.thirds()
        print(f"server: {before:.0f} MB, after {len(longest.samples)} jobs {after:.0f} MB")
        if after > 1.1 * before:
            self.faults.append("the server's memory grew")
        worker = max(self.worker_memory.values(), key=lambda memory: len(memory.samples))
        before, after = worker.thirds()
        print(f"worker: {before:.0f} MB, after {len(worker.samples)} jobs {after:.0f} MB")
        if after > 1.1 * before:
            self.faults.append("a worker's memory grew")
        for fault in self.faults:
            print(f"FAULT: {fault}")
        print("nothing lost, no process left" if not self.faults else f"{len(self.faults)} faults")


def say(what: str, seconds: list[float], bar_s: float, faults: list[str]) -> None:
    """Print p50 and the worst; a worst beyond the bar is a fault."""
    if not seconds:
        return
    worst = max(seconds)
    print(
        f"{what}: p50 {median(seconds):.2f} s, worst {worst:.2f} s of {len(seconds)} (bar {bar_s} s)"
    )
    if worst > bar_s:
        faults.append(f"{what}: {worst:.2f} s")


def is_whole(record: JobRecord) -> bool:
    """Whether the result is what its job makes."""
    result = Path(record.folder)
    if record.request.kind == "reconstruct":
        return (result / "scene" / "scene.json").is_file()
    return any(path.is_dir() or path.stat().st_size > 1000 for path in result.iterdir())


# Processes.


def all_processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def descendants(pid: int) -> set[int]:
    direct = children(pid)
    return set(direct).union(*map(descendants, direct))


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def environment_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


# Requests.


def small_photos(folder: Path) -> list[str]:
    """Three photos, small enough that a reconstruction takes seconds."""
    folder.mkdir()
    paths = []
    for path in sorted((ROOT / "examples" / "office_desk").glob("*.jpg"))[:3]:
        with Image.open(path) as photo:
            photo.thumbnail((400, 400))
            photo.save(folder / path.name, quality=92)
        paths.append(str(folder / path.name))
    (folder / "text.jpg").write_text("this is no photo")
    return paths


def some_request(chance: random.Random, photos: list[str], scene: str) -> JobRequest:
    """Most are small; some reconstruct; some cannot be done."""
    kind = chance.choices(["export", "reconstruct", "bad photo", "no scene"], [70, 14, 8, 8])[0]
    if kind == "reconstruct":
        return reconstruction(photos)
    if kind == "bad photo":
        text = str(Path(photos[0]).with_name("text.jpg"))
        return JobRequest(kind="reconstruct", title=kind, inputs=(text,), options={})
    form = chance.choice([".ply", ".glb", ".obj", ".usdz", "colmap", "nerfstudio"])
    inputs = (scene,) if kind == "export" else ("/there/is/no/scene",)
    return JobRequest(kind="export", title=kind, inputs=inputs, options={"format": form})


def reconstruction(photos: list[str], quality: str = "draft") -> JobRequest:
    """A request for one."""
    options = {"quality": quality, "report": False}
    return JobRequest(kind="reconstruct", title="photos", inputs=tuple(photos), options=options)


def run(soak: Soak, num_jobs: int, photos: list[str]) -> None:
    """The mixed jobs, with all that goes wrong."""
    job = soak.submit(reconstruction(photos))
    while soak.outstanding():
        soak.listen(0.2)
    scene = str(Path(soak.records[job].folder) / "scene")
    chance = soak.random
    while len(soak.records) < num_jobs or soak.outstanding():
        soak.listen(0.05)
        if len(soak.records) < num_jobs and len(soak.outstanding()) < OUTSTANDING:
            job = soak.submit(some_request(chance, photos, scene))
            if chance.random() < 0.12:
                soak.cancel(chance.choice(soak.outstanding()))
            if chance.random() < 0.06:
                soak.idle(chance.random())
                soak.kill_worker()
            if chance.random() < 0.025:
                soak.idle(chance.random())
                soak.kill_server()
            if len(soak.records) % 20 == 0:
                print(f"{len(soak.records)} submitted", file=sys.stderr)
        if chance.random() < 0.02:
            soak.refresh()


def one_worker(soak: Soak, num_jobs: int, photos: list[str]) -> None:
    """Reconstructions one after the other in one worker, undisturbed: what it keeps is seen best so.

    Among mixed jobs a worker's first reconstruction comes late, and what it then loads looks like a leak.
    """
    soak.worker_memory.clear()
    for _ in range(num_jobs):
        soak.submit(reconstruction(photos))
        while soak.outstanding():
            soak.listen(0.2)


def cancel_in_every_stage(soak: Soak) -> None:
    """A job of six full photos, normal quality, stopped in each stage; it goes on there when submitted again."""
    photos = sorted((ROOT / "examples" / "office_desk").glob("*.jpg"))[:6]
    for stage in STAGES:
        request = reconstruction([str(photo) for photo in photos], "normal")
        job = soak.submit(request)
        while soak.stage_of.get(job) != stage and soak.records[job].state not in ENDED:
            soak.listen(0.01)
        before = len(soak.cancel_free_s)
        soak.cancel(job)
        while soak.outstanding():
            soak.listen(0.01)
        if len(soak.cancel_free_s) > before:
            print(f"cancelled while {stage.lower()}: all free after {soak.cancel_free_s[-1]:.2f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--undisturbed", type=int, default=12, help="reconstructions at the end")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="maquette-soak-") as folder:
        soak = Soak(Path(folder), random.Random(arguments.seed))
        try:
            photos = small_photos(soak.folder / "photos")
            soak.start()
            run(soak, arguments.jobs, photos)
            one_worker(soak, arguments.undisturbed, photos)
            cancel_in_every_stage(soak)
            soak.check_results()
        finally:
            soak.stop()
    soak.report(time.monotonic() - began)
    return int(bool(soak.faults))


if __name__ == "__main__":
    sys.exit(main())
