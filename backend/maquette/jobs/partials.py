"""What is known of a scene while its job runs: a file that the worker replaces and the server reads."""

from pathlib import Path

from maquette.progress import PartialScene
from maquette_protocol.arrays import Arrays, read_arrays, save_tensors


def write_partial(path: Path, scene: PartialScene) -> None:
    """Replace the file; it is whole at any moment."""
    partial = path.with_suffix(".partial")
    save_tensors(partial, scene.arrays)
    partial.replace(path)


def read_partial(path: Path) -> Arrays:
    """The arrays of the newest snapshot; none where there is none. Raises DocumentError."""
    return read_arrays(path)
