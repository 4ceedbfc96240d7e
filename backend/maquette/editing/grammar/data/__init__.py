"""Lists of words, one entry a line; what starts with # is a remark. Where they come from: README.md beside them."""

from pathlib import Path


def lines(name: str) -> list[str]:
    """The entries of a list."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
