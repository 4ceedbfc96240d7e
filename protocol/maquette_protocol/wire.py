"""A message as frames and back: one of JSON, and one of arrays where the message has any.

    {"v": 1, "type": "submit-job", "request": "7", "reply_to": "", "body": {…}}

What is read is checked to the last field (`fields`, `tensors`); nothing that comes in is ever run. The shape of the
header, of Hello's `version` and of Error stay as they are in every later protocol, so that two versions can always
tell each other that they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_type_hints

from maquette_protocol import edit_messages, messages
from maquette_protocol.errors import ProtocolError, VersionMismatchError
from maquette_protocol.fields import Length, format_json, parse_json, plain, read_value
from maquette_protocol.messages import PROTOCOL, Error, Hello, Message
from maquette_protocol.tensors import check_arrays, pack_arrays, unpack_arrays

MAX_MESSAGE_BYTES = 16 * 2**20
MAX_HEADER_BYTES = 4 * 2**20

TYPES: dict[str, type[Message]] = {
    kind.name: kind
    for kind in (*vars(messages).values(), *vars(edit_messages).values())
    if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message
}
_WITH_ARRAYS = {kind for kind in TYPES.values() if "arrays" in {f.name for f in fields(kind)}}

Short = Annotated[str, Length(64)]


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A message with the id that its answers name, and the id of the request that it answers."""

    message: Message
    request: str = ""
    reply_to: str = ""


@dataclass(frozen=True, kw_only=True)
class _Header:
    v: int
    type: Short
    request: Short
    reply_to: Short
    body: dict[str, Any]


_HEADER_FIELDS = set(get_type_hints(_Header))


def encode(message: Message, *, request: str = "", reply_to: str = "") -> list[bytes | memoryview]:
    """Frames that `decode` reads. Raises ProtocolError for a message that the other side would refuse."""
    kind = type(message)
    body = plain(message)
    read_value(kind, body, "$.body")
    header = format_json(
        {
            "v": PROTOCOL,
            "type": kind.name,
            "request": request,
            "reply_to": reply_to,
            "body": body,
        }
    )
    if len(header) > MAX_HEADER_BYTES:
        raise ProtocolError(f"$: {len(header)} bytes of text, {MAX_HEADER_BYTES} are allowed")
    if kind not in _WITH_ARRAYS:
        return [header]
    arrays: Any = getattr(message, "arrays")  # noqa: B009  (only some types have it)
    check_arrays(arrays, kind.array_specs)
    packed = pack_arrays(arrays)
    if len(header) + len(packed) > MAX_MESSAGE_BYTES:
        raise ProtocolError(f"arrays: {len(packed)} bytes, {MAX_MESSAGE_BYTES} are allowed")
    return [header, packed]


def decode(frames: Sequence[bytes | memoryview], *, max_bytes: int = MAX_MESSAGE_BYTES) -> Envelope:
    """The message in the frames. Raises ProtocolError; of a readable header it carries the request id."""
    size = sum(len(frame) for frame in frames)
    if size > max_bytes or not frames or len(frames[0]) > MAX_HEADER_BYTES:
        raise ProtocolError(f"$: {len(frames)} frames of {size} bytes, {max_bytes} are allowed")
    parsed = parse_json(bytes(frames[0]))
    header = _header(parsed)
    try:
        message = _message(header, frames[1:])
    except ProtocolError as error:
        error.request = header.request
        raise
    return Envelope(message=message, request=header.request, reply_to=header.reply_to)


def _header(parsed: Any) -> _Header:
    if isinstance(parsed, dict) and type(parsed.get("v")) is int and parsed["v"] != PROTOCOL:
        # another protocol may have more fields in its header
        parsed = {name: value for name, value in parsed.items() if name in _HEADER_FIELDS}
    # the body is checked by its own type; what a header needs to know is that it is an object
    body = parsed.get("body") if isinstance(parsed, dict) else None
    if not isinstance(body, dict):
        raise ProtocolError("$: not a message")
    outer = read_value(_Header, {**parsed, "body": {}})
    return _Header(
        v=outer.v, type=outer.type, request=outer.request, reply_to=outer.reply_to, body=body
    )


def _message(header: _Header, rest: Sequence[bytes | memoryview]) -> Message:
    if header.v != PROTOCOL:
        return _of_another_protocol(header)
    kind = TYPES.get(header.type)
    if kind is None:
        raise ProtocolError(f"$.type: there is no message {header.type!r}")
    if len(rest) != (kind in _WITH_ARRAYS):
        raise ProtocolError(f"$: {header.type} with {len(rest)} frames of arrays")
    message = read_value(kind, header.body, "$.body")
    if rest:
        arrays = unpack_arrays(memoryview(rest[0]), kind.array_specs)
        message.arrays.update(arrays)
    return message


def _of_another_protocol(header: _Header) -> Message:
    """An Error of any protocol can be read, and a Hello's version be named; the rest can not."""

    def text(name: str) -> str:
        return read_value(str, header.body.get(name), f"$.body.{name}")

    if header.type == Error.name:
        return Error(code=text("code"), message=text("message"), hint=text("hint"))
    version = text("version")[:40] if header.type == Hello.name else ""
    raise VersionMismatchError(
        f"The other side speaks protocol {header.v}, this one protocol {PROTOCOL}.",
        hint="Update the older of the two.",
        protocol=header.v,
        version=version,
    )
