"""An instruct model in this process, through transformers: loaded once, offline, from safetensors, without its code."""

import time
from pathlib import Path
from typing import Any

from maquette.editing.llm.answering import Answer
from maquette.editing.llm.prompt import Message
from maquette.editing.plan_json import Json
from maquette.editing.planners.options import PlannerOptions
from maquette_protocol.errors import MissingPartError, ModelError

_EXAMPLE = "Qwen/Qwen3-4B-Instruct-2507"
_HOW = (
    f"Any instruct model in safetensors will do, for example {_EXAMPLE} (`hf download {_EXAMPLE}`). "
    "Name its folder, or its name in the hub's cache: with --model, in MAQUETTE_PLANNER_MODEL for the backend, or in "
    "the extension's preferences. A llama.cpp or Ollama server will do, too: --model-server http://127.0.0.1:8080."
)

_AT_ONCE = 512  # tokens read between looks at the clock


class LocalModel:
    """A causal language model and its tokenizer."""

    def __init__(self, options: PlannerOptions) -> None:
        """Raises MissingPartError without the extra or the model."""
        if not options.model:
            raise MissingPartError(
                "The planner 'llm' needs a language model, and none is named.", hint=_HOW
            )
        torch, transformers = _imported()
        folder = _where(options.model)
        self._options, self._torch = options, torch
        transformers.utils.logging.disable_progress_bar()
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
            self._model: Any = transformers.AutoModelForCausalLM.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype="auto",
            )
        except (OSError, ValueError, KeyError) as error:
            raise MissingPartError(
                f"{options.model} holds no language model that can be loaded: {error}", hint=_HOW
            ) from error
        self._model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        from maquette.editing.llm.constrained import Constraints

        self._constraints = Constraints(
            self._tokenizer, self._model.get_output_embeddings().weight.shape[0]
        )
        self._cache: Any = (
            None  # keys and values of what was read last, to begin the next prompt with
        )
        self._read: list[int] = []  # the tokens in the cache

    def answer(self, messages: list[Message], schema: Json) -> Answer:
        """See Model."""
        constraint = self._constraints.of(schema)
        deadline = time.monotonic() + self._options.timeout_s
        following = self._prompt_tokens(messages)
        self._check_room(len(following))
        with self._torch.inference_mode():
            following = self._kept(following)
            while not constraint.is_complete and constraint.num_tokens < self._options.max_tokens:
                tokens = constraint.forced()
                if not tokens:
                    tokens = [self._next(following, constraint, deadline)]
                    following = []
                constraint.take(tokens)
                following += tokens
        return Answer(text=constraint.text(), is_cut=not constraint.is_complete)

    def _prompt_tokens(self, messages: list[Message]) -> list[int]:
        if self._tokenizer.chat_template is None:  # a base model
            text = "\n\n".join(f"{m['role']}: {m['content']}" for m in messages) + "\n\nassistant: "
            return list(self._tokenizer(text)["input_ids"])
        text = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _check_room(self, num_tokens: int) -> None:
        room = getattr(self._model.config, "max_position_embeddings", None)
        if room is not None and num_tokens + self._options.max_tokens > room:
            raise ModelError(
                f"The scene and the words are {num_tokens} tokens, and the model reads {room} at most.",
                hint="Choose a model with a longer context.",
            )

    def _check_time(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise ModelError(
                f"The model did not answer within {self._options.timeout_s:g} s.",
                hint="Choose a smaller model.",
            )

    def _kept(self, tokens: list[int]) -> list[int]:
        """Begin with what the last prompt had in common; returns the tokens that are still to be read."""
        from transformers import DynamicCache

        common = 0
        for old, new in zip(self._read, tokens[:-1], strict=False):
            if old != new:
                break
            common += 1
        if self._cache is None or common == 0:
            self._cache = DynamicCache()
        elif common < len(self._read):
            self._cache.crop(common - len(self._read))  # negative: so many from the end
        self._read = tokens[:common]
        return tokens[common:]

    def _next(self, tokens: list[int], constraint: Any, deadline: float) -> int:
        """The likeliest token of those that may follow these. Raises ModelError; what was read by then stays read."""
        torch, output = self._torch, None
        for start in range(0, len(tokens), _AT_ONCE):
            self._check_time(deadline)
            part = tokens[start : start + _AT_ONCE]
            output = self._model(
                input_ids=torch.tensor([part], device=self._model.device),
                cache=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
            self._read += part
        assert output is not None
        logits = torch.nan_to_num(output.logits[0, -1].float())
        allowed = torch.from_numpy(constraint.allowed()).to(logits.device)
        return int(logits.masked_fill(~allowed, -torch.inf).argmax())


def _imported() -> tuple[Any, Any]:
    try:
        import llguidance  # noqa: F401
        import torch
        import transformers
    except ImportError as error:
        raise MissingPartError(
            f"The planner 'llm' needs the extra 'llm' ({error.name} is not installed).",
            hint="pip install 'maquette[llm]', or name a local server with --model-server.",
        ) from error
    return torch, transformers


def _where(model: str) -> str:
    """The folder of a model, or its snapshot in the hub's cache; nothing is downloaded. Raises MissingPartError."""
    folder = Path(model).expanduser()
    if (folder / "config.json").is_file():
        return str(folder)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return str(snapshot_download(model, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise MissingPartError(
            f"There is no model {model}: no folder with a config.json, and not in the hub's cache.",
            hint=_HOW,
        ) from error
