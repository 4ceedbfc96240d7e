"""Files over a real socket: whole, resumed after cuts, damage found, nothing outside their folders."""

import dataclasses
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from serving import Serving
from support import small_disk
from waiting import PATIENCE_S, until

from maquette.server import uploads as server_uploads
from maquette.server.downloads import read_piece
from maquette.server.peers import Limits
from maquette.server.uploads import Uploads
from maquette_protocol.client import Client
from maquette_protocol.errors import InputError, MaquetteError, PathError, StorageError
from maquette_protocol.messages import (
    BeginUpload,
    Chunk,
    FileEntry,
    Files,
    ListJobs,
    Message,
    ReadChunk,
    UploadState,
    WriteChunk,
)
from maquette_protocol.transfer import Download, Transfer, Upload, finish

JOB = "0123456789abcdef" * 2
MB = 2**20


def make_files(folder: Path, sizes: dict[str, int]) -> None:
    rng = np.random.default_rng(7)
    for name, size in sizes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rng.integers(0, 255, size, np.uint8).tobytes())


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


SCENE = {
    "scene.json": 5_000,
    "arrays.safetensors": 9 * MB + 17,
    "images/a.jpg": MB,
    "images/b.jpg": 3 * MB - 1,
    "empty.txt": 0,
}


@pytest.fixture
def server(serve: Callable[..., Serving], tmp_path: Path) -> Serving:
    make_files(tmp_path / "results", SCENE)
    return serve()


@pytest.fixture
def client(server: Serving) -> Iterator[Client]:
    made = server.client()
    yield made
    made.close()


def go_on(transfer: Transfer, client: Client, until_done: float) -> None:
    """Step until so much of it is done, and no further."""
    end_s = time.monotonic() + PATIENCE_S
    while transfer.done < until_done:
        assert transfer.error is None, transfer.error
        assert time.monotonic() < end_s
        for received in client.poll(limit=1):
            transfer.feed(received)
        transfer.step(0)
        client.wait(0.01)


def photos(folder: Path) -> list[Path]:
    make_files(folder, {"a.jpg": 3 * MB + 5, "b.jpg": 100, "c.jpg": 2 * MB, "d.jpg": 0})
    return sorted(folder.iterdir())


# Download ------------------------------------------------------------------------------------------


def test_a_result_arrives_whole(server: Serving, client: Client, tmp_path: Path) -> None:
    download = Download(client, JOB, tmp_path / "scene")
    finish(download, client)
    assert content(tmp_path / "scene") == content(server.results)
    assert download.done == 1
    assert not list(tmp_path.glob(".*.partial"))


