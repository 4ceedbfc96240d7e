"""Plans as JSON: the schema that a language model is held to, and the strict reader. `reply.describe` writes the same.

Both follow the dataclasses of `plan.py`: a new field or operation is in them at once. A plan is
`{"operations": [{"op": "move", ...}, ...]}`; what is at its default is left out, null is never written. Required keys
come first, so that an answer that must end early can be closed at any point.
"""

import math
import types
import unicodedata
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from maquette.editing import plan as plans

MAX_OPERATIONS = 12
MAX_DEPTH = 3  # referring expressions within each other: the mug | on the table | next to the sofa
MAX_ITEMS = 8  # of any other list
MAX_IDS = 64
MAX_TEXT = 80  # characters

Json = dict[str, Any]
_BOUNDS: dict[str, tuple[float, float]] = {
    "angle_deg": (-3600, 3600),
    "amount": (-3600, 3600),
    "count": (1, 1000),
    "index": (-1000, 1000),
    "steps": (1, 1000),
    "rows": (1, 1000),
    "columns": (1, 1000),
    "candidate": (0, 1000),
    "factor": (0.001, 1000),
    "repeat.factor": (-100, 100),
    "lamp.factor": (0, 1000),
    "length": (0.001, 1000),
    "radius": (0, 1000),
    "spacing": (0, 1000),
    "size": (0.001, 1000),
    "color": (0, 1),
    "alpha": (0, 1),
    "roughness": (0, 1),
    "metallic": (0, 1),
    "emission": (0, 10_000),
    "power": (0, 1_000_000),
    "temperature_k": (1000, 40_000),
}
_ANY_NUMBER = (-1000.0, 1000.0)
OPERATION_KINDS: dict[str, type[plans.Operation]] = {
    kind.__name__.lower(): kind for kind in plans.Operation.__subclasses__()
}


class PlanError(ValueError):
    """JSON that is no plan; the message opens with the JSON path."""


@dataclass(frozen=True)
class _Field:
    """One field of a dataclass, its type without the `| None` that a default of None needs."""

    name: str
    hint: Any
    is_required: bool
    bounds: tuple[float, float]


@cache
def _fields_of(kind: type) -> tuple[_Field, ...]:
    """Required ones first."""
    hints = get_type_hints(kind)
    found = [
        _Field(
            f.name,
            _without_none(hints[f.name]),
            f.default is MISSING and f.default_factory is MISSING,
            _BOUNDS.get(f"{kind.__name__.lower()}.{f.name}", _BOUNDS.get(f.name, _ANY_NUMBER)),
        )
        for f in fields(kind)
    ]
    return tuple(sorted(found, key=lambda f: not f.is_required))


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        (kept,) = [part for part in get_args(hint) if part is not type(None)]
        return kept
    return hint


def _items_of(hint: Any) -> tuple[Any, int, int]:
    """Of a tuple: what is in it, and how many at least and at most."""
    arguments = get_args(hint)
    if arguments[-1] is Ellipsis:
        return arguments[0], 0, MAX_ITEMS
    return arguments[0], len(arguments), len(arguments)


# reading ------------------------------------------------------------------------------------------------


def parse_plan(data: Any) -> plans.EditPlan:
    """The typed plan; every type, bound and key is checked. Raises PlanError."""
    if not isinstance(data, dict) or set(data) != {"operations"}:
        raise PlanError("$: expected an object with the one key 'operations'")
    operations = _list_at(data["operations"], "$.operations", 1, MAX_OPERATIONS)
    return plans.EditPlan(
        operations=tuple(
            parse_operation(item, f"$.operations[{number}]")
            for number, item in enumerate(operations)
        )
    )


def parse_operation(data: Any, path: str = "$") -> plans.Operation:
    """Raises PlanError."""
    if not isinstance(data, dict):
        raise PlanError(f"{path}: expected an object, got {_shown(data)}")
    name = data.get("op")
    if not isinstance(name, str) or name not in OPERATION_KINDS:
        raise PlanError(f"{path}.op: expected one of {', '.join(OPERATION_KINDS)}")
    rest = {key: value for key, value in data.items() if key != "op"}
    return _read_object(rest, OPERATION_KINDS[name], path, MAX_DEPTH)


def _read_object(data: Any, kind: Any, path: str, depth: int) -> Any:
    if not isinstance(data, dict):
        raise PlanError(f"{path}: expected an object, got {_shown(data)}")
    if kind is plans.Ref:
        depth -= 1
        if depth < 0:
            raise PlanError(f"{path}: nested more than {MAX_DEPTH} deep")
    known = {f.name: f for f in _fields_of(kind)}
    for key in data:
        if key not in known:
            raise PlanError(f"{path}: unknown key {_shown(key)}")
    missing = [f.name for f in known.values() if f.is_required and f.name not in data]
    if missing:
        raise PlanError(f"{path}: missing {', '.join(missing)}")
    return kind(
        **{
            name: _read(value, known[name], known[name].hint, f"{path}.{name}", depth)
            for name, value in data.items()
        }
    )


def _read(value: Any, field: _Field, hint: Any, path: str, depth: int) -> Any:
    if is_dataclass(hint):
        return _read_object(value, hint, path, depth)
    if get_origin(hint) is tuple:
        item, least, most = _items_of(hint)
        items = _list_at(value, path, least, MAX_IDS if field.name == "ids" else most)
        return tuple(_read(v, field, item, f"{path}[{n}]", depth) for n, v in enumerate(items))
    if get_origin(hint) is Literal:
        if not isinstance(value, str) or value not in get_args(hint):
            raise PlanError(f"{path}: {_shown(value)} is none of {', '.join(get_args(hint))}")
        return value
    return _READERS[hint](value, field.bounds, path)


