"""The planner `llm`: asks a model for a plan, reads it as any foreign text, lets the user decide on surprises."""

import json
import logging
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

from maquette.editing.grammar.vocabulary import History
from maquette.editing.llm.answering import Answer, Model
from maquette.editing.llm.consent import unasked
from maquette.editing.llm.prompt import MAX_PROMPT, answer_schema, messages_for, sentence_of
from maquette.editing.llm.scene_text import SceneText, scene_text
from maquette.editing.llm.words import Naming
from maquette.editing.plan import Clarification, EditPlan, Ref, Refusal
from maquette.editing.plan_json import PlanError, parse_plan
from maquette.editing.planners.options import PlannerOptions
from maquette.editing.scene_view import SceneView

_log = logging.getLogger(__name__)


class ModelPlanner:
    """See the module."""

    def __init__(self, options: PlannerOptions) -> None:
        """Raises MissingPartError, InputError."""
        self._model = load_model(options)

    def plan(
        self, prompt: str, view: SceneView, history: History
    ) -> EditPlan | Clarification | Refusal:
        """See Planner."""
        if not prompt.strip():
            return Refusal(reason="Nothing was asked.")
        if len(prompt) > MAX_PROMPT:
            return Refusal(reason="That is too long: please ask for a few things at a time.")
        naming = Naming.of(prompt)
        scene = scene_text(view, naming, history.things)
        answer = self._model.answer(messages_for(prompt, scene, history), answer_schema(scene))
        made = read_answer(answer, scene)
        if isinstance(made, EditPlan):
            return unasked(made, view, naming, history) or made
        return made


@lru_cache(maxsize=1)
def load_model(options: PlannerOptions) -> Model:
    """The server, where one is named; else the model is loaded, once for all planners of these options."""
    if options.server:
        from maquette.editing.llm.local_server import LocalServer

        return LocalServer(options)
    from maquette.editing.llm.local_model import LocalModel

    return LocalModel(options)


def read_answer(answer: Answer, scene: SceneText) -> EditPlan | Clarification | Refusal:
    """What a model said. Never raises: what is no plan is refused."""
    if answer.is_cut:
        return Refusal(
            reason="The model came to no end with that. Please ask for one thing at a time."
        )
    try:
        data = json.loads(answer.text)
        if not isinstance(data, dict):
            raise PlanError("$: expected an object")
        question, refusal = sentence_of(data, "question"), sentence_of(data, "refusal")
        if question is not None:
            return Clarification(question=question)
        if refusal is not None:
            return Refusal(reason=refusal)
        return _with_ids(parse_plan(data), scene)
    except (ValueError, RecursionError) as error:
        _log.warning("the model's answer is no plan: %s", error)
        return Refusal(reason="The model's answer was no plan. Please say it in other words.")


def _with_ids(part: Any, scene: SceneText) -> Any:
    """A plan, or a part of one, with ids for handles. Raises PlanError for a handle that was not given out."""
    if isinstance(part, tuple):
        return tuple(_with_ids(item, scene) for item in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    found = {f.name: _with_ids(getattr(part, f.name), scene) for f in fields(part)}
    if isinstance(part, Ref):
        unknown = [handle for handle in part.ids if handle not in scene.ids]
        if unknown:
            raise PlanError(f"ids: {unknown[:3]} were not given out")
        found["ids"] = tuple(dict.fromkeys(scene.ids[handle] for handle in part.ids))
    return replace(part, **found)
