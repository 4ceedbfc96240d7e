"""What a parse carries along: the cursor, the nouns of the scene, and what was talked about."""

from dataclasses import dataclass, field
from functools import lru_cache

from maquette.editing.grammar import thesaurus
from maquette.editing.grammar.cursor import Cursor
from maquette.editing.grammar.tokens import edit_distance
from maquette.editing.grammar.vocabulary import History, Vocabulary
from maquette.editing.plan import Ref


@dataclass(frozen=True)
class Noun:
    """A noun as found at the cursor."""

    phrase: str  # singular
    is_plural: bool
    is_in_scene: bool
    length: int  # tokens


_MEASURED = frozenset(
    [
        "m", "cm", "mm", "km", "metre", "metres", "meter", "meters", "centimetre", "centimetres", "centimeter",
        "centimeters", "inch", "inches", "in", "foot", "feet", "ft", "yard", "yards", "unit", "units",
        "degrees", "degree", "°", "%", "percent", "x", "times", "more",
    ]
)  # fmt: skip


class Nouns:
    """The nouns of one scene and of the language."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        scene: set[str] = set()
        for thing in vocabulary.things:
            scene.update(_words_for(thing.label))
        for name in vocabulary.names:
            scene.update((name.lower(), thesaurus.spoken_name(name), thesaurus.plain_name(name)))
        scene.discard("")
        self.scene = frozenset(scene)
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase in self.scene | thesaurus.known_nouns():
            for spelling in _spellings(phrase):
                parts = tuple(spelling.split())
                self._by_first.setdefault(parts[0], []).append((parts, phrase))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda entry: (-len(entry[0]), entry[1]))
        self.words = frozenset(
            word
            for phrase in self.scene
            for spelling in _spellings(phrase)
            for word in spelling.split()
        )
        self.words |= frozenset(_plurals(self.words))
        self._counts: dict[str, int] = {}

    def find(self, cursor: Cursor) -> Noun | None:
        """The longest noun at the cursor; nothing is stepped over."""
        first = cursor.word()
        best: Noun | None = None
        for start in dict.fromkeys((first, thesaurus.singular(first))):
            for parts, phrase in self._by_first.get(start, ()):
                size = len(parts)
                words = [cursor.word(i) for i in range(size)]
                if not all(words) or any(
                    a != b for a, b in zip(words[1:-1], parts[1:-1], strict=False)
                ):
                    continue
                last = words[-1]
                if size > 1 and words[0] != parts[0] and not thesaurus.is_plural(words[-1]):
                    continue  # "toys cars", but no "toys car"
                if parts[-1] in (last, thesaurus.singular(last)):
                    plural = last != parts[-1] or (
                        thesaurus.is_plural(last) and phrase not in self.scene
                    )
                    if phrase[-1].isdigit() and cursor.word(size) in _MEASURED:
                        continue  # "stool 1 m": no name, but a length
                    found = Noun(phrase, plural, phrase in self.scene, size)
                    if best is None or (size, found.is_in_scene) > (best.length, best.is_in_scene):
                        best = found
                    break
        return best

    def find_at(self, cursor: Cursor, ahead: int) -> Noun | None:
        """The noun some tokens on."""
        cursor.at += ahead
        found = self.find(cursor)
        cursor.at -= ahead
        return found

    def count(self, noun: str) -> int:
        """How many things the noun fits best."""
        if noun not in self._counts:
            best: dict[float, int] = {}
            for thing in self.vocabulary.things:
                value = thesaurus.fit(noun, thing.label)
                best[value] = best.get(value, 0) + thing.count
            by_name = sum(
                noun in (name.lower(), thesaurus.plain_name(name)) for name in self.vocabulary.names
            )
            fitting = {value: n for value, n in best.items() if value > 0}
            self._counts[noun] = fitting[max(fitting)] if fitting else min(by_name, 1)
        return self._counts[noun]

    def only_one(self, heads: frozenset[str]) -> Ref | None:
        """The one thing whose label ends in one of these words; None where there are several or none."""
        found = [t for t in self.vocabulary.things if t.label.rpartition(" ")[2] in heads]
        if len(found) != 1 or found[0].count != 1:
            return None
        return Ref(words=f"the {found[0].label}", noun=found[0].label)

    def nearly(self, word: str) -> str:
        """The noun of this scene that an English word, which names nothing here, is a slip of: "char" → "chair"."""
        if len(word) < 4 or word in thesaurus.SAME:
            return ""
        found = [
            noun
            for noun in self.scene
            if noun[0] == word[0]
            and abs(len(noun) - len(word)) < 2
            and " " not in noun
            and edit_distance(word, noun, 1) == 1
        ]
        longer = [
            noun for noun in found if len(noun) > len(word)
        ]  # a letter left out is the commonest slip
        chosen = found if len(found) == 1 else longer
        return chosen[0] if len(chosen) == 1 else ""

    def is_kind(self, noun: str, kind: str) -> bool:
        """Whether all things that the noun fits best are of a kind (object, light, wall …)."""
        if not noun or noun in thesaurus.GENERAL:
            return False
        fits = [(thesaurus.fit(noun, thing.label), thing.kind) for thing in self.vocabulary.things]
        best = max((value for value, _ in fits), default=0.0)
        if best == 0:
            return noun == kind
        return all(found == kind for value, found in fits if value == best)


def _spellings(phrase: str) -> tuple[str, ...]:
    """As the tokenizer parts it: "teacher's desk", which people write without the apostrophe, too."""
    phrase = phrase.replace("’", "'")
    if "'s " not in phrase:
        return (phrase,)
    return phrase.replace("'s ", " 's "), phrase.replace("'s ", "s "), phrase.replace("'s ", " ")


def _plurals(words: frozenset[str]) -> set[str]:
    plurals = {word + "s" for word in words if word.isalpha()}
    plurals |= {word[:-1] + "ies" for word in words if word.endswith("y")}
    return plurals | {word + "es" for word in words if word.endswith(("s", "x", "ch", "sh"))}


@lru_cache(maxsize=1024)
def _words_for(label: str) -> frozenset[str]:
    """The label, its synonyms, its head and first words, and wider words."""
    if not label:
        return frozenset()
    found = {label, *thesaurus.SAME.get(label, ())}
    parts = label.split()
    if len(parts) > 1:
        found |= {parts[-1], " ".join(parts[:-1])}
        found |= thesaurus.SAME.get(parts[-1], frozenset())
    found |= {
        wide for wide, narrow in thesaurus.WIDER.items() if label in narrow or parts[-1] in narrow
    }
    return frozenset(found)


@lru_cache(maxsize=32)
def nouns_of(vocabulary: Vocabulary) -> Nouns:
    """Derived once per scene."""
    return Nouns(vocabulary)


IT = Ref(words="it", pronoun="it")
LIGHTS = Ref(words="the lights", noun="light", number="many")


@dataclass
class Context:
    """One prompt being read."""

    cursor: Cursor
    nouns: Nouns
    history: History
    topic: Ref | None = (
        None  # what "it" means unless an operation of this prompt has touched something since
    )
    topic_noun: str = ""  # what "the other one" is one of
    copies_of: Ref | None = None  # what "the original" is; set by a duplicate
    blocked: frozenset[str] = (
        frozenset()
    )  # words that end a noun phrase for now: the "with" of "swap A with B"
    complaint: tuple[Ref, str] | None = (
        None  # "the doormat", "too dark": what to do if nothing else is said
    )
    is_about_room: bool = False  # "it's too dark in here"
    depth: int = 0  # of noun phrases within noun phrases
    said_name: str = ""  # "this is a bottle, name it that"
    verb: str = ""  # the kind of instruction that is being read
    last_verb: str = ""  # of the clause before: "the table to the right" repeats it
    is_asking: bool = False  # whether something is there: then an unknown thing is a noun, too
    absent: list[str] = field(default_factory=list)  # nouns that this scene has not
