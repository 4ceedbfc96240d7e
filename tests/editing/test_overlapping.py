"""Scenes cut out of a scan, whose things are a little inside each other: that alone keeps no edit from being made."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms import thing

from maquette.editing import plan as p
from maquette.editing.boxes import CONTACT, ROUNDING
from maquette.editing.conversation import Conversation
from maquette.editing.relations import max_overlap
from maquette_protocol.document import SceneDocument, document_from_json

_UPPER = p.Ref(words="the upper box", ids=("upper",))
_LOWER = p.Ref(words="the lower box", ids=("lower",))
_ON_FLOOR = (p.Relation(kind="on", to=(p.Ref(words="the floor", noun="floor"),)),)
_EDITS: dict[str, p.Operation] = {
    "delete what is below": p.Delete(targets=_LOWER),
    "delete the neighbour": p.Delete(targets=p.Ref(words="the neighbour", ids=("neighbour",))),
    "move away from the neighbour": p.Move(targets=_LOWER, direction="left", distance=0.2),
    "slide past the neighbour": p.Move(targets=_LOWER, direction="toward", distance=0.1),
    "lift": p.Move(targets=_UPPER, direction="up", distance=0.3),
    "turn what is below": p.Rotate(targets=_LOWER, angle_deg=180.0),
    "lay down": p.Rotate(targets=_UPPER, angle_deg=0.0, pose="upside_down"),
    "shrink": p.Scale(targets=_LOWER, factor=0.9, axis="width"),
    "copy": p.Duplicate(targets=_UPPER, relations=_ON_FLOOR),
    "put down": p.Place(targets=_UPPER, relations=_ON_FLOOR),
    "paint": p.Material(targets=_UPPER, color=(1.0, 0.0, 0.0)),
}


@st.composite
def _towers(draw: st.DrawFn) -> SceneDocument:
    """One box on another, both up to 3 cm inside a third one beside them, which is of any height."""
    low, high = draw(st.floats(0.1, 0.5)), draw(st.floats(0.1, 0.5))
    width, beside = draw(st.floats(0.2, 0.5)), draw(st.floats(0.05, 1.2))
    inside = draw(st.floats(0.0, 0.03))
    things: list[dict[str, Any]] = [
        thing("floor", "floor", (6, 6, 0.1), (0, 0, -0.1), kind="floor"),
        thing("lower", "box", (0.5, 0.5, low), (0, 0, 0)),
        thing("upper", "box", (width, width, high), (0.25 - width / 2, 0, low)),
        thing("neighbour", "box", (0.5, 0.5, beside), (0.5 - inside, 0, 0)),
    ]
    return document_from_json(
        {
            "format": "maquette-scene", "version": 1, "units": {"metric": True}, "cameras": [],
            "view": None, "selection": [], "objects": things,
        }
    )  # fmt: skip


@pytest.mark.parametrize("edit", _EDITS)
@settings(max_examples=12, deadline=None)
@given(document=_towers())
def test_what_overlaps_already_keeps_no_edit_from_being_made(
    edit: str, document: SceneDocument
) -> None:
    talk = Conversation(document, {})
    before = talk.view
    reply = talk.run(p.EditPlan(operations=(_EDITS[edit],)))
    assert reply.status == "applied", reply.message
    after = talk.view
    for first in ("upper", "lower", "neighbour"):
        for second in after.ids:
            if first in after.objects and second != first and second in before.objects:
                depth = max_overlap(after.body(first), after.body(second))
                known = max_overlap(before.body(first), before.body(second))
                assert depth <= known + CONTACT + ROUNDING, (first, second)
