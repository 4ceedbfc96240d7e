"""Noun phrases: "the two smallest trees", "every chair at the white table except the red one", "whatever is on it"."""

from dataclasses import replace

from maquette.editing.grammar import quantities, thesaurus
from maquette.editing.grammar.colors import COLOR_NAMES, ISH, SHADES
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Cursor, Phrases, words
from maquette.editing.plan import Attribute, Measure, Order, Ref, Relation

SIZES = Phrases(
    {
        "big|large|huge|giant|great|massive|enormous": "big",
        "small|little|tiny|mini|wee|petite|miniature": "small",
        "tall|high": "tall",
        "short|low": "short",
        "wide|broad": "wide",
        "narrow|slim|slender": "narrow",
        "long": "long",
        "thin": "thin",
        "thick|fat": "thick",
        "flat": "flat",
    }
)
MATERIALS = Phrases(
    {
        "wooden|wood|timber|woody": "wood", "metal|metallic": "metal", "glass": "glass", "plastic": "plastic",
        "leather": "leather", "fabric|cloth|textile": "fabric", "stone": "stone", "marble": "marble",
        "ceramic|porcelain|china": "ceramic", "concrete": "concrete", "steel|stainless steel|iron": "metal",
        "brass": "brass", "rubber": "rubber", "paper|cardboard": "paper", "shiny|glossy|polished": "shiny",
        "matte|matt|mat": "matte", "transparent|see through|translucent": "transparent", "glowing": "glowing",
        "chrome": "chrome", "wicker": "wood", "granite": "stone",
    }
)  # fmt: skip
SHAPES = Phrases(
    {
        "round|circular": "round", "square": "square", "rectangular|boxy|box shaped|cube shaped|boxlike": "box",
        "cylindrical|cylinder shaped": "cylinder", "spherical|ball shaped": "sphere", "cubic": "box",
    }
)  # fmt: skip
STATES = Phrases(
    {
        "selected|highlighted|chosen|marked|picked": "selected", "hidden|invisible": "hidden", "visible": "visible",
        "locked": "locked", "unlocked": "unlocked", "stacked|piled": "stacked", "empty": "empty",
    }
)  # fmt: skip
# adjectives that tell nothing about which one
_EMPTY_ADJECTIVES = words(
    "whole entire same actual existing current old nice lovely own remaining lone single potted particular certain"
    " bedside kitchen desktop damn bloody stupid ugly silly beautiful pretty poor good dear various different very"
    " really rather overhead household complete said standing"
)
SUPERLATIVES: Phrases[tuple[Measure, bool]] = Phrases(
    {
        "biggest|largest|bigger|larger|greatest": ("size", True),
        "smallest|smaller|littlest|tiniest": ("size", False),
        "tallest|taller|highest|higher": ("height", True),
        "shortest|shorter|lowest|lower": ("height", False),
        "widest|wider|broadest|broader": ("width", True),
        "narrowest|narrower|slimmest|slimmer|thinnest|thinner": ("width", False),
        "longest|longer": ("length", True),
        "thickest|thicker": ("depth", True),
        "brightest|lightest|palest|brighter|lighter": ("lightness", True),
        "darkest|darker": ("lightness", False),
        "leftmost|left most|far left|left hand most|furthest left|farthest left|left": (
            "left",
            True,
        ),
        "rightmost|right most|far right|furthest right|farthest right|right": ("right", True),
        "left hand|lefthand|left side": ("left", True),
        "right hand|righthand|right side": ("right", True),
        "frontmost|front|foremost|front most": ("front", True),
        "backmost|rearmost|back|rear|far|hindmost": ("back", True),
        "topmost|top|upper|uppermost|top most": ("top", True),
        "bottommost|bottom|undermost|lowermost|bottom most": ("bottom", True),
    }
)
_NEAREST = Phrases(
    {
        "nearest|closest|nearer|closer": False,
        "farthest|furthest|farther|further|most distant|remotest|farthest away|furthest away": True,
    }
)
ORDINALS = Phrases(
    {
        "first|1st": 0, "second|2nd": 1, "third|3rd": 2, "fourth|4th": 3, "fifth|5th": 4, "sixth|6th": 5,
        "seventh|7th": 6, "eighth|8th": 7, "ninth|9th": 8, "tenth|10th": 9, "last|final": -1,
    }
)  # fmt: skip
_FROM_SIDE: Phrases[Measure] = Phrases(
    {
        "from the left|from left|from the left side|on the left": "left",
        "from the right|from right|from the right side|on the right": "right",
        "from the front": "front",
        "from the back|from behind|from the rear": "back",
        "from the top|from above": "top",
        "from the bottom|from below": "bottom",
    }
)
_AT_SIDE: Phrases[Measure | str] = Phrases(
    {
        "on the left|on the left side|on the left hand side|on the far left|to the far left|at the left|at left"
        "|on the very left|furthest to the left|farthest to the left|furthest left|most to the left|on my left"
        "|at the far left|standing on the left|at the left end|on the left end": "left",
        "on the right|on the right side|on the right hand side|on the far right|to the far right|at the right"
        "|on the very right|furthest to the right|farthest to the right|furthest right|most to the right|on my right"
        "|at the far right|at the right end|on the right end": "right",
        "in the back|at the back|in the back row|in the rear|in the background|at the rear|in the last row": "back",
        "in the front|at the front|in the front row|in the foreground|up front": "front",
        "on top|at the top|on the top": "top",
        "at the bottom|on the bottom": "bottom",
        "in the middle|in the center|in the centre|at the center|at the centre|in the middle row": "middle",
    }
)
_DETERMINERS = words("the a an my our your their this that these those another some its his her")
_PARTICIPLES = (
    "standing|lying|laying|sitting|hanging|resting|placed|located|leaning|mounted|positioned|situated|found|stacked|"
    "currently|right|directly|just|set|kept|stored|living|that stands|being|piled|perched|laid"
)
_PRONOUNS: Phrases[Ref] = Phrases(
    {
        "it|him|itself": Ref(words="it", pronoun="it"),
        "them|they|all of them|all of it|them all|both of them|all|each of them|both|themselves|every one of them"
        "|each|the lot|all of these|all of those|the two|the three|the two of them|the three of them": Ref(
            words="them", pronoun="them", number="many"
        ),
        "this|this one|this thing|this object|this here|the selection|the selected|selection|my selection"
        "|the current selection|the selected one|what i selected|what i have selected|the selected thing"
        "|the selected object|the thing i selected|the object i selected|this guy|this item": Ref(
            words="this", pronoun="this"
        ),
        "these|these ones|all these|these things|these objects|these two|these three|all of these|both of these"
        "|the selected objects|the selected things|the selected ones|everything i selected|everything selected"
        "|the objects i selected|the things i selected|those i selected|these items|these guys": Ref(
            words="these", pronoun="this", number="many"
        ),
        "that|that one|that thing|that object|that item": Ref(words="that", pronoun="it"),
        "those|those ones|those things|those two|all those|those objects": Ref(
            words="those", pronoun="them", number="many"
        ),
        "the pile|the stack|the tower|the heap|that pile|that stack|that tower": Ref(
            words="the pile", number="many", attributes=(Attribute(kind="state", value="stacked"),)
        ),
        "the rest|the remaining ones|everything else|all the rest|all others|all the others|the others|anything else"
        "|all other things|the remainder|all the other things|everyone else|all else": Ref(
            words="the rest", pronoun="rest", number="many"
        ),
        "the other one|the other": Ref(words="the other one", pronoun="other"),
        "me|us|the viewer|viewer|the camera|camera|the cam|my eyes|the observer|the lens|my side|my direction|you"
        "|the viewers|where i am|where i stand|our side|myself|the current view|the point of view": Ref(
            words="the viewer", pronoun="viewer"
        ),
        "everything|all things|all objects|every object|all the things|every thing|all the objects|all the stuff"
        "|all stuff|all items|everything that you see|anything and everything|all of the objects": Ref(
            words="everything", number="many"
        ),
        "whatever|whatever thing|whatever stuff|what|anything|the stuff|the things|the objects|those things"
        "|things|objects|whichever things|any things|any thing|the items|items|stuff": Ref(
            words="everything", number="many"
        ),
        "something|some thing|any object|an object|a thing": Ref(words="something", number="any"),
        "the new one|the copy|the copies|the clone|the clones|the duplicate|the duplicates|the new ones|both copies"
        "|all copies|the new copy|the new copies|both clones|the copied one|each copy": Ref(
            words="the copy", pronoun="it", noun="copy"
        ),
        "the original|the first one|the original one|the old one": Ref(
            words="the original", noun="original"
        ),
    }
)
_QUANTIFIERS: Phrases[str] = Phrases(
    {
        "all|all of|all the|every|each|each of|every one of|every single|each and every|every single one of"
        "|all of the|each one of|any and all|each single|all those|all these": "all",
        "both|both of|the both|both the|the pair of|both of the": "both",
        "any|any of|some of|any one of": "any",
        "one of|one of the|any one of|either of|either|a random one of|some one of": "one of",
        "none of|neither of|no": "none",
        "whichever|whatever": "which",
    }
)
_EXCEPT = (
    "except|except for|apart from|other than|excluding|besides|save for|but not|not|with the exception of|bar|aside from"
    "|excepting|minus|not counting|with the exception|leaving out|all but|but for|save"
)
LANGUAGE.update(_EXCEPT.replace("|", " ").split())
LANGUAGE.update(_PARTICIPLES.replace("|", " ").split())


