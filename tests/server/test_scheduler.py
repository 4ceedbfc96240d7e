"""A job's life, with an executor that does the work in this process: what another executor has to do is this little."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from maquette.jobs.kinds import Work, load_kind
from maquette.progress import Progress
from maquette.server.executor import Ended, JobEvent, Progressed
from maquette.server.scheduler import Scheduler
from maquette.server.store import Store
from maquette_protocol.errors import Cancelled, CrashError, MaquetteError, OutOfMemoryError
from maquette_protocol.messages import JobEnded, JobProgress, JobRequest, Message

JOB = "0" * 32


@dataclass
class HereExecutor:
    """Does a job when it is polled; `dies_with` says that it ended so, before or after its last work."""

    dies_with: list[MaquetteError | None] = field(default_factory=list[MaquetteError | None])
    dies_after_its_work: bool = False
    works: list[Work] = field(default_factory=list[Work])
    waiting: list[Work] = field(default_factory=list[Work])
    cancelled: set[str] = field(default_factory=set[str])
    shares: list[float] = field(default_factory=list[float])  # told instead of ending

    def num_free(self) -> int:
        return 1 - len(self.waiting)

    def start(self, work: Work) -> None:
        self.works.append(work)
        self.waiting.append(work)

    def cancel(self, job: str) -> None:
        self.cancelled.add(job)

    def poll(self) -> list[JobEvent]:
        if self.shares:
            return [
                Progressed(job=self.waiting[0].job, stage="At it", stage_done=s, done=s, note="")
                for s in self.shares
            ]
        events: list[JobEvent] = [self._do(work) for work in self.waiting]
        self.waiting.clear()
        return events

    def close(self) -> None:
        self.waiting.clear()

    def _do(self, work: Work) -> Ended:
        error = self.dies_with.pop(0) if self.dies_with else None
        if error is not None and not self.dies_after_its_work:
            return Ended(job=work.job, error=error)
        answer = load_kind(work.kind).run(work, Progress())
        Path(work.summary).write_text(json.dumps(answer))
        Path(work.out).parent.rename(work.outcome)
        return Ended(job=work.job, answer=answer, error=error)


@dataclass
class World:
    """A scheduler and what it told."""

    scheduler: Scheduler
    executor: HereExecutor
    told: list[Message]

    def ends(self) -> list[str]:
        return [message.record.state for message in self.told if isinstance(message, JobEnded)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = Store(tmp_path / "store")
    executor, told = HereExecutor(), []
    scheduler = Scheduler(
        store=store,
        executor=executor,
        tell=lambda _job, message: told.append(message),
        log=lambda _text: None,
    )
    yield World(scheduler, executor, told)
    store.close()


def export(scene: Path) -> JobRequest:
    return JobRequest(kind="export", title="", inputs=(str(scene),), options={"format": ".ply"})


def reconstruct(quality: str) -> JobRequest:
    options = {"quality": quality}
    return JobRequest(kind="reconstruct", title="", inputs=("/nowhere",), options=options)


def submit(world: World, request: JobRequest) -> None:
    world.scheduler.submit(JOB, request, request.inputs, request.options)


def result_of(world: World) -> Path:
    return world.scheduler.store.folder_of(JOB).result


def test_a_job_is_done_when_its_executor_says_so(world: World, small_scene: Path) -> None:
    submit(world, export(small_scene))
    assert world.scheduler.record(JOB).state == "running"
    world.scheduler.step()
    assert world.ends() == ["done"]
    assert (result_of(world) / f"{small_scene.name}.ply").is_file()


def test_who_dies_just_after_its_last_work_has_done_it(world: World, small_scene: Path) -> None:
    world.executor.dies_with = [CrashError("It died.")]
    world.executor.dies_after_its_work = True
    submit(world, export(small_scene))
    world.scheduler.step()
    assert world.ends() == ["done"]
    assert world.scheduler.record(JOB).folder == str(result_of(world))


def test_who_dies_before_leaves_nothing(world: World, small_scene: Path) -> None:
    world.executor.dies_with = [CrashError("It died.", hint="Try again.")]
    submit(world, export(small_scene))
    world.scheduler.step()
    assert world.ends() == ["failed"]
    assert not list(result_of(world).parent.glob("result*"))
    assert world.scheduler.record(JOB).hint == "Try again."


def test_a_result_that_came_while_its_job_was_cancelled_is_removed(
    world: World, small_scene: Path
) -> None:
    submit(world, export(small_scene))
    assert world.scheduler.cancel(JOB).state == "cancelling"
    assert world.executor.cancelled == {JOB}
    world.scheduler.step()
    assert world.ends() == ["cancelled"]
    assert not result_of(world).exists()


def test_out_of_memory_is_tried_once_at_the_next_lower_quality(world: World) -> None:
    world.executor.dies_with = [OutOfMemoryError("Memory ran out."), OutOfMemoryError("Again.")]
    submit(world, reconstruct("high"))
    world.scheduler.step()
    assert world.ends() == []
    world.scheduler.step()
    assert [work.options["quality"] for work in world.executor.works] == ["high", "normal"]
    assert world.ends() == ["failed"]
    assert world.scheduler.record(JOB).code == OutOfMemoryError.code
    assert world.scheduler.record(JOB).request.options == {"quality": "high"}, "as it was asked"


def test_where_nothing_is_smaller_out_of_memory_is_the_end(world: World) -> None:
    world.executor.dies_with = [OutOfMemoryError("Memory ran out.")]
    submit(world, reconstruct("draft"))
    world.scheduler.step()
    assert world.ends() == ["failed"]
    assert len(world.executor.works) == 1


def test_an_executor_may_say_cancelled_of_its_own(world: World) -> None:
    world.executor.dies_with = [Cancelled()]
    submit(world, reconstruct("draft"))
    world.scheduler.step()
    assert world.ends() == ["cancelled"]


def test_of_many_reports_the_newest_is_told_and_the_share_never_falls(
    world: World, small_scene: Path
) -> None:
    world.executor.shares = [0.1, 0.5, 0.3, 0.4]
    submit(world, export(small_scene))
    world.scheduler.step()
    told = [message for message in world.told if isinstance(message, JobProgress)]
    assert [message.done for message in told] == [0.5]
