"""Which planner is asked, and when: the grammar first, a model for what it does not cover, then the user."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer, chat_server, plan_of, scene_of
from rooms import room

from maquette.cli.main import main
from maquette.editing.conversation import Conversation
from maquette.editing.planners import PLANNERS, PlannerOptions
from maquette.scene import Scene
from maquette_protocol.errors import InputError, MissingPartError

UNREAD = "the mug should cuddle up to the vase"  # the grammar says what it did not understand


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


def talk(server: ChatServer | None, planner: str = "auto") -> Conversation:
    options = PlannerOptions(server=server.address if server else "")
    return Conversation(*room(), planner=planner, options=options)


def test_what_the_grammar_understands_is_asked_of_no_model(server: ChatServer) -> None:
    conversation = talk(server)
    for prompt, status in (
        ("move the mug 10 cm to the left", "applied"),
        ("a bit more", "applied"),
        ("undo", "applied"),
        ("how many chairs are there?", "answered"),
        ("move the chair 10 cm towards me", "clarify"),  # asked back
        ("the blue one", "applied"),
        ("delete the piano", "refused"),  # understood, and there is none
        ("move the safe 1 m to the right", "refused"),  # understood, and it is locked
        ("email the mug to my friend", "refused"),  # nothing that is done here
        ("import os; os.system('ls')", "refused"),
        ("", "refused"),
        ("move the mug " * 200, "refused"),
    ):
        assert conversation.say(prompt).status == status, prompt
    assert server.requests == []


def test_what_it_does_not_cover_is_asked_of_the_model(server: ChatServer) -> None:
    def move(asked: dict[str, object]) -> str:
        (mug,) = [thing["id"] for thing in scene_of(asked) if thing["is"] == "mug"]
        targets = {"words": "the mug", "noun": "mug", "ids": [mug]}
        return plan_of({"op": "move", "targets": targets, "direction": "left", "distance": 0.1})

    server.respond = move
    conversation = talk(server)
    assert talk(None).say(UNREAD).status == "refused"
    assert conversation.say(UNREAD).changed == ["mug"]
    assert conversation.say("a bit more").changed == ["mug"], "the grammar goes on with its plan"
    assert conversation.say("undo").changed == ["mug"]
    assert len(server.requests) == 1


def test_what_neither_understands_is_asked_in_the_grammars_words(server: ChatServer) -> None:
    server.respond = lambda _: '{"refusal":"I am a teapot."}'
    reply = talk(server).say(UNREAD)
    assert reply.status == "clarify"
    assert reply.message.startswith(talk(None).say(UNREAD).message)
    assert "teapot" not in reply.message
    server.respond = lambda _: '{"question":"How close?"}'
    assert talk(server).say(UNREAD).message == "How close?"


def test_a_model_that_fails_is_told_beside_what_was_not_understood(server: ChatServer) -> None:
    server.status = 503
    reply = talk(server).say(UNREAD)
    assert reply.status == "refused"
    assert reply.message.startswith(talk(None).say(UNREAD).message)
    assert "answered 503" in reply.message


def test_the_grammar_alone_asks_no_model(server: ChatServer) -> None:
    assert talk(server, "grammar").say(UNREAD).status == "refused"
    assert server.requests == []


def test_the_model_alone_is_asked_of_everything(server: ChatServer) -> None:
    assert talk(server, "llm").say("move the mug 10 cm to the left").message == "No."
    assert len(server.requests) == 1


def test_a_planner_may_be_changed_within_a_conversation(server: ChatServer) -> None:
    conversation = talk(server, "grammar")
    conversation.say("move the mug 10 cm to the left")
    conversation.use_planner("llm")
    conversation.say("once more")
    assert "DONE BEFORE move" in server.requests[-1]["messages"][-1]["content"]
    conversation.use_planner("grammar")
    assert conversation.say("undo").changed == ["mug"]


def test_unknown_planners_and_missing_models_are_told() -> None:
    with pytest.raises(InputError, match="no planner 'magic'") as caught:
        talk(None, "magic")
    assert all(name in caught.value.hint for name in PLANNERS)
    with pytest.raises(MissingPartError, match="none is named"):
        talk(None, "llm")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    document, arrays = room()
    Scene(document=document, arrays=arrays, folder=tmp_path / "room").save(tmp_path / "room")
    return tmp_path / "room"


def test_the_commands_take_a_server(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.respond = lambda _: '{"question":"Which way?"}'
    told = ["--planner", "llm", "--model-server", server.address, "--model", "qwen"]
    assert main(["edit", str(folder), "go", "-o", str(folder.parent / "out"), *told]) == 4
    assert main(["ask", str(folder), "why", *told]) == 4
    cases = folder.parent / "cases.jsonl"
    cases.write_text('{"id": 1, "scene": "room", "prompts": ["hm"]}\n')
    results = folder.parent / "results.jsonl"
    assert main(["edit", "--batch", str(cases), "-o", str(results), *told]) == 0
    assert '"Which way?"' in results.read_text()
    assert [asked["model"] for asked in server.requests] == ["qwen"] * 3
    capsys.readouterr()
    remote = ["--planner", "llm", "--model-server", "http://192.0.2.1:80"]
    assert main(["ask", str(folder), "why", *remote]) == 2
    assert "--allow-remote" in capsys.readouterr().err


def test_nothing_of_a_model_is_loaded_where_the_grammar_understands(folder: Path) -> None:
    code = (
        "import sys; from maquette.cli.main import main\n"
        f"assert main(['ask', {str(folder)!r}, 'how many chairs are there?']) == 0\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('torch', 'transformers', 'llguidance', 'http')\n"
        "       or name.startswith(('maquette.editing.llm', 'maquette.editing.plan_json'))])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "", "MAQUETTE_PLANNER_MODEL": "some/model"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == ["2: 'Chair 1' and 'Chair 2'", "[]"]
