"""The job "edit": prompts for a scene folder, as `maquette edit` carries them out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from maquette.jobs.kinds import Work, only_input
from maquette.jobs.options import options_from_json
from maquette.progress import Progress
from maquette_protocol.errors import InputError


@dataclass(frozen=True, kw_only=True)
class EditOptions:
    """Options of one edit."""

    prompts: tuple[str, ...] = ()
    planner: str = "auto"


class EditKind:
    """inputs: one scene folder; options: those of EditOptions. The result is the changed scene; the summary has the
    replies."""

    path_options: tuple[str, ...] = ()

    def check(self, inputs: Sequence[str], options: dict[str, Any]) -> None:
        """See Kind."""
        only_input(inputs, "a scene folder")
        if not options_from_json(EditOptions, options).prompts:
            raise InputError("Nothing was asked for.", hint="Give at least one prompt.")

    def result_name(self, inputs: Sequence[str], options: dict[str, Any]) -> str:
        """See Kind."""
        return "scene"

    def smaller(self, options: dict[str, Any]) -> dict[str, Any] | None:
        """An edit has one size."""
        return None

    def run(self, work: Work, progress: Progress) -> dict[str, Any]:
        """See Kind."""
        from maquette.api import open_scene, storage_errors
        from maquette.editing.conversation import Conversation

        options = options_from_json(EditOptions, work.options)
        out = Path(work.out)
        with progress.stage("Editing", "edit", 0.0, 1.0):
            scene = open_scene(Path(work.inputs[0]))
            conversation = Conversation(
                scene.document, scene.arrays, planner=options.planner, folder=scene.folder
            )
            replies: list[dict[str, Any]] = []
            for number, prompt in enumerate(options.prompts):
                replies.append(conversation.say(prompt).to_json())
                progress.update((number + 1) / (len(options.prompts) + 1))
            with storage_errors(out):
                replace(scene, document=conversation.document).save(out)
        return {"scene": str(out), **summary_of(replies, progress)}


def summary_of(replies: Sequence[dict[str, Any]], progress: Progress) -> dict[str, Any]:
    """Of the contract's REPLYs; plans are nested deeper than a message may be."""
    seconds = {key: round(value, 2) for key, value in progress.seconds.items()}
    short = [{k: v for k, v in reply.items() if k != "plan"} for reply in replies]
    return {"results": short, "seconds": seconds, "warnings": []}
