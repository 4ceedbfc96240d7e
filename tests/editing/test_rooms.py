"""What only shows in rooms with furniture of parts: chairs, open crates, shelves with boards."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "cases"))
from rooms_of_cases import build  # pyright: ignore[reportMissingImports]

from maquette.editing import plan as p
from maquette.editing.conversation import Conversation
from maquette.editing.reply import Reply
from maquette_protocol.document import document_from_json


def talk_in(name: str) -> Conversation:
    room = build(name)
    return Conversation(document_from_json(room.document()), room.arrays)


def these(*keys: str) -> p.Ref:
    return p.Ref(words="these", ids=keys, number="many")


def run(talk: Conversation, operation: p.Operation) -> Reply:
    return talk.run(p.EditPlan(operations=(operation,)))


def test_a_chair_does_not_stand_on_the_back_of_another() -> None:
    stack = p.Arrange(targets=these("chair_1", "chair_2"), pattern="stack")
    assert run(talk_in("library"), stack).status == "refused"


def test_crates_are_stacked_rim_on_rim() -> None:
    talk = talk_in("shop")
    stack = p.Arrange(targets=these("crate_2", "crate_3"), pattern="stack")
    assert run(talk, stack).status == "applied"
    bottoms = sorted(talk.view.body(key).bottom for key in ("crate_2", "crate_3"))
    np.testing.assert_allclose(bottoms, [0.0, 0.3], atol=1e-6)


def test_a_thing_in_a_crate_does_not_slide_through_its_wall() -> None:
    talk = talk_in("shop")
    out = p.Move(targets=these("orange_1"), direction="toward", distance=0.3)
    reply = run(talk, out)
    assert reply.status == "refused"
    assert reply.message.startswith("'Orange' would leave 'Crate.001'")
    along = p.Move(targets=these("orange_1"), direction="toward", distance=0.05)
    assert run(talk, along).status == "applied"


def test_what_is_put_on_a_chair_rests_on_its_seat() -> None:
    talk = talk_in("library")
    on = p.Relation(kind="on", to=(these("chair_3"),))
    assert run(talk, p.Place(targets=these("atlas"), relations=(on,))).status == "applied"
    seat = 0.01 + 0.95 / 2
    assert abs(talk.view.body("atlas").bottom - seat) < 0.006


def test_a_book_goes_on_the_lowest_board_that_is_asked_for() -> None:
    talk = talk_in("nursery")
    on = p.Relation(kind="on", to=(these("shelf"),), side="bottom")
    assert run(talk, p.Place(targets=these("dinosaur"), relations=(on,))).status == "applied"
    assert abs(talk.view.body("dinosaur").bottom - 0.3) < 0.006


def test_two_things_that_face_each_other_do() -> None:
    talk = talk_in("library")
    both = p.Face(
        targets=these("armchair", "bust"),
        to=p.Ref(words="each other", pronoun="them", number="many"),
    )
    assert run(talk, both).status == "applied"
    for key, other in (("armchair", "bust"), ("bust", "armchair")):
        front = talk.view.front(key)
        assert front is not None
        aim = talk.view.box(other).centre - talk.view.box(key).centre
        assert float(front[:2] @ aim[:2]) / float(np.linalg.norm(aim[:2])) > 0.999


def test_a_ladder_is_laid_down_where_it_has_room() -> None:
    talk = talk_in("library")
    assert (
        run(talk, p.Rotate(targets=these("ladder"), angle_deg=90, pose="lying")).status == "applied"
    )
    box = talk.view.box("ladder")
    assert box.top - box.bottom < 0.5
    assert talk.view.supports("ladder") == ("floor",)