def color_name(cursor: Cursor) -> str:
    """The name of the colour at the cursor, steps over it: "dark green", "reddish brown"; "" if there is none."""
    start = cursor.at
    whole = cursor.match(COLOR_NAMES)
    if whole is not None:
        return whole
    ish = cursor.match(ISH)
    if ish is not None:
        other = cursor.match(COLOR_NAMES)
        return f"{ish} {other}" if other else ish
    cursor.take("very|really")
    shade = cursor.match(SHADES)
    if shade is not None:
        cursor.take(",")
        base = cursor.match(COLOR_NAMES)
        if base is not None:
            return f"{shade} {base}"
    cursor.at = start
    return ""


def noun_phrase(context: Context, *, relations: bool = True, conjoined: bool = True) -> Ref | None:
    """A noun phrase, or None. Without `relations`, "on the desk" is left for the verb."""
    start = context.cursor.at
    first = _single(context, relations=relations)
    if first is None:
        context.cursor.at = start
        return None
    if conjoined:
        first = _conjoined(context, first, relations=relations)
    if conjoined:
        first = _excluding(context, first)
    return replace(first, words=context.cursor.text(start))


def _conjoined(context: Context, first: Ref, *, relations: bool) -> Ref:
    """ "the mug, the bowl and the plate", "the notebook along with the pen"."""
    cursor = context.cursor
    others: list[Ref] = []
    while True:
        start = cursor.at
        comma = cursor.take(",")
        joined = cursor.take("and|as well as|along with|together with|and also|or|nor|and then")
        if not (comma or joined) or starts_clause(context):
            cursor.at = start
            break
        other = _single(context, relations=relations)
        if other is None or (comma and not joined and not _list_goes_on(context)):
            cursor.at = start
            break
        others.append(_about_first(_inherited(other, first), first))
    if not others:
        return first
    if first.noun == "" and first.order and not first.pronoun and others[-1].noun:
        first = replace(first, noun=others[-1].noun)
    return replace(first, also=first.also + tuple(others))


