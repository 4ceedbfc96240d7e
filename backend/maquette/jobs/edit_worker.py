"""The process that answers edits: `python -m maquette.jobs.edit_worker`. It holds the conversations of all clients.

Records on stdin and stdout (`read_record`, `write_record`): JSON that says whose it is, then the frames of a message as
on the wire. It ends itself when stdin closes.
"""

import json
import logging
import os
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import IO, Any

from maquette.orphans import die_with_parent
from maquette_protocol.edit_messages import (
    AdjustEdit,
    AskEdit,
    ChooseCandidate,
    EndEdit,
    UpdateScene,
)
from maquette_protocol.errors import MaquetteError, NoSceneError
from maquette_protocol.messages import Error, Message
from maquette_protocol.wire import decode, encode

MAX_TALKS = 8
_LENGTH = struct.Struct("<Q")
Record = tuple[dict[str, Any], list[bytes]]
log = logging.getLogger(__name__)


def write_record(
    file: IO[bytes], head: dict[str, Any], frames: Sequence[bytes | memoryview]
) -> None:
    """Write one record. Raises OSError where nobody reads any more."""
    parts = [json.dumps(head).encode(), *frames]
    file.write(_LENGTH.pack(len(parts)))
    for part in parts:
        file.write(_LENGTH.pack(len(part)))
        file.write(part)
    file.flush()


def read_record(file: IO[bytes]) -> Record | None:
    """The next record; None at the end, also where the last one was cut short."""
    count = _number(file)
    if count is None:
        return None
    parts: list[bytes] = []
    for _ in range(count):
        size = _number(file)
        part = file.read(size) if size is not None else b""
        if size is None or len(part) != size:
            return None
        parts.append(part)
    return json.loads(parts[0]), parts[1:]


def _number(file: IO[bytes]) -> int | None:
    raw = file.read(_LENGTH.size)
    return _LENGTH.unpack(raw)[0] if len(raw) == _LENGTH.size else None


class Talks:
    """The conversations, by client and scene; the oldest are forgotten."""

    def __init__(self) -> None:
        from maquette.jobs.talk import Talk

        self._make = Talk
        self._talks: OrderedDict[tuple[str, str], Talk] = OrderedDict()

    def answer(self, client: str, message: Message) -> Message:
        """The border of a request: whatever is wrong with it, the client hears."""
        try:
            return self._answer(client, message)
        except MaquetteError as error:
            return Error(code=error.code, message=error.message[:10_000], hint=error.hint)
        except Exception as error:
            log.exception("an edit could not be answered")
            message_text = f"Internal error: {type(error).__name__}: {error}"
            hint = "This is a fault in Maquette; please report it with its log."
            return Error(code=MaquetteError.code, message=message_text[:10_000], hint=hint)

    def forget(self, client: str) -> None:
        """It left."""
        for key in [key for key in self._talks if key[0] == client]:
            del self._talks[key]

    def _answer(self, client: str, message: Message) -> Message:
        key = (client, str(getattr(message, "scene", "")))
        if isinstance(message, UpdateScene) and message.base == 0:
            self._talks.setdefault(key, self._make(message.scene))
            while len(self._talks) > MAX_TALKS:
                self._talks.popitem(last=False)
        talk = self._talks.get(key)
        if talk is None:
            raise NoSceneError("The scene is not known.", hint="Tell it from the beginning.")
        self._talks.move_to_end(key)
        calls: dict[type[Message], Callable[[Any], Message]] = {
            UpdateScene: talk.update,
            AskEdit: talk.ask,
            ChooseCandidate: talk.choose,
            AdjustEdit: talk.adjust,
            EndEdit: talk.end,
        }
        return calls[type(message)](message)


def main() -> None:
    """Answer what comes on stdin until it closes."""
    die_with_parent()
    # libraries may print to stdout: keep the channel for ourselves, send the rest to stderr
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    logging.basicConfig(stream=sys.stderr, format="edits: %(message)s")
    talks = Talks()
    while (record := read_record(sys.stdin.buffer)) is not None:
        head, frames = record
        if head.get("left"):
            talks.forget(head["client"])
            continue
        reply = talks.answer(head["client"], decode(frames).message)
        write_record(channel, head, _frames(reply))


def _frames(reply: Message) -> list[bytes | memoryview]:
    try:
        return encode(reply)
    except MaquetteError as error:
        words = f"The answer cannot be sent: {error.message[:1000]}"
        return encode(Error(code=error.code, message=words, hint="Choose a smaller scope."))


if __name__ == "__main__":
    main()
