"""Engines: photos in, cameras and depth out. Each is one module here and one line in the registry.

Values are import paths, so that an engine's libraries are loaded only by who uses it.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from maquette.options import ReconstructOptions
from maquette.progress import Progress
from maquette.types import Reconstruction, View
from maquette.workspace import Workspace
from maquette_protocol.errors import InputError

ENGINES = {
    "classical": "maquette.engines.classical.engine:Classical",
    "g2vlm": "maquette.engines.g2vlm.engine:G2VLM",
    "onnx": "maquette.engines.onnx.engine:Onnx",
}


@dataclass(frozen=True, kw_only=True)
class EngineResult:
    """Cameras with depth, and the photos that they describe (free of lens distortion, same order)."""

    reconstruction: Reconstruction
    views: tuple[View, ...]


class Engine(Protocol):
    """Turns views into cameras, sparse points and depth, in a world frame of its own."""

    min_photos: int  # how many it needs at least

    def reconstruct(
        self,
        views: tuple[View, ...],
        options: ReconstructOptions,
        workspace: Workspace,
        progress: Progress,
    ) -> EngineResult:
        """Covers 0.05 to 0.70 of the job's progress. Raises NoReconstructionError, Cancelled."""
        ...


def load_engine(name: str) -> Engine:
    """The engine of that name. Raises InputError for an unknown one."""
    if name not in ENGINES:
        raise InputError(f"No engine {name!r}.", hint=f"Choose from: {', '.join(ENGINES)}.")
    module, attribute = ENGINES[name].split(":")
    engine: Engine = getattr(import_module(module), attribute)()
    return engine
