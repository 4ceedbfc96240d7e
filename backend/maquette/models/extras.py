"""Whether the optional packages of a model are there; said before anything is loaded."""

from importlib.util import find_spec

from maquette_protocol.errors import MissingPartError


def require_g2vlm() -> None:
    """Raises MissingPartError where the extra "g2vlm" is not installed."""
    _require("G²VLM needs", "g2vlm", ("torch", "tokenizers"))


def require_onnx() -> None:
    """Raises MissingPartError where the extra "onnx" is not installed."""
    _require("ONNX models need", "onnx", ("onnxruntime",))


def require_vision() -> None:
    """Raises MissingPartError where the extra "vision" is not installed."""
    _require("Finding things by words needs", "vision", ("torch", "transformers"))


def require_planner() -> None:
    """Raises MissingPartError where the extra "llm", which holds a model to plans, is not installed."""
    _require("Plans by a model need", "llm", ("torch", "transformers", "llguidance"))


def require_hub(extra: str) -> None:
    """Raises MissingPartError where what fetches models, which comes with the extra, is not installed."""
    _require("Fetching models needs", extra, ("huggingface_hub",))


def _require(who: str, extra: str, packages: tuple[str, ...]) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise MissingPartError(
            f"{who} the extra '{extra}' ({' and '.join(missing)} not installed).",
            hint=f"pip install 'maquette[{extra}]'",
        )
