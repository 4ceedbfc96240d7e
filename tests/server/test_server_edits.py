"""A conversation about a scene, over real sockets: beside a running job, after a kill, from two clients."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from backends import (
    Backend,
    backend_in,
    children,
    command,
    end_of,
    is_running,
    kill,
    new_id,
    reconstruct_request,
    submit,
    wait_for,
)
from chat_server import chat_server

from maquette_protocol.client import Client
from maquette_protocol.edit_messages import (
    AdjustEdit,
    AskEdit,
    ChooseCandidate,
    ChosenAmount,
    EditReply,
    EndEdit,
    MeshPart,
    SceneKnown,
    UpdateScene,
)
from maquette_protocol.errors import CrashError, InputError, MissingPartError, NoSceneError
from maquette_protocol.messages import CancelJob, JobRequest

BOX = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32) - [
    0.5,
    0.5,
    0,
]
FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4],
     [1, 5, 7], [1, 7, 3]], np.int32,
)  # fmt: skip


def thing(
    key: str, at: tuple[float, float, float], size: float = 0.5, **more: Any
) -> dict[str, Any]:
    x, y, z = at
    return {
        "id": key,
        "name": key.capitalize(),
        "label": key.rstrip("0123456789_"),
        "key": key,
        "world_from_object": [[size, 0, 0, x], [0, size, 0, y], [0, 0, size, z], [0, 0, 0, 1]],
        "bounds": {"min": [-0.5, -0.5, 0], "max": [0.5, 0.5, 1]},
        "geometry": {"mesh": "box"},
        "material": {"name": "grey", "base_color": [0.2, 0.2, 0.2, 1]},
        **more,
    }


def floor() -> dict[str, Any]:
    return {
        "id": "floor",
        "name": "Floor",
        "label": "floor",
        "kind": "floor",
        "bounds": {"min": [-4, -4, -0.1], "max": [4, 4, 0]},
        "geometry": {"primitive": "box"},
    }


class Speaker:
    """A client with a scene, as the extension is."""

    def __init__(self, client: Client) -> None:
        self.client, self.scene, self.revision = client, new_id(), 0

    def tell(self, *objects: dict[str, Any], removed: tuple[str, ...] = ()) -> None:
        with_mesh = self.revision == 0
        step = UpdateScene(
            scene=self.scene,
            base=self.revision,
            revision=self.revision + 1,
            is_metric=True,
            view="",
            selection=(),
            objects=objects,
            cameras=(),
            removed=removed,
            meshes=(MeshPart(mesh="box", num_vertices=8, num_triangles=12, is_first=True),)
            if with_mesh
            else (),
            arrays={"vertices": BOX.astype(np.float32), "triangles": FACES} if with_mesh else {},
        )
        known = self.client.request(step, timeout_s=60)
        assert isinstance(known, SceneKnown)
        self.revision = known.revision

    def say(
        self,
        text: str,
        num_applied: int = 0,
        scope: tuple[str, ...] | None = None,
        planner: str = "auto",
    ) -> EditReply:
        return self._ask(
            AskEdit(
                scene=self.scene,
                revision=self.revision,
                text=text,
                planner=planner,
                num_applied=num_applied,
                is_scoped=scope is not None,
                scope=scope or (),
            )
        )

    def adjust(self, **changes: Any) -> EditReply:
        whole = {"switched_off": (), "amounts": (), "spots": {}, **changes}
        return self._ask(AdjustEdit(scene=self.scene, **whole))

    def choose(self, candidate: str) -> EditReply:
        return self._ask(ChooseCandidate(scene=self.scene, candidate=candidate))

    def end(self, *, is_applied: bool) -> None:
        self.client.request(EndEdit(scene=self.scene, is_applied=is_applied))

    def _ask(self, message: Any) -> EditReply:
        reply = self.client.request(message, timeout_s=60)
        assert isinstance(reply, EditReply)
        return reply


def places(reply: EditReply) -> dict[str, tuple[float, float, float]]:
    """Where each changed thing is to be."""
    return {
        c.id: tuple(round(row[3], 4) for row in c.item["world_from_object"][:3])
        for c in reply.changes
        if c.item is not None
    }


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """One server for all tests here: each has clients and scenes of its own."""
    with backend_in(tmp_path_factory.mktemp("edits")) as running:
        yield running


@pytest.fixture
def speaker(backend: Backend) -> Speaker:
    return Speaker(backend.client())


def room(speaker: Speaker) -> None:
    speaker.tell(floor(), thing("chair", (0, 0, 0)), thing("lamp", (2, 0, 0), 0.3))


def edit_process(backend: Backend) -> int:
    assert backend.process is not None
    pids = [p for p in children(backend.process.pid) if "maquette.jobs.edit_worker" in command(p)]
    assert len(pids) == 1
    return pids[0]


def test_a_prompt_is_answered_by_what_would_change(speaker: Speaker) -> None:
    room(speaker)
    reply = speaker.say("move the chair 1 m to the left")
    assert reply.status == "proposed"
    assert places(reply) == {"chair": (-1, 0, 0)}
    (change,) = reply.changes
    assert (change.action, change.fields) == ("change", ("world_from_object",))
    (part,) = reply.parts
    assert part.words == "Move the chair left"
    assert [(a.field, a.value, a.unit) for a in part.amounts] == [("distance", 1.0, "length")]


def test_parts_are_switched_off_and_amounts_changed(speaker: Speaker) -> None:
    room(speaker)
    reply = speaker.say("move the chair 1 m left and paint the lamp red")
    assert len(reply.parts) == 2
    reply = speaker.adjust(
        switched_off=(1,), amounts=(ChosenAmount(part=0, field="distance", value=0.25),)
    )
    assert places(reply) == {"chair": (-0.25, 0, 0)}
    assert [part.is_on for part in reply.parts] == [True, False]
    reply = speaker.adjust()
    assert {change.id for change in reply.changes} == {"chair", "lamp"}


def test_an_adjustment_that_cannot_be_is_refused_and_the_proposal_stays(speaker: Speaker) -> None:
    room(speaker)
    speaker.say("move the chair 1 m left")
    reply = speaker.adjust(amounts=(ChosenAmount(part=0, field="distance", value=-1.8),))
    assert reply.status == "refused"  # into the lamp
    assert "Lamp" in reply.message
    speaker.end(is_applied=True)
    assert places(speaker.say("a bit more", num_applied=1))["chair"][0] < -1


def test_another_spot_is_another_place_on_the_same_support(speaker: Speaker) -> None:
    speaker.tell(floor(), thing("table", (0, 0, 0), 1.5), thing("mug", (2, 0, 0), 0.1))
    first = speaker.say("put the mug on the table")
    assert first.parts[0].has_spots
    second = speaker.adjust(spots={"0": 1})
    assert places(first)["mug"][2] == places(second)["mug"][2] == pytest.approx(1.5, abs=0.005)
    assert places(first) != places(second)


def test_another_spot_in_words_for_a_proposal_and_for_what_was_applied(speaker: Speaker) -> None:
    mug = thing("mug", (2, 0, 0), 0.1)
    speaker.tell(floor(), thing("table", (0, 0, 0), 1.5), mug, thing("chair", (-2, 0, 0)))
    first = speaker.say("put the mug on the table")
    second = speaker.say("another spot")
    assert places(first) != places(second)
    speaker.end(is_applied=True)
    at = places(second)["mug"]
    speaker.tell(thing("mug", at, 0.1), thing("chair", (-2, 1, 0)))  # moved by hand
    third = speaker.say("try another spot", num_applied=1)
    assert third.status == "proposed", third.message
    assert set(places(third)) == {"mug"}, "what was done by hand stays"
    assert places(third)["mug"] != at


def test_prompts_add_up_until_they_are_applied_and_undo_drops_the_last(speaker: Speaker) -> None:
    room(speaker)
    speaker.say("move the chair 1 m left")
    reply = speaker.say("a bit more")
    assert places(reply)["chair"][0] < -1
    assert len(reply.parts) == 2
    assert places(speaker.say("undo")) == {"chair": (-1, 0, 0)}


def test_applied_edits_are_undone_by_the_client_and_followed_by_the_conversation(
    speaker: Speaker,
) -> None:
    room(speaker)
    speaker.say("move the chair 1 m left")
    speaker.end(is_applied=True)
    speaker.tell(thing("chair", (-1, 0, 0)))
    reply = speaker.say("undo", num_applied=1)
    assert (reply.status, reply.steps) == ("undo", 1)
    speaker.tell(thing("chair", (0, 0, 0)))
    reply = speaker.say("undo", num_applied=0)
    assert reply.status == "refused"
    reply = speaker.say("redo", num_applied=0)
    assert (reply.status, reply.steps) == ("redo", 1)


def test_what_the_user_did_by_hand_is_where_the_next_prompt_begins(speaker: Speaker) -> None:
    room(speaker)
    speaker.say("move the chair 1 m left")
    speaker.end(is_applied=True)
    speaker.tell(thing("chair", (-2, 1, 0)))
    assert places(speaker.say("move it 1 m left", num_applied=1)) == {"chair": (-3, 1, 0)}


def test_a_proposal_is_made_again_on_a_scene_that_was_changed_meanwhile(speaker: Speaker) -> None:
    room(speaker)
    speaker.say("move the chair 1 m left")
    speaker.tell(thing("chair", (0, 2, 0)))
    reply = speaker.say("paint the lamp red")
    assert places(reply)["chair"] == (-1, 2, 0)
    assert {change.id for change in reply.changes} == {"chair", "lamp"}


def test_a_question_back_is_answered_by_an_id(speaker: Speaker) -> None:
    chairs = [thing(f"chair_{n}", (n, 0, 0), 0.4) for n in range(3)]
    speaker.tell(floor(), *chairs)
    reply = speaker.say("delete the chair")
    assert reply.status == "clarify"
    assert [c.id for c in reply.candidates] == ["chair_0", "chair_1", "chair_2"]
    reply = speaker.choose("chair_1")
    assert [(c.id, c.action) for c in reply.changes] == [("chair_1", "delete")]


def test_a_question_back_is_answered_in_words(speaker: Speaker) -> None:
    chairs = [thing(f"chair_{n}", (n, 0, 0), 0.4) for n in range(3)]
    speaker.tell(floor(), *chairs)
    assert speaker.say("delete the chair").status == "clarify"
    reply = speaker.say("the left one")
    assert [(c.id, c.action) for c in reply.changes] == [("chair_0", "delete")]


def test_only_what_is_in_scope_is_changed(speaker: Speaker) -> None:
    chairs = [thing(f"chair_{n}", (n, 0, 0), 0.4) for n in range(3)]
    speaker.tell(floor(), *chairs, thing("lamp", (0, 2, 0)))
    reply = speaker.say("make all chairs red", scope=("chair_1", "lamp"))
    assert [c.id for c in reply.changes] == ["chair_1"]
    reply = speaker.say("hide the lamp", scope=("chair_1",))
    assert reply.status == "refused"
    assert "Lamp" in reply.message


def test_a_question_is_answered_and_changes_nothing(speaker: Speaker) -> None:
    room(speaker)
    reply = speaker.say("how many chairs are there?")
    assert (reply.status, reply.changes, reply.ids) == ("answered", (), ("chair",))
    assert "1" in reply.message or "one" in reply.message.lower()


def test_edits_do_not_wait_for_a_job_that_runs(
    speaker: Speaker, small_photos: list[Path], backend: Backend
) -> None:
    job = new_id()
    other = backend.client()
    record = submit(other, reconstruct_request(small_photos, quality="high"), job)
    room(speaker)
    reply = speaker.say("move the chair 1 m left")
    assert reply.status == "proposed"
    state = submit(other, record.request, job).state  # asked again, it is the same job
    assert state in ("queued", "running"), "the job must not have ended before the answer"
    other.request(CancelJob(job=job))
    assert end_of(other, job).state == "cancelled"


def test_after_a_kill_the_scene_is_told_again(speaker: Speaker, backend: Backend) -> None:
    room(speaker)
    pid = edit_process(backend)
    kill(pid)
    wait_for(lambda: not is_running(pid), "its end")
    # whichever comes first: those who asked it hear that it died, the new one knows no scene
    with pytest.raises((NoSceneError, CrashError)):
        speaker.say("move the chair 1 m left")
    speaker.revision = 0
    room(speaker)
    assert places(speaker.say("move the chair 1 m left")) == {"chair": (-1, 0, 0)}
    assert edit_process(backend) != pid


def test_another_state_than_the_backend_has_is_refused(speaker: Speaker) -> None:
    room(speaker)
    speaker.revision = 7
    with pytest.raises(NoSceneError):
        speaker.say("move the chair")
    with pytest.raises(NoSceneError):
        speaker.tell(thing("chair", (0, 0, 0)))


def test_two_clients_have_conversations_of_their_own(speaker: Speaker, backend: Backend) -> None:
    other = Speaker(backend.client())
    other.scene = speaker.scene  # even by the same name
    room(speaker)
    other.tell(floor(), thing("chair", (1, 1, 0)))
    assert places(speaker.say("move the chair 1 m left")) == {"chair": (-1, 0, 0)}
    assert places(other.say("move the chair 1 m left")) == {"chair": (0, 1, 0)}


@pytest.mark.parametrize(
    "change",
    [
        {"geometry": {"mesh": "box"}, "world_from_object": [[1]]},
        {"parent": "nobody"},
        {"parent": "chair"},
        {"geometry": {"mesh": "none"}},
    ],
    ids=["matrix", "no parent", "its own parent", "no mesh"],
)
def test_a_scene_that_makes_no_sense_is_refused_or_mended(
    speaker: Speaker, change: dict[str, Any]
) -> None:
    if "world_from_object" in change:
        with pytest.raises(InputError, match=r"\$\.objects\[1\]\.world_from_object"):
            speaker.tell(floor(), thing("chair", (0, 0, 0), **change))
        return
    speaker.tell(floor(), thing("chair", (0, 0, 0), **change))
    assert speaker.say("move the chair 1 m left").status == "proposed"


def test_edits_are_jobs_too(backend: Backend, tmp_path: Path) -> None:
    scene = {
        "format": "maquette-scene",
        "version": 1,
        "units": {"metric": True},
        "objects": [floor(), {**thing("chair", (0, 0, 0)), "geometry": {"primitive": "box"}}],
    }
    (tmp_path / "scene.json").write_text(json.dumps(scene), encoding="utf-8")
    client = backend.client()

    def run(kind: str, *prompts: str) -> Any:
        request = JobRequest(
            kind=kind,
            title=kind,
            inputs=(str(tmp_path),),
            options={"prompts": list(prompts)},
            priority=10,
        )
        record = submit(client, request)
        return end_of(client, record.job)

    ended = run("edit", "move the chair 1 m left", "a bit more")
    assert [r["status"] for r in ended.summary["results"]] == ["applied", "applied"]
    changed = json.loads(Path(ended.summary["scene"], "scene.json").read_text())
    assert changed["objects"][1]["world_from_object"][0][3] < -1
    ended = run("ask", "how many chairs are there?", "delete the chair")
    assert [r["status"] for r in ended.summary["results"]] == ["answered", "refused"]
    assert json.loads(Path(ended.folder, "replies.json").read_text())[0]["answer"]["value"] == 1


def test_a_backend_with_a_language_model_asks_it_where_the_client_says_so(tmp_path: Path) -> None:
    with chat_server() as model:
        model.respond = lambda _: '{"question":"Which way?"}'
        arguments = ("--planner-server", model.address, "--planner-model", "qwen")
        with backend_in(tmp_path, *arguments) as running:
            speaker = Speaker(running.client())
            room(speaker)
            assert speaker.say("move the chair 1 m to the left").status == "proposed"
            assert model.requests == []
            reply = speaker.say("the chair should cuddle up to the lamp")
            assert (reply.status, reply.message) == ("clarify", "Which way?")
            assert [asked["model"] for asked in model.requests] == ["qwen"]


def test_without_a_language_model_the_client_hears_what_is_missing(speaker: Speaker) -> None:
    room(speaker)
    with pytest.raises(MissingPartError, match="none is named") as caught:
        speaker.say("move the chair 1 m to the left", planner="llm")
    assert "preferences" in caught.value.hint
    assert speaker.say("move the chair 1 m to the left").status == "proposed"
