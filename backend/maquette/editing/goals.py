"""What a placing is to fulfil: relations with their things found, for one thing and what goes along with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from maquette.editing.boxes import Boxes, polygon_distance
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.plan import Ref, Relation
from maquette.editing.scene_view import Body, SceneView

_SEATS = ("chair", "stool", "seat", "bench", "sofa", "couch", "ottoman", "pouf")
_HANDY = 0.65  # what is smaller is put on a table, not beside it


@dataclass(frozen=True)
class Goal:
    """A relation with its things found."""

    kind: str
    others: tuple[str, ...]
    frame: str = "viewer"
    side: str = ""
    distance: float | None = None
    is_negated: bool = False


@dataclass
class Task:
    """One thing to be placed."""

    view: SceneView
    key: str
    group: list[str]
    goals: list[Goal]
    later_moved: set[str] = field(default_factory=set)
    free_of: set[str] = field(default_factory=set)  # need not be avoided
    before: SceneView | None = None  # where what is gone was
    is_packed: bool = False  # close to others, so that more fits beside it

    @property
    def body(self) -> Body:
        return self.view.body(self.key)

    def __post_init__(self) -> None:
        self.bodies = [self.view.body(key) for key in self.group]
        self.pieces = Boxes.joined([b.pieces for b in self.bodies if len(b.pieces)])
        self.known = self.view.collisions(self.pieces, self.group)


def goals_of(
    edit: Edit, relation_list: Iterable[Relation], subject: Sequence[str], like: str | None = None
) -> list[Goal]:
    """Find what the relations are to; `like`: what is to be copied there. Raises Unclear, Cannot."""
    edit.grounder.subject = tuple(subject)
    goals: list[Goal] = []
    try:
        for relation in relation_list:
            goals.append(_goal(edit, _of_the_other(relation, goals), subject, like))
    finally:
        edit.grounder.subject = ()
    return goals


def _of_the_other(relation: Relation, goals: list[Goal]) -> Relation:
    """ "next to the laptop, on its left": the laptop's, for nothing is left of itself."""
    if not goals or not goals[-1].others or not relation.to:
        return relation
    to = tuple(
        Ref(words=ref.words, ids=goals[-1].others) if ref.pronoun in ("it", "them") else ref
        for ref in relation.to
    )
    return replace(relation, to=to)


def _goal(edit: Edit, relation: Relation, subject: Sequence[str], like: str | None = None) -> Goal:
    view = edit.view
    others: list[str] = []
    for ref in relation.to:
        if ref.pronoun == "viewer":
            continue
        found = [key for key in edit.grounder.fitting(ref) if key not in subject] or list(
            edit.grounder.resolve(ref)
        )
        if relation.kind == "at" or relation.kind != "between":
            found = _one_of(edit, relation, ref, found, subject)
        edit.note(ref, found)
        others += [key for key in found if key not in others]
    kind = relation.kind
    if kind == "in_front_of" and not others and relation.to:
        kind = "toward_viewer"
    if kind != "in_place_of":
        others = [key for key in others if key in view.objects]
    if any(key in subject for key in others):
        raise Cannot(f"{view.names(subject)} cannot be placed relative to itself.")
    placed = [*subject, *([like] if like else [])]
    if kind == "at" and others and all(_is_for_tables(view, key, others) for key in placed):
        kind = "on"
    if kind == "between" and len(others) != 2:
        if len(others) > 2 and len(relation.to) == 1:
            raise edit.grounder.unclear(others, relation.to[0])
        raise Cannot("'Between' needs two things.")
    return Goal(
        kind, tuple(others), relation.frame, relation.side, relation.distance, relation.is_negated
    )


def _is_for_tables(view: SceneView, key: str, others: Sequence[str]) -> bool:
    """Small things are "at the table" when they are on it; chairs when they are beside it."""
    item, size = view.objects[key], view.box(key).size
    if any(seat in (item.label or "") for seat in _SEATS) or float(size.max()) > _HANDY:
        return False
    for other in others:
        box = view.box(other)
        if view.is_fixed(other) or not len(view.body(other).pieces):
            return False
        if 4 * float(box.half[0] * box.half[1]) < 1.5 * float(
            np.delete(size, view.box(key).vertical_axis).prod()
        ):
            return False
        if box.top > 1.6 and len(view.body(other).pieces) == 1:
            return False
    return True


def _one_of(
    edit: Edit, relation: Relation, ref: Ref, found: list[str], subject: Sequence[str]
) -> list[str]:
    view = edit.before
    kinds = {view.objects[key].kind for key in found if key in view.objects}
    if len(found) > 1 and ref.number != "many":
        if kinds == {"floor"}:
            return found  # any of them, wherever else the words hold
        if kinds == {"wall"} and ref.order is None and not ref.attributes:
            here = [view.box(key) for key in subject if key in view.objects]
            if here and relation.kind not in ("in_corner",):
                return [
                    min(
                        found,
                        key=lambda w: polygon_distance(here[0].footprint, view.box(w).footprint),
                    )
                ]
            return found
        return [key for key in edit.grounder.resolve(ref) if key not in subject] or found
    return found
