"""Talking about photos: the geometry block, each photo's ViT tokens, a question, then one token after the other.

Source: arXiv 2511.21688, with Qwen2's template for turns. Photos go through the network once: turns follow in the same
cache, and the last ones can be taken back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from maquette.models.g2vlm.model import G2vlm, Session
from maquette.models.g2vlm.prepare import RECON_WIDTH_PX, recon_images, vit_patches, vit_photo

_SYSTEM = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
_NEXT = "<|im_end|>\n<|im_start|>user\n"
_ASSISTANT = "<|im_end|>\n<|im_start|>assistant"
_HALF_CHARACTER = "\ufffd"  # what the decoder gives for bytes that wait for others
Check = Callable[[], None]  # called between steps; it may raise


def no_check() -> None:
    """Never stop."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the next token is chosen. temperature 0: always the likeliest, the first one of equals."""

    max_tokens: int = 100  # counts the start token, as the released code does
    temperature: float = 0.0
    top_p: float = 1.0  # keep the likeliest tokens that together reach this
    seed: int = 0


class Limits(Protocol):
    """What an answer may be, and how far it has come."""

    @property
    def is_complete(self) -> bool:
        """Nothing can follow."""
        ...

    @property
    def num_tokens(self) -> int:
        """Of the answer so far."""
        ...

    def forced(self) -> list[int]:
        """Tokens that must come next."""
        ...

    def allowed(self) -> NDArray[np.bool_]:
        """(vocabulary,): which tokens may come next; never none."""
        ...

    def take(self, tokens: list[int]) -> None:
        """The answer goes on with these."""
        ...


class Mark(NamedTuple):
    """A place in a conversation to come back to."""

    turn: int
    position: int
    length: int


class Chat:
    """A conversation in tokens: geometry and ViT tokens once, then turns. All stay in the cache."""

    @torch.inference_mode()
    def __init__(
        self,
        session: Session,
        images: Tensor,
        photos: Sequence[tuple[Tensor, tuple[int, int]]],
        check: Check = no_check,
    ) -> None:
        """session: a fresh one; images: (N, 3, H, W) in 0..1 for geometry; photos: (patches, grid) each for the ViT.

        Raises ValueError where the model was loaded for reconstruction alone.
        """
        session.model.check_loaded("vit")
        self.session, self._model, self._turn = session, session.model, 0
        self.has_ended = True  # the last answer by itself, not by its limit
        session.say(self._model.tokens.encode(_SYSTEM), "text0")
        session.see_geometry(images, check)
        for index, (patches, grid) in enumerate(photos):
            check()
            session.see_photo(patches, grid, index)

    def ask(self, prompt: str, sampling: Sampling | None = None) -> Iterator[int]:
        """The answer's tokens as they come, without the end token; the next turn may follow when all are taken."""
        sampling = sampling or Sampling()
        tokens, session = self._model.tokens, self.session
        self._say(f"{prompt}{_ASSISTANT}")
        self.has_ended = False
        token = self._first()
        generator = torch.Generator(self._model.device).manual_seed(sampling.seed)
        for step in range(sampling.max_tokens):
            with torch.inference_mode():
                logits = session.logits(token, f"gen.step{step}")
                session.trace(f"gen.step{step}.logits", logits)
                token = choose(logits[0], sampling, generator)
            self.has_ended = token == tokens.end
            if self.has_ended or step == sampling.max_tokens - 1:
                break
            yield token

    @torch.inference_mode()
    def ask_within(self, prompt: str, limits: Limits, max_tokens: int, check: Check) -> None:
        """The likeliest answer that the limits allow; they hold it, whole or cut at `max_tokens`."""
        self._say(f"{prompt}{_ASSISTANT}")
        following = [self._first()]
        while not limits.is_complete and limits.num_tokens < max_tokens:
            tokens = limits.forced()
            if not tokens:
                check()
                *before, last = following
                if before:
                    self.session.say(before, "told")
                logits = torch.nan_to_num(self.session.logits(last, "chosen")[0].float())
                allowed = torch.from_numpy(limits.allowed()).to(logits.device)
                tokens, following = [int(logits.masked_fill(~allowed, -torch.inf).argmax())], []
            limits.take(tokens)
            following += tokens

    def retell(self, prompt: str, answer: str) -> None:
        """A turn that was said elsewhere."""
        self._say(f"{prompt}{_ASSISTANT}\n{answer}")

    def mark(self) -> Mark:
        """Here, to come back to."""
        return Mark(self._turn, self.session.position, self.session.cache.length)

    def return_to(self, mark: Mark) -> None:
        """Forget what was said since."""
        self._turn, self.session.position = mark.turn, mark.position
        self.session.cache.truncate(mark.length)

    def _first(self) -> int:
        """Decoding starts from the newline that ends the opening of the assistant's turn."""
        return self._model.tokens.encode("<|im_start|>assistant\n")[-1]

    def _say(self, text: str) -> None:
        opening = "" if self._turn == 0 else _NEXT
        self._turn += 1
        with torch.inference_mode():
            self.session.say(self._model.tokens.encode(opening + text), f"text{self._turn}")


