"""Frames: every message comes back as it was, and whatever is not exactly a message is refused."""

import json
import re
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import messages, whole, wrong_values
from support import ROOT

from maquette_protocol.errors import ProtocolError, VersionMismatchError
from maquette_protocol.messages import (
    PROTOCOL,
    Chunk,
    Error,
    Hello,
    JobPartial,
    JobRecord,
    JobRequest,
    Jobs,
    Message,
    Ping,
    SubmitJob,
)
from maquette_protocol.wire import MAX_MESSAGE_BYTES, TYPES, decode, encode

KINDS = sorted(TYPES.values(), key=lambda kind: kind.name)
JOB = "0123456789abcdef" * 2
unhurried = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def body_of(frames: list[Any]) -> dict[str, Any]:
    return json.loads(bytes(frames[0]))


def with_header(frames: list[Any], header: Any) -> list[Any]:
    return [json.dumps(header).encode(), *frames[1:]]


def same(one: Message, other: Message) -> bool:
    arrays, others = (getattr(message, "arrays", {}) for message in (one, other))
    equal = arrays.keys() == others.keys() and all(
        np.array_equal(arrays[name], others[name]) and arrays[name].dtype == others[name].dtype
        for name in arrays
    )
    return one == other and equal


def test_every_message_class_is_known_to_the_wire_by_its_own_name() -> None:
    assert len(TYPES) == len(Message.__subclasses__())
    assert {kind.name for kind in Message.__subclasses__()} == set(TYPES)


def test_every_message_is_in_the_prose() -> None:
    prose = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert f"version {PROTOCOL}" in prose
    assert [kind.__name__ for kind in KINDS if not re.search(rf"\b{kind.__name__}\b", prose)] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@unhurried
@given(data=st.data())
def test_a_message_comes_back_as_it_was(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    again = decode(encode(message, request="7", reply_to="3"))
    assert same(again.message, message)
    assert (again.request, again.reply_to) == ("7", "3")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_without_one_of_its_fields_it_is_refused(kind: type[Message]) -> None:
    frames = encode(whole(kind), request="7")
    assert same(decode(frames).message, whole(kind))
    for path in field_paths(kind):
        broken = body_of(frames)
        del at(broken, path[:-1])[path[-1]]
        with pytest.raises(ProtocolError, match=f"{path[-1]}: missing"):
            decode(with_header(frames, broken))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_with_a_field_that_nobody_knows_it_is_refused(kind: type[Message]) -> None:
    frames = encode(whole(kind), request="7")
    for record in {path[:-1] for path in field_paths(kind)} | {(), ("body",)}:
        broken = body_of(frames)
        at(broken, record)["unheard_of"] = 1
        with pytest.raises(ProtocolError, match="unheard_of"):
            decode(with_header(frames, broken))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_field_of_the_wrong_type_is_refused_with_its_path(kind: type[Message]) -> None:
    frames = encode(whole(kind), request="7")
    for path, hint in field_paths(kind).items():
        for value in wrong_values(hint):
            broken = body_of(frames)
            at(broken, path[:-1])[path[-1]] = value
            with pytest.raises(ProtocolError) as caught:
                decode(with_header(frames, broken))
            assert str(path[-1]) in caught.value.message
            assert caught.value.request == "7"


@pytest.mark.parametrize("key", ["v", "type", "request", "reply_to", "body"])
@pytest.mark.parametrize("value", [None, [], 1.5, "x" * 65, True])
def test_a_wrong_header_is_refused(key: str, value: Any) -> None:
    frames = encode(Ping())
    header = body_of(frames)
    with pytest.raises(ProtocolError):
        decode(with_header(frames, {**header, key: value}))
    del header[key]
    with pytest.raises(ProtocolError):
        decode(with_header(frames, header))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"{" * 100_000,
        b"[" * 1_000_000,
        b'{"v":1,"v":1,"type":"ping","request":"","reply_to":"","body":{}}',
        b'{"v":1,"type":"ping","request":"","reply_to":"","body":{"a":NaN}}',
        b'{"v":' + b"9" * 5000 + b',"type":"ping","request":"","reply_to":"","body":{}}',
        '{"v":1,"type":"ping","request":"","reply_to":"","body":{}}'.encode("utf-16"),
        b'{"v":1,"type":"__class__","request":"","reply_to":"","body":{}}',
    ],
    ids=range(12),
)
def test_what_is_no_message_is_refused(text: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode([text])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_no_number_is_infinite(number: str) -> None:
    request = JobRequest(kind="export", title="", inputs=(), options={"a": 0.125})
    header = bytes(encode(SubmitJob(job=JOB, request=request))[0])
    assert b"0.125" in header
    with pytest.raises(ProtocolError):
        decode([header.replace(b"0.125", number.encode())])
    bad = JobRequest(kind="", title="", inputs=(), options={"a": float(number)})
    with pytest.raises(ProtocolError):
        encode(SubmitJob(job=JOB, request=bad))


def test_options_may_be_deep_but_not_too_deep() -> None:
    def nested(depth: int) -> SubmitJob:
        value: Any = 1
        for _ in range(depth):
            value = {"a": value}
        options = {"top": value}
        return SubmitJob(job=JOB, request=JobRequest(kind="", title="", inputs=(), options=options))

    assert decode(encode(nested(12))).message == nested(12)
    with pytest.raises(ProtocolError, match="deeper"):
        encode(nested(13))


def test_a_message_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProtocolError, match="allowed"):
        decode([b" " * (MAX_MESSAGE_BYTES + 1)])
    with pytest.raises(ProtocolError, match="allowed"):
        decode(encode(Ping()), max_bytes=10)
    with pytest.raises(ProtocolError, match="frames"):
        decode([*encode(Ping()), b""])
    with pytest.raises(ProtocolError, match="frames"):
        decode([])
    chunk = Chunk(job=JOB, path="a", offset=0, arrays={"data": np.zeros(3, np.uint8)})
    with pytest.raises(ProtocolError, match="frames"):
        decode(encode(chunk)[:1])


