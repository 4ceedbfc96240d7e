"""Messages of every type, made from their type hints: whole ones for hypothesis, and values that are wrong."""

import math
import re
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
from hypothesis import strategies as st

from maquette_protocol.fields import Length, Pattern, Range
from maquette_protocol.messages import Message

WRONG: dict[Any, list[Any]] = {
    str: [None, 1, 1.5, True, [], {}, "\ud800", "nul \0 inside", "x" * 1_100_000],
    int: [None, "1", 1.5, True, [], {}, 2**70, -(2**70)],
    float: [None, "1", True, [], {}, 10**400],
    bool: [None, 0, 1, "true", [], {}],
    tuple: [None, "text", 3, {}, {"0": 1}, [[]] * 20_001],
    dict: [None, "text", 3, [], [["a", 1]], {"k" * 40_000: 1}],
}
PATTERNED = [
    "0123456789abcdef" * 2,
    "0123456789abcdef" * 4,
    "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
]
FREE_JSON = [[[]] * 20_001, "\ud800", 2**70, {"a": "\0"}]


def messages(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Any message of this type."""
    return _records(kind)


def whole(hint: Any) -> Any:
    """One value with this hint in which nothing is empty: each list and map has an item."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        (limit,) = arguments[1:]
        if isinstance(limit, Pattern):
            return next(text for text in PATTERNED if re.fullmatch(limit.pattern, text))
        return limit.high if isinstance(limit, Range) else whole(arguments[0])
    if hint is Any:
        return {"list": [1, 0.5, None, True, "text"]}
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (whole(arguments[0]),)
    if origin is dict:
        return {"key": whole(arguments[1])}
    if not is_dataclass(hint):
        return {str: "text, ä", int: -3, float: 0.25, bool: True}[hint]
    hints = get_type_hints(hint, include_extras=True)
    values = {f.name: whole(hints[f.name]) for f in fields(hint) if f.name != "arrays"}
    specs = getattr(hint, "array_specs", {})
    if specs:
        values["arrays"] = {
            name: np.ones([2 if isinstance(d, str) else d for d in spec.shape], spec.dtype)
            for name, spec in specs.items()
        }
    return hint(**values)  # type: ignore[operator]


def wrong_values(hint: Any) -> list[Any]:
    """JSON values that a field with this hint must refuse."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        wrong = wrong_values(arguments[0])
        for limit in arguments[1:]:
            wrong = wrong + _beyond(limit)
        return wrong
    if hint is Any:
        return FREE_JSON
    if origin is Literal:
        return [None, 3, [], "no such choice"]
    if is_dataclass(hint):
        return WRONG[dict]
    return WRONG[origin or hint]


def _beyond(limit: Any) -> list[Any]:
    if isinstance(limit, Length):
        return ["x" * (limit.characters + 1)]
    if isinstance(limit, Pattern):
        return ["not like this", "../../etc/passwd", "0" * 31 + "\n"]
    assert isinstance(limit, Range)
    return [limit.low - 1, limit.high + 1 if limit.high < 2**53 else 2**62]


def _values(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _limited(arguments[0], arguments[1:])
    if hint is Any:
        return _free_json()
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(_values(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(_text(20), _values(arguments[1]), max_size=3)
    if is_dataclass(hint):
        return _records(hint)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: _text(40),
        int: st.integers(-(2**63) + 1, 2**63 - 1),
        float: _numbers(-math.inf, math.inf),
        bool: st.booleans(),
    }
    return simple[hint]


def _limited(inner: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    (limit,) = limits
    if isinstance(limit, Pattern):
        return st.from_regex(limit.pattern, fullmatch=True)
    if isinstance(limit, Length):
        return _text(limit.characters)
    assert isinstance(limit, Range)
    if inner is int:
        return st.integers(int(limit.low), int(limit.high))
    return _numbers(limit.low, limit.high)


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    bounds = {"min_value": low, "max_value": high} if math.isfinite(low) else {}
    return st.floats(**bounds, allow_nan=False, allow_infinity=False)


def _text(size: int) -> st.SearchStrategy[str]:
    return st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=min(size, 40)
    )


def _free_json() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | _values(int) | _values(float) | _text(10)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text(5), inner, max_size=3),
        max_leaves=6,
    )


def _records(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    made = {f.name: _values(hints[f.name]) for f in fields(kind) if f.name != "arrays"}
    if issubclass(kind, Message) and kind.array_specs:
        made["arrays"] = _arrays(kind)
    return st.builds(kind, **made)


@st.composite
def _arrays(draw: st.DrawFn, kind: type[Message]) -> dict[str, Any]:
    sizes: dict[str, int] = {}
    arrays: dict[str, Any] = {}
    for name, spec in kind.array_specs.items():
        if not spec.is_required and draw(st.booleans()):
            continue
        for letter in spec.shape:
            if isinstance(letter, str) and letter not in sizes:
                sizes[letter] = draw(st.integers(0, 5))
        shape = tuple(sizes[d] if isinstance(d, str) else d for d in spec.shape)
        rng = np.random.default_rng(draw(st.integers(0, 2**32)))
        arrays[name] = rng.integers(0, 255, shape).astype(spec.dtype)
    return arrays
