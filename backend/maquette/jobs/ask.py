"""The job "ask": questions about a scene, or about photos; nothing is changed.

A scene answers by itself, as `maquette ask` has it: measured, and as far as its planner understands the words. With the
planner "g2vlm" the network answers from the photos; its words come with the progress, whole so far. Between jobs the
worker keeps the network with the photos before it, so that the next question of a conversation is answered at once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maquette.asking.options import FROM_PHOTOS, AskOptions
from maquette.jobs import keeping
from maquette.jobs.edit import summary_of
from maquette.jobs.kinds import Work
from maquette.jobs.options import options_from_json
from maquette.progress import Progress
from maquette_protocol.errors import InputError

if TYPE_CHECKING:
    from maquette.asking.answering import Answerer


@dataclass(frozen=True, kw_only=True)
class AskJobOptions(AskOptions):
    """Options of one job; those of AskOptions are the network's."""

    prompts: tuple[str, ...] = ()  # one conversation
    history: tuple[tuple[str, ...], ...] = ()  # question and answer each: what was said before
    planner: str = "auto"  # one of maquette.editing's; "g2vlm": the network, from the photos


class AskKind:
    """inputs: one scene folder, or photos and folders of photos. The result is a file with the replies, which the
    summary has as well."""

    path_options: tuple[str, ...] = ("model",)

    def check(self, inputs: Sequence[str], options: dict[str, Any]) -> None:
        """See Kind."""
        if not inputs:
            raise InputError("Nothing to ask about.", hint="Name a scene folder, or photos.")
        read = options_from_json(AskJobOptions, options)
        read.check()
        if not read.prompts:
            raise InputError("Nothing was asked.", hint="Give at least one question.")
        if any(len(turn) != 2 for turn in read.history):
            raise InputError(
                "The history is no conversation.", hint="Give a question and an answer each."
            )

    def result_name(self, inputs: Sequence[str], options: dict[str, Any]) -> str:
        """See Kind."""
        return "replies.json"

    def smaller(self, options: dict[str, Any]) -> dict[str, Any] | None:
        """Half as many photos."""
        count = options_from_json(AskJobOptions, options).max_photos
        return {**options, "max_photos": count // 2} if count > 1 else None

    def run(self, work: Work, progress: Progress) -> dict[str, Any]:
        """See Kind."""
        from maquette.api import storage_errors
        from maquette.scene import is_scene

        options = options_from_json(AskJobOptions, work.options)
        from_photos = options.planner == FROM_PHOTOS or not is_scene(Path(work.inputs[0]))
        replies = (_from_photos if from_photos else _from_scene)(work.inputs, options, progress)
        out = Path(work.out)
        with storage_errors(out):
            out.write_text(json.dumps(replies, ensure_ascii=False), encoding="utf-8")
        return summary_of(replies, progress)


def _from_scene(
    inputs: Sequence[str], options: AskJobOptions, progress: Progress
) -> list[dict[str, Any]]:
    """What the scene itself tells."""
    from maquette.editing.conversation import Conversation
    from maquette.jobs.kinds import only_input
    from maquette.scene import Scene

    with progress.stage("Answering", "answer", 0.0, 1.0):
        scene = Scene.open(only_input(inputs, "a scene folder"))
        conversation = Conversation(
            scene.document, scene.arrays, planner=options.planner, only_questions=True
        )
        for question, _ in options.history:  # what its pronouns mean
            conversation.say(question)
        replies: list[dict[str, Any]] = []
        for number, prompt in enumerate(options.prompts):
            progress.update(number / len(options.prompts))
            replies.append(conversation.say(prompt).to_json())
    return replies


def _from_photos(
    inputs: Sequence[str], options: AskJobOptions, progress: Progress
) -> list[dict[str, Any]]:
    """What the network sees in the photos."""
    from maquette.asking.subject import subject_of
    from maquette.models.g2vlm.chat import Turn

    with progress.stage("Looking at the photos", "photos", 0.0, 0.6):
        subject = subject_of(inputs, options.max_photos)
        key = (options.model, subject.known, subject.stamps)
        answerer: Answerer = keeping.keep("ask", key, lambda: _make(subject, options, progress))
        answerer.go_on_from(
            [Turn(question=question, answer=answer) for question, answer in options.history]
        )
    replies: list[dict[str, Any]] = []
    with progress.stage("Answering", "answer", 0.6, 1.0):
        for number, prompt in enumerate(options.prompts):
            replies.append(_answer(answerer, prompt, options, progress, number))
    return replies


def _make(subject: Any, options: AskOptions, progress: Progress) -> "Answerer":
    from maquette.asking.answering import Answerer

    return Answerer(subject, options, progress.update)


def _answer(
    answerer: "Answerer", prompt: str, options: AskJobOptions, progress: Progress, number: int
) -> dict[str, Any]:
    count = len(options.prompts)
    note = f"question {number + 1} of {count}" if count > 1 else ""
    said: list[str] = []

    def say(piece: str) -> None:
        said.append(piece)
        # how long an answer gets nobody knows: its share creeps towards the question's end
        share = (number + len(said) / (len(said) + 50)) / count
        progress.update(share, note, "".join(said))

    progress.update(number / count, note)
    return answerer.answer(prompt, options, say, progress.check).to_json()
