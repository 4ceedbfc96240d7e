"""One client's conversation about the scene that it shows: prompts become proposals, which the client carries out.

A proposal is a list of plans on top of a moment of the conversation (its base), so that it can be made again with
parts switched off, other amounts, other spots, or on a scene that was changed meanwhile. The rest is `Conversation`.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from maquette.editing import plan as plans
from maquette.editing.conversation import Conversation, Mark
from maquette.editing.parts import (
    adjusted,
    amounts_of,
    has_spots,
    with_choice,
    words_of,
)
from maquette.editing.reply import Reply, reply_to
from maquette.editing.scene_view import SceneView
from maquette.jobs.shown_scene import ShownScene
from maquette_protocol.document import SceneCamera, SceneObject, document_to_json
from maquette_protocol.edit_messages import (
    AdjustEdit,
    Amount,
    AskEdit,
    Candidate,
    Change,
    ChooseCandidate,
    EditPart,
    EditReply,
    EndEdit,
    SceneKnown,
    UpdateScene,
)
from maquette_protocol.errors import MaquetteError, NoSceneError

_log = logging.getLogger(__name__)
_WORDS = 30_000  # of a text that one message can hold


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """What the user set about one part."""

    is_on: bool = True
    amounts: Mapping[str, float] = field(default_factory=dict[str, float])
    spot: int = 0


@dataclass(frozen=True, kw_only=True)
class _Part:
    """An operation of the proposal, as planned, and how the user set it."""

    plan: int  # which of the plans it belongs to
    operation: plans.Operation
    setting: _Setting = _Setting()


class Talk:
    """See the module."""

    def __init__(self, scene: str) -> None:
        self.scene = scene
        self._shown = ShownScene()
        self._conversation: Conversation | None = None
        self._base: Mark | None = None
        self._parts: tuple[_Part, ...] = ()
        self._last: tuple[_Part, ...] = ()  # of the edit applied last
        self._told: list[Reply] = []  # of the parts, as last carried out
        self._is_applied = False  # the parts are in the client's scene
        self._applied: list[int] = []  # plans per edit in effect, oldest first
        self._undone: list[int] = []

    # the scene -------------------------------------------------------------------------------------

    def update(self, step: UpdateScene) -> SceneKnown:
        """Raises NoSceneError, InputError."""
        if step.base == 0:
            self.__init__(self.scene)
        self._shown.take(step)
        return SceneKnown(scene=self.scene, revision=self._shown.revision)

    def _settle(self) -> Conversation:
        """The conversation about the scene as it is told now, without what is only proposed."""
        conversation = self._conversation
        if conversation is None:
            view = self._shown.settled(None)
            conversation = Conversation(view.document, view.arrays)
            self._conversation = conversation
            return conversation
        if self._base is not None and not self._is_applied:
            conversation.restore(self._base)
        conversation.renew(self._shown.settled(conversation.view))
        if self._shown.has_new_meshes:
            views = (conversation.view, *conversation.past_views)
            self._shown.drop_meshes(mesh for view in views for mesh in _meshes_of(view))
        return conversation

    def _follow(self, conversation: Conversation, num_applied: int) -> None:
        """The client has undone or redone edits by itself."""
        while len(self._applied) > num_applied:
            self._undone.append(self._applied.pop())
            conversation.forget_steps(self._undone[-1])
        while len(self._applied) < num_applied and self._undone:
            self._applied.append(self._undone.pop())
            conversation.remember_steps(self._applied[-1])

    # prompts ---------------------------------------------------------------------------------------

    def ask(self, asked: AskEdit) -> EditReply:
        """Raises NoSceneError, InputError."""
        start = time.perf_counter()
        if asked.revision != self._shown.revision or not self._shown.revision:
            raise NoSceneError("The scene is not known.", hint="Tell it from the beginning.")
        question = self._conversation.asked if self._conversation is not None else None
        conversation = self._settle()
        if self._is_applied:
            self._last, self._parts, self._is_applied = self._parts, (), False
        self._follow(conversation, asked.num_applied)
        conversation.scope = frozenset(asked.scope) if asked.is_scoped else None
        conversation.use_planner(asked.planner)
        self._base = conversation.mark()
        if (
            self._carry_out(self._parts) is not None
        ):  # the scene has changed: it is no longer possible
            conversation.restore(self._base)
            self._parts = ()
        conversation.asked = question  # what was typed may be its answer
        return self._guarded(lambda: self._planned(conversation, asked.text), start)

    def _planned(self, conversation: Conversation, text: str) -> EditReply:
        made = conversation.plan(text)
        if isinstance(made, plans.Clarification) and made.proposal is not None:
            yes = (Candidate(id="", words="Yes"),)
            return replace(self._reply(reply_to(made)), candidates=yes, ids=made.things)
        if not isinstance(made, plans.EditPlan):
            return self._reply(reply_to(made))
        undo = _only_undo(made)
        if undo is not None:
            return self._taken_back(undo)
        if any(isinstance(o, plans.Repeat) and o.at_next_spot for o in made.operations):
            return self._elsewhere()
        return self._proposed(made)

    def _elsewhere(self) -> EditReply:
        """What was placed last, at its next best spot: in the proposal, else of the edit applied last."""
        spots = [n for n, part in enumerate(self._parts) if has_spots(part.operation)]
        if spots:
            part = self._parts[spots[-1]]
            moved = replace(part, setting=replace(part.setting, spot=part.setting.spot + 1))
            return self._again_with(
                (*self._parts[: spots[-1]], moved, *self._parts[spots[-1] + 1 :])
            )
        # in the scene as it is now: what was done by hand since must stay
        placed = tuple(
            adjusted(part.operation, part.setting.amounts, part.setting.spot + 1)
            for part in self._last
            if isinstance(part.operation, plans.Place)
        )
        if placed:
            return self._proposed(plans.EditPlan(operations=placed))
        words = "Nothing was placed just now that could go elsewhere; say what should go where."
        return self._reply(Reply(status="refused", message=words))

    def choose(self, chosen: ChooseCandidate) -> EditReply:
        """Raises NoSceneError."""
        start = time.perf_counter()
        conversation = self._known()
        asked = conversation.asked
        if asked is None:
            raise NoSceneError("Nothing was asked.", hint="Type it again.")
        plan = asked.plan
        if asked.unclear is not None:
            plan = with_choice(plan, asked.unclear.ref, chosen.candidate)
        return self._guarded(lambda: self._proposed(plan), start)

    def adjust(self, wanted: AdjustEdit) -> EditReply:
        """Raises NoSceneError."""
        start = time.perf_counter()
        conversation = self._known()
        if not self._parts:
            raise NoSceneError("Nothing is proposed.", hint="Type it again.")
        if self._shown.has_news and not self._is_applied:
            self._settle()
            self._base = conversation.mark()
        amounts: dict[int, dict[str, float]] = {}
        for amount in wanted.amounts:
            amounts.setdefault(amount.part, {})[amount.field] = amount.value
        parts = tuple(
            replace(
                part,
                setting=_Setting(
                    is_on=number not in wanted.switched_off,
                    amounts=amounts.get(number, {}),
                    spot=wanted.spots.get(str(number), 0),
                ),
            )
            for number, part in enumerate(self._parts)
        )
        return self._guarded(lambda: self._again_with(parts), start)

    def _again_with(self, parts: tuple[_Part, ...]) -> EditReply:
        """The proposal as set now; where that cannot be, it stays as it was and the reply says why."""
        conversation = self._known()
        assert self._base is not None
        before, told = conversation.mark(), self._told
        conversation.restore(self._base)
        refused = self._carry_out(parts)
        if refused is None:
            self._parts = parts
            return self._proposal()
        conversation.restore(before)
        self._told = told
        return self._reply(refused)

    def end(self, ended: EndEdit) -> SceneKnown:
        """The client applied what was proposed, or dropped it."""
        conversation = self._known()
        if self._base is not None and self._parts:
            if ended.is_applied and not self._is_applied:
                self._applied.append(len({part.plan for part in self._parts}))
                self._undone.clear()
            elif not ended.is_applied:
                conversation.restore(self._base)
                self._parts = ()
            self._is_applied = ended.is_applied
        return SceneKnown(scene=self.scene, revision=self._shown.revision)

    def _known(self) -> Conversation:
        if self._conversation is None:
            raise NoSceneError("The scene is not known.", hint="Tell it from the beginning.")
        return self._conversation

    # carrying out ----------------------------------------------------------------------------------

    def _proposed(self, plan: plans.EditPlan) -> EditReply:
        conversation = self._known()
        told = conversation.run(plan)
        if told.status != "applied":
            return self._reply(told)
        number = 1 + max((part.plan for part in self._parts), default=-1)
        self._parts += tuple(_Part(plan=number, operation=o) for o in plan.operations)
        self._told.append(told)
        return self._proposal()

    def _carry_out(self, parts: tuple[_Part, ...]) -> Reply | None:
        """All plans on the base; the first that is not applied ends it, and is returned."""
        conversation = self._known()
        self._told = []
        for number in sorted({part.plan for part in parts}):
            operations = tuple(
                adjusted(part.operation, part.setting.amounts, part.setting.spot)
                for part in parts
                if part.plan == number and part.setting.is_on
            )
            if not operations:
                continue
            told = conversation.run(plans.EditPlan(operations=operations))
            if told.status not in ("applied", "answered"):
                return told
            self._told.append(told)
        return None

    def _taken_back(self, undo: plans.Undo) -> EditReply:
        """What is only proposed is dropped; what is applied is the client's to undo."""
        conversation = self._known()
        if self._parts and not undo.is_redo:
            assert self._base is not None
            last = max(part.plan for part in self._parts)
            self._parts = tuple(part for part in self._parts if part.plan != last)
            conversation.restore(self._base)
            self._carry_out(self._parts)
            return self._proposal()
        known = self._undone if undo.is_redo else self._applied
        steps = len(known) if undo.to_start else min(undo.steps, len(known))
        word = "redo" if undo.is_redo else "undo"
        if not steps:
            return self._reply(Reply(status="refused", message=f"There is nothing to {word}."))
        message = "Did it again." if undo.is_redo else "Undone."
        return replace(
            self._reply(Reply(status="answered", message=message)), status=word, steps=steps
        )

    def _guarded(self, call: Callable[[], EditReply], start: float) -> EditReply:
        conversation = self._known()
        before = conversation.mark()
        try:
            reply = call()
        except MaquetteError:
            raise
        except Exception as error:  # the border of a prompt: the client hears, and the talk goes on
            _log.exception("a prompt failed")
            conversation.restore(before)
            words = f"An internal error: {type(error).__name__}: {error}"
            reply = self._reply(Reply(status="failed", message=words))
        return replace(reply, seconds=time.perf_counter() - start)

    # replies ---------------------------------------------------------------------------------------

    def _reply(self, told: Reply) -> EditReply:
        """Of all but a proposal."""
        view = self._known().view
        answer = told.answer or {}
        status: Any = told.status
        return EditReply(
            scene=self.scene,
            status=status,
            message=told.message[:_WORDS],
            candidates=tuple(
                Candidate(id=key, words=view.name(key) if key in view.objects else key)
                for key in told.candidates
            ),
            ids=tuple(answer.get("ids", ())),
            parts=(),
            changes=(),
            view="",
            selects=False,
            selection=(),
            steps=0,
            seconds=0.0,
        )

    def _proposal(self) -> EditReply:
        assert self._base is not None
        before, after = self._base.view, self._known().view
        answers = [told.answer for told in self._told if told.answer]
        message = " ".join(told.message for told in self._told) or "Nothing would change."
        selects = after.document.selection != before.document.selection
        return replace(
            self._reply(Reply(status="answered", message=message)),
            status="proposed",
            ids=tuple(key for answer in answers for key in answer["ids"]),
            parts=self._shown_parts(before, after),
            changes=_changes(before, after),
            view=(after.document.view or "") if after.document.view != before.document.view else "",
            selects=selects,
            selection=after.document.selection if selects else (),
        )

    def _shown_parts(self, before: SceneView, after: SceneView) -> tuple[EditPart, ...]:
        grounded = [operation for told in self._told for operation in told.plan]
        shown: list[EditPart] = []
        at = 0
        for part in self._parts:
            moved = None
            if part.setting.is_on:
                if at < len(grounded):
                    moved = _moved(grounded[at], before, after)
                at += 1
            operation = adjusted(part.operation, part.setting.amounts, part.setting.spot)
            amounts = tuple(
                Amount(field=a.field, words=a.words, value=a.value, unit=a.unit)
                for a in amounts_of(operation, moved)
            )
            shown.append(
                EditPart(
                    words=words_of(part.operation)[:_WORDS],
                    is_on=part.setting.is_on,
                    amounts=amounts,
                    spot=part.setting.spot,
                    has_spots=has_spots(part.operation),
                )
            )
        return tuple(shown)