def _list_goes_on(context: Context) -> bool:
    """After "the drill, the hammer": a list has an "and" to come."""
    cursor = context.cursor
    start = cursor.at
    goes_on = cursor.take("and|or|as well as")
    if not goes_on and cursor.take(",") and not starts_clause(context):
        goes_on = _single(context, relations=False) is not None and (
            cursor.sees("and|,|or") or cursor.sees(", and")
        )
    cursor.at = start
    return goes_on


def starts_clause(context: Context) -> bool:
    """Whether a verb comes next: then the "and" before joins instructions, not things."""
    from maquette.editing.grammar.verbs import VERBS

    cursor = context.cursor
    start = cursor.at
    cursor.take("then|also|please|now|afterwards|after that|finally|next|to")
    noun = context.nouns.find(cursor)
    is_verb = cursor.sees_table(VERBS)
    if is_verb and noun and noun.is_in_scene:
        length = max(
            (len(p) for p, _ in VERBS.starting_with(cursor.word()) if cursor.sees(" ".join(p))),
            default=0,
        )
        is_verb = noun.length <= length and cursor.word(noun.length) in _DETERMINERS | {
            "it",
            "them",
            "all",
            "both",
        }
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


def _inherited(other: Ref, first: Ref) -> Ref:
    """ "the white chair and the red one": one of the same."""
    if other.noun in ("", "one") and not other.pronoun and not other.relations and first.noun:
        return replace(other, noun=first.noun)
    return other


