"""The client says what state the connection is in, never waits, and finds the server again."""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq
from attacks import Attacker
from serving import Serving
from support import MAQUETTE
from waiting import receive, until

from maquette.server.peers import Limits
from maquette_protocol.client import Client
from maquette_protocol.connection import Address, read_connection_file
from maquette_protocol.errors import NoServerError, RefusedError
from maquette_protocol.keys import new_key_pair
from maquette_protocol.link import Link
from maquette_protocol.messages import (
    PROTOCOL,
    AttachJob,
    Error,
    GetStatus,
    Goodbye,
    Hello,
    JobProgress,
    Jobs,
    ListJobs,
    Status,
)
from maquette_protocol.wire import decode, encode

JOB = "0123456789abcdef" * 2


def nobody_there() -> Address:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server, keys = new_key_pair(), new_key_pair()
    return Address(f"tcp://127.0.0.1:{port}", server.public, keys.public, keys.secret)


def test_a_request_is_answered_and_says_so_by_its_id(server: Serving, client: Client) -> None:
    assert client.state == "connecting"
    first, second = client.send(ListJobs()), client.send(ListJobs())
    assert first != second
    assert [receive(client, Jobs).reply_to for _ in range(2)] == [first, second]
    assert client.state == "ready"
    assert client.welcome is not None
    assert client.welcome.server == server.server_id
    assert client.request(ListJobs()) == Jobs(jobs=())


def test_what_the_server_tells_unasked_waits_while_a_request_is_made(
    server: Serving, client: Client
) -> None:
    client.request(ListJobs())
    progress = JobProgress(job=JOB, stage="Matching photos", done=0.5, note="")
    server.in_its_thread(lambda: server.socket.send(client.client_id, progress))
    assert client.request(ListJobs()) == Jobs(jobs=())
    assert receive(client, JobProgress).message == progress


def test_an_error_is_raised_as_what_it_was_on_the_server(server: Serving, client: Client) -> None:
    refusal = RefusedError("Not you.", hint="Ask them.")
    request = client.send(AttachJob(job=JOB))
    until(lambda: server.heard(AttachJob), client)
    server.in_its_thread(
        lambda: server.socket.send_error(client.client_id, refusal, reply_to=request)
    )
    answer = receive(client, Error)
    assert (answer.message.code, answer.reply_to) == ("refused", request)


@pytest.mark.parametrize(
    "wrong", [{"endpoint": "nonsense"}, {"server_key": "#" * 40}, {"secret_key": "x"}]
)
def test_an_address_that_is_none_is_refused_and_nothing_is_raised_while_polling(
    server: Serving, wrong: dict[str, str]
) -> None:
    client = server.client(address=dataclasses.replace(server.address, **wrong))
    client.poll()
    assert client.state == "refused"
    assert "There can be no backend" in client.reason
    client.close()


def test_nonsense_from_a_server_is_left_out(server: Serving, client: Client) -> None:
    client.request(ListJobs())
    attacker = Attacker(seed=5)

    def send_nonsense() -> None:
        peer = server.socket._clients[client.client_id]
        for _ in range(10):
            server.socket._router.send_multipart([peer.routing_id, b"nonsense", *attacker.frames()])

    server.in_its_thread(send_nonsense)
    assert client.request(ListJobs()) == Jobs(jobs=())
    assert client.state == "ready"


def test_a_client_on_the_same_disk_knows_it(server: Serving, client: Client) -> None:
    client.request(ListJobs())
    assert client.shares_disk


@pytest.mark.parametrize("kind", ["missing", "other", "large", "pipe", "relative", "share"])
def test_a_client_that_sees_another_file_there_does_not_share_the_disk(
    server: Serving, tmp_path: Path, kind: str
) -> None:
    probe = tmp_path / "probe.txt"
    probe.unlink()
    path = {"relative": "probe.txt", "share": r"\\host\share\probe"}.get(kind, str(probe))
    if kind == "other":
        probe.write_text("another disk")
    elif kind == "large":
        probe.write_text("x" * 100_000)
    elif kind == "pipe":
        os.mkfifo(probe)  # opening it would wait for ever
    client = server.client()
    server.socket._welcome = dataclasses.replace(server.socket._welcome, probe_path=path)
    client.request(ListJobs())
    assert client.state == "ready"
    assert not client.shares_disk
    client.close()


