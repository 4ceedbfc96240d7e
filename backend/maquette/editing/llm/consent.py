"""Nothing that the words did not name is changed unasked, whatever a model answers.

A model may be wrong, and a name in the scene may have talked it into something. So the plan is compared with the
prompt, without the model: the things that it changes must be named in it (by label, synonym, name, pronoun), no more of
them than it says, and nothing is taken away, hidden or taken back where no word asks for that. Else the user decides.
"""

from dataclasses import fields

from maquette.editing.grammar.vocabulary import History
from maquette.editing.grounding import Cannot, Focus, Grounder, Unclear
from maquette.editing.llm.words import Naming
from maquette.editing.plan import (
    Clarification,
    Delete,
    EditPlan,
    Operation,
    Question,
    Ref,
    Repeat,
    Replace,
    Select,
    Undo,
    Visibility,
)
from maquette.editing.scene_view import SceneView

_FEW = 3  # things that may be taken away unasked where the prompt says "all"
_MANY = 10  # things made at once where the prompt does not have that number
_HARMLESS = (Question, Select)
_SUBJECTS = ("targets", "first", "second")  # the fields with what an operation changes
_DOES: dict[type[Operation], str] = {Delete: "delete", Replace: "replace"}


def unasked(
    plan: EditPlan, view: SceneView, naming: Naming, history: History
) -> Clarification | None:
    """The question to ask before the plan is carried out; None where the prompt covers all of it."""
    meant = naming.named(view)
    if naming.is_it:
        meant |= {*history.things, *view.document.selection}
    if naming.is_everything:
        meant = frozenset(view.ids)
    touched = history.things
    for operation in plan.operations:
        keys = _changed_by(operation, view, touched)
        touched = keys or touched
        if isinstance(operation, _HARMLESS):
            continue
        reason = (
            _of_kind(operation, keys, view, naming)
            or _removing(operation, keys, view, naming, history)
            or _strangers(operation, [k for k in keys if k not in meant], view)
            or _several(operation, keys, view, naming)
        )
        if reason:
            return Clarification(question=f"{reason} Is that meant?", proposal=plan, things=keys)
    return None


def _of_kind(operation: Operation, keys: tuple[str, ...], view: SceneView, naming: Naming) -> str:
    """Why to ask, as a sentence, because of what the operation is; "" where there is no reason."""
    copies = getattr(operation, "count", 1)
    if copies > _MANY and copies not in naming.numbers:
        return f"This would make {copies} new things."
    if isinstance(operation, Visibility) and operation.is_isolate:
        return f"This would hide everything but {view.names(keys)}."
    if isinstance(operation, Undo):
        if operation.to_start:
            return "This would take back all that was done."
        if operation.steps > 1 or not naming.is_undo:
            return f"This would take back {operation.steps} of the last changes."
    return ""


def _removing(
    operation: Operation, keys: tuple[str, ...], view: SceneView, naming: Naming, history: History
) -> str:
    is_again = isinstance(operation, Repeat) and history.last is not None
    done = history.last.operations if is_again and history.last is not None else (operation,)
    removing = [o for o in done if isinstance(o, Delete | Replace)]
    if not removing:
        return ""
    does = _DOES[type(removing[0])]
    if not naming.is_removal:
        return f"This would {does} {view.names(keys)}, which was not asked for in so many words."
    if naming.is_all and len(keys) > _FEW:
        return f"This would {does} {len(keys)} things: {view.names(keys)}."
    return ""


def _strangers(operation: Operation, keys: list[str], view: SceneView) -> str:
    if not keys:
        return ""
    does = _DOES.get(type(operation), "change")
    return f"This would {does} {view.names(keys)}, which I do not find in your words."


def _several(operation: Operation, keys: tuple[str, ...], view: SceneView, naming: Naming) -> str:
    """More of a kind than a noun in the singular says."""
    if len(keys) < 2 or naming.is_all or naming.is_it:
        return ""
    by_kind: dict[str, list[str]] = {}
    for key in keys:
        by_kind.setdefault((view.objects[key].label or key).lower(), []).append(key)
    several = [key for group in by_kind.values() if len(group) > 1 for key in group]
    if all(naming.is_plural_of(view, key) for key in several):
        return ""
    does = _DOES.get(type(operation), "change")
    return f"This would {does} {len(several)} things: {view.names(several)}."


def _changed_by(operation: Operation, view: SceneView, touched: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of what an operation is about; expressions that fit nothing are refused later, by grounding.

    `touched`: what "it" is, by what was said or by the operation before.
    """
    grounder = Grounder(view, Focus(things=touched))
    found: list[str] = []
    for field in fields(operation):
        ref = getattr(operation, field.name)
        if field.name not in _SUBJECTS or not isinstance(ref, Ref):
            continue
        try:
            found += grounder.resolve(ref)
        except Unclear as unclear:
            found += unclear.candidates
        except Cannot:
            continue
    return tuple(key for key in dict.fromkeys(found) if key in view.objects)
