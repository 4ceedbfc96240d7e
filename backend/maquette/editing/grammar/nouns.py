"""Noun phrases: "the two smallest trees", "every chair at the white table except the red one", "whatever is on it"."""

from dataclasses import dataclass, field, replace

from maquette.editing.grammar import quantities, thesaurus
from maquette.editing.grammar.adjectives import (
    AT_SIDE,
    EMPTY_ADJECTIVES,
    FROM_SIDE,
    MATERIALS,
    NEAREST,
    ORDINALS,
    SHAPES,
    SUPERLATIVES,
    attribute_at,
    color_name,
)
from maquette.editing.grammar.colors import COLOR_NAMES
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Cursor, Phrases, phrases, words
from maquette.editing.grammar.verbs import VERBS
from maquette.editing.plan import Attribute, Order, Ref, Relation

_DETERMINERS = words("the a an my our your their this that these those another some its his her")
_STACKED = (Attribute(kind="state", value="stacked"),)
_SELECTED = "<thing|things|object|objects|one|ones|item|items>"
PRONOUNS: Phrases[Ref] = Phrases(
    {
        "it|him|itself": Ref(words="it", pronoun="it"),
        "them|they|<all|both|each|every one> of <them|it|these|those>|<them|it> all|all|both|themselves|each|the lot"
        "|the <two|three> [of them]": Ref(words="them", pronoun="them", number="many"),
        f"this [<one|thing|object|item|guy>]|this here|[the|my] [current] selection|the selected [{_SELECTED}]"
        f"|what i [have] selected|the <thing|object|one> i selected": Ref(words="this", pronoun="this"),
        "[all] these [<ones|things|objects|items|guys|two|three>]|<all|both> of these|the selected <objects|things"
        "|ones|items>"
        "|everything [i] selected|<the objects|the things|those> i selected": Ref(
            words="these", pronoun="this", number="many"
        ),
        "that [<one|thing|object|item>]": Ref(words="that", pronoun="it"),
        "[all] those [<ones|things|objects|two>]": Ref(words="those", pronoun="them", number="many"),
        "<the|that> <pile|stack|tower|heap>": Ref(words="the pile", number="many", attributes=_STACKED),
        "the rest|the <remaining ones|remainder>|everything else|all the rest|[all] [the] others|anything else"
        "|all [the] other things|everyone else|all else": Ref(words="the rest", pronoun="rest", number="many"),
        "the other [one]": Ref(words="the other one", pronoun="other"),
        "me|us|[the] <camera|viewer|cam|observer|lens|viewers>|my <eyes|side|direction>|you|where i <am|stand>"
        "|our side|myself"
        "|the current view|the point of view": Ref(words="the viewer", pronoun="viewer"),
        "everything [that you see]|<all|all the|every> <things|objects|thing|object|stuff|items|item>"
        "|anything and everything"
        "|all of the objects": Ref(words="everything", number="many"),
        "whatever [thing|stuff]|what|anything|<the|those|any> <things|objects|stuff|items>|things|objects|items"
        "|stuff|any thing"
        "|whichever things": Ref(words="everything", number="many"),
        "something|some thing|<any|an> object|a thing": Ref(words="something", number="any"),
        "[the|both|all|each] [new] <copy|copies|clone|clones|duplicate|duplicates>|the new <one|ones>"
        "|the copied one": Ref(
            words="the copy", pronoun="it", noun="copy"
        ),
        "the <original|first|old> one|the original": Ref(words="the original", noun="original"),
    }
)  # fmt: skip
_ARTICLES = words(
    "this that these those all both each two three other whatever what any some you original"
    " selected rest camera"
)
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
_ALL_BUT = phrases("<all|everything> <but|except [for]>|all save")
_EXCEPT = phrases(
    "except [for]|apart from|other than|excluding|besides|save [for]|but [not|for]|not|with the exception [of]|bar"
    "|aside from|excepting"
    "|minus|not counting|leaving out|all but|barring"
)
_STAYS = phrases("has to|have to|must|should|stays|stay|remains|can stay|needs to")
_AND = phrases("and [also|then]|as well as|along with|together with|or|nor|plus|+|&")
_ONES = phrases("one|ones|thing|things|object|objects|item|items")
_LOCATED = frozenset({"standing", "mounted", "dwelling", "borne", "hanging"})
_MODAL_AFTER_CAN = words(
    "go be have stay get stand sit lie hang move come leave live rest remain also now"
)
_GRADED = words(
    "more further bit closer higher lower less left right to darker lighter bigger smaller farther"
)
_THIRD_PERSON = words(
    "stands hangs lies sits rests looks faces points can leans swaps switches trades places"
)
_SIDES = frozenset(
    {"left", "right", "front", "back", "rear", "top", "bottom", "far", "middle", "center"}
)
_MIDDLE = phrases("middle|central|center|centre|middlemost")
_UNITS_AFTER = phrases("x|%|percent|times|degrees|°|degree|w|watts|watt|k|kelvin")


