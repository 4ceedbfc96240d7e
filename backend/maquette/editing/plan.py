"""What a prompt was understood as: typed operations on referring expressions.

Data only; nothing here is ever executed. A planner (grammar, language model) makes an `EditPlan`; grounding turns each
`Ref` into ids, solving each operation into matrices and materials. Lengths are metres (scene units where the scene is
not metric), angles degrees, colours linear RGB.

All `Ref`s of a plan are meant in the scene as it was before the prompt ("the white can becomes blue and the blue can
becomes white"); only `it` and `them` mean what the operation before has touched or made.
"""

from dataclasses import dataclass
from typing import Literal

Vector = tuple[float, float, float]

# Referring expressions --------------------------------------------------------------------------------

Frame = Literal[
    "viewer", "object", "world"
]  # whose left and front: the viewer's, the thing's own, the axes'
Direction = Literal[
    "left", "right", "up", "down", "away", "toward", "forward", "backward"
]  # away, toward: from and to the viewer, or `to`; forward, backward: the way the thing faces
RelationKind = Literal[
    "on", "under", "above", "below", "in", "hanging_from", "leaning_on",
    "next_to", "near", "far_from", "against", "between", "around", "opposite",
    "left_of", "right_of", "in_front_of", "behind",
    "in_corner", "at_edge", "at_center", "at_end", "facing", "attached_to",
    "supporting", "containing", "with",
    "at", "in_place_of", "touching",
]  # fmt: skip
# supporting: it has `to` on it; containing: has it in it; with: one of both, or a part; at: as a chair is at a table;
# in_place_of: where `to` is or was
Measure = Literal[
    "size", "height", "width", "depth", "thickness", "length", "volume", "lightness", "distance", "left", "right",
    "front", "back", "top", "bottom", "order",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """ "red", "wooden", "big", "round", "selected", "hidden": one property that a thing must have."""

    kind: Literal["color", "material", "size", "shape", "state"]
    value: str
    is_negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Relation:
    """ "on the desk": how a thing lies to others."""

    kind: RelationKind
    to: tuple["Ref", ...] = ()  # two for "between"; empty where it needs none ("in the corner")
    frame: Frame = "viewer"
    side: str = ""  # "left", "front", …: of an edge, corner, end or part ("on its left side", "the top shelf")
    distance: float | None = None  # asked for, between the bounds
    is_negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Order:
    """ "the second from the left", "the biggest", "the one nearest to the door"."""

    measure: Measure
    is_descending: bool = True  # the biggest first; for "left": the leftmost first
    index: int = 0  # 0: the first of that order
    count: int = 1  # "the two biggest"
    is_middle: bool = False  # the middle one of that order
    to: "Ref | None" = None  # for distance: from what; None: the viewer


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A referring expression. All parts must hold; `also` joins others to it ("the mug and the bowl")."""

    words: str  # as typed, for messages
    noun: str = ""  # label or name, lower case, singular, typos mended; "": any thing
    number: Literal["one", "many", "any"] = (
        "one"  # "the chair", "all chairs" / "the chairs", "a chair"
    )
    count: int | None = None  # "three mugs"
    pronoun: Literal["", "this", "it", "them", "other", "rest", "viewer"] = (
        ""  # resolved by selection and history
    )
    attributes: tuple[Attribute, ...] = ()
    relations: tuple[Relation, ...] = ()
    order: Order | None = None
    excluding: tuple["Ref", ...] = ()
    also: tuple["Ref", ...] = ()
    ids: tuple[str, ...] = ()  # known already


# Operations ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Base of all operations."""


@dataclass(frozen=True, kw_only=True)
class Move(Operation):
    """By an amount."""

    targets: Ref
    direction: Direction | None = None
    distance: float | None = None  # None with a direction: "a bit"
    offset: Vector | None = None  # instead: along the axes of `frame`
    to: Ref | None = None  # toward or away from this
    frame: Frame = "viewer"
    is_lift: bool = False  # "lift", "raise", "hang 20 cm higher": need not rest on anything after


@dataclass(frozen=True, kw_only=True)
class Place(Operation):
    """To where relations hold."""

    targets: Ref
    relations: tuple[Relation, ...]
    is_upright: bool = False  # stand it up, too
    candidate: int = 0  # 0: the best spot; "another spot" gives the next


@dataclass(frozen=True, kw_only=True)
class Rotate(Operation):
    """Counter-clockwise seen from above where positive, about the vertical unless said."""

    targets: Ref
    angle_deg: float
    axis: Literal["up", "sideways", "forward"] = (
        "up"  # sideways: tip over forward; forward: roll to a side
    )
    pose: Literal["", "upright", "lying", "upside_down"] = ""  # instead of an angle


@dataclass(frozen=True, kw_only=True)
class Face(Operation):
    """Turn the front (or a stated side) to something."""

    targets: Ref
    to: Ref | None = None  # None with a direction
    direction: Direction | None = None
    is_away: bool = False
    parallel_to: bool = False  # face as `to` faces


@dataclass(frozen=True, kw_only=True)
class Scale(Operation):
    """By factors; bottom stays."""

    targets: Ref
    factor: float | None = None  # all sides
    axis: Literal["", "height", "width", "depth", "thickness", "length"] = ""  # this side alone


@dataclass(frozen=True, kw_only=True)
class Resize(Operation):
    """To, or by, a length."""

    targets: Ref
    axis: Literal["height", "width", "depth", "thickness", "length", "size"]
    length: float | None = None
    change: float | None = None  # "20 cm taller"
    keeps_proportions: bool = False
    like: Ref | None = None  # "as tall as the lamp"


@dataclass(frozen=True, kw_only=True)
class Arrange(Operation):
    """Several things into an order."""

    targets: Ref
    pattern: Literal["line", "row", "circle", "grid", "stack", "align", "distribute"]
    along: Direction | None = None  # of a line: "left": from right to left
    reference: Ref | None = None  # around, along, on, in line with this
    relation: RelationKind | None = None  # how the whole lies to the reference
    spacing: float | None = None
    radius: float | None = None
    edge: Literal["", "left", "right", "front", "back", "top", "bottom", "center"] = ""
    sort: Order | None = (
        None  # "smallest first": in the direction of `along`, from the bottom of a stack
    )
    rows: int | None = None  # of a grid
    columns: int | None = None
    is_even: bool = False  # equal gaps, too


@dataclass(frozen=True, kw_only=True)
class Swap(Operation):
    """Two things trade places."""

    first: Ref
    second: Ref


@dataclass(frozen=True, kw_only=True)
class Duplicate(Operation):
    """Copies, beside the original or where relations hold."""

    targets: Ref
    count: int = 1  # copies of each
    relations: tuple[Relation, ...] = ()
    pattern: Literal["", "line", "circle", "stack"] = ""
    direction: Direction | None = None
    spacing: float | None = None
    is_mirrored: bool = False
    candidate: int = 0  # as of `Place`


@dataclass(frozen=True, kw_only=True)
class Replace(Operation):
    """A copy of one thing at the place of others."""

    targets: Ref
    by: Ref | None = None
    primitive: Literal["", "box", "sphere", "cylinder", "cone", "plane"] = ""


@dataclass(frozen=True, kw_only=True)
class Add(Operation):
    """A new primitive, light or camera."""

    what: Literal["box", "sphere", "cylinder", "cone", "plane", "light", "sun", "spot", "camera"]
    name: str = ""
    count: int = 1
    size: Vector | None = None
    color: Vector | None = None
    power: float | None = None
    relations: tuple[Relation, ...] = ()
    candidate: int = 0  # as of `Place`


@dataclass(frozen=True, kw_only=True)
class Delete(Operation):
    targets: Ref


@dataclass(frozen=True, kw_only=True)
class Group(Operation):
    """Under a common parent; or `under` an existing thing."""

    targets: Ref
    name: str = ""
    under: Ref | None = None
    is_undo: bool = False  # ungroup, unparent


@dataclass(frozen=True, kw_only=True)
class Rename(Operation):
    targets: Ref
    to: str
    is_label: bool = False  # what it is, not what it is called


@dataclass(frozen=True, kw_only=True)
class Material(Operation):
    """What is not given stays. Factors and changes are relative to what is there."""

    targets: Ref
    color: Vector | None = None
    color_name: str = ""
    like: Ref | None = None  # "the same colour as the sofa"
    lightness_change: float | None = None
    saturation_change: float | None = None
    warmth_change: float | None = None
    roughness: float | None = None
    metallic: float | None = None
    alpha: float | None = None
    emission: float | None = None  # strength; the colour is the base colour
    roughness_change: float | None = None
    name: str = ""  # of a preset


@dataclass(frozen=True, kw_only=True)
class Lamp(Operation):
    targets: Ref
    power: float | None = None
    factor: float | None = None
    is_on: bool | None = None
    color: Vector | None = None
    color_name: str = ""
    temperature_k: float | None = None
    aim: Ref | None = None


@dataclass(frozen=True, kw_only=True)
class Camera(Operation):
    """The viewer, unless targets say which."""

    action: Literal[
        "move",
        "pan",
        "tilt",
        "roll",
        "orbit",
        "zoom",
        "aim",
        "frame",
        "look_through",
        "top",
        "height",
        "field_of_view",
    ]
    targets: Ref | None = None
    direction: Direction | None = None
    amount: float | None = None  # metres, degrees, or a factor
    to: Ref | None = None


@dataclass(frozen=True, kw_only=True)
class Visibility(Operation):
    targets: Ref
    is_visible: bool
    is_isolate: bool = False  # hide all else


@dataclass(frozen=True, kw_only=True)
class Lock(Operation):
    targets: Ref
    is_locked: bool


@dataclass(frozen=True, kw_only=True)
class Select(Operation):
    targets: Ref


@dataclass(frozen=True, kw_only=True)
class Question(Operation):
    """Answered, never edits."""

    kind: Literal[
        "count", "which", "where", "measure", "distance", "color", "material", "exists", "is_related", "is_attribute",
        "compare", "fits", "is_visible", "selected", "relation_of", "light", "list", "what_is", "total",
    ]  # fmt: skip
    targets: Ref | None = None
    other: Ref | None = None
    measure: Literal[
        "", "height", "width", "depth", "thickness", "length", "size", "volume", "power", "angle"
    ] = ""
    relation: Relation | None = None
    attribute: Attribute | None = None
    comparison: Literal["", "more", "less", "equal", "difference"] = ""
    amount: float | None = None  # compared with: "more than three chairs", "longer than 3 m"
    unit: str = ""  # asked for: "cm"


@dataclass(frozen=True, kw_only=True)
class Undo(Operation):
    steps: int = 1
    targets: Ref | None = None  # only this thing as it was
    is_redo: bool = False
    to_start: bool = False
    is_place: bool = False  # only where it was ("put it back where it was"), not how it looked


@dataclass(frozen=True, kw_only=True)
class Repeat(Operation):
    """Again, perhaps for others ("same for the blue one"), or more or less of it ("a bit more").

    `at_next_spot`: instead of what was done last, to the next best place ("try another spot").
    """

    targets: Ref | None = None
    factor: float = 1.0
    at_next_spot: bool = False


# What a planner answers -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class EditPlan:
    """Operations in order."""

    operations: tuple[Operation, ...]


@dataclass(frozen=True, kw_only=True)
class Clarification:
    """Asked back before anything is done."""

    question: str
    proposal: EditPlan | None = None  # what is carried out on a yes; None: more words are needed
    things: tuple[str, ...] = ()  # ids of what it would change


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Not understood (quoting the words), or nothing that this program does."""

    reason: str
    is_unread: bool = False  # the words were not understood; another planner may do better
