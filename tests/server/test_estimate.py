"""Time left: from the stages of earlier jobs, from the share done where there were none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.server.estimate import Pace, StageTime


def job(**seconds: float) -> list[StageTime]:
    return [StageTime(stage=stage, seconds=value) for stage, value in seconds.items()]


def test_without_predecessors_nothing_is_known_at_first_and_the_share_done_tells_later() -> None:
    pace = Pace([], 0.0)
    pace.update("cameras", 0.0, 0.0, 0.0)
    assert pace.seconds_left(1.0) < 0
    pace.update("cameras", 0.5, 0.25, 10.0)
    assert pace.seconds_left(10.0) == pytest.approx(30.0)


def test_the_stages_of_earlier_jobs_tell_from_the_start() -> None:
    pace = Pace([job(photos=2, cameras=10, depth=20)], 0.0)
    pace.update("photos", 0.0, 0.0, 0.0)
    assert pace.seconds_left(0.0) == pytest.approx(32.0)
    pace.update("photos", 1.0, 0.05, 2.0)
    pace.update("cameras", 0.0, 0.05, 2.0)
    assert pace.seconds_left(2.0) == pytest.approx(30.0)


def test_a_job_that_is_twice_as_slow_is_expected_to_stay_so() -> None:
    pace = Pace([job(cameras=10, depth=20)], 0.0)
    pace.update("cameras", 0.0, 0.0, 0.0)
    pace.update("cameras", 1.0, 0.3, 20.0)
    pace.update("depth", 0.0, 0.3, 20.0)
    assert 30.0 < pace.seconds_left(20.0) < 40.0


def test_a_stage_found_finished_on_disk_says_nothing_about_the_pace() -> None:
    pace = Pace([job(cameras=10, depth=20)], 0.0)
    pace.update("cameras", 0.0, 0.0, 0.0)
    pace.update("cameras", 1.0, 0.3, 0.1)
    pace.update("depth", 0.0, 0.3, 0.1)
    assert pace.seconds_left(0.1) == pytest.approx(20.0)


def test_the_usual_time_is_the_middle_one_not_the_mean() -> None:
    pace = Pace([job(depth=20), job(depth=21), job(depth=900)], 0.0)
    pace.update("depth", 0.0, 0.3, 0.0)
    assert pace.seconds_left(0.0) == pytest.approx(21.0)


def test_the_finished_job_has_the_times_of_its_stages() -> None:
    pace = Pace([], 0.0)
    for now, stage in ((0.0, "photos"), (1.0, "photos"), (2.0, "cameras")):
        pace.update(stage, 0.5, 0.1, now)
    assert pace.stage_times(7.0) == job(photos=2.0, cameras=5.0)


seconds = st.floats(0, 1e4)


@given(
    history=st.lists(st.dictionaries(st.sampled_from("abc"), seconds, min_size=1), max_size=4),
    events=st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0, 1), seconds), min_size=1),
)
def test_whatever_happened_the_time_left_is_a_time_or_unknown(
    history: list[dict[str, float]], events: list[tuple[str, float, float]]
) -> None:
    pace = Pace([job(**one) for one in history], 0.0)
    now = 0.0
    for stage, done, later in events:
        now += later
        pace.update(stage, done, done, now)
        left = pace.seconds_left(now)
        assert left == -1.0 or 0.0 <= left < 1e9
