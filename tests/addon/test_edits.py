"""The conversation of the extension without Blender: what is sent when, and what happens when the backend forgets."""

from collections.abc import Iterator
from typing import Any

import pytest
from maquette_session.edits import Edits, Look, Piece

from maquette_protocol.client import Received
from maquette_protocol.edit_messages import (
    AskEdit,
    ChooseCandidate,
    EditPart,
    EditReply,
    EndEdit,
    SceneKnown,
    UpdateScene,
)
from maquette_protocol.messages import Error, Message


class Line:
    """Where the client would be: what is sent is kept, what is answered is given."""

    state = "ready"

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> str:
        self.sent.append(message)
        return str(len(self.sent))


class Room:
    """A scene of two objects that never change."""

    def __init__(self) -> None:
        self.read_anew: list[bool] = []

    def pieces(self, *, anew: bool) -> Iterator[Piece | None]:
        self.read_anew.append(anew)
        yield None
        yield Piece(objects=({"id": "a"}, {"id": "b"}) if anew else ())

    def look(self) -> Look:
        return Look(is_metric=True, view="", selection=(), scope=None, num_applied=3)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def edits(line: Line) -> Edits:
    made = Edits()
    made.reader = Room()
    made.greet(line)  # type: ignore[arg-type]
    return made


def answer(edits: Edits, line: Line, message: Message) -> None:
    """To what was sent last."""
    edits.hear(Received(message=message, reply_to=str(len(line.sent))))


def reply(edits: Edits, status: Any, **more: Any) -> EditReply:
    nothing: dict[str, Any] = dict.fromkeys(
        ("candidates", "ids", "parts", "changes", "selection"), ()
    )
    known = {"message": "", "view": "", "selects": False, "steps": 0, "seconds": 0.0}
    return EditReply(scene=edits.scene, status=status, **{**nothing, **known, **more})


def tell_scene(edits: Edits, line: Line) -> None:
    """Go on until the prompt is sent."""
    edits.go_on()
    edits.go_on()
    step = line.sent[-1]
    assert isinstance(step, UpdateScene)
    answer(edits, line, SceneKnown(scene=edits.scene, revision=step.revision))
    edits.go_on()


def proposed(edits: Edits, line: Line) -> None:
    tell_scene(edits, line)
    part = EditPart(words="Move", is_on=True, amounts=(), spot=0, has_spots=False)
    answer(edits, line, reply(edits, "proposed", parts=(part,)))


def test_a_prompt_is_sent_when_the_scene_is_known(edits: Edits, line: Line) -> None:
    edits.ask("move  the\nchair", "auto")
    assert edits.is_busy
    tell_scene(edits, line)
    asked = line.sent[-1]
    assert isinstance(asked, AskEdit)
    assert (asked.text, asked.revision, asked.num_applied) == ("move the chair", 1, 3)
    answer(edits, line, reply(edits, "answered", message="Yes."))
    assert not edits.is_busy
    assert edits.reply is not None
    assert edits.reply.message == "Yes."


def test_the_second_prompt_tells_only_what_is_new(edits: Edits, line: Line) -> None:
    edits.ask("one", "auto")
    proposed(edits, line)
    edits.ask("two", "auto")
    tell_scene(edits, line)
    steps = [m for m in line.sent if isinstance(m, UpdateScene)]
    assert [(s.base, s.revision, len(s.objects)) for s in steps] == [(0, 1, 2), (1, 2, 0)]


@pytest.mark.parametrize("code", ["no-scene", "crash"])
def test_a_backend_that_has_forgotten_is_told_all_again_and_asked_again(
    edits: Edits, line: Line, code: str
) -> None:
    edits.ask("one", "auto")
    tell_scene(edits, line)
    first = edits.scene
    answer(edits, line, Error(code=code, message="Who?", hint=""))
    assert edits.is_busy
    tell_scene(edits, line)
    assert isinstance(line.sent[-1], AskEdit)
    assert edits.scene != first
    assert edits.reader.read_anew == [True, True]  # type: ignore[union-attr]


def test_it_is_not_asked_for_ever(edits: Edits, line: Line) -> None:
    edits.ask("one", "auto")
    for _ in range(3):
        tell_scene(edits, line)
        answer(edits, line, Error(code="crash", message="It ended.", hint="Again."))
    assert not edits.is_busy
    assert edits.problem == "It ended. Again."


def test_a_prompt_waits_for_the_backend_and_is_asked_when_it_comes(line: Line) -> None:
    edits = Edits()
    edits.reader = Room()
    edits.ask("one", "auto")
    edits.go_on()
    assert edits.is_busy
    assert not line.sent
    edits.greet(line)  # type: ignore[arg-type]
    tell_scene(edits, line)
    assert isinstance(line.sent[-1], AskEdit)


def test_the_backend_is_told_what_became_of_a_proposal(edits: Edits, line: Line) -> None:
    edits.ask("one", "auto")
    proposed(edits, line)
    assert edits.proposal is not None
    edits.applied_now(edits.proposal)
    assert line.sent[-1] == EndEdit(scene=edits.scene, is_applied=True)
    edits.ask("two", "auto")
    proposed(edits, line)
    edits.discard()
    assert line.sent[-1] == EndEdit(scene=edits.scene, is_applied=False)
    assert edits.proposal is None


def test_a_question_back_is_answered_and_an_answer_to_another_request_is_not_ours(
    edits: Edits, line: Line
) -> None:
    edits.ask("one", "auto")
    tell_scene(edits, line)
    answer(edits, line, reply(edits, "clarify"))
    edits.choose("chair")
    assert line.sent[-1] == ChooseCandidate(scene=edits.scene, candidate="chair")
    edits.hear(Received(message=reply(edits, "failed"), reply_to="another"))
    assert edits.is_busy


def test_a_scene_that_cannot_be_read_is_said(
    edits: Edits, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*, anew: bool) -> Iterator[Piece | None]:
        raise ValueError("a strange mesh")
        yield None

    monkeypatch.setattr(edits.reader, "pieces", broken)
    edits.ask("one", "auto")
    edits.go_on()
    assert not edits.is_busy
    assert "a strange mesh" in edits.problem
    assert "a strange mesh" in capsys.readouterr().err


def test_earlier_prompts_are_kept_once_each(edits: Edits) -> None:
    for text in ("one", "two", "one"):
        edits.ask(text, "auto")
    assert edits.history == ["two", "one"]
