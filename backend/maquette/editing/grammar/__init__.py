"""The default planner: a parser over a typed vocabulary. No weights, no network, milliseconds."""

from maquette.editing.grammar.planner import plan
from maquette.editing.grammar.vocabulary import History, Thing, Vocabulary

__all__ = ["History", "Thing", "Vocabulary", "plan"]
