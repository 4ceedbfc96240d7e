"""What replies say: questions tell apart by what one sees, refusals name what is in the way and what would do."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "cases"))
from rooms_of_cases import build  # pyright: ignore[reportMissingImports]

from maquette.editing.conversation import Conversation
from maquette_protocol.document import document_from_json


def talk_in(name: str) -> Conversation:
    room = build(name)
    return Conversation(document_from_json(room.document()), room.arrays)


@pytest.mark.parametrize(
    ("room", "prompt", "question"),
    [
        ("studio", "delete the drum", "Which drum: the red one, the white one or the blue one?"),
        ("studio", "make the record red", "Which record: the front one or the back one?"),
        ("library", "hide the bookshelf", "Which bookshelf: the left one or the right one?"),
    ],
)
def test_a_question_tells_things_apart_by_what_one_sees(
    room: str, prompt: str, question: str
) -> None:
    assert talk_in(room).say(prompt).question == question


def test_an_answer_in_the_words_of_the_question_is_understood() -> None:
    talk = talk_in("library")
    talk.say("hide the bookshelf")
    assert talk.say("the right one").changed == ["shelf_2"]


def test_a_thing_that_is_not_there_is_refused_with_what_there_is() -> None:
    message = talk_in("studio").say("delete the violin").message
    assert message.startswith("There is no violin here. What is here: amplifier, ")
    message = talk_in("studio").say("delete the green drum").message
    assert message == (
        "There is no green drum here, only 'Drum' (red), 'Drum.001' (white) and 'Drum.002' (blue)."
    )


def test_where_to_is_looked_at_before_asking_which() -> None:
    reply = talk_in("studio").say("put the drum on the turntable")
    assert (reply.status, reply.message.split(".")[0]) == ("refused", "There is no turntable here")


def test_a_way_that_is_blocked_says_how_far_it_is_free() -> None:
    talk = talk_in("studio")
    reply = talk.say("move the piano 5 m right")
    assert reply.status == "refused"
    assert reply.message.endswith("It can go 22 cm that way.")
    assert talk.say("move the piano 22 cm right").status == "applied"


def test_undo_says_what_is_undone() -> None:
    talk = talk_in("studio")
    talk.say("delete the mug")
    assert talk.say("undo").message == "Undone: Deleted 'Mug'."


def test_what_is_so_already_is_said_to_be_so() -> None:
    talk = talk_in("studio")
    talk.say("make the mug white")
    reply = talk.say("make the mug white")
    assert (reply.changed, reply.message) == ([], "Made 'Mug' white. It was like that already.")


def test_a_no_says_where_the_thing_is_instead() -> None:
    answer = talk_in("studio").say("is the mug on the piano?").answer
    assert answer is not None
    assert answer["text"] == "No, 'Mug' is not on 'Piano'; it stands on 'Side Table', next to 'Laptop'."  # fmt: skip


def test_a_thing_is_placed_where_it_has_room_once_it_faces_what_it_should() -> None:
    reply = talk_in("library").say("move the armchair next to the globe, facing the fireplace")
    assert reply.message == "Placed 'Armchair' next to 'Globe' and facing 'Fireplace'."


def test_what_is_too_big_for_a_box_is_said_to_be_too_big() -> None:
    message = talk_in("studio").say("put the sofa in the record box").message
    assert message == "'Sofa' is too big to fit in 'Record Box'."


def test_where_there_is_no_room_to_turn_it_says_from_where_there_would_be() -> None:
    talk = talk_in("nursery")
    reply = talk.say("turn the rocking horse by 90 degrees")
    assert reply.message.endswith("It has room to turn 10 cm further to the left.")
    talk.say("move the rocking horse 10 cm to the left")
    assert talk.say("turn it by 90 degrees").status == "applied"


def test_a_scene_without_cameras_says_so() -> None:
    reply = talk_in("laboratory").say("switch to the front camera view")
    assert (reply.status, reply.message) == (
        "refused",
        "There is no such camera here; the scene has none.",
    )
