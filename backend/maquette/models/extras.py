"""Whether the optional packages of a model are there; said before anything is loaded."""

from importlib.util import find_spec

from maquette_protocol.errors import MissingPartError


def require_g2vlm() -> None:
    """Raises MissingPartError where the extra "g2vlm" is not installed."""
    missing = [name for name in ("torch", "tokenizers") if find_spec(name) is None]
    if missing:
        raise MissingPartError(
            f"G²VLM needs the extra 'g2vlm' ({' and '.join(missing)} not installed).",
            hint="pip install 'maquette[g2vlm]'",
        )
