"""Complements that are no place, size or look: what stays, what comes along, why, visible, gone, how many copies."""

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import color_name
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Cursor, phrases, words
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.slots import Slots
from maquette.editing.grammar.turning import facing, spin

_BECAUSE = phrases(
    "because|since|in order to|to <make|get|have|give|create|free> [us|me|some|more|a bit of] <room|space|light"
    "|it out of the way>"
    "|for <better|more|some> <light|space|room|looks|contrast|balance>|as it|as they|to make it fit|to make way"
    "|for a better view"
    "|without bumping into anything|for safety|for symmetry"
)
_SO = frozenset(
    [
        "that", "i", "it", "we", "you", "they", "its", "the", "nobody", "there", "people", "everyone", "one",
        "their", "as", "my", "no", "he", "she",
    ]
)  # fmt: skip
_BORDERS = frozenset({".", ";", ",", "!", "?", "and", "then", ":"})
_STAYS = phrases(
    "<has to|have to|must|should|can|needs to|need to|shall|may|will|ought to> <stay|remain|be left|be kept|be spared>"
    "|stays|stay|remains|remain|is staying|are staying|is to stay"
)
_AS_IS = phrases(
    "[<alone|untouched|visible|out|unchanged|be|intact|standing|as is|as it is|as they are|put|there|here>]"
    " [in place|where <it is|they are>|on it|there]"
)
_LEAVING = phrases(
    "[but] <leave [out]|keep|spare|save>|but [do] not [touch|delete|remove]|except [for]|apart from|other than"
    "|excluding|besides|not"
    "|without touching|bar|only not|aside from|with the exception of|minus|all but|do not touch|saving|sparing|barring"
)
_CARGO = phrases(
    "<with|along with|together with|and|including|incl> [all] [its] <contents|content|stuff|load>"
    "|<with|along with|together with|and|including|incl> [all] <everything|whatever|what|all|anything|the things"
    "|the stuff|all things>"
    " [that|which] [is|are|'s|stands|lies|sits|rests] [standing|lying|sitting|resting|stacked|placed]"
    " <on it|on top [of it]|in it|inside [it]|on them|on there|on|in them|on its top>"
)
_PART = (
    "<width|height|depth|length|size|rest|other <dimensions|sides|sizes>|shape|footprint|color|colour|texture|position"
    "|else|base|proportions|dimensions|orientation|material|thickness|place>"
)
_KEEP = phrases(
    "[but|and|while|whilst|with] [do] <keep|keeping|leave|leaving|without changing|without touching|without altering"
    "|not changing"
    "|not change|preserve|preserving|retain|retaining|maintain|maintaining> [its|the|their|it|all|everything]"
)
_KEPT_PART = phrases(f"{_PART} [of it] [<and|,> [its|the|their] {_PART}]")
_INVISIBLE = phrases(
    "[be|to be|become|to|as] <invisible|hidden|unseen|out of sight|not visible>|disappear"
    "|vanish|disappeared|go invisible"
    "|not be <seen|shown|displayed>"
    "|be gone from view|not <show|be visible>"
)
_VISIBLE = phrases(
    "[be|to be|become|to|as] <visible|shown|unhidden> [again]|reappear [again]|appear [again]"
    "|come back [into view]|show up"
)
_FOR_NOW = phrases(
    "for now|for the moment|temporarily|for a <moment|while|bit|sec|second|minute>|for the time being"
    "|without <deleting|removing> <them|it|anything>|without being deleted"
    "|[but|and|just|only] [just|please] do not <delete|remove|erase|destroy|move> <it|them"
    "|anything>|not <deleted|delete it|delete them>"
)
_TITLES = words("mr mrs ms dr prof st no nr jr sr")
_GONE = phrases(
    "go [away|entirely|completely]|leave|disappear for good|[be] <gone|deleted|removed|erased|scrapped|binned"
    "|cleared|trashed|ditched"
    "|discarded|chucked [out]|thrown <out|away>|taken away|got rid of|disposed of>|go in the bin"
    "|no longer <needed|wanted|required>|not <needed|wanted|required> [anymore|any more|any longer|here]"
)
_GOES_ON = phrases(
    "to|on|in|into|onto|under|next|behind|between|by|near|left|right|up|down|back|forward|towards|toward|from|at"
    "|against|above|over"
    "|beside|around|where|inside|beneath|below|further|a bit|well|with|better|alone"
)


def skip_purpose(context: Context) -> bool:
    """ "so that nobody trips over it": why, not what."""
    cursor = context.cursor
    is_so = cursor.word() == "so" and cursor.word(1) in _SO
    if not (is_so or cursor.sees(_BECAUSE)):
        return False
    while not cursor.is_done and cursor.word() not in _BORDERS:
        cursor.at += 1
    return True


def purpose(context: Context, slots: Slots) -> bool:
    """ "so that it faces the door" is an instruction, other purposes are none."""
    cursor = context.cursor
    start = cursor.at
    if slots.angle is None and cursor.take(
        "<so [that]|such that|until> [<it|they|he|its front|their fronts>]"
    ):
        cursor.take("<is|are|will be|would be|can>")
        slots_verb, slots.verb = slots.verb, "face"
        found = facing(context, slots)
        slots.verb = slots_verb
        cursor.take("rotated|turned [by]")
        if found or spin(context, slots):
            return True
        cursor.take(
            "<stands|stand|sits|sit|lies|lie|hangs|hang|rests|goes|ends up> [right|exactly|directly]"
        )
        placed = relation(context)
        if placed is not None:
            slots.relations.append(placed)
            return True
    cursor.at = start
    if skip_purpose(context):
        slots.found -= 1  # says nothing of its own
        return True
    return False


