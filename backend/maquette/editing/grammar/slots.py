"""What a clause says beside its verb and its target, gathered: each complement into its slot."""

from dataclasses import dataclass, field
from typing import Any

from maquette.editing.grammar.quantities import Length
from maquette.editing.plan import Direction, Frame, Order, Ref, Relation, Vector


@dataclass
class Travel:
    """One way to go."""

    direction: Direction | None = None
    to: Ref | None = None
    offset: Vector | None = None
    frame: Frame = "viewer"
    is_weak: bool = False  # "back", "out": gives way to a plainer one
    length: Length | None = None


@dataclass
class Size:
    """One thing said about the size."""

    axis: str = "size"
    length: float | None = None
    change: float | None = None
    factor: float | None = None
    like: Ref | None = None
    is_comparative: bool = False  # "bigger" without an amount: one may follow


@dataclass
class Facing:
    """Where the front shall point."""

    to: Ref | None = None
    direction: Direction | None = None
    is_away: bool = False
    is_parallel: bool = False


@dataclass
class Layout:
    """How several things shall lie to each other."""

    kind: str = ""
    default: str = ""  # what the verb means where no pattern is named
    rows: int | None = None
    columns: int | None = None
    spacing: float | None = None
    radius: float | None = None
    edge: str = ""
    along: Direction | None = None
    sort: Order | None = None
    is_even: bool = False
    reference: Ref | None = None
    target: Ref | None = None  # "one pile of the books"


@dataclass
class Slots:
    """All complements of one clause."""

    verb: str = ""  # the kind of instruction
    is_light: bool = False  # the target is a light
    is_thin: bool = False  # the target hangs on a wall: its second measure is its height
    relations: list[tuple[Relation, bool]] = field(
        default_factory=list
    )  # and whether it can only be a goal
    travels: list[Travel] = field(default_factory=list)
    length: Length | None = None
    to_length: float | None = None  # "to 45 cm"
    sizes: list[Size] = field(default_factory=list)
    factor: float | None = None
    percent: float | None = None
    number: float | None = None
    is_to: bool = False  # the factor, percent or number was "to", not "by"
    is_turn_back: bool = False
    angle: float | None = None
    spin: int = 0  # +1 counter-clockwise
    axis: str = "up"
    pose: str = ""
    is_flat: bool = False  # "lay it flat on the floor": where, and how
    facing: Facing | None = None
    material: dict[str, Any] = field(default_factory=dict)
    lamp: dict[str, Any] = field(default_factory=dict)
    is_brightness: bool = False  # the lamp's factor was said of brightness, which a colour has, too
    is_visible: bool | None = None
    is_locked: bool | None = None
    times: int | None = None
    excluding: list[Ref] = field(default_factory=list)
    keeps_proportions: bool = False
    is_gone: bool = False  # "can go"
    is_group: bool = False
    parent: Ref | None = None
    name: str = ""
    layout: Layout = field(default_factory=Layout)
    found: int = 0  # how many complements were read
