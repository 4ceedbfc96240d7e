"""From a verb, its target and the complements that were read to operations."""

from dataclasses import replace

from maquette.editing.grammar.build import (
    VERB_FACTORS,
    may_be_lit,
    operations,
)
from maquette.editing.grammar.context import IT, LIGHTS, Context
from maquette.editing.grammar.cursor import words
from maquette.editing.grammar.slots import Slots
from maquette.editing.grammar.verbs import Verb
from maquette.editing.plan import (
    Lamp,
    Lock,
    Material,
    Operation,
    Ref,
    Select,
    Visibility,
)

_GATHERS = words("gather collect cluster regroup")


def finished(context: Context, verb: Verb, target: Ref, slots: Slots) -> list[Operation]:
    """The operations of a verb whose complements are read."""
    kind = verb.kind
    if (
        slots.is_light
        and kind in ("raise", "lower")
        and (slots.percent or slots.factor or slots.lamp)
    ):
        kind = "turn_up" if kind == "raise" else "dim"
    narrowed = replace(target, excluding=target.excluding + tuple(slots.excluding))
    if kind in ("hide", "isolate", "show"):
        return [
            Visibility(targets=narrowed, is_visible=kind != "hide", is_isolate=kind == "isolate")
        ]
    if kind in ("select", "deselect"):
        return [Select(targets=narrowed)]
    if kind in ("lock", "unlock"):
        return [Lock(targets=narrowed, is_locked=kind == "lock")]
    if kind == "delete" and slots.is_light and verb.base == "kill":
        return [Lamp(targets=narrowed, is_on=False)]
    if kind in ("on", "off"):
        lamp = {
            key: value
            for key, value in slots.lamp.items()
            if key in ("power", "factor", "temperature_k")
        }
        return [Lamp(targets=narrowed, is_on=kind == "on", **lamp)]
    if verb.base == "tone down" and not slots.is_light and not may_be_lit(target):
        return [Material(targets=narrowed, saturation_change=-0.25)]
    if kind in VERB_FACTORS and slots.is_light and not slots.sizes:
        return [Lamp(targets=narrowed, factor=VERB_FACTORS[kind])]  # "double the ceiling light"
    if kind in ("dim", "brighten", "turn_up"):
        if slots.is_light or may_be_lit(target) or kind != "brighten":
            return [_brightened(kind, narrowed, slots)]
        slots.verb = "lighten"
    if target == IT and slots.lamp and cursor_sees_room(context):
        target = replace(LIGHTS)
    gathers = verb.base in _GATHERS and not slots.layout.kind
    if gathers and slots.relations:
        slots.verb = "place"
    elif kind == "arrange":
        _default_layout(verb, slots)
    return operations(context, target, slots)


def cursor_sees_room(context: Context) -> bool:
    """ "brighter in here": all lights are meant."""
    return context.cursor.take("in <here|the room|this room>")


def _default_layout(verb: Verb, slots: Slots) -> None:
    layout = slots.layout
    if not layout.kind:
        around = any(relation.kind == "around" for relation, _ in slots.relations)
        layout.kind = "circle" if around else layout.default or "line"
        layout.is_even |= layout.kind == "distribute"
    elif layout.default == "stack":
        layout.kind = "stack"
    elif layout.kind == "distribute" and layout.default == "line":
        layout.kind, layout.is_even = "line", True


def _brightened(kind: str, target: Ref, slots: Slots) -> Lamp:
    dims = kind == "dim"
    lamp = {key: value for key, value in slots.lamp.items() if key in ("power", "temperature_k")}
    factor = slots.lamp.get("factor")
    if factor is None and slots.percent is not None:
        change = -slots.percent if dims else slots.percent
        factor = slots.percent if slots.is_to else 1 + change
    if factor is None and slots.factor is not None:
        factor = slots.factor
        if dims and not slots.is_to and factor not in (0.5, 1.0):
            factor = 1 - factor if factor < 1 else 1 / factor
    if factor is None:
        factor = 0.8 if dims else 1.25
    return Lamp(targets=target, factor=None if "power" in lamp else factor, **lamp)
