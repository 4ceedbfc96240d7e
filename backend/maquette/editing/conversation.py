"""A conversation about one scene: prompts in, replies out, with a memory for pronouns, questions and undo.

The reply is the contract's REPLY. A prompt is carried out whole or not at all.
"""

import logging
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

from maquette.asking.options import FROM_PHOTOS
from maquette.editing import plan as plans
from maquette.editing.consenting import answer_of
from maquette.editing.edit import Edit
from maquette.editing.grammar.vocabulary import History
from maquette.editing.grounding import Cannot, Focus, Grounder, Unclear
from maquette.editing.operations import OPERATIONS
from maquette.editing.photo_places import in_photo
from maquette.editing.planners import PlannerOptions, load_planner
from maquette.editing.putting_back import move_back, remember, restore
from maquette.editing.reply import Reply, describe, describe_operation, list_differences, reply_to
from maquette.editing.rewriting import again, at_next_spot, joined, taken_up_later
from maquette.editing.scene_view import SceneView
from maquette.editing.verify import verify
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import SceneDocument
from maquette_protocol.errors import MaquetteError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mark:
    """All that a conversation knows at one moment, to come back to it."""

    view: SceneView
    past: "tuple[_Snapshot, ...]"
    future: "tuple[_Snapshot, ...]"
    focus: Focus
    last: plans.EditPlan | None
    asked: "Asked | None"


@dataclass(frozen=True)
class Asked:
    """A plan that waits for an answer: which thing is meant, or (`unclear` is None) whether it is meant at all."""

    plan: plans.EditPlan
    unclear: Unclear | None = None


@dataclass(frozen=True)
class _Snapshot:
    """The scene before a prompt, and what was talked about then."""

    view: SceneView
    focus: Focus
    last: plans.EditPlan | None
    told: str = ""  # what the prompt did


