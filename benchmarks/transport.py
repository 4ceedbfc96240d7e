"""The secured socket next to a plain one and to a copy in memory, in one run: round trips and throughput.

    python benchmarks/transport.py

A server process and this one talk over loopback TCP in messages of the protocol, encoded and decoded in full. "client"
is the client and the server's end that Maquette uses; the other two rows are bare sockets with the same messages.
"""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import zmq

from maquette.server.peers import Limits
from maquette.server.socket import ServerSocket
from maquette_protocol.client import Client
from maquette_protocol.connection import Address
from maquette_protocol.keys import KeyPair, new_key_pair
from maquette_protocol.messages import (
    PROTOCOL,
    Chunk,
    Goodbye,
    Jobs,
    ListJobs,
    Message,
    ReadChunk,
    Shutdown,
    Welcome,
)
from maquette_protocol.wire import decode, encode

JOB = "0123456789abcdef" * 2
PIECE = 8 * 2**20
NUM_PIECES = 60
NUM_ROUND_TRIPS = 3000
WINDOW = 6
REPEATS = 8  # the best counts: the machine has other work too

Socket = zmq.Socket[bytes]


def main() -> None:
    rows = {
        "plain socket": bare("plain"),
        "secured socket": bare("curve"),
        "client": whole_stack(),
    }
    copy_gbs = max(copy_speed() for _ in range(REPEATS))
    print(f"{'':16s}{'p50':>10s}{'p99':>10s}{'throughput':>14s}{'of a copy':>12s}{'of plain':>11s}")
    plain_gbs = rows["plain socket"][2]
    for name, (p50_ms, p99_ms, gbs) in rows.items():
        print(
            f"{name:16s}{p50_ms:7.3f} ms{p99_ms:7.3f} ms{gbs:9.2f} GB/s"
            f"{gbs / copy_gbs:11.1%}{gbs / plain_gbs:11.1%}"
        )
    print(f"{'copy in memory':16s}{'':20s}{copy_gbs:9.2f} GB/s")


def copy_speed() -> float:
    """GB/s of copying one piece after the other to fresh places, as a receiver would have to."""
    source = np.ones(PIECE, np.uint8)
    target = np.empty((8, PIECE), np.uint8)
    target[:] = 0
    began = time.perf_counter()
    for number in range(NUM_PIECES):
        np.copyto(target[number % 8], source)
    return NUM_PIECES * PIECE / (time.perf_counter() - began) / 1e9


