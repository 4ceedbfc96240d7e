"""Dataclasses from JSON and back, strictly, by their type hints: one description serves both sides.

Every field must be there, none may be unknown, and each value must be of its type and inside its limits; the error
opens with the JSON path. What the hints may be: str, int, float, bool, Literal, tuple[X, ...], dict[str, X],
dataclasses, Any (any JSON value), and Annotated with a Pattern, a Range or a Length.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from maquette_protocol.errors import ProtocolError

MAX_TEXT = 32_768  # characters; the longest path that Windows knows
MAX_ITEMS = 20_000  # of a list or an object
MAX_DEPTH = 12  # of free JSON, as in a job's options
MAX_INT = 2**63 - 1

Read = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Pattern:
    """The whole text must match; `words` say what is expected."""

    pattern: str
    words: str


@dataclass(frozen=True)
class Range:
    """Bounds of a number, both included."""

    low: float
    high: float


@dataclass(frozen=True)
class Length:
    """Another limit on a text's length than MAX_TEXT."""

    characters: int


def read_value(hint: Any, value: Any, path: str = "$") -> Any:
    """The value that JSON holds for this type. Raises ProtocolError with the path."""
    return _reader(hint)(value, path)


def plain(value: Any) -> Any:
    """JSON values of a dataclass, tuple or dict; fields of arrays (named `arrays`) are left to their frame."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.name != "arrays"}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def with_whole_characters(value: Any) -> Any:
    """The same with a question mark for each half character: names of files may hold such, texts to show need not."""
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: with_whole_characters(getattr(value, f.name)) for f in fields(value)}
        return replace(value, **changed)
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, tuple | list):
        return type(value)(with_whole_characters(item) for item in value)
    if isinstance(value, dict):
        return {with_whole_characters(k): with_whole_characters(v) for k, v in value.items()}
    return value


def parse_json(raw: bytes) -> Any:
    """JSON as the standard has it: UTF-8, no key twice, no NaN. Raises ProtocolError."""
    try:
        return json.loads(
            raw.decode(), object_pairs_hook=_without_repeats, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise ProtocolError("$: nested too deep") from error
    except ValueError as error:  # of the text, of its encoding, of a number with too many digits
        raise ProtocolError(f"$: not JSON ({error})") from error


def format_json(value: Any) -> bytes:
    """The text that parse_json reads back. Raises ProtocolError for what JSON can't hold."""
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"$: cannot be sent ({error})") from error


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


@cache
def _reader(hint: Any) -> Read:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if hint is Any:
        return _json
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if origin is Literal:
        return _choice(arguments)
    if origin is tuple and arguments[1:] == (...,):
        return _list_of(_reader(arguments[0]))
    if origin is dict and arguments[0] is str:
        return _mapping_of(_reader(arguments[1]))
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(hint)
    raise TypeError(f"no field can have the type {hint}")


def _annotated(inner: Any, limits: tuple[Any, ...]) -> Read:
    read: Read = _reader(inner)
    for limit in limits:
        if isinstance(limit, Length):
            read = _text_up_to(limit.characters)
        elif isinstance(limit, Pattern):
            read = _matching(read, re.compile(limit.pattern), limit.words)
        elif isinstance(limit, Range):
            read = _between(read, limit)
    return read


def _text_up_to(characters: int) -> Read:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise _wrong(path, "text", value)
        if len(value) > characters:
            raise ProtocolError(f"{path}: {len(value)} characters, {characters} are allowed")
        if not value.isascii():
            _check_characters(value, path)
        if "\0" in value:
            raise ProtocolError(f"{path}: holds a NUL character")
        return value

    return read


def _check_characters(value: str, path: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ProtocolError(f"{path}: holds half a character ({error.reason})") from error


def _integer(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(path, "a whole number", value)
    if abs(value) > MAX_INT:
        raise ProtocolError(f"{path}: a number of more than 64 bits")
    return value


def _number(value: Any, path: str) -> float:
    if isinstance(value, int):
        return float(_integer(value, path))
    if not isinstance(value, float):
        raise _wrong(path, "a number", value)
    if not math.isfinite(value):
        raise ProtocolError(f"{path}: expected a finite number")
    return value


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false", value)
    return value


_text = _text_up_to(MAX_TEXT)
_SIMPLE: dict[Any, Read] = {str: _text, int: _integer, float: _number, bool: _boolean}


def _choice(choices: tuple[str, ...]) -> Read:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _wrong(path, f"one of {', '.join(choices)}", value)
        return value

    return read


def _matching(inner: Read, pattern: re.Pattern[str], words: str) -> Read:
    def read(value: Any, path: str) -> str:
        text = inner(value, path)
        if not pattern.fullmatch(text):
            raise _wrong(path, words, value)
        return text

    return read


def _between(inner: Read, limits: Range) -> Read:
    def read(value: Any, path: str) -> Any:
        number = inner(value, path)
        if not limits.low <= number <= limits.high:
            raise _wrong(path, f"{limits.low:g} to {limits.high:g}", value)
        return number

    return read


def _list_of(item: Read) -> Read:
    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        _check_count(value, path)
        return tuple(item(each, f"{path}[{number}]") for number, each in enumerate(value))

    return read


def _mapping_of(item: Read) -> Read:
    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        _check_count(value, path)
        return {_text(key, path): item(each, f"{path}.{key}") for key, each in value.items()}

    return read


def _record(kind: type) -> Read:
    hints = get_type_hints(kind, include_extras=True)
    reads = {f.name: _reader(hints[f.name]) for f in fields(kind) if f.name != "arrays"}

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        if value.keys() != reads.keys():
            raise _other_fields(set(reads), set(value), path)
        return kind(**{name: item(value[name], f"{path}.{name}") for name, item in reads.items()})

    return read


def _json(value: Any, path: str, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        return _integer(value, path)
    if isinstance(value, float):
        return _number(value, path)
    if depth >= MAX_DEPTH:
        raise ProtocolError(f"{path}: nested deeper than {MAX_DEPTH}")
    if isinstance(value, list):
        _check_count(value, path)
        return [_json(item, path, depth + 1) for item in value]
    if isinstance(value, dict):
        _check_count(value, path)
        return {_text(key, path): _json(item, path, depth + 1) for key, item in value.items()}
    raise _wrong(path, "a JSON value", value)


def _check_count(value: list[Any] | dict[str, Any], path: str) -> None:
    if len(value) > MAX_ITEMS:
        raise ProtocolError(f"{path}: {len(value)} items, {MAX_ITEMS} are allowed")


def _other_fields(known: set[str], given: set[str], path: str) -> ProtocolError:
    missing, unknown = sorted(known - given), sorted(given - known)
    if missing:
        return ProtocolError(f"{path}.{missing[0]}: missing")
    return ProtocolError(f"{path}: has an unknown field {_shown(unknown[0])}")


def _wrong(path: str, expected: str, value: Any) -> ProtocolError:
    return ProtocolError(f"{path}: expected {expected}, got {_shown(value)}")


def _shown(value: Any) -> str:
    """A few characters of the value; never all of it, which may be megabytes or a secret."""
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    if isinstance(value, int) and abs(value) > MAX_INT:
        return "a number of more than 64 bits"
    text = json.dumps(value, default=lambda other: type(other).__name__)
    return text if len(text) <= 40 else text[:37] + "..."
