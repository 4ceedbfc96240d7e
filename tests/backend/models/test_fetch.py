"""`maquette models pull` and `remove` against a small hub on this machine that speaks as the real one does."""

import io
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest
from model_files import blob_name

from maquette.cli.main import main
from maquette.models.catalog import MODELS, cached_folder, find_model
from maquette.models.fetch import check_room
from maquette_protocol.errors import StorageError

REVISION = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves the files of one model; may break off once in the middle of the weights."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.breaks_off = False
        self.asked: list[tuple[str, str, str]] = []  # method, file, range


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        name = self.path.rpartition("/")[2]
        span = self.headers.get("Range", "")
        self.server.asked.append((self.command, name, span))
        content = self.server.files.get(name)
        if content is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(span.removeprefix("bytes=").partition("-")[0]) if span else 0
        self.send_response(206 if span else 200)
        self.send_header("ETag", f'"{blob_name(name, content)}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", str(len(content) - start))
        if span:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if self.command == "GET":
            rest = content[start:]
            if self.server.breaks_off and name == "model.safetensors" and not span:
                self.close_connection = True
                rest = rest[: len(rest) // 2]
            self.wfile.write(rest)


@pytest.fixture
def hub(released_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub(dict(released_files))
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
    monkeypatch.setattr(
        huggingface_hub.constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny model does not need the room of the real one."""
    monkeypatch.setattr("maquette.models.fetch._SPARE_BYTES", -MODELS["g2vlm"].size_bytes)


def test_pull_fetches_verifies_and_is_found(hub: Hub, capsys: pytest.CaptureFixture[str]):
    assert main(["models", "pull", "g2vlm", "--yes"]) == 0
    out = capsys.readouterr().out
    assert out.index("Apache-2.0") < out.index("7 files are what they should be")
    folder = find_model(MODELS["g2vlm"])
    assert folder is not None
    assert (folder / "merges.txt").read_bytes() == hub.files["merges.txt"]
    asked = len(hub.asked)
    assert main(["models", "pull", "g2vlm", "--yes"]) == 0
    assert all(method == "HEAD" for method, _, _ in hub.asked[asked:]), "fetched twice"


def test_pull_fetches_a_depth_model_and_checks_it_against_its_card(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    from onnx_models import room, write_model

    folder = write_model(
        tmp_path, {"predicted_depth": room()[None]}, ("height", "width"), "pixel_values"
    )
    hub.files["model.onnx"] = (folder / "model.onnx").read_bytes()
    assert main(["models", "pull", "depth-anything-v2-small", "--yes"]) == 0
    out = capsys.readouterr().out
    assert out.index("Apache-2.0") < out.index("as its card says")
    assert "1 file is what it should be" in out
    write_model(tmp_path, {"depth": room()[None]})
    hub.files["model.onnx"] = (folder / "model.onnx").read_bytes()
    assert main(["models", "pull", "moge-2-small", "--yes"]) == 1
    assert "has the inputs image; the card of moge-2-small says" in capsys.readouterr().out


def test_pull_goes_on_where_it_was_broken_off(hub: Hub):
    hub.breaks_off = True
    assert main(["models", "pull", "g2vlm", "--yes"]) == 0
    first, second = (
        span for method, name, span in hub.asked if (method, name) == ("GET", "model.safetensors")
    )
    assert first == ""
    assert int(second.removeprefix("bytes=").partition("-")[0]) > 0


def test_nothing_is_fetched_without_consent(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))  # piped, no person
    assert main(["models", "pull", "g2vlm"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert hub.asked == []


def test_a_file_that_the_hub_lacks_is_said(hub: Hub, capsys: pytest.CaptureFixture[str]):
    del hub.files["merges.txt"]
    assert main(["models", "pull", "g2vlm", "--yes"]) == 2
    assert "could not be fetched" in capsys.readouterr().err
    assert find_model(MODELS["g2vlm"]) is None


def test_a_disk_without_room_is_said_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("maquette.models.fetch._SPARE_BYTES", 10**18)
    with pytest.raises(StorageError, match=r"needs 18\.2 GB more"):
        check_room(MODELS["g2vlm"])


def test_remove_takes_all_of_it_and_nothing_else(
    released: Path, capsys: pytest.CaptureFixture[str]
):
    home = cached_folder(MODELS["g2vlm"])
    other = home.with_name("models--somebody--else")
    other.mkdir()
    assert main(["models", "remove", "g2vlm", "--yes"]) == 0
    assert list(home.parent.iterdir()) == [other]
    assert "freed" in capsys.readouterr().out
    assert main(["models", "remove", "g2vlm", "--yes"]) == 2