class Conversation:
    """Prompts about one scene. `document` is how the scene is now."""

    def __init__(
        self,
        document: SceneDocument,
        arrays: Arrays,
        *,
        planner: str = "auto",
        options: PlannerOptions | None = None,
        only_questions: bool = False,
        folder: Path | None = None,
    ) -> None:
        """`options`: of the planner; None: the environment's. `folder`: of the scene, where it has one.

        Raises InputError, MissingPartError.
        """
        self._options, self._folder = options, folder
        self.use_planner(planner)
        self._view = SceneView(document, arrays)
        self._start = self._view
        self._past: list[_Snapshot] = []
        self._future: list[_Snapshot] = []
        self._focus = Focus()
        self._last: plans.EditPlan | None = None
        self.asked: Asked | None = None
        self._only_questions = only_questions
        self.scope: frozenset[str] | None = None  # only these may be changed; None: all

    @property
    def document(self) -> SceneDocument:
        return self._view.document

    @property
    def view(self) -> SceneView:
        return self._view

    def say(self, prompt: str) -> Reply:
        """Carry out one prompt, or answer, ask back, refuse. Never raises for what a prompt says."""
        start = time.perf_counter()
        before = self._view
        try:
            reply = self._said(prompt)
        except MaquetteError as error:  # the planner's
            reply = Reply(status="failed", message=f"{error.message} {error.hint}".strip())
        except Exception as error:  # the border of a prompt: one bad prompt must not end a batch
            _log.exception("prompt %r", prompt)
            self._view = before
            reply = Reply(
                status="failed", message=f"An internal error: {type(error).__name__}: {error}"
            )
        reply.seconds = round(time.perf_counter() - start, 6)
        return reply

    def run(self, plan: plans.EditPlan) -> Reply:
        """Carry out a plan that was made elsewhere."""
        try:
            return self._planned(plan)
        except Unclear as unclear:
            return self._asked(plan, unclear)
        except Cannot as reason:
            return Reply(status="refused", plan=describe(plan), message=str(reason))

    def plan(self, prompt: str) -> plans.EditPlan | plans.Clarification | plans.Refusal:
        """What a prompt is understood as; nothing is carried out. Raises MaquetteError where the planner fails."""
        asked = self.asked
        if asked is not None and asked.unclear is None:
            self.asked, answer = None, answer_of(prompt)
            if answer is not None:
                return asked.plan if answer else plans.Refusal(reason="Nothing was changed.")
        made = self._planner.plan(prompt, self._view, self._history())
        if isinstance(made, plans.Clarification) and made.proposal is not None:
            self.asked = Asked(made.proposal)
        return made

    def _said(self, prompt: str) -> Reply:
        made = self.plan(prompt)
        return self.run(made) if isinstance(made, plans.EditPlan) else reply_to(made)

    # what others do to the scene -------------------------------------------------------------------

    def mark(self) -> Mark:
        """To come back to by `restore`."""
        return Mark(
            view=self._view,
            past=tuple(self._past),
            future=tuple(self._future),
            focus=self._focus,
            last=self._last,
            asked=self.asked,
        )

    def restore(self, mark: Mark) -> None:
        """As it was then, the memory of what was said included."""
        self._view, self._past, self._future = mark.view, list(mark.past), list(mark.future)
        self._focus, self._last = mark.focus, mark.last
        self.asked = mark.asked

    def use_planner(self, name: str) -> None:
        """From now on. Raises InputError, MissingPartError."""
        if name == FROM_PHOTOS:  # a model that the environment names is none that sees
            scene = str(self._folder or "")
            options = replace(self._options or PlannerOptions(), scene=scene)
        else:
            options = self._options or PlannerOptions.from_environment()
        self._planner = load_planner(name, options)

    def renew(self, view: SceneView) -> None:
        """The scene was changed by somebody else; what was said stays."""
        self._view = view

    @property
    def past_views(self) -> list[SceneView]:
        """The scenes that an undo may come back to."""
        return [snapshot.view for snapshot in (*self._past, *self._future)]

    def forget_steps(self, count: int) -> None:
        """Somebody else has undone so many plans in the scene itself; "redo" and "again" know."""
        for _ in range(min(count, len(self._past))):
            snapshot = self._past.pop()
            self._future.append(_Snapshot(self._view, self._focus, self._last, snapshot.told))
            self._focus, self._last = snapshot.focus, snapshot.last
        self.asked = None

    def remember_steps(self, count: int) -> None:
        """The contrary of `forget_steps`."""
        for _ in range(min(count, len(self._future))):
            snapshot = self._future.pop()
            self._past.append(_Snapshot(self._view, self._focus, self._last, snapshot.told))
            self._focus, self._last = snapshot.focus, snapshot.last

    def _history(self) -> History:
        asked = self.asked
        return History(
            last=self._last,
            pending=asked.plan if asked else None,
            unclear=asked.unclear.ref if asked and asked.unclear else None,
            things=self._focus.things,
        )

    # one plan --------------------------------------------------------------------------------------

    def _planned(self, plan: plans.EditPlan) -> Reply:
        narrowing = self.asked.unclear if self.asked else None
        self.asked = None
        undone = self._undone(plan)
        if undone is not None:
            return undone
        view, focus = self._view, replace(self._focus, is_fresh=False)
        if any(isinstance(o, plans.Repeat) and o.at_next_spot for o in plan.operations):
            plan = self._elsewhere()
            view, focus = self._past[-1].view, replace(self._past[-1].focus, is_fresh=False)
        plan = self._repeated(plan)
        if narrowing is not None:
            focus.narrowed, focus.narrowed_noun = narrowing.candidates, narrowing.ref.noun
        edit = Edit(view, Grounder(view, focus), scope=self.scope)
        self._perform(edit, plan)
        if edit.view is not view:
            verify(edit)
            remember(edit)
        return self._finished(edit, plan)

    def _perform(self, edit: Edit, plan: plans.EditPlan) -> None:
        operations = joined([o for o in plan.operations if not isinstance(o, plans.Undo)])
        edit.later_moved = taken_up_later(edit, operations)
        edit.is_single = len(operations) == 1
        for operation in operations:
            if self._only_questions and not isinstance(operation, plans.Question):
                raise Cannot("That is no question; `maquette ask` changes nothing.")
            edit.grounded.append(describe_operation(operation))
            edit.grounder.subject = ()
            OPERATIONS[type(operation)](edit, operation)

    def _finished(self, edit: Edit, plan: plans.EditPlan) -> Reply:
        before, after = self._view, edit.view
        focus = edit.grounder.focus
        focus.narrowed, focus.narrowed_noun = (), None
        is_edit = any(not isinstance(o, plans.Question) for o in plan.operations)
        answer = edit.answer
        if not is_edit and answer is not None:
            self._focus = focus
            return Reply(
                status="answered",
                plan=edit.grounded,
                message=answer.text,
                answer={"text": answer.text, "value": answer.value, "ids": list(answer.ids)},
            )
        told = self._told(edit)
        self._past.append(_Snapshot(before, self._focus, self._last, " ".join(edit.messages)))
        self._future.clear()
        self._view, self._focus, self._last = after, focus, plan
        reply = Reply(status="applied", plan=edit.grounded, message=told)
        list_differences(reply, before, after)
        if answer is not None:
            reply.answer = {"text": answer.text, "value": answer.value, "ids": list(answer.ids)}
        return reply

    def _told(self, edit: Edit) -> str:
        message = " ".join(edit.messages) or "Done."
        if edit.view.document == edit.before.document:
            message += " It was like that already."
        if not self.document.is_metric and re.search(r"\d units\b", message):
            message += " Lengths are in scene units: the scale of this scene is not known."
        return message

    def _asked(self, plan: plans.EditPlan, unclear: Unclear) -> Reply:
        self.asked = Asked(plan, unclear)
        return Reply(
            status="clarify",
            plan=describe(plan),
            message=unclear.question,
            question=unclear.question,
            candidates=list(unclear.candidates),
        )

    # undo and repeat -------------------------------------------------------------------------------

    def _undone(self, plan: plans.EditPlan) -> Reply | None:
        """The reply to a plan that begins with an undo; None where it doesn't."""
        first = plan.operations[0] if plan.operations else None
        if not isinstance(first, plans.Undo):
            return None
        if self._only_questions:
            raise Cannot("That is no question; `maquette ask` changes nothing.")
        before = self._view
        known = (self._past.copy(), self._future.copy(), self._focus, self._last)
        if first.targets is not None:
            reply = self._put_back(first, plan)
        else:
            told = self._step(first)
            reply = Reply(
                status="applied",
                plan=describe(plan),
                message=f"{'Redone' if first.is_redo else 'Undone'}{told}.",
            )
            list_differences(reply, before, self._view)
        rest = plans.EditPlan(operations=plan.operations[1:])
        if not rest.operations:
            return reply
        more = self.run(rest)
        if more.status not in ("applied", "answered"):
            self._view = before
            self._past, self._future, self._focus, self._last = known
            return more
        more.message = f"{reply.message} {more.message}"
        more.plan = [*reply.plan, *more.plan]
        list_differences(more, before, self._view)
        return more

    def _step(self, undo: plans.Undo) -> str:
        """One step or more back, or forward again; what the step did, where it is one."""
        here, there = (self._future, self._past) if undo.is_redo else (self._past, self._future)
        steps = len(here) if undo.to_start else min(undo.steps, len(here))
        if not steps:
            raise Cannot(f"There is nothing to {'redo' if undo.is_redo else 'undo'}.")
        told = here[-1].told
        for _ in range(steps):
            snapshot = here.pop()
            there.append(_Snapshot(self._view, self._focus, self._last, snapshot.told))
            self._view, self._last = snapshot.view, snapshot.last
            # what was undone is what people go on to talk about
            is_gone = any(k not in self._view.objects for k in self._focus.things)
            if undo.is_redo or not self._focus.things or is_gone:
                self._focus = snapshot.focus
        if steps > 1:
            return f" {steps} steps"
        return f": {told.rstrip('.')}" if told else ""

    def _put_back(self, undo: plans.Undo, plan: plans.EditPlan) -> Reply:
        """Only this thing, as it was before it was last changed."""
        assert undo.targets is not None
        found: list[str] = []
        source = self._view
        earlier = [snapshot.view for snapshot in reversed(self._past)]
        if undo.is_place and undo.to_start:
            earlier.append(in_photo(self._view))
        for view in earlier:
            grounder = Grounder(view, replace(self._focus))
            try:
                keys = [
                    k
                    for k in grounder.resolve(undo.targets)
                    if self._is_other(view, k, is_place=undo.is_place)
                ]
            except (Cannot, Unclear):
                continue
            if keys:
                found, source = keys, view
                if not undo.to_start:
                    break
        if not found:
            how = "where" if undo.is_place else "as"
            raise Cannot(f"{undo.targets.words or 'It'} is {how} it was.")
        edit = Edit(self._view, Grounder(self._view, replace(self._focus)))
        if undo.is_place:
            move_back(edit, source, found)
        else:
            restore(edit, source, found)
        how = "where it was" if undo.is_place else "as it was"
        edit.messages.append(f"Put {edit.view.names(found)} back {how}.")
        edit.about(found)
        verify(edit)
        remember(edit)
        edit.grounded.extend(describe(plan)[:1])
        return self._finished(edit, plan)

    def _is_other(self, then: SceneView, key: str, *, is_place: bool) -> bool:
        """Whether a thing was different then; with `is_place`, whether it was elsewhere."""
        old, new = then.objects.get(key), self._view.objects.get(key)
        if is_place and old is not None and new is not None:
            return old.world_from_object != new.world_from_object
        return old != new

    def _elsewhere(self) -> plans.EditPlan:
        """The last plan with its things at the next best spots; it is carried out on the scene before it."""
        last = self._last if self._past else None
        if last is None or not any(
            isinstance(o, plans.Place | plans.Duplicate | plans.Add) for o in last.operations
        ):
            raise Cannot(
                "Nothing was placed just now that could go elsewhere; say what should go where."
            )
        return plans.EditPlan(operations=tuple(at_next_spot(o) for o in last.operations))

    def _repeated(self, plan: plans.EditPlan) -> plans.EditPlan:
        """ "Again", "the same for the blue one": the last plan, for others or by another amount."""
        operations: list[plans.Operation] = []
        for operation in plan.operations:
            if not isinstance(operation, plans.Repeat):
                operations.append(operation)
                continue
            if self._last is None:
                raise Cannot("There is nothing to do again.")
            targets = operation.targets
            if targets is None and self._focus.things:
                targets = plans.Ref(words="it", ids=self._focus.things, number="many")
            operations += [
                again(o, targets, operation.factor)
                for o in self._last.operations
                if not isinstance(o, plans.Undo)
            ]
        return plans.EditPlan(operations=tuple(operations))
