"""Files with keys: the owner's alone, whole, and refused where others have access."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from maquette_protocol.connection import (
    Address,
    ConnectionInfo,
    connection_file,
    is_running,
    read_connection_file,
    runtime_folder,
    write_connection_file,
)
from maquette_protocol.errors import NoServerError, RefusedError
from maquette_protocol.keys import keep_key_pair, new_key_pair

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


def info() -> ConnectionInfo:
    server, keys = new_key_pair(), new_key_pair()
    address = Address("tcp://127.0.0.1:5555", server.public, keys.public, keys.secret)
    return ConnectionInfo(address=address, pid=42, version="0.1.0", protocol=1, started_s=1.5)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "run" / "server.json"
    write_connection_file(path, info())
    return path


def test_it_comes_back_as_written_and_knows_its_file(tmp_path: Path) -> None:
    path, stored = tmp_path / "run" / "server.json", info()
    write_connection_file(path, stored)
    again = read_connection_file(path)
    assert again == stored
    assert again.address.source == path
    assert [p.name for p in path.parent.iterdir()] == ["server.json"]


@posix
def test_only_its_owner_can_read_it(written: Path) -> None:
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_one_that_others_have_access_to_is_refused(written: Path, mode: int) -> None:
    written.chmod(mode)
    with pytest.raises(RefusedError, match="others have access") as caught:
        read_connection_file(written)
    assert "chmod" in caught.value.hint


@posix
def test_one_in_a_folder_that_others_may_write_is_not_even_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(RefusedError, match="others have access"):
        write_connection_file(tmp_path / "server.json", info())
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="needs another user")
def test_one_that_belongs_to_somebody_else_is_refused(written: Path) -> None:
    os.chown(written, 1234, 1234)
    with pytest.raises(RefusedError, match="user 1234"):
        read_connection_file(written)


@posix
def test_a_link_in_its_place_is_refused(written: Path, tmp_path: Path) -> None:
    link = tmp_path / "server.json"
    link.symlink_to(written)
    with pytest.raises(RefusedError):
        read_connection_file(link)


def test_without_one_there_is_no_server(tmp_path: Path) -> None:
    with pytest.raises(NoServerError, match="No backend is running"):
        read_connection_file(tmp_path / "server.json")


@pytest.mark.parametrize("cut", [0, 1, 50, -1])
def test_a_damaged_one_is_refused_with_what_to_do(written: Path, cut: int) -> None:
    written.write_bytes(written.read_bytes()[:cut])
    with pytest.raises(RefusedError) as caught:
        read_connection_file(written)
    assert "Delete it" in caught.value.hint


def test_secrets_are_not_printed(written: Path) -> None:
    found = read_connection_file(written)
    assert found.address.secret_key not in repr(found)
    keys = new_key_pair()
    assert keys.secret not in repr(keys)


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MAQUETTE_RUNTIME", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_folder() == tmp_path / "maquette"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert runtime_folder().is_relative_to(Path.home())
    monkeypatch.setenv("MAQUETTE_RUNTIME", str(tmp_path / "mine"))
    assert connection_file() == tmp_path / "mine" / "server.json"


def test_a_process_is_known_to_run_or_not() -> None:
    assert is_running(os.getpid())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not is_running(ended.pid)


def test_a_kept_key_pair_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "server.json"
    assert keep_key_pair(path) == keep_key_pair(path)
    assert keep_key_pair(tmp_path / "other.json") != keep_key_pair(path)
