"""A described thing: its article, quantity, adjectives, order and noun ("both of the small red cups")."""

from dataclasses import dataclass, field, replace

from maquette.editing.grammar import thesaurus
from maquette.editing.grammar.adjectives import (
    MATERIALS,
    SHAPES,
)
from maquette.editing.grammar.colors import COLOR_NAMES
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Cursor, Phrases, words
from maquette.editing.grammar.verbs import VERBS
from maquette.editing.plan import Attribute, Order, Ref, Relation

_DETERMINERS = words("the a an my our your their this that these those another some its his her")
_QUANTIFIERS: Phrases[str] = Phrases(
    {
        "<all|every one|each one> [of] [the|my|our]|every [single [one of]]|each [of] [the]|each and every"
        "|any and all|each single"
        "|all <those|these>": "all",
        "[the] both [of] [the]|the pair of|both [of] my": "both",
        "any [of]|some of|any one of|some": "any",
        "[any] one of [the]|either [of]|a random one of|some one of": "one of",
        "half [of] [the]": "half",
        "<none|neither> of|no": "none",
        "whichever|whatever": "which",
    }
)
_LOCATED = frozenset({"standing", "mounted", "dwelling", "borne", "hanging"})
_THIRD_PERSON = words(
    "stands hangs lies sits rests looks faces points can leans swaps switches trades places"
)


def starts_clause(context: Context) -> bool:
    """Whether a verb comes next: then the "and" before joins instructions, not things."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("then|also|please|now|afterwards|after that|finally|next|to")
    noun = context.nouns.find(cursor)
    length = cursor.length_of(VERBS)
    is_verb = length > 0
    if is_verb and noun and noun.is_in_scene:
        following = cursor.word(noun.length)
        is_verb = noun.length <= length and (
            following in _DETERMINERS or following in ("it", "them", "all", "both")
        )
    cursor.at = start
    return is_verb


@dataclass
class Description:
    """What stands before the noun, gathered."""

    attributes: list[Attribute] = field(default_factory=list)
    alternatives: list[Attribute] = field(default_factory=list)  # "blue and orange chairs"
    relations: list[Relation] = field(default_factory=list)
    order: Order | None = None
    ordinal: int | None = None
    count: int | None = None
    is_other: bool = False
    is_negated: bool = False
    modifier: str = ""  # "sofa" of "sofa cushion"
    quantifier: str = ""
    determiner: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether nothing was told."""
        return not (
            self.attributes or self.order or self.ordinal is not None or self.is_other or self.count
        )


def described(context: Context) -> Ref | None:
    """ "both of the small red cups", "the second largest", "the larger of …"."""
    cursor = context.cursor
    start = cursor.at
    found = Description()
    cursor.take("just|only|exactly|precisely|simply")
    found.quantifier = cursor.match(_QUANTIFIERS) or ""
    if cursor.word() in _DETERMINERS and not (cursor.word() == "her" and cursor.word(1) == ""):
        found.determiner = cursor.word()
        cursor.at += 1
        cursor.take("very|exact")
    elif cursor.word(-1) in ("the", "my") and found.quantifier:
        found.determiner = "the"
    _modifiers(context, found)
    noun, is_plural = _noun(context, found)
    is_told = not found.is_bare and (found.determiner or found.quantifier or cursor.word() == "of")
    if not noun and not is_told:
        if found.quantifier in ("all", "both", "one of", "any", "half") and (
            cursor.sees("of") or cursor.word(-1) == "of"
        ):
            return _finished(context, found, "", is_plural=found.quantifier != "one of")
        cursor.at = start
        return None
    return _finished(context, found, noun, is_plural=is_plural)


def _modifiers(context: Context, found: Description) -> None:
    """Everything between the article and the noun."""
    from maquette.editing.grammar.nouns import is_modal_can, one_modifier  # the two need each other

    cursor = context.cursor
    while True:
        at = cursor.at
        noun = context.nouns.find(cursor)
        is_noun = noun is not None and noun.is_in_scene and not is_modal_can(cursor)
        is_noun = (
            is_noun
            and noun is not None
            and not (_is_located(cursor, noun.length) or _is_adjective_here(context, noun.length))
        )
        if is_noun or not one_modifier(context, found):
            cursor.at = at
            return
        if cursor.sees(",") and _is_modifier_after(context):
            cursor.take(",")


def _is_located(cursor: Cursor, length: int) -> bool:
    """The "shelf" of "the shelf-standing box"."""
    return cursor.word(length) in _LOCATED and cursor.word(length + 1) not in (
        "on",
        "in",
        "next",
        "by",
        "at",
        "",
    )


def _is_modifier_after(context: Context) -> bool:
    """The comma of "the small, red box"."""
    from maquette.editing.grammar.nouns import ONES, one_modifier  # the two need each other

    cursor = context.cursor
    start = cursor.at
    cursor.at += 1
    probe = Description()
    ok = one_modifier(context, probe) and bool(probe.attributes)
    ok = ok and (context.nouns.find(cursor) is not None or cursor.sees(ONES))
    cursor.at = start
    return ok


def _is_adjective_here(context: Context, length: int) -> bool:
    """The "glass" of "the glass table", the "orange" of "the orange chair"."""
    from maquette.editing.grammar.nouns import ONES  # the two need each other

    cursor = context.cursor
    start = cursor.at
    word = cursor.word()
    if cursor.length_of(SHAPES) > length:
        return True
    reach = max(cursor.length_of(MATERIALS), cursor.length_of(COLOR_NAMES))
    cursor.at = start + length
    follows = context.nouns.find(cursor) is not None or cursor.sees(ONES)
    cursor.at = start
    return reach >= length and follows and word != "paint"