def _excluding(context: Context, ref: Ref) -> Ref:
    cursor = context.cursor
    start = cursor.at
    cursor.take(",")
    if not cursor.take(_EXCEPT) and not (
        cursor.word() == "but" and not starts_after(context, 1) and cursor.take("but")
    ):
        cursor.at = start
        return ref
    cursor.take("for|the ones|those|of")
    excluded = _single(context, relations=True)
    if excluded is None or cursor.sees("has to|have to|must|should|stays|stay|remains|can stay"):
        cursor.at = start
        return ref
    excluded = _conjoined(context, excluded, relations=True)
    noun = "" if excluded.noun == "one" else excluded.noun
    if not noun and not excluded.pronoun:
        excluded = replace(excluded, noun=ref.noun)
    return replace(ref, excluding=(*ref.excluding, excluded))


def starts_after(context: Context, ahead: int) -> bool:
    """`starts_clause` some tokens on."""
    context.cursor.at += ahead
    result = starts_clause(context)
    context.cursor.at -= ahead
    return result


def _single(context: Context, *, relations: bool) -> Ref | None:
    cursor = context.cursor
    start = cursor.at
    which = cursor.sees("whichever|whatever")
    ref = _quantified(context) or _pronoun(context) or _described(context)
    if ref is None:
        cursor.at = start
        return None
    from maquette.editing.grammar.relations import post_modifiers

    ref = _partitive(context, ref)
    ref = post_modifiers(context, ref, relations=relations)
    is_first = (
        ref.noun == ""
        and ref.order is not None
        and ref.order.measure == "order"
        and ref.order.index == 0
    )
    if (ref.noun == "original" or (is_first and not ref.pronoun)) and context.copies_of is not None:
        ref = context.copies_of
    if which and ref.noun:
        from maquette.editing.grammar.relations import predicates

        ref = predicates(context, ref) or ref
    return replace(ref, words=cursor.text(start))


def _quantified(context: Context) -> Ref | None:
    """ "all the white chairs", "each of the lights": rather than the pronoun "all"."""
    cursor = context.cursor
    if not cursor.sees(
        "all|both|each|the two|the three|every one|these|those|this|that|all of|both of|each of"
    ):
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
    ref = cursor.match(_PRONOUNS)
    if ref is None:
        return None
    is_article = cursor.word(-1) in (
        "this",
        "that",
        "these",
        "those",
        "all",
        "both",
        "each",
        "two",
        "three",
        "other",
    )
    is_article |= cursor.word(-1) in (
        "whatever",
        "what",
        "any",
        "some",
        "you",
        "original",
        "selected",
        "rest",
        "camera",
    )
    if is_article and _follows_description(context):
        cursor.at = start
        return None
    return ref


def _follows_description(context: Context) -> bool:
    cursor = context.cursor
    if cursor.word() in ("is", "are", "of", "that", "and", "") or cursor.word() == "'s":
        return False
    start = cursor.at
    if cursor.take("of"):
        return False
    found = False
    if context.nouns.find(cursor) is not None or cursor.sees(
        "one|ones|thing|things|object|objects"
    ):
        found = not starts_clause(context)
    elif cursor.sees_table(NUMBER_OR_ADJECTIVE) or color_name(cursor):
        cursor.at = start
        found = (
            _described(context) is not None and cursor.at > start and context.cursor.word(-1) != ""
        )
        found = found and _ends_with_noun(context)
    cursor.at = start
    return found


def _ends_with_noun(context: Context) -> bool:
    cursor = context.cursor
    last = thesaurus.singular(cursor.word(-1))
    return last in context.nouns.words or last in thesaurus.GENERAL or last in thesaurus.SAME


