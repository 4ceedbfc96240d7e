"""A paired client on another machine: it uploads, its job runs, it downloads; nothing else is open to it."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from backends import Backend, backend_in, end_of, export_request, new_id, submit, wait_for

import maquette
from maquette_protocol.client import Client
from maquette_protocol.errors import InputError, RefusedError
from maquette_protocol.messages import JobRequest, Shutdown
from maquette_protocol.pairing import pair
from maquette_protocol.transfer import Download, Upload, finish


def two_free_ports() -> int:
    """The first of two neighbours that nobody listens at."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    place = f"127.0.0.1:{two_free_ports()}"
    with backend_in(tmp_path, "--listen", place, "--pair") as running:
        yield running


@pytest.fixture
def guest(backend: Backend, tmp_path: Path) -> Client:
    """A client that was let in by the pairing text alone."""
    printed = backend.folder / "stderr.txt"
    found = wait_for(lambda: re.search(r"maquette://\S+", printed.read_text()), "the text")
    assert found is not None
    address = pair(found[0], "a laptop", tmp_path / "laptop")
    client = Client(address, kind="test", version=maquette.__version__)
    backend.clients.append(client)
    return client


def test_a_guests_photos_go_there_and_its_scene_comes_back(
    guest: Client, small_photos: list[Path], tmp_path: Path
) -> None:
    upload = Upload(guest, small_photos)
    finish(upload, guest)
    request = JobRequest(
        kind="reconstruct", title="far away", inputs=upload.inputs, options={"quality": "draft"}
    )
    record = end_of(guest, submit(guest, request).job)
    assert record.state == "done", record.message
    download = Download(guest, record.job, tmp_path / "here")
    finish(download, guest)
    far = Path(record.folder)
    for path in far.rglob("*"):
        if path.is_file():
            assert (tmp_path / "here" / path.relative_to(far)).read_bytes() == path.read_bytes()
    exported = end_of(guest, submit(guest, export_request(far / "scene", ".glb")).job)
    assert exported.state == "done", "a result may be the next job's input"


def test_a_guest_reads_nothing_but_results_and_ends_nothing(
    guest: Client, backend: Backend, small_scene: Path
) -> None:
    for path in (small_scene, backend.store / "keys", backend.store / "jobs.sqlite"):
        with pytest.raises(InputError, match="not open to you"):
            submit(guest, export_request(path))
    with pytest.raises(InputError, match="not open to you"):
        submit(
            guest,
            JobRequest(
                kind="reconstruct", title="", inputs=("/etc/*.jpg",), options={"masks": "/etc"}
            ),
        )
    with pytest.raises(InputError, match="not all arrived"):
        submit(
            guest,
            JobRequest(kind="reconstruct", title="", inputs=(f"upload:{new_id()}",), options={}),
        )
    with pytest.raises(RefusedError, match="Only the user"):
        guest.request(Shutdown())


def test_a_removed_key_is_out(guest: Client, backend: Backend) -> None:
    assert guest.poll() is not None
    listed = backend.command("keys")
    assert "a laptop" in listed.stdout
    assert backend.command("keys", "remove", "a laptop").returncode == 0
    assert backend.command("keys").stdout == ""
    again = Client(guest.address, kind="test", version=maquette.__version__)
    backend.clients.append(again)
    wait_for(lambda: again.poll() is not None and again.state == "refused", "it is refused")
    assert again.hint


def test_pairing_needs_a_place_to_listen(tmp_path: Path) -> None:
    done = Backend(tmp_path).command("serve", "--pair")
    assert done.returncode == 2
    assert "--listen" in done.stderr
