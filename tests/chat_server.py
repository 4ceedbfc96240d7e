"""An OpenAI-compatible server on this machine, answering as the test says."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Respond = Callable[[dict[str, Any]], str]  # the request → the text of the answer


class ChatServer:
    """What it was asked, and how it answers."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.requests: list[dict[str, Any]] = []
        self.respond: Respond = lambda _: '{"refusal":"No."}'
        self.finish_reason = "stop"
        self.status = 200
        self.raw: bytes | None = None  # instead of an answer
        self.pause_s = 0.0  # between bytes


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked = json.loads(self.rfile.read(length))
            server.requests.append({"path": self.path, **asked})
            text = server.respond(asked)
            choice = {"message": {"content": text}, "finish_reason": server.finish_reason}
            body = json.dumps({"choices": [choice]}).encode() if server.raw is None else server.raw
            self.send_response(server.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                for at in range(len(body) if server.pause_s else 0):
                    self.wfile.write(body[at : at + 1])
                    time.sleep(server.pause_s)
                if not server.pause_s:
                    self.wfile.write(body)
            except OSError:
                pass  # who asked has gone

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = ChatServer(f"http://127.0.0.1:{http.server_port}")
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def scene_of(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The things that a request tells of, as a model reads them."""
    lines = asked["messages"][-1]["content"].splitlines()
    things = [json.loads(line) for line in lines[1 : lines.index("END OF SCENE")]]
    return [thing for thing in things if "id" in thing]


def plan_of(*operations: dict[str, Any]) -> str:
    return json.dumps({"operations": operations})
