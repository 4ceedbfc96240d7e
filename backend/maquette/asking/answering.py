"""The model that answers: whether it fits into memory, loaded, shown the photos, asked."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from maquette.asking.options import AskOptions
from maquette.asking.subject import Subject, read_photo
from maquette.editing.reply import Reply
from maquette.models.catalog import model_folder
from maquette.models.extras import require_g2vlm

if TYPE_CHECKING:
    from maquette.models.g2vlm.chat import Talk, Turn
    from maquette.models.g2vlm.memory import Placement


class Answerer:
    """The model with the photos before it."""

    def __init__(
        self, subject: Subject, options: AskOptions, report: Callable[[float, str], None]
    ) -> None:
        """report: (share of the preparation, what is done), often; it may raise to stop.

        Raises MissingPartError where the weights are not here, OutOfMemoryError where memory does not hold them.
        """
        options.check()
        require_g2vlm()
        folder = model_folder(str(options.model or "g2vlm"))
        from maquette.models.g2vlm.config import Config
        from maquette.models.g2vlm.memory import place

        where = place(Config.load(folder), "chat", len(subject.photos))
        self.subject = subject.best(where.num_photos)
        self.left_out = len(subject.photos) - where.num_photos
        report(0.0, "loading the model")
        self._talk = _open_talk(folder, where, self.subject, report)

    def go_on_from(self, turns: "list[Turn]") -> None:
        """Make these what was said before."""
        self._talk.go_on_from(turns)

    def answer(
        self,
        question: str,
        options: AskOptions,
        say: Callable[[str], None],
        check: Callable[[], None] = lambda: None,
    ) -> Reply:
        """say: called with each piece of the answer. check: called before each token; it may raise to stop."""
        from maquette.models.g2vlm.chat import Sampling

        sampling = Sampling(
            max_tokens=options.max_tokens + 1,  # the start token counts
            temperature=options.temperature,
            top_p=options.top_p,
            seed=options.seed,
        )
        began = time.perf_counter()
        for piece in self._talk.ask(question, sampling, check):
            say(piece)
        seconds = round(time.perf_counter() - began, 3)
        turn = self._talk.turns[-1]
        text = turn.answer.strip()
        if not text:
            return Reply(status="failed", message="The model said nothing.", seconds=seconds)
        answer = {
            "text": text,
            "value": None,
            "ids": [],
            "by": "g2vlm",
            "photos": [photo.name for photo in self.subject.photos],
            "is_whole": turn.is_whole,
        }
        return Reply(status="answered", message=text, answer=answer, seconds=seconds)


def _open_talk(
    folder: Path, where: "Placement", subject: Subject, report: Callable[[float, str], None]
) -> "Talk":
    from maquette.models.g2vlm.chat import Talk
    from maquette.models.g2vlm.weights import LoadOptions, load_model

    model = load_model(folder, LoadOptions(task="chat", dtype=where.dtype, device=where.device))
    count = len(subject.photos)
    steps = 0

    def check() -> None:
        nonlocal steps
        steps += 1  # one for the geometry of all, one for each photo
        note = "comparing the photos" if steps == 1 else f"photo {steps - 1} of {count}"
        report(0.3 + 0.7 * (steps - 1) / (count + 1), note)

    report(0.3, "comparing the photos")
    photos = [read_photo(photo) for photo in subject.photos]
    return Talk(model, photos, known=subject.known, check=check)