NUMBER_OR_ADJECTIVE = Phrases(
    dict.fromkeys(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "big",
            "small",
            "large",
            "little",
            "tall",
            "short",
            "other",
            "wooden",
            "metal",
            "glass",
            "same",
            "whole",
            "smallest",
            "biggest",
            "largest",
            "tallest",
            "first",
            "second",
            "third",
            "last",
            "light",
            "dark",
            "bright",
        ],
        0,
    )
)


class _Description:
    """What stands before the noun, gathered."""

    def __init__(self) -> None:
        self.attributes: list[Attribute] = []
        self.alternatives: list[Attribute] = []  # "blue and orange chairs"
        self.relations: list[Relation] = []
        self.order: Order | None = None
        self.ordinal: int | None = None
        self.count: int | None = None
        self.is_other = False
        self.is_negated = False
        self.modifier = ""  # "sofa" of "sofa cushion"
        self.quantifier = ""
        self.determiner = ""


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
    _modifiers(context, found)
    noun, is_plural = _noun(context, found)
    has_words = bool(
        found.attributes
        or found.order
        or found.ordinal is not None
        or found.is_other
        or found.count
    )
    if not noun and not (
        has_words and (found.determiner or found.quantifier or cursor.word() == "of")
    ):
        if (
            found.quantifier
            and cursor.at > start
            and found.quantifier in ("all", "both", "one of", "any")
        ):
            return _finished(context, found, "", is_plural=True) if cursor.sees("of") else None
        cursor.at = start
        return None
    return _finished(context, found, noun, is_plural=is_plural)


def _modifiers(context: Context, found: _Description) -> None:
    """Everything between the article and the noun."""
    cursor = context.cursor
    while True:
        at = cursor.at
        noun = context.nouns.find(cursor)
        if (
            noun
            and noun.is_in_scene
            and not _is_located(cursor, noun.length)
            and not _is_adjective_here(context, noun.length)
        ):
            return
        if not _one_modifier(context, found):
            cursor.at = at
            return
        if cursor.sees(",") and _is_modifier_after(context):
            cursor.take(",")


def _is_located(cursor: Cursor, length: int) -> bool:
    """The "shelf" of "the shelf-standing box"."""
    return cursor.word(length) in ("standing", "mounted", "dwelling", "borne") and cursor.word(
        length + 1
    ) not in ("on", "")


def _is_modifier_after(context: Context) -> bool:
    """The comma of "the small, red box"."""
    cursor = context.cursor
    start = cursor.at
    cursor.at += 1
    probe = _Description()
    ok = _one_modifier(context, probe) and bool(probe.attributes)
    ok = ok and (context.nouns.find(cursor) is not None or cursor.sees("one|thing|object"))
    cursor.at = start
    return ok


def _is_adjective_here(context: Context, length: int) -> bool:
    """The "glass" of "the glass table", the "orange" of "the orange chair"."""
    cursor = context.cursor
    start = cursor.at
    word = cursor.word()
    if cursor.match(SHAPES) is not None and cursor.at - start > length:
        cursor.at = start
        return True
    cursor.at = start
    is_adjective = cursor.match(MATERIALS) is not None or cursor.match(COLOR_NAMES) is not None
    is_adjective = is_adjective and cursor.at - start >= length
    cursor.at = start + length
    following = context.nouns.find(cursor) is not None or cursor.sees(
        "one|ones|thing|things|object|objects"
    )
    cursor.at = start
    return is_adjective and following and word != "paint"


def _one_modifier(context: Context, found: _Description) -> bool:
    cursor = context.cursor
    if cursor.take("not|non"):
        found.is_negated = True
        return _attribute(context, found)
    if cursor.take("other|remaining|next"):
        found.is_other = True
        return True
    if cursor.sees("second hand"):
        return False
    ordinal = cursor.match(ORDINALS)
    if ordinal is not None:
        found.ordinal = ordinal
        return True
    if _order(context, found):
        return True
    at = cursor.at
    count = quantities.number(cursor)
    if count is not None:
        if cursor.word(-1) == "one" and found.determiner in ("the", "this", "that"):
            cursor.at = at
            return False
        if not cursor.sees_table(quantities.UNITS) and not cursor.sees(
            "x|%|percent|times|degrees|°|°"
        ):
            found.count = int(count)
            return count == int(count) and count > 0
        cursor.at = at
        return False
    return _attribute(context, found) or _compound(context, found)