def test_without_a_server_it_says_so_and_goes_on_looking(
    serve: Callable[..., Serving],
) -> None:
    address = nobody_there()
    client = Client(address, kind="test", version="0.1.0")
    request = client.send(ListJobs())
    until(lambda: client.state == "lost", client)
    assert "No backend answers at 127.0.0.1:" in client.reason
    assert client.hint
    with pytest.raises(NoServerError, match="No backend answers"):
        client.request(ListJobs(), timeout_s=0.2)
    late = serve(port=int(address.endpoint.rpartition(":")[2]))
    client.address = late.address
    assert receive(client, Jobs).reply_to == request  # what was asked meanwhile was kept
    assert client.state == "ready"
    client.close()


@pytest.mark.parametrize("wrong", ["client key", "server key", "other program"])
def test_a_wrong_key_is_said_instead_of_waiting_for_ever(server: Serving, wrong: str) -> None:
    address, other = server.address, new_key_pair()
    with listening_program() as port:
        changed = {
            "client key": {"public_key": other.public, "secret_key": other.secret},
            "server key": {"server_key": other.public},
            "other program": {"endpoint": f"tcp://127.0.0.1:{port}"},
        }
        client = server.client(address=dataclasses.replace(address, **changed[wrong]))
        with pytest.raises(RefusedError, match="key"):
            client.request(ListJobs(), timeout_s=30)
    assert client.state == "refused"
    assert "Pair" in client.hint
    # it tries again now and then, so a key that is let in later is enough
    client.address = address
    until(lambda: client.state == "ready", client)
    client.close()


def test_a_program_that_takes_the_connection_and_is_silent_counts_as_no_answer() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        keys = new_key_pair()
        address = Address(
            f"tcp://127.0.0.1:{mute.getsockname()[1]}", keys.public, keys.public, keys.secret
        )
        client = Client(address, kind="test", version="0.1.0")
        until(lambda: client.state == "lost", client)
        assert "does not answer" in client.reason
        client.close()


def test_a_client_of_another_version_is_told_both(server: Serving) -> None:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    link = Link(context, server.address)
    until(lambda: link.watch() == "open")
    hello = Hello(protocol=PROTOCOL + 1, version="9.9.9", client=JOB, kind="test")
    header = {**json.loads(bytes(encode(hello, request="hello")[0])), "v": PROTOCOL + 1}
    link.send([json.dumps(header).encode()])
    envelope = decode(until(link.receive))
    assert isinstance(envelope.message, Error)
    assert envelope.message.code == "version-mismatch"
    assert "9.9.9" in envelope.message.message
    assert "0.1.0" in envelope.message.message
    assert envelope.reply_to == "hello"
    link.close()
    context.term()


def test_a_server_of_another_version_is_refused_in_its_words(
    server: Serving, client: Client
) -> None:
    words = Error(code="version-mismatch", message="You 0.1.0, I 9.9.9.", hint="Update.")
    server.socket._greet = lambda peer, hello, request: server.socket._put(peer, words, request)
    until(lambda: client.state == "refused", client)
    assert (client.reason, client.hint) == ("You 0.1.0, I 9.9.9.", "Update.")
    with pytest.raises(RefusedError, match=r"9\.9\.9"):
        client.request(ListJobs())


def test_a_server_that_ends_says_goodbye_and_a_new_one_is_found(
    serve: Callable[..., Serving],
) -> None:
    first = serve()
    client = first.client()
    client.request(ListJobs())
    first.stop()
    until(lambda: client.state == "lost", client)
    assert client.reason == "The backend was stopped."
    port = int(first.endpoint.rpartition(":")[2])
    second = serve(port=port, keys=first.keys, local=first.local)
    until(lambda: client.state == "ready", client)
    assert client.welcome is not None
    assert client.welcome.server == second.server_id
    assert client.generation == 2
    client.close()


