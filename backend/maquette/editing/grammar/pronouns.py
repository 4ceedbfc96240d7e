"""What stands for things without naming them: "it", "these", "everything else", "the viewer"."""

from maquette.editing.grammar.cursor import Phrases
from maquette.editing.plan import Attribute, Ref

STACKED = (Attribute(kind="state", value="stacked"),)
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
        "<the|that> <pile|stack|tower|heap>": Ref(words="the pile", number="many", attributes=STACKED),
        "the rest|the other <two|three|four|five>"
        "|the <remaining ones|remainder>|everything else|all the rest|[all] [the] others|anything else"
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
