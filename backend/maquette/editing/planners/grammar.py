"""The default planner: the parser in `editing/grammar/`, told which things the scene has."""

from dataclasses import replace

from maquette.editing.grammar.planner import plan
from maquette.editing.grammar.vocabulary import History, Vocabulary
from maquette.editing.plan import Clarification, EditPlan, Refusal
from maquette.editing.planners.options import PlannerOptions
from maquette.editing.scene_view import SceneView
from maquette_protocol.document import SceneDocument


class GrammarPlanner:
    """See the module."""

    def __init__(self, options: PlannerOptions) -> None:
        self._known: tuple[SceneDocument, Vocabulary] | None = None

    def plan(
        self, prompt: str, view: SceneView, history: History
    ) -> EditPlan | Clarification | Refusal:
        """See Planner."""
        vocabulary = self._vocabulary(view.document)
        return plan(prompt, replace(vocabulary, num_selected=len(view.document.selection)), history)

    def _vocabulary(self, document: SceneDocument) -> Vocabulary:
        """Derived once per set of things."""
        known = self._known
        if (
            known is None
            or known[0].objects is not document.objects
            or known[0].cameras is not document.cameras
        ):
            made = Vocabulary.of(
                ((o.label, o.kind, o.name, o.id) for o in document.objects),
                (c.id for c in document.cameras),
            )
            known = self._known = (document, made)
        return known[1]
