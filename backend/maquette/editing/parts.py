"""The operations of a plan as its user sees them: in words, with numbers to change, and other spots to ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, TypeVar

from maquette.editing import plan as plans
from maquette.editing.plan import Operation, Ref, Relation

Unit = Literal["length", "angle", "power", "temperature", "factor", "count", "number"]
Any_ = TypeVar("Any_")


@dataclass(frozen=True, kw_only=True)
class PartAmount:
    """A number of an operation."""

    field: str
    words: str
    value: float
    unit: Unit


# field, what it is called, its unit; a field that an operation does not have is none of its amounts
_AMOUNTS: tuple[tuple[str, str, Unit], ...] = (
    ("distance", "Distance", "length"),
    ("angle_deg", "Angle", "angle"),
    ("factor", "Factor", "factor"),
    ("length", "Length", "length"),
    ("change", "Change", "length"),
    ("spacing", "Spacing", "length"),
    ("radius", "Radius", "length"),
    ("count", "Copies", "count"),
    ("power", "Power", "power"),
    ("temperature_k", "Temperature", "temperature"),
    ("roughness", "Roughness", "number"),
    ("metallic", "Metallic", "number"),
    ("alpha", "Opacity", "number"),
    ("emission", "Emission", "number"),
    ("lightness_change", "Lightness", "number"),
    ("saturation_change", "Saturation", "number"),
    ("warmth_change", "Warmth", "number"),
)
_ANGLES = ("pan", "tilt", "roll", "orbit", "field_of_view")


def amounts_of(operation: Operation, moved: float | None = None) -> tuple[PartAmount, ...]:
    """The numbers that can be changed. `moved`: how far "a bit" was."""
    found: list[PartAmount] = []
    for name, words, unit in _AMOUNTS:
        value = getattr(operation, name, None)
        if name == "distance" and value is None and isinstance(operation, plans.Move):
            value = moved if operation.direction is not None else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append(PartAmount(field=name, words=words, value=float(value), unit=unit))
    if isinstance(operation, plans.Camera) and operation.amount is not None:
        angle = operation.action in _ANGLES
        unit = "angle" if angle else "factor" if operation.action == "zoom" else "length"
        words = "Angle" if angle else "Factor" if unit == "factor" else "Distance"
        found.append(PartAmount(field="amount", words=words, value=operation.amount, unit=unit))
    if isinstance(operation, plans.Place):
        distance = next((r.distance for r in operation.relations if r.distance is not None), None)
        if distance is not None:
            found.append(PartAmount(field="gap", words="Distance", value=distance, unit="length"))
    return tuple(found)


def adjusted(operation: Operation, amounts: Mapping[str, float], spot: int) -> Operation:
    """With these numbers, and the next best spot where it has such."""
    known = {amount.field for amount in amounts_of(operation, moved=0.0)}
    changes: dict[str, Any] = {}
    for name, value in amounts.items():
        if name == "gap" and isinstance(operation, plans.Place):
            changes["relations"] = tuple(
                replace(r, distance=value) if r.distance is not None else r
                for r in operation.relations
            )
        elif name in known:
            changes[name] = max(round(value), 1) if name == "count" else value
    if has_spots(operation) and spot:
        changes["candidate"] = getattr(operation, "candidate", 0) + spot
    return replace(operation, **changes) if changes else operation


def has_spots(operation: Operation) -> bool:
    """Whether there may be other places for it."""
    return hasattr(operation, "candidate")


def with_choice(value: Any_, ref: Ref, key: str) -> Any_:
    """A plan (or a part of one) in which the unclear expression means this id."""
    if isinstance(value, Ref) and (
        value == ref or (value.words, value.noun) == (ref.words, ref.noun)
    ):
        return replace(value, ids=(key,), number="one", count=None, also=())  # pyright: ignore[reportReturnType]
    if isinstance(value, tuple):
        return tuple(with_choice(item, ref, key) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportReturnType]
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: with_choice(getattr(value, f.name), ref, key) for f in fields(value)}
        return replace(value, **changes)
    return value


# words --------------------------------------------------------------------------------------------

_RELATIONS = {
    "left_of": "left of", "right_of": "right of", "in_front_of": "in front of", "next_to": "next to",
    "far_from": "far from", "hanging_from": "hanging from", "leaning_on": "leaning on", "in_corner": "in the corner",
    "at_edge": "at the edge of", "at_center": "in the middle of", "at_end": "at the end of",
    "attached_to": "attached to", "in_place_of": "in place of",
}  # fmt: skip
_WAYS = {"away": "back", "toward": "to the front", "left": "left", "right": "right"}
_PLAIN = {
    "Swap": "Swap", "Duplicate": "Copy", "Replace": "Replace", "Delete": "Delete", "Resize": "Resize", "Scale": "Scale",
    "Rotate": "Turn", "Face": "Turn", "Arrange": "Arrange", "Select": "Select", "Question": "Answer",
}  # fmt: skip


def words_of(operation: Operation) -> str:
    """A few words, as its checkbox says: "Put the lamp on the desk"."""
    words = _words(operation)
    return words[:1].upper() + words[1:]


def _words(operation: Operation) -> str:
    target = _named(getattr(operation, "targets", None))
    if isinstance(operation, plans.Move):
        way = _WAYS.get(operation.direction or "", operation.direction or "")
        return f"move {target} {way} {_toward(operation.to)}".strip()
    if isinstance(operation, plans.Place):
        return f"put {target} {', '.join(_relation(r) for r in operation.relations)}"
    if isinstance(operation, plans.Add):
        what = operation.name or operation.what
        return f"add {what} {', '.join(_relation(r) for r in operation.relations)}".strip()
    if isinstance(operation, plans.Material):
        return f"make {target} {_look(operation)}"
    if isinstance(operation, plans.Lamp):
        state = {True: "on", False: "off"}
        if operation.is_on is not None:
            return f"switch {target} {state[operation.is_on]}"
        return f"light of {target}: {operation.color_name or 'as asked'}"
    if isinstance(operation, plans.Visibility):
        alone = "show only" if operation.is_isolate else "show" if operation.is_visible else "hide"
        return f"{alone} {target}"
    if isinstance(operation, plans.Lock):
        return f"{'lock' if operation.is_locked else 'unlock'} {target}"
    if isinstance(operation, plans.Rename):
        return f"call {target} {operation.to!r}"
    if isinstance(operation, plans.Group):
        return f"{'ungroup' if operation.is_undo else 'group'} {target}"
    if isinstance(operation, plans.Camera):
        return f"camera: {operation.action.replace('_', ' ')} {_toward(operation.to)}".strip()
    if isinstance(operation, plans.Swap):
        return f"swap {_named(operation.first)} and {_named(operation.second)}"
    if isinstance(operation, plans.Undo):
        return f"put back {target}" if operation.targets is not None else "undo"
    verb = _PLAIN.get(type(operation).__name__, type(operation).__name__)
    to = _toward(getattr(operation, "to", None) or getattr(operation, "reference", None))
    return f"{verb} {target} {to}".strip()


def _named(ref: Ref | None) -> str:
    if ref is None:
        return ""
    return ref.words or ref.noun or "it"


def _look(operation: plans.Material) -> str:
    if operation.like is not None:
        return f"like {_named(operation.like)}"
    for name, more, less in (
        ("lightness_change", "lighter", "darker"),
        ("saturation_change", "more colorful", "paler"),
        ("warmth_change", "warmer", "cooler"),
    ):
        change = getattr(operation, name)
        if change is not None and operation.color is None:
            return more if change > 0 else less
    return operation.color_name or operation.name or "look other"


def _toward(ref: Any) -> str:
    return f"to {_named(ref)}" if isinstance(ref, Ref) else ""


def _relation(relation: Relation) -> str:
    kind = _RELATIONS.get(relation.kind, relation.kind.replace("_", " "))
    return f"{kind} {' and '.join(_named(ref) for ref in relation.to)}".strip()
