"""Where the disk is full: said in words, nothing half-made, and the server goes on once there is room again."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from backends import Backend, end_of, export_request, submit

from maquette_protocol.messages import GetStatus, ListJobs


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, less than the small scene as a .glb."""
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)


def test_a_result_that_does_not_fit_fails_its_job_in_words_and_the_next_one_runs(
    small_disk: Path, small_scene: Path, tmp_path: Path
) -> None:
    backend = Backend(tmp_path, ("--store", str(small_disk / "store")))
    try:
        backend.start()
        client = backend.client()
        record = end_of(client, submit(client, export_request(small_scene, ".glb")).job)
        assert (record.state, record.code) == ("failed", "storage")
        assert "full" in record.message
        assert record.hint
        jobs = small_disk / "store" / "jobs"
        assert not list(jobs.glob("*/result*"))
        assert client.request(GetStatus())

        # to the brim, while a job is accepted or refused, and when it starts or ends
        handle = os.open(small_disk / "filler", os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError, match="space"):
            fill(handle)
        os.close(handle)
        listed = client.request(ListJobs())
        (small_disk / "filler").unlink()
        assert client.request(ListJobs()) == listed
        colmap = end_of(client, submit(client, export_request(small_scene, "colmap")).job)
        assert colmap.state == "done", colmap.message
    finally:
        backend.close()


def fill(handle: int) -> None:
    while os.write(handle, bytes(4096)):
        pass


def test_a_full_cache_disk_is_said_in_words(
    small_disk: Path, small_photos: list[Path], tmp_path: Path
) -> None:
    backend = Backend(tmp_path, environment={"MAQUETTE_CACHE": str(small_disk)})
    try:
        backend.start()
        client = backend.client()
        request = type(export_request(small_disk))(
            kind="reconstruct", title="", inputs=tuple(map(str, small_photos)), options={}
        )
        record = end_of(client, submit(client, request).job)
        assert (record.state, record.code) == ("failed", "storage")
        assert "full" in record.message
        assert record.hint
    finally:
        backend.close()
