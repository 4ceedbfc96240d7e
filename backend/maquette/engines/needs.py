"""What an engine needs beside the program itself, and whether it is here; nothing of the engine is loaded to tell."""

from pathlib import Path

from maquette.engines import ENGINES
from maquette.models.catalog import model_folder
from maquette.models.extras import require_g2vlm, require_onnx
from maquette.models.onnx.find import find_onnx
from maquette_protocol.errors import InputError


def check_needs(engine: str, model: Path | None = None) -> None:
    """Raises MissingPartError that says what is missing, how large, which licence and how to get it; InputError."""
    if engine not in ENGINES:
        raise InputError(f"No engine {engine!r}.", hint=f"Choose from: {', '.join(ENGINES)}.")
    if engine == "classical" and model is not None:
        raise InputError(
            "The engine classical uses no model.", hint="Leave --model out, or choose its --engine."
        )
    if engine == "g2vlm":
        require_g2vlm()
        model_folder(str(model or "g2vlm"))
    elif engine == "onnx":
        require_onnx()
        find_onnx(model)


def ready_engines() -> tuple[str, ...]:
    """The engines that can run now, with the model that they take where none is named."""
    return tuple(name for name in ENGINES if _is_ready(name))


def _is_ready(engine: str) -> bool:
    try:
        check_needs(engine)
    except InputError:
        return False
    return True
