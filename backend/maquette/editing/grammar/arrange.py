"""Patterns of several things: rows, circles, grids, stacks, even spacing, order."""

from maquette.editing.grammar import quantities
from maquette.editing.grammar.adjectives import SUPERLATIVES
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import Phrases, phrases
from maquette.editing.grammar.nouns import noun_phrase
from maquette.editing.grammar.slots import Slots
from maquette.editing.plan import Direction, Measure, Order

_ADJECTIVE = (
    "[nice|neat|single|straight|long|tidy|proper|even|big|tight|tall|full|perfect] [straight]"
)
_INTO = "[up|out] <in|into|to|as|on|along> [a|an|one|the|two]"
KINDS: Phrases[str] = Phrases(
    {
        f"{_INTO} {_ADJECTIVE} <row|rows>": "row",
        f"{_INTO} {_ADJECTIVE} <line|file|queue>|<a|one> {_ADJECTIVE} <line|row|queue>|single file"
        f"|one behind the other": "line",
        "side by side|<next to|beside|alongside> <each other|one another>|one after <the other|another>"
        "|shoulder to shoulder": "line",
        f"{_INTO} {_ADJECTIVE} <circle|ring|round>|<a|one> {_ADJECTIVE} <circle|ring>|circularly|circle"
        f"|in circle": "circle",
        f"{_INTO} {_ADJECTIVE} <tower|pile|stack|heap>|<a|one> {_ADJECTIVE} <tower|pile|stack|heap>"
        "|<on top of|atop|onto|on> <each other|one another>|one on [top of] <the other|another>": "stack",
        f"{_INTO} [regular|square|even] <grid|raster|matrix|checkerboard>|<a|one> [regular|square|even] grid|grid"
        f"|in grid form": "grid",
        "[spaced] <evenly|equally|regularly|uniformly|equidistantly> [spaced|apart|distributed|spread] [out]"
        "|[with|at|leaving] [an|the] <equal|even|same|regular> <distance|distances|gap|gaps|spacing|space"
        "|intervals> [apart]"
        " [between <them|each|neighbours|neighbors|each other>]|[with] the same distance [apart]"
        " [between <them|neighbours|neighbors>]": "distribute",
    }
)  # fmt: skip
_SORT_KEYS: Phrases[Measure] = Phrases(
    {
        "<by|according to|in order of> [their] <height|tallness>|by how tall they are": "height",
        "<by|according to|in order of> [their] <size|volume|bigness>|by how big they are|size wise": "size",
        "<by|according to|in order of> [their] width": "width",
        "<by|according to|in order of> [their] length": "length",
        "<by|according to|in order of> [their] <brightness|lightness|color|colour|shade>": "lightness",
    }
)
_ENDS: Phrases[str] = Phrases(
    {
        "<at|on> the <bottom|base>|lowest|below|down below": "bottom",
        "<at|on> [the] top|topmost": "top",
        "<on|at|to> the [far|very] left [end|side]|leftmost|left": "left",
        "<on|at|to> the [far|very] right [end|side]|rightmost|right": "right",
        "first|[in|at the|up] front|to start|coming first": "first",
        "last|at the <end|back>": "last",
    }
)
_ALONG: Phrases[Direction] = Phrases(
    {
        "[from] left to right": "right",
        "[from] right to left": "left",
        "[from] front to back": "away",
        "[from] back to front": "toward",
    }
)
_GRADED: Phrases[tuple[Measure, bool]] = Phrases(
    {
        "[from] <small|little> to <big|large>|small first": ("size", False),
        "[from] <big|large> to <small|little>|big first": ("size", True),
        "[from] <short|low> to <tall|high>": ("height", False),
        "[from] <tall|high> to <short|low>": ("height", True),
        "[from] light to dark": ("lightness", True),
        "[from] dark to light": ("lightness", False),
    }
)
_EDGES = Phrases(
    {
        "left <edges|sides|edge|side>|left": "left",
        "right <edges|sides|edge|side>|right": "right",
        "front <edges|sides|edge|side>|fronts|front": "front",
        "back <edges|sides|edge|side>|backs|back": "back",
        "centers|centres|middles|center|centre": "center",
        "top <edges|edge>|tops|top": "top",
        "bottom <edges|edge>|bottoms|bottom": "bottom",
    }
)
_BETWEEN = phrases(
    "apart|[of] [space|gap|distance] <between|from> <them|each|each other|neighbours|neighbors|one another|each one>"
    "|in between"
    "|[of] <gap|gaps|spacing|space|distance|intervals> [between <them|each|each other|neighbours|neighbors>]"
)
_SORTED = ("size", "height", "width", "length", "depth", "lightness")


def arrangement(context: Context, slots: Slots) -> bool:
    """One piece of a pattern."""
    cursor = context.cursor
    start = cursor.at
    for reader in (_grid, _kind, _order, _measure, _side):
        cursor.at = start
        if reader(context, slots):
            return True
    cursor.at = start
    return False


def _grid(context: Context, slots: Slots) -> bool:
    """ "a 2 by 3 grid", "in two rows of three", "a grid of 2 x 2"."""
    cursor = context.cursor
    cursor.take("in|into|as|to")
    cursor.take("a|an|the|,")
    named = cursor.take("[regular|square] <grid|array|matrix> [of]")
    rows = quantities.number(cursor)
    if rows is None:
        return False
    is_rows = cursor.take("<rows|columns> of")
    if not is_rows and not cursor.take("by|x|×"):
        return False
    columns = quantities.number(cursor)
    if columns is None:
        return False
    named |= cursor.take("grid|array|square|arrangement|raster|matrix|block|pattern|formation")
    if not (named or is_rows):
        return False
    if is_rows and "columns" in (cursor.word(-3), cursor.word(-4)):
        rows, columns = columns, rows
    slots.layout.kind = "grid"
    slots.layout.rows, slots.layout.columns = int(rows), int(columns)
    return True


