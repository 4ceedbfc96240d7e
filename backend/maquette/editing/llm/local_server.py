"""An OpenAI-compatible server (llama.cpp, Ollama, vLLM) instead of a model in this process. Off unless named.

Loopback alone unless the user says otherwise: the scene's names and the words are sent there. No redirects, no
proxies, no credentials. The answer is asked for by JSON schema, and read as strictly as any other text.
"""

import http.client
import ipaddress
import json
import socket
import threading
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from maquette.editing.llm.answering import Answer
from maquette.editing.llm.prompt import Message
from maquette.editing.plan_json import Json
from maquette.editing.planners.options import PlannerOptions
from maquette_protocol.errors import InputError, ModelError

_MAX_ANSWER = 1 << 20  # bytes


class LocalServer:
    """One server; a connection per prompt."""

    def __init__(self, options: PlannerOptions) -> None:
        """Raises InputError for an address that is none, or is not on this machine and not allowed."""
        self._options = options
        self._address = _checked(options.server, options.is_remote_allowed)

    def answer(self, messages: list[Message], schema: Json) -> Answer:
        """See Model."""
        asked = {
            "model": self._options.model or "default",
            "messages": messages,
            "temperature": 0,
            "max_tokens": self._options.max_tokens,
            "stream": False,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            },
        }
        told = self._request(json.dumps(asked).encode())
        try:
            choice = json.loads(told)["choices"][0]
            text, reason = choice["message"]["content"], choice.get("finish_reason")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as e:
            raise ModelError(f"{self._options.server} answered something else than a chat.") from e
        if not isinstance(text, str):
            raise ModelError(f"{self._options.server} answered without a text.")
        return Answer(text=text, is_cut=reason == "length")

    def _request(self, body: bytes) -> bytes:
        address, timeout_s = self._address, self._options.timeout_s
        is_secure = address.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=timeout_s)
        is_late = threading.Event()
        try:
            connection.connect()
            clock = threading.Timer(timeout_s, _cut, [connection.sock, is_late])
            clock.start()
            try:
                path = f"{address.path.rstrip('/').removesuffix('/v1')}/v1/chat/completions"
                connection.request("POST", path, body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                told = response.read(_MAX_ANSWER + 1)
            finally:
                clock.cancel()
        except (OSError, http.client.HTTPException) as error:
            if is_late.is_set():
                raise self._too_late() from error
            raise ModelError(
                f"No answer from {self._options.server}: {error or type(error).__name__}.",
                hint="Does it run? `llama-server -m MODEL.gguf` and `ollama serve` start one.",
            ) from error
        finally:
            connection.close()
        if is_late.is_set():
            raise self._too_late()
        if response.status != 200:
            said = told[:200].decode("utf-8", "replace")
            raise ModelError(f"{self._options.server} answered {response.status}: {said}")
        if len(told) > _MAX_ANSWER:
            raise ModelError(f"{self._options.server} answered more than {_MAX_ANSWER} bytes.")
        return told

    def _too_late(self) -> ModelError:
        return ModelError(
            f"No answer from {self._options.server} within {self._options.timeout_s:g} s.",
            hint="Choose a smaller model.",
        )


def _cut(sock: socket.socket, is_late: threading.Event) -> None:
    """End a read from outside: a timeout of the socket begins anew with every byte that trickles in."""
    is_late.set()
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _checked(address: str, is_remote_allowed: bool) -> SplitResult:
    try:
        parts = urlsplit(address if "//" in address else f"http://{address}")
        is_whole = parts.scheme == "https" or (parts.scheme == "http" and parts.port is not None)
    except ValueError:
        parts, is_whole = SplitResult("", "", "", "", ""), False
    if not is_whole or not parts.hostname:
        raise InputError(
            f"{address!r} is no address of a server.", hint="For example http://127.0.0.1:8080."
        )
    if parts.username or parts.password:
        raise InputError("An address with a password is not taken: it would end up in logs.")
    if not is_remote_allowed and not _is_loopback(parts.hostname):
        raise InputError(
            f"{parts.hostname} is not this machine, and the scene's names would be sent there.",
            hint="Say --allow-remote if that is wanted.",
        )
    return parts


def _is_loopback(host: str) -> bool:
    """Names are not looked up, but for the one that is always here."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
