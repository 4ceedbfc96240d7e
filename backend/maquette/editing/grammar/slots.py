"""What follows a verb or a subject: amounts, directions, places, colours, sizes, … each into its slot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from maquette.editing.grammar import colors, quantities
from maquette.editing.grammar.context import Context
from maquette.editing.grammar.cursor import LANGUAGE, Cursor, Phrases
from maquette.editing.grammar.nouns import color_name, noun_phrase, starts_clause
from maquette.editing.grammar.quantities import Length
from maquette.editing.grammar.relations import relation
from maquette.editing.grammar.verbs import FILLERS
from maquette.editing.plan import Direction, Ref, Relation, Vector


@dataclass
class Travel:
    direction: Direction | None = None
    to: Ref | None = None
    offset: Vector | None = None
    frame: str = "viewer"
    is_weak: bool = False  # "back", "out": gives way to a plainer one
    length: Length | None = None


@dataclass
class Size:
    axis: str = "size"
    length: float | None = None
    change: float | None = None
    factor: float | None = None
    like: Ref | None = None
    is_comparative: bool = False  # "bigger", an amount may follow


@dataclass
class Slots:
    relations: list[tuple[Relation, bool]] = field(default_factory=list)
    travels: list[Travel] = field(default_factory=list)
    length: Length | None = None
    to_length: float | None = None  # "to 45 cm"
    sizes: list[Size] = field(default_factory=list)
    factor: float | None = None
    percent: float | None = None  # 1.2 for "by 20 %" is not made here: sign belongs to the verb
    is_to: bool = False  # "to 80 %"
    angle: float | None = None
    spin: int = 0  # +1 counter-clockwise
    axis: str = "up"
    pose: str = ""
    face: tuple[Ref | None, Direction | None, bool, bool] | None = (
        None  # to, direction, away, parallel
    )
    material: dict[str, Any] = field(default_factory=dict)
    lamp: dict[str, Any] = field(default_factory=dict)
    visible: bool | None = None
    is_locked: bool | None = None
    name: str = ""
    times: int | None = None
    number: float | None = None
    particle: str = ""
    excluding: list[Ref] = field(default_factory=list)
    keeps: bool = False  # "keep the rest"
    keeps_proportions: bool = False
    is_gone: bool = False  # "can go"
    pattern: dict[str, Any] = field(default_factory=dict)
    found: int = 0  # how many complements were read


_DIRECTIONS: Phrases[tuple[Direction, bool]] = Phrases(
    {
        "left|to the left|leftwards|leftward|to my left|to our left|towards the left|to the left hand side|on the left"
        "|to left|toward the left|to the left side|leftways|to the viewer 's left|to your left|over to the left"
        "|further left|more left|further to the left|more to the left|further to my left|a left": (
            "left",
            False,
        ),
        "right|to the right|rightwards|rightward|to my right|to our right|towards the right|to the right hand side"
        "|on the right|to right|toward the right|to the right side|over to the right|to your right"
        "|further right|more right|further to the right|more to the right|a right": (
            "right",
            False,
        ),
        "up|upward|upwards|higher|higher up|further up|up higher|into the air|toward the ceiling|towards the ceiling"
        "|skyward": ("up", False),
        "down|downward|downwards|lower|lower down|further down|toward the floor|towards the floor": (
            "down",
            False,
        ),
        "away|further away|farther away|away from me|away from the camera|away from the viewer|away from us|further back"
        "|farther back|further off|away from you|further away from me|further away from the camera"
        "|farther away from the camera|further from me|further from the camera|further away from the viewer"
        "|farther from me|farther from the camera|further away from us|away from here|farther away from me|further from us"
        "|further from the viewer": ("away", False),
        "back|backwards|backward|further backwards|to the back|rearwards|into the background|deeper|towards the back"
        "|further in|into the distance": ("away", True),
        "out|over|across|along|in": ("away", True),
        "toward me|towards me|toward the camera|towards the camera|toward the viewer|towards the viewer|towards us"
        "|toward us|closer to me|closer to the camera|closer to the viewer|nearer to me|nearer to the camera|nearer to us"
        "|closer to us|in my direction|to me|in our direction|closer to you|towards you|nearer|closer|nearer me"
        "|in the direction of the camera|in the direction of the viewer|to the viewer|to the camera|my way"
        "|a bit closer|further towards me|towards my side": ("toward", False),
        "forward|forwards|to the front|towards the front|frontwards|into the foreground|further forward": (
            "toward",
            True,
        ),
    }
)
_OWN: Phrases[Direction] = Phrases(
    {
        "to its own left|to its left|to his left|to its left side|to their left|to their own left": "left",
        "to its own right|to its right|to his right|to its right side|to their right|to their own right": "right",
        "in the direction it is facing|in the direction it faces|in the direction it is pointing|the way it is facing"
        "|the way it faces|in the direction it points|the way it points|in its own direction|to its front"
        "|in the direction it looks|in the direction it is looking|forward the way it faces|in its facing direction"
        "|in the direction of its front|where it faces|the way it is pointing|the direction it is facing"
        "|in the direction that it faces|in the direction that it is facing|the direction it faces": "forward",
        "to its own back|the way opposite to where it faces|to its back|backwards from where it faces"
        "|opposite to the direction it faces": "backward",
    }
)
_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
_SIZE_WORDS: Phrases[str] = Phrases(
    {
        "tall|high|in height|of height|height": "height",
        "wide|broad|in width|of width|across|width": "width",
        "long|in length|of length|length": "length",
        "deep|in depth|of depth|depth|thick|in thickness": "depth",
        "big|large|in size|of size": "size",
    }
)
_COMPARATIVES: Phrases[tuple[str, int]] = Phrases(
    {
        "taller|higher|more height": ("height", 1),
        "shorter|less tall|less high|lower": ("height", -1),
        "wider|broader|more width": ("width", 1),
        "narrower|slimmer|less wide": ("width", -1),
        "longer|more length": ("length", 1),
        "less long": ("length", -1),
        "deeper|thicker": ("depth", 1),
        "thinner|less deep|less thick|shallower": ("depth", -1),
        "bigger|larger|greater|huger|more big": ("size", 1),
        "smaller|tinier|littler|less big": ("size", -1),
    }
)
_GRADES = Phrases(
    {
        "a bit|a little|slightly|a little bit|a tad|a touch|somewhat|a shade|a notch|a tiny bit|a smidge": 0.5,
        "much|a lot|far|way|considerably|noticeably|significantly|a good deal|a fair bit|quite a bit": 2.0,
    }
)
_LOOKS: Phrases[dict[str, Any]] = Phrases(
    {
        "shiny|glossy|polished|lustrous|gleaming|high gloss|gloss|reflective|shiny finish|glossy finish|a shine"
        "|a glossy look|satiny|lacquered": {"roughness": 0.1},
        "satin|semi gloss|semi matte|eggshell finish": {"roughness": 0.5},
        "matte|matt|mat|dull|flat finish|unpolished|not shiny|not glossy|non shiny|without shine|no shine|rough"
        "|matte finish|matt finish": {"roughness": 0.9},
        "smooth": {"roughness": 0.2},
        "metallic|metal|metallized|metal look|of metal|iron": {"metallic": 1.0},
        "shiny metal": {"metallic": 1.0, "roughness": 0.1},
        "brushed metal|brushed steel|brushed aluminium|brushed aluminum|brushed": {"metallic": 1.0, "roughness": 0.4},
        "polished metal": {"metallic": 1.0, "roughness": 0.1},
        "steel|stainless steel|aluminium|aluminum": {"metallic": 1.0, "roughness": 0.3, "color_name": "silver"},
        "chrome|chromed|mirror like|mirror|mirrored": {"metallic": 1.0, "roughness": 0.05, "color_name": "silver"},
        "polished gold|solid gold|real gold|shiny gold|gold metal|gold plated|gilded|golden metal|metallic gold": {
            "metallic": 1.0, "roughness": 0.15, "color_name": "gold",
        },
        "polished silver|solid silver|metallic silver|shiny silver": {
            "metallic": 1.0, "roughness": 0.15, "color_name": "silver",
        },
        "polished copper|copper metal": {"metallic": 1.0, "roughness": 0.15, "color_name": "copper"},
        "brass|polished brass": {"metallic": 1.0, "roughness": 0.2, "color_name": "gold"},
        "not metallic|non metallic|no metal look|no metal|without metal|not metal|no metallic look|unmetallic"
        "|no metallic|without the metal look": {"metallic": 0.0},
        "glass|clear glass|of glass|see through|transparent|translucent|clear|glassy|seethrough|tinted glass"
        "|crystal|crystal clear|glass like": {"alpha": 0.25, "roughness": 0.05, "metallic": 0.0},
        "frosted glass|milky glass": {"alpha": 0.5, "roughness": 0.6, "metallic": 0.0},
        "half transparent|semi transparent|semitransparent|half see through": {"alpha": 0.5},
        "opaque|fully opaque|solid|not transparent|not see through|completely opaque": {"alpha": 1.0},
        "wood|wooden|of wood|timber|light wood|oak wood|a wooden look": {
            "color_name": "oak", "roughness": 0.6, "metallic": 0.0, "name": "wood",
        },
        "dark wood|walnut wood": {"color_name": "walnut", "roughness": 0.6, "metallic": 0.0, "name": "dark wood"},
        "plastic|of plastic": {"metallic": 0.0, "roughness": 0.4, "alpha": 1.0, "name": "plastic"},
        "rubber|rubbery": {"metallic": 0.0, "roughness": 0.9, "alpha": 1.0, "name": "rubber"},
        "marble": {"color_name": "off white", "metallic": 0.0, "roughness": 0.2, "name": "marble"},
        "stone|granite": {"color_name": "stone", "metallic": 0.0, "roughness": 0.8, "name": "stone"},
        "concrete|cement": {"color_name": "stone", "metallic": 0.0, "roughness": 0.9, "name": "concrete"},
        "leather": {"metallic": 0.0, "roughness": 0.5, "name": "leather"},
        "fabric|cloth|velvet|felt|wool|cotton|linen": {"metallic": 0.0, "roughness": 0.95, "name": "fabric"},
        "ceramic|porcelain|china": {"metallic": 0.0, "roughness": 0.15, "name": "ceramic"},
        "glow|glowing|luminous|emissive|light up|emit light|shine|radiant|lit up": {"emission": 1.0},
        "glow softly|glow gently|glow a bit|glow a little|glow faintly|softly glowing|faintly glowing"
        "|glow slightly|glow dimly": {"emission": 0.5},
        "glow brightly|glow strongly|brightly glowing|glow intensely": {"emission": 5.0},
        "stop glowing|not glow|not glowing|no longer glow|no glow|without glow": {"emission": 0.0},
    }
)  # fmt: skip
_LOOK_CHANGES: Phrases[tuple[str, float]] = Phrases(
    {
        "lighter|paler|brighter": ("lightness_change", 0.1),
        "darker|deeper in color": ("lightness_change", -0.1),
        "more saturated|more vivid|more colorful|more colourful|more intense|stronger in color|more vibrant": (
            "saturation_change", 0.25,
        ),
        "less saturated|duller|more muted|less colorful|less colourful|less vivid|paler in color|less intense|greyer"
        "|grayer|washed out|faded|less vibrant": ("saturation_change", -0.25),
        "warmer|more warm": ("warmth_change", 0.1),
        "cooler|colder|more cool": ("warmth_change", -0.1),
        "shinier|glossier|more shiny|more glossy|smoother|more polished|less rough|less matte|more reflective": (
            "roughness_change", -0.25,
        ),
        "less shiny|less glossy|duller in shine|rougher|more matte|more rough|less polished|less reflective"
        "|more matt": ("roughness_change", 0.25),
    }
)  # fmt: skip
_SCALARS = Phrases(
    {
        "roughness": "roughness", "metallic|metalness|metallicity|metallicness|metalicity": "metallic",
        "opacity|alpha": "alpha", "transparency": "transparency", "emission|glow strength|emission strength": "emission",
    }
)  # fmt: skip
_TONES: Phrases[float] = Phrases(
    {
        "warm white|soft white|warm": 2700.0,
        "cool white|cold white|cool|cold|bluish white": 6500.0,
        "neutral white|neutral": 4000.0,
        "daylight": 5600.0,
        "candle light|candlelight|candle like": 1900.0,
        "tungsten|incandescent": 2800.0,
        "warmer": 2700.0,
        "cooler|colder": 6500.0,
    }
)
_POSES = Phrases(
    {
        "on its side|on their sides|on the side|onto its side|sideways on the floor|on their side|lying down|lie down"
        "|down flat on its side|flat on its side|on one side": "lying",
        "on its back|on its front|on its face|flat on its back|onto its back": "lying",
        "upside down|on its head|the other way up|top down|bottom up|head down|upside-down": "upside_down",
        "upright|the right way up|right side up|on its feet|back up again|back upright|vertical|vertically": "upright",
    }
)
LANGUAGE.update(
    [
        "so",
        "that",
        "because",
        "since",
        "in",
        "order",
        "to",
        "everything",
        "whatever",
        "with",
        "along",
        "its",
        "contents",
    ]
)
LANGUAGE.update(
    [
        "radius",
        "spacing",
        "apart",
        "distance",
        "neighbours",
        "neighbors",
        "watts",
        "watt",
        "kelvin",
        "strength",
        "power",
    ]
)

Reader = Callable[[Context, Slots], bool]


def complements(context: Context, slots: Slots, *, until: frozenset[str] = frozenset()) -> None:
    """Read as many complements as follow; what remains is for who called."""
    cursor = context.cursor
    while not cursor.is_done:
        before = cursor.at
        if cursor.word() in until:
            return
        if _one(context, slots):
            slots.found += 0 if slots.pattern.pop("is_remark", False) else 1
            continue
        if cursor.word() in FILLERS and not starts_clause(context):
            cursor.at += 1
            continue
        if cursor.take(",|and|but|-|ie|eg|or rather") or (
            cursor.word() == "." and cursor.word(-1) in ("ie", "eg")
        ):
            cursor.take("ie|eg|and|but|then|also|it|not just|to be|be")
            cursor.take(".|,")
            if not starts_clause(context) and _one(context, slots):
                slots.found += 0 if slots.pattern.pop("is_remark", False) else 1
                continue
        cursor.at = before
        return


def _one(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    for reader in _READERS:
        before = cursor.at
        if reader(context, slots):
            if cursor.at == before:
                continue
            return True
        cursor.at = before
    return False


def skip_purpose(context: Context) -> bool:
    """ "so that nobody trips over it": why, not what."""
    cursor = context.cursor
    is_so = cursor.word() == "so" and cursor.word(1) in (
        "that", "i", "it", "we", "you", "they", "its", "the", "nobody", "there", "people", "everyone", "one", "their",
        "as", "my", "no",
    )  # fmt: skip
    is_because = cursor.sees(
        "because|since|in order to|to make room|to make space|for better|to get it out of the way|as it"
    )
    if not (is_so or is_because):
        return False
    while not cursor.is_done and cursor.word() not in (".", ";", ",", "!", "?", "and", "then"):
        cursor.at += 1
    return True


def _family(context: Context, slots: Slots) -> bool:
    """ "in one group", "children of the table"."""
    cursor = context.cursor
    if cursor.take(
        "in one group|in a group|into a group|into one group|in the same group|together in a group|as a group|a group"
    ):
        slots.pattern["group"] = True
        return True
    if cursor.take(
        "children of|a child of|the child of|the children of|child of|belong to|parented to|child objects of"
    ):
        ref = noun_phrase(context)
        if ref is not None:
            slots.pattern["parent"] = ref
            return True
    return False


def _purpose(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    start = cursor.at
    if (
        slots.angle is None
        and cursor.take("so that|so|such that|to")
        and cursor.take("it|they|he|its front")
    ):
        cursor.take("is|are|will be|would be")
        if _facing(context, slots):
            return True
    cursor.at = start
    slots.pattern["is_remark"] = skip_purpose(context)
    return slots.pattern["is_remark"]


def _cargo(context: Context, slots: Slots) -> bool:
    """ "with everything on it": that goes along anyway."""
    cursor = context.cursor
    start = cursor.at
    if not cursor.take("with|along with|together with|and|including|incl"):
        return False
    if cursor.take(
        "all its contents|its contents|its content|all of its contents|contents|all its stuff|its load"
    ):
        return True
    cursor.take("all")
    if not cursor.take("everything|whatever|what|all|anything|the things|the stuff|all things"):
        cursor.at = start
        return False
    cursor.take("that|which")
    cursor.take("is|are|'s|stands|lies|sits|rests")
    cursor.take("standing|lying|sitting|resting|stacked|placed")
    if cursor.take(
        "on it|on top|on top of it|in it|inside|inside it|on them|on there|on|in them|on its top"
    ):
        return True
    cursor.at = start
    return False


def _excepting(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    start = cursor.at
    cursor.take(",")
    if cursor.take(
        "but leave|but keep|but spare|but not|except|except for|apart from|other than|excluding|leave out|besides|not"
        "|keep|leave|but do not touch|without touching|spare|save|bar|but do not delete|but do not remove|only not"
        "|but leave out|but save|aside from"
    ):
        cursor.take("for")
        ref = noun_phrase(context)
        if ref is not None and not cursor.sees("on|in|at|under|next"):
            cursor.take(
                "alone|as it is|as they are|in place|where it is|there|untouched|visible|be|out|as is|unchanged"
            )
            slots.excluding.append(ref)
            return True
    cursor.at = start
    if cursor.take("but|except that|except|though|however") or start > 0:
        ref = noun_phrase(context)
        if ref is not None and cursor.take(
            "has to stay|have to stay|must stay|should stay|stays|stay|remains|remain|can stay|must remain|should remain"
            "|has to remain|needs to stay|need to stay|shall stay|is staying|may stay|will stay|ought to stay"
        ):
            cursor.take("where it is|put|there|visible|in place|as it is|where they are|here")
            slots.excluding.append(ref)
            return True
    cursor.at = start
    return False


def _keeping(context: Context, slots: Slots) -> bool:
    """ "keep its width", "nothing else changes", "proportionally"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("but|and|while|whilst|with")
    if cursor.take("proportionally|uniformly|in proportion|evenly in all directions|keeping proportions|keep proportions"
                   "|keep the proportions|keeping the proportions|overall|in all directions|keep its proportions"
                   "|keeping its proportions|keeping the aspect ratio|proportionately"):  # fmt: skip
        slots.keeps_proportions = True
        return True
    if cursor.take("nothing else") and _to_clause_end(
        cursor, "changes|change|changed|changing|else|touched"
    ):
        slots.keeps = True
        return True
    if cursor.take("keep|keeping|leave|leaving|without changing|without touching|not changing|do not change|preserve"
                   "|preserving|retain|retaining|without altering|maintain|maintaining"):  # fmt: skip
        cursor.take("its|the|their|it|all|everything")
        is_part = cursor.take("width|height|depth|length|size|rest|other dimensions|other sides|shape|footprint|width and depth"
                              "|other sizes|color|colour|rest of it|texture|position|width and length|else|base"
                              "|depth and width|proportions|dimensions|orientation|material")  # fmt: skip
        if is_part:
            while cursor.take("and|,|its|the|depth|width|length|height"):
                pass
            cursor.take(
                "alone|as it is|as is|the same|unchanged|as they are|untouched|fixed|constant|as before|intact"
            )
            slots.keeps = cursor.word(-1) != "proportions"
            return True
        if cursor.take("standing|on the floor|upright"):
            return True
    cursor.at = start
    return False


