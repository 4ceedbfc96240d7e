"""The contract's REPLY: what was understood as plain JSON, what changed, and what is said to the user."""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from maquette.editing import plan as plans
from maquette.editing.scene_view import SceneView


@dataclass(kw_only=True)
class Reply:
    """The contract's REPLY."""

    status: str
    plan: list[dict[str, Any]] = field(default_factory=list)
    message: str = ""
    question: str | None = None
    candidates: list[str] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    changed: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


def reply_to(made: plans.Clarification | plans.Refusal) -> Reply:
    """Of what is no plan."""
    if isinstance(made, plans.Refusal):
        return Reply(status="refused", message=made.reason)
    return Reply(
        status="clarify",
        message=made.question,
        question=made.question,
        candidates=list(made.things),
    )


def list_differences(reply: Reply, before: SceneView, after: SceneView) -> None:
    """What an edit changed, made and took away."""
    reply.created = [k for k in after.objects if k not in before.objects] + [
        k for k in after.cameras if k not in before.cameras
    ]
    reply.deleted = [k for k in before.objects if k not in after.objects] + [
        k for k in before.cameras if k not in after.cameras
    ]
    reply.changed = [
        k for k, item in after.objects.items() if k in before.objects and before.objects[k] != item
    ]
    reply.changed += [
        k for k, item in after.cameras.items() if k in before.cameras and before.cameras[k] != item
    ]
    if (
        after.document.view != before.document.view
        and after.document.view
        and after.document.view not in reply.changed
    ):
        reply.changed.append(after.document.view)


def describe(plan: plans.EditPlan) -> list[dict[str, Any]]:
    """Plain JSON of what was understood."""
    return [describe_operation(operation) for operation in plan.operations]


def describe_operation(operation: plans.Operation) -> dict[str, Any]:
    return {"op": type(operation).__name__.lower(), **_plain(operation)}


def _plain(value: Any) -> Any:
    """Without what is at its default."""
    if is_dataclass(value):
        found = {}
        for f in fields(value):
            item = getattr(value, f.name)
            if item != f.default and item not in ((), None):
                found[f.name] = _plain(item)
        return found
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