def _kind(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    layout = slots.layout
    kind = cursor.match(KINDS)
    if kind is None:
        return False
    if kind == "distribute" and layout.kind in ("line", "row", "circle", "grid"):
        layout.is_even = True
    elif kind in ("line", "row") and layout.kind == "distribute":
        layout.kind, layout.is_even = "line", True
    else:
        layout.kind = kind
        layout.is_even |= kind == "distribute"
    at = cursor.at
    if cursor.take("[out] of|with|from"):
        radius = quantities.length(cursor, needs_unit=True)
        if radius is not None:
            if cursor.take("[in] radius") or kind == "circle":
                layout.radius = radius.metres
            else:
                cursor.at = at
        elif cursor.take("[a] radius"):
            _radius(context, slots)
        elif (
            layout.target is None
            and slots.verb in ("arrange", "make")
            and cursor.word(-1) != "with"
        ):
            layout.target = noun_phrase(context, relations=False)
            if layout.target is None:
                cursor.at = at
        else:
            cursor.at = at
    return True


def _radius(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    cursor.take("of|:|=")
    length = quantities.length(cursor)
    if length is not None:
        slots.layout.radius = length.metres
    return length is not None


def _order(context: Context, slots: Slots) -> bool:
    """ "by height", "smallest first", "the tallest on the right", "from largest to smallest", "in ascending order"."""
    cursor = context.cursor
    layout = slots.layout
    cursor.take("sorted|ordered|arranged|in order|in [the] order of")
    key = cursor.match(_SORT_KEYS)
    if key is not None:
        layout.sort = Order(measure=key, is_descending=False)
        return True
    graded = cursor.match(_GRADED)
    if graded is not None:
        layout.sort = Order(measure=graded[0], is_descending=graded[1])
        return True
    along = cursor.match(_ALONG)
    if along is not None:
        layout.along = along
        return True
    if cursor.take(
        "in [an] <ascending|increasing> order|ascending|in [a] <descending|decreasing> order|descending"
    ):
        is_descending = "desc" in cursor.text(cursor.at - 2) or "decr" in cursor.text(cursor.at - 2)
        layout.sort = Order(
            measure=layout.sort.measure if layout.sort else "size", is_descending=is_descending
        )
        return True
    cursor.take("with|having|from|and")
    cursor.take("the")
    found = cursor.match(SUPERLATIVES)
    if found is None or found[0] not in _SORTED:
        return False
    measure, descends = found
    cursor.take("one|ones|one of them|thing|of them")
    cursor.take("goes|comes|stands|should be|is|being|standing|go|to be|must be")
    if cursor.take("to [the]") and cursor.match(SUPERLATIVES) is not None:
        layout.sort = Order(measure=measure, is_descending=descends)
        return True
    end = cursor.match(_ENDS)
    if end is None:
        return False
    if end in ("right", "top", "last"):
        descends = not descends
    if end in ("left", "right"):
        layout.along = "right"
    if layout.sort is not None and measure in ("size", "height"):
        measure = layout.sort.measure
    layout.sort = Order(measure=measure, is_descending=descends)
    return True


def _measure(context: Context, slots: Slots) -> bool:
    """Radius and spacing."""
    cursor = context.cursor
    layout = slots.layout
    cursor.take("with|at|and|,")
    cursor.take("a|an|the")
    if cursor.take("radius"):
        return _radius(context, slots)
    cursor.take("leaving|keeping|in")
    named = (
        cursor.take("[a|an] [<gap|gaps|spacing|distance|distances|intervals|space> [of]|spaced]")
        and cursor.word(-1) != "a"
    )
    length = quantities.length(cursor, needs_unit=True)
    if length is None:
        return False
    if cursor.take("radius"):
        layout.radius = length.metres
        return True
    if not cursor.take(_BETWEEN) and not named:
        return False
    layout.spacing = length.metres
    layout.kind = layout.kind or ("distribute" if slots.verb != "duplicate" else "")
    return True


def _side(context: Context, slots: Slots) -> bool:
    """Of a line: which edges are flush, along what, in which direction."""
    cursor = context.cursor
    layout = slots.layout
    start = cursor.at
    if cursor.take("flat|neatly|tidily|nicely|up nicely|straight|level") and slots.verb in (
        "arrange",
        "place",
        "make",
    ):
        if cursor.word(-1) == "level":
            layout.kind, layout.edge = "align", "top"
        return slots.verb == "arrange" or cursor.word(-1) in ("flat", "level")
    if slots.verb != "arrange" and not layout.kind:
        return False
    if cursor.take("<towards|toward|away from> <me|us|the camera|the viewer>"):
        layout.along = "away" if cursor.word(start - cursor.at) == "away" else "toward"
        return True
    if slots.verb == "arrange" and cursor.take("<by|along|at|so that|on> [their|the|its]"):
        is_on = cursor.word(start - cursor.at) == "on"
        edge = cursor.match(_EDGES)
        if edge is not None and not cursor.sees("of|wall"):
            if is_on and layout.default != "align":
                return False
            cursor.take("[are] <flush|aligned|level>|line up|match|side")
            layout.kind, layout.edge = "align", edge
            return True
    cursor.at = start
    if cursor.take("with|along|parallel to") or (slots.verb == "arrange" and cursor.take("to")):
        ref = noun_phrase(context, relations=False)
        if ref is not None:
            layout.reference = ref
            cursor.take("'s <edge|front|side>")
            return True
    return False
