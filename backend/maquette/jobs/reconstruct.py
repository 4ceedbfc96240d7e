"""The job "reconstruct": photos to a scene folder (or, on the command line, a file)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from maquette.jobs.kinds import Work
from maquette.jobs.options import options_from_json
from maquette.options import QUALITIES, ReconstructOptions
from maquette.progress import Progress
from maquette_protocol.errors import InputError


class ReconstructKind:
    """inputs: photos, folders, patterns, a video; options: those of ReconstructOptions."""

    path_options: tuple[str, ...] = ("masks", "cameras", "model")

    def check(self, inputs: Sequence[str], options: dict[str, Any]) -> None:
        """See Kind."""
        if not inputs:
            raise InputError("No photos were given.", hint="Name photos, a folder or a video.")
        from maquette.engines.needs import check_needs

        asked = options_from_json(ReconstructOptions, options)
        check_needs(asked.engine, asked.model)

    def result_name(self, inputs: Sequence[str], options: dict[str, Any]) -> str:
        """See Kind."""
        return "scene"

    def smaller(self, options: dict[str, Any]) -> dict[str, Any] | None:
        """The next lower quality."""
        rank = QUALITIES.index(options_from_json(ReconstructOptions, options).quality)
        return {**options, "quality": QUALITIES[rank - 1]} if rank > 0 else None

    def run(self, work: Work, progress: Progress) -> dict[str, Any]:
        """See Kind."""
        from maquette.api import reconstruct_to

        options = options_from_json(ReconstructOptions, work.options)
        return reconstruct_to(work.inputs, Path(work.out), options, progress)
