"""Plans changed before they are carried out: the last one again or elsewhere, and operations that belong together."""

from dataclasses import fields, replace
from typing import Any

from maquette.editing import plan as plans
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot, Unclear


def at_next_spot(operation: plans.Operation) -> plans.Operation:
    if isinstance(operation, plans.Place | plans.Duplicate | plans.Add):
        return replace(operation, candidate=operation.candidate + 1)
    return operation


def again(operation: plans.Operation, targets: plans.Ref | None, factor: float) -> plans.Operation:
    changes: dict[str, Any] = {}
    names = {f.name for f in fields(operation)}
    if targets is not None and "targets" in names and getattr(operation, "targets") is not None:  # noqa: B009
        changes["targets"] = targets
    if factor != 1.0:
        for name in (
            "distance",
            "angle_deg",
            "change",
            "amount",
            "lightness_change",
            "warmth_change",
            "saturation_change",
        ):
            value = getattr(operation, name, None)
            if isinstance(value, int | float):
                changes[name] = value * factor
        if getattr(operation, "offset", None) is not None:
            changes["offset"] = tuple(v * factor for v in operation.offset)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
        scaled = getattr(operation, "factor", None)
        if isinstance(scaled, int | float) and scaled > 0:
            changes["factor"] = 1 + (scaled - 1) * factor if scaled >= 1 else scaled**factor
    return replace(operation, **changes)  # pyright: ignore[reportArgumentType]


def joined(operations: list[plans.Operation]) -> list[plans.Operation]:
    """ "Put it next to the globe, facing the fire": a place where it has room once it is turned."""
    found: list[plans.Operation] = []
    for operation in operations:
        last = found[-1] if found else None
        if (
            isinstance(operation, plans.Face)
            and isinstance(last, plans.Place)
            and (operation.targets == last.targets or operation.targets.pronoun in ("it", "them"))
            and operation.to is not None
            and not operation.to.pronoun
            and not operation.parallel_to
        ):
            facing = plans.Relation(kind="facing", to=(operation.to,), is_negated=operation.is_away)
            found[-1] = replace(last, relations=(*last.relations, facing))
        else:
            found.append(operation)
    return found


def taken_up_later(edit: Edit, operations: list[plans.Operation]) -> set[str]:
    """What a later operation of the plan moves or deletes: its place counts as free."""
    if len(operations) < 2:
        return set()
    found: set[str] = set()
    for operation in operations[1:]:
        if not isinstance(operation, plans.Place | plans.Delete | plans.Swap):
            continue
        if isinstance(operation, plans.Place) and not any(
            r.kind == "in_place_of"
            for o in operations
            if isinstance(o, plans.Place)
            for r in o.relations
        ):
            continue
        for ref in (
            (operation.first, operation.second)
            if isinstance(operation, plans.Swap)
            else (operation.targets,)
        ):
            if ref.pronoun:
                continue
            try:
                found.update(edit.grounder.resolve(ref))
            except (Cannot, Unclear):
                continue
    return found
