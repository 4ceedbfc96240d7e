"""The folder where one job works: stage results for resuming, scratch files, removed when the job is done.

It lies in the user's cache, named by what the result depends on (photos, options, version), so the same command
after an interruption finds what was finished, and the output folder never holds anything half-made.
"""

import hashlib
import itertools
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TypeVar

import maquette
from maquette import checkpoint
from maquette.locks import try_lock
from maquette.progress import Progress
from maquette_protocol.errors import InputError, StorageError

Result = TypeVar("Result")
KEEP_S = 7 * 24 * 3600  # an abandoned job's folder is removed after a week


def cache_folder() -> Path:
    """Where Maquette keeps what can be made again: MAQUETTE_CACHE, else the platform's cache folder."""
    asked = os.environ.get("MAQUETTE_CACHE")
    if asked:
        return Path(asked)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "Maquette"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "Maquette"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "maquette"


class Workspace:
    """A job's folder, and its stages: `stage` computes a result once and finds it again later."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[bytes] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _no_place(folder, error) from error

    @classmethod
    def for_job(cls, sources: Sequence[Path], options: dict[str, object]) -> "Workspace":
        """The folder of the job that reads `sources` (files) with `options` (JSON values).

        Where the same job is running already, another folder: two must not write into one.
        """
        stamps = [_stamp(path) for path in sources]
        text = json.dumps([maquette.__version__, stamps, options], sort_keys=True, default=str)
        root = cache_folder() / "jobs"
        _remove_abandoned(root)
        name = hashlib.sha256(text.encode()).hexdigest()[:20]
        for number in itertools.count():
            workspace = cls(root / (f"{name}-{number}" if number else name))
            if workspace._take():
                return workspace
        raise AssertionError("unreachable: the count never ends")

    def _take(self) -> bool:
        """Whether this process has the folder to itself now."""
        try:
            self._lock = try_lock(self.folder / "lock")
        except OSError as error:
            raise _no_place(self.folder, error) from error
        return self._lock is not None

    def stage(
        self,
        key: str,
        title: str,
        span: tuple[float, float],
        progress: Progress,
        compute: Callable[[Progress], Result],
        types: tuple[type, ...],
    ) -> Result:
        """`compute`'s result, from disk where an earlier run of this job finished it."""
        file = self.folder / f"{key}.safetensors"
        if file.exists():
            try:
                seconds, result = checkpoint.load(file, types)
            except InputError:
                file.unlink()  # written by another version: compute again
            else:
                progress.seconds[key] = seconds
                with progress.stage(title, key, *span):
                    return result
        with progress.stage(title, key, *span):
            result = compute(progress)
        checkpoint.save(file, (progress.seconds[key], result))
        return result

    def release(self) -> None:
        """Let the same job, or its next attempt, have the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def remove(self) -> None:
        """Delete the folder; what cannot be deleted is left for the next clean-up."""
        self.release()  # Windows deletes no open file
        shutil.rmtree(self.folder, ignore_errors=True)


def _no_place(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"Cannot write to the cache folder {folder}: {error.strerror}.",
        hint="Free some space, or set MAQUETTE_CACHE to a folder that can be written.",
    )


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path.absolute()), status.st_size, status.st_mtime_ns


def _remove_abandoned(root: Path) -> None:
    if not root.is_dir():
        return
    now = time.time()
    for folder in root.iterdir():
        if now - folder.stat().st_mtime > KEEP_S:
            shutil.rmtree(folder, ignore_errors=True)
