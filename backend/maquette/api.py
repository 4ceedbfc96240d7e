"""The Python interface: photos in, a `Scene` out; what the command line does, in a few typed calls."""

import errno
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from maquette.options import ReconstructOptions
from maquette.pipeline import Result, job_workspace, run
from maquette.progress import Progress, ProgressEvent, ignore_event
from maquette.scene import Scene
from maquette_protocol.errors import InputError, NoReconstructionError, StorageError

_FILE_FORMATS = (".blend", ".glb", ".ply", ".obj", ".usd", ".usda", ".usdz")


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
        return run(inputs, options, workspace, Progress(on_progress))
    except OSError as error:
        raise _storage_error(error, workspace.folder) from error
    except (InputError, NoReconstructionError):
        workspace.remove()
        raise


def reconstruct_to(
    photos: Sequence[Path | str],
    out: Path,
    options: ReconstructOptions,
    on_progress: Callable[[ProgressEvent], None] = ignore_event,
) -> dict[str, object]:
    """Reconstruct into `out` (a folder, or a file whose ending chooses the format); returns the summary."""
    check_target(out)
    workspace = job_workspace(photos, options)
    result = reconstruct_result(photos, options, on_progress=on_progress)
    try:
        if out.suffix.lower() in _FILE_FORMATS:
            result.scene.export(out)
        else:
            result.scene.save(out)
    except OSError as error:
        raise _storage_error(error, out) from error
    workspace.remove()
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


def _storage_error(error: OSError, place: Path) -> StorageError:
    if error.errno == errno.ENOSPC:
        free_mb = shutil.disk_usage(place if place.exists() else place.parent).free // 2**20
        return StorageError(
            f"The disk is full ({free_mb} MB free) at {error.filename or place}.",
            hint="Free some space and give the same command again: it goes on where it stopped.",
        )
    return StorageError(
        f"Cannot write {error.filename or place}: {error.strerror or error}.",
        hint="Check the permissions, or choose another place.",
    )