def noun_phrase(context: Context, *, relations: bool = True, conjoined: bool = True) -> Ref | None:
    """A noun phrase, or None. Without `relations`, "on the desk" is left for the verb."""
    start = context.cursor.at
    first = _single(context, relations=relations)
    if first is None:
        context.cursor.at = start
        return None
    if conjoined:
        first = _conjoined(context, first, relations=relations)
        first = _excluding(context, first)
    return replace(first, words=context.cursor.text(start))


def _conjoined(context: Context, first: Ref, *, relations: bool) -> Ref:
    """ "the mug, the bowl and the plate", "the notebook along with the pen"."""
    cursor = context.cursor
    others: list[Ref] = []
    while len(others) < 50:
        start = cursor.at
        comma = cursor.take(",")
        joined = cursor.take(_AND) or _with_its(context)
        if not (comma or joined) or starts_clause(context):
            cursor.at = start
            break
        at = cursor.at
        other = _single(context, relations=relations)
        if other is not None and comma and not joined and not relations:
            other = _with_place(context, other)
        if other is None or (comma and not joined and not _list_goes_on(context)):
            refined = _apposition(context, first, other) if comma and not others else None
            if refined is not None:
                return refined
            cursor.at = start
            break
        if other.pronoun in ("it", "them") and not other.noun and not joined:
            cursor.at = start
            break
        other = _of_first(context, _about_first(_inherited(other, first), first), first, at)
        others.append(other)
    if not others:
        return first
    if (
        first.noun == ""
        and (first.order or first.attributes)
        and not first.pronoun
        and others[-1].noun
    ):
        first = replace(first, noun=others[-1].noun)
    last = others[-1]
    shares = last.relations and not (first.relations or first.pronoun) and last.words[:1].islower()
    if shares and context.cursor.tokens and not last.words.lower().startswith(_OWN_ARTICLE):
        first = replace(first, relations=last.relations)  # "the shoes and boots on the rack"
        others = [
            other if other.relations else replace(other, relations=last.relations)
            for other in others
        ]
    return replace(first, also=first.also + tuple(others))


_OWN_ARTICLE = (
    "the ",
    "a ",
    "an ",
    "my ",
    "all ",
    "everything",
    "every ",
    "whatever",
    "what",
    "anything",
    "stuff",
    "things",
    "both ",
    "its ",
    "that ",
    "this ",
)


def _apposition(context: Context, first: Ref, second: Ref | None) -> Ref | None:
    """ "one of the bar stools, the left one": which one is meant, said after it."""
    cursor = context.cursor
    if second is None or first.pronoun or second.pronoun or first.order or first.attributes:
        return None
    is_one = second.noun in ("", "one", first.noun) and second.words.lower().split()[-1:] in (
        ["one"],
        ["ones"],
    )
    if (
        not is_one
        or not (second.order or second.attributes)
        or not (cursor.is_done or cursor.sees(_AFTER_IT))
    ):
        return None
    return replace(
        second,
        noun=first.noun,
        relations=first.relations + second.relations,
        excluding=first.excluding,
    )


