"""The engine onnx as a job of the backend: refused without a model, seen at work, cancelled, done."""

from pathlib import Path

import pytest
from backends import (
    Backend,
    end_of,
    messages_until,
    new_id,
    reconstruct_request,
    submit,
)
from onnx_models import room, write_card, write_endless_model, write_model

from maquette_protocol.errors import MissingPartError
from maquette_protocol.messages import CancelJob, JobProgress, Message

pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")


def is_running_the_model(message: Message) -> bool:
    return isinstance(message, JobProgress) and message.note.startswith("on CPU")


def test_without_a_model_the_job_is_refused_at_once_with_what_to_do(
    backend: Backend, small_photos: list[Path]
) -> None:
    with pytest.raises(MissingPartError, match=r"MoGe-2 Small are not here: 140\.9 MB") as caught:
        submit(backend.client(), reconstruct_request(small_photos[:1], engine="onnx"))
    assert "maquette models pull moge-2-small" in caught.value.hint


def test_a_job_tells_where_its_model_runs_and_is_cancelled_meanwhile(
    backend: Backend, small_photos: list[Path], tmp_path: Path
) -> None:
    client, job = backend.client(), new_id()
    folder = write_endless_model(tmp_path / "endless")
    request = reconstruct_request(small_photos[:1], engine="onnx", model=str(folder))
    submit(client, request, job)
    last = messages_until(client, is_running_the_model, "the model at work")[-1]
    assert isinstance(last, JobProgress)
    assert last.stage == "Running Made Here"
    client.request(CancelJob(job=job))
    assert end_of(client, job).state == "cancelled"


def test_one_photo_becomes_a_scene(
    backend: Backend, small_photos: list[Path], tmp_path: Path
) -> None:
    client, job = backend.client(), new_id()
    folder = write_model(tmp_path / "model", {"depth": room()})
    write_card(folder)
    submit(client, reconstruct_request(small_photos[:1], engine="onnx", model=str(folder)), job)
    record = end_of(client, job)
    assert record.state == "done", record.message
    assert (Path(record.folder) / "scene" / "scene.json").is_file()