def _to_clause_end(cursor: Cursor, endings: str) -> bool:
    for _ in range(8):
        if cursor.take(endings):
            return True
        if cursor.is_done:
            return False
        cursor.at += 1
    return False


def _pose(context: Context, slots: Slots) -> bool:
    pose = context.cursor.match(_POSES)
    if pose is None:
        return False
    slots.pose = pose
    return True


def _spin(context: Context, slots: Slots) -> bool:
    """Angles, clockwise and anticlockwise, axes, "the other way round"."""
    cursor = context.cursor
    if cursor.take("anticlockwise|anti clockwise|counter clockwise|against the clock"):
        slots.spin = 1
        return True
    if cursor.take("clockwise|clock wise|with the clock"):
        slots.spin = -1
        return True
    if cursor.take("about|around") and cursor.take("its vertical axis|the vertical axis|the z axis|its z axis|its own axis"
                                                   "|the vertical|its axis|its center|its centre|itself|z|the up axis"):  # fmt: skip
        return True
    at = cursor.at
    if cursor.take("about|around") and cursor.take(
        "the x axis|its x axis|x|its horizontal axis|the horizontal axis"
    ):
        slots.axis = "sideways"
        return True
    cursor.at = at
    if cursor.take("about|around") and cursor.take("the y axis|its y axis|y"):
        slots.axis = "forward"
        return True
    cursor.at = at
    angle = quantities.angle(cursor)
    if angle is not None:
        slots.angle = angle
        cursor.take("turn|rotation|turns")
        if cursor.take("to the left|left|to its left|leftwards"):
            slots.spin = 1
        elif cursor.take("to the right|right|to its right|rightwards"):
            slots.spin = -1
        return True
    if cursor.take("point the other way|face the other way|look the other way|the other way|the opposite way|in the opposite direction|all the way around|the other way around|the other way round|to the opposite direction"
                   "|to point the other way|to face the other way|around completely|back to front"):  # fmt: skip
        slots.angle = 180.0
        return True
    return False