_AFTER_IT = phrases(",|.|;|!|?|:|please|should|must|can|could|needs|has|is|to|on|in|by")


def _with_its(context: Context) -> bool:
    """ "the table with its chairs"."""
    cursor = context.cursor
    length = cursor.length_of("[together|along] with")
    if not length or "with" in context.blocked or cursor.word(length) not in ("its", "their"):
        return False
    noun = context.nouns.find_at(cursor, length + 1)
    if noun is None or not noun.is_in_scene:
        return False
    cursor.at += length
    return True


def _with_place(context: Context, ref: Ref) -> Ref:
    """ "the blue cube, the red cube on the floor and the chair": within a list, a place tells which."""
    from maquette.editing.grammar.relations import relation  # the two need each other

    cursor = context.cursor
    start = cursor.at
    found = relation(context)
    if found is None or not cursor.sees(_AND) or starts_clause_after_and(context):
        cursor.at = start
        return ref
    return replace(ref, relations=(*ref.relations, found[0]))


def starts_clause_after_and(context: Context) -> bool:
    """Whether an instruction comes after the "and" at the cursor."""
    start = context.cursor.at
    context.cursor.take(_AND)
    result = starts_clause(context)
    context.cursor.at = start
    return result


def _list_goes_on(context: Context) -> bool:
    """After "the drill, the hammer": a list has an "and" to come."""
    cursor = context.cursor
    start = cursor.at
    goes_on = cursor.take(_AND)
    for _ in range(8):
        if goes_on or not cursor.take(",") or starts_clause(context):
            break
        goes_on = cursor.take(_AND) or (
            _single(context, relations=False) is not None and cursor.take(_AND)
        )
    cursor.at = start
    return goes_on


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


def _about_first(other: Ref, first: Ref) -> Ref:
    """ "the bed and everything on it": it is the bed."""
    if first.pronoun:
        return other
    relations = tuple(
        replace(
            r,
            to=tuple(first if to.pronoun in ("it", "them") and not to.noun else to for to in r.to),
        )
        for r in other.relations
    )
    return replace(other, relations=relations)


def _of_first(context: Context, other: Ref, first: Ref, at: int) -> Ref:
    """ "the table and its chairs": those near it, where there are others."""
    if context.cursor.tokens[at].word not in ("its", "their") or other.pronoun or first.pronoun:
        return other
    if context.nouns.count(other.noun) < 2:
        return other
    return replace(
        other, number=other.number, relations=(*other.relations, Relation(kind="near", to=(first,)))
    )


def _inherited(other: Ref, first: Ref) -> Ref:
    """ "the white chair and the red one": one of the same."""
    if other.noun in ("", "one") and not other.pronoun and not other.relations and first.noun:
        return replace(other, noun=first.noun)
    return other


def _excluding(context: Context, ref: Ref) -> Ref:
    cursor = context.cursor
    start = cursor.at
    cursor.take(",")
    if cursor.word() == "but":
        cursor.at += 1
        begins = starts_clause(context)
        cursor.at -= 1
        if begins:
            cursor.at = start
            return ref
    if not cursor.take(_EXCEPT):
        cursor.at = start
        return ref
    cursor.take("for|the ones|those|of")
    excluded = _single(context, relations=True)
    if excluded is None or cursor.sees(_STAYS):
        cursor.at = start
        return ref
    excluded = _conjoined(context, excluded, relations=True)
    if excluded.noun in ("", "one") and not excluded.pronoun:
        excluded = replace(excluded, noun=ref.noun)
    return replace(ref, excluding=(*ref.excluding, excluded))


