"""One module per group of operations; each changes an `Edit`. Which is which is told here."""

from collections.abc import Callable
from typing import Any

from maquette.editing import plan
from maquette.editing.edit import Edit
from maquette.editing.operations import (
    arrange,
    cameras,
    copies,
    looks,
    pose,
    questions,
    sizes,
    structure,
)

OPERATIONS: dict[type[plan.Operation], Callable[[Edit, Any], None]] = {
    plan.Move: pose.move,
    plan.Place: pose.place,
    plan.Rotate: pose.rotate,
    plan.Face: pose.face,
    plan.Swap: pose.swap,
    plan.Scale: sizes.scale,
    plan.Resize: sizes.resize,
    plan.Arrange: arrange.arrange,
    plan.Duplicate: copies.duplicate,
    plan.Replace: copies.replace_by,
    plan.Add: copies.add,
    plan.Delete: structure.delete,
    plan.Group: structure.group,
    plan.Rename: structure.rename,
    plan.Visibility: structure.visibility,
    plan.Lock: structure.lock,
    plan.Select: structure.select,
    plan.Material: looks.material,
    plan.Lamp: looks.lamp,
    plan.Camera: cameras.camera,
    plan.Question: questions.question,
}