def _read_text(value: Any, _bounds: tuple[float, float], path: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise PlanError(f"{path}: expected up to {MAX_TEXT} characters, got {_shown(value)}")
    return cleaned(value)


def _read_truth(value: Any, _bounds: tuple[float, float], path: str) -> bool:
    if not isinstance(value, bool):
        raise PlanError(f"{path}: expected true or false, got {_shown(value)}")
    return value


def _read_whole(value: Any, bounds: tuple[float, float], path: str) -> int:
    low, high = bounds
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise PlanError(
            f"{path}: expected a whole number in {low:g}..{high:g}, got {_shown(value)}"
        )
    return value


def _read_number(value: Any, bounds: tuple[float, float], path: str) -> float:
    low, high = bounds
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        raise PlanError(f"{path}: expected a number in {low:g}..{high:g}, got {_shown(value)}")
    return float(value)


_READERS: dict[Any, Callable[[Any, tuple[float, float], str], Any]] = {
    str: _read_text,
    bool: _read_truth,
    int: _read_whole,
    float: _read_number,
}


def _list_at(value: Any, path: str, least: int, most: int) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise PlanError(f"{path}: expected a list of {least} to {most}, got {_shown(value)}")
    return value


def cleaned(text: str) -> str:
    """Without control characters and halves of surrogate pairs, which JSON can write and no name should have."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# the schema ---------------------------------------------------------------------------------------------


def plan_schema(ids: tuple[str, ...] | None = None) -> Json:
    """JSON schema (2020-12) of a plan; `ids`: the only ones that an expression may hold.

    Nested expressions are written out to `MAX_DEPTH`, so the schema is not recursive.
    """
    definitions: Json = {}
    operations = [
        {"$ref": f"#/$defs/{_define(kind, MAX_DEPTH, definitions, ids)}"}
        for kind in OPERATION_KINDS.values()
    ]
    return {
        "type": "object",
        "properties": {
            "operations": {
                "type": "array",
                "items": {"anyOf": operations},
                "minItems": 1,
                "maxItems": MAX_OPERATIONS,
            }
        },
        "required": ["operations"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _define(kind: Any, depth: int, definitions: Json, ids: tuple[str, ...] | None) -> str:
    """Put a dataclass among the definitions; returns its name there. `depth`: how many expressions may still nest."""
    name = f"{kind.__name__}{depth}"
    if name in definitions:
        return name
    definitions[name] = {}  # its place, in the order of use
    inside = depth - 1 if kind is plans.Ref else depth
    is_operation = issubclass(kind, plans.Operation)
    properties: Json = {"op": {"const": kind.__name__.lower()}} if is_operation else {}
    required = ["op"] if is_operation else []
    for field in _fields_of(kind):
        schema = _schema_of(field, field.hint, inside, definitions, ids)
        if schema is not None:
            properties[field.name] = schema
            required += [field.name] if field.is_required else []
    definitions[name] = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return name


def _schema_of(
    field: _Field, hint: Any, depth: int, definitions: Json, ids: tuple[str, ...] | None
) -> Json | None:
    """None where it would nest too deep."""
    low, high = field.bounds
    if is_dataclass(hint):
        if depth == 0 and (hint is plans.Ref or hint is plans.Relation):
            return None
        return {"$ref": f"#/$defs/{_define(hint, depth, definitions, ids)}"}
    if get_origin(hint) is tuple:
        item, least, most = _items_of(hint)
        if field.name == "ids" and ids is not None:
            if not ids:
                return None
            definitions["id"] = {"enum": list(ids)}
            items: Json | None = {"$ref": "#/$defs/id"}
        else:
            items = _schema_of(field, item, depth, definitions, ids)
        if items is None:
            return None
        return {
            "type": "array",
            "items": items,
            "minItems": least,
            "maxItems": MAX_IDS if field.name == "ids" else most,
        }
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if hint is str:
        return {"type": "string", "maxLength": MAX_TEXT}
    if hint is bool:
        return {"type": "boolean"}
    return {"type": "integer" if hint is int else "number", "minimum": low, "maximum": high}


# in words -----------------------------------------------------------------------------------------------

_NAMED = {get_args(plans.Direction): "DIRECTION", get_args(plans.RelationKind): "RELATION_KIND"}


def told() -> str:
    """The operations and what they are made of, a line each, for a reader that knows JSON: `move: targets REF, …`."""
    choices = [f"{name}: {'|'.join(options)}" for options, name in _NAMED.items()]
    parts = (plans.Ref, plans.Relation, plans.Order, plans.Attribute)
    lines = [f"{kind.__name__.upper()}: {_fields_told(kind)}" for kind in parts]
    for name, kind in OPERATION_KINDS.items():
        about = (kind.__doc__ or "").split("\n")[0]
        is_said = about and not about.startswith(
            kind.__name__
        )  # dataclasses without a text get a signature
        lines.append(f"{name}: {_fields_told(kind)}{f'  # {about}' if is_said else ''}")
    return "\n".join((*choices, *lines))


def _fields_told(kind: Any) -> str:
    return ", ".join(
        f"{field.name}{'' if field.is_required else '?'} {_type_told(field.hint)}"
        for field in _fields_of(kind)
    )


def _type_told(hint: Any) -> str:
    if is_dataclass(hint):
        return str(getattr(hint, "__name__", "")).upper()
    if get_origin(hint) is tuple:
        return f"[{_type_told(_items_of(hint)[0])}]"
    if get_origin(hint) is Literal:
        options = get_args(hint)
        return _NAMED.get(options) or "|".join(option for option in options if option)
    return {str: "text", bool: "true|false", int: "integer", float: "number"}[hint]