def test_an_empty_result_is_an_empty_folder(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    for path in content(server.results):
        (server.results / path).unlink()
    finish(Download(client, JOB, tmp_path / "scene"), client)
    assert content(tmp_path / "scene") == {}


def test_until_it_is_whole_nothing_is_in_its_place(client: Client, tmp_path: Path) -> None:
    go_on(Download(client, JOB, tmp_path / "scene"), client, 0.5)
    assert not (tmp_path / "scene").exists()


def test_a_cut_in_the_middle_loses_nothing_that_had_arrived(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    make_files(tmp_path / "results", SCENE)
    first = serve()
    client = first.client()
    download = Download(client, JOB, tmp_path / "scene")
    go_on(download, client, 0.4)
    first.stop()
    until(lambda: client.state == "lost", client)
    port = int(first.endpoint.rpartition(":")[2])
    second = serve(port=port, keys=first.keys, local=first.local)
    finish(download, client)
    assert content(tmp_path / "scene") == content(second.results)
    asked_again = sum(i.message.size_bytes for i in second.heard(ReadChunk))  # type: ignore[attr-defined]
    assert asked_again < 0.7 * sum(SCENE.values())
    client.close()


def test_another_process_goes_on_where_one_ended(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    go_on(Download(client, JOB, tmp_path / "scene"), client, 0.5)
    other = server.client()
    server.seen.clear()
    finish(Download(other, JOB, tmp_path / "scene"), other)
    other.close()
    assert content(tmp_path / "scene") == content(server.results)
    asked_again = sum(i.message.size_bytes for i in server.heard(ReadChunk))  # type: ignore[attr-defined]
    assert asked_again < 0.6 * sum(SCENE.values())


def test_what_an_earlier_attempt_left_damaged_is_fetched_again(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    partial = tmp_path / ".scene.partial"
    make_files(partial, {"arrays.safetensors": 4 * MB, "scene.json": 9_000, "stale.bin": 10})
    finish(Download(client, JOB, tmp_path / "scene"), client)
    assert content(tmp_path / "scene") == content(server.results)


def flip_once(path: str) -> Callable[[Message], Message]:
    """One byte of one piece of this file is another one, once."""
    flipped: list[bool] = []

    def change(message: Message) -> Message:
        assert isinstance(message, Chunk | WriteChunk)
        if message.path != path or flipped:
            return message
        flipped.append(True)
        data = message.arrays["data"].copy()
        data[len(data) // 2] ^= 1
        return dataclasses.replace(message, arrays={"data": data})

    return change


def test_a_byte_that_changed_on_the_way_is_found_and_the_file_fetched_again(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    server.on_chunk = flip_once("images/b.jpg")
    finish(Download(client, JOB, tmp_path / "scene"), client)
    assert content(tmp_path / "scene") == content(server.results)


def test_a_file_that_is_damaged_every_time_is_an_error_and_not_a_result(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    server.on_chunk = lambda message: flip_once("images/b.jpg")(message)
    with pytest.raises(StorageError, match=r"images/b\.jpg"):
        finish(Download(client, JOB, tmp_path / "scene"), client)
    assert not (tmp_path / "scene").exists()


def test_lost_answers_are_asked_for_again(
    server: Serving, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maquette_protocol.transfer.STALLED_S", 0.2)
    lost = iter([True, True])
    server.on_chunk = lambda message: None if next(lost, False) else message
    finish(Download(client, JOB, tmp_path / "scene"), client)
    assert content(tmp_path / "scene") == content(server.results)


def test_a_rate_that_is_exceeded_slows_a_download_and_does_not_end_it(
    serve: Callable[..., Serving], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maquette_protocol.transfer.STALLED_S", 0.2)
    make_files(tmp_path / "results", SCENE)
    server = serve(limits=Limits(messages_per_s=50, burst=4))
    client = server.client()
    finish(Download(client, JOB, tmp_path / "scene"), client)
    assert content(tmp_path / "scene") == content(server.results)
    client.close()


def test_a_folder_that_exists_is_left_alone(client: Client, tmp_path: Path) -> None:
    make_files(tmp_path / "scene", {"mine.txt": 10})
    before = content(tmp_path / "scene")
    with pytest.raises(StorageError, match="exists already"):
        finish(Download(client, JOB, tmp_path / "scene"), client)
    assert content(tmp_path / "scene") == before


@pytest.mark.parametrize("path", ["../outside.txt", "/tmp/outside.txt", "nul", "a/../../b"])
def test_a_server_cannot_write_outside_the_folder(
    server: Serving, client: Client, tmp_path: Path, path: str
) -> None:
    entry = FileEntry(path=path, size_bytes=1, sha256="0" * 64)
    server._lists._list = lambda folder: Files(files=(entry,))
    with pytest.raises(PathError):
        finish(Download(client, JOB, tmp_path / "deep" / "scene"), client)
    assert not (tmp_path / "deep" / "scene").exists()
    assert not (tmp_path / "deep" / "outside.txt").exists()


@pytest.mark.parametrize(
    "path",
    ["../probe.txt", "/etc/passwd", "images/../../probe.txt", "link.txt", "linked/probe.txt"],
)
def test_a_client_cannot_read_outside_a_result(server: Serving, client: Client, path: str) -> None:
    (server.results / "link.txt").symlink_to("../probe.txt")
    (server.results / "linked").symlink_to("..")
    with pytest.raises(PathError):
        client.request(ReadChunk(job=JOB, path=path, offset=0, size_bytes=10))


def test_a_piece_that_is_not_there_is_refused(server: Serving, client: Client) -> None:
    for path, offset in (("scene.json", 5_000), ("empty.txt", 0), ("missing", 0), ("images", 0)):
        with pytest.raises(MaquetteError):
            client.request(ReadChunk(job=JOB, path=path, offset=offset, size_bytes=10))
    piece = read_piece(
        server.results, ReadChunk(job=JOB, path="scene.json", offset=4_990, size_bytes=100)
    )
    assert piece.arrays["data"].nbytes == 10


def test_links_are_not_in_the_list(server: Serving, client: Client, tmp_path: Path) -> None:
    (server.results / "link.txt").symlink_to("../probe.txt")
    finish(Download(client, JOB, tmp_path / "scene"), client)
    assert set(content(tmp_path / "scene")) == set(SCENE)


def test_a_disk_that_is_too_small_is_said_before_anything_is_sent(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", 8) as disk:
        with pytest.raises(StorageError, match=r"MB more; \d MB are free") as caught:
            finish(Download(client, JOB, disk / "scene"), client)
        assert caught.value.hint
        assert not server.heard(ReadChunk)


def test_a_disk_that_fills_up_meanwhile_is_said_and_later_all_goes_on(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", 16) as disk:
        download = Download(client, JOB, disk / "scene")
        go_on(download, client, 0.3)
        (disk / "filler").write_bytes(bytes(6 * MB))
        with pytest.raises(StorageError, match="cannot be stored"):
            finish(download, client)
        assert not (disk / "scene").exists()
        (disk / "filler").unlink()
        finish(Download(client, JOB, disk / "scene"), client)
        assert content(disk / "scene") == content(server.results)


def test_a_server_whose_disk_fills_up_says_so_and_the_upload_goes_on_once_there_is_room(
    serve: Callable[..., Serving], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_uploads, "KEPT_FREE_BYTES", 0)
    paths = photos(tmp_path / "photos")
    server = serve()
    client = server.client()
    with small_disk(tmp_path / "small", 8) as disk:
        server.uploads = Uploads(disk)
        upload = Upload(client, paths)
        go_on(upload, client, 0.2)
        (disk / "filler").write_bytes(bytes(4 * MB))
        with pytest.raises(StorageError, match="cannot store the photos"):
            finish(upload, client)
        (disk / "filler").unlink()
        again = Upload(client, paths, upload.upload)
        finish(again, client)
        assert content(server.uploads.folder(again.upload)) == content(tmp_path / "photos")
    client.close()


# Upload --------------------------------------------------------------------------------------------


def test_photos_arrive_whole(server: Serving, client: Client, tmp_path: Path) -> None:
    paths = photos(tmp_path / "photos")
    upload = Upload(client, paths)
    finish(upload, client)
    assert upload.done == 1
    folder = server.uploads.folder(upload.inputs[0])
    assert content(folder) == content(tmp_path / "photos")


def test_photos_of_the_same_name_from_two_folders_are_both_sent(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        make_files(tmp_path / folder, {"IMG_1.jpg": 50})
    (tmp_path / "two" / "img_1.JPG").write_bytes(b"another")
    paths = [tmp_path / "one/IMG_1.jpg", tmp_path / "two/IMG_1.jpg", tmp_path / "two/img_1.JPG"]
    upload = Upload(client, paths)
    finish(upload, client)
    arrived = content(server.uploads.folder(upload.upload))
    assert sorted(arrived.values()) == sorted(path.read_bytes() for path in paths)


def test_a_photo_with_a_name_that_not_all_systems_can_have_is_sent_under_a_plain_one(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    nasty = tmp_path / "<img src=x> con:a?.jpg"
    nasty.write_bytes(b"picture")
    upload = Upload(client, [nasty])
    finish(upload, client)
    assert list(content(server.uploads.folder(upload.upload)).values()) == [b"picture"]


def test_a_restart_of_the_server_loses_nothing_that_had_arrived(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    first = serve()
    client = first.client()
    upload = Upload(client, photos(tmp_path / "photos"))
    go_on(upload, client, 0.4)
    first.stop()
    until(lambda: client.state == "lost", client)
    port = int(first.endpoint.rpartition(":")[2])
    second = serve(port=port, keys=first.keys, local=first.local)
    finish(upload, client)
    assert content(second.uploads.folder(upload.upload)) == content(tmp_path / "photos")
    sent_again = sum(i.message.arrays["data"].nbytes for i in second.heard(WriteChunk))  # type: ignore[attr-defined]
    assert sent_again < 0.8 * sum(p.stat().st_size for p in (tmp_path / "photos").iterdir())
    client.close()


def test_a_byte_that_changed_on_the_way_up_is_found_and_the_photo_sent_again(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    server.on_chunk = flip_once("a.jpg")
    upload = Upload(client, photos(tmp_path / "photos"))
    finish(upload, client)
    assert content(server.uploads.folder(upload.upload)) == content(tmp_path / "photos")


def test_a_photo_that_is_damaged_every_time_is_an_error(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    server.on_chunk = lambda message: flip_once("a.jpg")(message)
    upload = Upload(client, photos(tmp_path / "photos"))
    with pytest.raises(StorageError, match="damaged again and again"):
        finish(upload, client)
    with pytest.raises(InputError, match="not all arrived"):
        server.uploads.folder(upload.upload)


def test_a_photo_that_is_gone_or_missing_is_said(client: Client, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.jpg"):
        finish(Upload(client, [tmp_path / "nothing.jpg"]), client)
    with pytest.raises(InputError, match="No files"):
        finish(Upload(client, []), client)


def entry_of(path: str, data: bytes = b"data") -> FileEntry:
    return FileEntry(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def write(upload: str, path: str, offset: int, data: bytes) -> WriteChunk:
    array = np.frombuffer(data, np.uint8)
    return WriteChunk(upload=upload, path=path, offset=offset, arrays={"data": array})


@pytest.mark.parametrize(
    "paths",
    [
        ["../outside.jpg"],
        ["/tmp/outside.jpg"],
        ["a/../../outside.jpg"],
        ["NUL"],
        ["c:evil.jpg"],
        ["..\\outside.jpg"],
        ["a.jpg", "A.JPG"],
        ["a.jpg", "a.jpg/b.jpg"],
        ["a.jpg.part"],
        ["x" * 252],
    ],
)
def test_a_client_cannot_write_outside_its_upload(tmp_path: Path, paths: list[str]) -> None:
    uploads = Uploads(tmp_path / "uploads")
    files = tuple(entry_of(path) for path in paths)
    with pytest.raises(PathError):
        uploads.begin(BeginUpload(upload=JOB, files=files))
    assert content(tmp_path) == {}


def test_a_link_in_an_upload_is_not_written_through(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    outside = tmp_path / "outside"
    outside.mkdir()
    begun = BeginUpload(upload=JOB, files=(entry_of("a/b.jpg"),))
    uploads.begin(begun)
    folder = tmp_path / "uploads" / JOB / "files" / "a"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.symlink_to(outside)
    with pytest.raises(PathError, match="link"):
        uploads.write(write(JOB, "a/b.jpg", 0, b"data"))
    assert content(outside) == {}


def test_pieces_out_of_order_repeated_or_too_long_change_nothing(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    uploads.begin(BeginUpload(upload=JOB, files=(entry_of("a", b"abcdef"), entry_of("b"))))

    def received(state: UploadState) -> int:
        return state.received_bytes["a"]

    assert received(uploads.write(write(JOB, "a", 3, b"def"))) == 0
    assert received(uploads.write(write(JOB, "a", 0, b"abc"))) == 3
    assert received(uploads.write(write(JOB, "a", 0, b"abc"))) == 3
    with pytest.raises(InputError, match="longer"):
        uploads.write(write(JOB, "a", 3, b"defg"))
    assert received(uploads.write(write(JOB, "a", 3, b"def"))) == 6
    assert received(uploads.write(write(JOB, "a", 6, b"more"))) == 6
    assert (tmp_path / "uploads" / JOB / "files" / "a").read_bytes() == b"abcdef"


def test_what_was_not_announced_is_not_taken(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    with pytest.raises(InputError, match="not announced"):
        uploads.write(write(JOB, "a", 0, b"data"))
    uploads.begin(BeginUpload(upload=JOB, files=(entry_of("a"),)))
    with pytest.raises(InputError, match="not announced"):
        uploads.write(write(JOB, "b", 0, b"data"))
    with pytest.raises(InputError, match="other files"):
        uploads.begin(BeginUpload(upload=JOB, files=(entry_of("b"),)))
    with pytest.raises(InputError, match="not all arrived"):
        uploads.folder(JOB)
    with pytest.raises(InputError):
        uploads.folder("upload:" + "0" * 32)
    with pytest.raises(PathError):
        uploads.folder("upload:../../etc")


def test_more_than_is_allowed_or_than_there_is_room_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = Uploads(tmp_path / "uploads")
    huge = FileEntry(path="a", size_bytes=2**53, sha256="0" * 64)
    with pytest.raises(InputError, match="not taken"):
        uploads.begin(BeginUpload(upload=JOB, files=(huge,)))
    many = tuple(entry_of(f"{number}") for number in range(server_uploads.MAX_FILES + 1))
    with pytest.raises(InputError, match="not taken"):
        uploads.begin(BeginUpload(upload=JOB, files=many))
    with pytest.raises(InputError, match="not taken"):
        uploads.begin(BeginUpload(upload=JOB, files=()))
    monkeypatch.setattr(server_uploads, "KEPT_FREE_BYTES", 2**62)
    with pytest.raises(StorageError, match="free"):
        uploads.begin(BeginUpload(upload=JOB, files=(entry_of("a"),)))


def test_many_uploads_at_once_are_not_all_held_in_memory(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    ids = [uuid.uuid4().hex for _ in range(server_uploads.MAX_OPEN + 10)]
    for one in ids:
        uploads.begin(BeginUpload(upload=one, files=(entry_of("a"),)))
    assert len(uploads._open) == server_uploads.MAX_OPEN
    uploads.begin(BeginUpload(upload=ids[0], files=(entry_of("a"),)))  # and goes on
    assert uploads.write(write(ids[0], "a", 0, b"data")).is_complete


def test_only_what_nobody_goes_on_with_is_removed(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    stale, complete = uuid.uuid4().hex, uuid.uuid4().hex
    for one in (stale, complete):
        uploads.begin(BeginUpload(upload=one, files=(entry_of("a"),)))
    uploads.write(write(complete, "a", 0, b"data"))
    uploads.remove_stale(3600)
    assert len(list((tmp_path / "uploads").iterdir())) == 2
    for path in (tmp_path / "uploads" / stale, *(tmp_path / "uploads" / stale).rglob("*")):
        os.utime(path, (1, 1))
    uploads.remove_stale(3600)
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [complete]
    uploads.remove(complete)
    assert not list((tmp_path / "uploads").iterdir())


def test_nothing_else_waits_while_files_are_sent(
    server: Serving, client: Client, tmp_path: Path
) -> None:
    download = Download(client, JOB, tmp_path / "scene")
    go_on(download, client, 0.2)
    assert client.request(ListJobs()) is not None
    finish(download, client)
    assert download.finished