def _single(context: Context, *, relations: bool) -> Ref | None:
    from maquette.editing.grammar.predicates import (  # the two need each other
        post_modifiers,
        predicates,
    )

    cursor = context.cursor
    start = cursor.at
    context.depth += 1
    if context.depth > _DEEPEST:
        raise RecursionError
    which = cursor.sees("whichever|whatever")
    ref = (
        _by_name(context)
        or _all_but(context)
        or _quantified(context)
        or _pronoun(context)
        or _described(context)
    )
    if ref is not None:
        ref = _partitive(context, ref, relations=relations)
        ref = post_modifiers(context, ref, relations=relations)
        if which and ref.noun:
            ref = predicates(context, ref) or ref
    context.depth -= 1
    if ref is None:
        cursor.at = start
        return None
    is_first = (
        ref.noun == ""
        and ref.order is not None
        and ref.order.measure == "order"
        and ref.order.index == 0
    )
    if context.copies_of is not None and (ref.noun == "original" or (is_first and not ref.pronoun)):
        ref = context.copies_of
    return replace(ref, words=cursor.text(start))


_DEEPEST = 12  # "the mug on the desk near the wall behind …"


def _all_but(context: Context) -> Ref | None:
    """ "all but the first chair"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(_ALL_BUT):
        left_out = _single(context, relations=True)
        if left_out is not None and not left_out.pronoun:
            left_out = _conjoined(context, left_out, relations=True)
            noun = left_out.noun
            if cursor.word(start - cursor.at) == "everything" or _is_all_of_them(context, left_out):
                noun = ""
            return Ref(words="", noun=noun, number="many", excluding=(left_out,))
    cursor.at = start
    return None


def _is_all_of_them(context: Context, left_out: Ref) -> bool:
    """ "all but the sofa", of which there is one; "all but the chairs"."""
    told = left_out.attributes or left_out.relations or left_out.order
    if told:
        return False
    return left_out.number == "many" or context.nouns.count(left_out.noun) <= 1


def _by_name(context: Context) -> Ref | None:
    """A name in quotes."""
    token = context.cursor.peek()
    if token is None or token.kind != "string" or token.word not in context.nouns.scene:
        return None
    context.cursor.at += 1
    return Ref(words="", noun=token.word)


def _quantified(context: Context) -> Ref | None:
    """ "all the white chairs", "each of the lights": rather than the pronoun "all"."""
    cursor = context.cursor
    if not cursor.sees("all|both|each|the two|the three|every one|these|those|this|that"):
        return None
    start = cursor.at
    ref = _described(context)
    if ref is None or (ref.noun == "" and not _ends_with_noun(context)):
        cursor.at = start
        return None
    return ref


def _pronoun(context: Context) -> Ref | None:
    """A pronoun, unless it is the article of what follows ("this chair", "all chairs")."""
    cursor = context.cursor
    start = cursor.at
    ref = cursor.match(PRONOUNS)
    if ref is None:
        return None
    if cursor.word(-1) in _ARTICLES and _follows_description(context):
        cursor.at = start
        return None
    if ref.pronoun == "rest" and cursor.sees("of the|of my|of these|of those"):
        cursor.at += 1
        base = _described(context)
        if base is not None:
            return replace(base, pronoun="rest", number="many")
        cursor.at -= 1
    return ref


def _follows_description(context: Context) -> bool:
    cursor = context.cursor
    if cursor.word() in ("is", "are", "of", "that", "and", "", "'s"):
        return False
    if context.nouns.find(cursor) is not None or cursor.sees(_ONES):
        return not starts_clause(context) and not _is_modal_can(cursor)
    start = cursor.at
    found = _described(context) is not None and _ends_with_noun(context)
    cursor.at = start
    return found


def _ends_with_noun(context: Context) -> bool:
    last = thesaurus.singular(context.cursor.word(-1))
    return last in context.nouns.words or last in thesaurus.GENERAL or last in thesaurus.SAME


@dataclass
class _Description:
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


def _described(context: Context) -> Ref | None:
    """ "both of the small red cups", "the second largest", "the larger of …"."""
    cursor = context.cursor
    start = cursor.at
    found = _Description()
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


def _modifiers(context: Context, found: _Description) -> None:
    """Everything between the article and the noun."""
    cursor = context.cursor
    while True:
        at = cursor.at
        noun = context.nouns.find(cursor)
        is_noun = noun is not None and noun.is_in_scene and not _is_modal_can(cursor)
        is_noun = (
            is_noun
            and noun is not None
            and not (_is_located(cursor, noun.length) or _is_adjective_here(context, noun.length))
        )
        if is_noun or not _one_modifier(context, found):
            cursor.at = at
            return
        if cursor.sees(",") and _is_modifier_after(context):
            cursor.take(",")


def _is_modal_can(cursor: Cursor) -> bool:
    """The "can" of "the fan can go" is no can."""
    return cursor.word() == "can" and cursor.word(1) in _MODAL_AFTER_CAN


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
    cursor = context.cursor
    start = cursor.at
    cursor.at += 1
    probe = _Description()
    ok = _one_modifier(context, probe) and bool(probe.attributes)
    ok = ok and (context.nouns.find(cursor) is not None or cursor.sees(_ONES))
    cursor.at = start
    return ok


def _is_adjective_here(context: Context, length: int) -> bool:
    """The "glass" of "the glass table", the "orange" of "the orange chair"."""
    cursor = context.cursor
    start = cursor.at
    word = cursor.word()
    if cursor.length_of(SHAPES) > length:
        return True
    reach = max(cursor.length_of(MATERIALS), cursor.length_of(COLOR_NAMES))
    cursor.at = start + length
    follows = context.nouns.find(cursor) is not None or cursor.sees(_ONES)
    cursor.at = start
    return reach >= length and follows and word != "paint"


def _one_modifier(context: Context, found: _Description) -> bool:
    cursor = context.cursor
    if cursor.take("not|non"):
        found.is_negated = True
        return _attribute(context, found)
    if cursor.take("other|next"):
        found.is_other = True
        return True
    if cursor.sees("<front|back|rear> row") and not cursor.sees("<front|back|rear> row of"):
        side = "front" if cursor.word() == "front" else "back"
        cursor.at += 2
        found.attributes.append(Attribute(kind="state", value=f"{side} row"))
        return True
    ordinal = cursor.match(ORDINALS)
    if ordinal is not None:
        found.ordinal = ordinal
        return True
    if _order(context, found):
        return True
    at = cursor.at
    count = quantities.number(cursor)
    if count is not None:
        is_one = cursor.word(-1) == "one" and found.determiner in ("the", "this", "that")
        if is_one or cursor.sees(quantities.UNITS) or cursor.sees(_UNITS_AFTER):
            cursor.at = at
            return False
        found.count = int(count)
        return count == int(count) and 0 < count < 10000
    return _attribute(context, found) or _compound(context, found)


def _order(context: Context, found: _Description) -> bool:
    cursor = context.cursor
    at = cursor.at
    if cursor.take(_MIDDLE) and _can_be_ordered(context, found):
        found.order = Order(measure="left", is_middle=True)
        return True
    cursor.at = at
    if cursor.sees("far <left|right> <corner|edge|end|side>"):
        return False
    far = cursor.match(NEAREST)
    if far is not None:
        if cursor.sees("left|right"):
            cursor.at = at
        else:
            found.order = Order(measure="distance", is_descending=far)
            return True
    side = cursor.match(SUPERLATIVES)
    if side is None or not _can_be_ordered(context, found):
        cursor.at = at
        return False
    found.order = Order(measure=side[0], is_descending=side[1])
    return True


def _can_be_ordered(context: Context, found: _Description) -> bool:
    """ "the left lamp", but not the left of "move the ball left"; "front door" needs its door."""
    cursor = context.cursor
    is_told = bool(found.determiner or found.quantifier or found.count or found.ordinal is not None)
    if cursor.word(-1) not in _SIDES:
        return is_told
    follows = context.nouns.find(cursor) is not None or cursor.sees(
        "one|two|three|of <the|them|these|those>|thing|object|hand|ones"
    )
    if not follows:
        probe = _Description()
        at = cursor.at
        follows = _one_modifier(context, probe) and (
            context.nouns.find(cursor) is not None or cursor.sees(_ONES)
        )
        cursor.at = at
    return follows and is_told


def _attribute(context: Context, found: _Description) -> bool:
    cursor = context.cursor
    is_grade = cursor.word() == "little" and cursor.word(1) in _GRADED
    attribute = None if is_grade else attribute_at(cursor)
    if attribute is None:
        if cursor.word() in EMPTY_ADJECTIVES and cursor.word(1) not in ("is", "", "of", "are"):
            cursor.at += 1
            return True
        return False
    found.attributes.append(replace(attribute, is_negated=found.is_negated))
    at = cursor.at
    if cursor.take("and|or"):
        other = attribute_at(cursor)
        if (
            other is not None
            and attribute.kind == other.kind == "color"
            and _plural_follows(context)
        ):
            found.alternatives.append(other)
        elif (
            other is not None
            and context.nouns.find(cursor) is not None
            and attribute.kind != other.kind
        ):
            found.attributes.append(replace(other, is_negated=found.is_negated))
        else:
            cursor.at = at
    return True


def _plural_follows(context: Context) -> bool:
    noun = context.nouns.find(context.cursor)
    return (noun is not None and noun.is_plural) or context.cursor.sees("ones|things|objects")


def _compound(context: Context, found: _Description) -> bool:
    """A noun before a noun: the "sofa" of "sofa cushions"."""
    cursor = context.cursor
    noun = context.nouns.find(cursor)
    if noun is None or noun.is_plural:
        return False
    start = cursor.at
    cursor.at += noun.length
    if cursor.take("standing|mounted|hanging|dwelling|borne|top|bound"):  # "the shelf standing box"
        if context.nouns.find(cursor) is not None or cursor.sees(_ONES):
            where = Ref(words=noun.phrase, noun=noun.phrase, number="any")
            found.relations.append(Relation(kind="on", to=(where,)))
            return True
        cursor.at = start
        return False
    if context.nouns.find(cursor) is None or starts_clause(context) or _is_modal_can(cursor):
        cursor.at = start
        return False
    found.modifier = noun.phrase
    return True


def _noun(context: Context, found: _Description) -> tuple[str, bool]:
    """The noun itself and whether it is plural; ("", …) where there is none."""
    cursor = context.cursor
    noun = context.nouns.find(cursor)
    if noun is not None and (noun.is_in_scene or cursor.word() not in ("one", "ones")):
        cursor.at += noun.length
        following = context.nouns.find(cursor)
        joins = following is not None and not noun.is_plural and not _is_modal_can(cursor)
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


def _unknown_noun(context: Context, found: _Description) -> str:
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


def _finished(context: Context, found: _Description, noun: str, *, is_plural: bool) -> Ref:
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


def _partitive(context: Context, ref: Ref, *, relations: bool) -> Ref:
    """ "one of the red ones", "the larger of the two balls", "the first of them", "the bottom book of the pile"."""
    cursor = context.cursor
    start = cursor.at
    if ref.pronoun == "viewer" or not (
        cursor.take("of|among|out of|from among") or cursor.word(-1) == "of"
    ):
        return ref
    base = noun_phrase(context, relations=relations, conjoined=False)
    if base is None:
        cursor.at = start
        return ref
    if ref.attributes == _STACKED and not ref.noun and base.noun:
        return replace(
            base, number="many", attributes=base.attributes + _STACKED
        )  # "the stack of boxes"
    if base.attributes == _STACKED and not base.noun and ref.noun:
        return replace(ref, attributes=ref.attributes + _STACKED)
    if ref.noun and ref.noun not in (base.noun, context.topic_noun):
        cursor.at = start
        return ref
    order = ref.order or (replace(base.order, count=1) if base.order else None)
    count = ref.count
    if (
        count is None
        and ref.number == "many"
        and not ref.noun
        and start > 0
        and cursor.tokens[start - 1].word == "half"
    ):
        count = max(1, context.nouns.count(base.noun) // 2)
    return replace(
        base,
        number=ref.number,
        count=count,
        attributes=ref.attributes + base.attributes,
        order=order,
        excluding=base.excluding,
    )


__all__ = [
    "AT_SIDE", "FROM_SIDE", "NEAREST", "ORDINALS", "PRONOUNS", "SUPERLATIVES", "attribute_at", "color_name", "noun_phrase",
    "starts_clause",
]  # fmt: skip