def choose(logits: Tensor, sampling: Sampling, generator: torch.Generator) -> int:
    """The next token. logits: (vocabulary,)."""
    if sampling.temperature <= 0:
        return int(logits.argmax())
    chances = torch.softmax(logits.to(torch.float32) / sampling.temperature, dim=-1)
    if sampling.top_p < 1:
        ranked, index = chances.sort(descending=True)
        ranked[ranked.cumsum(0) - ranked >= sampling.top_p] = 0
        chances = torch.zeros_like(chances).scatter_(0, index, ranked)
    return int(torch.multinomial(chances, 1, generator=generator))


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A question and its answer."""

    question: str
    answer: str
    is_whole: bool = True  # false: the answer was cut at its limit of tokens


class Talk:
    """The same in words. A turn that is left before its end was never said."""

    def __init__(
        self,
        model: G2vlm,
        photos: Sequence[Image.Image],
        *,
        known: str = "",
        recon_width_px: int = RECON_WIDTH_PX,
        check: Check = no_check,
    ) -> None:
        """photos: RGB. known: what the model is told before the first question, such as the names of things."""
        patches = [
            vit_patches(vit_photo(photo, model.config.vit), model.config.vit) for photo in photos
        ]
        images = recon_images(photos, recon_width_px)
        self._tokens, self._known = model.tokens, f"{_plain(known)}\n" if known else ""
        self._chat = Chat(Session(model), images, patches, check)
        self._marks = [self._chat.mark()]  # before each turn, and after the last
        self._turns: list[Turn] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All that was said."""
        return tuple(self._turns)

    def ask(
        self, question: str, sampling: Sampling | None = None, check: Check = no_check
    ) -> Iterator[str]:
        """The answer piece by piece, in whole characters. `check` is called before each token."""
        ids: list[int] = []
        told = ""
        try:
            for token in self._chat.ask(self._prompt(question), sampling):
                check()
                ids.append(token)
                text = self._tokens.words(ids)
                if not text.endswith(_HALF_CHARACTER) and text != told:
                    piece, told = text[len(told) :], text
                    yield piece
        except BaseException:  # stopped, or given up by who listened
            self._chat.return_to(self._marks[-1])
            raise
        answer = self._tokens.words(ids)
        self._add(Turn(question=question, answer=answer, is_whole=self._chat.has_ended))
        if answer != told:
            yield answer[len(told) :]

    def ask_within(
        self, question: str, limits: Limits, max_tokens: int, check: Check = no_check
    ) -> None:
        """An answer that the limits allow and hold; it is not remembered as a turn."""
        try:
            self._chat.ask_within(self._prompt(question), limits, max_tokens, check)
        finally:
            self._chat.return_to(self._marks[-1])

    def go_on_from(self, turns: Sequence[Turn]) -> None:
        """Make these what was said so far; what begins alike is not computed again."""
        alike = 0
        for here, wanted in zip(self._turns, turns, strict=False):
            if (here.question, here.answer) != (wanted.question, wanted.answer):
                break
            alike += 1
        self._chat.return_to(self._marks[alike])
        del self._turns[alike:], self._marks[alike + 1 :]
        for turn in turns[alike:]:
            self._chat.retell(self._prompt(turn.question), _plain(turn.answer))
            self._add(turn)

    def _prompt(self, question: str) -> str:
        return _plain(question) if self._turns else self._known + _plain(question)

    def _add(self, turn: Turn) -> None:
        self._turns.append(turn)
        self._marks.append(self._chat.mark())


def _plain(text: str) -> str:
    """Nobody's words open or close a turn."""
    return text.replace("<|", "< |")
