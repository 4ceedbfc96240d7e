"""No prompt crashes: 50,000 recombined, misspelt, cut-off and senseless ones; and talks about whole rooms."""

import json
import random
import sys
from pathlib import Path

import pytest
from test_grammar import HOUSE, LINES

sys.path.insert(0, str(Path(__file__).parent / "cases"))
from rooms_of_cases import ROOMS, build  # pyright: ignore[reportMissingImports]

from maquette.editing.boxes import CONTACT, ROUNDING
from maquette.editing.conversation import Conversation
from maquette.editing.grammar import plan
from maquette.editing.plan import Clarification, EditPlan, Refusal, Undo
from maquette.editing.relations import max_overlap
from maquette.editing.scene_view import SceneView
from maquette_protocol.document import document_from_json

WORDS = sorted({word for line in LINES for word in line.rpartition(" => ")[0].split()})
_TURNS = 40
PIECES = [
    "", " ", "\u00a0", "é", "家", "🪑", "\x00", "'", '"', "((", "1/0", "#12", "…", "½", "--",
    "9" * 30, "∞", "\n",
]  # fmt: skip


def _spoilt(prompt: str, known: list[str], chance: random.Random) -> str:
    """Up to three words put in, left out or replaced; perhaps a slip of the hand."""
    words = prompt.split()
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(words) + 1)
        words[at : at + chance.randrange(2)] = [
            chance.choice(known if chance.random() < 0.8 else PIECES)
        ]
    text = " ".join(words)
    if text and chance.random() < 0.3:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice("abcxyz ,.") + text[at + 1 :]
    return text


def _scrap(prompt: str, chance: random.Random) -> str:
    """One to four words of it: what is typed before one goes on, or instead."""
    words = prompt.split()
    length = chance.randrange(1, 5)
    start = chance.randrange(max(1, len(words) - length + 1))
    return " ".join(words[start : start + length])


def _prompts(num_whole: int, num_scraps: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    said = [line.rpartition(" => ")[0] for line in LINES]
    whole = [_spoilt(chance.choice(said), WORDS, chance) for _ in range(num_whole)]
    return whole + [
        _scrap(_spoilt(chance.choice(said), WORDS, chance), chance) for _ in range(num_scraps)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_no_prompt_crashes_the_planner(seed: int) -> None:
    prompts = _prompts(1_500, 11_000, seed)
    for prompt in (*prompts, "on the " * 140, "(" * 999, "a" * 5000, "and " * 240):
        assert isinstance(plan(prompt, HOUSE), EditPlan | Clarification | Refusal), prompt


def _said_in(name: str) -> list[str]:
    path = Path(__file__).parent / "cases" / "cases.jsonl"
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    return [p for case in cases if case["scene"] == f"scenes/{name}" for p in case["prompts"]]


def _check_no_deeper_overlap(before: SceneView, after: SceneView) -> None:
    changed = [k for k, item in after.objects.items() if before.objects.get(k) != item]
    for key in changed:
        for other in after.ids:
            if other == key:
                continue
            depth = max_overlap(after.body(key), after.body(other))
            known = (
                max_overlap(before.body(key), before.body(other))
                if key in before.objects and other in before.objects
                else 0.0
            )
            assert depth <= known + CONTACT + ROUNDING, (key, other)


@pytest.mark.parametrize("name", ROOMS)
def test_talk_about_a_room_never_fails_and_each_step_is_undone_exactly(name: str) -> None:
    chance = random.Random(name)
    said = _said_in(name)
    known = sorted({word for prompt in said for word in prompt.split()})
    room = build(name)
    talk = Conversation(document_from_json(room.document()), room.arrays)
    first = talk.document
    for _ in range(_TURNS):
        prompt = chance.choice(said)
        if chance.random() < 0.5:
            prompt = _spoilt(prompt, known, chance)
        before = talk.view
        reply = talk.say(prompt)
        assert reply.status in ("applied", "answered", "clarify", "refused"), (prompt, reply)
        if reply.status != "applied":
            assert talk.document is before.document, prompt
        elif reply.plan[0]["op"] != "undo":
            after = talk.view
            _check_no_deeper_overlap(before, after)
            assert talk.say("undo").status == "applied", prompt
            assert talk.document == before.document, prompt
            assert talk.say("redo").status == "applied", prompt
            assert talk.document == after.document, prompt
    if talk.document != first:
        talk.run(EditPlan(operations=(Undo(to_start=True),)))
    assert talk.document == first
