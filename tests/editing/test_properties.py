"""Laws: any plan leaves any scene valid or unchanged, undo is exact, the same seed gives the same result."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import ARRAYS, plans, scenes, strange_scenes

from maquette.editing import plan as p
from maquette.editing.boxes import CONTACT, ROUNDING, Boxes, overlap, overlap_depths, turn
from maquette.editing.conversation import Conversation
from maquette.editing.relations import max_overlap
from maquette.editing.reply import Reply
from maquette.editing.scene_view import STRUCTURE, SceneView
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import SceneDocument, document_from_json, document_to_json

_settings = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _check_valid(before: SceneView, after: SceneView, lifted: set[str]) -> None:
    keys = [k for k in after.ids if len(after.body(k).pieces)]
    changed = {k for k, item in after.objects.items() if before.objects.get(k) != item}
    for i, a in enumerate(keys):
        for b in keys[i + 1 :]:
            if not changed & {a, b}:
                continue
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


def _check_bystanders(before: SceneView, after: SceneView, reply: Reply) -> None:
    """Only what the words were grounded to has changed, with what goes along with it."""
    if any(operation.get("is_isolate") for operation in reply.plan):
        return
    named = {
        key
        for operation in reply.plan
        for keys in operation.get("grounded", {}).values()
        for key in keys
        if key in before.objects
    }
    allowed = {*named, *before.carried(named)}
    for key, item in before.objects.items():
        if key not in allowed:
            assert after.objects.get(key) == item, f"{key} was not named"


_HANGING = ("above", "against", "on", "hanging_from", "attached_to")


def _lifted(plan: p.EditPlan, before: SceneView, after: SceneView) -> set[str]:
    """What was asked to be off the ground: anything that moved, where the plan lifts."""
    lifts = any(
        (isinstance(o, p.Move) and o.direction in ("up",))
        or (isinstance(o, p.Place | p.Duplicate) and any(r.kind in _HANGING for r in o.relations))
        for o in plan.operations
    )
    return (
        {k for k in after.objects if before.objects.get(k) != after.objects[k]} if lifts else set()
    )


@_settings
@given(document=scenes(), plan=plans)
def test_any_plan_leaves_the_scene_valid_or_unchanged(
    document: SceneDocument, plan: p.EditPlan
) -> None:
    talk = Conversation(document, ARRAYS)
    before = talk.view
    reply = talk.run(plan)
    assert reply.status in ("applied", "answered", "clarify", "refused")
    if reply.status != "applied":
        assert talk.document is document
        return
    _check_valid(before, talk.view, _lifted(plan, before, talk.view))
    _check_bystanders(before, talk.view, reply)
    document_from_json(document_to_json(talk.document))


@_settings
@given(document=scenes(), plan=plans)
def test_undo_is_exact_and_the_same_plan_gives_the_same_result(
    document: SceneDocument, plan: p.EditPlan
) -> None:
    talk, again = Conversation(document, ARRAYS), Conversation(document, ARRAYS)
    reply = talk.run(plan)
    assert again.run(plan).status == reply.status
    assert again.document == talk.document
    if reply.status == "applied":
        assert talk.run(p.EditPlan(operations=(p.Undo(),))).status == "applied"
        assert talk.document == document


@_settings
@given(strange=strange_scenes(), plan=plans)
def test_any_plan_leaves_any_strange_scene_valid_or_unchanged(
    strange: tuple[SceneDocument, Arrays], plan: p.EditPlan
) -> None:
    document, arrays = strange
    talk, again = Conversation(document, arrays), Conversation(document, arrays)
    before = talk.view
    reply = talk.run(plan)
    assert reply.status in ("applied", "answered", "clarify", "refused")
    assert again.run(plan).status == reply.status
    assert again.document == talk.document
    if reply.status != "applied":
        assert talk.document is document
        return
    _check_valid(before, talk.view, _lifted(plan, before, talk.view))
    _check_bystanders(before, talk.view, reply)
    document_from_json(document_to_json(talk.document))
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
