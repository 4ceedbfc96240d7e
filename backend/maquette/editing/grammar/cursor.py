"""Reading tokens from left to right, with tables of phrases."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from maquette.editing.grammar.tokens import Token

T = TypeVar("T")
LANGUAGE: set[str] = set()  # every word that some table knows; spelling is mended towards these


class Phrases(Generic[T]):
    """Phrases and what they mean; the longest that matches counts. "a|b": either."""

    def __init__(self, entries: Mapping[str, T]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for alternatives, value in entries.items():
            for phrase in alternatives.split("|"):
                words = tuple(phrase.split())
                LANGUAGE.update(word for word in words if word.isalpha())
                self._by_first.setdefault(words[0], []).append((words, value))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda entry: -len(entry[0]))

    def starting_with(self, word: str) -> list[tuple[tuple[str, ...], T]]:
        """Candidates, the longest first."""
        return self._by_first.get(word, [])


def words(text: str) -> frozenset[str]:
    """A set of words, known to the spelling from then on."""
    result = frozenset(text.split())
    LANGUAGE.update(word for word in result if word.isalpha())
    return result


class Cursor:
    """A place among tokens. Parsers that fail put `at` back to where they found it."""

    def __init__(self, tokens: list[Token], prompt: str) -> None:
        self.tokens = tokens
        self.prompt = prompt
        self.at = 0

    @property
    def is_done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token | None:
        index = self.at + ahead
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def word(self, ahead: int = 0) -> str:
        index = self.at + ahead
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def sees(self, phrase: str) -> bool:
        """Whether one of the phrases ("a b|c") comes next."""
        return self._length(phrase) > 0

    def take(self, phrase: str) -> bool:
        """Step over one of the phrases ("a b|c"), if it comes next."""
        length = self._length(phrase)
        self.at += length
        return length > 0

    def _length(self, phrase: str) -> int:
        best = 0
        for alternative in phrase.split("|"):
            parts = alternative.split()
            if len(parts) > best and all(self.word(i) == part for i, part in enumerate(parts)):
                best = len(parts)
        return best

    def match(self, table: Phrases[T]) -> T | None:
        """What the longest phrase of the table that comes next means; steps over it."""
        for phrase, value in table.starting_with(self.word()):
            if all(self.word(i) == part for i, part in enumerate(phrase)):
                self.at += len(phrase)
                return value
        return None

    def sees_table(self, table: Phrases[T]) -> bool:
        """Whether a phrase of the table comes next."""
        return any(
            all(self.word(i) == part for i, part in enumerate(phrase))
            for phrase, _ in table.starting_with(self.word())
        )

    def skip(self, group: frozenset[str]) -> None:
        while self.word() in group and not self.is_done:
            self.at += 1

    def text(self, start: int, end: int | None = None) -> str:
        """The prompt's text from token `start` up to token `end`."""
        last = (self.at if end is None else end) - 1
        if last < start or start >= len(self.tokens):
            return ""
        return self.prompt[self.tokens[start].start : self.tokens[last].end]
