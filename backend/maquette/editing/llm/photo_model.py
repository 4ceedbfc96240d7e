"""The planner `g2vlm`: the network with a scene's photos and their geometry before it, held to the schema of plans.

Photos, task and examples go through it once; a prompt costs its own words, the scene's lines and the plan.
"""

import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from maquette.asking.options import MAX_PHOTOS
from maquette.asking.subject import read_photo, subject_of_scene
from maquette.editing.llm.answering import Answer
from maquette.editing.llm.planner import ModelPlanner
from maquette.editing.llm.prompt import Message
from maquette.editing.plan_json import Json
from maquette.editing.planners.options import PlannerOptions
from maquette.models.catalog import model_folder
from maquette.models.extras import require_g2vlm, require_planner
from maquette.scene import Scene
from maquette_protocol.errors import InputError, ModelError

if TYPE_CHECKING:
    from maquette.models.g2vlm.memory import Placement
    from maquette.models.g2vlm.model import G2vlm


class PhotoPlanner(ModelPlanner):
    """As the planner `llm`, by a network that sees."""

    def __init__(self, options: PlannerOptions) -> None:
        """Raises MissingPartError without weights or extras, InputError for a scene without photos."""
        self._model = PhotoModel(options)


class PhotoModel:
    """G²VLM as a Model; see answering.py."""

    def __init__(self, options: PlannerOptions) -> None:
        """See PhotoPlanner. Raises OutOfMemoryError, too."""
        if options.server:
            raise InputError(
                "The planner 'g2vlm' asks no server.", hint="Leave --model-server out."
            )
        if not options.scene:
            raise InputError(
                "The planner 'g2vlm' looks at a scene's photos, and none are known here.",
                hint="maquette edit SCENE … --planner g2vlm, with the folder of a scene from photos.",
            )
        subject = subject_of_scene(Scene.open(Path(options.scene)), MAX_PHOTOS)
        require_g2vlm()
        require_planner()
        folder = model_folder(options.model or "g2vlm")
        from transformers import PreTrainedTokenizerFast

        from maquette.editing.llm.constrained import Constraints
        from maquette.models.g2vlm.chat import Talk
        from maquette.models.g2vlm.config import Config
        from maquette.models.g2vlm.memory import place

        config = Config.load(folder)
        where = place(config, "chat", len(subject.photos))
        network = _network(folder, where)
        tokens = network.tokens
        photos = [read_photo(photo) for photo in subject.best(where.num_photos).photos]
        self._options, self._talk = options, Talk(network, photos)
        vocabulary = PreTrainedTokenizerFast(
            tokenizer_object=tokens.tokenizer, eos_token=tokens.tokenizer.id_to_token(tokens.end)
        )
        self._constraints = Constraints(vocabulary, config.text.vocab_size)

    def answer(self, messages: list[Message], schema: Json) -> Answer:
        """See Model."""
        from maquette.models.g2vlm.chat import Turn

        constraint = self._constraints.of(schema)
        deadline = time.monotonic() + self._options.timeout_s
        task, *examples, words = [message["content"] for message in messages]
        asked, answered = examples[0::2], examples[1::2]
        told = [f"{task}\n\n{asked[0]}", *asked[1:]]
        self._talk.go_on_from(
            [Turn(question=q, answer=a) for q, a in zip(told, answered, strict=True)]
        )

        def check() -> None:
            if time.monotonic() > deadline:
                raise ModelError(
                    f"The network did not answer within {self._options.timeout_s:g} s.",
                    hint="Ask for one thing at a time, or choose another planner.",
                )

        self._talk.ask_within(words, constraint, self._options.max_tokens, check)
        return Answer(text=constraint.text(), is_cut=not constraint.is_complete)


@lru_cache(maxsize=1)
def _network(folder: Path, where: "Placement") -> "G2vlm":
    """Loaded once for the scenes that are talked about."""
    from maquette.models.g2vlm.weights import LoadOptions, load_model

    return load_model(folder, LoadOptions(task="chat", dtype=where.dtype, device=where.device))