def family(context: Context, slots: Slots) -> bool:
    """ "in one group called X", "children of the table"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take("[together] <in|into|as> <one|a|the same> [new] group|a group"):
        slots.is_group = True
        if cursor.take("[and] <called|named|call it|name it>"):
            slots.name = free_name(context)
        return True
    if cursor.take("[a|the] <child|children> of|<belong|parented> to|child objects of"):
        ref = noun_phrase(context)
        if ref is not None:
            slots.parent = ref
            return True
    cursor.at = start
    return False


def free_name(context: Context) -> str:
    """A name as typed: in quotes, or the rest of the clause."""
    cursor = context.cursor
    token = cursor.peek()
    if token is None:
        return ""
    if token.kind == "string":
        cursor.at += 1
        return token.raw
    start = cursor.at
    stops = (",", ".", ";", "!", "please", "and", "now", "then", "from", "instead", "for")
    while not cursor.is_done and (cursor.word() not in stops or _abbreviates(cursor)):
        cursor.at += 1
    return cursor.text(start)


def _abbreviates(cursor: Cursor) -> bool:
    """The dot of "Mr. Bones"."""
    return (
        cursor.word() == "." and cursor.word(-1) in _TITLES and cursor.at + 1 < len(cursor.tokens)
    )


def cargo(context: Context, slots: Slots) -> bool:
    """ "with everything on it": that goes along anyway."""
    cursor = context.cursor
    if cursor.take(_CARGO):
        slots.found -= 1
        return True
    cursor.take(",")
    if noun_phrase(context, conjoined=False) is not None and cursor.take(
        "included|inclusive|as well"
    ):
        slots.found -= 1
        return cursor.word(-1) != "well"
    return False


def excepting(context: Context, slots: Slots) -> bool:
    """ "but leave the blue one", "…, but the mirror has to stay"."""
    cursor = context.cursor
    start = cursor.at
    if _aside(context, slots):
        return True
    cursor.at = start
    cursor.take(",")
    if cursor.take(_LEAVING):
        cursor.take("for|the ones")
        ref = noun_phrase(context)
        if ref is not None and not cursor.sees("on|in|at|under|next"):
            cursor.take(_AS_IS)
            slots.excluding.append(ref)
            return True
    cursor.at = start
    if cursor.take("but|except that|except|though|however|and|,") or start > 0:
        ref = noun_phrase(context)
        if ref is not None and cursor.take(_STAYS):
            cursor.take(_AS_IS)
            slots.excluding.append(ref)
            return True
    cursor.at = start
    return False


def keeping(context: Context, slots: Slots) -> bool:
    """ "keep its width", "nothing else changes"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("but|and|,")
    if cursor.take("nothing else"):
        for _ in range(8):
            if cursor.take("changes|change|changed|changing|touched") or cursor.is_done:
                return True
            cursor.at += 1
    elif cursor.take(_KEEP):
        if cursor.take(_KEPT_PART):
            slots.keeps_proportions |= cursor.word(-1) == "proportions"
            cursor.take(
                "alone|as it is|as is|the same|unchanged|as they are|untouched|fixed|constant|as before"
                "|intact|as it was"
            )
            return True
        if cursor.take("standing|on the floor|upright"):
            return True
    cursor.at = start
    return False


def visibility(context: Context, slots: Slots) -> bool:
    """ "invisible", "visible again", "locked"."""
    cursor = context.cursor
    if cursor.take(_INVISIBLE):
        slots.is_visible = False
    elif cursor.take(_VISIBLE):
        slots.is_visible = True
    elif cursor.take("locked|unmovable|fixed in place"):
        slots.is_locked = True
    elif cursor.take("unlocked|movable"):
        slots.is_locked = False
    else:
        return False
    return True


def _aside(context: Context, slots: Slots) -> bool:
    """ "(hide it,) but do not delete it": says what is not asked for."""
    cursor = context.cursor
    cursor.take(",")
    if not cursor.take(_FOR_NOW):
        return False
    slots.found -= 1
    return True


def gone(context: Context, slots: Slots) -> bool:
    """ "… can go", "… is no longer needed"."""
    cursor = context.cursor
    start = cursor.at
    if slots.verb in ("delete", "hide", "duplicate", "arrange") or not cursor.take(_GONE):
        return False
    after = cursor.at
    if cursor.sees(_GOES_ON) or quantities.length(cursor) is not None or color_name(cursor):
        cursor.at = start
        return False
    cursor.at = after
    slots.is_gone = True
    return True


def times(context: Context, slots: Slots) -> bool:
    """How many copies: "twice", "three times"."""
    cursor = context.cursor
    if slots.verb != "duplicate":
        return False
    if cursor.take("<once|one time> [more]"):
        slots.times = 1
        return True
    if cursor.take("twice|two times"):
        slots.times = 2
        return True
    if cursor.take("thrice"):
        slots.times = 3
        return True
    value = quantities.number(cursor)
    if value is not None and cursor.take("times [more]|x|copies|clones|duplicates|more"):
        slots.times = max(1, min(int(value), 1000))
        return True
    return False