def test_nothing_is_sent_that_the_other_side_would_refuse() -> None:
    with pytest.raises(ProtocolError, match=r"body\.job"):
        encode(Chunk(job="nonsense", path="a", offset=0))
    with pytest.raises(ProtocolError, match=r"arrays\.data: missing"):
        encode(Chunk(job=JOB, path="a", offset=0))
    points, colors = np.zeros((3, 3), np.float32), np.zeros((4, 3), np.uint8)
    with pytest.raises(ProtocolError, match=r"colors: expected uint8 \(N, 3\), got uint8 \(4, 3\)"):
        encode(
            JobPartial(
                job=JOB, num_registered=1, num_photos=2, arrays={"points": points, "colors": colors}
            )
        )
    with pytest.raises(ProtocolError, match="float64"):
        encode(
            JobPartial(
                job=JOB, num_registered=1, num_photos=2, arrays={"points": points.astype(float)}
            )
        )


def test_more_than_a_message_can_hold_is_not_sent() -> None:
    data = np.zeros(MAX_MESSAGE_BYTES, np.uint8)
    with pytest.raises(ProtocolError, match="allowed"):
        encode(Chunk(job=JOB, path="a", offset=0, arrays={"data": data}))
    with pytest.raises(ProtocolError, match="allowed"):
        encode(Jobs(jobs=(whole(JobRecord),) * 15_000))


def test_arrays_come_as_views_that_cannot_be_written() -> None:
    frames = encode(Chunk(job=JOB, path="a", offset=0, arrays={"data": np.arange(9, dtype="u1")}))
    data = decode(frames).message.arrays["data"]  # type: ignore[attr-defined]
    assert np.shares_memory(data, np.frombuffer(frames[1], np.uint8))
    assert not data.flags.writeable


def test_another_protocol_is_refused_with_both_versions_named() -> None:
    frames = encode(Hello(protocol=1, version="9.9.9", client=JOB, kind="test"), request="hello")
    header = {**body_of(frames), "v": PROTOCOL + 1, "new_in_it": [1]}
    header["body"] = {"protocol": PROTOCOL + 1, "version": "9.9.9", "something": "else"}
    words = f"protocol {PROTOCOL + 1}.*protocol {PROTOCOL}"
    with pytest.raises(VersionMismatchError, match=words) as caught:
        decode(with_header(frames, header))
    assert (caught.value.protocol, caught.value.version) == (PROTOCOL + 1, "9.9.9")
    assert caught.value.request == "hello"
    with pytest.raises(VersionMismatchError):
        decode(with_header(frames, {**header, "type": "unheard-of", "body": {}}))


def test_an_error_of_another_protocol_can_be_read() -> None:
    error = Error(code="version-mismatch", message="We differ.", hint="Update.")
    header = body_of(encode(error, reply_to="hello"))
    header = {**header, "v": 7, "body": {**header["body"], "new_in_seven": {}}, "more": 1}
    again = decode([json.dumps(header).encode()])
    assert (again.message, again.reply_to) == (error, "hello")


# Where the fields of a message are, by its hints ----------------------------------------------------


def field_paths(kind: type, here: tuple[Any, ...] = ("body",)) -> dict[tuple[Any, ...], Any]:
    """Every field's hint, of nested records too (of lists, in their first item)."""
    hints = get_type_hints(kind, include_extras=True)
    found: dict[tuple[Any, ...], Any] = {}
    for each in fields(kind):
        if each.name == "arrays":
            continue
        path, hint = (*here, each.name), hints[each.name]
        found[path] = hint
        if is_dataclass(hint):
            found |= field_paths(hint, path)  # type: ignore[arg-type]
        elif get_origin(hint) is tuple and is_dataclass(get_args(hint)[0]):
            found |= field_paths(get_args(hint)[0], (*path, 0))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value
