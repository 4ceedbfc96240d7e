"""Reading tokens from left to right, with tables of phrases.

A phrase is written as one says it, with alternatives, options and choices: "[over] to <the|my> left [side]|leftwards".
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Generic, TypeVar

from maquette.editing.grammar.tokens import Token

T = TypeVar("T")
LANGUAGE: set[str] = set()  # every word that some table knows; spelling is mended towards these


class Phrases(Generic[T]):
    """Phrases and what they mean; the longest that comes next counts. Of the same words, the first entry counts.

    A finite automaton: options share their states, so a pattern costs its length, not the number of its readings.
    Sets of states are met as the words are (Rabin and Scott 1959), each once.
    """

    def __init__(self, entries: Mapping[str, T], *, teaches: bool = True) -> None:
        self._steps: list[dict[str, set[int]]] = [{}]
        self._meanings: list[T] = []
        self._ends: dict[int, int] = {}  # state: the first entry that ends there
        self._language: set[str] | None = LANGUAGE if teaches else None
        for pattern, meaning in entries.items():
            for end in self._add(pattern, {0}) - {0}:
                self._ends.setdefault(end, len(self._meanings))
            self._meanings.append(meaning)
        self._first = frozenset({0})
        self._met: dict[tuple[frozenset[int], str], tuple[frozenset[int], int | None]] = {}

    def longest(self, tokens: list[Token], at: int) -> tuple[int, T | None]:
        """How many tokens from `at` the longest phrase takes, and what it means; (0, None) where none comes."""
        if at >= len(tokens) or tokens[at].word not in self._steps[0]:  # most of what is looked for
            return 0, None
        states, length, found = self._first, 0, None
        for index in range(at, len(tokens)):
            token = tokens[index]
            if token.kind == "string":
                break
            states, end = self._met.get((states, token.word)) or self._step(states, token.word)
            if not states:
                break
            if end is not None:
                length, found = index + 1 - at, end
        return length, None if found is None else self._meanings[found]

    def _step(self, states: frozenset[int], word: str) -> tuple[frozenset[int], int | None]:
        following: set[int] = set()
        for state in states:
            following |= self._steps[state].get(word, set())
        end = min((self._ends[state] for state in following if state in self._ends), default=None)
        step = (frozenset(following), end)
        if following:  # words that lead nowhere are as many as people can type
            self._met[states, word] = step
        return step

    def _add(self, pattern: str, starts: set[int]) -> set[int]:
        """The states after any alternative of the pattern."""
        ends: set[int] = set()
        for alternative in split(pattern):
            ends |= self._add_sequence(alternative, starts)
        return ends

    def _add_sequence(self, sequence: str, starts: set[int]) -> set[int]:
        index = 0
        while index < len(sequence):
            letter = sequence[index]
            if letter == " ":
                index += 1
            elif letter in "[<":
                end = _closing(sequence, index)
                ends = self._add(sequence[index + 1 : end], starts)
                starts = ends | starts if letter == "[" else ends
                index = end + 1
            else:
                end = index
                while end < len(sequence) and sequence[end] not in " [<":
                    end += 1
                starts = self._add_word(sequence[index:end], starts)
                index = end
        return starts

    def _add_word(self, word: str, starts: set[int]) -> set[int]:
        if self._language is not None and word.isalpha():
            self._language.add(word)
        state = len(self._steps)
        self._steps.append({})
        for start in starts:
            self._steps[start].setdefault(word, set()).add(state)
        return {state}


def phrases(*patterns: str) -> Phrases[bool]:
    """A table that tells only whether one of its phrases comes next."""
    return Phrases(dict.fromkeys(patterns, True))


def split(pattern: str) -> list[str]:
    """The alternatives of a pattern: at the bars that stand outside of brackets."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(pattern):
        depth += (letter in "[<") - (letter in "]>")
        if letter == "|" and depth == 0:
            parts.append(pattern[start:index])
            start = index + 1
    return [*parts, pattern[start:]]


def _closing(pattern: str, start: int) -> int:
    depth = 0
    for index in range(start, len(pattern)):
        depth += (pattern[index] in "[<") - (pattern[index] in "]>")
        if depth == 0:
            return index
    raise ValueError(f"unclosed bracket in {pattern!r}")


@cache
def _inline(pattern: str) -> Phrases[bool]:
    """Of a pattern that stands in the code. Made when it is first read, so it must not change what spelling knows."""
    return Phrases({pattern: True}, teaches=False)


def words(text: str) -> frozenset[str]:
    """A set of words, known to the spelling."""
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

    def sees(self, pattern: "str | Phrases[Any]") -> bool:
        """Whether one of the phrases comes next."""
        return self.length_of(pattern) > 0

    def take(self, pattern: "str | Phrases[Any]") -> bool:
        """Step over one of the phrases, if it comes next."""
        length = self.length_of(pattern)
        self.at += length
        return length > 0

    def length_of(self, pattern: "str | Phrases[Any]") -> int:
        """How many tokens the longest of the phrases takes here."""
        table = _inline(pattern) if isinstance(pattern, str) else pattern
        return table.longest(self.tokens, self.at)[0]

    def match(self, table: Phrases[T]) -> T | None:
        """What the longest phrase of the table that comes next means; steps over it."""
        length, value = table.longest(self.tokens, self.at)
        self.at += length
        return value

    def skip(self, group: frozenset[str]) -> None:
        while self.word() in group and not self.is_done:
            self.at += 1

    def text(self, start: int, end: int | None = None) -> str:
        """The prompt's text from token `start` up to token `end`."""
        last = (self.at if end is None else end) - 1
        if last < start or start >= len(self.tokens):
            return ""
        return self.prompt[self.tokens[start].start : self.tokens[last].end]
