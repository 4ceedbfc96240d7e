"""200,000 bad messages and more: none ends the decoder or the server, none keeps a good client waiting for ever, and
memory stays as it was. The figures are printed (`pytest -s`) and stated in docs/protocol.md."""

import json
import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import pytest
import zmq
from attacks import VALID, Attacker
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import PATIENCE_S, until

from maquette_protocol.client import Client
from maquette_protocol.connection import Address
from maquette_protocol.errors import ProtocolError
from maquette_protocol.keys import new_key_pair
from maquette_protocol.link import Link
from maquette_protocol.messages import PROTOCOL, Hello, Jobs, ListJobs
from maquette_protocol.wire import decode, encode

DECODED = 150_000
SENT = 60_000
WARM = 0.25  # this share comes before memory is first looked at
ALLOWED_GROWTH_MB = 16.0
CONNECTIONS = 4

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def resident_mb(pid: int | str = "self") -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError


def outcome(frames: list[bytes]) -> str:
    """What the decoder makes of it; a message that it takes is one that could be sent."""
    try:
        envelope = decode(frames)
    except ProtocolError:
        return "refused"
    encode(envelope.message, request=envelope.request, reply_to=envelope.reply_to)
    return "taken"


@linux
def test_the_decoder_takes_or_refuses_whatever_comes_and_keeps_none_of_it() -> None:
    attacker = Attacker(seed=1)
    outcomes: Counter[str] = Counter()
    warm_mb = 0.0
    for number in range(DECODED):
        if number == int(WARM * DECODED):
            warm_mb = resident_mb()
        outcomes[outcome(attacker.frames())] += 1
    growth_mb = resident_mb() - warm_mb
    print(f"\n{DECODED} messages decoded: {dict(outcomes)}; memory {growth_mb:+.1f} MB")  # noqa: T201
    assert outcomes["refused"] > DECODED / 2
    assert outcomes["taken"] > DECODED / 50
    assert growth_mb < ALLOWED_GROWTH_MB


@settings(max_examples=1000, deadline=None)
@given(
    frames=st.lists(st.binary(max_size=64) | st.sampled_from([*chain(*VALID)]), max_size=4),
    place=st.integers(0, 3),
    cut=st.integers(0, 400),
    extra=st.binary(max_size=8),
)
def test_frames_that_hypothesis_thinks_of_are_taken_or_refused(
    frames: list[bytes], place: int, cut: int, extra: bytes
) -> None:
    if place < len(frames):
        frames[place] = frames[place][:cut] + extra + frames[place][cut:]
    outcome(frames)


@dataclass(frozen=True)
class Victim:
    """A server's end in another process."""

    pid: int
    address: Address


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    script = Path(__file__).with_name("serving_process.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    yield Victim(process.pid, Address(*json.loads(process.stdout.readline())))
    process.stdin.close()
    assert process.wait(PATIENCE_S) == 0  # it ends in good order, too
    process.stdout.close()


class Connection:
    """An attacker with a good key; every second one never reads what it is answered."""

    def __init__(
        self, context: "zmq.Context[zmq.Socket[bytes]]", address: Address, number: int
    ) -> None:
        self._context, self._address, self._number = context, address, number
        self._open()

    def _open(self) -> None:
        self._link = Link(self._context, self._address)
        until(lambda: self._link.watch() == "open")
        if self._number < CONNECTIONS - 1:  # one never says hello
            name = f"{self._number:032x}"
            hello = Hello(protocol=PROTOCOL, version="0", client=name, kind="test")
            self._link.send(encode(hello))

    def attack(self, frames: list[bytes]) -> None:
        self._open_again_if_cut()
        while not self._link.send(frames):
            self._link.socket.poll(50, zmq.POLLOUT)
            self._read()
            self._open_again_if_cut()
        self._read()

    def _read(self) -> None:
        while self._number % 2 and self._link.receive() is not None:
            pass

    def _open_again_if_cut(self) -> None:
        if self._link.watch() == "cut":
            self.close()
            self._open()

    def close(self) -> None:
        self._link.close()


def knock(address: Address, chance: random.Random) -> None:
    """Bytes on the bare port: noise, or the start of a handshake and then noise."""
    host, port = address.endpoint.removeprefix("tcp://").split(":")
    greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00CURVE" + b"\0" * 47
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        start = greeting[: chance.randrange(len(greeting) + 1)] if chance.random() < 0.7 else b""
        connection.sendall(start + chance.randbytes(chance.randrange(2000)))


def try_a_key(context: "zmq.Context[zmq.Socket[bytes]]", address: Address) -> None:
    keys = new_key_pair()
    link = Link(context, replace(address, public_key=keys.public, secret_key=keys.secret))
    assert until(lambda: link.watch() != "opening" and link.watch()) == "refused"
    link.close()


@linux
def test_a_server_under_attack_goes_on_serving_and_grows_by_nothing(victim: Victim) -> None:
    attacker, chance = Attacker(seed=2), random.Random(3)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    good = Client(victim.address, kind="test", version="0.1.0")
    connections = [Connection(context, victim.address, number) for number in range(CONNECTIONS)]
    warm_mb, num_answers, num_oversized, num_knocks = 0.0, 0, 0, 0
    for number in range(SENT):
        if number == int(WARM * SENT):
            warm_mb = resident_mb(victim.pid)
        frames = attacker.frames()
        if (
            number % 500 == 1
        ):  # of a connection that reads: another does not see that it was hung up on
            frames = [b" " * (2**20 + 1)]
            num_oversized += 1
        connections[number % CONNECTIONS].attack(frames)
        if number % 200 == 0:
            knock(victim.address, chance)
            num_knocks += 1
        if number % 3000 == 0:
            try_a_key(context, victim.address)
        if number % 1000 == 0:
            assert good.request(ListJobs(), timeout_s=PATIENCE_S) == Jobs(jobs=())
            num_answers += 1
    assert good.request(ListJobs(), timeout_s=PATIENCE_S) == Jobs(jobs=())
    growth_mb = resident_mb(victim.pid) - warm_mb
    print(  # noqa: T201
        f"\n{SENT} messages sent, {num_oversized} of them oversized, and {num_knocks} bare connections;"
        f" {num_answers} good requests answered; server {warm_mb:.0f} MB {growth_mb:+.1f} MB"
    )
    assert good.generation == 1  # the good client was never cut off
    assert growth_mb < ALLOWED_GROWTH_MB
    for connection in connections:
        connection.close()
    good.close()
    context.term()
