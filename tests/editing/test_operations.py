"""Plans carried out on a real room: what was asked holds, and nobody else has moved."""

from dataclasses import replace

import numpy as np
import pytest
from rooms import COLORS, room, thing

from maquette.editing import plan as p
from maquette.editing.boxes import gap
from maquette.editing.conversation import Conversation
from maquette.editing.relations import is_beside, is_facing, is_inside, is_under
from maquette.editing.reply import Reply
from maquette_protocol.document import document_from_json, document_to_json


def ref(noun: str, **more: object) -> p.Ref:
    return p.Ref(words=f"the {noun}", noun=noun, **more)  # pyright: ignore[reportArgumentType]


def on(noun: str) -> p.Relation:
    return p.Relation(kind="on", to=(ref(noun),))


RED_CHAIR = ref("chair", attributes=(p.Attribute(kind="color", value="red"),))


@pytest.fixture
def talk() -> Conversation:
    return Conversation(*room())


def done(talk: Conversation, *operations: p.Operation) -> Reply:
    reply = talk.run(p.EditPlan(operations=operations))
    assert reply.status == "applied", reply.message
    return reply


def refused(talk: Conversation, *operations: p.Operation) -> str:
    before = talk.document
    reply = talk.run(p.EditPlan(operations=operations))
    assert reply.status == "refused", reply
    assert talk.document is before
    return reply.message


def test_moving_a_table_takes_what_stands_on_it_along(talk: Conversation) -> None:
    before = talk.view
    reply = done(talk, p.Move(targets=ref("table"), direction="toward", distance=0.5))
    assert set(reply.changed) == {"table", "mug", "book"}
    for key in reply.changed:
        np.testing.assert_allclose(
            talk.view.box(key).centre - before.box(key).centre, [0, -0.5, 0], atol=1e-9
        )


def test_a_move_without_an_amount_is_a_bit(talk: Conversation) -> None:
    before = talk.view.box("chair_1").centre
    done(talk, p.Move(targets=RED_CHAIR, direction="toward"))
    np.testing.assert_allclose(talk.view.box("chair_1").centre - before, [0, -0.225, 0], atol=1e-9)


def test_a_move_into_something_is_refused_and_named(talk: Conversation) -> None:
    assert "Table" in refused(talk, p.Move(targets=RED_CHAIR, direction="right", distance=1.2))


def test_a_move_off_the_floor_is_refused(talk: Conversation) -> None:
    assert "Floor" in refused(talk, p.Move(targets=RED_CHAIR, direction="left", distance=9.0))


@pytest.mark.parametrize("noun", ["safe", "wall_n", "floor"])
def test_what_is_locked_or_part_of_the_room_stays(talk: Conversation, noun: str) -> None:
    refused(talk, p.Move(targets=ref(noun), direction="left", distance=0.1))


def test_a_thing_is_put_on_a_board_of_the_shelf_not_on_its_box(talk: Conversation) -> None:
    done(talk, p.Place(targets=ref("mug"), relations=(on("shelf"),)))
    assert talk.view.rests_on("mug", "shelf")
    assert any(abs(talk.view.body("mug").bottom - top) < 1e-6 for top in (0.32, 0.82, 1.32))


def test_the_top_and_the_bottom_of_a_shelf_are_told_apart(talk: Conversation) -> None:
    top = p.Relation(kind="on", to=(ref("shelf"),), side="top")
    done(talk, p.Place(targets=ref("mug"), relations=(top,)))
    assert talk.view.body("mug").bottom == pytest.approx(1.32, abs=1e-6)
    done(talk, p.Place(targets=ref("mug"), relations=(replace(top, side="bottom"),)))
    assert talk.view.body("mug").bottom == pytest.approx(0.32, abs=1e-6)


def test_in_a_crate_is_on_its_bottom_and_in_a_solid_safe_is_refused(talk: Conversation) -> None:
    done(talk, p.Place(targets=ref("ball"), relations=(p.Relation(kind="in", to=(ref("crate"),)),)))
    assert is_inside(talk.view.body("ball"), talk.view.body("crate"))
    assert talk.view.body("ball").bottom == pytest.approx(0.02, abs=1e-6)
    assert "room inside" in refused(
        talk, p.Place(targets=ref("mug"), relations=(p.Relation(kind="in", to=(ref("safe"),)),))
    )


