"""What the words of a prompt name, whatever a model makes of them: the things, how many, and what may be done."""

import re
from dataclasses import dataclass
from functools import lru_cache

from maquette.editing.grammar.thesaurus import GENERAL, fit, plain_name, singular_phrase
from maquette.editing.scene_view import SceneView

_ALL = re.compile(
    r"\b(all|every|each|everything|everyone|both|any|them|these|those|others?|rest|whole)\b"
)
_EVERYTHING = re.compile(
    r"\b(everything|the rest|whole (scene|room|house|place)|all else|"
    r"all (of )?(the |these |those )?(things|objects|items|stuff))\b|\ball\W*$"
)
_IT = re.compile(
    r"\b(it|its|this|that|them|these|those|they|one|ones|same|again|selected|selection)\b"
)
_REMOVAL = re.compile(
    r"\b(delet\w*|remov\w*|eras\w*|clear\w*|rid|throw\w*|toss\w*|discard\w*|eliminat\w*|trash\w*|bin|wipe\w*|"
    r"take|taking|drop|lose|kill\w*|replac\w*|swap\w*|exchang\w*|substitut\w*|without)\b"
)
_UNDO = re.compile(
    r"\b(undo\w*|redo\w*|back|revert\w*|restor\w*|reset\w*|again|before|was|cancel)\b"
)
_NO_NOUNS = frozenset(
    re.findall(
        r"\w+",
        "a about above after again all along an and any are as at away back be before behind below beside between both "
        "but by can close down each every facing far for from front get given has have her here his how i in inside "
        "into is it its just left let like make me more most move my near next no not now of off on one onto or other "
        "our out over please put right same set she side so some than that the their them then there these they this "
        "those to top turn under up us very want was we what when where which while who will with would you your",
    )
)  # a thing called "the" is not named by every prompt
_FITS = 0.4  # the thesaurus' fit from which a word names a thing
_MAX_WORDS = 3  # of a noun


@dataclass(frozen=True)
class Naming:
    """Of one prompt."""

    nouns: frozenset[str]  # one to three words each, singular
    plurals: frozenset[str]  # those that were typed as plurals
    numbers: frozenset[int]  # in digits
    is_all: bool  # of what is named
    is_everything: bool
    is_it: bool  # a pronoun: what was talked about, or is selected
    is_removal: bool
    is_undo: bool

    @staticmethod
    def of(prompt: str) -> "Naming":
        text = prompt.lower()
        words = re.findall(r"[^\W_]+(?:[.'_-][^\W_]+)*", text)
        nouns: set[str] = set()
        plurals: set[str] = set()
        for length in range(1, _MAX_WORDS + 1):
            for start in range(len(words) - length + 1):
                phrase = " ".join(words[start : start + length])
                if phrase in _NO_NOUNS:
                    continue
                single = singular_phrase(phrase)
                nouns.update((phrase, single))
                if single != phrase:
                    plurals.update((phrase, single))
        return Naming(
            frozenset(nouns),
            frozenset(plurals),
            frozenset(int(n) for n in re.findall(r"[0-9]{1,9}", text)),
            bool(_ALL.search(text)),
            bool(_EVERYTHING.search(text)),
            bool(_IT.search(text)),
            bool(_REMOVAL.search(text)),
            bool(_UNDO.search(text)),
        )

    def named(self, view: SceneView) -> frozenset[str]:
        """Ids of the things whose label, name or id a word of the prompt names. General words ("thing") name none."""
        return frozenset(
            key
            for key, item in view.objects.items()
            if _any_fits(self.nouns, (item.label or item.kind).lower())
            or not self.nouns.isdisjoint((item.name.lower(), key.lower(), plain_name(item.name)))
        )

    def is_plural_of(self, view: SceneView, key: str) -> bool:
        """Whether the prompt has this thing's kind in the plural."""
        item = view.objects[key]
        return _any_fits(self.plurals, (item.label or item.kind).lower())


def _fits(noun: str, label: str) -> bool:
    return noun not in GENERAL and fit(noun, label) >= _FITS


@lru_cache(maxsize=4096)
def _any_fits(nouns: frozenset[str], label: str) -> bool:
    return any(_fits(noun, label) for noun in nouns)