_FACE = (
    "face|facing|faces|to face|look at|looks at|looking at|to look at|look to|look towards|look toward|looks towards"
    "|looking towards|point at|points at|pointing at|to point at|point to|point towards|pointing towards|points towards"
    "|point toward|pointing to|to point towards|aim at|aimed at|be facing|turned towards|turn towards|turn to face"
    "|turned to|oriented towards|directed at|face towards|face to|facing towards|facing to|look|point|looking|pointing"
    "|to look|to point|looks|points|orient towards|rotated to face|turn to|facing at|to be facing|look over at|look straight at"
    "|with its front to|with its front towards|with the front to|with the front towards|with its front facing|onto|toward|towards"
    "|face toward|looks toward|looking toward|to the direction of|in the direction of|orient toward|its front to"
    "|turned toward|gaze at|stare at|staring at|watch|watching"
)
_AWAY = (
    "away from|face away from|facing away from|look away from|looking away from|looks away from|point away from"
    "|pointing away from|points away from|to face away from|faces away from|turn its back to|turn its back on"
    "|with its back to|with its back towards|its back to|have its back to|has its back to|turned away from"
    "|with the back to|with its back against|turn away from|with its back facing|its back towards|show its back to"
    "|to look away from|be facing away from|have their backs to|turn their backs on|with their backs to|turned its back to"
)
LANGUAGE.update(f"{_FACE}|{_AWAY}".replace("|", " ").split())
_FACE_DIRECTIONS: Phrases[Direction] = Phrases(
    {
        "left|to the left|leftwards|the left": "left",
        "right|to the right|rightwards|the right": "right",
        "away|away from me|away from the camera|away from the viewer|backwards|to the back|away from us": "away",
        "forward|forwards|to the front|the front": "toward",
    }
)