def test_a_chair_does_not_fit_into_the_crate(talk: Conversation) -> None:
    refused(
        talk, p.Place(targets=ref("table"), relations=(p.Relation(kind="in", to=(ref("crate"),)),))
    )


def test_under_the_table_is_between_its_legs(talk: Conversation) -> None:
    done(
        talk,
        p.Place(targets=ref("ball"), relations=(p.Relation(kind="under", to=(ref("table"),)),)),
    )
    assert is_under(talk.view.body("ball"), talk.view.body("table"))
    assert talk.view.rests_on("ball", "floor")


@pytest.mark.parametrize(
    ("kind", "direction"),
    [
        ("left_of", (-1, 0, 0)),
        ("right_of", (1, 0, 0)),
        ("in_front_of", (0, -1, 0)),
        ("behind", (0, 1, 0)),
    ],
)
def test_sides_are_the_viewers(
    talk: Conversation, kind: p.RelationKind, direction: tuple[float, ...]
) -> None:
    done(talk, p.Place(targets=ref("ball"), relations=(p.Relation(kind=kind, to=(ref("table"),)),)))
    assert is_beside(talk.view.box("ball"), talk.view.box("table"), np.array(direction, float), 1.0)


def test_sides_of_a_thing_are_its_own_by_its_front(talk: Conversation) -> None:
    left = p.Relation(kind="left_of", to=(RED_CHAIR,), frame="object")
    done(talk, p.Place(targets=ref("ball"), relations=(left,)))
    # the chair looks at the viewer: its left is the viewer's right
    assert is_beside(talk.view.box("ball"), talk.view.box("chair_1"), np.array([1.0, 0, 0]), 1.0)


def test_an_exact_distance_is_kept(talk: Conversation) -> None:
    relation = p.Relation(kind="right_of", to=(RED_CHAIR,), distance=0.3)
    done(talk, p.Place(targets=ref("ball"), relations=(relation,)))
    assert gap(talk.view.box("ball"), talk.view.box("chair_1")) == pytest.approx(0.3, abs=1e-6)


def test_next_to_a_thing_on_the_table_is_on_the_table(talk: Conversation) -> None:
    done(
        talk,
        p.Place(targets=ref("vase"), relations=(p.Relation(kind="next_to", to=(ref("mug"),)),)),
    )
    assert talk.view.rests_on("vase", "table")
    assert 0 < gap(talk.view.box("vase"), talk.view.box("mug")) <= 0.5


def test_against_a_wall_is_flush_with_the_back(talk: Conversation) -> None:
    wall = p.Relation(kind="against", to=(ref("wall_n"),))
    done(talk, p.Place(targets=RED_CHAIR, relations=(wall,)))
    assert gap(talk.view.box("chair_1"), talk.view.box("wall_n")) <= 0.02
    front = talk.view.front("chair_1")
    assert front is not None
    assert front[1] < 0.1


def test_another_spot_is_another_one(talk: Conversation) -> None:
    operation = p.Place(targets=ref("ball"), relations=(on("table"),))
    done(talk, operation)
    first = talk.view.box("ball").centre
    done(talk, p.Undo())
    done(talk, replace(operation, candidate=1))
    assert talk.view.rests_on("ball", "table")
    assert np.linalg.norm(talk.view.box("ball").centre - first) > 0.04


def test_turning_takes_what_stands_on_it_round(talk: Conversation) -> None:
    before = talk.view.box("mug").centre
    done(talk, p.Rotate(targets=ref("table"), angle_deg=180))
    np.testing.assert_allclose(talk.view.box("mug").centre[:2], -before[:2], atol=1e-9)


def test_facing_turns_in_place(talk: Conversation) -> None:
    before = talk.view.box("chair_1").centre
    done(talk, p.Face(targets=RED_CHAIR, to=ref("ball")))
    assert is_facing(
        talk.view.front("chair_1"), talk.view.box("chair_1"), talk.view.box("ball"), 1.0
    )
    np.testing.assert_allclose(talk.view.box("chair_1").centre, before, atol=1e-9)