def _noun(context: Context, found: Description) -> tuple[str, bool]:
    """The noun itself and whether it is plural; ("", …) where there is none."""
    from maquette.editing.grammar.nouns import is_modal_can  # the two need each other

    cursor = context.cursor
    noun = context.nouns.find(cursor)
    if noun is not None and (noun.is_in_scene or cursor.word() not in ("one", "ones")):
        cursor.at += noun.length
        following = context.nouns.find(cursor)
        token = cursor.peek()
        is_name = token is not None and token.kind == "string"  # "rename the stroller "Buggy""
        joins = following is not None and not noun.is_plural and not is_modal_can(cursor)
        joins = joins and not is_name
        joins = joins and cursor.word() not in ("left", "right", "light", "lights", "back", "place")
        joins = joins and (following is None or following.is_in_scene or cursor.word() != "can")
        joins = joins and cursor.word() not in _THIRD_PERSON
        if (
            following is not None
            and joins
            and not starts_clause(context)
            and not cursor.sees(COLOR_NAMES)
        ):
            found.modifier = noun.phrase  # "bar stool", "sofa cushion": the last noun is the head
            cursor.at += following.length
            noun = following
        elif (whole := _made_of(context, noun.phrase)) is not None:
            return whole, noun.is_plural
        else:
            cursor.take("thing|things|thingy|thingie|thingamajig|unit")  # "the umbrella thingy"
        return noun.phrase, noun.is_plural
    word = cursor.word()
    if word in ("one", "ones"):
        cursor.at += 1
        return "one", word == "ones"
    single = thesaurus.singular(word)
    if single in thesaurus.GENERAL and word not in ("bit", "bits", "one"):
        cursor.at += 1
        cursor.take("thing|things|thingy")
        return "thing", word != single
    return _unknown_noun(context, found), thesaurus.is_plural(word)


def _made_of(context: Context, head: str) -> str | None:
    """ "the cup of coffee", where there is a coffee cup."""
    cursor = context.cursor
    whole = f"{cursor.word(1)} {head}"
    if cursor.word() != "of" or whole not in context.nouns.scene:
        return None
    cursor.at += 2
    return whole


def _unknown_noun(context: Context, found: Description) -> str:
    """A thing that nobody here knows: said with an article, and no word that means something else."""
    cursor = context.cursor
    is_named = (
        found.determiner not in ("", "a")
        or found.quantifier
        or found.attributes
        or found.count
        or found.order
        or (context.is_asking and found.determiner)
    )
    token = cursor.peek()
    if (
        not is_named
        or token is None
        or token.kind == "number"
        or token.kind == "mark"
        or token.word in LANGUAGE
    ):
        return ""
    if token.kind == "string":
        cursor.at += 1
        return token.word
    cursor.at += 1
    single = thesaurus.singular(token.word)
    meant = context.nouns.nearly(single)
    if meant:
        return meant
    if cursor.take("thing|things|thingy|shape|object"):
        return "thing"  # "that column thing"
    following = cursor.peek()
    is_unknown = (
        following is not None and following.kind == "word" and following.word not in LANGUAGE
    )
    if following is not None and is_unknown and not following.word.endswith("ly"):
        cursor.at += 1
        single = f"{token.word} {thesaurus.singular(following.word)}"
    context.absent.append(single)
    return single


def _finished(context: Context, found: Description, noun: str, *, is_plural: bool) -> Ref:
    order = found.order
    if found.ordinal is not None:
        base = order or Order(measure="order", is_descending=False)
        order = replace(base, index=found.ordinal)
    count = found.count
    if order is not None and count and found.ordinal is None:
        order = replace(order, count=count)
    real = "" if noun in ("thing", "one") else noun
    if noun == "one" and context.topic_noun:
        real = context.topic_noun
    if found.quantifier == "both":
        count = 2
    elif found.quantifier == "half" and real:
        count = max(1, context.nouns.count(real) // 2)
    number = "one"
    if found.quantifier in ("any", "one of") and not (count or 0) > 1:
        number = "any"
    elif found.quantifier in ("all", "both", "none", "half") or is_plural or (count or 1) > 1:
        number = "many"
    elif found.determiner in ("a", "an", "some", "another"):
        number = "any"
    elif count == 1 and not found.determiner and order is None:
        number, count = "any", None  # "one apple": whichever
    ref = Ref(
        words="",
        noun=real,
        number=number,
        count=count,
        pronoun="other" if found.is_other else "",
        attributes=tuple(found.attributes),
        relations=tuple(found.relations),
        order=order,
    )
    if found.modifier:
        ref = _with_modifier(context, ref, found.modifier)
    if found.alternatives:
        base = ref.attributes[:-1]
        ref = replace(
            ref, also=tuple(replace(ref, attributes=(*base, other)) for other in found.alternatives)
        )
    return ref


def _with_modifier(context: Context, ref: Ref, modifier: str) -> Ref:
    whole = f"{modifier} {ref.noun}"
    fits = any(
        thesaurus.fit(whole, thing.label) > 0.45 for thing in context.nouns.vocabulary.things
    )
    if whole in context.nouns.scene or fits:
        return replace(ref, noun=whole)
    many = context.nouns.count(ref.noun) > (ref.count or 1) or ref.number == "many"
    if many and context.nouns.count(modifier):
        other = Ref(words=modifier, noun=modifier, number="any")
        return replace(ref, relations=(*ref.relations, Relation(kind="near", to=(other,))))
    return ref
