"""Words, numbers, strings and marks of a prompt; spelling mended against the words that mean something here."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from maquette.editing.grammar.thesaurus import singular

Kind = Literal["word", "number", "string", "hex", "mark"]


@dataclass(frozen=True, slots=True)
class Token:
    word: str  # lower case, mended
    raw: str  # as typed
    start: int
    end: int
    kind: Kind = "word"
    value: float = 0.0


_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_PATTERN = re.compile(
    r"""
      (?P<contraction>[^\W\d_]+['’](?:t|d|m|ll|re|ve)\b)
    | (?P<string>"[^"\n]{1,80}"|“[^”\n]{1,80}”|‘[^’\n]{1,80}’|(?<![\w])'[^'\n]{1,60}?(?:'s[^'\n]{0,60}?)?'(?!\w))
    | (?P<hex>\#[0-9a-fA-F]{6}\b|\#[0-9a-fA-F]{3}\b)
    | (?P<feet>\d+(?:\.\d+)?['′]\s?\d+(?:\.\d+)?(?:"|''|″)?)
    | (?P<ordinal>\d+(?:st|nd|rd|th)\b)
    | (?P<number>[-+−]?\d+/\d+|[-+−]?(?:\d+(?:\.\d+)?|\.\d+)|[½¼¾⅓⅔])
    | (?P<arrow>-+>|=+>|→)
    | (?P<word>[^\W\d_](?:[\w]|(?<=\w)[-.](?=\w))*)
    | (?P<possessive>['’]s?(?=\W|$))
    | (?P<mark>\.{2,}|…|°|%|"|″|′|[^\s])
    """,
    re.VERBOSE,
)
_CONTRACTIONS = {
    "don't": "do not", "dont": "do not", "doesn't": "does not", "doesnt": "does not", "didn't": "did not",
    "isn't": "is not", "isnt": "is not", "aren't": "are not", "arent": "are not", "wasn't": "was not",
    "can't": "can not", "cannot": "can not", "cant": "can not", "won't": "will not", "wouldn't": "would not",
    "shouldn't": "should not", "hasn't": "has not", "haven't": "have not", "i'd": "i would", "i'm": "i am",
    "i'll": "i will", "i've": "i have", "we're": "we are", "we've": "we have", "we'd": "we would",
    "you're": "you are", "they're": "they are", "it's": "it is", "that's": "that is", "thats": "that is",
    "what's": "what is", "whats": "what is", "where's": "where is", "wheres": "where is", "there's": "there is",
    "theres": "there is", "here's": "here is", "who's": "who is", "how's": "how is", "let's": "let us",
    "which's": "which is", "they've": "they have", "it'd": "it would", "it'll": "it will", "that'd": "that would",
    "gimme": "give me", "wanna": "want to", "gonna": "going to", "gotta": "have to", "lemme": "let me",
    "oughta": "should", "u": "you", "ur": "your", "r": "are", "da": "the", "teh": "the", "tha": "the", "d": "the",
    "n": "and", "an'": "and", "&": "and", "plus": "and", "plz": "please", "pls": "please", "thx": "thanks",
    "w/": "with", "wid": "with", "dis": "this", "dat": "that", "dem": "them", "em": "them", "'em": "them",
    "ya": "you", "coz": "because", "cuz": "because", "kinda": "rather", "abit": "a bit", "alot": "a lot",
    "everythin": "everything", "somethin": "something", "shud": "should", "cud": "could", "wud": "would",
    "tho": "though", "b4": "before", "gr8": "great", "halfway": "half way", "midway": "half way",
    "nearby": "near", "ive": "i have", "im": "i am", "lets": "let us", "youre": "you are", "its'": "its",
    "uhh": "uh", "umm": "um", "mk": "make",
    "cn": "can", "mak": "make", "mke": "make", "mov": "move", "mve": "move", "trn": "turn",
    "thrw": "throw", "trow": "throw", "thow": "throw", "pu": "put", "dn": "down",
    "wit": "with", "nxt": "next", "betw": "between", "ontop": "on top", "infront": "in front", "abt": "about",
    "bcos": "because", "someplace": "somewhere", "lil": "little", "lotta": "lot of", "outta": "out of",
    "w": "watts", "imo": "please", "sth": "something",
    "anti-clockwise": "anticlockwise", "counter-clockwise": "anticlockwise", "counterclockwise": "anticlockwise",
    "ccw": "anticlockwise", "cw": "clockwise", "widdershins": "anticlockwise", "i.e": "ie", "e.g": "eg",
}  # fmt: skip


def _split(prompt: str) -> list[Token]:
    tokens: list[Token] = []
    for match in _PATTERN.finditer(prompt):
        raw, start, end = match.group(), match.start(), match.end()
        kind = match.lastgroup
        if kind == "string":
            tokens.append(Token(raw[1:-1].lower(), raw[1:-1], start, end, "string"))
        elif kind == "hex":
            tokens.append(Token(raw.lower(), raw, start, end, "hex"))
        elif kind == "feet":
            feet, inches = re.split(r"['′]", raw.rstrip("\"″'"), maxsplit=1)
            metres = (float(feet) + float(inches) / 12) * 0.3048
            tokens.append(Token(f"{metres:g}", raw, start, end, "number", metres))
            tokens.append(Token("metres", "", end, end))
        elif kind == "number":
            tokens.append(Token(raw, raw, start, end, "number", _value(raw)))
        elif kind == "arrow":
            tokens.append(Token("→", raw, start, end, "mark"))
        elif kind == "contraction":
            tokens.append(Token(raw.lower().replace("’", "'"), raw, start, end))
        elif kind == "possessive":
            after_number = bool(tokens) and tokens[-1].kind == "number" and raw in ("'", "’")
            tokens.append(Token("'" if after_number else "'s", raw, start, end))
        else:
            tokens.append(Token(raw.lower(), raw, start, end, "word" if kind == "word" else "mark"))
    return tokens


def _value(raw: str) -> float:
    if raw in _FRACTIONS:
        return _FRACTIONS[raw]
    raw = raw.replace("−", "-")
    if "/" in raw:
        upper, lower = raw.split("/")
        return float(upper) / float(lower) if float(lower) else 0.0
    return float(raw)


def _expand(token: Token) -> list[Token]:
    """Contractions written out; a possessive 's apart."""
    if token.kind not in ("word", "mark"):
        return [token]
    words = _CONTRACTIONS.get(token.word)
    if words is not None:
        return [replace(token, word=word, kind="word") for word in words.split()]
    return [token]


def tokenize(prompt: str, known: "Known") -> list[Token]:
    """The tokens of a prompt. Contractions are written out, possessives apart, unknown words mended if one is near."""
    tokens: list[Token] = []
    for token in _joined_contractions(_split(prompt)):
        tokens += _expand(token)
    tokens = _negative(_compared_once(_without_dots(_two_as_to(_its_as_it_is(tokens)))))
    result: list[Token] = []
    for token in tokens:
        result += _known_word(token, known) if token.kind == "word" else [token]
    return _rejoined(result, known)


def _joined_contractions(tokens: list[Token]) -> list[Token]:
    """ "don" "'" "t" and "it" "'s" → "don't", "it's", where that is a contraction; else the possessive stays apart."""
    result: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        for length in (2,):
            parts = tokens[index : index + length]
            touching = all(a.end == b.start for a, b in pairwise(parts))
            joined = "".join(part.raw for part in parts).lower().replace("’", "'")
            if (
                len(parts) == length
                and touching
                and joined in _CONTRACTIONS
                and token.kind != "string"
            ):
                result.append(Token(joined, joined, token.start, parts[-1].end))
                index += length
                break
        else:
            result.append(token)
            index += 1
    return result


_MOST_MENDED = 4096  # words remembered
_AFTER_TO = {"the", "my", "your", "a", "its", "left", "right", "that", "this"}


_AFTER_IT_IS = {"to", "too", "so", "very", "way", "really", "not", "a", "in", "quite", "still"}


def _its_as_it_is(tokens: list[Token]) -> list[Token]:
    """ "its too bright here": no possessive."""
    result: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        if token.word == "its" and token.kind == "word" and following in _AFTER_IT_IS:
            result += [replace(token, word="it"), replace(token, word="is")]
        else:
            result.append(token)
    return result


def _two_as_to(tokens: list[Token]) -> list[Token]:
    """ "next 2 the clock", "10cm 2 the right"."""
    result: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        before = tokens[index - 1].word if index else ""
        is_to = token.raw == "2" and (following in _AFTER_TO or before in ("next", "close"))
        is_for = token.raw == "4" and following in ("the", "me", "my")
        if is_to and before not in ("by", "of", "all", "and", "in"):
            token = replace(token, word="to", kind="word")
        elif is_for:
            token = replace(token, word="for", kind="word")
        result.append(token)
    return result


_COMPARED = frozenset({
    "bigger", "larger", "smaller", "taller", "higher", "shorter", "lower", "wider", "narrower", "longer", "thicker",
    "thinner", "deeper", "brighter", "stronger", "weaker", "darker", "lighter", "dimmer", "closer", "nearer", "farther",
    "further", "warmer", "cooler",
})  # fmt: skip


def _compared_once(tokens: list[Token]) -> list[Token]:
    """ "more bigger" is bigger."""
    return [
        token
        for token, following in pairwise([*tokens, Token("", "", 0, 0)])
        if not (token.word == "more" and following.word in _COMPARED)
    ]


def _negative(tokens: list[Token]) -> list[Token]:
    """ "minus 30 degrees"."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        if last and last.word in ("minus", "negative") and token.kind == "number":
            raw = f"{last.raw} {token.raw}"
            result[-1] = Token(f"-{token.word}", raw, last.start, token.end, "number", -token.value)
        else:
            result.append(token)
    return result


class Known:
    """Words that are spelled right, and those of them that mean something here: others are mended towards these."""

    def __init__(
        self, language: frozenset[str], scene: frozenset[str], english: frozenset[str]
    ) -> None:
        self.scene = scene
        self.words = language | scene
        self._english = english
        self._near: dict[tuple[str, int], list[str]] = {}  # by first letter and length
        for word in self.words:
            self._near.setdefault((word[:1], len(word)), []).append(word)
        self._mended: dict[str, str] = {}

    def is_right(self, word: str) -> bool:
        """Whether the word needs no mending."""
        return word in self.words or word in self._english or singular(word) in self.words

    def mended(self, word: str) -> str:
        """The nearest word that means something, if one is near enough; else the word itself."""
        if not 3 <= len(word) <= 24 or self.is_right(word):
            return word
        if word not in self._mended:
            if len(self._mended) > _MOST_MENDED:
                self._mended.clear()
            self._mended[word] = self._nearest(word)
        return self._mended[word]

    def joined(self, first: Token, second: Token) -> str:
        """The thing that two words name together: "tool box", "chese cake"; "" where there is none."""
        whole = first.word + second.word
        for word in (whole, singular(whole)):
            if word in self.scene:
                return whole
        typed = first.raw.lower() + second.raw.lower()
        if len(typed) < 8 or self.is_right(first.raw.lower()):
            return ""
        near = (
            w for w in self.scene if abs(len(w) - len(typed)) < 2 and edit_distance(typed, w, 1) < 2
        )
        return next(near, "")

    def _nearest(self, word: str) -> str:
        allowed = 1 if len(word) < 7 else 2
        best: tuple[float, str] | None = None
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            swapped = [w for w in self._near.get((word[1], length), ()) if w[:2] == word[1::-1]]
            for other in (*self._near.get((word[0], length), ()), *swapped):
                distance = edit_distance(word, other, allowed)
                left_out = len(word) == 3 and length == 4 and other in self.scene
                is_short = min(len(word), length) <= 3 and sorted(word) != sorted(other)
                is_short = is_short and not left_out  # "fsh" for a fish that is here
                is_far = distance == 2 and (
                    length < 7 or (len(word) < 8 and other not in self.scene)
                )
                if distance > allowed or is_short or is_far:
                    continue
                rank = distance - (0.5 if other in self.scene else 0.0)
                if sorted(word) == sorted(other):
                    rank -= 0.25  # letters swapped: the commonest slip
                elif _is_within(word, other):
                    rank -= 0.2  # letters left out
                if best is None or (rank, other) < best:
                    best = (rank, other)
        return best[1] if best else word


def _is_within(word: str, other: str) -> bool:
    """Whether the letters of the word come in this order in the other."""
    letters = iter(other)
    return all(letter in letters for letter in word)


def edit_distance(a: str, b: str, limit: int) -> int:
    """Edits between two words; a swap of neighbours is one. Gives up above the limit."""
    before: list[int] = []
    above: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, above, row = above, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_ABBREVIATED = frozenset({"in", "ft", "cm", "mm", "yd", "deg", "approx", "ca", "m"})


def _without_dots(tokens: list[Token]) -> list[Token]:
    """ "5 in. to the right": that dot ends no sentence."""
    result: list[Token] = []
    for index, token in enumerate(tokens):
        after = tokens[index + 1].raw if index + 1 < len(tokens) else ""
        before = result[-1] if result else None
        is_unit = before is not None and before.word in _ABBREVIATED and len(result) > 1
        if token.word == "." and is_unit and result[-2].kind == "number" and after[:1].islower():
            continue
        result.append(token)
    return result


def _known_word(token: Token, known: Known) -> list[Token]:
    word = token.word.strip("-.")
    if _DRAWN_OUT.search(word) and not known.is_right(word):  # "plzzz"
        shorter = _DRAWN_OUT.sub(r"\1", word)
        expanded = _expand(replace(token, word=shorter))
        if len(expanded) > 1 or known.is_right(expanded[0].word):
            return expanded
        word = _DRAWN_OUT.sub(r"\1\1", word)
    if known.is_right(word):
        return [replace(token, word=word)]
    if "-" in word:
        joined = word.replace("-", "")
        if joined in known.words:
            return [replace(token, word=joined)]
        return [replace(token, word=known.mended(part)) for part in word.split("-") if part]
    return [replace(token, word=known.mended(word))]


def _rejoined(tokens: list[Token], known: Known) -> list[Token]:
    """ "tool box" → "toolbox" where only the joined word is known here."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        if last and last.kind == token.kind == "word":
            both_known = last.word in known.scene and token.word in known.scene
            is_long = min(len(last.word), len(token.word)) >= 3
            joined = known.joined(last, token) if is_long and not both_known else ""
            if joined:
                result[-1] = Token(joined, f"{last.raw} {token.raw}", last.start, token.end)
                continue
        result.append(token)
    return result