def test_scaling_keeps_a_thing_standing_and_lifts_what_is_on_it(talk: Conversation) -> None:
    done(talk, p.Scale(targets=ref("table"), factor=1.2, axis="height"))
    assert talk.view.box("table").bottom == pytest.approx(0, abs=1e-9)
    assert talk.view.box("table").top == pytest.approx(0.888, abs=1e-6)
    assert talk.view.rests_on("mug", "table")


def test_a_row_along_a_wall_runs_along_it_and_stands_before_it(talk: Conversation) -> None:
    wall = p.Ref(words="the right wall", ids=("wall_e",))
    chairs = p.Ref(words="the chairs", ids=("chair_1", "chair_2"), number="many")
    done(talk, p.Arrange(targets=chairs, pattern="line", reference=wall))
    places = np.array([talk.view.box(key).centre for key in ("chair_1", "chair_2")])
    assert np.ptp(places[:, 0]) < 0.01 < np.ptp(places[:, 1])
    for key in ("chair_1", "chair_2"):
        assert 0 <= gap(talk.view.box(key), talk.view.box("wall_e")) <= 0.02


def test_away_from_the_wall_is_away_from_the_nearest_one(talk: Conversation) -> None:
    before = talk.view.box("chair_2").centre
    chair = p.Ref(words="the blue chair", ids=("chair_2",))
    done(talk, p.Move(targets=chair, direction="away", to=ref("wall"), distance=0.3))
    np.testing.assert_allclose(talk.view.box("chair_2").centre - before, (-0.3, 0, 0), atol=1e-6)


def test_what_grows_against_a_wall_comes_out_of_it_and_takes_along_what_stands_on_it() -> None:
    document, arrays = room()
    data = document_to_json(document)
    data["objects"] += [
        thing("picture", "picture", (0.6, 0.06, 0.4), (2, 2.47, 1.5)),
        thing("sideboard", "sideboard", (0.8, 0.4, 0.8), (-1.5, 2.3, 0)),
        thing("bowl", "bowl", (0.2, 0.2, 0.1), (-1.5, 2.3, 0.8)),
    ]
    talk = Conversation(document_from_json(data), arrays)
    wall = talk.view.box("wall_n")
    for noun in ("picture", "sideboard"):
        done(talk, p.Scale(targets=ref(noun), factor=1.5))
        assert gap(talk.view.box(noun), wall) == pytest.approx(0.0, abs=1e-6)
    assert talk.view.supports("bowl") == ("sideboard",)


def test_a_stated_size_is_that_size(talk: Conversation) -> None:
    done(talk, p.Resize(targets=ref("vase"), axis="height", length=0.3))
    np.testing.assert_allclose(talk.view.box("vase").size, [0.12, 0.12, 0.3], atol=1e-9)


def test_what_stood_on_a_deleted_thing_drops(talk: Conversation) -> None:
    reply = done(talk, p.Delete(targets=ref("table")))
    assert reply.deleted == ["table"]
    assert talk.view.rests_on("mug", "floor")
    assert talk.view.rests_on("book", "floor")


def test_a_copy_is_new_and_overlaps_nothing(talk: Conversation) -> None:
    reply = done(talk, p.Duplicate(targets=ref("ball"), count=3))
    assert len(reply.created) == 3
    for key in reply.created:
        assert not talk.view.collisions(talk.view.body(key).pieces, [key])
        assert talk.view.objects[key].label == "ball"


def test_swapping_trades_supports(talk: Conversation) -> None:
    done(talk, p.Swap(first=ref("vase"), second=ref("mug")))
    assert talk.view.rests_on("vase", "table")
    assert talk.view.rests_on("mug", "shelf")


def test_a_stack_is_one_tower(talk: Conversation) -> None:
    things = replace(ref("mug"), also=(ref("book"),))
    done(talk, p.Arrange(targets=things, pattern="stack"))
    assert talk.view.rests_on("mug", "book")
    assert talk.view.rests_on("book", "table")


def test_colors_come_from_the_scene_before_the_prompt(talk: Conversation) -> None:
    blue_chair = ref("chair", attributes=(p.Attribute(kind="color", value="blue"),))
    done(
        talk,
        p.Material(targets=RED_CHAIR, color=COLORS["blue"], color_name="blue"),
        p.Material(targets=blue_chair, color=COLORS["red"], color_name="red"),
    )
    assert talk.view.objects["chair_1"].material.base_color[:3] == COLORS["blue"]  # pyright: ignore[reportOptionalMemberAccess]
    assert talk.view.objects["chair_2"].material.base_color[:3] == COLORS["red"]  # pyright: ignore[reportOptionalMemberAccess]


