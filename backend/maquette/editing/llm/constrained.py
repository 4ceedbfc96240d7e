"""Decoding that can only end in JSON of a schema: which tokens may come next, and how to close what was begun.

llguidance keeps an Earley parser over the schema and computes the mask of permitted tokens at each step, so nothing is
prepared per vocabulary and a schema costs milliseconds, once per scene. An answer that reaches its budget of tokens is
closed byte by byte without the model, and told as cut: it is valid, but nobody should act on it.
"""

import json
import re
from collections import OrderedDict
from typing import Any

import llguidance
import llguidance.hf
import numpy as np
from numpy.typing import NDArray

from maquette.editing.plan_json import Json

_CLOSING = b'}]",0:{['  # bytes that end something soonest, the best first
_TEXT_SO_FAR = re.compile(rb'(?:[^"]|"(?:[^"\\]|\\.)*")*', re.DOTALL)  # whole texts
_MAX_CLOSING = 4096  # bytes; what is required of a plan at its deepest is far shorter
_KEPT = 8  # schemas


class Constraints:
    """Of one model: schemas made ready for its vocabulary."""

    def __init__(self, tokenizer: Any, num_tokens: int) -> None:
        """tokenizer: a fast one of transformers; num_tokens: how many logits the model has."""
        # a tokenizer may know tokens that the model was not made for, and a model be padded
        most = max(len(tokenizer), num_tokens)
        self.tokenizer = llguidance.hf.from_tokenizer(tokenizer, n_vocab=most)
        self._num_tokens = num_tokens
        self._of_bytes = llguidance.LLTokenizer("byte")
        self._ready: OrderedDict[str, tuple[llguidance.LLMatcher, llguidance.LLMatcher]] = (
            OrderedDict()
        )

    def of(self, schema: Json) -> "Constraint":
        """For one answer. Raises ValueError where the schema is none."""
        text = json.dumps(schema)
        if text not in self._ready:
            grammar = _grammar(text)
            self._ready[text] = (
                _matcher(self.tokenizer, grammar),
                _matcher(self._of_bytes, grammar),
            )
            if len(self._ready) > _KEPT:
                self._ready.popitem(last=False)
        self._ready.move_to_end(text)
        return Constraint(self.tokenizer, self._num_tokens, *self._ready[text])


class Constraint:
    """One answer being decoded."""

    def __init__(
        self,
        tokenizer: llguidance.LLTokenizer,
        num_tokens: int,
        by_tokens: llguidance.LLMatcher,
        by_bytes: llguidance.LLMatcher,
    ) -> None:
        """The matchers at the beginning of an answer; they stay there."""
        self._tokenizer, self._num_tokens = tokenizer, num_tokens
        self._matcher, self._by_bytes = by_tokens.deep_copy(), by_bytes
        self._tokens: list[int] = []

    @property
    def num_tokens(self) -> int:
        return len(self._tokens)

    @property
    def is_complete(self) -> bool:
        """It is a whole answer: nothing can follow."""
        return self._matcher.is_accepting()

    def forced(self) -> list[int]:
        """Tokens that must come next: they need no model."""
        return self._matcher.compute_ff_tokens()

    def allowed(self) -> NDArray[np.bool_]:
        """(logits,) bool: which tokens may come next; never none."""
        return _bits(self._matcher)[: self._num_tokens].astype(bool)

    def take(self, tokens: list[int]) -> None:
        """Raises ValueError for a token that may not come next."""
        if not self._matcher.consume_tokens(tokens):
            raise ValueError(self._matcher.get_error())
        self._tokens += tokens

    def text(self) -> str:
        """The whole answer, closed where it was not complete."""
        begun = self._tokenizer.decode_bytes(self._tokens)
        return (begun if self.is_complete else self._closed(begun)).decode("utf-8")

    def _closed(self, begun: bytes) -> bytes:
        """The soonest end of what was begun, by the byte."""
        matcher = self._by_bytes.deep_copy()
        text = bytearray(begun)
        matcher.consume_tokens(list(begun))
        while not matcher.is_accepting():
            if matcher.is_error() or len(text) > len(begun) + _MAX_CLOSING:
                raise ValueError(f"an answer cannot be closed: {bytes(text[-80:])!r}")
            possible = np.nonzero(_bits(matcher)[:256])[0]
            is_in_text = _TEXT_SO_FAR.fullmatch(text) is None
            wanted = b'"' if is_in_text else _CLOSING
            byte = next((b for b in wanted if b in possible), int(possible[0]))
            matcher.consume_token(byte)
            text.append(byte)
        return bytes(text)


def _bits(matcher: llguidance.LLMatcher) -> NDArray[np.uint8]:
    return np.unpackbits(np.frombuffer(matcher.compute_bitmask(), np.uint8), bitorder="little")


def _matcher(tokenizer: llguidance.LLTokenizer, grammar: str) -> llguidance.LLMatcher:
    matcher = llguidance.LLMatcher(tokenizer, grammar)
    if matcher.is_error():
        raise ValueError(matcher.get_error())
    return matcher


def _grammar(schema: str) -> str:
    options: Any = {"whitespace_flexible": False}
    return llguidance.LLMatcher.grammar_from_json_schema(schema, defaults=options)