def _facing(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    start = cursor.at
    word = cursor.word()
    if cursor.take("parallel to|aligned with|in the same direction as|the same way as|face the same way as"
                   "|facing the same way as|face the same direction as|facing the same direction as"):  # fmt: skip
        other = noun_phrase(context, relations=False, conjoined=False)
        if other is not None:
            slots.face = (other, None, False, True)
            return True
        cursor.at = start
        return False
    away_length = cursor._length(_AWAY)
    face_length = cursor._length(_FACE)
    if away_length and away_length >= face_length:
        if word == "away" and not _turns(slots):
            return False
        cursor.at += away_length
        ref = noun_phrase(context)
        if ref is not None:
            slots.face = (ref, None, True, False)
            return True
        cursor.at = start
        return False
    if not face_length and word in ("at", "to", "on") and _turns(slots) and slots.angle is None:
        face_length = 1
    if not face_length or (word in ("onto", "toward", "towards", "in", "to") and not _turns(slots)):
        return False
    cursor.at += face_length
    cursor.take("directly|straight|right at")
    cursor.take("exactly")
    direction = cursor.match(_FACE_DIRECTIONS)
    if direction is not None:
        slots.face = (None, direction, False, False)
        return True
    if cursor.take("each other|one another|each other 's"):
        slots.face = (Ref(words="each other", pronoun="them", number="many"), None, False, False)
        return True
    cursor.take("at|to|towards|toward|in the direction of")
    ref = noun_phrase(context)
    if ref is not None:
        slots.face = (ref, None, False, False)
        return True
    cursor.at = start
    return False


def _turns(slots: Slots) -> bool:
    return slots.pattern.get("verb") in ("rotate", "face")


def _size(context: Context, slots: Slots) -> bool:
    """ "50 cm tall", "20 % wider", "twice as tall", "bigger", "to half its size", "as tall as the lamp"."""
    cursor = context.cursor
    start = cursor.at
    if _alike(context, slots):
        return True
    cursor.at = start
    cursor.take("exactly|only|just|about|to be|be")
    by = cursor.take("by")
    to = cursor.take("to|at|of|up to|down to") if not by else False
    is_only = cursor.take("only|just|exactly|like|about|a")
    if is_only and cursor.word(-1) == "a":
        cursor.at -= 1
    length = quantities.length(cursor, needs_unit=True)
    if length is not None:
        return _length_of_size(context, slots, length, to=to, by=by)
    percent = quantities.percent(cursor)
    if percent is not None:
        comparative = cursor.match(_COMPARATIVES)
        if comparative is not None:
            slots.sizes.append(Size(comparative[0], factor=1 + comparative[1] * percent))
            return True
        if cursor.sees_table(_LOOK_CHANGES) or cursor.sees(
            "transparent|opaque|see|translucent|power|strength|brightness|brighter|dimmer|more|less|roughness"
        ):
            cursor.at = start
            return False
        slots.percent, slots.is_to = (
            percent,
            to or cursor.sees("of its|of the|of their|size|the size"),
        )
        cursor.take("of its current|of its original|of its|of the|of their|of")
        cursor.take("original|current|former|present")
        axis = cursor.match(_SIZE_WORDS) if not cursor.sees("size") else None
        cursor.take("size|scale")
        if axis:
            slots.sizes.append(Size(axis, factor=percent))
            slots.percent = None
        return True
    factor = quantities.factor(cursor)
    if factor is not None:
        return _factor_of_size(context, slots, factor, to=to, by=by, start=start)
    if by or to:
        value = quantities.number(cursor)
        if (
            value is not None
            and not cursor.sees_table(quantities.UNITS)
            and not cursor.sees("w|watts|watt|k|kelvin|°|degrees|by|lumens")
        ):
            slots.number, slots.is_to = value, to
            return True
        cursor.at = start
        return False
    grade = cursor.match(_GRADES)
    comparative = cursor.match(_COMPARATIVES)
    if comparative is None and cursor.take("up|down") and False:
        return False
    if comparative is not None:
        if cursor.sees("than"):
            cursor.at = start
            return False
        step = {0.5: 1.1, None: 1.25, 2.0: 1.5}[grade]
        factor = step if comparative[1] > 0 else 1 / step
        size = Size(comparative[0], factor=factor, is_comparative=True)
        slots.sizes.append(size)
        return True
    cursor.at = start
    return False


def _alike(context: Context, slots: Slots) -> bool:
    """ "as tall as the lamp", "the same height as the shelf"."""
    cursor = context.cursor
    axis = None
    cursor.take("to be|be|to|exactly")
    if cursor.take("as"):
        axis = cursor.match(_SIZE_WORDS)
    elif cursor.take("the same|same"):
        axis = "size" if cursor.take("size") else cursor.match(_SIZE_WORDS)
    if axis is None or not cursor.take("as|like|of"):
        return False
    ref = noun_phrase(context)
    if ref is None:
        return False
    slots.sizes.append(Size(axis, like=ref))
    return True


def _length_of_size(context: Context, slots: Slots, length: Length, *, to: bool, by: bool) -> bool:
    cursor = context.cursor
    comparative = cursor.match(_COMPARATIVES)
    if comparative is not None:
        if length.metres is None:
            step = 1.1 if length.amount == 1 else 1.5
            slots.sizes.append(
                Size(comparative[0], factor=step if comparative[1] > 0 else 1 / step)
            )
        elif cursor.take("than"):
            return False
        else:
            slots.sizes.append(Size(comparative[0], change=comparative[1] * length.metres))
        return True
    if length.metres is None:
        return False
    if cursor.take("more height"):
        slots.sizes.append(Size("height", change=length.metres))
        return True
    axis = cursor.match(_SIZE_WORDS)
    if axis is not None:
        last = slots.pattern.get("verb")
        grows = {"enlarge": 1, "shrink": -1, "raise": 1, "lower": -1}.get(str(last), 0)
        if by and grows:
            slots.sizes.append(Size(axis, change=grows * length.metres))
        else:
            slots.sizes.append(Size(axis, length=length.metres))
        return True
    if to and not cursor.sees(
        "to the|left|right|from|closer|away|further|toward|towards|above|off"
    ):
        slots.to_length = length.metres
        return True
    return False


def _factor_of_size(
    context: Context, slots: Slots, factor: float, *, to: bool, by: bool, start: int
) -> bool:
    cursor = context.cursor
    cursor.take("times")
    comparative = cursor.match(_COMPARATIVES)
    if comparative is not None:  # "3x bigger", "a third smaller"
        if comparative[1] < 0:
            factor = 1 / factor if factor > 1 else 1 - factor
        elif factor < 1:
            factor = 1 + factor
        slots.sizes.append(Size(comparative[0], factor=factor))
        return True
    if cursor.take("as"):
        axis = cursor.match(_SIZE_WORDS)
        if axis is None and cursor.sees("bright|strong|dark|light|shiny"):
            cursor.at = start
            return False
        axis = axis or "size"
        if cursor.take("as"):
            cursor.take(
                "now|before|it is|it is now|it was|they are|is now|currently|it was before|they were"
            )
        slots.sizes.append(Size(axis, factor=factor))
        return True
    if cursor.sees(
        "brighter|dimmer|the power|its power|the brightness|its brightness|strength|brightness|power|their power|stronger|weaker|transparent|see through|intensity|the intensity"
    ):
        cursor.at = start
        return False
    if slots.pattern.get("verb") == "duplicate":
        cursor.at = start
        return False
    has_size = cursor.take("the size|its size|their size|the original size|its original size|size|its current size|in size"
                           "|of its size|of the size|of its original size|the current size|its present size")  # fmt: skip
    if not has_size and cursor.take("its|the|their"):
        axis = cursor.match(_SIZE_WORDS)
        if axis is None:
            cursor.at = start
            return False
        slots.sizes.append(Size(axis, factor=factor))
        return True
    slots.factor, slots.is_to = factor, to or has_size
    return True


def _travel(context: Context, slots: Slots) -> bool:
    """Lengths and directions: "40 cm to the right", "towards me", "closer to the couch", "by (0.3, 0.2, 0)"."""
    cursor = context.cursor
    start = cursor.at
    if _offset(context, slots):
        return True
    cursor.at = start
    cursor.take("by|a distance of|for|another|exactly")
    length = quantities.length(cursor)
    if length is not None and cursor.sees("of|more|times|each"):
        if not (length.has_unit and cursor.sees("more")):
            cursor.at = start
            return False
        cursor.take("more")
    if length is None:
        cursor.at = start
    cursor.take(
        "straight|directly|further|a bit further|farther|more|down"
    ) if length is not None and cursor.word(1) not in (
        "",
        ",",
        "and",
        ".",
        "from",
        "away",
    ) and cursor.word() != "down" else None
    travel = _direction(context, slots)
    if travel is None:
        if length is None or (
            length.metres is not None and not length.has_unit and slots.length is not None
        ):
            cursor.at = start
            return False
        slots.length = length
        if slots.travels and slots.travels[-1].length is None:
            slots.travels[-1].length = length
        return True
    if (
        slots.pattern.get("verb") in ("rotate",)
        and travel.direction in ("left", "right")
        and length is None
    ):
        slots.spin = 1 if travel.direction == "left" else -1
        return True
    if length is not None and slots.pattern.get("verb") == "rotate" and not length.has_unit:
        slots.angle = length.amount
        slots.spin = 1 if travel.direction == "left" else -1 if travel.direction == "right" else 0
        return True
    travel.length = length
    if length is None and slots.length is not None and not slots.travels:
        travel.length = slots.length
    slots.travels.append(travel)
    return True


def _offset(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    cursor.take("by|a vector|the vector|offset|to")
    if cursor.sees("(|["):
        offset = quantities.vector(cursor)
        if offset is None:
            return False
        slots.travels.append(Travel(offset=offset, frame="world"))
        return True
    length = quantities.length(cursor)
    if not cursor.take("along|in|on|down|up"):
        return False
    cursor.take("the|its")
    cursor.take("positive|world|global")
    sign = -1.0 if cursor.take("negative|-|minus") else 1.0
    cursor.take("+|plus|and")
    axis = _AXES.get(cursor.word())
    if axis is None:
        return False
    cursor.at += 1
    cursor.take("axis|direction|axes")
    length = length or quantities.length(cursor) or slots.length
    if length is None or length.metres is None:
        return False
    amount = sign * length.metres
    slots.travels.append(
        Travel(offset=(axis[0] * amount, axis[1] * amount, axis[2] * amount), frame="world")
    )
    return True


def _direction(context: Context, slots: Slots) -> Travel | None:
    cursor = context.cursor
    start = cursor.at
    cursor.take("straight")
    own = cursor.match(_OWN)
    if own is not None:
        return Travel(direction=own, frame="object")
    if cursor.take("forward|forwards") and cursor.match(_OWN) is not None:
        return Travel(direction="forward", frame="object")
    cursor.at = start
    cursor.take("straight|a bit|further|farther|more") if cursor.word(1) not in (
        "",
        ",",
        "and",
        ".",
        "away",
        "from",
        "back",
        "to",
    ) else None
    found = cursor.match(_DIRECTIONS)
    if found is not None and found[0] in ("left", "right", "up", "down") and cursor.sees("of|hand"):
        cursor.at = start
        found = None
    if (
        found is not None
        and cursor.sees("to|from")
        and cursor.word(-1) in ("closer", "nearer", "away", "further")
    ):
        cursor.at = start
        found = None
    if (
        found is not None
        and cursor.word(-1) in ("out", "over", "across", "along", "in")
        and found[1]
    ):
        following = cursor.at
        travel = _direction(context, slots)
        if travel is not None:
            return travel
        cursor.at = following
        if cursor.word(-1) == "in" or cursor.sees("to|there|here") is False:
            cursor.at = start
            return None
        cursor.at = start
        return None
    if found is not None:
        return Travel(direction=found[0], is_weak=found[1])
    return _to_a_thing(context)


def _to_a_thing(context: Context) -> Travel | None:
    """ "towards the couch", "away from the workbench"."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("a bit|a little|slightly|much|out|over|back")
    direction: Direction | None = None
    if cursor.take("closer to|nearer to|towards|toward|in the direction of|nearer|closer towards|closer toward|closer"
                   "|further towards|more towards|further toward"):  # fmt: skip
        direction = "toward"
    elif cursor.take(
        "away from|further from|farther from|further away from|farther away from|off from|out from|more away from"
    ):
        direction = "away"
    if direction is None:
        cursor.at = start
        return None
    ref = noun_phrase(context, relations=False, conjoined=False)
    if ref is None:
        cursor.at = start
        return None
    if ref.pronoun == "viewer":
        return Travel(direction=direction)
    return Travel(direction=direction, to=ref)


def _place(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    start = cursor.at
    is_away = cursor.sees("away from|far from|far away from")
    found = relation(context)
    if found is None:
        return False
    goes = slots.length is not None or slots.travels or found[0].distance is not None
    goes = goes or slots.pattern.get("verb") == "move"
    if is_away and (goes or (found[0].to and found[0].to[0].pronoun == "viewer")):
        cursor.at = start
        return False
    if (
        slots.pattern.get("verb") == "rotate"
        and found[0].kind == "on"
        and found[0].to
        and found[0].to[0].noun == ""
    ):
        cursor.at = start
        return False
    slots.relations.append(found)
    return True


def _look(context: Context, slots: Slots) -> bool:
    """Colours and materials."""
    cursor = context.cursor
    start = cursor.at
    cursor.take("to be|be|to look|look|to become|become|becomes|turn|to turn")
    is_made_of = cursor.take(
        "into|in|to|of|out of|made of|made out of|made from|with|as|from|be made of|made in"
    )
    if is_made_of and cursor.word(-1) not in ("to",):
        is_made_of = cursor.word(-1) in ("into", "of", "from", "as")
    else:
        is_made_of = False
    cursor.take(
        "a|an|the|some|plain|nice|all|completely|fully|totally|entirely|more of a|rather|quite|pretty|back to"
    )
    cursor.take("very|really|nice|more of a|fully|completely|kind of") if not cursor.sees(
        "very dark|very light"
    ) else None
    if cursor.take("not") and cursor.sees_table(colors.COLOR_NAMES) and color_name(cursor):
        return True
    if _like_color(context, slots) or _scalar(context, slots) or _transparency(context, slots):
        return True
    grade = cursor.match(_GRADES)
    percent = quantities.percent(cursor) if grade is None else None
    change = cursor.match(_LOOK_CHANGES)
    if change is not None and not color_name(_probe(cursor)):
        amount = change[1] * (grade if grade == 2.0 else 1.0)  # pyright: ignore[reportOperatorIssue]
        if percent is not None:
            amount = percent if change[1] > 0 else -percent
        slots.material[change[0]] = amount
        cursor.take("tone|shade|color|colour|look|finish|than before|than it is|than now|hue")
        return True
    if percent is not None or (grade is not None):
        cursor.at = start
        return False
    if (token := cursor.peek()) and token.kind == "hex":
        cursor.at += 1
        _color(slots, token.word, colors.linear_from_hex(token.word))
        return True
    return _named_look(context, slots, start, is_made_of)


def _probe(cursor: Cursor) -> Cursor:
    """ "lighter blue" is a colour; "lighter" a change."""
    probe = Cursor(cursor.tokens, cursor.prompt)
    probe.at = cursor.at
    return probe


def _named_look(context: Context, slots: Slots, start: int, is_made_of: bool) -> bool:
    cursor = context.cursor
    at = cursor.at
    look = cursor.match(_LOOKS)
    look_end = cursor.at
    cursor.at = at
    name = color_name(cursor)
    if look is not None and (not name or look_end >= cursor.at):
        cursor.at = look_end
        _apply_look(slots, look)
        cursor.take("finish|look|material|surface|appearance|texture")
        return True
    if not name:
        cursor.at = start
        return False
    if cursor.sees_table(_NOUNISH) or (
        context.nouns.find(cursor) is not None
        and not cursor.sees("color|colour|again|light|lights")
    ):
        cursor.at = start  # "the red chair": a thing, no colour for it
        return False
    cursor.take(
        "color|colour|paint|tone|shade|hue|tint|instead|all over|ones|one"
    ) if not cursor.sees("one|ones") else None
    rgb = color_of(name)
    if (is_made_of or slots.material.get("roughness") == 0.1) and name in (
        "gold",
        "silver",
        "copper",
        "bronze",
    ):
        slots.material.setdefault("metallic", 1.0)
        slots.material.setdefault("roughness", 0.2)
    _color(slots, name, rgb)
    return True


_NOUNISH = Phrases({"one|ones|thing|things|object|objects": 0})


def _apply_look(slots: Slots, look: dict[str, Any]) -> None:
    for key, value in look.items():
        if key == "color_name":
            if "color" not in slots.material:
                _color(slots, value, color_of(value))
        else:
            slots.material[key] = value


def _color(slots: Slots, name: str, rgb: Vector) -> None:
    slots.material["color"] = rgb
    slots.material["color_name"] = name


def color_of(name: str) -> Vector:
    """Linear RGB of a colour as `color_name` gives it."""
    if name in colors.COLORS:
        return colors.COLORS[name]
    first, _, rest = name.partition(" ")
    if first == "very":
        second, _, rest = rest.partition(" ")
        first = f"very {second}"
    if rest in colors.COLORS and first in colors.COLORS:
        return colors.mixed(first, rest)
    if rest in colors.COLORS:
        return colors.shaded(first, rest)
    return colors.COLORS.get(first, (0.5, 0.5, 0.5))


def _like_color(context: Context, slots: Slots) -> bool:
    """ "the same colour as the sofa", "match the sofa"."""
    cursor = context.cursor
    start = cursor.at
    if cursor.take(
        "same color as|same colour as|the same color as|the same colour as|the color of|the colour of|color of|colour of"
        "|match|matching|to match|the same material as|same material as|colored like|coloured like|look like|same as"
        "|the same as|like|same look as|the look of|the material of"
    ):
        ref = noun_phrase(context, conjoined=False)
        if ref is not None:
            if cursor.take("'s"):
                cursor.take("color|colour|material|look|finish")
            cursor.take("has|is|one")
            slots.material["like"] = ref
            return True
    cursor.at = start
    return False


def _scalar(context: Context, slots: Slots) -> bool:
    """ "roughness 0.4", "opacity of 50 %"."""
    cursor = context.cursor
    start = cursor.at
    kind = cursor.match(_SCALARS)
    value = None
    if kind is None:
        value = quantities.percent(cursor)
        if value is None:
            value = quantities.number(cursor)
        kind = cursor.match(_SCALARS) if value is not None else None
        if kind is None:
            cursor.at = start
            return False
    else:
        cursor.take("of|to|at|=|:|should be|is|value of|down to|up to|set to")
        value = quantities.percent(cursor)
        if value is None:
            value = quantities.number(cursor)
    if value is None:
        cursor.at = start
        return False
    set_scalar(slots, kind, value)
    return True


def set_scalar(slots: Slots, kind: str, value: float) -> None:
    """A number for a property of the material."""
    if kind == "transparency":
        kind, value = "alpha", 1 - (value if value <= 1 else value / 100)
    slots.material[kind] = value


def _transparency(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    start = cursor.at
    value = quantities.percent(cursor)
    if value is None and cursor.take("half") and cursor.sees("transparent|see through|opaque"):
        value = 0.5
    if value is not None and cursor.take("transparent|see through|translucent|transparency"):
        slots.material["alpha"] = 1 - value
        return True
    if value is not None and cursor.take("opaque|opacity"):
        slots.material["alpha"] = value
        return True
    cursor.at = start
    return False


def _light(context: Context, slots: Slots) -> bool:
    """Watts, kelvin, "half strength", "twice as bright", "brighter"."""
    cursor = context.cursor
    start = cursor.at
    by = cursor.take("by")
    cursor.take("to|at|with|of|up to|down to|have|has") if not by else False
    cursor.take("a|an|full") if cursor.word(1) in (
        "power",
        "strength",
        "third",
    ) and cursor.word() == "full" else None
    if cursor.word(-1) == "full":
        cursor.at += 1
        slots.lamp["factor"] = 1.0
        return True
    value = quantities.number(cursor)
    if value is not None and cursor.take("w|watts|watt"):
        cursor.take("of power|power|each")
        if by or cursor.take("more"):
            slots.lamp["more"] = value
        else:
            slots.lamp["power"] = value
        return True
    if value is not None and cursor.take("k|kelvin|kelvins"):
        slots.lamp["temperature_k"] = value
        return True
    cursor.at = start
    cursor.take("by|to|at|with|of")
    percent = quantities.percent(cursor)
    factor = quantities.factor(cursor) if percent is None else percent
    grade = cursor.match(_GRADES) if factor is None else None
    cursor.take("as|of|its|the|full|original|current|their")
    cursor.take("full|original|current")
    if cursor.take(
        "brighter|stronger|more intense|more powerful|more light|brightness up|more power"
    ):
        if factor is None:
            factor = {0.5: 1.25, 2.0: 1.5, None: 1.25}[grade]
        elif percent is not None or factor < 1:
            factor = 1 + factor
        slots.lamp["factor"] = factor
        slots.lamp["is_brightness"] = True
        return True
    if cursor.take(
        "dimmer|weaker|less bright|less intense|less powerful|less strong|less light|darker"
    ):
        if cursor.word(-1) == "darker" and not slots.pattern.get("is_light"):
            cursor.at = start
            return False
        factor = (
            {0.5: 0.8, 2.0: 0.5, None: 0.8}[grade]
            if factor is None
            else 1 - factor
            if factor < 1
            else 1 / factor
        )
        slots.lamp["factor"] = factor
        slots.lamp["is_brightness"] = True
        return True
    if factor is not None and cursor.take(
        "bright|strength|power|brightness|intensity|strong|intense|powerful|output"
    ):
        cursor.take("as|as now|as before")
        slots.lamp["factor"] = factor
        slots.lamp["is_brightness"] = True
        return True
    cursor.at = start
    if slots.pattern.get("is_light") and (tone := _tone(cursor)) is not None:
        slots.lamp["temperature_k"] = tone
        return True
    cursor.at = start
    return False


def _tone(cursor: Cursor) -> float | None:
    """ "warm white", "cooler"; but "warm orange" is a colour."""
    cursor.take("a|an|be|to be|to|into|nice|very|a bit|much|a lot|slightly|rather|of a|more of a")
    tone = cursor.match(_TONES)
    if tone is None or color_name(_probe(cursor)):
        return None
    cursor.take("light|tone|color|colour|glow|hue|temperature")
    return tone


def _switch(context: Context, slots: Slots) -> bool:
    """ "on", "off", "out", "up", "away" after what they belong to."""
    cursor = context.cursor
    verb = slots.pattern.get("verb")
    if (
        cursor.take("off|out")
        and verb in ("rotate", "swap", "make", "", "view")
        and not cursor.sees("of|from|the")
    ):
        slots.lamp["is_on"] = False
        return True
    if (
        verb in ("rotate", "swap", "make", "", "place")
        and cursor.word() == "on"
        and cursor.word(1) in ("", ".", ",", "and", "again", "please", "!", "?", "then", "now")
    ):
        cursor.at += 1
        slots.lamp["is_on"] = True
        return True
    return False


def _visibility(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    start = cursor.at
    cursor.take("be|to be|become")
    if cursor.take("invisible|hidden|disappear|vanish|disappeared|not visible|out of sight|go invisible|unseen|not be seen"
                   "|be gone from view|not show|not be visible"):  # fmt: skip
        cursor.take("without deleting them|without deleting it|without being deleted|without removing it|without removing them"
                    "|without deleting anything|for now|for the moment|temporarily|for a moment|for a while")  # fmt: skip
        slots.visible = False
        return True
    if cursor.take(
        "visible|shown|reappear|appear|visible again|come back|show up|appear again|unhidden|be seen|reappear again"
    ):
        slots.visible = True
        return True
    if cursor.take(
        "for now|for the moment|temporarily|for a moment|for a while|for the time being"
    ):
        return True
    if cursor.take("locked|unmovable|fixed in place"):
        slots.is_locked = True
        return True
    if cursor.take("unlocked|movable"):
        slots.is_locked = False
        return True
    cursor.at = start
    return False


def _gone(context: Context, slots: Slots) -> bool:
    cursor = context.cursor
    if cursor.take("go|go away|be gone|be deleted|be removed|be erased|be thrown out|be thrown away|be scrapped|be binned"
                   "|be cleared|deleted|removed|gone|be got rid of|go in the bin|leave|erased|scrapped|be trashed|be ditched"
                   "|be thrown out|be discarded|go entirely|go completely|be chucked|be chucked out|be taken away|disposed of"
                   "|be disposed of|no longer needed|not needed|not needed anymore|not needed any more|thrown away"):  # fmt: skip
        if cursor.sees(
            "to|on|in|into|onto|under|next|behind|between|by|near|left|right|up|down|back|forward|towards|toward|green|black|red|blue|white|brown|from|at"
        ):
            return False
        if quantities.length(_probe(cursor)) is not None or color_name(_probe(cursor)):
            return False
        slots.is_gone = True
        return True
    return False


def _times(context: Context, slots: Slots) -> bool:
    """How many copies: "twice", "three times"."""
    cursor = context.cursor
    if slots.pattern.get("verb") != "duplicate":
        return False
    if cursor.take("once|one time"):
        slots.times = 1
        return True
    if cursor.take("twice|two times"):
        slots.times = 2
        return True
    if cursor.take("thrice"):
        slots.times = 3
        return True
    value = quantities.number(cursor)
    if value is not None and cursor.take("times|x|copies|clones|duplicates"):
        slots.times = int(value)
        return True
    return False


def _pattern(context: Context, slots: Slots) -> bool:
    from maquette.editing.grammar.arrange import arrangement  # the two need each other

    return arrangement(context, slots)


_READERS: tuple[Reader, ...] = (
    _purpose,
    _family,
    _cargo,
    _times,
    _excepting,
    _keeping,
    _pose,
    _gone,
    _switch,
    _pattern,
    _spin,
    _facing,
    _light,
    _size,
    _place,
    _travel,
    _look,
    _visibility,
)
