"""A model behind an OpenAI-compatible server, on this machine alone unless the user says otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from chat_server import ChatServer, chat_server, plan_of, scene_of
from rooms import room

from maquette.editing.conversation import Conversation
from maquette.editing.llm.local_server import LocalServer
from maquette.editing.planners import PlannerOptions
from maquette_protocol.errors import InputError, ModelError


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


def talk(server: ChatServer, planner: str = "llm", **options: Any) -> Conversation:
    known = replace(PlannerOptions(server=server.address, timeout_s=30), **options)
    return Conversation(*room(), planner=planner, options=known)


def move_the(label: str) -> Any:
    """Answers with a plan for the thing of that label."""

    def respond(asked: dict[str, Any]) -> str:
        (handle,) = [thing["id"] for thing in scene_of(asked) if thing["is"] == label]
        targets = {"words": label, "ids": [handle]}
        return plan_of({"op": "move", "targets": targets, "direction": "left", "distance": 0.1})

    return respond


def test_its_plan_is_carried_out_as_any_other(server: ChatServer) -> None:
    server.respond = move_the("mug")
    conversation = talk(server, model="qwen")
    before = conversation.view.box("mug").centre
    reply = conversation.say("could the mug scoot over towards the left wall a touch?")
    assert (reply.status, reply.changed) == ("applied", ["mug"])
    assert conversation.view.box("mug").centre - before == pytest.approx([-0.1, 0, 0], abs=1e-6)
    (asked,) = server.requests
    assert asked["path"] == "/v1/chat/completions"
    assert (asked["model"], asked["temperature"], asked["stream"]) == ("qwen", 0, False)
    form = asked["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["strict"]
    kinds = [list(kind["properties"]) for kind in form["json_schema"]["schema"]["anyOf"]]
    assert kinds == [["operations"], ["question"], ["refusal"]]


def test_the_model_is_told_what_it_means(server: ChatServer) -> None:
    server.respond = move_the("mug")
    conversation = talk(server)
    conversation.say("the mug to the left")
    conversation.say("a wee bit more of it")
    told = server.requests[-1]["messages"][-1]["content"].splitlines()
    (mug,) = [thing["id"] for thing in scene_of(server.requests[-1]) if thing["is"] == "mug"]
    assert told[-3:] == [f"IT {mug}", "DONE BEFORE move", 'WORDS "a wee bit more of it"']


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ('{"question":"Which way?"}', "clarify", "Which way?"),
        ('{"refusal":"Prices are not known."}', "refused", "Prices are not known."),
        ("Sure! I will delete it for you.", "refused", "no plan"),
        ('{"operations":[{"op":"exec","code":"import os"}]}', "refused", "no plan"),
        ('{"operations":[{"op":"delete","targets":{"words":"x","ids":["mug"]}}]}', "refused", "no plan"),
        ('{"operations":[],"question":"?"}', "refused", "no plan"),
        ("[" * 100_000, "refused", "no plan"),
        ("", "refused", "no plan"),
        ("null", "refused", "no plan"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_whatever_it_answers_is_read_strictly(
    server: ChatServer, text: str, status: str, told: str
) -> None:
    server.respond = lambda _: text
    conversation = talk(server)
    before = conversation.document
    reply = conversation.say("do something about the mug")
    assert (reply.status, conversation.document) == (status, before)
    assert told in reply.message


def test_an_answer_that_was_cut_is_not_acted_on(server: ChatServer) -> None:
    server.respond, server.finish_reason = move_the("mug"), "length"
    assert talk(server).say("move the mug a bit").status == "refused"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": 500, "raw": b"out of memory"}, "answered 500: out of memory"),
        ({"status": 302}, "answered 302"),
        ({"raw": b"<html>"}, "something else than a chat"),
        ({"raw": b"[]"}, "something else than a chat"),
        ({"raw": b'{"choices":[{"message":{"content":null}}]}'}, "without a text"),
        ({"raw": b'{"choices":["x"]}'}, "something else than a chat"),
        ({"raw": b"x" * (2 << 20)}, "more than"),
    ],
    ids=["500", "redirect", "html", "list", "no text", "no message", "too long"],
)
def test_a_server_that_is_none_is_told(
    server: ChatServer, change: dict[str, Any], told: str
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    conversation = talk(server)
    before = conversation.document
    reply = conversation.say("move the mug a bit")
    assert (reply.status, conversation.document) == ("failed", before)
    assert told in reply.message
    assert len(server.requests) == 1, "no redirect is followed, nothing is tried again"


def test_a_server_that_trickles_is_given_up_in_time(server: ChatServer) -> None:
    server.pause_s = 0.05  # so each read has something before its own timeout
    with pytest.raises(ModelError, match=r"within 0\.3 s"):
        LocalServer(PlannerOptions(server=server.address, timeout_s=0.3)).answer([], {})


def test_no_server_is_told_with_what_starts_one() -> None:
    with chat_server() as gone:
        address = gone.address
    with pytest.raises(ModelError, match="No answer from") as caught:
        LocalServer(PlannerOptions(server=address)).answer([], {})
    assert "llama-server" in caught.value.hint


@pytest.mark.parametrize(
    "address",
    ["http://192.168.1.20:8080", "http://example.org:80", "https://example.org", "http://0.0.0.0:80",
     "http://127.0.0.1.example.org:80", "http://localhost.example.org:80", "http://2130706433:80"],
)  # fmt: skip
def test_other_machines_only_where_the_user_says_so(address: str) -> None:
    with pytest.raises(InputError, match="is not this machine"):
        LocalServer(PlannerOptions(server=address))
    LocalServer(PlannerOptions(server=address, is_remote_allowed=True))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080", "127.0.0.1:1", "localhost:8080", "http://[::1]:8080/v1"]
)
def test_this_machine_needs_no_leave(address: str) -> None:
    LocalServer(PlannerOptions(server=address))


@pytest.mark.parametrize(
    "address",
    ["ftp://127.0.0.1:80", "http://127.0.0.1", "http://127.0.0.1:x", "//", "http://:80", "http://[::1",
     "http://me:secret@127.0.0.1:80"],
)  # fmt: skip
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(InputError):
        LocalServer(PlannerOptions(server=address))


def test_the_environment_names_it_for_the_backend(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = PlannerOptions(server=server.address, model="qwen", is_remote_allowed=True)
    monkeypatch.setenv("MAQUETTE_PLANNER_SERVER", server.address)
    monkeypatch.setenv("MAQUETTE_PLANNER_MODEL", "qwen")
    monkeypatch.setenv("MAQUETTE_PLANNER_ALLOW_REMOTE", "1")
    assert PlannerOptions.from_environment() == known
    server.respond = move_the("mug")
    assert Conversation(*room(), planner="llm").say("shift the mug").changed == ["mug"]
    assert server.requests[0]["model"] == "qwen"
