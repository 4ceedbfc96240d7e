"""Laws: any plan leaves any scene valid or unchanged, undo is exact, the same seed gives the same result."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import COLORS, room, thing

from maquette.editing import plan as p
from maquette.editing.boxes import CONTACT, ROUNDING, Boxes, overlap, overlap_depths, turn
from maquette.editing.conversation import Conversation
from maquette.editing.relations import max_overlap
from maquette.editing.scene_view import STRUCTURE, SceneView
from maquette_protocol.document import SceneDocument, document_from_json, document_to_json

_NOUNS = [
    "table",
    "mug",
    "book",
    "chair",
    "shelf",
    "vase",
    "crate",
    "ball",
    "safe",
    "floor",
    "wall",
    "thing",
    "piano",
    "",
]
_lengths = st.floats(0.01, 2.5, allow_nan=False)
_attributes = st.builds(
    p.Attribute,
    kind=st.just("color"),
    value=st.sampled_from(list(COLORS)),
    is_negated=st.booleans(),
)
_orders = st.builds(
    p.Order, measure=st.sampled_from(["size", "height", "left", "distance", "top"]), is_descending=st.booleans(),
    index=st.integers(-1, 2),
)  # fmt: skip
_refs = st.builds(
    p.Ref, words=st.just("these"), noun=st.sampled_from(_NOUNS), number=st.sampled_from(["one", "many", "any"]),
    attributes=st.lists(_attributes, max_size=1).map(tuple), order=st.none() | _orders,
    pronoun=st.sampled_from(["", "", "", "", "it", "this", "other"]),
)  # fmt: skip
_relations = st.builds(
    p.Relation,
    kind=st.sampled_from(
        [
            "on",
            "in",
            "under",
            "next_to",
            "left_of",
            "right_of",
            "in_front_of",
            "behind",
            "against",
            "at",
            "above",
            "between",
            "at_center",
            "far_from",
            "near",
            "in_corner",
            "at_edge",
        ]
    ),
    to=st.lists(_refs, min_size=1, max_size=2).map(tuple),
    distance=st.none() | _lengths,
)
_directions = st.sampled_from(
    ["left", "right", "up", "down", "away", "toward", "forward", "backward"]
)
_operations: st.SearchStrategy[Any] = st.one_of(
    st.builds(p.Move, targets=_refs, direction=_directions, distance=st.none() | _lengths),
    st.builds(
        p.Place, targets=_refs, relations=st.lists(_relations, min_size=1, max_size=2).map(tuple)
    ),
    st.builds(
        p.Rotate,
        targets=_refs,
        angle_deg=st.floats(-360, 360),
        pose=st.sampled_from(["", "", "lying", "upside_down"]),
    ),
    st.builds(p.Face, targets=_refs, to=_refs, is_away=st.booleans()),
    st.builds(
        p.Scale,
        targets=_refs,
        factor=st.floats(0.2, 3),
        axis=st.sampled_from(["", "height", "width", "depth"]),
    ),
    st.builds(
        p.Resize,
        targets=_refs,
        axis=st.sampled_from(["height", "width", "length", "size"]),
        length=_lengths,
    ),
    st.builds(
        p.Arrange,
        targets=_refs,
        pattern=st.sampled_from(["line", "row", "circle", "grid", "stack", "align", "distribute"]),
    ),
    st.builds(p.Swap, first=_refs, second=_refs),
    st.builds(
        p.Duplicate,
        targets=_refs,
        count=st.integers(1, 3),
        relations=st.lists(_relations, max_size=1).map(tuple),
    ),
    st.builds(p.Replace, targets=_refs, by=_refs),
    st.builds(
        p.Add,
        what=st.sampled_from(["box", "sphere", "light", "camera"]),
        relations=st.lists(_relations, max_size=1).map(tuple),
    ),
    st.builds(p.Delete, targets=_refs),
    st.builds(p.Group, targets=_refs, is_undo=st.booleans()),
    st.builds(
        p.Material,
        targets=_refs,
        lightness_change=st.floats(-0.5, 0.5),
        warmth_change=st.floats(-0.2, 0.2),
    ),
    st.builds(p.Visibility, targets=_refs, is_visible=st.booleans(), is_isolate=st.booleans()),
    st.builds(
        p.Question,
        kind=st.sampled_from(["count", "where", "measure", "which", "exists", "color", "list"]),
        targets=_refs,
    ),
)
_plans = st.lists(_operations, min_size=1, max_size=2).map(
    lambda found: p.EditPlan(operations=tuple(found))
)
_settings = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def _scenes(draw: st.DrawFn) -> SceneDocument:
    """The room with some boxes more, where they stand free."""
    document, arrays = room()
    data = document_to_json(document)
    for number in range(draw(st.integers(0, 4))):
        x, y = draw(st.floats(-2.5, 2.5)), draw(st.floats(-2.0, 2.0))
        item = thing(
            f"box_{number}", "box", (0.3, 0.3, 0.3), (x, y, 0), draw(st.sampled_from(list(COLORS)))
        )
        trial = document_from_json({**data, "objects": [*data["objects"], item]})
        view = SceneView(trial, arrays)
        if not view.collisions(view.body(f"box_{number}").pieces, [f"box_{number}"]):
            data["objects"].append(item)
    return document_from_json(data)


def _check_valid(before: SceneView, after: SceneView, lifted: set[str]) -> None:
    keys = [k for k in after.ids if len(after.body(k).pieces)]
    for i, a in enumerate(keys):
        for b in keys[i + 1 :]:
            depth = max_overlap(after.body(a), after.body(b))
            known = (
                max_overlap(before.body(a), before.body(b))
                if a in before.objects and b in before.objects
                else 0.0
            )
            assert depth <= max(CONTACT, known + CONTACT) + ROUNDING, (a, b, depth)
    for key in keys:
        stood = key in before.objects and before.supports(key)
        if stood and after.objects[key].kind not in STRUCTURE and key not in lifted:
            assert after.supports(key), f"{key} floats"


def _lifted(plan: p.EditPlan, before: SceneView, after: SceneView) -> set[str]:
    """What was asked to be off the ground: anything that moved, where the plan lifts."""
    lifts = any(
        (isinstance(o, p.Move) and o.direction in ("up",))
        or (
            isinstance(o, p.Place | p.Duplicate)
            and any(r.kind in ("above", "against", "on") for r in o.relations)
        )
        for o in plan.operations
    )
    return (
        {k for k in after.objects if before.objects.get(k) != after.objects[k]} if lifts else set()
    )


@_settings
@given(document=_scenes(), plan=_plans)
def test_any_plan_leaves_the_scene_valid_or_unchanged(
    document: SceneDocument, plan: p.EditPlan
) -> None:
    _, arrays = room()
    talk = Conversation(document, arrays)
    before = talk.view
    reply = talk.run(plan)
    assert reply.status in ("applied", "answered", "clarify", "refused")
    if reply.status != "applied":
        assert talk.document is document
        return
    _check_valid(before, talk.view, _lifted(plan, before, talk.view))
    for key in before.objects.keys() - set(reply.changed) - set(reply.deleted):
        assert talk.view.objects[key] == before.objects[key]
    document_from_json(document_to_json(talk.document))


@_settings
@given(document=_scenes(), plan=_plans)
def test_undo_is_exact_and_the_same_plan_gives_the_same_result(
    document: SceneDocument, plan: p.EditPlan
) -> None:
    _, arrays = room()
    talk, again = Conversation(document, arrays), Conversation(document, arrays)
    reply = talk.run(plan)
    assert again.run(plan).status == reply.status
    assert again.document == talk.document
    if reply.status == "applied":
        assert talk.run(p.EditPlan(operations=(p.Undo(),))).status == "applied"
        assert talk.document == document


@st.composite
def _boxes(draw: st.DrawFn) -> Boxes:
    centre = np.array(draw(st.tuples(*[st.floats(-1, 1)] * 3)))
    half = np.array(draw(st.tuples(*[st.floats(0.1, 1)] * 3)))
    axes = turn(draw(st.floats(0, 360))) @ turn(draw(st.floats(0, 360)), (1, 0, 0))
    return Boxes(centre[None], axes[None], half[None])


@settings(max_examples=200, deadline=None)
@given(a=_boxes(), b=_boxes(), shift=st.tuples(*[st.floats(-5, 5)] * 3), angle=st.floats(0, 360))
def test_overlap_is_the_same_from_both_sides_and_wherever_both_are(
    a: Boxes, b: Boxes, shift: tuple[float, ...], angle: float
) -> None:
    depth = float(overlap_depths(a, b)[0])
    moved = [box.transformed(turn(angle), np.array(shift)) for box in (a, b)]
    np.testing.assert_allclose(overlap_depths(b, a)[0], depth, atol=1e-9)
    np.testing.assert_allclose(overlap_depths(moved[0], moved[1])[0], depth, atol=1e-6)
    if depth > 1e-9:
        assert overlap(a, b) > 0