def _order(context: Context, found: _Description) -> bool:
    cursor = context.cursor
    at = cursor.at
    if cursor.take("middle|central|center|centre|middlemost") and _can_be_ordered(context, found):
        found.order = Order(measure="left", is_middle=True)
        return True
    cursor.at = at
    far = cursor.match(_NEAREST)
    if far is not None:
        found.order = Order(measure="distance", is_descending=far)
        return True
    if cursor.take("far left|far right") and cursor.sees("corner|edge|end|side"):
        cursor.at = at
        return False
    cursor.at = at
    side = cursor.match(SUPERLATIVES)
    if side is None or not _can_be_ordered(context, found):
        cursor.at = at
        return False
    found.order = Order(measure=side[0], is_descending=side[1])
    return True


def _can_be_ordered(context: Context, found: _Description) -> bool:
    """ "the left lamp", but not the left of "move the ball left"; "front door" needs its door."""
    cursor = context.cursor
    is_side = cursor.word(-1) in (
        "left",
        "right",
        "front",
        "back",
        "rear",
        "top",
        "bottom",
        "far",
        "middle",
        "center",
    )
    if not is_side:
        return bool(
            found.determiner or found.quantifier or found.count or found.ordinal is not None
        )
    noun_next = context.nouns.find(cursor) is not None or cursor.sees(
        "one|ones|two|three|of the|thing|object|hand"
    )
    if not noun_next:
        probe = _Description()
        at = cursor.at
        noun_next = _one_modifier(context, probe) and context.nouns.find(cursor) is not None
        cursor.at = at
    return noun_next and bool(found.determiner or found.quantifier)


def _attribute(context: Context, found: _Description) -> bool:
    cursor = context.cursor
    attribute = attribute_at(cursor)
    if attribute is None:
        if cursor.word() in _EMPTY_ADJECTIVES and cursor.word(1) not in ("is", "", "of", "are"):
            cursor.at += 1
            return True
        return False
    found.attributes.append(replace(attribute, is_negated=found.is_negated))
    at = cursor.at
    if cursor.take("and|or"):
        other = attribute_at(cursor)
        plural = (
            other is not None
            and attribute.kind == other.kind == "color"
            and _plural_follows(context)
        )
        if plural and other is not None:
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


def attribute_at(cursor: Cursor) -> Attribute | None:
    """The adjective at the cursor, stepped over."""
    start = cursor.at
    color = color_name(cursor)
    if color:
        cursor.take("coloured|colored")
        return Attribute(kind="color", value=color)
    for kind, table in (
        ("size", SIZES),
        ("shape", SHAPES),
        ("state", STATES),
        ("material", MATERIALS),
    ):
        value = cursor.match(table)
        if value is not None:
            cursor.take("looking")
            return Attribute(kind=kind, value=value)  # pyright: ignore[reportArgumentType]
    if cursor.take("light colored|light coloured|light|pale|bright"):
        return Attribute(kind="color", value="light")
    if cursor.take("dark colored|dark coloured|dark"):
        return Attribute(kind="color", value="dark")
    if cursor.take(
        "differently coloured|differently colored|odd coloured|odd colored|odd one out|odd"
    ):
        return Attribute(kind="color", value="different")
    cursor.at = start
    return None


def _compound(context: Context, found: _Description) -> bool:
    """A noun before a noun: the "sofa" of "sofa cushions"."""
    cursor = context.cursor
    noun = context.nouns.find(cursor)
    if noun is None or noun.is_plural:
        return False
    start = cursor.at
    cursor.at += noun.length
    if cursor.take("standing|mounted|hanging|dwelling|borne|top|bound"):  # "the shelf standing box"
        if context.nouns.find(cursor) is not None or cursor.sees("one|thing|ones|things"):
            where = Ref(words=noun.phrase, noun=noun.phrase, number="any")
            found.relations.append(Relation(kind="on", to=(where,)))
            return True
        cursor.at = start
        return False
    following = context.nouns.find(cursor)
    if following is None or starts_clause(context):
        cursor.at = start
        return False
    found.modifier = noun.phrase
    return True


