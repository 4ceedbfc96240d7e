"""Wakes the server's loop from other threads: one socket inside the process, which any poller can wait for."""

import contextlib
import queue
import threading
from collections.abc import Callable

import zmq

Task = Callable[[], None]


class Wake:
    """Threads call `__call__` or `post`; the loop polls `socket` and calls `take`."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]") -> None:
        self.socket = context.socket(zmq.PULL)
        self._push = context.socket(zmq.PUSH)
        for one in (self.socket, self._push):
            one.linger = 0
        self.socket.bind("inproc://wake")
        self._push.connect("inproc://wake")
        self._lock = threading.RLock()  # a signal handler may come while its own thread holds it
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()

    def __call__(self) -> None:
        """Wake the loop."""
        with self._lock, contextlib.suppress(zmq.ZMQError):  # full: it will wake anyway
            self._push.send(b"", zmq.NOBLOCK)

    def post(self, task: Task) -> None:
        """Have the loop run something in its own thread."""
        self._tasks.put(task)
        self()

    def take(self) -> list[Task]:
        """What was posted; the loop is as good as asleep again."""
        with contextlib.suppress(zmq.Again):
            while True:
                self.socket.recv(zmq.NOBLOCK)
        tasks = []
        with contextlib.suppress(queue.Empty):
            while True:
                tasks.append(self._tasks.get_nowait())
        return tasks

    def close(self) -> None:
        """Let go; late calls do nothing."""
        with self._lock:
            self._push.close(0)
        self.socket.close(0)
