"""The Python interface: photos in, a `Scene` out; what the command line does, in a few typed calls."""

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from maquette.options import ReconstructOptions
from maquette.pipeline import Result, job_workspace, run
from maquette.progress import Progress, ProgressEvent, ignore_event
from maquette.scene import Scene
from maquette.workspace import Workspace
from maquette_protocol.errors import CrashError, InputError, NoReconstructionError, StorageError

_FILE_FORMATS = (".blend", ".glb", ".ply", ".obj", ".usd", ".usda", ".usdz")
_TOO_FULL_MB = 32  # free space at which a crash is put down to it


def reconstruct(
    photos: Sequence[Path | str] | Path | str,
    options: ReconstructOptions | None = None,
    *,
    on_progress: Callable[[ProgressEvent], None] = ignore_event,
) -> Scene:
    """A scene from photos, folders, patterns or a video; lies in a temporary folder until `Scene.save`.

    Raises InputError, NoReconstructionError, StorageError, CrashError.
    """
    return reconstruct_result(photos, options, on_progress=on_progress).scene


def reconstruct_result(
    photos: Sequence[Path | str] | Path | str,
    options: ReconstructOptions | None = None,
    *,
    on_progress: Callable[[ProgressEvent], None] = ignore_event,
) -> Result:
    """As `reconstruct`, with everything that is known about the result: cameras, depth, seconds, warnings."""
    inputs = [photos] if isinstance(photos, str | Path) else list(photos)
    options = options or ReconstructOptions()
    workspace = job_workspace(inputs, options)
    try:
        return _reconstruct_in(workspace, inputs, options, Progress(on_progress))
    finally:
        workspace.release()


def _reconstruct_in(
    workspace: Workspace,
    photos: Sequence[Path | str],
    options: ReconstructOptions,
    progress: Progress,
) -> Result:
    try:
        with storage_errors(workspace.folder):
            return run(photos, options, workspace, progress)
    except (InputError, NoReconstructionError):
        workspace.remove()
        raise


def reconstruct_to(
    photos: Sequence[Path | str], out: Path, options: ReconstructOptions, progress: Progress
) -> dict[str, object]:
    """Reconstruct into `out` (a folder, or a file whose ending chooses the format); returns the summary."""
    check_target(out)
    workspace = job_workspace(photos, options)
    try:
        result = _reconstruct_in(workspace, photos, options, progress)
        with storage_errors(out):
            if out.suffix.lower() in _FILE_FORMATS:
                result.scene.export(out)
            else:
                result.scene.save(out)
        workspace.remove()
    finally:
        workspace.release()
    return {"scene": str(out), **result.summary()}


def check_target(out: Path) -> None:
    """Find out before the work, not after it, that nothing can be written there. Raises InputError."""
    suffix = out.suffix.lower()
    if suffix in _FILE_FORMATS and out.is_dir():
        raise InputError(f"{out} is a folder.", hint="Name a file, or a folder without ending.")
    if suffix not in _FILE_FORMATS and out.is_file():
        raise InputError(
            f"{out} is a file, and its ending names no format.",
            hint=f"Name a folder, or a file ending in {', '.join(_FILE_FORMATS)}.",
        )
    is_foreign = out.is_dir() and any(out.iterdir()) and not (out / "scene.json").is_file()
    if suffix not in _FILE_FORMATS and is_foreign:
        raise InputError(
            f"{out} holds other things and is not a Maquette scene.",
            hint="Name a new or empty folder.",
        )
    ancestor = out.absolute().parent
    while not ancestor.exists():
        ancestor = ancestor.parent
    try:
        with tempfile.TemporaryFile(dir=ancestor):
            pass
    except OSError as error:
        raise InputError(
            f"Cannot write to {ancestor}: {error.strerror or error}.",
            hint="Choose another place with -o.",
        ) from error


def open_scene(path: Path | str) -> Scene:
    """A saved scene, by its folder or its scene.json. Raises InputError, DocumentError."""
    return Scene.open(Path(path))


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """What the system refuses while writing to `place`, in words. Raises StorageError."""
    try:
        yield
    except CrashError as error:
        # a library that cannot write may know no better than to end
        if _free_mb(place) < _TOO_FULL_MB:
            raise _disk_full(place, str(place)) from error
        raise
    except OSError as error:
        written = error.filename or place
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(place, str(written)) from error
        raise StorageError(
            f"Cannot write {written}: {error.strerror or error}.",
            hint="Check the permissions, or choose another place.",
        ) from error


def _free_mb(place: Path) -> int:
    place = place.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free // 2**20


def _disk_full(place: Path, written: str) -> StorageError:
    return StorageError(
        f"The disk is full ({_free_mb(place)} MB free) at {written}.",
        hint="Free some space and give the same command again: it goes on where it stopped.",
    )
