"""Options from JSON, strictly: an unknown name or a wrong type is an error, never a guess."""

from dataclasses import fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from maquette_protocol.errors import InputError

Options = TypeVar("Options")


def options_from_json(kind: type[Options], values: dict[str, Any]) -> Options:
    """The dataclass `kind` with these values; what is not given has its default. Raises InputError."""
    names = [item.name for item in fields(kind)]  # pyright: ignore[reportArgumentType]
    unknown = sorted(values.keys() - set(names))
    if unknown:
        raise InputError(
            f"No option {unknown[0]!r}.", hint=f"The options are: {', '.join(sorted(names))}."
        )
    types = get_type_hints(kind)
    return kind(**{name: _convert(value, types[name], name) for name, value in values.items()})


def _convert(value: Any, wanted: Any, name: str) -> Any:
    origin = get_origin(wanted)
    if origin is UnionType:
        if value is None and NoneType in get_args(wanted):
            return None
        (wanted,) = (one for one in get_args(wanted) if one is not NoneType)
        return _convert(value, wanted, name)
    if origin is Literal and value in get_args(wanted):
        return value
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_convert(item, get_args(wanted)[0], name) for item in value)
    if wanted is Path and isinstance(value, str) and value:
        return Path(value)
    if wanted in (bool, int, float, str) and type(value) is wanted:
        return value
    raise InputError(
        f"The option {name} cannot be {_shown(value)}.", hint=f"It must be {_in_words(wanted)}."
    )


def _in_words(wanted: Any) -> str:
    if get_origin(wanted) is Literal:
        return "one of " + ", ".join(map(str, get_args(wanted)))
    if get_origin(wanted) is tuple:
        return "a list, each " + _in_words(get_args(wanted)[0])
    words = {Path: "a path", bool: "true or false", int: "a whole number", str: "a text"}
    return words.get(wanted, "a number")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
