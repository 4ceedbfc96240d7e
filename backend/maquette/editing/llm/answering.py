"""What stands between the planner and a model, wherever it runs."""

from dataclasses import dataclass
from typing import Protocol

from maquette.editing.llm.prompt import Message
from maquette.editing.plan_json import Json


@dataclass(frozen=True)
class Answer:
    """JSON text of the schema that was asked for."""

    text: str
    is_cut: bool  # it reached the budget of tokens and was closed


class Model(Protocol):
    """A loaded model, or a server that has one."""

    def answer(self, messages: list[Message], schema: Json) -> Answer:
        """The likeliest one; the same each time. Raises ModelError."""
        ...
