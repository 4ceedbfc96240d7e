"""Which language model understands prompts, where one does."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PlannerOptions:
    """The same for all planners; those without a model take nothing of it."""

    model: str = (
        ""  # folder of a model, or its name in the hub's cache; with a server: its name there
    )
    server: str = (
        ""  # "http://127.0.0.1:8080": an OpenAI-compatible server instead of a loaded model
    )
    is_remote_allowed: bool = False  # the server may be on another machine
    scene: str = (
        ""  # folder of the scene that is talked about, for a planner that looks at its photos
    )
    timeout_s: float = 120.0  # for one prompt
    max_tokens: int = 512  # of one plan; about 40 per operation

    @staticmethod
    def from_environment() -> "PlannerOptions":
        """As MAQUETTE_PLANNER_MODEL, MAQUETTE_PLANNER_SERVER and MAQUETTE_PLANNER_ALLOW_REMOTE (1) say."""
        return PlannerOptions(
            model=os.environ.get("MAQUETTE_PLANNER_MODEL", ""),
            server=os.environ.get("MAQUETTE_PLANNER_SERVER", ""),
            is_remote_allowed=os.environ.get("MAQUETTE_PLANNER_ALLOW_REMOTE", "") == "1",
        )

    @property
    def has_model(self) -> bool:
        """Whether a model was named at all."""
        return bool(self.model or self.server)