def _noun(context: Context, found: _Description) -> tuple[str, bool]:
    """The noun itself and whether it is plural; ("", …) where there is none."""
    cursor = context.cursor
    noun = context.nouns.find(cursor)
    if noun is not None and not (noun.is_in_scene is False and cursor.word() in ("one", "ones")):
        cursor.at += noun.length
        following = context.nouns.find(cursor)
        joins = following is not None and cursor.word() not in (
            "left",
            "right",
            "light",
            "lights",
            "back",
            "place",
        )
        joins = (
            joins and following is not None and (following.is_in_scene or cursor.word() != "can")
        )
        joins = joins and not noun.is_plural
        if (
            following is not None
            and joins
            and not starts_clause(context)
            and not cursor.sees_table(COLOR_NAMES)
        ):
            found.modifier = noun.phrase  # "bar stool", "sofa cushion": the last noun is the head
            cursor.at += following.length
            noun = following
        elif cursor.word() in ("thing", "things", "thingy", "thingie", "thingamajig", "unit"):
            cursor.at += 1  # "the umbrella thingy"
        return noun.phrase, noun.is_plural
    word = cursor.word()
    if word in ("one", "ones"):
        cursor.at += 1
        return "one", word == "ones"
    single = thesaurus.singular(word)
    if single in thesaurus.GENERAL and word not in ("bit", "bits", "one"):
        cursor.at += 1
        return "thing", word != single
    is_named = (
        found.determiner or found.quantifier or found.attributes or found.count or found.order
    )
    token = cursor.peek()
    if (
        is_named
        and found.determiner != "a"
        and token
        and token.kind == "word"
        and word not in LANGUAGE
    ):
        cursor.at += 1  # a thing that nobody here knows
        following = cursor.peek()
        joined = (
            following is not None and following.kind == "word" and following.word not in LANGUAGE
        )
        if joined and following is not None and not following.word.endswith("ly"):
            cursor.at += 1
            single = f"{word} {thesaurus.singular(following.word)}"
        context.absent.append(single)
        return single, False
    return "", False


def _finished(context: Context, found: _Description, noun: str, *, is_plural: bool) -> Ref:
    order = found.order
    if found.ordinal is not None:
        base = order or Order(measure="order", is_descending=False)
        order = replace(base, index=found.ordinal)
    count = found.count
    if order is not None and count and found.ordinal is None:
        order, count = replace(order, count=count), count
    number = "one"
    if found.quantifier in ("any", "one of") and not (count or 0) > 1:
        number = "any"
    elif found.quantifier in ("all", "both", "none") or is_plural or (count or 1) > 1:
        number = "many"
    elif found.determiner in (
        "a",
        "an",
        "some",
        "another",
    ):
        number = "any"
    if found.quantifier == "both":
        count = 2
    real = "" if noun in ("thing", "one") else noun
    if noun == "one" and not real and context.topic_noun:
        real = context.topic_noun
    ref = Ref(
        words="",
        noun=real,
        number=number,
        count=count if (count or 0) > 0 else None,
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
    if whole in context.nouns.scene or any(
        thesaurus.fit(whole, t.label) > 0.45 for t in context.nouns.vocabulary.things
    ):
        return replace(ref, noun=whole)
    many = context.nouns.count(ref.noun) > (ref.count or 1) or ref.number == "many"
    if many and context.nouns.count(modifier):
        other = Ref(words=modifier, noun=modifier, number="any")
        return replace(ref, relations=(*ref.relations, Relation(kind="near", to=(other,))))
    return ref


def _partitive(context: Context, ref: Ref) -> Ref:
    """ "one of the red ones", "the larger of the two balls", "the first of them"."""
    cursor = context.cursor
    start = cursor.at
    if ref.pronoun == "viewer" or not (cursor.take("of|among|out of") or cursor.word(-1) == "of"):
        return ref
    base = noun_phrase(context, relations=True, conjoined=False)
    if base is None or (ref.noun and ref.noun != base.noun and ref.noun != context.topic_noun):
        cursor.at = start
        return ref
    order = ref.order or (replace(base.order, count=1) if base.order else None)
    return replace(
        base,
        number=ref.number,
        count=ref.count,
        attributes=ref.attributes + base.attributes,
        order=order,
        excluding=base.excluding,
    )
