"""Somebody in between: passes on what a client and a server say to each other over TCP, and keeps a copy."""

import contextlib
import socket
import threading
from typing import Self


class Eavesdropper:
    """Listens on `port`, and passes all on to the server's port."""

    def __init__(self, server_port: int) -> None:
        self.heard = b""  # from the client
        self.answered = b""  # from the server
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = [self._listener]
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._server_port))
            self._sockets += [client, server]
            back = threading.Thread(target=self._pass_on, args=(server, client, "answered"))
            self._threads.append(back)
            back.start()
            self._pass_on(client, server, "heard")

    def _pass_on(self, source: socket.socket, target: socket.socket, kept: str) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65_536):
                setattr(self, kept, getattr(self, kept) + block)
                target.sendall(block)

    def __exit__(self, *_: object) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()
