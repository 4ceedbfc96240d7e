"""Checksums that come with a model's files, and whether the files have them.

A manifest.json lists SHA-256 of files. The hub's cache names each file by what is in it: large ones by SHA-256, small
ones by git's own SHA-1 of a blob.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from maquette_protocol.errors import InputError
from maquette_protocol.messages import Check
from maquette_protocol.paths import inside

_CHUNK_BYTES = 1 << 20
_SHA256, _GIT_SHA1 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """What a file should hash to. `expected` has 64 digits (SHA-256) or 40 (git's blob)."""

    name: str
    file: Path
    expected: str

    def holds(self) -> bool:
        """Whether the file has it; reads the whole file. Raises OSError."""
        if len(self.expected) == 64:
            digest = hashlib.sha256()
        else:
            size = self.file.stat().st_size
            digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        with self.file.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest() == self.expected


def verify_checksums(folder: Path, names: Iterable[str]) -> Check:
    """Whether the folder's files have all checksums that come with them; a note where none do."""
    try:
        known = known_checksums(folder, names)
    except InputError as error:
        return failed("checksums", error)
    wrong = [checksum.name for checksum in known if not _holds(checksum)]
    if wrong:
        return failed("checksums", InputError(f"Not what they should be: {', '.join(wrong)}."))
    if not known:
        return Check(name="checksums", state="note", found="none come with this folder")
    one = "1 file is what it should be"
    found = one if len(known) == 1 else f"{len(known)} files are what they should be"
    return Check(name="checksums", state="ok", found=found)


def failed(name: str, error: InputError) -> Check:
    """The check that an error makes fail."""
    return Check(name=name, state="missing", found=error.message, hint=error.hint)


def _holds(checksum: Checksum) -> bool:
    try:
        return checksum.holds()
    except OSError:
        return False


def known_checksums(folder: Path, names: Iterable[str]) -> list[Checksum]:
    """All that come with the folder: its manifest's, and those in the hub's cache of `names`. Raises InputError."""
    listed = _from_manifest(folder)
    for name in names:
        file = folder / name
        blob = file.resolve().name if file.is_symlink() else ""
        if _SHA256.fullmatch(blob) or _GIT_SHA1.fullmatch(blob):
            listed.append(Checksum(name=name, file=file, expected=blob))
    return listed


def _from_manifest(folder: Path) -> list[Checksum]:
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return []
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return [
            Checksum(name=name, file=inside(folder, name), expected=str(facts["sha256"]).lower())
            for name, facts in files.items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{manifest} cannot be read: {error!r}.") from error
