"""How a question to the network is answered."""

from dataclasses import dataclass
from pathlib import Path

from maquette_protocol.errors import InputError

FROM_PHOTOS = "g2vlm"  # the planner's name for: the network looks at the photos
MAX_PHOTOS = 8  # others found its answers to repeat themselves from 16 on


@dataclass(frozen=True, kw_only=True)
class AskOptions:
    """Of the network alone; a scene's own answers need none."""

    model: Path | None = None  # folder of the weights; None: the model that was pulled
    max_photos: int = MAX_PHOTOS  # fewer where memory does not hold them
    max_tokens: int = 300  # of one answer
    temperature: float = 0.0  # 0: always the likeliest word; 1: as likely as the model has it
    top_p: float = 1.0  # only of the likeliest words that together have this share
    seed: int = 0  # the same one says the same

    def check(self) -> None:
        """Raises InputError."""
        if not 1 <= self.max_photos <= 64:
            raise InputError(f"{self.max_photos} photos.", hint="Choose 1 to 64.")
        if not 1 <= self.max_tokens <= 4096:
            raise InputError(f"{self.max_tokens} tokens.", hint="Choose 1 to 4096.")
        if not 0 <= self.temperature <= 10:
            raise InputError(f"A temperature of {self.temperature}.", hint="Choose 0 to 10.")
        if not 0 < self.top_p <= 1:
            raise InputError(f"A share of {self.top_p}.", hint="Choose more than 0, 1 at most.")
        if not 0 <= self.seed < 2**63:
            raise InputError(f"A seed of {self.seed}.", hint="Choose a number from 0 on.")
