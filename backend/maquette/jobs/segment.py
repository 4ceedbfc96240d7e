"""The job "segment": a reconstructed scene taken apart into things."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from maquette.jobs.kinds import Work, only_input
from maquette.jobs.options import options_from_json
from maquette.progress import Progress


class SegmentKind:
    """inputs: one scene folder; options: those of SegmentOptions."""

    path_options: tuple[str, ...] = ("detector", "masker")

    def check(self, inputs: Sequence[str], options: dict[str, Any]) -> None:
        """See Kind."""
        from maquette.objects.options import SegmentOptions
        from maquette.objects.strokes import strokes_from_json

        only_input(inputs, "a scene folder")
        for text in options_from_json(SegmentOptions, options).split:
            strokes_from_json(text)

    def result_name(self, inputs: Sequence[str], options: dict[str, Any]) -> str:
        """See Kind."""
        scene = only_input(inputs, "a scene folder")
        name = scene.parent.name if scene.name == "scene.json" else scene.name
        return f"{name or 'scene'}_things"

    def smaller(self, options: dict[str, Any]) -> dict[str, Any] | None:
        """Taking apart has one size."""
        return None

    def run(self, work: Work, progress: Progress) -> dict[str, Any]:
        """See Kind."""
        from maquette.api import storage_errors
        from maquette.objects import segment_to
        from maquette.objects.by_hand import change_to
        from maquette.objects.options import SegmentOptions

        out = Path(work.out)
        options = options_from_json(SegmentOptions, work.options)
        with storage_errors(out):
            do = change_to if options.is_by_hand else segment_to
            return do(Path(work.inputs[0]), out, options, progress)
