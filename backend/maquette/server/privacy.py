"""Text fit for a bug report: where the user's files lie is not in it, only what they are called."""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import maquette

# a drive or the root, then at least one folder, up to what cannot be in a path as programs print it
_QUOTED = re.compile(r"""(["'])((?:[A-Za-z]:)?[\\/](?:(?!\1).)*[\\/](?:(?!\1).)*)\1""")
_PLAIN = re.compile(
    r"""(?<![\w/\\.~<>:])(?:[A-Za-z]:)?[\\/](?:[^\s"'<>|:*?\\/]+[\\/])+[^\s"'<>|:*?]*"""
)
_LINE = 4000  # characters of a line that are looked at and kept


def shorten(text: str, folders: Mapping[Path, str], private: Iterable[str] = ()) -> str:
    """Known folders by their label, names in `private` and other folders by their last part alone.

    folders: the store and the like, with labels such as "<store>"; the program's own are known already
    private: paths that appear in the text and may hold spaces, such as a job's inputs
    """
    text = "\n".join(line[:_LINE] for line in text.split("\n"))
    for path in sorted(private, key=len, reverse=True):
        text = text.replace(path, f"…/{Path(path).name}")
    for folder, label in _longest_first({**_own_folders(), **folders}):
        text = re.sub(re.escape(folder) + r"(?![\w.-])", lambda _, label=label: label, text)
    text = _QUOTED.sub(lambda found: f"{found[1]}…/{_last(found[2])}{found[1]}", text)
    return _PLAIN.sub(lambda found: f"…/{_last(found[0])}", text)


def _own_folders() -> dict[Path, str]:
    return {
        Path(maquette.__file__).parent: "<maquette>",
        Path(sys.prefix): "<python>",
        Path(sys.base_prefix): "<python>",
        Path.home(): "~",
    }


def _longest_first(folders: Mapping[Path, str]) -> list[tuple[str, str]]:
    pairs = [(str(folder), label) for folder, label in folders.items() if folder != folder.parent]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def _last(path: str) -> str:
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]