def test_a_light_that_was_switched_off_comes_back_as_it_was(talk: Conversation) -> None:
    light = ref("ceiling light")
    done(talk, p.Lamp(targets=light, factor=0.5))
    done(talk, p.Lamp(targets=light, is_on=False))
    assert talk.view.objects["bulb"].light.power == 0  # pyright: ignore[reportOptionalMemberAccess]
    done(talk, p.Lamp(targets=light, is_on=True))
    assert talk.view.objects["bulb"].light.power == 30  # pyright: ignore[reportOptionalMemberAccess]


def test_a_plan_is_carried_out_whole_or_not_at_all(talk: Conversation) -> None:
    refused(
        talk,
        p.Move(targets=RED_CHAIR, direction="toward", distance=0.3),
        p.Move(targets=ref("safe"), direction="left", distance=0.1),
    )


def test_questions_change_nothing_and_point_at_what_they_mean(talk: Conversation) -> None:
    before = talk.document
    asked = p.Question(kind="measure", targets=ref("table"), measure="height", unit="cm")
    reply = talk.run(p.EditPlan(operations=(asked,)))
    assert reply.status == "answered"
    assert reply.answer is not None
    assert reply.answer["value"] == pytest.approx(74)
    assert reply.answer["ids"] == ["table"]
    assert talk.document is before


def test_above_is_what_hangs_over_a_thing_and_not_what_is_on_it() -> None:
    document, arrays = room()
    data = document_to_json(document)
    data["objects"].append(thing("kite", "kite", (0.4, 0.4, 0.1), (0, 0, 1.8)))
    talk = Conversation(document_from_json(data), arrays)
    above = p.Relation(kind="above", to=(ref("table"),))
    it = p.Ref(words="the thing", relations=(above,))
    assert done(talk, p.Visibility(targets=it, is_visible=False)).changed == ["kite"]


def test_its_left_is_that_of_the_thing_named_before(talk: Conversation) -> None:
    beside = p.Relation(kind="next_to", to=(RED_CHAIR,))
    left = p.Relation(kind="left_of", to=(p.Ref(words="it", pronoun="it"),), frame="object")
    done(talk, p.Place(targets=ref("ball"), relations=(beside, left)))
    ball, chair = talk.view.box("ball").centre, talk.view.box("chair_1").centre
    assert ball[0] > chair[0]  # the chair faces the viewer


def test_far_from_by_a_distance_is_just_that_far(talk: Conversation) -> None:
    away = p.Relation(kind="far_from", to=(ref("table"),), distance=1.5)
    done(talk, p.Place(targets=ref("ball"), relations=(away,)))
    assert gap(talk.view.box("ball"), talk.view.box("table")) == pytest.approx(1.5, abs=0.01)


def test_a_stack_goes_where_a_full_table_has_room(talk: Conversation) -> None:
    done(
        talk, p.Place(targets=ref("crate"), relations=(p.Relation(kind="on", to=(ref("table"),)),))
    )
    both = p.Ref(words="both", ids=("mug", "ball"), number="many")
    done(talk, p.Arrange(targets=both, pattern="stack", reference=ref("table"), relation="on"))
    assert talk.view.rests_on("mug", "ball") or talk.view.rests_on("ball", "mug")


def test_away_never_brings_nearer(talk: Conversation) -> None:
    before = gap(talk.view.box("ball"), talk.view.box("table"))
    away = p.Relation(kind="far_from", to=(ref("table"),), distance=0.2)
    done(talk, p.Place(targets=ref("ball"), relations=(away,)))
    assert gap(talk.view.box("ball"), talk.view.box("table")) > before + 0.15


def test_a_question_after_an_edit_is_about_the_scene_as_it_has_become(talk: Conversation) -> None:
    count = p.Question(kind="count", targets=ref("chair", number="many"))
    reply = done(talk, p.Delete(targets=RED_CHAIR), count)
    assert reply.answer is not None
    assert reply.answer["value"] == 1
