"""The server's end: manners are asked of clients, one bad client harms no other, nothing grows without bound."""

import dataclasses
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import zmq
from eavesdropper import Eavesdropper
from serving import Serving
from waiting import PATIENCE_S, receive, until

from maquette.server.gate import is_this_machine
from maquette.server.peers import Limits
from maquette_protocol.client import Client
from maquette_protocol.connection import Address
from maquette_protocol.errors import RefusedError
from maquette_protocol.keys import new_key_pair
from maquette_protocol.link import Link
from maquette_protocol.messages import (
    PROTOCOL,
    Error,
    Goodbye,
    Hello,
    JobProgress,
    Jobs,
    ListJobs,
    Log,
    Message,
    Ping,
    Pong,
    Welcome,
)
from maquette_protocol.wire import decode, encode

JOB, OTHER_JOB = "0123456789abcdef" * 2, "fedcba9876543210" * 2
CLIENT = "00112233445566778899aabbccddeeff"
HELLO = Hello(protocol=PROTOCOL, version="0.1.0", client=CLIENT, kind="test")


class Raw:
    """A connection with a good key that says what it likes."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", address: Address) -> None:
        self.link = Link(context, address)
        until(lambda: self.link.watch() == "open")

    def say(self, message: Message, request: str = "") -> None:
        assert self.link.send(encode(message, request=request))

    def hear(self) -> Message:
        self.link.socket.poll(int(PATIENCE_S * 1000))
        return decode(self.link.receive() or []).message

    def hears_nothing(self, for_s: float = 0.3) -> bool:
        return not self.link.socket.poll(int(for_s * 1000))


@pytest.fixture
def raw() -> Iterator[Callable[[Address], Raw]]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    made: list[Raw] = []

    def connect(address: Address) -> Raw:
        made.append(Raw(context, address))
        return made[-1]

    yield connect
    for one in made:
        one.link.close()
    context.term()


def test_nothing_is_done_for_who_has_not_said_hello(
    server: Serving, raw: Callable[[Address], Raw]
) -> None:
    stranger = raw(server.address)
    stranger.say(ListJobs())
    answer = stranger.hear()
    assert isinstance(answer, Error)
    assert answer.code == "hello-first"
    stranger.say(HELLO)
    assert isinstance(stranger.hear(), Welcome)
    stranger.say(ListJobs())
    assert stranger.hear() == Jobs(jobs=())
    assert len(server.heard(ListJobs)) == 1


def test_a_ping_is_answered(server: Serving, raw: Callable[[Address], Raw]) -> None:
    one = raw(server.address)
    one.say(Ping())
    assert one.hear() == Pong()


def test_a_bad_message_is_answered_with_why_and_the_next_good_one_as_ever(
    server: Serving, raw: Callable[[Address], Raw]
) -> None:
    one = raw(server.address)
    one.say(HELLO)
    one.hear()
    one.link.send([b"nonsense", b"more", b"and more"])
    answer = one.hear()
    assert isinstance(answer, Error)
    assert answer.code == "bad-message"
    one.say(ListJobs())
    assert one.hear() == Jobs(jobs=())


def test_who_sends_nothing_but_nonsense_is_not_read_any_more(
    server: Serving, client: Client, raw: Callable[[Address], Raw]
) -> None:
    one = raw(server.address)
    for _ in range(server.limits.strikes):
        one.link.send([b"nonsense"])
        assert isinstance(one.hear(), Error)
    one.say(HELLO)
    assert one.hears_nothing()
    assert client.request(ListJobs()) == Jobs(jobs=())
    # a new connection is a new chance, for a client that was merely broken
    again = raw(server.address)
    again.say(HELLO)
    assert isinstance(again.hear(), Welcome)


def test_more_messages_than_the_rate_are_not_read_and_that_is_said_once(
    serve: Callable[..., Serving], raw: Callable[[Address], Raw]
) -> None:
    server = serve(limits=Limits(messages_per_s=5, burst=20))
    one, other = raw(server.address), server.client()
    one.say(HELLO)
    one.hear()
    for _ in range(100):
        until(lambda: one.link.send(encode(ListJobs())))
    until(lambda: len(server.heard(ListJobs)) >= 19)
    assert other.request(ListJobs()) == Jobs(jobs=())
    answers = [one.hear() for _ in range(20)]
    assert sum(isinstance(answer, Error) for answer in answers) == 1
    assert len(server.heard(ListJobs)) < 40
    other.close()


def test_a_client_that_does_not_read_is_dropped_and_the_others_are_not(
    serve: Callable[..., Serving], client: Client, raw: Callable[[Address], Raw]
) -> None:
    server = serve(limits=Limits(max_waiting_bytes=8 * 2**20))
    lazy, good = raw(server.address), server.client()
    lazy.say(HELLO)
    until(lambda: server.heard(Hello))
    good.request(ListJobs())
    text = Log(text="x" * 1_000_000)

    def flood() -> int:
        sent = 0
        while server.socket.send(CLIENT, text) and sent < 1000:
            sent += 1
        return sent

    assert server.in_its_thread(flood) < 200  # the queues' bounds, and what the kernel holds
    until(lambda: server.heard(Goodbye))
    assert server.heard(Goodbye)[0].message == Goodbye(reason="It does not read what it is sent.")
    assert good.request(ListJobs()) == Jobs(jobs=())
    good.close()


def test_of_progress_only_the_newest_waits_for_a_slow_client(
    server: Serving, raw: Callable[[Address], Raw]
) -> None:
    slow = raw(server.address)
    slow.say(HELLO)
    until(lambda: server.heard(Hello))
    filler = Log(text="x" * 1_000_000)

    def fill_then_progress() -> int:
        peer = server.socket._clients[CLIENT]
        while len(peer.outbox) < 20:  # far more than the kernel still takes
            server.socket.send(CLIENT, filler)
        for number in range(500):
            for job in (JOB, OTHER_JOB):
                progress = JobProgress(job=job, stage="", done=number / 1000, note="")
                server.socket.send(CLIENT, progress)
        return sum(isinstance(key, tuple) for key in peer.outbox._waiting)

    assert server.in_its_thread(fill_then_progress) == 2
    seen: dict[str, float] = {}
    while len(seen) < 2:
        message = slow.hear()
        if isinstance(message, JobProgress):
            seen[message.job] = message.done
    assert seen == {JOB: 0.499, OTHER_JOB: 0.499}


def test_too_large_a_frame_ends_the_connection_and_nothing_else(
    serve: Callable[..., Serving], raw: Callable[[Address], Raw]
) -> None:
    server = serve(limits=Limits(max_message_bytes=2**20))
    one, good = raw(server.address), server.client()
    one.link.send([b" " * (2**20 + 1)])
    until(lambda: one.link.watch() == "cut")
    assert good.request(ListJobs()) == Jobs(jobs=())
    good.close()


def test_many_frames_that_are_too_large_together_are_refused(
    serve: Callable[..., Serving], raw: Callable[[Address], Raw]
) -> None:
    server = serve(limits=Limits(max_message_bytes=2**20))
    one = raw(server.address)
    one.link.send([b" " * 2**19] * 3)
    answer = one.hear()
    assert isinstance(answer, Error)
    assert answer.code == "bad-message"


def test_more_connections_than_allowed_are_not_heard_until_others_have_gone(
    serve: Callable[..., Serving], raw: Callable[[Address], Raw]
) -> None:
    server = serve(limits=Limits(max_peers=2, silent_s=0.5))
    first, second = raw(server.address), raw(server.address)
    first.say(Ping())
    assert first.hear() == Pong()
    second.say(Ping())
    assert second.hear() == Pong()
    third = raw(server.address)
    third.say(Ping())
    assert third.hears_nothing(0.1)

    def gets_through() -> bool:  # the others have been silent for long enough
        third.say(Ping())
        return not third.hears_nothing(0.1)

    until(gets_through)


def test_the_same_client_over_a_new_connection_takes_the_place_of_the_old_one(
    server: Serving, raw: Callable[[Address], Raw]
) -> None:
    old, new = raw(server.address), raw(server.address)
    for one in (old, new):
        one.say(HELLO)
        assert isinstance(one.hear(), Welcome)
    until(lambda: len(server.heard(Hello)) == 2)
    log = Log(text="to the client, wherever it is")
    server.in_its_thread(lambda: server.socket.send(CLIENT, log))
    assert new.hear() == log
    assert list(server.in_its_thread(lambda: server.socket.clients)) == [CLIENT]
    assert not server.heard(Goodbye)


def test_another_key_cannot_take_a_clients_place(
    server: Serving, raw: Callable[[Address], Raw]
) -> None:
    one = raw(server.address)
    one.say(HELLO)
    assert isinstance(one.hear(), Welcome)
    stranger = new_key_pair()
    server.paired.add(stranger.public, "another machine")
    address = Address(server.endpoint, server.keys.public, stranger.public, stranger.secret)
    thief = raw(address)
    thief.say(HELLO)
    answer = thief.hear()
    assert isinstance(answer, Error)
    assert answer.code == "refused"
    log = Log(text="for the first one")
    server.in_its_thread(lambda: server.socket.send(CLIENT, log))
    assert one.hear() == log
    assert thief.hears_nothing()


def test_a_client_says_hello_again_and_again_and_is_counted_once(
    server: Serving, raw: Callable[[Address], Raw]
) -> None:
    one = raw(server.address)
    for _ in range(3):
        one.say(HELLO)
        assert isinstance(one.hear(), Welcome)
    one.say(ListJobs())
    assert one.hear() == Jobs(jobs=())
    assert len(server.heard(Hello)) == 1


def test_what_cannot_be_sent_as_it_is_is_sent_as_well_as_it_can(
    server: Serving, client: Client
) -> None:
    client.request(ListJobs())

    def send_all() -> None:
        name = b"IMG\xff.jpg".decode(errors="surrogateescape")  # as Linux may call a file
        server.socket.send(client.client_id, Log(text=name))
        server.socket.send(client.client_id, Log(text="x" * 2_000_000))  # nobody waits for it
        server.socket.send(client.client_id, Log(text="x" * 2_000_000), reply_to="9")

    server.in_its_thread(send_all)
    assert receive(client, Log).message == Log(text="IMG?.jpg")
    fault = receive(client, Error)
    assert fault.reply_to == "9"
    assert "cannot be sent" in fault.message.message
    assert client.request(ListJobs()) == Jobs(jobs=())


def test_a_port_that_is_taken_is_said(server: Serving) -> None:
    port = int(server.endpoint.rpartition(":")[2])

    def bind_again() -> str:
        with pytest.raises(RefusedError) as caught:
            server.socket.bind(port=port)
        return caught.value.message

    assert f":{port}" in server.in_its_thread(bind_again)


def test_who_listens_in_learns_nothing_and_can_repeat_nothing(server: Serving) -> None:
    secret = "an unmistakable secret"
    with Eavesdropper(int(server.endpoint.rpartition(":")[2])) as between:
        address = dataclasses.replace(server.address, endpoint=f"tcp://127.0.0.1:{between.port}")
        client = server.client(address=address)
        client.request(ListJobs())
        server.in_its_thread(lambda: server.socket.send(client.client_id, Log(text=secret)))
        assert receive(client, Log).message == Log(text=secret)
        client.close()
    # read on both ways, of more bytes than the messages have
    assert len(between.heard) > 500
    assert len(between.answered) > 500
    for word in (secret, "list-jobs", "0.1.0", server.local.public):
        assert word.encode() not in between.heard + between.answered
    until(lambda: server.heard(Goodbye))
    heard = len(server.seen)
    with connected(server) as connection:
        connection.sendall(between.heard)
        connection.settimeout(PATIENCE_S)
        with suppress(ConnectionError):
            while connection.recv(65_536):
                pass
    again = server.client()
    again.request(ListJobs())
    again.close()
    assert [type(i.message) for i in server.seen[heard:]][:2] == [Hello, ListJobs]
    assert len(server.heard(ListJobs)) == 2


@contextmanager
def connected(server: Serving) -> Iterator[socket.socket]:
    host, port = server.endpoint.removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        yield connection


@pytest.mark.parametrize(
    "greeting",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" + b"\0" * 8 + b"\x7f\x03\x00NULL" + b"\0" * 48,
        b"\xff" + b"\0" * 8 + b"\x7f\x03\x00CURVE" + b"\0" * 47 + b"\x04\xff" * 50,
        b"\0" * 4096,
    ],
    ids=["http", "no security", "bad handshake", "zeros"],
)
def test_who_does_not_speak_the_secured_protocol_gets_nowhere(
    server: Serving, client: Client, greeting: bytes
) -> None:
    with connected(server) as connection:
        connection.sendall(greeting)
        connection.settimeout(PATIENCE_S)
        with suppress(ConnectionError):  # hung up on, either way
            while connection.recv(4096):
                pass
        assert client.request(ListJobs()) == Jobs(jobs=())
    assert len(server.seen) == len(server.heard(Hello)) + len(server.heard(ListJobs))


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.0.0.5", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.2", False),
        ("::ffff:192.168.1.2", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_network(address: str, is_ours: bool) -> None:
    assert is_this_machine(address) == is_ours
