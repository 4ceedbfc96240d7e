"""`maquette ask` about photos, and the job of the same name, on a tiny model whose answers are noise."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import MAQUETTE, ROOT

from maquette.cli.ask import printable, told_apart
from maquette.cli.main import main
from maquette.jobs import keeping
from maquette.jobs.kinds import Work, load_kind
from maquette.progress import Progress, ProgressEvent
from maquette_protocol.errors import Cancelled, InputError

EXAMPLES = ROOT / "examples" / "office_desk"


@pytest.fixture
def photo(tiny_g2vlm: Path, tmp_path: Path) -> Path:
    return shutil.copyfile(tiny_g2vlm / "images" / "d.png", tmp_path / "d.png")


def test_questions_are_told_from_what_they_are_about(tmp_path: Path):
    photo = str(shutil.copyfile(EXAMPLES / "img_00.jpg", tmp_path / "a.jpg"))
    pattern = str(tmp_path / "*.jpg")
    assert told_apart([photo, pattern, "what is this?", "and/or that?"]) == (
        [photo, pattern],
        ["what is this?", "and/or that?"],
    )
    assert told_apart([str(tmp_path)]) == ([str(tmp_path)], [])
    assert told_apart([photo, "x" * 5000])[1] == ["x" * 5000]
    for mistyped in ("b.jpg", "photos/"):
        with pytest.raises(InputError, match=f"{mistyped} does not exist"):
            told_apart([photo, mistyped, "what is this?"])
    with pytest.raises(InputError, match="does not exist"):
        told_apart(["what is this?"])


def test_a_terminal_is_told_nothing_that_it_would_obey():
    assert printable("a\x1b[2Jb\x07\tc\nd\x9be") == "a [2Jb \tc\nd e"


def test_answers_come_in_the_contract_s_form_and_the_same_seed_says_the_same(
    tiny_g2vlm: Path, photo: Path, capsys: pytest.CaptureFixture[str]
):
    command = ["ask", str(photo), "How far?", "And now?", "--model", str(tiny_g2vlm)]
    sampled = ["--temperature", "1.5", "--seed", "4", "--max-tokens", "12", "--json"]
    assert main([*command, *sampled]) == 0
    out, said = capsys.readouterr()
    first, second = json.loads(out)["results"]
    assert first["status"] == second["status"] == "answered"
    assert first["answer"]["text"] == first["message"] != second["message"]
    assert first["answer"]["by"] == "g2vlm"
    assert first["seconds"] > 0
    assert first["answer"]["photos"] == ["d.png"]
    assert first["changed"] == first["created"] == first["deleted"] == []
    assert "Looked at: d.png" in said
    assert main([*command[:3], *command[4:], *sampled]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert alone["message"] == first["message"]
    assert main([*command[:3], *command[4:], *sampled[:4], "--max-tokens", "12"]) == 0
    assert capsys.readouterr().out.strip() == printable(alone["message"]).strip()


def test_without_a_question_a_terminal_is_asked_for_them(
    tiny_g2vlm: Path,
    photo: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    command = ["ask", str(photo), "--model", str(tiny_g2vlm), "--max-tokens", "5", "--json"]
    monkeypatch.setattr(sys, "stdin", Terminal("How far?\nAnd now?\n\nnever asked\n"))
    assert main(command) == 0
    replies = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [reply["status"] for reply in replies] == ["answered", "answered"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("How far?\n"))
    assert main(command) == 2
    assert "Nothing was asked." in capsys.readouterr().err


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A scene with a table, and a camera whose photo is named."""
    table = {
        "id": "t",
        "name": "Table",
        "label": "table",
        "kind": "object",
        "world_from_object": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        "bounds": {"min": [0, 0, 0], "max": [1.2, 0.8, 0.7]},
        "geometry": {"primitive": "box"},
        "visible": True,
    }
    camera = {
        "id": "c",
        "image": "images/a.jpg",
        "width": 4,
        "height": 4,
        "K": [[4, 0, 2], [0, 4, 2], [0, 0, 1]],
        "world_from_camera": [[1, 0, 0, 0], [0, 0, 1, -3], [0, -1, 0, 1], [0, 0, 0, 1]],
    }
    head = {"format": "maquette-scene", "version": 1, "units": {"metric": True}}
    scene = {**head, "cameras": [camera], "objects": [table]}
    (tmp_path / "scene.json").write_text(json.dumps(scene))
    return tmp_path


