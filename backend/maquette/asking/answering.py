"""The model that answers: whether it fits into memory, loaded, shown the photos, asked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from maquette.asking.options import AskOptions
from maquette.asking.subject import Subject, read_photo
from maquette.editing.reply import Reply
from maquette.machine import free_memory_mb
from maquette.models.catalog import model_folder
from maquette.models.extras import require_g2vlm
from maquette_protocol.errors import OutOfMemoryError

if TYPE_CHECKING:
    import torch

    from maquette.models.g2vlm.chat import Talk, Turn
    from maquette.models.g2vlm.config import Config

_FIXED_BYTES = 5e8  # libraries, the sentences, one photo's pixels
_TOKENS = 37 * 37 + 27 * 27 + 4  # of a square photo, in both encoders
# measured with layers of the published widths: 17 rows of float32 per token at the peak
_ROWS_PER_TOKEN = 20
_CACHE_GROWTH = 2.5  # the cache's old and new copy while it grows by half


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the model computes, and how many photos fit."""

    device: str
    dtype: "torch.dtype"
    num_photos: int


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

        where = place(Config.load(folder), len(subject.photos))
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
        for piece in self._talk.ask(question, sampling, check):
            say(piece)
        turn = self._talk.turns[-1]
        text = turn.answer.strip()
        if not text:
            return Reply(status="failed", message="The model said nothing.")
        answer = {
            "text": text,
            "value": None,
            "ids": [],
            "by": "g2vlm",
            "photos": [photo.name for photo in self.subject.photos],
            "is_whole": turn.is_whole,
        }
        return Reply(status="answered", message=text, answer=answer)


def place(config: "Config", num_photos: int, free_bytes: float | None = None) -> Placement:
    """On the GPU where there is one; on a CPU in float32 where that fits, else in bfloat16.

    free_bytes: of that memory; None: asked of the system. Raises OutOfMemoryError where not even one photo fits.
    """
    import torch

    has_gpu = torch.cuda.is_available()
    if free_bytes is None:
        free_bytes = torch.cuda.mem_get_info()[0] if has_gpu else free_memory_mb() * 2**20
    device = "cuda" if has_gpu else "cpu"
    for dtype in (torch.bfloat16,) if has_gpu else (torch.float32, torch.bfloat16):
        fits = num_photos
        if free_bytes:  # else the system does not tell
            left = free_bytes - need_bytes(config, dtype, 0)
            fits = int(left // (need_bytes(config, dtype, 1) - need_bytes(config, dtype, 0)))
        if fits >= 1:
            return Placement(device=device, dtype=dtype, num_photos=min(fits, num_photos))
    needed = need_bytes(config, torch.bfloat16, 1)
    raise OutOfMemoryError(
        f"G²VLM needs {needed / 1e9:.1f} GB of memory for one photo; {free_bytes / 1e9:.1f} GB are free.",
        hint="Close other programs, or use a machine with more memory.",
    )


def need_bytes(config: "Config", dtype: "torch.dtype", num_photos: int) -> float:
    """What a conversation about so many photos takes at its peak, about."""
    from maquette.models.g2vlm.weights import size_bytes

    text = config.text
    cached = 2 * text.num_hidden_layers * text.num_key_value_heads * text.head_dim * dtype.itemsize
    per_token = _CACHE_GROWTH * cached + _ROWS_PER_TOKEN * 4 * text.hidden_size
    return size_bytes(config, "chat", dtype) + _FIXED_BYTES + num_photos * _TOKENS * per_token


def _open_talk(
    folder: Path, where: Placement, subject: Subject, report: Callable[[float, str], None]
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
