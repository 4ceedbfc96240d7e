"""The grammar first, which is exact and takes milliseconds; a model, where one is named, for what it does not cover."""

from maquette.editing.grammar.vocabulary import History
from maquette.editing.plan import Clarification, EditPlan, Refusal
from maquette.editing.planners.grammar import GrammarPlanner
from maquette.editing.planners.options import PlannerOptions
from maquette.editing.scene_view import SceneView
from maquette_protocol.errors import MaquetteError


class AutoPlanner:
    """What the grammar asks back, or refuses though it read all of it, is final. What neither understands is asked in
    the grammar's words: it quotes what it did not understand."""

    def __init__(self, options: PlannerOptions) -> None:
        self._grammar, self._options = GrammarPlanner(options), options

    def plan(
        self, prompt: str, view: SceneView, history: History
    ) -> EditPlan | Clarification | Refusal:
        """See Planner."""
        made = self._grammar.plan(prompt, view, history)
        if not (isinstance(made, Refusal) and made.is_unread and self._options.has_model):
            return made
        from maquette.editing.planners import load_planner

        try:
            second = load_planner("llm", self._options).plan(prompt, view, history)
        except MaquetteError as error:
            words = f"{made.reason} The language model could not help: {error.message} {error.hint}"
            return Refusal(reason=words.strip())
        if isinstance(second, Refusal):
            return Clarification(question=f"{made.reason} Please say it in other words.")
        return second