def test_a_scene_answers_by_itself_in_one_conversation_and_names_who_may_know_more(
    room: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["ask", str(room), "how tall is the table?", "how wide is it?", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["results"]
    assert first["answer"]["value"] == pytest.approx(0.7)
    assert second["answer"]["value"] == pytest.approx(1.2)
    assert main(["ask", str(room), "--planner", "grammar", "how tall is the table?"]) == 0
    assert "70 cm" in capsys.readouterr().out, "options may stand before the question"
    assert main(["ask", str(room), "is the artist of this painting still alive?"]) != 0
    assert "--planner g2vlm" in capsys.readouterr().err


def test_ctrl_c_in_a_conversation_stops_one_answer_and_the_next_is_given(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from maquette.editing.conversation import Conversation

    say = Conversation.say

    def slowly(conversation: Conversation, question: str) -> Any:
        if "slow" in question:
            raise KeyboardInterrupt
        return say(conversation, question)

    monkeypatch.setattr(Conversation, "say", slowly)
    monkeypatch.setattr(sys, "stdin", Terminal("a slow question?\nhow tall is the table?\n"))
    assert main(["ask", str(room)]) == 0
    out, said = capsys.readouterr()
    assert "70 cm" in out
    assert "(stopped)" in said


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no SIGINT")
def test_words_come_one_by_one_and_ctrl_c_ends_them(tiny_g2vlm: Path, photo: Path):
    command = ["ask", photo, "How far?", "--model", tiny_g2vlm, "--max-tokens", "4096"]
    process = subprocess.Popen(
        [*MAQUETTE, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert process.stdout.read(1), "the first word, long before the last"
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert said.decode().endswith("Stopped.\n")
    assert b"Traceback" not in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--top-p", "0"], "more than 0"),
        (["--temperature", "-1"], "0 to 10"),
        (["--max-photos", "0"], "1 to 64"),
        (["--planner", "grammar"], "knows scenes alone"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_loaded(
    more: list[str], words: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["ask", str(EXAMPLES), "what is this?", *more]) == 2
    assert words in capsys.readouterr().err


def test_without_weights_the_command_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("torch", reason="the extra g2vlm is not installed")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assert main(["ask", str(EXAMPLES), "what is this?"]) == 2
    said = capsys.readouterr().err
    assert all(part in said for part in ("18.2 GB", "Apache-2.0", "maquette models pull g2vlm"))


def asked(
    folder: Path, listener: Any = None, is_cancelled: Any = lambda: False, **options: Any
) -> dict[str, Any]:
    """The job's summary; its inputs lie in `folder`."""
    work = Work(
        job="1",
        kind="ask",
        inputs=(str(folder),),
        options={"max_tokens": 8, **options},
        out=str(folder.parent / "replies.json"),
    )
    kind = load_kind("ask")
    kind.check(work.inputs, work.options)
    return kind.run(work, Progress(listener or (lambda _: None), is_cancelled))


@pytest.fixture
def photos(photo: Path) -> Path:
    folder = photo.parent / "photos"
    folder.mkdir()
    photo.rename(folder / "d.png")
    keeping.drop_unless("")
    return folder


def test_a_job_s_words_come_with_its_progress(tiny_g2vlm: Path, photos: Path):
    events: list[ProgressEvent] = []
    answer = asked(photos, events.append, prompts=["How far?", "And now?"], model=str(tiny_g2vlm))
    first, second = (result["message"] for result in answer["results"])
    texts = [event.text.strip() for event in events if event.text]
    assert first in texts
    assert second in texts
    assert len(texts) > 4
    shares = [event.done for event in events]
    assert shares == sorted(shares)
    written = json.loads((photos.parent / "replies.json").read_text())
    assert [reply["message"] for reply in written] == [first, second]


def test_the_next_turn_finds_the_photos_seen_and_says_the_same_as_in_one_go(
    tiny_g2vlm: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    from maquette.models.g2vlm.model import Session

    seen: list[int] = []
    see = Session.see_geometry

    def watched(session: Session, images: Any, check: Any) -> Any:
        seen.append(len(images))
        return see(session, images, check)

    monkeypatch.setattr(Session, "see_geometry", watched)
    at_once = asked(photos, prompts=["How far?", "And now?"], model=str(tiny_g2vlm))["results"]
    keeping.drop_unless("")
    (first,) = asked(photos, prompts=["How far?"], model=str(tiny_g2vlm))["results"]
    said = [["How far?", first["message"]]]
    (second,) = asked(photos, prompts=["And now?"], history=said, model=str(tiny_g2vlm))["results"]
    assert seen == [1, 1], "once for each conversation"
    assert [first["message"], second["message"]] == [reply["message"] for reply in at_once]
    keeping.drop_unless("reconstruct")
    asked(photos, prompts=["How far?"], model=str(tiny_g2vlm))
    assert seen == [1, 1, 1]


def test_a_job_is_stopped_between_two_words_and_the_next_one_is_whole(
    tiny_g2vlm: Path, photos: Path
):
    whole = asked(photos, prompts=["How far?"], model=str(tiny_g2vlm))["results"]
    heard: list[str] = []
    with pytest.raises(Cancelled):
        asked(
            photos,
            lambda event: heard.append(event.text),
            lambda: bool(heard and heard[-1]),
            prompts=["And now?"],
            model=str(tiny_g2vlm),
        )
    assert heard[-1] != ""
    assert (
        asked(photos, prompts=["How far?"], model=str(tiny_g2vlm))["results"][0]["message"]
        == (whole[0]["message"])
    )
