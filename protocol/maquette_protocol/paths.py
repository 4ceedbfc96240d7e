"""Relative paths that came from the other side: only what names a plain file inside a folder, on every system."""

import re
from pathlib import Path, PurePosixPath

from maquette_protocol.errors import PathError

MAX_DEPTH = 16
MAX_NAME_BYTES = 255
# on Windows these are devices in every folder, whatever follows the first dot
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.I)
_REFUSED_CHARACTERS = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')


def check_relative(path: str) -> PurePosixPath:
    """The path, if it stays inside the folder that it is meant for. Raises PathError."""
    names = path.split("/")
    if len(names) > MAX_DEPTH or not all(_is_plain(name) for name in names):
        raise PathError(
            f"The path {path[:100]!r} is not one inside a folder.",
            hint="Only relative paths of plain names are taken, with forward slashes.",
        )
    return PurePosixPath(*names)


def plain_name(name: str) -> str:
    """The nearest name that `check_relative` takes: for photos whose names other systems can't have."""
    changed = _REFUSED_CHARACTERS.sub("_", name).encode(errors="replace").decode()
    changed = changed.rstrip(". ") or "_"
    while len(changed.encode()) > MAX_NAME_BYTES:
        stem, dot, suffix = changed.rpartition(".")
        changed = f"{stem[:-1]}{dot}{suffix}" if len(stem) > 1 else changed[:-1]
    return f"_{changed}" if _DEVICES.fullmatch(changed) else changed


def inside(folder: Path, path: str) -> Path:
    """Where the path is in the folder, through no link that leads out. Raises PathError."""
    place = folder.joinpath(check_relative(path))
    root = folder.resolve()
    if place.resolve() != root.joinpath(check_relative(path)):
        raise PathError(
            f"The path {path[:100]!r} goes through a link.", hint="Links are not followed."
        )
    return place


def _is_plain(name: str) -> bool:
    return (
        bool(name)
        and name == name.rstrip(". ")  # which Windows would cut off; also "." and ".."
        and len(name.encode(errors="replace")) <= MAX_NAME_BYTES
        and not _REFUSED_CHARACTERS.search(name)
        and not _DEVICES.fullmatch(name)
    )