def test_a_request_whose_answer_was_lost_fails_at_once_with_the_reason(
    serve: Callable[..., Serving],
) -> None:
    server = serve()
    client = server.client()
    client.request(ListJobs())
    timer = threading.Timer(0.2, server.stop)
    timer.start()
    with pytest.raises(NoServerError, match="stopped"):
        client.request(GetStatus(), timeout_s=300)  # this server never answers it
    timer.join()
    client.close()


def test_a_silent_connection_is_kept_alive_from_both_sides(
    serve: Callable[..., Serving],
) -> None:
    server = serve(limits=Limits(heartbeat_s=0.1, silent_s=1.0))
    client = server.client()
    client.request(ListJobs())
    until(lambda: client._heard_s - client._opened_s > 2, client)
    assert client.state == "ready"
    assert client.generation == 1
    assert not server.heard(Goodbye)
    client.close()
    until(lambda: server.heard(Goodbye))


def test_a_client_that_was_busy_for_long_does_not_call_the_server_lost(
    serve: Callable[..., Serving],
) -> None:
    server = serve(limits=Limits(heartbeat_s=0.05, silent_s=0.5))
    client = server.client()
    client.request(ListJobs())
    until(lambda: server.heard(Goodbye))  # nobody polls the client: the server gives it up
    states: set[str] = set()
    client.send(ListJobs())
    until(lambda: states.add(client.state) or client.generation == 2, client)
    # what is lost is its place with the server, which it takes again at once
    assert client.request(ListJobs()) == Jobs(jobs=())
    client.close()


# A real server, killed --------------------------------------------------------------------------------


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run"
    monkeypatch.setenv("MAQUETTE_RUNTIME", str(folder))
    return folder


@pytest.fixture
def start_server(runtime: Path, tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Starts `maquette serve`; its process id."""
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> int:
        log = (tmp_path / f"log{len(processes)}.txt").open("wb")
        with log:
            processes.append(
                subprocess.Popen(
                    [*MAQUETTE, "serve", "--store", str(tmp_path / "store")], stdout=log, stderr=log
                )
            )
        return processes[-1].pid

    yield start
    for process in processes:
        process.kill()
        process.wait()


def address_of(pid: int, file: Path) -> Callable[[], Address | None]:
    def look() -> Address | None:
        try:
            info = read_connection_file(file)
        except NoServerError:
            return None
        return info.address if info.pid == pid else None

    return look


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_server_is_lost_and_the_next_one_is_found_by_its_file(
    start_server: Callable[[], int], runtime: Path
) -> None:
    first = start_server()
    address = until(address_of(first, runtime / "server.json"))
    client = Client(address, kind="test", version="0.1.0")
    assert isinstance(client.request(GetStatus()), Status)
    os.kill(first, signal.SIGKILL)
    until(lambda: client.state == "lost", client)
    assert client.hint
    os.waitpid(first, 0)
    until(lambda: "ended unexpectedly" in client.reason, client)
    second = start_server()
    until(lambda: client.generation == 2, client)
    assert address_of(second, runtime / "server.json")() == client.address
    assert isinstance(client.request(GetStatus()), Status)
    client.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_server_that_hangs_is_lost_and_comes_back_when_it_goes_on(
    start_server: Callable[[], int], runtime: Path
) -> None:
    pid = start_server()
    address = until(address_of(pid, runtime / "server.json"))
    client = Client(address, kind="test", version="0.1.0")
    client.request(GetStatus())
    os.kill(pid, signal.SIGSTOP)
    until(lambda: client.state == "lost", client)
    assert "does not answer" in client.reason
    os.kill(pid, signal.SIGCONT)
    until(lambda: client.state == "ready", client)
    assert isinstance(client.request(GetStatus()), Status)
    client.close()


class listening_program:  # noqa: N801  (used as a function)
    """Some other program's port: it hangs up on what it does not understand."""

    def __enter__(self) -> int:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()
        return self._socket.getsockname()[1]

    def _serve(self) -> None:
        try:
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    connection.recv(10)
                    connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        except OSError:
            return

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
