"""How long a job will still take, from how long the stages of earlier jobs like it took."""

from dataclasses import dataclass
from statistics import median

_FOUND_ON_DISK = 0.1  # a stage that took less of its usual time was finished by an earlier run


@dataclass(frozen=True, kw_only=True)
class StageTime:
    """One stage of a finished job."""

    stage: str
    seconds: float


class Pace:
    """One running job, next to its predecessors."""

    def __init__(self, history: list[list[StageTime]], now: float) -> None:
        """history: finished jobs of the same sort, newest first."""
        self._usual = _medians(history)
        self._began = now
        self._stage, self._stage_began, self._stage_done = "", now, 0.0
        self._done = 0.0
        self._finished: list[StageTime] = []

    def update(self, stage: str, stage_done: float, done: float, now: float) -> None:
        """Take in one progress event."""
        if stage != self._stage:
            self._finish_stage(now)
            self._stage, self._stage_began = stage, now
        self._stage_done, self._done = stage_done, done

    def seconds_left(self, now: float) -> float:
        """Seconds to the end; negative while nothing is known."""
        if self._stage not in self._usual:
            elapsed = now - self._began
            is_known = elapsed > 3 and self._done > 0.05
            return elapsed * (1 - self._done) / self._done if is_known else -1.0
        pace = self._pace()
        stages = list(self._usual)
        later = stages[stages.index(self._stage) + 1 :]
        here = pace * self._usual[self._stage]
        left_here = here * (1 - self._stage_done)
        if (
            self._stage_done < 0.9
        ):  # a stage may have done little of its work and yet be near its end
            left_here = min(left_here, max(here - (now - self._stage_began), 0.1 * here))
        return left_here + pace * sum(self._usual[stage] for stage in later)

    def stage_times(self, now: float) -> list[StageTime]:
        """All stages of the job, at its end."""
        self._finish_stage(now)
        self._stage = ""
        return self._finished

    def _finish_stage(self, now: float) -> None:
        if self._stage:
            seconds = now - self._stage_began
            self._finished.append(StageTime(stage=self._stage, seconds=seconds))

    def _pace(self) -> float:
        """How this job's stages compare with the usual ones: more photos, another machine's load."""
        taken = usual = 0.0
        for one in self._finished:
            expected = self._usual.get(one.stage, 0.0)
            if one.seconds > _FOUND_ON_DISK * expected:
                taken, usual = taken + one.seconds, usual + expected
        cautious = max(0.1 * sum(self._usual.values()), 1e-9)  # one short stage says little
        return (taken + cautious) / (usual + cautious)


def _medians(history: list[list[StageTime]]) -> dict[str, float]:
    """Stage → its usual seconds, in the newest job's order."""
    seconds: dict[str, list[float]] = {}
    for times in history:
        for one in times:
            seconds.setdefault(one.stage, []).append(one.seconds)
    return {stage: median(values) for stage, values in seconds.items()}
