"""From what the user gives (files, folders, patterns) to the photo and video files, in a fixed order."""

import glob
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from maquette_protocol.errors import PhotoError

VIDEO_SUFFIXES = frozenset(
    [
        ".mp4",
        ".mov",
        ".m4v",
        ".avi",
        ".mkv",
        ".webm",
        ".mpg",
        ".mpeg",
        ".wmv",
        ".3gp",
        ".mts",
        ".m2ts",
    ]
)
RAW_SUFFIXES = frozenset(
    [".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw"]
)
PHOTO_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .png .webp .tif .tiff .heic .heif .hif .bmp .gif .ppm .pgm".split()  # noqa: SIM905
)
READABLE = "JPEG, PNG, WebP, TIFF, HEIC and BMP photos, and videos"


def list_sources(inputs: Sequence[Path | str]) -> tuple[Path, ...]:
    """The files behind `inputs`: files, folders and patterns such as `photos/*.jpg`, each file once.

    A folder gives the photos and videos that lie in it, and only if there are none those of the
    folders below it. Inside a folder the order is natural (img2 before img10).
    Raises PhotoError where a path is missing, a pattern matches nothing or a folder has no photos.
    """
    if not inputs:
        raise PhotoError("No photos were given.", hint="Name a folder with photos, or the files.")
    files: dict[Path, Path] = {}
    for given in inputs:
        for file in _expand(given):
            files.setdefault(file.resolve(), file)
    return tuple(files.values())


def _expand(given: Path | str) -> list[Path]:
    path = Path(given).expanduser()
    try:
        if path.is_file():
            return [path]
        if path.is_dir():
            return _photos_in(path)
        if path.exists():
            raise PhotoError(
                f"{path} is neither a file nor a folder.", hint=f"Maquette reads {READABLE}."
            )
    except OSError as error:
        raise PhotoError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path and its permissions."
        ) from error
    if not glob.has_magic(str(path)):
        raise PhotoError(
            f"{path} does not exist.",
            hint="Check the spelling; put names with spaces in quotation marks.",
        )
    matches = [Path(match) for match in glob.glob(str(path), recursive=True)]  # noqa: PTH207
    files = _photos_among(match for match in matches if match.is_file())
    if not files:
        raise PhotoError(
            f"No photo or video matches {path}.", hint="Check the pattern, or name the folder."
        )
    return files


def _photos_in(folder: Path) -> list[Path]:
    files = _photos_among(file for file in folder.iterdir() if file.is_file())
    if not files:
        below = (file for file in folder.rglob("*") if not _is_hidden(file, folder))
        files = _photos_among(file for file in below if file.is_file())
    if not files:
        raise PhotoError(
            f"There are no photos in the folder {folder}.", hint=f"Maquette reads {READABLE}."
        )
    return files


def _photos_among(files: Iterable[Path]) -> list[Path]:
    known = PHOTO_SUFFIXES | VIDEO_SUFFIXES | RAW_SUFFIXES
    kept = [
        file
        for file in files
        if file.suffix.lower() in known
        and not file.name.startswith(".")
        and not file.name.lower().endswith(".mask.png")
    ]
    # Cameras store a raw file beside the same photo as JPEG; the JPEG is enough.
    developed = {file.with_suffix("") for file in kept if file.suffix.lower() in PHOTO_SUFFIXES}
    kept = [
        file
        for file in kept
        if file.suffix.lower() not in RAW_SUFFIXES or file.with_suffix("") not in developed
    ]
    return sorted(kept, key=_natural_key)


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _natural_key(file: Path) -> tuple[object, ...]:
    pieces = re.split(r"(\d+)", str(file).lower())
    # re.split puts the numbers at odd places, so equal places compare the same types.
    numbered = [int(piece) if place % 2 else piece for place, piece in enumerate(pieces)]
    return (*numbered, str(file))


class Names:
    """Hands out plain file names that no two photos of a run share, on any file system."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, name: str) -> str:
        """`name` without what is no plain text, with a number where another photo has it already."""
        plain = name.encode("utf-8", "replace").decode("utf-8")
        plain = "".join("_" if not c.isprintable() or c in '\\/:"' else c for c in plain)
        candidate, number = plain, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{Path(plain).stem}_{number}{Path(plain).suffix}"
        self._taken.add(candidate.casefold())
        return candidate
