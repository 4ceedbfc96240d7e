"""Who understands a prompt. A planner only reads; grounding, solving and verifying are the same for all.

| planner   | needs                                     | understands                                                 |
|-----------|-------------------------------------------|-------------------------------------------------------------|
| `grammar` | nothing                                   | what its vocabulary covers; says which words it did not     |
| `llm`     | a local instruct model, or its server     | free wording, other languages; never more than the schema   |
| `g2vlm`   | G²VLM's weights, a scene with photos      | as `llm`, with the photos and their geometry before it      |
| `auto`    | as `grammar`; as `llm` where one is named | the grammar first, the model for what it does not cover     |
"""

from functools import lru_cache
from importlib import import_module
from typing import Protocol

from maquette.asking.options import FROM_PHOTOS
from maquette.editing.grammar.vocabulary import History
from maquette.editing.plan import Clarification, EditPlan, Refusal
from maquette.editing.planners.options import PlannerOptions
from maquette.editing.scene_view import SceneView
from maquette_protocol.errors import InputError

PLANNERS = {
    "grammar": "maquette.editing.planners.grammar:GrammarPlanner",
    "llm": "maquette.editing.llm.planner:ModelPlanner",
    FROM_PHOTOS: "maquette.editing.llm.photo_model:PhotoPlanner",
    "auto": "maquette.editing.planners.auto:AutoPlanner",
}


class Planner(Protocol):
    """Made from `PlannerOptions`; shared by conversations, so it knows nothing of any one of them."""

    def plan(
        self, prompt: str, view: SceneView, history: History
    ) -> EditPlan | Clarification | Refusal:
        """What the prompt asks for. Raises MaquetteError where the planner itself fails."""
        ...


@lru_cache(maxsize=8)
def load_planner(name: str, options: PlannerOptions) -> Planner:
    """Raises InputError for an unknown name; MissingPartError, InputError where what it needs is missing."""
    if name not in PLANNERS:
        raise InputError(
            f"There is no planner {name!r}.", hint=f"Choose from: {', '.join(PLANNERS)}."
        )
    module, attribute = PLANNERS[name].split(":")
    return getattr(import_module(module), attribute)(options)


__all__ = ["PLANNERS", "Planner", "PlannerOptions", "load_planner"]