def measured(ask: Callable[[], None], stream: Callable[[], float]) -> tuple[float, float, float]:
    """p50 and p99 of a round trip in milliseconds, GB/s of a stream."""
    for _ in range(200):
        ask()
    times: list[float] = []
    for _ in range(NUM_ROUND_TRIPS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    p50, p99 = np.percentile(np.array(times) * 1e3, [50, 99])
    return float(p50), float(p99), max(stream() for _ in range(REPEATS))


def streamed(send: Callable[[Message], Any], receive: Callable[[], Message]) -> float:
    """GB/s of pieces, a few of them asked for in advance."""
    received = asked = 0
    question = ReadChunk(job=JOB, path="a", offset=0, size_bytes=PIECE)
    began = time.perf_counter()
    while received < NUM_PIECES:
        while asked < min(NUM_PIECES, received + WINDOW):
            send(question)
            asked += 1
        message = receive()
        assert isinstance(message, Chunk)
        assert message.arrays["data"][-1] == 1
        received += 1
    return NUM_PIECES * PIECE / (time.perf_counter() - began) / 1e9


# Bare sockets ------------------------------------------------------------------------------------------


def bare(kind: str) -> tuple[float, float, float]:
    """A DEALER and a ROUTER with the protocol's messages, and nothing else."""
    server, local = new_key_pair(), new_key_pair()
    with Process(kind, server, local) as process:
        context: zmq.Context[Socket] = zmq.Context()
        socket = context.socket(zmq.DEALER)
        if kind == "curve":
            socket.curve_serverkey = server.public.encode()
            socket.curve_publickey, socket.curve_secretkey = (
                local.public.encode(),
                local.secret.encode(),
            )
        socket.connect(process.endpoint)

        def send(message: Message) -> None:
            socket.send_multipart(encode(message, request="1"))

        def receive() -> Message:
            frames = socket.recv_multipart(copy=False)
            return decode([frame.buffer for frame in frames]).message

        def ask() -> None:
            send(ListJobs())
            receive()

        row = measured(ask, lambda: streamed(send, receive))
        send(Shutdown())
        receive()
        socket.close(0)
        context.term()
        return row


def serve_bare(kind: str, server: KeyPair) -> None:
    context: zmq.Context[Socket] = zmq.Context()
    socket = context.socket(zmq.ROUTER)
    if kind == "curve":
        socket.curve_server = True
        socket.curve_secretkey = server.secret.encode()
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    print(f"tcp://127.0.0.1:{port}", flush=True)
    answer = Answers()
    while True:
        routing_id, *frames = socket.recv_multipart(copy=False)
        asked = decode([frame.buffer for frame in frames])
        told = encode(answer(asked.message), reply_to=asked.request)
        socket.send_multipart([routing_id, *told], copy=False)
        if isinstance(asked.message, Shutdown):
            break
    socket.close(1000)
    context.term()


# Maquette's own ----------------------------------------------------------------------------------------


def whole_stack() -> tuple[float, float, float]:
    """Maquette's client and the server's end, heartbeat, limits and all."""
    server, local = new_key_pair(), new_key_pair()
    with Process("whole", server, local) as process:
        address = Address(process.endpoint, server.public, local.public, local.secret)
        client = Client(address, kind="test", version="0")

        def receive() -> Message:
            while not (found := client.poll(limit=1)):
                client.wait(1)
            return found[0].message

        row = measured(lambda: ask_client(client), lambda: streamed(client.send, receive))
        client.request(Shutdown())
        client.close()
        return row


def ask_client(client: Client) -> None:
    client.request(ListJobs())


def serve_whole(server: KeyPair, local_key: str) -> None:
    fast = Limits(messages_per_s=1e9, burst=1e9)
    welcome = Welcome(
        protocol=PROTOCOL,
        version="0",
        server=uuid.uuid4().hex,
        heartbeat_s=fast.heartbeat_s,
        max_message_bytes=fast.max_message_bytes,
        probe_path="",
        probe_sha256="0" * 64,
    )
    socket = ServerSocket(
        server, may_enter=lambda key, _: key == local_key, welcome=welcome, limits=fast
    )
    print(socket.bind(), flush=True)
    answer = Answers()
    is_ending = False
    while not is_ending:
        for incoming in socket.poll(1):
            if not isinstance(incoming.message, ListJobs | ReadChunk | Shutdown):
                continue
            socket.send(incoming.client, answer(incoming.message), reply_to=incoming.request)
            is_ending = isinstance(incoming.message, Shutdown)
    socket.close()


class Answers:
    """What the server answers: a short message, or eight megabytes of an array."""

    def __init__(self) -> None:
        self._data = np.ones(PIECE, np.uint8)

    def __call__(self, message: Message) -> Message:
        if isinstance(message, ReadChunk):
            return Chunk(job=JOB, path="a", offset=0, arrays={"data": self._data})
        return Goodbye() if isinstance(message, Shutdown) else Jobs(jobs=())


class Process:
    """This script as the server, in a process of its own."""

    def __init__(self, kind: str, server: KeyPair, local: KeyPair) -> None:
        self._arguments = [kind, json.dumps([server.public, server.secret, local.public])]

    def __enter__(self) -> "Process":
        command = [sys.executable, __file__, *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.endpoint = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.wait(10)
        finally:
            self._process.kill()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        public, secret, local_public = json.loads(sys.argv[2])
        if sys.argv[1] == "whole":
            serve_whole(KeyPair(public, secret), local_public)
        else:
            serve_bare(sys.argv[1], KeyPair(public, secret))
