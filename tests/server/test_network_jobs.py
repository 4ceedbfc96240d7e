"""Jobs of the network G²VLM on a running server, with a tiny model of random weights."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backends import backend_in, end_of, messages_until, reconstruct_request, submit

from maquette_protocol.client import Client
from maquette_protocol.messages import CancelJob, JobEnded, JobProgress, JobRequest, Message


@pytest.fixture(scope="module")
def client(tiny_g2vlm: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Of one server for all tests here."""
    with backend_in(tmp_path_factory.mktemp("backend")) as running:
        yield running.client()


@pytest.fixture(scope="module")
def photo(tiny_g2vlm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    return shutil.copyfile(tiny_g2vlm / "images" / "d.png", folder / "d.png")


def ask(photo: Path, model: Path, *prompts: str, **options: Any) -> JobRequest:
    return JobRequest(
        kind="ask",
        title="a question",
        inputs=(str(photo),),
        options={"prompts": list(prompts), "model": str(model), **options},
    )


def test_an_answer_is_told_word_by_word_and_the_next_turn_goes_on(
    client: Client, photo: Path, tiny_g2vlm: Path
) -> None:
    job = submit(client, ask(photo, tiny_g2vlm, "How far?", max_tokens=60)).job
    *heard, last = messages_until(client, lambda m: isinstance(m, JobEnded), "the end")
    assert isinstance(last, JobEnded)
    assert (last.record.job, last.record.state) == (job, "done"), last.record.message
    (reply,) = last.record.summary["results"]
    texts = [m.text for m in heard if isinstance(m, JobProgress) and m.text]
    assert texts, "words come before the end"
    assert all(reply["message"].startswith(text.strip()) for text in texts)
    assert (Path(last.record.folder) / "replies.json").is_file()
    said = [["How far?", reply["message"]]]
    follow = ask(photo, tiny_g2vlm, "And now?", history=said, max_tokens=20)
    (second,) = end_of(client, submit(client, follow).job).summary["results"]
    assert second["status"] == "answered"
    assert second["message"] != reply["message"]


def test_an_answer_is_stopped_while_it_is_given(
    client: Client, photo: Path, tiny_g2vlm: Path
) -> None:
    job = submit(client, ask(photo, tiny_g2vlm, "How far?", max_tokens=4096)).job
    messages_until(client, lambda m: isinstance(m, JobProgress) and m.text != "", "the first word")
    client.request(CancelJob(job=job))
    assert end_of(client, job).state == "cancelled"


def test_a_scene_of_the_network_comes_whole_or_is_stopped_without_a_trace(
    client: Client, photo: Path, tiny_g2vlm: Path
) -> None:
    request = reconstruct_request([photo], engine="g2vlm", model=str(tiny_g2vlm))
    job = submit(client, request).job

    def is_computing(message: Message) -> bool:
        return isinstance(message, JobProgress) and message.stage == "Running G²VLM"

    messages_until(client, is_computing, "the network")
    client.request(CancelJob(job=job))
    ended = end_of(client, job)
    assert (ended.state, ended.folder) == ("cancelled", "")
    ended = end_of(client, submit(client, request).job)
    assert ended.state == "done", ended.message
    assert ended.summary["trust"] == "unsure"
    assert (Path(ended.folder) / "scene" / "scene.json").is_file()


def test_a_question_without_weights_fails_with_what_to_do(client: Client, photo: Path) -> None:
    options = {"prompts": ["How far?"], "planner": "g2vlm"}
    request = JobRequest(kind="ask", title="a question", inputs=(str(photo),), options=options)
    ended = end_of(client, submit(client, request).job)
    assert (ended.state, ended.code) == ("failed", "missing-part")
    assert "18.2 GB, Apache-2.0" in ended.message
    assert "maquette models pull g2vlm" in ended.hint