def _meshes_of(view: SceneView) -> Iterator[str]:
    for item in view.objects.values():
        if item.geometry is not None and item.geometry.mesh is not None:
            yield item.geometry.mesh


def _only_undo(plan: plans.EditPlan) -> plans.Undo | None:
    """An undo of whole prompts and nothing else: the client's own undo is more exact than any change."""
    first = plan.operations[0] if len(plan.operations) == 1 else None
    return first if isinstance(first, plans.Undo) and first.targets is None else None


def _moved(operation: dict[str, Any], before: SceneView, after: SceneView) -> float | None:
    """How far the first thing of a grounded operation came."""
    for keys in operation.get("grounded", {}).values():
        for key in keys:
            if key in before.objects and key in after.objects:
                change = after.box(key).centre - before.box(key).centre
                return round(float(np.linalg.norm(change)), 4)
    return None


def _changes(before: SceneView, after: SceneView) -> tuple[Change, ...]:
    """What is other than before, deletions first: their names are free then."""
    found: list[Change] = []
    old: dict[str, SceneObject | SceneCamera] = {**before.objects, **before.cameras}
    new: dict[str, SceneObject | SceneCamera] = {**after.objects, **after.cameras}
    for key in old.keys() - new.keys():
        found.append(Change(id=key, action="delete", fields=(), item=None, source=""))
    other = [key for key, item in new.items() if old.get(key) != item]
    items = _as_json(after, set(other))
    for key in other:
        if key in old:
            changed = tuple(
                f.name
                for f in fields(new[key])
                if getattr(new[key], f.name) != getattr(old[key], f.name, None)
            )
            found.append(
                Change(id=key, action="change", fields=changed, item=items[key], source="")
            )
        else:
            source = str(new[key].extra.get("key", ""))
            source = source if source in old else ""
            found.append(Change(id=key, action="create", fields=(), item=items[key], source=source))
    return tuple(found)


def _as_json(view: SceneView, keys: set[str]) -> dict[str, Any]:
    part = replace(
        view.document,
        objects=tuple(item for item in view.document.objects if item.id in keys),
        cameras=tuple(item for item in view.document.cameras if item.id in keys),
    )
    plain = document_to_json(part)
    return {item["id"]: item for item in (*plain["objects"], *plain["cameras"])}
