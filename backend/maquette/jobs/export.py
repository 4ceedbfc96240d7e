"""The job "export": a scene folder to another format."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maquette.jobs.kinds import Work, only_input
from maquette.jobs.options import options_from_json
from maquette.progress import Progress
from maquette_protocol.errors import InputError

_FOLDERS = ("colmap", "nerfstudio")
_FILES = (".blend", ".glb", ".ply", ".obj", ".usd", ".usda", ".usdz")


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """Options of one export."""

    format: str = ".glb"  # a file's ending, or the name of a folder format


class ExportKind:
    """inputs: one scene folder; options: those of ExportOptions."""

    path_options: tuple[str, ...] = ()

    def check(self, inputs: Sequence[str], options: dict[str, Any]) -> None:
        """See Kind."""
        only_input(inputs, "a scene folder")
        chosen = options_from_json(ExportOptions, options).format
        if chosen not in _FILES + _FOLDERS:
            choices = ", ".join(_FILES + _FOLDERS)
            raise InputError(f"No format {chosen!r}.", hint=f"Choose from: {choices}.")

    def result_name(self, inputs: Sequence[str], options: dict[str, Any]) -> str:
        """See Kind."""
        chosen = options_from_json(ExportOptions, options).format
        scene = only_input(inputs, "a scene folder")
        name = scene.parent.name if scene.name == "scene.json" else scene.name
        return chosen if chosen in _FOLDERS else f"{name or 'scene'}{chosen}"

    def smaller(self, options: dict[str, Any]) -> dict[str, Any] | None:
        """An export has one size."""
        return None

    def run(self, work: Work, progress: Progress) -> dict[str, Any]:
        """See Kind."""
        from maquette.api import open_scene, storage_errors

        out = Path(work.out)
        chosen = options_from_json(ExportOptions, work.options).format
        with progress.stage("Exporting", "export", 0.0, 1.0):
            scene = open_scene(Path(work.inputs[0]))
            progress.update(0.2)
            with storage_errors(out):
                scene.export(out, format=chosen if chosen in _FOLDERS else None)
        seconds = {key: round(value, 2) for key, value in progress.seconds.items()}
        return {"file": out.name, "seconds": seconds, "warnings": []}
