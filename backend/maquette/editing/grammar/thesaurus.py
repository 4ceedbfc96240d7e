"""Which words people use for a thing: synonyms, wider words, and how well a typed noun fits a thing."""

from functools import lru_cache

from maquette.editing.grammar import data

GENERAL = frozenset(
    {
        "slab", "column", "pillar", "shape", "thing", "object", "item", "stuff", "piece", "element", "entity",
        "one", "article", "model", "mesh", "thingy",
    }
    | {"thingie", "thingamajig"}
)  # fmt: skip
_IRREGULAR = {
    "shelves": "shelf", "knives": "knife", "leaves": "leaf", "mice": "mouse", "people": "person", "men": "man",
    "women": "woman", "children": "child", "feet": "foot", "geese": "goose", "teeth": "tooth", "dice": "die",
    "loaves": "loaf", "bookshelves": "bookshelf", "scarves": "scarf", "halves": "half", "cacti": "cactus",
    "tomatoes": "tomato", "potatoes": "potato", "heroes": "hero", "buses": "bus", "gases": "gas",
    "movies": "movie", "cookies": "cookie", "pies": "pie", "brownies": "brownie", "thingies": "thingy",
    "vases": "vase", "vises": "vise", "horses": "horse", "houses": "house", "cases": "case", "bookcases": "bookcase",
    "suitcases": "suitcase", "axes": "axe", "tyres": "tyre",
    "telephones": "telephone", "roses": "rose", "purses": "purse", "nurses": "nurse", "gooses": "goose",
}  # fmt: skip
_SINGULAR_S = frozenset(
    {
        "glass", "bus", "gas", "canvas", "ficus", "cactus", "mattress", "dress", "compass", "chess", "grass",
        "boss",
    }
    | {
        "news", "lens", "series", "always", "bonus", "virus", "focus", "hibiscus", "octopus", "campus",
        "circus", "us", "this", "its", "as", "is", "was", "has", "does", "plus", "minus", "yes",
    }
)  # fmt: skip


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """One of them: "shelves" → "shelf"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word in _SINGULAR_S or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def is_plural(word: str) -> bool:
    """Whether the word is a plural form."""
    return singular(word) != word


def singular_phrase(phrase: str) -> str:
    """The last word singular: "paint cans" → "paint can"."""
    head, _, last = phrase.rpartition(" ")
    return f"{head} {singular(last)}".strip()


def _read() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Words for the same thing, to and from the leading word only ("light" is no word for "lamp post"); wider words."""
    same: dict[str, set[str]] = {}
    wider: dict[str, set[str]] = {}
    for line in data.lines("things"):
        if " > " in line:
            word, _, narrower = line.partition(" > ")
            wider.setdefault(word, set()).update(narrower.split(", "))
            continue
        first, _, others = line.partition(" = ")
        for other in others.split(", "):
            same.setdefault(other, set()).add(first)
            same.setdefault(first, set()).add(other)
    return (
        {word: frozenset(others) for word, others in same.items()},
        {word: frozenset(narrower) for word, narrower in wider.items()},
    )


SAME, WIDER = _read()


@lru_cache(maxsize=1)
def known_nouns() -> frozenset[str]:
    """All nouns of this module."""
    return (
        frozenset(SAME) | frozenset(WIDER) | frozenset(n for group in WIDER.values() for n in group)
    )


def spoken_name(name: str) -> str:
    """A name or id in words: "desk_1" → "desk 1"."""
    return " ".join(name.lower().replace("_", " ").replace(".", " ").replace("-", " ").split())


def plain_name(name: str) -> str:
    """A name or id as people would say it: "Chair.001" → "chair", "beach_ball" → "beach ball"."""
    words = spoken_name(name).split()
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return " ".join(words)


@lru_cache(maxsize=65536)
def fit(noun: str, label: str, name: str = "", identifier: str = "") -> float:
    """How well a noun (lower case, singular) names a thing: 1 its label or name, down to 0 not at all.

    Take the things of the best fit that satisfy the rest of the expression; fall to the next best only where none does.
    """
    if noun in ("", name.lower(), identifier.lower()) or noun in GENERAL:
        return 1.0
    if noun[-1].isdigit() and noun in (spoken_name(name), spoken_name(identifier)):
        return 1.0
    label = label.lower()
    if noun == label:
        return 1.0
    if noun in (plain_name(identifier), plain_name(name)):
        return 0.95
    if not label:
        return 0.0
    if label in SAME.get(noun, ()) or noun.replace(" ", "") == label.replace(" ", ""):
        return 0.9
    head = label.rpartition(" ")[2]
    if noun == head:
        return 0.8
    words = label.split()
    if len(words) > 1 and noun == " ".join(words[:-1]):
        return 0.7
    if label in WIDER.get(noun, ()) or head in WIDER.get(noun, ()):
        return 0.6
    if head in SAME.get(noun, ()) and " " not in noun:
        return 0.5
    last = noun.rpartition(" ")[2]
    if " " in noun and (last == label or (last == head and set(noun.split()) <= set(words))):
        return 0.4
    return 0.0
